"""Drops the bodies and keys of old months, a few at a time; refuses what headquarters has not signed for.

The spine stays, and the chain verifies without the bodies. Which month is due, and when, is the caller's to say.
"""

import dataclasses
import re
from collections.abc import Collection, Generator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from kiosk.faults import Fault, FaultCode
from kiosk.store import outbox, reserve
from kiosk.store.acts import LocalKind
from kiosk.store.intents import IntentKind
from kiosk.store.residue import Pieces
from wire.errors import FormatError

if TYPE_CHECKING:
    from kiosk.store import Store

_PERIOD: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
# Entries looked at, and bodies dropped, in one transaction: about 20 ms, for so long a check-in may wait.
_LOOKED_AT: Final = 4096
_DROPPED: Final = 256
# So many records are remembered before all files are searched for them: about 10 MiB of memory.
_SEARCHED: Final = 50_000
OLD: Final = (
    "SELECT period FROM (SELECT period FROM keys WHERE kind IN ('record', 'device')"
    " UNION SELECT substr(row, -7) FROM quarantine WHERE place = 'keys' AND sealed IS NOT NULL"
    " AND (row LIKE 'record/%' OR row LIKE 'device/%')) WHERE period < ? ORDER BY period"
)
_SLOTS: Final = "SELECT person FROM keys WHERE kind IN ('record', 'device') AND period = ? ORDER BY person"
_WAITING: Final = "SELECT DISTINCT person FROM undelivered WHERE period = ?"
_BODIES: Final = "SELECT seq, sealed FROM bodies WHERE seq > ? AND seq <= ? AND period < ? ORDER BY seq LIMIT ?"


