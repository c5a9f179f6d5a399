"""One's own password, changed by whoever is logged in; refuses a change without the password of now."""

from dataclasses import dataclass

from kiosk.pages.admin import acting
from kiosk.pages.admin.passwords import NewPassword, secret
from kiosk.pages.admin.refusals import Locked, sentence
from kiosk.pages.common import Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page
from kiosk.pages.sheet import Sheet
from kiosk.store.account_acts import set_password
from kiosk.store.logins import LoginRefused, log_in


@dataclass(frozen=True, slots=True)
class OwnPassword(Page):
    """The password of now: a session that somebody has left open changes nothing."""

    refused: LoginRefused | None = None

    def sheet(self, at: At) -> Sheet:
        """Dots."""
        line = sentence(at, self.refused) or at.say("admin.own.now")
        return Sheet("admin.own", at.say("admin.own.title"), line, asked=secret(at), warn=self.refused is not None)

    def entered(self, text: str) -> Move:
        """Look at it, then choose another one."""

        def work(desk: Desk) -> Move:
            name = acting.official(desk).name
            found = log_in(desk.store, name, text)
            if isinstance(found, LoginRefused):
                return Instead(Locked()) if found.locked else Instead(OwnPassword(found))

            def chosen(desk: Desk, password: str) -> Move:
                set_password(desk.store, found, password, site=desk.config.device.site)
                return Instead(Told("admin.own.done", then=Back(by=2)))

            return Instead(NewPassword(name, chosen))

        return Do(work)
