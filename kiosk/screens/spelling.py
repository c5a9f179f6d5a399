"""Moments as a language writes them at this door, for the pages; refuses another zone than the clock's."""

from dataclasses import dataclass
from datetime import UTC, datetime

from kiosk.screens import spoken


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
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(self.wall.tzinfo)
