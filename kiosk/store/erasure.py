"""Erases a face, or a person, and proves it; refuses to call it done before nothing is left and a certificate says so.

An erasure is an intent that goes through its steps, each one transaction; whoever opens the store next goes on with it.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store import erasure_person, legal_holds, reserve
from kiosk.store.acts import LocalKind
from kiosk.store.database import StoreDatabase
from kiosk.store.erasure_person import Again
from kiosk.store.erasure_proof import Deleted, alone, certify_begun, finish, prove, unproved
from kiosk.store.erasure_rows import added, end_face, has_face, waiting
from kiosk.store.intents import Intent, IntentKind, Intents
from wire.certificate import Scope
from wire.event import Notice, NoticeKind, uuid7

if TYPE_CHECKING:
    from kiosk.store import Store

KINDS: Final = {
    IntentKind.ERASE_FACE: Scope.FACE,
    IntentKind.ERASE_PERSON: Scope.PERSON,
    IntentKind.ERASE_EVERYTHING: Scope.EVERYTHING,
}


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure, and how far it has come.

    Attributes:
        id: of the intent, and of the certificate: 16 hexadecimal digits.
        scope: what is erased.
        person: random id.
        began: when it was asked for, ms UTC.
        certificate: the file that proves it; None while it is not done.
        waiting: events that headquarters has not signed for, for which a person's records wait.
    """

    id: str
    scope: Scope
    person: str
    began: int
    certificate: Path | None
    waiting: int


def erase_face(store: "Store", person_id: str) -> Erasure | None:
    """End the consent and destroy biometric key and references of one person; the PIN goes on working.

    When this returns, nothing of the face is left in any file of the data directory, the ledger, the anchors and a
    certificate say so, and a notice (consent withdrawn) waits for headquarters. Withdrawing a consent is this very act.

    Returns:
        None if there was nothing to erase.

    Raises:
        Fault: PERSON_UNKNOWN, STORE_BUSY; DISK_FULL, DISK_FAILED, ERASURE_INCOMPLETE: it stays open, and goes on at
            the next start or call.
    """
    deleted = Deleted()

    def erase() -> Erasure | None:
        intent = store.intents.find(IntentKind.ERASE_FACE, person_id)
        if intent is None:
            _known(store, person_id)
            if not has_face(store.database, person_id):
                return None
            intent = begin_erasure(store, IntentKind.ERASE_FACE, person_id)
        return _face(store, intent, deleted)

    with alone(store.database.directory):
        return reserve.within(store.database.directory, erase)


def erase_person(store: "Store", person_id: str, *, hand_over: Path | None = None) -> Erasure:
    """Destroy everything that the store keeps of one person, in two steps.

    At once: they are not matched, biometric key, references and PIN are gone, and they cannot be admitted. Then, once
    headquarters has signed for all their attendance or it was handed over: profile, consent records, every record key
    and every body. A last notice (erased, with the employee code) waits for headquarters under a key that dies with it.

    Args:
        store: open.
        person_id: random id.
        hand_over: a new file that takes what headquarters has not signed for, instead of waiting for it.

    Returns:
        An erasure with a certificate, or one that waits.

    Raises:
        Fault: as `erase_face`; OUTPUT_REFUSED.
    """
    deleted = Deleted()

    def erase() -> Erasure:
        intent = store.intents.find(IntentKind.ERASE_PERSON, person_id)
        if intent is None:
            _known(store, person_id)
            intent = begin_erasure(store, IntentKind.ERASE_PERSON, person_id)
        return _person(store, intent, hand_over, deleted)

    with alone(store.database.directory):
        return reserve.within(store.database.directory, erase)


def go_on(store: "Store", intent: Intent) -> None:
    """Take an open erasure as far as it can go now, unless another process is at it; see `kiosk.store.resume`.

    Whoever has left and is under a legal hold is neither matched nor admitted, and is erased once the hold has ended.
    """
    deleted = Deleted()

    def again() -> Erasure | None:
        found = store.intents.find(intent.kind, intent.subject)
        if found is None or _held(store, found):  # another process has done it, or it must wait
            return None
        face = found.kind is IntentKind.ERASE_FACE
        return _face(store, found, deleted) if face else _person(store, found, None, deleted)

    with alone(store.database.directory, wait=False) as held:
        if held:
            reserve.within(store.database.directory, again)


