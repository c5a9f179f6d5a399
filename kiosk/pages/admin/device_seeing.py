"""What the camera sees now, in figures, and how it was tested against fake faces; refuses to keep a picture."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from kiosk.pages.admin import acting
from kiosk.pages.page import (
    At,
    CameraGone,
    Desk,
    Do,
    Instead,
    Measured,
    Move,
    Noticed,
    Official,
    Page,
    Show,
    Stay,
    Use,
)
from kiosk.pages.sheet import Block, Fact, Line, Meter, Preview, Sheet
from kiosk.pages.wording import known, number
from kiosk.store.approval import Role
from kiosk.vision import honesty
from kiosk.vision.honesty import Card, Rated
from kiosk.vision.quality import LEAST_BRIGHTNESS, LEAST_SHARPNESS

MAY: Final = frozenset({Role.TECHNICIAN, Role.ADMIN})
BRIGHTEST: Final = 255.0
"""Brightness is the mean of the face's grey, 0 to 255; sharpness the ratio of two bands of detail, hardly above 1."""
TOO_BRIGHT: Final = 215.0


def camera() -> Move:
    """The test of the camera."""
    return Do(_camera)


def _camera(desk: Desk) -> Move:
    acting.by(desk, MAY)
    return Show(Looked(desk.config.camera.source))


@dataclass(frozen=True, slots=True)
class Looked(Page):
    """Light and sharpness as they are now; a technician reads them as figures, without the picture of anybody."""

    source: str
    seen: Measured | None = None
    gone: bool = False
    uses = Use.PREVIEW

    def sheet(self, at: At) -> Sheet:
        """Meters, and for an administrator the mirror."""
        facts: tuple[Block, ...] = (
            Fact(at.say("device.camera.source"), self.source),
            Line(at.say("device.camera.kept")),
        )
        title = at.say("device.camera.title")
        if self.gone:
            why: tuple[Block, ...] = (Line(at.say("device.camera.gone_why")), *facts)
            return Sheet("device.camera", title, at.say("device.camera.gone"), "camera_off", why, warn=True)
        said = _instruction(at, self.seen)
        mirror: tuple[Block, ...] = (
            (Preview("" if self.seen is None or self.seen.instruction is None else self.seen.instruction.value, said),)
            if isinstance(at.visitor, Official) and at.visitor.login.role is Role.ADMIN
            else ()
        )
        body: tuple[Block, ...] = (*_meters(at, self.seen), *facts, *mirror)
        return Sheet("device.camera", title, said, "look_here", body)

    def noticed(self, seen: Noticed) -> Move:
        """Another measurement."""
        match seen:
            case Measured():
                return Instead(Looked(self.source, seen))
            case CameraGone():
                return Instead(Looked(self.source, gone=True))
            case _:
                return Stay()


def _instruction(at: At, seen: Measured | None) -> str:
    if seen is None:
        return at.say("device.camera.waiting")
    if seen.instruction is not None:
        return known(at, "look", seen.instruction.value)
    return at.say("device.camera.nobody" if seen.sharpness is None else "device.camera.good")


def _meters(at: At, seen: Measured | None) -> tuple[Block, ...]:
    light = at.say("device.camera.light")
    sharp = at.say("device.camera.sharp")
    if seen is None:
        return (Meter(light, 0.0, "-", good=False), Meter(sharp, 0.0, "-", good=False))
    fine = LEAST_BRIGHTNESS <= seen.brightness <= TOO_BRIGHT
    meters = [Meter(light, seen.brightness / BRIGHTEST, at.say("device.camera.of", value=round(seen.brightness)), fine)]
    if seen.sharpness is None:
        meters.append(Meter(sharp, 0.0, at.say("device.camera.no_face"), good=False))
    else:
        least = number(at, LEAST_SHARPNESS, 2)
        text = at.say("device.camera.least", value=number(at, seen.sharpness, 2), least=least)
        meters.append(Meter(sharp, min(seen.sharpness, 1.0), text, seen.sharpness >= LEAST_SHARPNESS))
    return tuple(meters)


def liveness() -> Move:
    """The card of the self-test."""
    return Do(_liveness)


def _liveness(desk: Desk) -> Move:
    acting.by(desk, MAY)
    config = desk.config
    card = honesty.read(config.data / honesty.FILE)
    ours = card is not None and (card.camera, card.pack) == (config.camera.source, config.recognition.pack)
    return Show(Tested(None if card is None or card.rehearsal else card, ours=ours))


@dataclass(frozen=True, slots=True)
class Tested(Page):
    """What the self-test of this camera has found, each rate with its bounds; without a card, how one is made."""

    card: Card | None
    ours: bool = True

    def sheet(self, at: At) -> Sheet:
        """The rates."""
        how = Line(at.say("device.liveness.how"))
        command = Fact(at.say("device.command"), "kiosk models liveness-test --config kiosk.toml")
        if self.card is None:
            line = at.say("device.liveness.none")
            return Sheet("device.liveness", at.say("device.liveness.title"), line, "shield", (how, command), warn=True)
        card = self.card
        rates = tuple(
            Fact(known(at, "device.species", kind), _rates(at, honesty.rated(kind, counts)))
            for kind, counts in card.counts.items()
            if counts.presentations
        )
        line = "" if self.ours else at.say("device.liveness.other")
        body: tuple[Block, ...] = (
            Fact(at.say("device.liveness.made"), at.say("device.liveness.on", on=_day(at, card), what=card.camera)),
            *rates,
            Line(at.say("device.liveness.bounds")),
            command,
        )
        return Sheet("device.liveness", at.say("device.liveness.title"), line, "shield", body, warn=not self.ours)


def _rates(at: At, found: tuple[Rated, ...]) -> str:
    """The one that counts with its bounds, and what else happened as counts."""
    first, *others = found
    low, high = (number(at, 100 * each) for each in (first.low, first.high))
    name = known(at, "device.rate", first.name)
    rate = at.say("device.liveness.rate", name=name, k=first.k, n=first.n, low=low, high=high)
    counts = ", ".join(f"{known(at, 'device.rate', each.name)} {each.k}" for each in others if each.k)
    return f"{rate}; {at.say('device.liveness.rest', n=first.n, counts=counts)}" if counts else rate


def _day(at: At, card: Card) -> str:
    noon = datetime.combine(card.made_on, time(12), at.wall.tzinfo)
    return at.spell.day(int(noon.timestamp() * 1000))
