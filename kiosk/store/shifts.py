"""Who is expected at this hour, by the shifts of the policy; refuses to call anybody late."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from kiosk.store import marks, told
from wire.message import DAY_MINUTES, Shift

if TYPE_CHECKING:
    from kiosk.store import Store

AROUND: Final = 240
"""Minutes before and after a shift in which somebody is still expected: early birds, overtime."""


def minute_of(now_ms: int, zone: str) -> int:
    """The minute of the day at the door, 0 to 1439."""
    local = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(zone))
    return local.hour * 60 + local.minute


def runs(shift: Shift, minute: int, around: int = AROUND) -> bool:
    """Whether a shift runs at this minute of the day, or did or will within `around` minutes."""
    lasts = (shift.ends - shift.begins) % DAY_MINUTES or DAY_MINUTES
    return (minute - shift.begins + around) % DAY_MINUTES < lasts + 2 * around or lasts + 2 * around >= DAY_MINUTES


def expected(shifts: Iterable[Shift], of: Mapping[str, str], minute: int) -> frozenset[str] | None:
    """Who is expected now: who has a shift that runs, and whoever has none that is known; None without a policy.

    Args:
        shifts: the policy's.
        of: random id of a person to the id of their shift, or "".
        minute: of the day at the door.
    """
    known = {shift.id: runs(shift, minute) for shift in shifts}
    if not known:
        return None
    return frozenset(person for person, shift in of.items() if known.get(shift, True))


class Expected:
    """Answers who is expected now, and opens each profile only once after a change.

    Args:
        zone: IANA time zone of the door.
    """

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._read: tuple[object, ...] = ()
        self._shifts: tuple[Shift, ...] = ()
        self._of: Mapping[str, str] = {}

    def now(self, store: "Store") -> frozenset[str] | None:
        """Ids of those who are expected at this minute; None for everybody."""
        states = store.database.row("SELECT count(*), sum(row_version) FROM people WHERE state = 'active'")
        read = (marks.mark(store.database, marks.POLICY_VERSION), states)
        if read != self._read:
            self._shifts = told.every(store, Shift)
            self._of = {person.id: person.shift for person in store.people.all()} if self._shifts else {}
            self._read = read
        return expected(self._shifts, self._of, minute_of(store.now_ms(), self._zone))
