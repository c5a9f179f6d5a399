"""Says how many wrong people a year a door will record, and how sure that is; refuses to promise what few people show.

The model. A wrong accept is somebody recorded as another person without a PIN. It takes an *impostor attempt*: a
search that the right person cannot win, because the one in front is a stranger, has no face enrolled, taps for a
colleague, or has a picture too poor to be recognised in. How many punches are such attempts is an assumption and so a
parameter. Each attempt is compared with everybody, the rates of the comparisons are added up (union bound), and the
lead over the second person, the agreement of frames and the liveness check, which all refuse further attempts, are
left out: the figures err upwards.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kiosk.evaluation.intervals import rule_of_three
from kiosk.evaluation.tail import FEWEST, Tail, fpir
from kiosk.vision.arrays import Floats

PUNCHES_A_PERSON: Final = 4
"""In, out, and a break: punches a day for each person, where nobody gives the number."""
DAYS: Final = 365
"""Days a year on which people punch; holidays are not taken off."""
IMPOSTORS: Final = 0.03
"""Share of punches that are impostor attempts: one in a hundred by a stranger or for a colleague (assumed), two in a
hundred by somebody whose own face is refused at 0.50 (FNIR on LFW, recognition.md)."""
WORST: Final = 1 / 5
"""Wrong accepts a year above which verification is advised: one in five years (recognition.md)."""


_DAYS_A_YEAR: Final = 365
_SAYS_NOTHING: Final = 1000


@dataclass(frozen=True, slots=True)
class Span:
    """How long one event takes: so many years, or days where it is less than one; neither beyond 1000 years."""

    years: float | None = None
    days: float | None = None

    @classmethod
    def of(cls, a_year: float | None) -> "Span":
        """At a rate a year."""
        if not a_year or 1 / a_year >= _SAYS_NOTHING:
            return cls()
        return cls(years=1 / a_year) if a_year <= 1 else cls(days=_DAYS_A_YEAR / a_year)


def rounded(number: float) -> str:
    """Two digits: more than that is not known; from 100 on, a whole number."""
    return f"{number:.2g}" if number < 100 else f"{number:.0f}"  # noqa: PLR2004 - two digits are plenty


class Advice(StrEnum):
    """What follows."""

    IDENTIFICATION = "identification"
    """Less than one wrong accept in five years, with 95 % confidence."""
    UNPROVED = "unproved"
    """Expected to be less; too few people to be sure."""
    UNKNOWN = "unknown"
    """Nothing is expected: too few people to say anything."""
    VERIFICATION = "verification"
    """More than one in five years is expected: ask for the PIN first, then compare with that one person."""


@dataclass(frozen=True, slots=True)
class Use:
    """How a door is used.

    Attributes:
        punches: a day, all people together.
        impostors: share of punches that are impostor attempts, 0..1.
        days: a year.
    """

    punches: float
    impostors: float = IMPOSTORS
    days: float = DAYS

    @property
    def attempts(self) -> float:
        """Impostor attempts a year."""
        return self.punches * self.impostors * self.days


@dataclass(frozen=True, slots=True)
class Budget:
    """What to expect of a door in a year. Rates are of one search; a bound is an upper bound with 95 % confidence.

    Attributes:
        people: enrolled in this embedding space.
        threshold: least score of a match.
        use: how the door is used.
        comparisons: non-mated scores that were looked at. reached: how many of them reach the threshold.
        fpir: share of impostor attempts that are accepted, none where nothing can be fitted. fpir_bound: its bound.
        free_bound: the bound without any fit: of `people` searches by people who were left out of the gallery, how many
            found somebody; for none the rule of three.
    """

    people: int
    threshold: float
    use: Use
    comparisons: int
    reached: int
    fpir: float | None
    fpir_bound: float
    free_bound: float

    @property
    def a_year(self) -> float | None:
        """Expected wrong accepts a year; none where nothing can be fitted."""
        return None if self.fpir is None else self.fpir * self.use.attempts

    @property
    def a_year_bound(self) -> float:
        """Bound of the expected wrong accepts a year."""
        return self.fpir_bound * self.use.attempts

    @property
    def every_punch(self) -> float | None:
        """Wrong accepts a year if every punch were an impostor attempt: more than that cannot be."""
        return None if self.fpir is None else self.fpir * self.use.punches * self.use.days

    @property
    def advice(self) -> Advice:
        """What follows from expectation and bound."""
        if self.a_year_bound <= WORST:
            return Advice.IDENTIFICATION
        if self.a_year is None:
            return Advice.UNKNOWN
        return Advice.VERIFICATION if self.a_year > WORST else Advice.UNPROVED


def budget(persons: Floats, threshold: float, use: Use) -> Budget:
    """Work out the budget of a gallery.

    Args:
        persons: N x D float32 of unit length, one a person, not centred.
        threshold: least score of a match, site-centred.
        use: how the door is used.
    """
    people = len(persons)
    if people < FEWEST:
        free = rule_of_three(people) if people > 1 else 1.0
        return Budget(people, threshold, use, people * max(people - 1, 0), 0, None, free, free)
    tail = Tail.of(persons)
    return Budget(
        people,
        threshold,
        use,
        tail.comparisons,
        tail.reached(threshold),
        fpir(tail.fmr(threshold), people),
        fpir(tail.fmr_bound(threshold), people),
        tail.strangers_bound(threshold),
    )
