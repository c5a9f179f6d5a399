"""What is kept for how long, class by class, and when that is over; refuses to call over what nobody has closed.

GDPR Article 5(1)(e); UU PDP 27/2022 Article 16(2)(g). The periods are the company's (privacy.toml, [periods]).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kiosk.rights.company import Periods
from kiosk.rights.dates import DAY_MS, moment
from kiosk.store.papers import PaperKind


class DataClass(StrEnum):
    """Everything that has a period; the names of wire/sweep.py."""

    ATTENDANCE = "attendance_records"
    ATTENDANCE_KEYS = "attendance_keys"
    REQUESTS = "requests"
    BREACHES = "breaches"
    PROOFS = "proofs"
    CONSENT = "consent_records"
    CERTIFICATES = "certificates"
    EXPORTS = "exports"
    ATTEMPTS = "attempts"


OF_PAPERS: Final[dict[PaperKind, DataClass]] = {
    PaperKind.REQUEST: DataClass.REQUESTS,
    PaperKind.CORRECTION: DataClass.REQUESTS,
    PaperKind.HELD: DataClass.REQUESTS,
    PaperKind.CLAIM: DataClass.REQUESTS,
    PaperKind.ANSWER: DataClass.REQUESTS,
    PaperKind.RECIPIENT: DataClass.REQUESTS,
    PaperKind.READING: DataClass.REQUESTS,
    PaperKind.EXPORT: DataClass.REQUESTS,
    PaperKind.CASE: DataClass.BREACHES,
    **dict.fromkeys(
        (
            PaperKind.NOTICE,
            PaperKind.BASIS,
            PaperKind.ASSESSMENT,
            PaperKind.HOLD,
            PaperKind.MEDIUM,
            PaperKind.ACKNOWLEDGEMENT,
            PaperKind.TRAINING,
            PaperKind.CONTRACT,
            PaperKind.APPROVAL,
            PaperKind.REVIEW,
            PaperKind.SETTINGS,
            PaperKind.SWEEP,
        ),
        DataClass.PROOFS,
    ),
}
"""Every kind of paper has a class (tested)."""
AT_ONCE_OVER: Final = frozenset({PaperKind.READING, PaperKind.EXPORT, PaperKind.SWEEP, PaperKind.CLAIM})
"""What happened once and may never be closed: its period runs from its last change."""


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """What is older goes.

    Attributes:
        month: the first month of attendance that stays, "2024-11".
        before: for each class but attendance, ms UTC.
    """

    month: str
    before: dict[DataClass, int]


def cutoffs(periods: Periods, now_ms: int) -> Cutoffs:
    """When each period ends that ends at `now_ms`."""
    return Cutoffs(
        first_month(periods.attendance, now_ms),
        {
            DataClass.REQUESTS: months_before(periods.requests, now_ms),
            DataClass.BREACHES: months_before(periods.breaches, now_ms),
            DataClass.PROOFS: months_before(periods.proofs, now_ms),
            DataClass.CONSENT: months_before(periods.proofs, now_ms),
            DataClass.CERTIFICATES: months_before(periods.proofs, now_ms),
            DataClass.EXPORTS: now_ms - periods.exports_days * DAY_MS,
        },
    )


def over_at(kind: PaperKind, *, person: str, sealed: bool, changed_at: int, closed_at: int | None) -> int | None:
    """From when the period of a paper runs, ms UTC; None: it is not over, however old it is.

    Args:
        kind: of the paper.
        person: whom it is about, or "".
        sealed: whether there is still anything in it; an erased person's has nothing.
        changed_at: ms UTC.
        closed_at: ms UTC.
    """
    if closed_at is not None:
        return closed_at
    empty = bool(person) and not sealed
    return changed_at if empty or kind in AT_ONCE_OVER else None


def first_month(months: int, now_ms: int) -> str:
    """The month that lies so many months back: the first that stays."""
    now = moment(now_ms)
    year, zero_based = divmod(now.year * 12 + now.month - 1 - months, 12)
    return f"{max(1, year):04d}-{zero_based + 1:02d}"


def months_before(months: int, now_ms: int) -> int:
    """The moment so many months back, ms UTC; where that month is too short, its last day."""
    now = moment(now_ms)
    year, zero_based = divmod(now.year * 12 + now.month - 1 - months, 12)
    for day in range(now.day, now.day - 4, -1):
        try:
            return int(now.replace(year=max(1, year), month=zero_based + 1, day=day).timestamp() * 1000)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
