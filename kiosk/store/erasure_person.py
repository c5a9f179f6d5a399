"""The steps of erasing a whole person; refuses to delete attendance that nobody else has."""

import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, assert_never

from kiosk.faults import Fault, FaultCode
from kiosk.store import held, parting
from kiosk.store.acts import LocalKind
from kiosk.store.erasure_handover import empty_exchange, hand_over
from kiosk.store.erasure_orphans import drop_orphans
from kiosk.store.erasure_proof import Deleted, leave_nothing, prove, unproved
from kiosk.store.erasure_rows import ACCOUNTS, PERSON, Gone, added, destroy, end_face, waiting
from kiosk.store.intents import Intent, IntentKind
from wire.certificate import Scope
from wire.event import Notice, NoticeKind, uuid7

if TYPE_CHECKING:
    from kiosk.store import Store


class Again(StrEnum):
    """What of an erasure is done again in an older copy: a face, a person, or what a person loses at once."""

    FACE = "face"
    PERSON = "person"
    LEAVING = "leaving"


_UNREADABLE: Final = frozenset({FaultCode.PERSON_UNKNOWN, FaultCode.PERSON_DAMAGED, FaultCode.STORE_TAMPERED})


def advance(store: "Store", intent: Intent, handed: Path | None, deleted: Deleted) -> Intent:
    """Take the erasure of a person as far as it can go; its detail has a `seq` once everything is gone and proved.

    Raises:
        Fault: as `erasure.erase_person`.
    """
    if "seq" not in intent.detail:
        intent = _leave(store, intent, deleted)
        if handed is not None and waiting(store.database, intent.subject, _handed_to(intent)):
            intent = hand_over(store, intent, handed)
        intent = _go(store, intent, deleted)
    if "seq" in intent.detail and "unproved" in intent.detail:
        empty_exchange(store)
        intent = prove(store.database, store.intents, intent, deleted)
    return intent


def _leave(store: "Store", intent: Intent, deleted: Deleted) -> Intent:
    """At once: not matched, not admitted; no biometric key, no reference, no PIN."""
    if "left" not in intent.detail:
        with store.database.write():
            gone = _out_of_use(store, intent.subject)
            store.database.advance()
            detail = unproved(added(intent.detail, gone.counts), gone)
            intent = store.intents.note(intent, {**detail, "left": 1})
        deleted.records = gone.records
        let_go(store)
    return prove(store.database, store.intents, intent, deleted) if "unproved" in intent.detail else intent


def _out_of_use(store: "Store", person_id: str) -> Gone:
    """Inside the current transaction: no face, no PIN, not admitted."""
    gone = end_face(store.database, person_id, store.now_ms())
    store.accounts.forget_attempts(person_id)
    gone.merge(destroy(store.database, ACCOUNTS, person_id))
    store.database.run("UPDATE people SET state = 'left' WHERE id = ?", person_id)
    return gone


def _go(store: "Store", intent: Intent, deleted: Deleted) -> Intent:
    """Everything else, once nothing waits for headquarters."""
    person_id = intent.subject
    if waiting(store.database, person_id, _handed_to(intent)):
        return intent
    with store.database.write():
        if waiting(store.database, person_id, _handed_to(intent)):
            return intent
        code = code_of(store, person_id)
        handed, kept_here = waiting(store.database, person_id), held.count(store.database, person_id)
        gone = _everything(store, person_id, orphans="keyless" in intent.detail)
        gone.counts["attendance_handed_over"] = handed
        gone.counts["attendance_delivered"] = max(0, gone.counts["attendance_delivered"] - handed + kept_here)
        entry = store.append_local(LocalKind.ERASED, {"person": person_id, "scope": Scope.PERSON.value, **gone.counts})
        now = store.clock()
        event_id = uuid7(now.wall_ms, os.urandom(10))
        store.ledger.part(Notice(event_id, NoticeKind.ERASED, code or person_id, now.wall_ms, now.clock, ""))
        store.database.advance()
        detail = unproved(added(intent.detail, gone.counts), gone)
        intent = store.intents.note(intent, {**detail, "seq": entry.seq, "told": 1, "code_unknown": int(code is None)})
    deleted.records = gone.records
    let_go(store)
    return intent


def _handed_to(intent: Intent) -> int:
    return int(intent.detail.get("handed_to", 0))


def _everything(store: "Store", person_id: str, *, orphans: bool = False) -> Gone:
    """Delete every row, key and body of one person inside the current transaction.

    Bodies are found by their keys; those whose key is gone or damaged are what no other key opens.
    """
    entries, whole = parting.bodies(store, person_id)
    store.accounts.forget_attempts(person_id)
    gone = destroy(store.database, PERSON, person_id)
    gone.add("attendance_delivered", (sealed for _, sealed in entries))
    for seq, _ in entries:
        store.database.run("DELETE FROM bodies WHERE seq = ?", seq)
    store.database.run("DELETE FROM undelivered WHERE person = ?", person_id)
    if orphans or not whole:
        gone.add("attendance_delivered", drop_orphans(store))
    return gone


def replay(store: "Store", subjects: Iterable[tuple[Again, str]]) -> int:
    """See `erasure.replay`."""
    found, records = 0, []
    for scope, person_id in subjects:
        with store.database.write():
            gone = _again(store, scope, person_id)
            if any(gone.counts.values()):
                found += 1
                detail: dict[str, str | int] = {"person": person_id, "scope": scope.value, "again": 1}
                store.append_local(LocalKind.ERASED, detail)
                store.database.advance()
        records += gone.records
    if records:
        let_go(store)
        leave_nothing(store.database, records)
    return found


def _again(store: "Store", scope: Again, person_id: str) -> Gone:
    match scope:
        case Again.FACE:
            _close(store, IntentKind.ERASE_FACE, person_id)
            return end_face(store.database, person_id, store.now_ms())
        case Again.PERSON:
            _close(store, IntentKind.ERASE_PERSON, person_id)
            return _everything(store, person_id)
        case Again.LEAVING:
            if store.database.row("SELECT 1 FROM people WHERE id = ? AND state <> 'left'", person_id) is None:
                return Gone()
            if store.intents.find(IntentKind.ERASE_PERSON, person_id) is None:
                now = store.clock()
                began = {"began": now.wall_ms, "clock": now.clock.state.value}
                store.intents.open(IntentKind.ERASE_PERSON, person_id, began)  # it goes on from here by itself
            return _out_of_use(store, person_id)
        case _:
            assert_never(scope)


def _close(store: "Store", kind: IntentKind, person_id: str) -> None:
    if (intent := store.intents.find(kind, person_id)) is not None:
        store.intents.close(intent)


def code_of(store: "Store", person_id: str) -> str | None:
    """The employee code, or None if nobody can read it any more."""
    try:
        return store.people.get(person_id).code
    except Fault as fault:
        if fault.code not in _UNREADABLE:
            raise
        return None


def let_go(store: "Store") -> None:
    """Drop what this process has cached of keys and references; other processes notice the commit by themselves."""
    for callback in store.database.forget:
        callback()
    store.basis.changes += 1
