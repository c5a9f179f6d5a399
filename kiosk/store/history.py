"""What a person did lately, from their own sealed entries; refuses to invent an act that nobody made."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from kiosk.clock import Reading
from kiosk.store.database import StoreDatabase
from kiosk.store.ledger import Ledger, month
from kiosk.store.quarantine import Quarantine
from kiosk.store.standing import Later, Standing
from kiosk.store.times import Moment, corrected
from wire.errors import FormatError
from wire.event import Action, Amendment, CheckIn, Event, Method, parse
from wire.spine import SALT_SIZE

# An interval may stay open this long, across midnight; beyond it somebody forgot to clock out.
OPEN_INTERVAL_MS: Final = 16 * 3_600_000
# A time that no server had set may be wrong by a day (kiosk/clock.py): it may stand under the month before or after.
_WRONG_BY_MS: Final = 24 * 3_600_000
_BEGINS: Final = frozenset({Action.IN, Action.BREAK_END, Action.OVERTIME_START, Action.TRIP_RETURN})


class History:
    """The past of each person, as the door needs it.

    A time that no server had set is taken as the clocks of now, in the same boot, set it right (`times.corrected`).

    Attributes:
        held: gives what is held of a person (kiosk/store/held.py), oldest first: it is newer than their entries.
    """

    def __init__(
        self, database: StoreDatabase, ledger: Ledger, quarantine: Quarantine, clock: Callable[[], Reading]
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._quarantine = quarantine
        self._clock = clock
        self.held: Callable[[str], Sequence[Event]] = lambda _person: ()

    def last_action(self, person_id: str, now: int) -> tuple[Action, int] | None:
        """The last thing a person did at this door within 16 h of `now` (ms UTC), and when.

        What was disputed does not count, what was corrected counts as corrected, and what a human has decided counts
        as decided. The order is that of the ledger: a clock that was set back does not hide the last action.
        """
        held = self.held(person_id)
        with self._database.read():
            newest = next(acts(self._set_right(person_id, held, now - OPEN_INTERVAL_MS, now + OPEN_INTERVAL_MS)), None)
        self._quarantine.settle()
        return newest if newest is not None and abs(now - newest[1]) <= OPEN_INTERVAL_MS else None

    def claimed(self, person_id: str, at: int) -> bool:
        """Whether the act at `at` (ms UTC) stands on a word alone: anybody may have said it who knows the code."""
        return any(
            each.at == at and isinstance(each.event, CheckIn) and each.event.method is Method.CLAIMED
            for each in self.standings(person_id, at)
        )

    def worked_today(self, person_id: str, start: int, end: int) -> int:
        """Seconds at this door between two moments (ms UTC): local midnight and now, or the next midnight."""
        held = self.held(person_id)
        with self._database.read():
            known = list(acts(self._set_right(person_id, held, start - OPEN_INTERVAL_MS, end)))
        self._quarantine.settle()
        return worked(reversed(known), start, end) // 1000

    def events(self, person_id: str, start: int, end: int) -> list[Event]:
        """A person's own events with `start <= occurred_at < end` (ms UTC), oldest first; times as logged."""
        held = self.held(person_id)
        with self._database.read():
            every = self._newest_first(person_id, held, start, end)
            found = [event for event in every if start <= event.occurred_at < end]
        self._quarantine.settle()
        return found[::-1]

    def standings(self, person_id: str, since: int) -> list[Standing]:
        """How a person's acts since a moment (ms UTC) stand, newest first; a day before it no entry is opened."""
        later, found = Later(), list[Standing]()
        held, now = self.held(person_id), self._clock().wall_ms
        with self._database.read():
            for event in self._newest_first(person_id, held, since - _WRONG_BY_MS, now + _WRONG_BY_MS):
                if event.occurred_at < since - _WRONG_BY_MS and not isinstance(event, Amendment):
                    break
                standing = later.hear(event)
                if standing is not None and standing.at >= since:
                    found.append(standing)
        self._quarantine.settle()
        return found

    def _set_right(self, person_id: str, held: Sequence[Event], start: int, end: int) -> Iterator[Event]:
        now = self._clock()
        readings = [Moment(now.wall_ms, now.clock)]
        for event in self._newest_first(person_id, held, start - _WRONG_BY_MS, end + _WRONG_BY_MS):
            if isinstance(event, Amendment):  # its clock is that of the decision, and a human vouches for its time
                yield event
                continue
            moment = corrected(Moment(event.occurred_at, event.clock), readings)
            yield event if moment.by is None else replace(event, occurred_at=moment.wall_ms)

    def _newest_first(self, person_id: str, held: Sequence[Event], start: int, end: int) -> Iterator[Event]:
        """Every event of the months that touch [start, end]; what does not open is reported and passed over."""
        yield from reversed(held)
        for period in _months_back(start, end):
            try:
                count = self._ledger.count(person_id, period)
            except FormatError:
                self._quarantine.note("keys", f"record/{person_id}/{period}", "does not open", person_id)
                continue
            for number in range(count - 1, -1, -1):
                body = self._ledger.body(person_id, period, number)
                if body is None:
                    continue
                try:
                    plain = self._ledger.plain(*body, person_id, period)
                    if plain is not None:
                        yield parse(plain[SALT_SIZE:])[0]
                except FormatError:
                    self._quarantine.note("bodies", str(body[0]), "does not open", person_id)


