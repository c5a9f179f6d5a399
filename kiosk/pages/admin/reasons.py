"""A reason that the person is told, typed by whoever decides; refuses an empty one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from kiosk.pages.page import At, Desk, Do, Instead, Move, Page
from kiosk.pages.sheet import Asked, Sheet

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Reason(Page):
    """Why.

    Args:
        title: key of what is decided.
        then: does it, with the reason.
    """

    title: str
    then: Callable[[Desk, str], Move] = field(repr=False)
    empty: bool = False

    def sheet(self, at: At) -> Sheet:
        """The keyboard."""
        asked = Asked(at.say("admin.review.reason"), most=MOST)
        return Sheet("admin.reason", at.say(self.title), at.say("admin.review.why"), asked=asked, warn=self.empty)

    def entered(self, text: str) -> Move:
        """Decide."""
        reason = text.strip()
        return (
            Do(lambda desk: self.then(desk, reason)) if reason else Instead(Reason(self.title, self.then, empty=True))
        )
