"""Takes in a roster part by part, and decides once it is whole; refuses to remove many unless somebody agrees."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from kiosk.store import marks
from kiosk.store.acts import LocalKind
from kiosk.store.intents import IntentKind
from kiosk.store.keys import KeyKind
from kiosk.store.roster_guard import DAY_MS, Loss, objection, objection_of_enrolled
from kiosk.store.vault import Place, blind_index, keyed_hash, padded, ref_index
from wire import canonical
from wire.message import Entry, Roster, Standing

if TYPE_CHECKING:
    from kiosk.store import Store

MOST_PEOPLE: Final = 32_768
"""More people than that have no place at one door (and no keys in its memory)."""
HISTORY: Final = 64
"""So many rosters are remembered by their version."""
MOST_HELD: Final = 16
"""So many wait for an administrator at most; the next changes take the place of all of them."""
_LEAST: Final = 256
_MINE: Final = "(SELECT ref FROM roster_entries WHERE version = ?1)"
# Somebody whom an administrator has added is known by the code until a roster tells the reference.
_NAMED: Final = (
    "(external_index IN (SELECT ref FROM roster_entries WHERE version = ?1 AND standing = '{0}')"
    " OR (external_index IS NULL AND code_index IN"
    " (SELECT code_index FROM roster_entries WHERE version = ?1 AND standing = '{0}')))"
)
_ABSENT: Final = f"(?2 = 1 AND source = 'roster' AND external_index IS NOT NULL AND external_index NOT IN {_MINE})"
_REMOVED: Final = f"state <> 'left' AND ({_NAMED.format('left')} OR {_ABSENT})"
_REMOVE: Final = f"UPDATE people SET state = 'left' WHERE {_REMOVED}"  # noqa: S608 - our own text, as all below
_SUSPEND: Final = f"UPDATE people SET state = 'suspended' WHERE state = 'active' AND {_NAMED.format('suspended')}"  # noqa: S608
_ADMIT: Final = f"UPDATE people SET state = 'active' WHERE state = 'suspended' AND {_NAMED.format('active')}"  # noqa: S608
_KNOWN: Final = (
    "SELECT count(*) FROM people WHERE state <> 'left' AND (source = 'roster'"
    " OR code_index IN (SELECT code_index FROM roster_entries WHERE version = ?))"
)
ENROLLED: Final = "id IN (SELECT person FROM faces UNION SELECT person FROM accounts)"
# A newer word on somebody who still waits for the end of an erasure.
_OUTDATED: Final = (
    f"DELETE FROM roster_entries WHERE version < ?1 AND (?2 = 1 OR ref IN {_MINE})"  # noqa: S608
    " AND version NOT IN (SELECT version FROM rosters WHERE state = 'held')"
)
# What is held has nothing more to say of those on whom there is a newer word that counts: they are in it, as they are.
_NEWER_WORD: Final = (
    "INSERT OR REPLACE INTO roster_entries (version, ref, code_index, standing)"
    " SELECT r.version, e.ref, randomblob(32), e.standing FROM roster_entries e JOIN rosters r ON r.state = 'held'"
    " WHERE e.version = ?"
)
_OLD: Final = (
    "DELETE FROM rosters WHERE state IN ('applied', 'refused', 'overtaken')"
    " AND version NOT IN (SELECT version FROM roster_entries)"
    " AND version NOT IN (SELECT version FROM rosters ORDER BY version DESC LIMIT ?)"
)


class Taken(StrEnum):
    """What became of a part."""

    KEPT = "kept"  # parts are missing
    BEGUN = "begun"  # whole: whoever leaves is out, the rest is being written
    HELD = "held"  # whole, and an administrator is asked
    AGAIN = "again"  # this part is there already
    LATER = "later"  # another roster is being written


class Bad(StrEnum):
    """Why a part is refused; of its roster nothing is applied."""

    OLD_VERSION = "old_version"
    PARTS_DIFFER = "parts_differ"
    TWICE = "twice"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Kept:
    """One roster that was taken in.

    Attributes:
        version: its version.
        whole: whether absence from it means that somebody has left.
        people: entries so far.
        removed: people it removes.
        state: collecting, held, applying, applied, refused or overtaken.
        reason: why it is held or was refused.
        taken_at: ms UTC.
        decided_by: account of the administrator who decided, or "".
    """

    version: int
    whole: bool
    people: int
    removed: int
    state: str
    reason: str
    taken_at: int
    decided_by: str


def rosters(store: "Store", state: str = "") -> list[Kept]:
    """Every roster that is remembered (in this state), newest first."""
    rows = store.database.rows(
        "SELECT version, whole, people, removed, state, reason, taken_at, decided_by FROM rosters"
        " WHERE ?1 IN ('', state) ORDER BY version DESC",
        state,
    )
    return [Kept(row[0], bool(row[1]), *row[2:]) for row in rows]


def take(store: "Store", roster: Roster) -> Taken | Bad:
    """Keep a part inside the current transaction; with the last one the roster is held, or begun.

    When it is begun, whoever it removes is out by the same commit: not matched, not admitted by face, PIN or badge.
    After it the caller has the gallery look again (`store.basis.changes`).
    """
    if store.database.row("SELECT 1 FROM rosters WHERE state = 'applying'") is not None:
        return Taken.LATER
    seen = _fits(store, roster)
    if isinstance(seen, Taken | Bad):
        return seen
    if (bad := _keep(store, roster)) is not None:
        _give_up(store, roster.version, "refused", bad.value)
        marks.set_mark(store.database, marks.ROSTER_VERSION, roster.version)
        return bad
    seen |= 1 << (roster.part - 1)
    store.database.run(
        "UPDATE rosters SET seen = ?, people = people + ? WHERE version = ?",
        seen.to_bytes(8, "big"),
        len(roster.people),
        roster.version,
    )
    if seen != (1 << roster.parts) - 1:
        return Taken.KEPT
    return _decide(store, roster)


def _fits(store: "Store", roster: Roster) -> int | Taken | Bad:
    """The parts of this roster that are there, as bits; a new one begins, and one that was never whole ends."""
    if roster.version <= marks.mark(store.database, marks.ROSTER_VERSION):
        return Bad.OLD_VERSION
    row = store.database.row("SELECT version, whole, parts, seen FROM rosters WHERE state = 'collecting'")
    if row is not None and row[0] > roster.version:
        return Bad.OLD_VERSION
    if row is not None and row[0] == roster.version:
        if (bool(row[1]), row[2]) != (roster.full, roster.parts):
            return Bad.PARTS_DIFFER
        seen = int.from_bytes(row[3], "big")
        return Taken.AGAIN if seen >> (roster.part - 1) & 1 else seen
    if row is not None:
        _give_up(store, row[0], "overtaken", "")
    store.database.run(
        "INSERT INTO rosters (version, whole, parts, seen, people, taken_at) VALUES (?, ?, ?, ?, 0, ?)",
        roster.version,
        int(roster.full),
        roster.parts,
        bytes(8),
        store.now_ms(),
    )
    store.database.run(_OLD, HISTORY)
    return 0


def _keep(store: "Store", roster: Roster) -> Bad | None:
    """Write the entries; what a person already is takes no place, and of whoever leaves no name is kept."""
    (there,) = store.database.row("SELECT count(*) FROM roster_entries WHERE version = ?", roster.version) or (0,)
    if there + len(roster.people) > MOST_PEOPLE:
        return Bad.TOO_MANY
    index, key = store.keys.need(KeyKind.INDEX), store.keys.obtain(KeyKind.ROSTER)
    known = dict(store.database.rows("SELECT external_index, roster_digest FROM people WHERE state <> 'left'"))
    rows = []
    for entry in roster.people:
        ref = ref_index(index, entry.ref)
        sealed = None
        if entry.standing is not Standing.LEFT and known.get(ref) != digest_of(index, entry):
            place = entry_place(roster.version, ref)
            sealed = store.foundation.vault.seal(key, padded(canonical.encode(asdict(entry)), least=_LEAST), place)
        rows.append((roster.version, ref, blind_index(index, entry.code), entry.standing.value, sealed))
    store.database.fill(
        "INSERT OR IGNORE INTO roster_entries (version, ref, code_index, standing, sealed) VALUES (?, ?, ?, ?, ?)", rows
    )
    (now,) = store.database.row("SELECT count(*) FROM roster_entries WHERE version = ?", roster.version) or (0,)
    return None if now == there + len(rows) else Bad.TWICE


def _decide(store: "Store", roster: Roster) -> Taken:
    marks.set_mark(store.database, marks.ROSTER_VERSION, roster.version)
    held = rosters(store, "held")
    if roster.full or len(held) >= MOST_HELD:
        for older in held:
            _give_up(store, older.version, "overtaken", "")
    loss = loss_of(store, roster.version)
    if (why := objection(loss) or objection_of_enrolled(_loss_of_enrolled(store, roster.version))) is None:
        store.database.run(_NEWER_WORD, roster.version)
        begin(store, roster.version)
        return Taken.BEGUN
    store.database.run(
        "UPDATE rosters SET state = 'held', reason = ?, removed = ? WHERE version = ?",
        why.value,
        loss.removed,
        roster.version,
    )
    store.append_local(
        LocalKind.ROSTER_HELD,
        {"version": roster.version, "why": why.value, "removed": loss.removed, "known": loss.known},
    )
    return Taken.HELD


def loss_of(store: "Store", version: int) -> Loss:
    """What a whole roster would take away now."""
    removed = store.database.row(f"SELECT count(*) FROM people WHERE {_REMOVED}", version, _whole(store, version))  # noqa: S608
    known = store.database.row(_KNOWN, version)
    return Loss(int((known or (0,))[0]), int((removed or (0,))[0]), lately(store))


def _loss_of_enrolled(store: "Store", version: int) -> Loss:
    removed = store.database.row(
        f"SELECT count(*) FROM people WHERE {ENROLLED} AND {_REMOVED}",  # noqa: S608 - our own text
        version,
        _whole(store, version),
    )
    known = store.database.row(f"{_KNOWN} AND {ENROLLED}", version)
    return Loss(int((known or (0,))[0]), int((removed or (0,))[0]), lately(store))


def lately(store: "Store") -> int:
    """How many headquarters has removed within a day without an administrator's yes."""
    since, now = marks.mark(store.database, marks.REMOVED_SINCE), store.now_ms()
    return marks.mark(store.database, marks.REMOVED) if abs(now - since) < DAY_MS else 0