def acts(newest_first: Iterable[Event]) -> Iterator[tuple[Action, int]]:
    """What one person really did, newest first: action and when (ms UTC), after disputes, corrections and decisions.

    An act that a human has added, or set to another time, comes before the first act that lies no later than it.
    """
    later, placed = Later(), list[tuple[Action, int]]()
    for event in newest_first:
        standing = later.hear(event)
        if standing is None or standing.annulled or standing.disputed:
            continue
        if standing.moved:
            placed.append((standing.action, standing.at))
            continue
        yield from _not_before(placed, standing.at)
        yield standing.action, standing.at
    yield from _not_before(placed, 0)


def _not_before(placed: list[tuple[Action, int]], at: int) -> list[tuple[Action, int]]:
    """Take out what lies at `at` (ms UTC) or later, newest first."""
    later = sorted((act for act in placed if act[1] >= at), key=lambda act: act[1], reverse=True)
    placed[:] = [act for act in placed if act[1] < at]
    return later


def worked(oldest_first: Iterable[tuple[Action, int]], start: int, end: int) -> int:
    """Milliseconds of work within [start, end).

    Args:
        oldest_first: what one person did and when (ms UTC), from at least 16 h before `start`.
        start: ms UTC.
        end: ms UTC; an interval that is still open counts up to here, if it is not older than 16 h.

    Work begins with in, the end of a break, overtime or the return from a trip, and ends with the others. A second
    beginning changes nothing; an interval that nobody ended within 16 h is not counted, for nobody knows its end.
    """
    total = 0
    since: int | None = None
    for action, at in oldest_first:
        if since is not None and at - since > OPEN_INTERVAL_MS:
            since = None
        if action in _BEGINS:
            since = at if since is None else since
        elif since is not None:
            total += _within(since, at, start, end)
            since = None
    if since is not None and end - since <= OPEN_INTERVAL_MS:
        total += _within(since, end, start, end)
    return total


def _within(since: int, until: int, start: int, end: int) -> int:
    return max(0, min(until, end) - max(since, start))


def _months_back(start: int, end: int) -> list[str]:
    """The months from `end` back to `start`, newest first."""
    first, period = month(max(0, start)), month(max(0, end))
    periods = [period]
    while period > first:
        year, number = int(period[:4]), int(period[5:])
        period = f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02d}"
        periods.append(period)
    return periods
