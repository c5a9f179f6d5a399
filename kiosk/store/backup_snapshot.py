"""Copies the store row by row while the door goes on; refuses to keep what was erased while it copied."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from kiosk.faults import Fault, FaultCode
from kiosk.store.intents import IntentKind
from kiosk.store.schema import RECORDS, TEMPLATES, Table

if TYPE_CHECKING:
    from kiosk.store import Store
    from kiosk.store.database import StoreDatabase

# How many entries are copied, and of how many.
Step: TypeAlias = Callable[[int, int], None]
Row: TypeAlias = tuple[Any, ...]
# So many entries are read under one lock.
CHUNK: Final = 2_000
# References are longer.
_REFERENCES: Final = 500
# These grow with every entry; a row of theirs is never changed, only deleted. So it is with references.
GROWING: Final = ("spine", "bodies", "undelivered")
# Which rows go into a copy, table by table: every table of records.db has its line.
WITHOUT_FACES: Final[Mapping[str, str]] = {
    "store": "1",
    "keys": "kind NOT IN ('store', 'biometric', 'rotation')",
    "people": "1",
    "bases": "1",
    "faces": "0",
    "accounts": "1",
    "badges": "1",
    "attempts": "1",
    "spine": "1",
    "bodies": "1",
    "undelivered": "1",
    "checkpoints": "1",
    "intents": "kind NOT IN ('renew_templates', 'apply_roster')",
    "rosters": "state NOT IN ('collecting', 'held', 'applying')",  # headquarters tells what was on its way again
    "roster_entries": "0",
    "told": "kind <> 'departure'",
    "refused": "1",
    "papers": "1",
    "settings": "1",
    "quarantine": "1",
    "watermarks": "name NOT LIKE 'anchor/%'",
}
WITH_FACES: Final[Mapping[str, str]] = {
    **WITHOUT_FACES,
    "keys": "kind <> 'store'",
    "faces": "1",
    "intents": "kind <> 'apply_roster'",
}
# What an erasure takes away, each row under a name that nothing else gets: only a biometric key may be made again under
# the same one. Bodies are counted instead.
_MORTAL: Final[Mapping[str, str]] = {
    "keys": "SELECT 'keys', kind, person, period, epoch, CASE kind WHEN 'biometric' THEN wrapped END FROM {0}",
    "people": "SELECT 'people', id FROM {0}",
    "bases": "SELECT 'bases', id FROM {0}",
    "accounts": "SELECT 'accounts', id FROM {0}",
    "badges": "SELECT 'badges', badge_index FROM {0}",
    "faces": "SELECT 'faces', template FROM {0}",
    "papers": "SELECT 'papers', id FROM {0} AND sealed IS NOT NULL",
    "quarantine": "SELECT 'quarantine', id FROM {0} AND sealed IS NOT NULL",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """How far the store had come at the moment that a copy shows.

    Attributes:
        generation: of the store.
        store_key: the newest store key, 32 bytes.
        store_key_epoch: its epoch.
        size: entries in the ledger.
        head: hash of the last of them.
        note: their checkpoint.
        at: ms UTC.
    """

    generation: int
    store_key: bytes = field(repr=False)
    store_key_epoch: int
    size: int
    head: bytes
    note: str = field(repr=False)
    at: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A moment, and what was in the store then that an erasure could take away.

    Attributes:
        moment: when.
        bodies: how many entries had a body.
        mortal: the names of all other rows that were copied and that an erasure could take away.
        faces: whether biometric keys and references were copied.
    """

    moment: Moment
    bodies: int
    mortal: frozenset[Row] = field(repr=False)
    faces: bool