def count_removed(store: "Store", number: int) -> None:
    """Count removals without an administrator's yes, inside the current transaction; a day begins with the first."""
    before = lately(store)
    if not before:
        marks.set_mark(store.database, marks.REMOVED_SINCE, store.now_ms())
    marks.set_mark(store.database, marks.REMOVED, before + number)


def begin(store: "Store", version: int, by: str = "") -> int:
    """Let a whole roster count, inside the current transaction; returns how many it removes.

    Who leaves, is suspended or comes back is so from this commit on; names, codes and new people follow
    (`roster_apply`), and so do the erasures.
    """
    run, whole = store.database.run, _whole(store, version)
    removed = run(_REMOVE, version, whole)
    run(_SUSPEND, version)
    run(_ADMIT, version)
    run(_OUTDATED, version, whole)
    run("DELETE FROM roster_entries WHERE version = ? AND sealed IS NULL", version)
    run("UPDATE rosters SET state = 'applying', removed = ?, decided_by = ? WHERE version = ?", removed, by, version)
    if removed and not by:
        count_removed(store, removed)
    if store.intents.find(IntentKind.APPLY_ROSTER) is None:
        store.intents.open(IntentKind.APPLY_ROSTER)
    store.append_local(LocalKind.ROSTER_TAKEN, {"version": version, "removed": removed})
    store.database.advance()
    return removed


def give_up(store: "Store", version: int, by: str) -> None:
    """Forget a held roster, inside the current transaction: nothing of it is applied."""
    _give_up(store, version, "refused", "administrator")
    store.database.run("UPDATE rosters SET decided_by = ? WHERE version = ?", by, version)


def _give_up(store: "Store", version: int, state: str, reason: str) -> None:
    store.database.run("DELETE FROM roster_entries WHERE version = ?", version)
    store.database.run("UPDATE rosters SET state = ?, reason = ? WHERE version = ?", state, reason, version)


def _whole(store: "Store", version: int) -> int:
    row = store.database.row("SELECT whole FROM rosters WHERE version = ?", version)
    return 0 if row is None else int(row[0])


def digest_of(index_key: bytes, entry: Entry) -> bytes:
    """32 bytes that are the same as long as nothing that is stored of somebody changes."""
    said = [entry.code, entry.name, entry.language, entry.shift]
    return keyed_hash(index_key, b"ambang/roster/v1\0" + canonical.encode(said))


def entry_place(version: int, ref: bytes) -> Place:
    """Where an entry lies."""
    return Place("roster_entries", "sealed", f"{version}/{ref.hex()}")
