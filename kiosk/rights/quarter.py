"""Quarters of a year, in UTC as the months of the ledger; refuses another spelling than 2026-Q4."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from kiosk.rights import dates

_SPELLED: Final = re.compile(r"((?:19[7-9]|2[0-9]{2})[0-9])-Q([1-4])")


@dataclass(frozen=True, slots=True)
class Quarter:
    """One quarter: `number` 1 to 4."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"

    @property
    def months(self) -> tuple[str, str, str]:
        """Its three months, "2026-10"."""
        first = 3 * self.number - 2
        return (f"{self.year}-{first:02d}", f"{self.year}-{first + 1:02d}", f"{self.year}-{first + 2:02d}")

    @property
    def begins(self) -> int:
        """Its first moment, ms UTC."""
        return round(datetime(self.year, 3 * self.number - 2, 1, tzinfo=UTC).timestamp() * 1000)

    @property
    def ends(self) -> int:
        """The first moment after it, ms UTC."""
        return self.next.begins

    @property
    def next(self) -> "Quarter":
        """The one that follows."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)


def of(at_ms: int) -> Quarter:
    """The quarter of a moment (ms UTC)."""
    moment = dates.moment(at_ms)
    return Quarter(moment.year, (moment.month + 2) // 3)


def read(text: str) -> Quarter:
    """What was typed. Raises ValueError."""
    found = _SPELLED.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is no quarter: 2026-Q4")
    return Quarter(int(found[1]), int(found[2]))
