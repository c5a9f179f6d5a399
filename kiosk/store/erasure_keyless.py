"""Erases when the root key is missing or wrong: rows and wrapped keys need none; refuses to lose unsent attendance."""

from collections.abc import Callable
from pathlib import Path

from kiosk.clock import Reading
from kiosk.faults import Fault, FaultCode
from kiosk.store import held
from kiosk.store.database import StoreDatabase
from kiosk.store.erasure import Erasure, said
from kiosk.store.erasure_proof import Deleted, alone, prove, unproved
from kiosk.store.erasure_rows import PERSON_BUT_WAITING, added, destroy, end_face
from kiosk.store.foundation import Foundation
from kiosk.store.intents import IntentKind, Intents
from kiosk.store.keys import KeyRing
from kiosk.store.vault import Vault
from wire.certificate import Scope

_TRACES = "SELECT 1 FROM people WHERE id = ?1 UNION SELECT 1 FROM keys WHERE person = ?1"


def erase_without_key(
    state: Path, person_id: str, clock: Callable[[], Reading], *, scope: Scope = Scope.PERSON
) -> Erasure:
    """Delete a person's rows and wrapped keys, and prove that they are gone, without opening anything.

    Entry in the ledger, anchor, certificate and notice wait as an open intent for the next opening with the root key.
    The employee code is gone by then: headquarters is told the random id, which the certificate names, too. Record keys
    of months with attendance that headquarters has not signed for stay until it has; nobody opens those without the
    root key either.

    Args:
        state: the directory of the store.
        person_id: random id.
        clock: reads all clocks.
        scope: FACE or PERSON.

    Raises:
        Fault: PERSON_UNKNOWN; DESK_REFUSED: check-ins of theirs are held here, and without a key nobody could hand them
            over; what `StoreDatabase.open` raises; STORE_BUSY, DISK_FULL, DISK_FAILED, ERASURE_INCOMPLETE.
    """
    with alone(state):
        database = StoreDatabase.open(state)
        try:
            return _erased(database, person_id, clock, scope)
        finally:
            database.close()


def locked(database: StoreDatabase, clock: Callable[[], Reading]) -> Foundation:
    """What parts of a store stand on while nobody has its root key: nothing can be opened or sealed."""
    row = database.row("SELECT store_id FROM store")
    if row is None:
        raise Fault(FaultCode.STORE_DAMAGED, "the store has no id")
    vault = Vault(str(row[0]))
    return Foundation(database, vault, KeyRing(database, vault, lambda: clock().wall_ms), clock)


def _erased(database: StoreDatabase, person_id: str, clock: Callable[[], Reading], scope: Scope) -> Erasure:
    now, deleted = clock(), Deleted()
    intents = Intents(locked(database, clock))
    kind = IntentKind.ERASE_FACE if scope is Scope.FACE else IntentKind.ERASE_PERSON
    intent = intents.find(kind, person_id)
    if scope is Scope.PERSON and (kept_here := held.count(database, person_id)):
        raise Fault(FaultCode.DESK_REFUSED, f"{kept_here} check-ins are held on this device alone")
    if intent is None and database.row(_TRACES, person_id) is None:
        raise Fault(FaultCode.PERSON_UNKNOWN)
    if intent is not None and "unproved" in intent.detail:
        intent = prove(database, intents, intent, deleted)
    if intent is None or "seq" not in intent.detail:
        with database.write():
            began = {"began": now.wall_ms, "clock": now.clock.state.value}
            intent = intent or intents.open(kind, person_id, began)
            face = scope is Scope.FACE
            gone = (
                end_face(database, person_id, now.wall_ms) if face else destroy(database, PERSON_BUT_WAITING, person_id)
            )
            database.advance()
            detail = unproved(added(intent.detail, gone.counts), gone)
            intent = intents.note(intent, {**detail, "keyless": 1} | ({} if face else {"left": 1}))
        deleted.records = gone.records
        intent = prove(database, intents, intent, deleted)
    return said(database, intent)