def open_erasures(database: StoreDatabase, intents: Intents) -> list[Erasure]:
    """Every erasure that is not done, oldest first; needs no root key."""
    return [said(database, intent) for intent in intents.all_open() if intent.kind in KINDS]


def said(database: StoreDatabase, intent: Intent, certificate: Path | None = None) -> Erasure:
    """An intent as an erasure, with what it waits for; needs no root key."""
    scope = KINDS[intent.kind]
    waits = 0 if scope is Scope.FACE or certificate is not None else waiting(database, intent.subject)
    began = int(intent.detail.get("began", intent.created_at))
    return Erasure(intent.id, scope, intent.subject, began, certificate, waits)


def replay(store: "Store", subjects: Iterable[tuple[str, str]]) -> int:
    """Erase again what a restored backup has brought back, without certificates or notices; again is harmless.

    What headquarters has not signed for goes as well: it was delivered or handed over before the erasure was done.

    Args:
        store: open; nobody has worked with it since it was restored.
        subjects: "face", "person" or "leaving", and the random id, of each erasure.

    Returns:
        How many of them were still there.

    Raises:
        ValueError: another scope.
        Fault: DISK_FULL, DISK_FAILED, ERASURE_INCOMPLETE.
    """
    with alone(store.database.directory):
        return erasure_person.replay(store, [(Again(scope), person) for scope, person in subjects])


def _held(store: "Store", intent: Intent) -> bool:
    """Whether a legal hold keeps a person; a face goes in any case, with its consent or an objection that holds."""
    return intent.kind is IntentKind.ERASE_PERSON and legal_holds.keeping(store, intent.subject) is not None


def _known(store: "Store", person_id: str) -> None:
    if store.database.row("SELECT 1 FROM people WHERE id = ?", person_id) is None:
        raise Fault(FaultCode.PERSON_UNKNOWN)


def begin_erasure(store: "Store", kind: IntentKind, person_id: str) -> Intent:
    """Write down that a person or a face is to be erased; `kiosk.store.resume` does it."""
    now = store.clock()
    with store.database.write():
        begun = store.append_local(LocalKind.ERASURE_BEGUN, {"person": person_id, "scope": KINDS[kind].value})
        detail = {"began": now.wall_ms, "clock": now.clock.state.value, "begun": begun.seq}
        return store.intents.open(kind, person_id, detail)


def _face(store: "Store", intent: Intent, deleted: Deleted) -> Erasure:
    if "seq" not in intent.detail:
        if "unproved" in intent.detail:  # deleted without the root key, by a process that died
            intent = prove(store.database, store.intents, intent, deleted)
        with store.database.write():
            gone = end_face(store.database, intent.subject, store.now_ms())
            detail = unproved(added(intent.detail, gone.counts), gone)
            entry = store.append_local(
                LocalKind.ERASED, {"person": intent.subject, "scope": Scope.FACE.value, **gone.counts}
            )
            unknown = _tell(store, intent.subject)
            store.database.advance()
            intent = store.intents.note(intent, {**detail, "seq": entry.seq, "code_unknown": int(unknown)})
        deleted.records = gone.records
        erasure_person.let_go(store)
    if "unproved" in intent.detail:
        intent = prove(store.database, store.intents, intent, deleted)
    return said(store.database, intent, finish(store, intent, Scope.FACE))


def _person(store: "Store", intent: Intent, hand_over: Path | None, deleted: Deleted) -> Erasure:
    intent = erasure_person.advance(store, intent, hand_over, deleted)
    done = "seq" in intent.detail
    if not done:
        certify_begun(store, intent)
    return said(store.database, intent, finish(store, intent, Scope.PERSON) if done else None)


def _tell(store: "Store", person_id: str) -> bool:
    """Tell headquarters that the consent was withdrawn; returns whether only the random id could be told."""
    if store.database.row("SELECT 1 FROM people WHERE id = ?", person_id) is None:
        return False  # the whole person was erased meanwhile, and headquarters is told that
    code = erasure_person.code_of(store, person_id)
    now = store.clock()
    event_id = uuid7(now.wall_ms, os.urandom(10))
    kind = NoticeKind.CONSENT_WITHDRAWN
    store.ledger.append(Notice(event_id, kind, code or person_id, now.wall_ms, now.clock, ""), person_id)
    return code is None
