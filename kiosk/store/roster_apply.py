"""Writes a roster that counts, a few people in each transaction; refuses to give one code to two people.

Who has left is out already (`roster.begin`). After a crash it goes on: what is written is no longer listed.
"""

import json
import secrets
import time
from typing import TYPE_CHECKING, Any, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store import profile
from kiosk.store.acts import LocalKind
from kiosk.store.erasure import begin_erasure
from kiosk.store.intents import Intent, IntentKind
from kiosk.store.keys import KeyKind
from kiosk.store.profile import Profile
from kiosk.store.roster import digest_of, entry_place
from kiosk.store.vault import blind_index, ref_index, unpadded
from wire import checks
from wire.errors import FormatError
from wire.message import Entry, Standing

if TYPE_CHECKING:
    from kiosk.store import Store

AT_ONCE: Final = 50
"""People in one transaction; about what a PIN takes (docs/roster.md)."""
PAUSE_S: Final = 0.03
"""Between two of them, so that whoever stands at the door gets the lock: a waiting writer looks every 10 ms."""
LANGUAGE: Final = "id"
_NEXT: Final = (
    "SELECT e.version, e.ref, e.sealed FROM roster_entries e JOIN rosters r ON r.version = e.version"
    " WHERE r.state IN ('applying', 'applied') AND e.waits = 0 ORDER BY e.version, e.rowid LIMIT ?"
)
_WAITING: Final = "roster_entries WHERE version IN (SELECT version FROM rosters WHERE state IN ('applying', 'applied'))"
_FORGOTTEN: Final = (
    "SELECT id FROM people WHERE state = 'left' AND id NOT IN"
    " (SELECT subject FROM intents WHERE kind = 'erase_person' AND done = 0) LIMIT ?"
)
_PERSON: Final = "SELECT id, state, external_index, row_version, profile, code_index FROM people WHERE"


def resume(store: "Store", intent: Intent) -> None:
    """Write what there is to write, and begin the erasure of whoever has left; the intent stays while entries wait.

    Raises:
        Fault: DISK_FULL, DISK_FAILED, STORE_BUSY.
    """
    with store.database.write():
        store.database.run(f"UPDATE roster_entries SET waits = 0 WHERE rowid IN (SELECT rowid FROM {_WAITING})")  # noqa: S608
    while step(store):
        time.sleep(PAUSE_S)
    with store.database.write():
        if store.database.row(f"SELECT 1 FROM {_WAITING}") is None:  # noqa: S608 - our own text
            store.intents.close(intent)


def step(store: "Store") -> bool:
    """Some people, or some erasures that have to begin, in one transaction; False once there are no more."""
    with store.database.write():
        rows = store.database.rows(_NEXT, AT_ONCE)
        for version, ref, sealed in rows:
            _one(store, version, ref, sealed)
        left = [] if rows else store.database.rows(_FORGOTTEN, AT_ONCE)
        for (person_id,) in left:
            begin_erasure(store, IntentKind.ERASE_PERSON, person_id)
        if not rows and not left:
            _done(store)
    store.basis.changes += bool(rows or left)
    return bool(rows or left)


def _done(store: "Store") -> None:
    for (version,) in store.database.rows("SELECT version FROM rosters WHERE state = 'applying'"):
        (waits,) = store.database.row("SELECT count(*) FROM roster_entries WHERE version = ?", version) or (0,)
        store.database.run("UPDATE rosters SET state = 'applied' WHERE version = ?", version)
        store.append_local(LocalKind.ROSTER_APPLIED, {"version": version, "waits": waits})


