"""What is said to whoever may not in: how long to wait, or who unlocks; refuses to tell a name from a password."""

from dataclasses import dataclass

from kiosk.pages.page import At, Leave, Move, Page, Show
from kiosk.pages.sheet import Act, Line, Sheet
from kiosk.store.approval import Objection
from kiosk.store.logins import LoginRefused


def sentence(at: At, refused: LoginRefused | Objection | None) -> str:
    """The refusal in words; "" for none."""
    match refused:
        case None:
            return ""
        case Objection():
            return at.say(f"admin.objection.{refused.value}")
        case LoginRefused(wait_s=0):
            return at.say("admin.login.wrong")
        case LoginRefused(wait_s=seconds):
            return at.say("admin.login.wait", wait=waiting(at, seconds))


def waiting(at: At, seconds: int) -> str:
    """A wait in seconds, or in minutes from two on."""
    minutes = -(-seconds // 60)
    return at.say("admin.seconds", count=seconds) if seconds < 120 else at.say("admin.minutes", count=minutes)  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Locked(Page):
    """Too many wrong passwords, and what can be done about it; said of names that do not exist, too."""

    code: Page | None = None

    def sheet(self, at: At) -> Sheet:
        """Who can help."""
        body = tuple(Line(at.say(f"admin.locked.{each}")) for each in ("other", "console"))
        acts = () if self.code is None else (Act("code", at.say("admin.login.code"), "key"),)
        return Sheet("admin.locked", at.say("admin.locked.title"), at.say("admin.locked.why"), "warning", body, acts)

    def tapped(self, _key: str) -> Move:
        """A one-time code is there."""
        return Leave() if self.code is None else Show(self.code)
