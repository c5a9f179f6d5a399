"""Gives every reference a new turn, key and id with nobody present; refuses to end while the old ones can be found."""

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.acts import LocalKind
from kiosk.store.erasure_proof import alone
from kiosk.store.intents import Intent, IntentKind
from kiosk.store.keys import KeyKind
from kiosk.store.residue import Pieces

if TYPE_CHECKING:
    from kiosk.store import Store

_log = logging.getLogger("ambang.store")
# One transaction: short enough that a check-in at the door waits for less than a second (docs/storage.md, "Renewal").
PEOPLE_AT_ONCE: Final = 128
# SQLite's busy handler looks every 100 ms at most: so long everybody else is let in between two transactions.
_REST_S: Final = 0.1

# Called after each transaction with the number of people done and of all; raising leaves the rest for the next start.
Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Renewal:
    """What was renewed: people, references; whether the files had to be written anew to be rid of the old bytes."""

    people: int
    references: int
    rewritten: bool


def _nothing(_done: int, _all: int) -> None:
    return


def renew(store: "Store", *, step: Step = _nothing, at_once: int = PEOPLE_AT_ONCE, rest_s: float = _REST_S) -> Renewal:
    """Renew all references of a store, or go on with a renewal that was interrupted; everybody else may go on working.

    Each model gets a new rotation epoch; then `at_once` people a transaction get a new biometric key (bound to the same
    basis) and their references a new turn and new random ids; then the old rotation keys go, and what was deleted is
    searched for in every file of the store. Cosines between references stay what they were.

    Args:
        store: open; its gallery version changes at the end.
        step: told how far it has come, after each transaction.
        at_once: people in one transaction.
        rest_s: seconds between two transactions, in which others may write.

    Raises:
        Fault: STORE_BUSY (another renewal goes on), DISK_FULL, DISK_FAILED, STORE_TAMPERED; ERASURE_INCOMPLETE: old
            bytes are still in a file. The act stays open and goes on from where it is, at the next call or start.
    """
    with _alone(store) as held:
        if not held:
            raise Fault(FaultCode.STORE_BUSY, "another renewal")
        with store.database.write():
            intent = store.intents.find(IntentKind.RENEW_TEMPLATES) or _begun(store)
        return _go_on(store, intent, step, at_once, rest_s)


def resume(store: "Store", intent: Intent) -> None:
    """Go on with a renewal that was interrupted, as `renew` does; one that another process is at is left to it."""
    with _alone(store) as held:
        if held:
            _go_on(store, intent, _nothing, PEOPLE_AT_ONCE, _REST_S)


def _alone(store: "Store") -> AbstractContextManager[bool]:
    """One renewal at a time: a lock on the data directory; an erasure takes that on the store, and need not wait."""
    return alone(store.database.directory.parent, wait=False)


def _begun(store: "Store") -> Intent:
    """Add a rotation key of the next epoch for each model; from here on new references are of that epoch."""
    newest = store.database.rows("SELECT period, max(epoch) FROM keys WHERE kind = 'rotation' GROUP BY period")
    for model, epoch in newest:
        store.keys.make(KeyKind.ROTATION, period=model, epoch=int(epoch) + 1)
    store.database.advance()
    return store.intents.open(
        IntentKind.RENEW_TEMPLATES, detail={"run": "", "people": 0, "references": 0, "models": len(newest), "lost": 0}
    )


def _go_on(store: "Store", intent: Intent, step: Step, at_once: int, rest_s: float) -> Renewal:
    gone, run = Pieces(), secrets.token_hex(4)
    done = int(intent.detail["people"])
    every = done + store.templates.count_behind()
    while True:
        with store.database.write():
            found = store.intents.find(IntentKind.RENEW_TEMPLATES)
            if found is None:  # another process came to the end meanwhile
                return _renewal(intent, rewritten=False)
            behind = store.templates.people_behind(at_once)
            intent = _chunk(store, found, run, behind, gone)
        if not behind:
            break
        done += len(behind)
        step(done, every)
        time.sleep(rest_s)
    step(done, every)
    rewritten = _leave_nothing(store, intent, gone)
    with store.database.write():
        found = store.intents.find(IntentKind.RENEW_TEMPLATES)
        if found is not None and found.id == intent.id:
            counts = {name: intent.detail[name] for name in ("people", "references", "models")}
            store.append_local(LocalKind.TEMPLATES_RENEWED, counts)
            store.intents.close(intent)
    store.basis.changes += 1  # what is in memory is turned by a matrix that is no more
    _log.info("references renewed: %s", intent.detail["references"])
    return _renewal(intent, rewritten=rewritten)


def _chunk(store: "Store", intent: Intent, run: str, behind: list[str], gone: Pieces) -> Intent:
    """Renew these people inside the current transaction; with none left, delete the old rotation keys."""
    references = 0
    for person in behind:
        records, kept = store.templates.renew(person)
        gone.add(records)
        references += kept
    if not behind:
        gone.add(store.templates.drop_old_rotations())
        store.database.advance()
    before = intent.detail
    # Bytes that another run has deleted are known to nobody: then the files are written anew in the end.
    lost = int(before["lost"]) or int(before["run"] not in {"", run})
    return store.intents.note(
        intent,
        {
            "run": run,
            "people": int(before["people"]) + len(behind),
            "references": int(before["references"]) + references,
            "models": before["models"],
            "lost": lost,
        },
    )


def _leave_nothing(store: "Store", intent: Intent, gone: Pieces) -> bool:
    """Search every file for what was deleted; secure_delete and the short journal should have left nothing."""
    rewritten = bool(intent.detail["lost"]) or bool(gone.found_in(store.database.directory))
    if rewritten:
        store.database.rewrite()
        if found := gone.found_in(store.database.directory):
            raise Fault(FaultCode.ERASURE_INCOMPLETE, ", ".join(found))
    return rewritten


def _renewal(intent: Intent, *, rewritten: bool) -> Renewal:
    detail: Mapping[str, str | int] = intent.detail
    return Renewal(int(detail["people"]), int(detail["references"]), rewritten)
