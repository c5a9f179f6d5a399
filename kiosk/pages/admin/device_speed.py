"""How fast this machine recognises, and how many wrong persons to expect here; refuses a figure without its bound."""

from dataclasses import dataclass
from typing import Final

from kiosk.evaluation import site
from kiosk.evaluation.budget import DAYS, IMPOSTORS, PUNCHES_A_PERSON, Advice, Budget, Span, Use, budget, rounded
from kiosk.pages.admin import acting
from kiosk.pages.page import At, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.sheet import Act, Block, Fact, Line, Sheet, Tone
from kiosk.pages.wording import known, number
from kiosk.rights import hardware
from kiosk.store import overlay
from kiosk.store.approval import Role
from kiosk.vision import packs
from kiosk.vision.bench import Bench, bench
from kiosk.vision.known import default_directory, find

MAY: Final = frozenset({Role.TECHNICIAN, Role.ADMIN})
SECONDS: Final = 1.0
"""For the stages; everything together took six seconds on two busy desktop cores, and the store waits meanwhile."""
LEAST_PEOPLE: Final = 100


def bench_first() -> Move:
    """What will be measured, before it is."""
    return Show(Speed())


@dataclass(frozen=True, slots=True)
class Speed(Page):
    """What was measured just now, on this machine; before it, what will be."""

    found: Bench | None = None
    machine: str = ""
    cores: int = 0

    def sheet(self, at: At) -> Sheet:
        """The figures with what they were measured on."""
        title = at.say("device.bench.title")
        act = (Act("go", at.say("device.bench.again" if self.found else "device.bench.go"), "retry", Tone.PRIMARY),)
        if self.found is None:
            return Sheet("device.bench", title, "", "", (Line(at.say("device.bench.what")),), act)
        found = self.found
        body: tuple[Block, ...] = (
            Fact(at.say("device.bench.machine"), at.say("device.bench.cores", name=self.machine or "-", n=self.cores)),
            Fact(at.say("device.bench.pack"), at.say("device.bench.people", pack=found.pack, n=found.people)),
            *(
                Fact(known(at, "device.stage", each.name), _took(at, each.p50_ms, each.p95_ms))
                for each in reversed(found.stages)
            ),
            Fact(at.say("device.bench.frames"), number(at, found.frames_per_s)),
            Fact(at.say("device.bench.cpu"), at.say("device.ms", value=number(at, found.cpu_ms))),
            Fact(
                at.say("device.bench.load"), at.say("device.bench.load_of", load=number(at, found.load), n=self.cores)
            ),
            Line(at.say("device.bench.bound")),
        )
        return Sheet("device.bench", title, "", "", body, act)

    def tapped(self, _key: str) -> Move:
        """Measure; nothing else is done meanwhile."""
        return Do(_measured)


def _took(at: At, p50: float, p95: float) -> str:
    return at.say("device.bench.took", p50=number(at, p50), p95=number(at, p95))


def _measured(desk: Desk) -> Move:
    acting.by(desk, MAY)
    loaded = packs.load(desk.config.models, desk.config.recognition.pack)
    people = max(LEAST_PEOPLE, _faces(desk))
    return Instead(Speed(bench(loaded, people, SECONDS, peer=False), hardware.machine(), hardware.cores()))


def _faces(desk: Desk) -> int:
    row = desk.store.database.row("SELECT count(DISTINCT person) FROM faces")
    return 0 if row is None else int(row[0])


def budget_first() -> Move:
    """What the people of this door say about it."""
    return Do(_weighed)


def _weighed(desk: Desk) -> Move:
    acting.by(desk, MAY)
    config = overlay.running(desk.store, desk.config)
    pack = find(config.models or default_directory(), config.recognition.pack)
    persons = site.of(desk.store.templates.references(), pack).persons
    use = Use(float(PUNCHES_A_PERSON * len(persons)))
    return Show(Weighed(budget(persons, config.recognition.threshold, use), config.recognition.mode))


@dataclass(frozen=True, slots=True)
class Weighed(Page):
    """How often somebody is to be taken for another one here."""

    found: Budget
    mode: str

    def sheet(self, at: At) -> Sheet:
        """The expectation with its bound first, then what it rests on."""
        found = self.found
        expected = (
            at.say("device.budget.unknown")
            if found.fpir is None
            else at.say("device.budget.one", span=_span(at, found.a_year), least=_span(at, found.a_year_bound))
        )
        share = number(at, 100 * IMPOSTORS, 0)
        body: tuple[Block, ...] = (
            Line(expected, strong=True),
            *self._advice(at),
            Fact(at.say("device.budget.people"), str(found.people)),
            *self._compared(at),
            Fact(
                at.say("device.budget.use"),
                at.say("device.budget.assumed", punches=round(found.use.punches), days=DAYS, share=share),
            ),
            Fact(at.say("device.budget.mode"), at.say(f"settings.mode.{self.mode}")),
        )
        return Sheet("device.budget", at.say("device.budget.title"), "", "one_person", body)

    def _compared(self, at: At) -> tuple[Block, ...]:
        """What was counted; with too few people nothing is."""
        found = self.found
        if found.fpir is None:
            return ()
        threshold = number(at, found.threshold, 2)
        said = at.say("device.budget.reached", n=found.comparisons, k=found.reached, threshold=threshold)
        return (Fact(at.say("device.budget.compared"), said),)

    def _advice(self, at: At) -> tuple[Block, ...]:
        advice = self.found.advice
        if advice is Advice.UNKNOWN:
            return ()
        return (Line(at.say(f"device.budget.{advice.value}"), warn=advice is Advice.VERIFICATION),)


def _span(at: At, a_year: float | None) -> str:
    span = Span.of(a_year)
    if span.years is not None:
        return at.say("device.years", n=_comma(at, rounded(span.years)))
    return at.say("device.never") if span.days is None else at.say("device.days", n=_comma(at, rounded(span.days)))


def _comma(at: At, text: str) -> str:
    return text if at.language == "en" else text.replace(".", ",")