def _one(store: "Store", version: int, ref: bytes, sealed: bytes) -> None:
    """Write one entry, unless it has to wait; what cannot be written is told, and keeps up nobody else."""
    entry = _opened(store, version, ref, sealed)
    mine = store.database.row(f"{_PERSON} external_index = ?", ref)
    code_index = None if entry is None else blind_index(store.keys.need(KeyKind.INDEX), entry.code)
    holder = store.database.row(f"{_PERSON} code_index = ?", code_index)
    if mine is None and holder is not None and holder[2] is None:
        mine = holder  # somebody whom an administrator has added: from now on they are of the roster
    if holder is not None and mine is not None and holder[0] == mine[0]:
        holder = None
    if entry is not None and any(each is not None and each[1] == "left" for each in (mine, holder)):
        store.database.run("UPDATE roster_entries SET waits = 1 WHERE version = ? AND ref = ?", version, ref)
        return
    if holder is not None and not _displaced(store, version, holder):
        tell(store, "code_taken", version)
    elif entry is not None and code_index is not None:
        try:
            _write(store, version, ref, entry, code_index, mine)
        except Fault as fault:
            if fault.code is not FaultCode.PERSON_DAMAGED:
                raise
            tell(store, "person_damaged", version)
    store.database.run("DELETE FROM roster_entries WHERE version = ? AND ref = ?", version, ref)


def _opened(store: "Store", version: int, ref: bytes, sealed: bytes) -> Entry | None:
    try:
        key = store.keys.get(KeyKind.ROSTER)
        if key is None:
            raise FormatError("the key of the roster is gone")
        value = json.loads(unpadded(store.foundation.vault.unseal(key, sealed, entry_place(version, ref))))
        entry = Entry(**{**value, "standing": checks.choice(Standing, value["standing"])})
    except ValueError:
        tell(store, "does_not_open", version)
        return None
    if ref_index(store.keys.need(KeyKind.INDEX), entry.ref) != ref:
        tell(store, "does_not_open", version)
        return None
    return entry


def _displaced(store: "Store", version: int, holder: tuple[Any, ...]) -> bool:
    """Take a code from somebody whom the same roster gives another one, further down; False if it does not."""
    row = store.database.row("SELECT 1 FROM roster_entries WHERE version = ? AND ref = ?", version, holder[2])
    if row is None:
        return False
    store.database.run("UPDATE people SET code_index = ? WHERE id = ?", secrets.token_bytes(32), holder[0])
    return True


def _write(  # noqa: PLR0913, PLR0917 - a row
    store: "Store", version: int, ref: bytes, entry: Entry, code_index: bytes, mine: tuple[Any, ...] | None
) -> None:
    person_id = secrets.token_hex(8) if mine is None else mine[0]
    row_version = 1 if mine is None else int(mine[3]) + 1
    if mine is None:
        store.keys.make(KeyKind.PROFILE, person=person_id)
    language = entry.language or _language(store, mine)
    now = store.now_ms()
    known = Profile(entry.code, entry.name, language, entry.shift, "roster", version, now)
    sealed = profile.seal(store.foundation, person_id, known, row_version)
    digest = digest_of(store.keys.need(KeyKind.INDEX), entry)
    values = (code_index, ref, digest, sealed, row_version, person_id)
    if mine is None:
        store.database.run(
            "INSERT INTO people (code_index, external_index, roster_digest, profile, row_version, id, source, state,"
            " created_at) VALUES (?, ?, ?, ?, ?, ?, 'roster', ?, ?)",
            *values,
            entry.standing.value,
            now,
        )
    else:
        store.database.run(
            "UPDATE people SET code_index = ?, external_index = ?, roster_digest = ?, profile = ?, row_version = ?,"
            " source = 'roster' WHERE id = ?",
            *values,
        )


def _language(store: "Store", mine: tuple[Any, ...] | None) -> str:
    """The language that somebody speaks with the door already."""
    if mine is None:
        return LANGUAGE
    try:
        key = store.keys.need(KeyKind.PROFILE, person=mine[0])
        return profile.unseal(store.foundation.vault, key, mine[4], mine[0], int(mine[3])).language
    except ValueError:
        return LANGUAGE


def tell(store: "Store", reason: str, message: int, kind: str = "roster") -> None:
    """Count what could not be taken over, by kind and reason, inside the current transaction."""
    store.database.run(
        "INSERT INTO refused (kind, reason, times, message, at) VALUES (?1, ?2, 1, ?3, ?4)"
        " ON CONFLICT (kind, reason) DO UPDATE SET times = times + 1, message = ?3, at = ?4",
        kind,
        reason,
        message,
        store.now_ms(),
    )
