"""The official comes back to a screen that was handed over, by their own password; refuses anybody else's."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from kiosk.pages.admin.passwords import secret
from kiosk.pages.admin.refusals import Locked, sentence
from kiosk.pages.page import At, Desk, Do, Instead, Move, Official, Page
from kiosk.pages.sheet import Sheet
from kiosk.rights import enrolling
from kiosk.store.logins import LoginRefused, log_in


@dataclass(frozen=True, slots=True)
class Password(Page):
    """Their password, and what was wrong with the last one.

    Args:
        by: whose password.
        then: where it leads.
        refused: the refusal of the last one.
    """

    by: Official
    then: Callable[[Official], Move] = field(repr=False)
    refused: LoginRefused | None = None

    def sheet(self, at: At) -> Sheet:
        """Dots."""
        line = sentence(at, self.refused) or at.say("admin.login.of", name=self.by.name)
        title = at.say("admin.password.label")
        return Sheet("enrol.password", title, line, asked=secret(at), warn=self.refused is not None)

    def entered(self, text: str) -> Move:
        """Ask the store, and whether they still may enrol."""

        def work(desk: Desk) -> Move:
            found = log_in(desk.store, self.by.name, text)
            if isinstance(found, LoginRefused):
                return Instead(Locked() if found.locked else replace(self, refused=found))
            enrolling.may_enrol(desk.store, found)
            return self.then(Official(found, self.by.name))

        return Do(work)
