"""What a person takes along: number, day and a QR code of both; refuses to put a name or an employee code into it."""

from dataclasses import dataclass, field

from kiosk.pages.page import At, Desk, Do, Move, Page
from kiosk.pages.sheet import Act, Code, Line, Sheet, Tone
from kiosk.rights.own_requests import TakenBack
from kiosk.rights.requests import Right
from wire import checks


@dataclass(frozen=True, slots=True)
class Filed(Page):
    """Something stands in the register now.

    Args:
        right: what was asked for.
        number: of the request, or of the paper.
        device: id of this device.
        at: when, ms UTC.
        then: where "Done" leads.
        due_at: by when it is answered, ms UTC; None: it is done.
        notes: keys of what else is to be known.
    """

    right: Right
    number: str
    device: str
    at: int
    then: Do = field(repr=False)
    due_at: int | None = None
    notes: tuple[str, ...] = ()

    def sheet(self, at: At) -> Sheet:
        """Number, day, and what happens now."""
        right = at.say(f"requests.rights.{self.right}")
        due = (
            at.say("mydata.filed.now")
            if self.due_at is None
            else at.say("mydata.filed.due", when=at.spell.when(self.due_at))
        )
        caption = "\n".join((at.say("mydata.filed.number", number=spaced(self.number)), due))
        number = at.say("mydata.filed.number", number=self.number)
        code = "\n".join((right, number, due, *_foot(at, self.device, self.at)))
        notes = tuple(Line(at.say(each)) for each in self.notes)
        line = at.say("mydata.filed.line")
        return _shown("mydata.filed", at, "mydata.filed.title", line, (Code(code, caption), *notes))

    def tapped(self, _key: str) -> Move:
        """On."""
        return self.then


@dataclass(frozen=True, slots=True)
class Withdrawn(Page):
    """The consent is taken back, and the face is gone."""

    done: TakenBack
    device: str
    then: Do = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """The certificate by its number and its digest."""
        caption = "\n".join(self._numbers(at, spaced(self.done.certificate), spaced(self.done.request)))
        numbers = self._numbers(at, self.done.certificate, self.done.request)
        digest = (f"SHA-256 {self.done.digest}",) if self.done.digest else ()
        code = "\n".join((at.say("mydata.withdrawn.title"), *numbers, *digest, *_foot(at, self.device, self.done.at)))
        notes = tuple(Line(at.say(f"mydata.withdrawn.{each}")) for each in ("pin", "again"))
        line = at.say("mydata.withdrawn.line")
        return _shown("mydata.withdrawn", at, "mydata.withdrawn.title", line, (Code(code, caption), *notes))

    def tapped(self, _key: str) -> Move:
        """On."""
        return self.then

    def _numbers(self, at: At, certificate: str, request: str) -> tuple[str, str]:
        proof = at.say("mydata.withdrawn.proof", number=certificate)
        return proof, at.say("mydata.filed.number", number=request)


def _shown(name: str, at: At, title: str, line: str, body: tuple[Code | Line, ...]) -> Sheet:
    done = Act("done", at.say("tap.done"), "done", Tone.PRIMARY)
    return Sheet(name, at.say(title), line, "done", body, (done,), back=False)


def _foot(at: At, device: str, ms: int) -> tuple[str, str]:
    return at.say("mydata.filed.device", device=device), checks.moment_to_text(ms)


def spaced(number: str) -> str:
    """A number in groups of four, as people read it out."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def after(desk: Desk, then: Do, filed_id: str, right: Right, due_at: int | None, *notes: str) -> Filed:
    """The receipt of what was just filed."""
    return Filed(right, filed_id, desk.store.device_id, desk.store.now_ms(), then, due_at, notes)
