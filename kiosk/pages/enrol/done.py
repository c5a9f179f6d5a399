"""The end of an enrolment, the same with and without a face; refuses to leave the official's pages open."""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.pages.enrol.case import Case
from kiosk.pages.enrol.password import Password
from kiosk.pages.page import At, Back, Begin, Leave, Move, Official, Page, Show
from kiosk.pages.sheet import Act, Block, Code, Fact, Line, Sheet, Tone
from kiosk.rights.enrolling import Receipt


class Way(StrEnum):
    """How they come in from now on."""

    FACE = "face"
    BOTH = "both"  # the face, and the PIN beside it
    PIN = "pin"


@dataclass(frozen=True, slots=True)
class Done(Page):
    """How they record their time from now on.

    Args:
        case: whose.
        way: how.
        receipt: of their consent; None without a face.
    """

    case: Case
    way: Way
    receipt: Receipt | None = None

    def sheet(self, at: At) -> Sheet:
        """What to do next time."""
        body: list[Block] = [
            Line(at.say(f"enrolling.done.{self.way.value}")),
            Line(at.say("enrolling.done.same")),
        ]
        acts = [Act("done", at.say("tap.done"), "done", Tone.PRIMARY)]
        if self.receipt is not None:
            body.append(Fact(at.say("enrolling.done.receipt"), self.receipt.number))
            acts.append(Act("receipt", at.say("enrolling.done.show"), "paper"))
        acts.append(Act("next", at.say("enrolling.done.next"), "key"))
        title = at.say("enrolling.done.title", name=self.case.themselves.name)
        return Sheet("enrol.done", title, icon="done", body=tuple(body), acts=tuple(acts), back=False, leave=False)

    def tapped(self, key: str) -> Move:
        """Out; the receipt; or the next person, by the official's password."""
        if key == "receipt" and self.receipt is not None:
            return Show(ShownReceipt(self.receipt))
        return Show(self._next()) if key == "next" else Leave()

    def _next(self) -> Page:
        def then(official: Official) -> Move:
            return Begin(official, self.case.start)

        return Password(self.case.by, then)


@dataclass(frozen=True, slots=True)
class ShownReceipt(Page):
    """Number and hash as a QR code, to be photographed."""

    receipt: Receipt

    def sheet(self, at: At) -> Sheet:
        """The code alone."""
        body = (Code(self.receipt.code, at.say("enrolling.done.scan", number=self.receipt.number)),)
        return Sheet("enrol.receipt", at.say("enrolling.done.receipt"), icon="paper", body=body)

    def tapped(self, _key: str) -> Move:
        """Nothing here can be touched."""
        return Back()
