"""Moments as a language writes them at this door, for the pages; refuses another zone than the clock's."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from kiosk.screens import spoken
from wire.checks import MOMENT_LIMIT

LAST_MS: Final = MOMENT_LIMIT - 2 * 86_400_000
"""Two days before the end of the year 9999: the last moment that has a day in every zone."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """`pages.page.Spelling` for one language at one moment; `wall` carries the zone."""

    language: str
    wall: datetime

    def time(self, ms: int) -> str:
        """Hours and minutes."""
        return spoken.time(self.language, self._local(ms))

    def day(self, ms: int) -> str:
        """Day, month and year."""
        return spoken.day(self.language, self._local(ms).date())

    def when(self, ms: int) -> str:
        """The time today; the weekday and the time within a week; else the day and the time."""
        local = self._local(ms)
        if abs((self.wall.date() - local.date()).days) < 7:  # noqa: PLR2004 - a week
            return spoken.when(self.language, local, self.wall)
        return f"{spoken.day(self.language, local.date())}, {spoken.time(self.language, local)}"

    def _local(self, ms: int) -> datetime:
        """In the door's zone; for a number that is no moment the nearest one that is: no page fails by it."""
        return datetime.fromtimestamp(min(max(ms, 0), LAST_MS) / 1000, UTC).astimezone(self.wall.tzinfo)
