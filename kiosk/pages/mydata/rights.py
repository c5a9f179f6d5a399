"""Every right a person has beside correcting, a row each; refuses to hide one (policy E3)."""

from dataclasses import dataclass, field
from typing import Final

from kiosk.pages.common import Question
from kiosk.pages.mydata import face, human, stop
from kiosk.pages.mydata.asking import capital, company_of, person_of
from kiosk.pages.mydata.receipt import after
from kiosk.pages.page import At, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import Row, Sheet, Tone
from kiosk.rights import own_requests
from kiosk.rights.own_view import OwnView
from kiosk.rights.requests import ErasureGround, Right

_ICONS: Final = {
    "copy": "paper",
    "human": "phone",
    "restrict": "hold_still",
    "object": "not_me",
    "erase": "erase",
    "take": "trip",
    "withdraw": "cancel",
}


@dataclass(frozen=True, slots=True)
class Rights(Page):
    """What may be asked for."""

    mine: OwnView = field(repr=False)
    home: Do = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """Each with what it does."""
        offered = (key for key in _ICONS if key != "withdraw" or self.mine.may_take_back)
        rows = tuple(
            Row(key, at.say(f"mydata.right.{key}"), at.say(f"mydata.right.{key}_how"), "", _ICONS[key])
            for key in offered
        )
        return Sheet("mydata.rights", at.say("mydata.act.rights"), "", "shield", rows)

    def tapped(self, key: str) -> Move:  # noqa: PLR0911 - one arm a right
        """Begin with one."""
        match key:
            case "copy":
                return Show(_asked(Right.ACCESS, "copy", self.home))
            case "take":
                return Show(_asked(Right.PORTABILITY, "take", self.home))
            case "human":
                return human.opened(self.home)
            case "restrict":
                return Show(stop.Restrict(self.mine, self.home))
            case "object":
                return stop.objections(self.home)
            case "erase":
                return Show(Erase(self.mine, self.home))
            case _:
                return Show(face.question(self.home))


@dataclass(frozen=True, slots=True)
class Erase(Page):
    """Why everything should go: the five grounds of the law, and what that means."""

    mine: OwnView = field(repr=False)
    home: Do = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """One row a ground; the face alone goes faster."""
        rows = tuple(
            Row(ground.value, capital(at.say(f"requests.erasures.{ground}")), icon="erase") for ground in ErasureGround
        )
        face_only = Row("face", at.say("mydata.erase.face"), at.say("mydata.erase.face_how"), icon="look_here")
        body = (*((face_only,) if self.mine.may_take_back else ()), *rows)
        return Sheet("mydata.erase", at.say("mydata.right.erase"), at.say("mydata.erase.line"), "erase", body)

    def tapped(self, key: str) -> Move:
        """One question, for the PIN goes with the rest."""
        if key == "face":
            return Show(face.question(self.home))
        ground = ErasureGround(key)
        then = _file(Right.ERASURE, self.home, ("mydata.erase.officer", "mydata.erase.pay"), ground)
        return Show(
            Question(
                "mydata.right.erase", "mydata.erase.question", "mydata.act.ask", then, icon="erase", tone=Tone.DANGER
            )
        )


def _asked(right: Right, key: str, home: Do) -> Question:
    then = _file(right, home, (f"mydata.{key}.handed",))
    return Question(f"mydata.right.{key}", f"mydata.{key}.line", "mydata.act.ask", then, icon=_ICONS[key])


def _file(right: Right, home: Do, notes: tuple[str, ...], ground: ErasureGround | None = None) -> Do:
    def work(desk: Desk) -> Move:
        clocks = company_of(desk).clocks
        filed = own_requests.ask(desk.store, person_of(desk), right, clocks, ground=ground)
        return Instead(after(desk, home, filed.id, right, filed.due_at, *notes))

    return Do(work)