def take(store: "Store", draft: "StoreDatabase", *, faces: bool, step: Step) -> Copy:
    """Fill two empty files with what the store holds at one moment.

    The tables that grow are read in short pieces first; the last read takes their newest rows and everything else, and
    what was deleted meanwhile is deleted from the copy, too. Only that last moment shows in it.

    Args:
        store: other processes go on using it.
        draft: made by `StoreDatabase.create`.
        faces: whether biometric keys, references and their matrices are copied.
        step: told how far it has come.

    Raises:
        Fault: STORE_BUSY: the store key is being changed; DISK_FULL, DISK_FAILED, STORE_DAMAGED.
    """
    done, copied = 0, dict.fromkeys(GROWING, 0)
    with draft.write():
        while (total := store.ledger.size()) - done > CHUNK:
            with store.database.read():
                found = _range(store, done, done + CHUNK)
            _fill(draft, found)
            copied = {name: count + len(found[name]) for name, count in copied.items()}
            done += CHUNK
            step(done, total)
        references = _references(store, draft) if faces else frozenset()
        read_ahead(store)
        with store.database.read():
            moment = _now(store)
            rest = _range(store, done, moment.size) | _others(store, faces=faces)
            there = _ids(store.database) if faces else frozenset()
            rest["templates.template"] = [_reference(store, each) for each in there - references]
            wanted = {name: count + len(rest[name]) for name, count in copied.items()}
            left = {name: _left(store, name, count) for name, count in wanted.items()}
        wrapped_by = _columns("keys").index("wrapped_by")
        if any(key[wrapped_by] != moment.store_key_epoch for key in rest["keys"]):
            raise Fault(FaultCode.STORE_BUSY, "the store key is being changed")
        _fill(draft, rest)
        vanished = sum([_forget(draft, name, seqs) for name, seqs in left.items() if seqs is not None])
        draft.fill("DELETE FROM templates.template WHERE id = ?", [(each,) for each in references - there])
        vanished += len(references - there)
        copy = Copy(moment, _count(draft, "bodies"), frozenset(_mortal(draft, faces=faces)), faces)
        step(moment.size, moment.size)
    if vanished:
        draft.rewrite()
    return copy


def gone_since(store: "Store", copy: Copy) -> bool:
    """Whether something that the copy holds was deleted from the store meanwhile; asked inside a transaction."""
    newer = _count(store.database, "bodies WHERE seq > ?", copy.moment.size)
    if _count(store.database, "bodies") - newer != copy.bodies:
        return True
    return sum(name in copy.mortal for name in _mortal(store.database, faces=copy.faces)) != len(copy.mortal)


def read_ahead(store: "Store") -> None:
    """Read in short pieces, and forget, what is about to be read under one lock: then the lock waits for no disk."""
    for table in RECORDS:
        if table.name not in GROWING:
            columns = ", ".join(_columns(table.name))
            _walk(store, f"SELECT rowid, {columns} FROM {table.name} WHERE rowid > ? ORDER BY rowid LIMIT ?", 0)  # noqa: S608
    _walk(store, "SELECT tag FROM bodies WHERE tag > ? ORDER BY tag LIMIT ?", b"")  # the index that counts bodies


def _walk(store: "Store", sql: str, first: object) -> None:
    after = first
    while after is not None:
        with store.database.read():
            rows = store.database.rows(sql, after, CHUNK)
        after = rows[-1][0] if rows else None


def _mortal(database: "StoreDatabase", *, faces: bool) -> Iterator[Row]:
    """The names of the rows that go into a copy and that an erasure takes away; each once."""
    rules = WITH_FACES if faces else WITHOUT_FACES
    # Without faces nothing that is sealed in quarantine was copied.
    statements = (
        sql.format(f"{name} WHERE {rules[name]}") for name, sql in _MORTAL.items() if faces or name != "quarantine"
    )
    return (row for sql in statements for row in database.each(sql))


def _now(store: "Store") -> Moment:
    key, epoch = store.keys.store_key()
    if store.intents.find(IntentKind.ROTATE_KEYS) is not None:
        raise Fault(FaultCode.STORE_BUSY, "the store key is being changed")
    size = store.ledger.size()
    return Moment(
        generation=store.database.rows("SELECT generation FROM store")[0][0],
        store_key=key,
        store_key_epoch=epoch,
        size=size,
        head=store.ledger.hash_at(size),
        note=store.ledger.note(size),
        at=store.now_ms(),
    )


