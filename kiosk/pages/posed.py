"""Pages posed for pictures and for the checks of their structure, with made-up people; refuses anybody who exists."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from kiosk.faults import FaultCode
from kiosk.pages.common import Failed, Question, Told
from kiosk.pages.page import At, Employee, Leave, Move, Nobody, Official, Page, Stay, Visitor
from kiosk.pages.sheet import (
    Act,
    Asked,
    AskedKind,
    Block,
    Code,
    Fact,
    Line,
    Meter,
    Preview,
    Row,
    Sheet,
    Tone,
)
from kiosk.store.approval import LoggedIn, Role

SITI: Final = Employee("5171", "Siti R.")
ANI: Final = Official(LoggedIn("00ff", Role.ADMIN, must_change=False), "Ani Wijaya")
OFFICER: Final = Official(LoggedIn("00dd", Role.DPO, must_change=False), "Dewi Lestari")


@dataclass(frozen=True, slots=True)
class Posed:
    """One picture: a page, who is there, and what was typed where something is asked."""

    name: str
    page: Page
    visitor: Visitor = field(default_factory=Nobody)
    typed: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Keyed(Page):
    """One of the keyboards."""

    kind: AskedKind
    wrong: str = ""

    def sheet(self, at: At) -> Sheet:
        """The employee code is what everybody types."""
        asked = Asked(at.say("pad.code"), self.kind, most=500)
        line = at.say(self.wrong, seconds=9) if self.wrong else ""
        return Sheet(f"keyed.{self.kind}", at.say("pad.code"), line, asked=asked, warn=bool(self.wrong))


@dataclass(frozen=True, slots=True)
class Shown(Page):
    """Every kind of block, so that none is drawn for the first time at a door."""

    code: bool = False

    def sheet(self, at: At) -> Sheet:
        """Sentences that are there already."""
        icons = ("person", "key", "paper", "")
        body: tuple[Block, ...] = (
            Line(at.say("out.paper"), strong=True),
            Line(at.say("out.gone"), icon="done"),
            Line(at.say("banner.camera"), warn=True, icon="camera_off"),
            Fact(at.say("pad.code"), "KTR-2017"),
            Meter(at.say("look.more_light"), 0.35, at.say("banner.model"), good=False),
            Meter(at.say("look.hold_still"), 0.8, at.say("sync.ok")),
            *(Row(f"{n}", at.say("action.in"), at.say("sync.ok"), "PIN", icon) for n, icon in enumerate(icons)),
            Row("long", at.say("disputed.text"), at.say("out.paper"), at.say("sync.ok"), chosen=True),
        )
        if self.code:
            body = (Code("AMBANG:" + "4F" * 55, at.say("out.paper")),)
        acts = (
            Act("go", at.say("tap.yes"), "yes", Tone.PRIMARY),
            Act("end", at.say("tap.change"), "", Tone.DANGER),
            Act("not", at.say("tap.not_me"), "not_me", Tone.QUIET),
        )
        return Sheet("shown", at.say("recorded.title"), at.say("out.gone"), "shield", body, acts)

    def tapped(self, _key: str) -> Move:
        """Nothing comes of it."""
        return Stay()


@dataclass(frozen=True, slots=True)
class Looked(Page):
    """The camera's picture in its two frames."""

    square: bool = False

    def sheet(self, at: At) -> Sheet:
        """One instruction."""
        body = (Preview("" if self.square else "closer", at.say("look.closer"), 0.4, self.square),)
        return Sheet("looked", at.say("recorded.title"), "", "look_here", body, (Act("no", at.say("tap.no_face")),))

    def tapped(self, _key: str) -> Move:
        """Nothing comes of it."""
        return Stay()


def _common() -> tuple[Posed, ...]:
    told = Told("recorded.title", "out.gone")
    wrong = Keyed(AskedKind.SECRET, wrong="pad.wait")
    return (
        Posed("failed", Failed(FaultCode.STORE_BUSY), SITI),
        Posed("told", told, SITI),
        Posed("question", Question("tap.change", "disputed.text", "tap.yes", Leave(), tone=Tone.DANGER), ANI),
        Posed("blocks", Shown(), OFFICER),
        Posed("code", Shown(code=True), SITI),
        Posed("oval", Looked(), ANI),
        Posed("frame", Looked(square=True)),
        *(Posed(f"keyboard-{kind}", Keyed(kind), typed="KTR2017") for kind in AskedKind),
        Posed("keyboard-long", Keyed(AskedKind.TEXT), typed="Muhammadinejad Wijayakusuma " * 12),
        Posed("keyboard-wrong", wrong, ANI),
    )


def _admin() -> tuple[Posed, ...]:
    from kiosk.pages.admin.poses import poses  # noqa: PLC0415 - it poses with the people of this file

    return poses()


def _enrol() -> tuple[Posed, ...]:
    from kiosk.pages.enrol.poses import poses  # noqa: PLC0415 - as above

    return poses()


def _mydata() -> tuple[Posed, ...]:
    from kiosk.pages.mydata.poses import poses  # noqa: PLC0415 - it poses with the people of this file

    return poses()


def _privacy() -> tuple[Posed, ...]:
    from kiosk.pages.privacy.poses import poses  # noqa: PLC0415 - it poses with the people of this file

    return poses()


def _door() -> tuple[Posed, ...]:
    from kiosk.pages import notice_poses  # noqa: PLC0415 - they pose with the class of this file
    from kiosk.pages.claim import poses as claim_poses  # noqa: PLC0415 - they pose with the class of this file

    return (*claim_poses.poses(), *notice_poses.poses())


def _trip() -> tuple[Posed, ...]:
    from kiosk.pages.trip import poses  # noqa: PLC0415 - they pose with the class of this file

    return poses.poses()


AREAS: Final[tuple[Callable[[], tuple[Posed, ...]], ...]] = (
    _common,
    _admin,
    _enrol,
    _door,
    _trip,
    _mydata,
    _privacy,
)


def posed() -> tuple[Posed, ...]:
    """Every page, and each of its faces that looks different; names are unique."""
    return tuple(each for area in AREAS for each in area())
