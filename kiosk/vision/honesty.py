"""The honesty card of a camera: how often attacks passed and people did not, with bounds; refuses what it was not told.

Words are those of ISO/IEC 30107-3: APCER for each species of attack instrument, BPCER, non-response. It is a self-test
of one camera by its owner, and no conformance to that standard.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from kiosk.faults import Fault, FaultCode
from kiosk.vision.liveness import Bounds, Liveness, Verdict
from kiosk.vision.manifest import MANIFEST, packs
from kiosk.vision.packs import LoadedPack

FILE: Final = "liveness.json"
"""In the data directory."""
FORMAT: Final = 1
PEOPLE: Final = "bona_fide"
SPECIES: Final = ("print", "phone", "tablet", "replay")
"""Attack instruments that anybody can make: a photograph, a still picture on two kinds of screen, a film on one."""
LEAST: Final = 4
"""Presentations of a kind: half choose the bounds, half are counted."""
_MOST_BYTES: Final = 65_536
_CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Shown:
    """One presentation of the self-test.

    Attributes:
        kind: `bona_fide` or a species.
        looks: what the layers made of its first three usable frames, of its first four, ...; none when no usable face
            was seen in time.
    """

    kind: str
    looks: tuple[Liveness, ...] = field(repr=False)

    def verdict(self, bounds: Bounds) -> Verdict | None:
        """What a door says with these bounds of the score; None for no response.

        As at the door, the first attack stays one, and the first bona fide look lets in.
        """
        verdicts = [bounds.again(look) for look in self.looks]
        ended = (each for each in verdicts if each in (Verdict.ATTACK, Verdict.BONA_FIDE))
        return next(ended, verdicts[-1] if verdicts else None)


@dataclass(frozen=True, slots=True)
class Counts:
    """How the presentations of one kind ended, with the bounds of the card."""

    presentations: int
    bona_fide: int
    attack: int
    undecided: int
    input_rejected: int
    no_response: int

    @classmethod
    def of(cls, verdicts: Sequence[Verdict | None]) -> "Counts":
        """Count them."""
        each = [sum(verdict is kind for verdict in verdicts) for kind in (*_COUNTED, None)]
        return cls(len(verdicts), *each)


_COUNTED: Final = (Verdict.BONA_FIDE, Verdict.ATTACK, Verdict.UNDECIDED, Verdict.INPUT_REJECTED)


@dataclass(frozen=True, slots=True)
class Card:
    """What was measured, of what, and when.

    Attributes:
        made_on: the day.
        camera: as the configuration names it.
        pack: name of the model pack.
        files: SHA-256 of each model file that was used.
        fused: whether the second attack detector was part of the score.
        rehearsal: made without a camera: never loaded by a door.
        attack: score below which this camera sees an attack. bona_fide: score from which it sees a person.
        counts: for people and each species, of the half of the presentations that did not choose these.
    """

    made_on: date
    camera: str
    pack: str
    files: Mapping[str, str]
    fused: bool
    rehearsal: bool
    attack: float
    bona_fide: float
    counts: Mapping[str, Counts]

    @property
    def bounds(self) -> Bounds:
        """Where this camera's scores become verdicts."""
        return Bounds(self.attack, self.bona_fide)

    def fits(self, camera: str, pack: str, files: Mapping[str, str]) -> bool:
        """Whether it speaks of this camera and these very networks, and was made with a camera."""
        return not self.rehearsal and (self.camera, self.pack, dict(self.files)) == (camera, pack, dict(files))


def choose(shown: Sequence[Shown]) -> Bounds:
    """Choose bounds so that nobody shown ever falls below `attack` and no attack ever reaches `bona_fide`.

    Where the scores of people and attacks do not overlap, both are the middle between them, in logits: nobody is then
    undecided. Where they do, what lies in the overlap is undecided.

    Raises:
        ValueError: when no person, or no attack, has a score.
    """
    people = [min(scores) for each in shown if each.kind == PEOPLE if (scores := _scores(each))]
    attacks = [max(scores) for each in shown if each.kind != PEOPLE if (scores := _scores(each))]
    if not people or not attacks:
        raise ValueError("people and attacks need a score")
    lowest, highest = min(people), max(attacks)
    if highest < lowest:
        middle = (_logit(lowest) + _logit(highest)) / 2
        between = 1 / (1 + math.exp(-middle))
        return Bounds(between, between)
    return Bounds(lowest, math.nextafter(highest, 2.0))


