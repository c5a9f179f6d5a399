"""Consents in the store: answered anew, taken back, told in order; refuses an answer to words of yesterday."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.faults import Fault, FaultCode
from kiosk.rights import answers, notices
from kiosk.rights.answers import SELF, About, Answer, Said
from kiosk.rights.consent import AskAgain, Current, Lapsed, Standing
from kiosk.store import Consent
from kiosk.store.basis import Condition, Given, Ground
from kiosk.store.erasure import Erasure, begin_erasure, erase_face
from kiosk.store.erasure_proof import leave_nothing
from kiosk.store.erasure_rows import has_face
from kiosk.store.intents import IntentKind

if TYPE_CHECKING:
    from kiosk.store import Store


@dataclass(frozen=True, slots=True)
class InForce:
    """A consent that carries a face, or may do so again once the newer notice is answered."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class Renewed:
    """Another consent, or another ground, took its place at `at`, ms UTC."""

    at: int


@dataclass(frozen=True, slots=True)
class TakenBack:
    """It ended at `at`, ms UTC, and the face with it."""

    at: int


@dataclass(frozen=True, slots=True)
class Chapter:
    """One consent and what became of it."""

    given: Consent
    end: InForce | Renewed | TakenBack


def renew(store: "Store", person: str, consent: Consent, *, by: str = "") -> None:
    """Let a person who has a face here answer the newest notice, without enrolling again.

    Raises:
        Fault: CONSENT_MISSING: the words are not those of the notice, nothing is said, or there is no face;
            PERSON_UNKNOWN, PERSON_DAMAGED; DISK_FULL, DISK_FAILED, ERASURE_INCOMPLETE: the answer stands, and the old
            wrap of the key can still be found in a file.
    """
    newest = notices.newest(store)
    if newest is None or consent.text_version != newest.label:
        raise Fault(FaultCode.CONSENT_MISSING, "not the newest notice")
    with store.database.write():
        gone = store.basis.renew(person, consent)
        said = Answer(
            About.CONSENT, Said.YES, consent.text_version, consent.language, consent.given_at, consent.witness
        )
        answers.give(store, person, said, by=by)
    leave_nothing(store.database, [gone])


def withdraw(store: "Store", person: str, *, witness: str = SELF, by: str = "") -> Erasure | None:
    """Take a consent back: the face is erased at once, with a certificate; the PIN goes on.

    Returns:
        None if there was nothing to take back.

    Raises:
        Fault: CONSENT_MISSING: the face rests on a law that is cited, and not on a consent; as `erase_face`.
    """
    if isinstance(_ground(store, person), Condition):
        raise Fault(FaultCode.CONSENT_MISSING, "it rests on a cited law; for objecting: kiosk privacy object")
    if store.database.row("SELECT 1 FROM people WHERE id = ?", person) is not None and has_face(store.database, person):
        before = store.basis.history(person)
        version = before[-1].consent.text_version if before else ""
        with store.database.write():  # one commit: whoever has said no has no face after a power cut either
            answers.give(store, person, Answer(About.CONSENT, Said.NO, version, "", store.now_ms(), witness), by=by)
            if store.intents.find(IntentKind.ERASE_FACE, person) is None:
                begin_erasure(store, IntentKind.ERASE_FACE, person)
    return erase_face(store, person)


def story(store: "Store", person: str) -> tuple[Chapter, ...]:
    """When a person consented to what, who witnessed it, and what became of it; oldest first. Raises Fault."""
    now = store.now_ms()
    return tuple(Chapter(each.consent, _end(each, now)) for each in store.basis.history(person))


def to_renew(store: "Store") -> frozenset[str]:
    """Random ids of those whose consent carries their face only until a day, or no more: they answer anew."""
    found = store.database.rows("SELECT person FROM bases WHERE state = 'active' AND good_until IS NOT NULL")
    return frozenset(row[0] for row in found)


def _end(given: Given, now_ms: int) -> InForce | Renewed | TakenBack:
    if given.ended_at is None:
        return InForce(_standing(given.good_until, now_ms))
    return Renewed(given.ended_at) if given.replaced else TakenBack(given.ended_at)


def _standing(good_until: int | None, now_ms: int) -> Standing:
    if good_until is None:
        return Current()
    return AskAgain(good_until) if now_ms < good_until else Lapsed(good_until)


def _ground(store: "Store", person: str) -> Ground | None:
    """On what a face rests; None also where nobody can read it: taking back must not hang on that."""
    try:
        return store.basis.ground_of(person)
    except (ValueError, Fault):
        return None