@dataclass(frozen=True, slots=True)
class Due:
    """What of one month goes and what stays: random ids of people, "" for the device's own entries."""

    drop: tuple[str, ...]
    keep: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was dropped.

    Attributes:
        bodies: sealed bodies of entries.
        keys: record and device keys, one for each person and month.
        kept: keys of months that were due and that stay: headquarters has not signed for all of their entries, or they
            are held, or it is the device's and damaged.
        unsearched: bodies and keys that a run that was broken off had dropped; nobody has looked for their bytes.
    """

    bodies: int
    keys: int
    kept: int
    unsearched: int


# Gives, after each transaction, how many bodies it dropped.
Steps: TypeAlias = Generator[int, None, Dropped]


def due(slots: Iterable[str], waiting: Collection[str], held: Collection[str]) -> Due:
    """What of one month that is over goes.

    Args:
        slots: whoever has a key of that month.
        waiting: of whom headquarters has not signed for every entry of that month.
        held: of whom nothing may go.
    """
    everybody = tuple(slots)
    stay = {person for person in everybody if person in waiting or person in held}
    return Due(tuple(person for person in everybody if person not in stay), tuple(sorted(stay)))


def drop_before(store: "Store", period: str, *, held: Collection[str] = ()) -> Dropped:
    """Do all `steps` at once; on a full disk the reserve is given up for it: it makes room. Raises as `steps`."""

    def all_steps() -> Dropped:
        run = steps(store, period, held=held)
        while True:
            try:
                next(run)
            except StopIteration as done:
                result: Dropped = done.value
                return result

    return reserve.within(store.database.directory, all_steps)


def steps(store: "Store", period: str, *, held: Collection[str] = ()) -> Steps:
    """Drop bodies, record keys and device keys of all months before `period`, step by step.

    Keys go first: from then on the bodies can neither be read nor linked. A run that was broken off is gone on with by
    the next one. At the end every file of the store is searched for what was dropped, and the ledger says what it was.

    Args:
        store: the open store; used by the thread that owns it. Nothing is locked between two steps.
        period: the first month that stays, "2024-11".
        held: random ids of people of whom nothing may go.

    Raises:
        ValueError: no month.
        Fault: DISK_FULL, DISK_FAILED, STORE_BUSY; ERASURE_INCOMPLETE: a file still holds bytes of what was dropped.
    """
    if _PERIOD.fullmatch(period) is None:
        raise ValueError("a month is YYYY-MM")
    run = _Run(store, period)
    for (month,) in store.database.rows(OLD, period):
        run.drop_keys(month, held)
        yield 0
    yield from run.drop_bodies()
    return run.finish()


def due_in(store: "Store", month: str, held: Collection[str]) -> Due:
    """What of one month goes now, and what stays. `held`: random ids of people of whom nothing may go."""
    return due((row[0] for row in store.database.rows(_SLOTS, month)), waiting_in(store, month), held)


def waiting_in(store: "Store", month: str) -> set[str]:
    """Of whom headquarters has not signed for every entry of a month; "" for the device itself."""
    waiting = {str(row[0]) for row in store.database.rows(_WAITING, month)}
    return waiting | {""} if _device_waits(store, month) else waiting


def kept_in(store: "Store", month: str, people: Iterable[str]) -> set[int]:
    """The entries of a month that the keys of these people find, or might, if they were not damaged."""
    found = set[int]()
    if store.quarantine.holds_key_of(month):  # nobody can tell which of its bodies that key sealed
        found |= {row[0] for row in store.database.rows("SELECT seq FROM bodies WHERE period = ?", month)}
    for person in people:
        try:
            numbers = range(store.ledger.count(person, month))
            bodies = [store.ledger.body(person, month, number) for number in numbers]
        except FormatError:
            continue
        found |= {body[0] for body in bodies if body is not None}
    return found


def _device_waits(store: "Store", month: str) -> bool:
    ledger = store.ledger
    try:
        count = ledger.count("", month)
        last = ledger.body("", month, count - 1) if count else None
    except FormatError:  # a damaged key: the sweep sets it aside
        return True
    return last is not None and last[0] > outbox.settled(store)


class _Run:
    """One run, and what it has yet to search for."""

    def __init__(self, store: "Store", period: str) -> None:
        self._store = store
        self._period = period
        self._pieces = Pieces()
        self._unsearched = 0  # of this run alone; what an earlier one has left stays in the intent
        self._intent = store.intents.find(IntentKind.APPLY_RETENTION)  # None as long as there is nothing to do
        self._left_before = 0 if self._intent is None else int(self._intent.detail["unsearched"])

    def drop_keys(self, month: str, held: Collection[str]) -> None:
        """Everything of one month is decided and gone in one transaction: no entry can come in between."""
        store = self._store
        with store.database.write():
            of_month = due_in(store, month, held)
            gone = store.keys.drop_month(month, of_month.drop)
            gone += store.quarantine.forget_month(month, but={*of_month.keep, *held})
            if gone:
                self._note(keys=len(gone))
                store.database.advance()
        self._remember(gone)

    def drop_bodies(self) -> Generator[int, None, None]:
        """Drop what no key opens any more, up to what headquarters has signed for."""
        database, after = self._store.database, 0
        signed, kept = outbox.settled(self._store), self._kept()
        while after < signed:
            end = min(signed, after + _LOOKED_AT)
            with database.write():
                rows = database.rows(_BODIES, after, end, self._period, _DROPPED)
                going = [row for row in rows if row[0] not in kept]
                for seq, _ in going:
                    database.run("DELETE FROM bodies WHERE seq = ?", seq)
                if going:
                    self._note(bodies=len(going))
            after = rows[-1][0] if len(rows) == _DROPPED else end
            self._remember([row[1] for row in going])
            yield len(going)

    def _kept(self) -> set[int]:
        """The entries before the period that a key still finds, or might, if it were not damaged."""
        store, found = self._store, set[int]()
        for (month,) in store.database.rows(OLD, self._period):
            found |= kept_in(store, month, (row[0] for row in store.database.rows(_SLOTS, month)))
        return found

    def finish(self) -> Dropped:
        """Search, write down what was done, and close the intent."""
        self._search()
        store = self._store
        months = [row[0] for row in store.database.rows(OLD, self._period)]
        kept = sum(len(store.database.rows(_SLOTS, month)) for month in months)
        if self._intent is None:
            return Dropped(0, 0, kept, 0)
        counts = {name: int(self._intent.detail[name]) for name in ("bodies", "keys")}
        done = Dropped(**counts, kept=kept, unsearched=self._left_before)
        with store.database.write():
            store.append_local(LocalKind.RETENTION_APPLIED, {"before": self._period, **dataclasses.asdict(done)})
            store.database.advance()
            store.intents.close(self._intent)
        return done

    def _note(self, *, keys: int = 0, bodies: int = 0) -> None:
        """Count, inside the transaction that drops."""
        intents = self._store.intents
        if self._intent is None:
            self._intent = intents.open(IntentKind.APPLY_RETENTION, detail={"bodies": 0, "keys": 0, "unsearched": 0})
        detail = self._intent.detail
        self._unsearched += keys + bodies
        counted = {"keys": int(detail["keys"]) + keys, "bodies": int(detail["bodies"]) + bodies}
        self._intent = intents.note(self._intent, {**counted, "unsearched": self._left_before + self._unsearched})

    def _remember(self, records: list[bytes]) -> None:
        self._pieces.add(records)
        if self._unsearched >= _SEARCHED:
            self._search()

    def _search(self) -> None:
        """secure_delete zeroes in place and the journal is truncated; this is the proof."""
        database = self._store.database
        found = self._pieces.found_in(database.directory)
        if found:
            database.rewrite()
            found = self._pieces.found_in(database.directory)
        if found:
            raise Fault(FaultCode.ERASURE_INCOMPLETE, ", ".join(found))
        self._pieces, self._unsearched = Pieces(), 0
