"""Opens every sealed record, a few at a time; refuses to stop at a damaged one, or to hold up the door."""

import functools
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from kiosk.faults import Fault, FaultCode
from kiosk.store import papers
from kiosk.store.acts import LocalKind
from kiosk.store.database import CHECKED_AT_OPEN, RECORDS_FILE, TEMPLATES_FILE, FileCheck
from kiosk.store.keys import KeyKind, Slot, place_of
from kiosk.store.ledger import body_place
from kiosk.store.trail import Contradiction, Trail
from kiosk.store.vault import Place, digest, tag, unpadded
from wire import canonical
from wire.errors import FormatError, Tampered
from wire.spine import SALT_SIZE, body_digest

if TYPE_CHECKING:
    from kiosk.store import Store

AT_ONCE: Final = 128
"""Records in one step: 5 to 15 ms on two x86-64 cores, a tenth of what a PIN takes there."""
HOURS: Final = range(2, 5)
"""The clock hours of the door's zone in which the kiosk sweeps by itself."""
_LAST: Final = "swept/day"
_OF_MONTHS: Final = frozenset({KeyKind.RECORD, KeyKind.DEVICE})
_SAME: Final = "SELECT 1 FROM keys WHERE kind = ? AND person = ? AND period = ? AND epoch = ? AND wrapped = ?"
_OF_PEOPLE: Final = frozenset({KeyKind.PROFILE, KeyKind.BIOMETRIC, KeyKind.RECORD})

_KEYS: Final = (
    "SELECT k.rowid, k.kind, k.person, k.period, k.epoch, k.wrapped, k.row_version, b.digest FROM keys k"
    " LEFT JOIN bases b ON k.kind = 'biometric' AND b.person = k.person AND b.state = 'active'"
    " WHERE k.kind <> 'store' AND k.rowid > ? ORDER BY k.rowid LIMIT ?"
)
# The plus keeps SQLite from the index on kind: with it every step would sort all keys anew.
_MONTH: Final = (
    "SELECT rowid, kind, person, period, epoch, wrapped, row_version, NULL FROM keys"
    " WHERE +kind IN ('record', 'device') AND rowid > ? ORDER BY rowid LIMIT 1"
)
# Table, column, name of the row, person, sealed bytes, row version, what the clear text must hash to.
_PROFILES: Final = (
    "SELECT rowid, 'people', 'profile', id, id, profile, row_version, NULL FROM people"
    " WHERE rowid > ? ORDER BY rowid LIMIT ?"
)
_BASES: Final = (
    "SELECT rowid, 'bases', 'record', id, person, record, row_version, digest FROM bases"
    " WHERE rowid > ? ORDER BY rowid LIMIT ?"
)
_PINS: Final = (
    "SELECT rowid, 'accounts', 'secret', person, person, secret, row_version, NULL FROM accounts"
    " WHERE role = 'employee' AND rowid > ? ORDER BY rowid LIMIT ?"
)
_BADGES: Final = (
    "SELECT rowid, 'badges', 'sealed', lower(hex(badge_index)), person, sealed, row_version, NULL FROM badges"
    " WHERE rowid > ? ORDER BY rowid LIMIT ?"
)
_TEMPLATES: Final = (
    "SELECT f.rowid, f.template, f.person, f.model, f.row_version, t.sealed, b.digest FROM faces f"
    " JOIN bases b ON b.id = f.basis LEFT JOIN templates.template t ON t.id = f.template"
    " WHERE f.rowid > ? ORDER BY f.rowid LIMIT ?"
)
_BODIES: Final = (
    "SELECT b.seq, b.sealed, s.body_digest FROM bodies b JOIN spine s ON s.seq = b.seq"
    " WHERE b.seq > ? ORDER BY b.seq LIMIT ?"
)
_PAPERS: Final = (
    f"SELECT rowid, {papers.COLUMNS} FROM papers"  # noqa: S608 - our own text
    " WHERE rowid > ? ORDER BY rowid LIMIT ?"
)
_SINCE: Final = "SELECT DISTINCT period FROM bodies WHERE audience = 0 AND seq > ?"
_BY_TAG: Final = "SELECT seq, sealed FROM bodies WHERE tag = ?"