def halves(shown: Sequence[Shown]) -> tuple[list[Shown], list[Shown]]:
    """Deal the presentations of each kind in turn: those that choose the bounds, and those that are counted."""
    dealt: dict[str, list[Shown]] = {}
    for each in shown:
        dealt.setdefault(each.kind, []).append(each)
    choosing = [each for kind in dealt.values() for each in kind[::2]]
    return choosing, [each for kind in dealt.values() for each in kind[1::2]]


def counted(shown: Sequence[Shown], bounds: Bounds) -> dict[str, Counts]:
    """Count how each kind ends with these bounds."""
    kinds = dict.fromkeys(each.kind for each in shown)
    return {kind: Counts.of([each.verdict(bounds) for each in shown if each.kind == kind]) for kind in kinds}


def used(loaded: LoadedPack, manifest: Path = MANIFEST) -> dict[str, str]:
    """SHA-256 of every file whose network is loaded: of the pack, and of add-ons."""
    known = [loaded.pack, *(each for each in packs(manifest) if each.addon)]
    return {file.name: file.sha256 for each in known for file in each.files if file.role in loaded.sessions}


def exact(k: int, n: int) -> tuple[float, float]:
    """Return the two-sided 95 % interval of `k` of `n` (Clopper and Pearson, Biometrika 26(4), 1934).

    Raises:
        ValueError: without a trial.
    """
    if n < 1:
        raise ValueError("no trial")
    tail = (1 - _CONFIDENCE) / 2
    low = 0.0 if k == 0 else _crossing(lambda p: 1 - _at_most(k - 1, n, p) - tail)
    high = 1.0 if k == n else _crossing(lambda p: tail - _at_most(k, n, p))
    return low, high


@dataclass(frozen=True, slots=True)
class Rated:
    """How often one thing happened: `k` of `n`, and the exact 95 % bounds of the rate."""

    name: str
    k: int
    n: int
    low: float
    high: float


def rated(kind: str, counts: Counts) -> tuple[Rated, ...]:
    """Each rate of one kind: APCER for a species, BPCER for people, and what else happened; none without a trial.

    APCER: attacks that every layer took for bona fide; BPCER: people whom a layer took for an attack.
    """
    n = counts.presentations
    named = (
        ("bpcer", counts.attack) if kind == PEOPLE else ("apcer", counts.bona_fide),
        ("undecided", counts.undecided),
        ("input_rejected", counts.input_rejected),
        ("no_response", counts.no_response),
    )
    return tuple(Rated(name, k, n, *exact(k, n)) for name, k in named) if n else ()


def text(card: Card) -> str:
    """The card as JSON."""
    return json.dumps({"format": FORMAT, **asdict(card), "made_on": card.made_on.isoformat()}, indent=1, sort_keys=True)


def parse(content: str) -> Card:
    """Read a card.

    Raises:
        Fault: CONFIG_INVALID when it is none.
    """
    try:
        table: dict[str, Any] = json.loads(content)
        if table.pop("format") != FORMAT:
            raise ValueError("format")  # noqa: TRY301 - one way out
        counts = {str(kind): Counts(**each) for kind, each in table.pop("counts").items()}
        card = Card(**{**table, "made_on": date.fromisoformat(table["made_on"]), "counts": counts})
        sound = 0.0 <= card.attack <= card.bona_fide and isinstance(card.rehearsal, bool) and dict(card.files)
        numbers = [number for each in counts.values() for number in asdict(each).values()]
        if not sound or not all(type(number) is int and number >= 0 for number in numbers):
            raise ValueError("values")  # noqa: TRY301 - as above
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as wrong:
        raise Fault(FaultCode.CONFIG_INVALID, FILE) from wrong
    return card


def read(path: Path) -> Card | None:
    """Read a card from a file; None when there is none.

    Raises:
        Fault: CONFIG_INVALID when the file is no card.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES)
        return parse(content.decode())
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as wrong:
        raise Fault(FaultCode.CONFIG_INVALID, FILE) from wrong


def _scores(shown: Shown) -> list[float]:
    return [look.score for look in shown.looks if not math.isnan(look.score)]


def _logit(probability: float) -> float:
    bounded = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(bounded / (1 - bounded))


def _at_most(k: int, n: int, p: float) -> float:
    """Probability of at most `k` of `n`."""
    return math.fsum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))


def _crossing(rising: Callable[[float], float]) -> float:
    """Where a rising function of 0..1 becomes positive, by halving."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if rising(middle) > 0 else (middle, high)
    return (low + high) / 2
