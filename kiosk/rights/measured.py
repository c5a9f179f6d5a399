"""Error rates as an assessment holds them: measured here, each with its bound, or none at all; refuses a bare rate."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import ceil, floor
from typing import Final

WHOLE: Final = 1_000_000_000
"""Rates are whole parts of this: a paper holds no floating-point number."""
_ONE: Final = 100


class Source(StrEnum):
    """Where rates come from."""

    EVALUATION = "evaluation"  # `kiosk models evaluate`, on photographs in files
    LIVENESS = "liveness"  # `kiosk models liveness-test`, before this camera
    GALLERY = "gallery"  # `kiosk models budget`, from the people enrolled here
    PACK = "pack"  # what the pack's own table states


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate with both 95 % bounds, in parts of WHOLE.

    Attributes:
        measure: a word: "fmr", "fnmr", "fta", "fpir", "fnir", "apcer", "bpcer", "undecided", ...
        subject: the group, the kind of attack or the setting; may be "".
        value: the rate; None where only a bound can be given.
        low: lower bound.
        high: upper bound.
        events: how often it happened.
        trials: of how many.
    """

    measure: str
    subject: str
    value: int | None
    low: int
    high: int
    events: int
    trials: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Between the group with the lowest and the one with the highest rate, with bounds, in parts of WHOLE."""

    measure: str
    setting: str
    best: str
    worst: str
    value: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one measurement found.

    Attributes:
        source: which.
        on: what was measured: a camera, photographs, people enrolled here.
        date: YYYY-MM-DD, or "" where it is not stated.
        counts: whether it speaks of what runs here; False: of another camera, pack or threshold.
        rates: what was found.
        gaps: between groups.
        stated: a sentence of the pack's table, as it stands there; "" otherwise.
    """

    source: Source
    on: str
    date: str
    counts: bool
    rates: tuple[Rate, ...] = ()
    gaps: tuple[Gap, ...] = ()
    stated: str = ""


def rate(  # noqa: PLR0913, PLR0917 - as it is measured
    measure: str, subject: str, value: float | None, low: float, high: float, events: int, trials: int
) -> Rate:
    """A rate out of 0..1; bounds are rounded outwards, so that none becomes better than it was."""
    whole = None if value is None else round(value * WHOLE)
    return Rate(measure, subject, whole, _down(low), min(WHOLE, _up(high)), events, trials)


def gap(measure: str, setting: str, best: str, worst: str, of: tuple[float, float, float]) -> Gap:
    """A gap out of -1..1; `of` is the value and both bounds."""
    return Gap(measure, setting, best, worst, round(of[0] * WHOLE), _down(of[1]), _up(of[2]))


def percent(parts: int, *, comma: bool) -> str:
    """Parts of WHOLE in per cent, with as many digits as say something."""
    value = Decimal(parts) * _ONE / WHOLE
    shown = f"{value:.2f}" if abs(value) >= 1 else f"{value:.2g}" if value else "0"
    plain = f"{Decimal(shown):f}"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return plain.replace(".", ",") if comma else plain


def _down(value: float) -> int:
    return floor(value * WHOLE)


def _up(value: float) -> int:
    return ceil(value * WHOLE)