@dataclass(slots=True)
class Swept:
    """What a sweep has found so far.

    Attributes:
        opened: how many sealed records opened, by kind: keys, profiles, bases, pins, badges, accounts,
            templates, papers, bodies; and how many bodies are those that the chain covers ("chained"), whether a key is
            left for them.
        damaged: how many did not, or could not be read; each is in quarantine, unless the sweep only looked.
        where: place and row of each of them.
        otherwise: place and row of what opens, or is gone, and is not as the ledger last said (kiosk/store/trail.py).
        without_key: bodies that no key of their month finds: an erased person's, or those of a damaged key.
        files: what SQLite's own check says, by file; only of files that are not checked at each start.
    """

    opened: dict[str, int] = field(default_factory=dict)
    damaged: int = 0
    where: tuple[tuple[str, str], ...] = ()
    otherwise: tuple[Contradiction, ...] = ()
    without_key: int = 0
    files: dict[str, list[str]] = field(default_factory=dict)

    def detail(self) -> dict[str, str | int]:
        """Counts for the ledger."""
        broken = sum(bool(found) for found in self.files.values())
        return {
            **self.opened,
            "damaged": self.damaged,
            "otherwise": len(self.otherwise),
            "without_key": self.without_key,
            "broken_files": broken,
        }


# Gives the number of records that each step has looked at; the sweep goes on with the next `next`.
Steps: TypeAlias = Generator[int, None, Swept]
# Runs SQLite's own check of a large file; None if it was broken off.
Check: TypeAlias = Callable[[FileCheck], list[str] | None]


def due(local: datetime, last: int) -> bool:
    """Whether the kiosk sweeps by itself now.

    Args:
        local: the time at the door.
        last: the proleptic Gregorian ordinal of the day of the last sweep; 0 before the first.
    """
    return local.hour in HOURS and local.toordinal() != last


def last_day(store: "Store") -> int:
    """When the last sweep was finished, as `due` wants it."""
    row = store.database.row("SELECT value FROM watermarks WHERE name = ?", _LAST)
    return 0 if row is None else int(row[0])


def steps(store: "Store", *, at_once: int | None = None, check: Check | None = None, keep: bool = True) -> Steps:
    """Open every sealed record, step by step; nothing is locked between two steps.

    A record that does not open goes to quarantine; so does a key of a month, out of its table, for nothing but its own
    bodies needs it. A page that SQLite cannot read ends the walk through one table, not
    the sweep.

    Args:
        store: the open store; used by the thread that owns it.
        at_once: records in one step; AT_ONCE if None.
        check: for files that are too large to be checked at each start; without it no file is checked.
        keep: False only looks: nothing goes to quarantine, nothing is written.

    Raises:
        Fault: DISK_FULL, DISK_FAILED, STORE_BUSY: what is found cannot be written down.
    """
    sweep = _Sweep(store, at_once or AT_ONCE, keep=keep)
    yield from sweep.kind("keys", sweep.rows(_KEYS, sweep.key))
    yield from sweep.kind("profiles", sweep.rows(_PROFILES, sweep.record))
    yield from sweep.kind("bases", sweep.rows(_BASES, sweep.record))
    yield from sweep.kind("pins", sweep.rows(_PINS, sweep.record))
    yield from sweep.kind("badges", sweep.rows(_BADGES, sweep.record))
    yield from sweep.kind("accounts", sweep.accounts())
    yield from sweep.kind("templates", sweep.rows(_TEMPLATES, sweep.template))
    yield from sweep.kind("papers", sweep.rows(_PAPERS, sweep.paper))
    yield from sweep.kind("bodies", sweep.months())
    yield sweep.otherwise()
    yield from sweep.kind("chained", sweep.rows(_BODIES, sweep.chained))
    if check is not None:
        yield from sweep.files(check)  # last: at a busy door it may be broken off again and again
    sweep.swept.without_key = max(0, sweep.there - sweep.found)
    sweep.swept.damaged, sweep.swept.where = len(sweep.damaged), tuple(sorted(sweep.damaged))
    return sweep.swept