def _range(store: "Store", after: int, upto: int) -> dict[str, list[Row]]:
    """Rows of the tables that grow."""
    return {
        name: store.database.rows(
            f"SELECT {', '.join(_columns(name))} FROM {name} WHERE seq > ? AND seq <= ? ORDER BY seq",  # noqa: S608
            after,
            upto,
        )
        for name in GROWING
    }


def _others(store: "Store", *, faces: bool) -> dict[str, list[Row]]:
    """Rows of the other tables, in an order in which each refers only to those before it."""
    rules = WITH_FACES if faces else WITHOUT_FACES
    found = {}
    for table in RECORDS:
        if table.name not in GROWING:
            columns = ", ".join(_columns(table.name))
            if table.name == "quarantine" and not faces:
                columns = columns.replace("sealed", "NULL")  # a reference that does not open is a reference still
            found[table.name] = store.database.rows(f"SELECT {columns} FROM {table.name} WHERE {rules[table.name]}")  # noqa: S608
    columns = ", ".join(_columns("templates.store"))
    found["templates.store"] = store.database.rows(f"SELECT {columns} FROM templates.store")  # noqa: S608 - our own names
    return found


def _references(store: "Store", draft: "StoreDatabase") -> frozenset[str]:
    """Copy the references, some at a time; returns their ids. What comes and goes meanwhile is seen at the end."""
    after = 0
    copied: set[str] = set()
    while True:
        with store.database.read():
            rows = store.database.rows(
                "SELECT rowid, id, sealed FROM templates.template WHERE rowid > ? ORDER BY rowid LIMIT ?",
                after,
                _REFERENCES,
            )
        if not rows:
            return frozenset(copied)
        after = rows[-1][0]
        _fill(draft, {"templates.template": [row[1:] for row in rows]})
        copied |= {row[1] for row in rows}


def _ids(database: "StoreDatabase") -> frozenset[str]:
    return frozenset(row[0] for row in database.each("SELECT id FROM templates.template"))


def _reference(store: "Store", reference: str) -> Row:
    return store.database.rows("SELECT id, sealed FROM templates.template WHERE id = ?", reference)[0]


def _left(store: "Store", name: str, count: int) -> frozenset[int] | None:
    """The numbers of the rows that are still there; None if none of `count` was deleted."""
    if _count(store.database, name) == count:
        return None
    return frozenset(seq for (seq,) in store.database.each(f"SELECT seq FROM {name}"))  # noqa: S608 - our own names


def _forget(draft: "StoreDatabase", name: str, left: frozenset[int]) -> int:
    copied = {seq for (seq,) in draft.rows(f"SELECT seq FROM {name}")}  # noqa: S608 - our own names
    vanished = [(seq,) for seq in copied - left]
    draft.fill(f"DELETE FROM {name} WHERE seq = ?", vanished)  # noqa: S608
    return len(vanished)


def _fill(draft: "StoreDatabase", found: Mapping[str, Iterable[Row]]) -> None:
    for name, rows in found.items():
        columns = _columns(name)
        marks = ", ".join("?" * len(columns))
        draft.fill(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", rows)  # noqa: S608 - our own names


def _columns(name: str) -> tuple[str, ...]:
    return tuple(column.name for column in _TABLES[name].columns)


def _count(database: "StoreDatabase", what: str, *values: object) -> int:
    return int(database.rows(f"SELECT count(*) FROM {what}", *values)[0][0])  # noqa: S608 - our own names


_TABLES: Final[Mapping[str, Table]] = {
    **{table.name: table for table in RECORDS},
    **{f"templates.{table.name}": table for table in TEMPLATES},
}