def finish(store: "Store", swept: Swept, day: int) -> None:
    """Write down that the store was swept, on which day. Raises Fault DISK_FULL, DISK_FAILED, STORE_BUSY."""
    with store.database.write():
        store.append_local(LocalKind.SWEPT, swept.detail())
        store.database.run("INSERT OR REPLACE INTO watermarks (name, value) VALUES (?, ?)", _LAST, day)


def total(store: "Store") -> int:
    """About how many records all steps together look at."""
    tables = ("keys", "people", "bases", "accounts", "badges", "faces", "papers", "bodies", "bodies")
    return sum(int((store.database.row(f"SELECT count(*) FROM {table}") or (0,))[0]) for table in tables)  # noqa: S608


class _Sweep:
    """One sweep: what it has found, and how each kind of record is opened."""

    def __init__(self, store: "Store", at_once: int, *, keep: bool) -> None:
        self.swept = Swept()
        self.damaged: set[tuple[str, str]] = set()
        self.found = self.there = 0  # bodies: by their tags, and at all
        self._end = store.ledger.size()
        self._trail = Trail()
        self._lost: list[tuple[Any, ...]] = []
        self._store = store
        self._at_once = at_once
        self._keep = keep
        self._unwrap = store.keys.store_keys.unwrap
        self._unseal = store.foundation.vault.unseal

    def files(self, check: Check) -> Iterator[int]:
        for name in (RECORDS_FILE, TEMPLATES_FILE):
            path = self._store.database.directory / name
            if path.stat().st_size <= CHECKED_AT_OPEN:
                continue
            while (found := check(FileCheck(path))) is None:
                yield 0  # somebody came to the door
            self.swept.files[name] = found
            if found:
                self._note(name, "", "does not pass SQLite's own check")
                self._settle()
            yield 0

    def kind(self, kind: str, chunks: Iterator[tuple[int, int]]) -> Iterator[int]:
        self.swept.opened[kind] = 0
        try:
            for looked_at, opened in chunks:
                self.swept.opened[kind] += opened
                self._settle()
                yield looked_at
        except Fault as fault:
            if fault.code is not FaultCode.STORE_DAMAGED:
                raise
            self._note(kind, "", "cannot be read")
            self._settle()

    def rows(self, query: str, look: Callable[[tuple[Any, ...]], bool]) -> Iterator[tuple[int, int]]:
        after, database = 0, self._store.database
        while True:
            with database.read():
                rows = database.rows(query, after, self._at_once)
                opened = sum(look(row) for row in rows)
            self._take_out()
            if not rows:
                return
            after = int(rows[-1][0])
            yield len(rows), opened

    def months(self) -> Iterator[tuple[int, int]]:
        """The bodies under each key of a month, found by their tags."""
        after, database = 0, self._store.database
        while (row := database.row(_MONTH, after)) is not None:
            after, number, there = int(row[0]), 0, True
            while there:
                with database.read():
                    opened, there = self._numbered(row, range(number, number + self._at_once))
                number += self._at_once
                yield opened, opened

    def otherwise(self) -> int:
        """Hold the rows against what the ledger last said of them; returns how many are not so."""
        store = self._store
        with store.database.read():
            found = self._trail.contradictions(store)
            if found and store.ledger.size() > self._end:  # what was done since is no finding
                for (period,) in store.database.rows(_SINCE, self._end):
                    with suppress(FormatError):  # noted among the bodies
                        for seq, act in store.ledger.local_acts(period):
                            self._trail.hear(seq, act)
                found = self._trail.contradictions(store)
        self.swept.otherwise = tuple(each for each in found if each not in self.damaged)
        for place, row in self.swept.otherwise:
            store.quarantine.note(place, row, "is not as the ledger last said")
        self._settle()
        return len(found)

    def key(self, row: tuple[Any, ...]) -> bool:
        _, kind, person, period, *_ = row
        whose = person if kind in _OF_PEOPLE else ""
        opens = self._opens("keys", f"{kind}/{person}/{period}", whose, lambda: self._key_of(row))
        if not opens and kind in _OF_MONTHS:
            self._lost.append(row)
        return opens

    def accounts(self) -> Iterator[tuple[int, int]]:
        """The administrators' few."""
        opened, there = len(self._store.admins.all()), self._store.admins.count()
        self.damaged |= {("accounts", str(number)) for number in range(there - opened)}
        yield there, opened

    def record(self, row: tuple[Any, ...]) -> bool:
        _, table, column, name, person, sealed, version, promised = row

        def unseal() -> None:
            key = self._store.keys.need(KeyKind.PROFILE, person=person)
            clear = unpadded(self._unseal(key, sealed, Place(table, column, name, person, int(version))))
            if promised is not None and digest(clear) != promised:
                raise Tampered("not the record that was agreed to")

        return self._opens(table, name, person, unseal)

    def template(self, row: tuple[Any, ...]) -> bool:
        _, template, person, model, version, sealed, binding = row

        def unseal() -> None:
            key = self._store.keys.get(KeyKind.BIOMETRIC, person=person, binding=binding)
            if key is None or sealed is None:
                raise FormatError("a reference without its record or its key")
            place = Place("template", "sealed", template, person, int(version), digest(model.encode()))
            self._unseal(key, sealed, place)

        return self._opens("template", template, person, unseal)

    def paper(self, row: tuple[Any, ...]) -> bool:
        _, paper, _, person, *_ = row
        return self._opens("papers", paper, person, lambda: papers.read(self._store, row[1:]))

    def chained(self, row: tuple[Any, ...]) -> bool:
        seq, sealed, promised = row
        self.there += seq <= self._end  # what was appended since is no finding
        if body_digest(sealed) != promised:
            self._note("bodies", str(seq), "is not what was sealed")
            return False
        return True

    def _take_out(self) -> None:
        lost, self._lost = (self._lost if self._keep else []), []
        for _, kind, person, period, epoch, wrapped, *_ in lost:
            slot: Slot = (KeyKind(kind), person, period, int(epoch))
            with self._store.database.write():
                if self._store.database.row(_SAME, *slot, wrapped) is not None:
                    self._store.keys.take_out(slot)

    def _numbered(self, month: tuple[Any, ...], numbers: range) -> tuple[int, bool]:
        opened, person = 0, str(month[2])
        try:
            key = self._key_of(month)
        except FormatError:  # noted among the keys
            return 0, False
        for number in numbers:
            row = self._store.database.row(_BY_TAG, tag(key, number))
            if row is None:
                return opened, False
            self.found += row[0] <= self._end
            place = body_place(int(row[0]), person)
            open_it = self._hear if not person else self._unseal
            opened += self._opens("bodies", str(row[0]), person, functools.partial(open_it, key, row[1], place))
        return opened, True

    def _hear(self, key: bytes, sealed: bytes, place: Place) -> None:
        act = canonical.decode(self._unseal(key, sealed, place)[SALT_SIZE:])
        if isinstance(act, dict):
            self._trail.hear(int(place.row), act)

    def _key_of(self, row: tuple[Any, ...]) -> bytes:
        _, kind, person, period, epoch, wrapped, version, binding = row
        slot: Slot = (KeyKind(kind), person, period, int(epoch))
        return self._unwrap(wrapped, place_of(slot, int(version), binding or b""))

    def _opens(self, place: str, row: str, person: str, act: Callable[[], object]) -> bool:
        try:
            act()
        except ValueError:
            self._note(place, row, "does not open", person)
        except Fault as fault:
            if fault.code is not FaultCode.PERSON_DAMAGED:
                raise
            self._note(place, row, "its key does not open", person)
        else:
            return True
        return False

    def _note(self, place: str, row: str, reason: str, person: str = "") -> None:
        self.damaged.add((place, row))
        self._store.quarantine.note(place, row, reason, person)

    def _settle(self) -> None:
        if self._keep:
            self._store.quarantine.settle()
