"""The ground on which a face may be kept, key and references in one transaction; refuses a face without it.

The ground is the person's explicit consent (GDPR Article 9(2)(a)), or another condition of that article, recorded with
the law that is cited (policy E4.2).
"""

import json
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Final, TypeAlias

from kiosk.faults import Fault, FaultCode
from kiosk.store.acts import LocalKind
from kiosk.store.erasure_proof import leave_nothing
from kiosk.store.erasure_rows import end_face
from kiosk.store.foundation import Foundation
from kiosk.store.keys import KeyKind
from kiosk.store.ledger import Ledger
from kiosk.store.templates import Reference, Templates, check
from kiosk.store.vault import Place, digest, padded, unpadded
from wire import canonical
from wire.errors import FormatError, Tampered
from wire.event import Notice


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person agreed to, and who saw it.

    Attributes:
        text_version: version of the consent text that was shown.
        language: the language it was shown in, two letters.
        given_at: ms UTC.
        witness: who was there: an account, or "self" at the kiosk.
    """

    text_version: str
    language: str
    given_at: int
    witness: str


@dataclass(frozen=True, slots=True)
class Condition:
    """Another ground than consent on which a face may be processed, as an officer has recorded it.

    Attributes:
        condition: one of CONDITIONS.
        law: the law or agreement that is cited, with its article, 1 to 1,000 characters.
        officer: account that recorded it, 16 hexadecimal digits.
        paper: id of the paper in which it was recorded.
        recorded_at: ms UTC.
    """

    condition: str
    law: str
    officer: str
    paper: str
    recorded_at: int


Ground: TypeAlias = Consent | Condition
CONDITIONS: Final = ("employment_law", "substantial_public_interest")
"""GDPR Article 9(2)(b) and (g): what a workplace can have besides consent."""
LONGEST_LAW: Final = 1000
_HISTORY: Final = (
    "SELECT id, record, digest, ended_at, good_until, EXISTS (SELECT 1 FROM bases n WHERE n.person = b.person"
    " AND n.rowid > b.rowid AND n.began_at <= b.ended_at) FROM bases b WHERE person = ? ORDER BY began_at, rowid"
)


@dataclass(frozen=True, slots=True)
class Given:
    """One consent of a person as the store remembers it.

    Attributes:
        consent: what was agreed to.
        ended_at: when it was withdrawn or another took its place, ms UTC; None: it is in force.
        good_until: from when on nobody is matched on it, ms UTC; None: no such limit.
        replaced: whether another ground took its place in the moment when it ended.
    """

    consent: Consent
    ended_at: int | None
    good_until: int | None
    replaced: bool


class Basis:
    """Grounds and what hangs on them."""

    def __init__(self, foundation: Foundation, templates: Templates, ledger: Ledger) -> None:
        self.changes = 0
        self._database = foundation.database
        self._vault = foundation.vault
        self._keys = foundation.keys
        self._now_ms = foundation.now_ms
        self._templates = templates
        self._ledger = ledger

    def enrol(
        self, person_id: str, ground: Ground | None, references: list[Reference], *, notice: Notice | None = None
    ) -> None:
        """Keep 1 to 5 references of a person: basis, key and references commit together or not at all.

        The wrap of the person's biometric key is bound to the digest of the basis record. An earlier enrolment of the
        same person ends in the same transaction.

        Args:
            person_id: random id.
            ground: what was agreed to, or the other condition that an officer has recorded.
            references: as the model gives them (not turned).
            notice: for headquarters (kind enrolled), appended in the same transaction.

        Raises:
            Fault: CONSENT_MISSING, PERSON_UNKNOWN, FACE_OF_A_MINOR, DISK_FULL, DISK_FAILED; ERASURE_INCOMPLETE: the
                references of an earlier enrolment can still be found in a file.
            ValueError: references that no gallery could use.
        """
        began_at = _complete(ground)
        if ground is None or began_at is None:
            raise Fault(FaultCode.CONSENT_MISSING)
        check(person_id, references)
        with self._database.write():
            row = self._database.row("SELECT minor FROM people WHERE id = ? AND state <> 'left'", person_id)
            if row is None:
                raise Fault(FaultCode.PERSON_UNKNOWN)
            if row[0]:
                raise Fault(FaultCode.FACE_OF_A_MINOR)
            gone = end_face(self._database, person_id, self._now_ms())
            basis, bound = self._begin(person_id, ground, began_at)
            key = self._keys.make(KeyKind.BIOMETRIC, person=person_id, binding=bound)
            self._templates.put(key, basis, references)
            self._ledger.append_local(LocalKind.ENROLLED, {"person": person_id, "references": len(references)})
            if notice is not None:
                self._ledger.append(notice, person_id)
        self.changes += 1
        if gone.records:
            leave_nothing(self._database, gone.records)

    def renew(self, person_id: str, consent: Consent) -> bytes:
        """Let a person answer another version of the text: another record, the same face, inside the transaction.

        The basis before ends, and with it its limit; the biometric key is wrapped anew, bound to the new record.

        Returns:
            The wrap that is gone, to be searched for after the commit: it would open the key for ever.

        Raises:
            Fault: CONSENT_MISSING: it says nothing, or there is no face whose basis it could be; PERSON_DAMAGED.
        """
        if not (consent.text_version and consent.language and consent.witness):
            raise Fault(FaultCode.CONSENT_MISSING)
        row = self._database.row("SELECT digest FROM bases WHERE person = ? AND state = 'active'", person_id)
        if row is None or self._database.row("SELECT 1 FROM faces WHERE person = ?", person_id) is None:
            raise Fault(FaultCode.CONSENT_MISSING, "no face is enrolled")
        self._database.run(
            "UPDATE bases SET state = 'ended', ended_at = ?2 WHERE person = ?1 AND state = 'active'",
            *(person_id, self._now_ms()),
        )
        basis, bound = self._begin(person_id, consent, consent.given_at)
        try:
            gone = self._keys.rebind(KeyKind.BIOMETRIC, person=person_id, before=row[0], binding=bound)
        except FormatError as error:
            raise Fault(FaultCode.PERSON_DAMAGED, "biometric key") from error
        self._database.run("UPDATE faces SET basis = ?2 WHERE person = ?1", person_id, basis)
        self.changes += 1
        return gone

    def limit(self, person_id: str, until: int | None) -> None:
        """Say until when (ms UTC, None: without an end) the basis in force carries a face, inside the transaction."""
        self._database.run(
            "UPDATE bases SET good_until = ?2 WHERE person = ?1 AND state = 'active'", *(person_id, until)
        )
        self.changes += 1

    def people(self) -> list[str]:
        """Ids of those with a basis in force."""
        return [
            row[0] for row in self._database.rows("SELECT person FROM bases WHERE state = 'active' ORDER BY person")
        ]

    def history(self, person_id: str) -> list[Given]:
        """Every consent of a person, oldest first; one whose record does not open is left out."""
        found: list[Given] = []
        with self._database.read():
            key = self._keys.need(KeyKind.PROFILE, person=person_id)
            for basis, record, bound, ended_at, good_until, replaced in self._database.rows(_HISTORY, person_id):
                with suppress(ValueError):
                    ground = _ground(unpadded(self._vault.unseal(key, record, _place(basis, person_id))), bound)
                    if isinstance(ground, Consent):
                        found.append(Given(ground, ended_at, good_until, bool(replaced)))
        return found

    def _begin(self, person_id: str, ground: Ground, began_at: int) -> tuple[str, bytes]:
        """Write a basis in force and that the person is informed; returns its id and what the key is bound to."""
        basis, record = secrets.token_hex(8), _record(person_id, ground)
        profile_key = self._keys.need(KeyKind.PROFILE, person=person_id)
        self._database.run(
            "INSERT INTO bases (id, person, state, digest, record, began_at) VALUES (?, ?, 'active', ?, ?, ?)",
            basis,
            person_id,
            digest(record),
            self._vault.seal(profile_key, padded(record), _place(basis, person_id)),
            began_at,
        )
        if isinstance(ground, Consent):  # whoever consents has read the notice
            self._database.run(
                "UPDATE people SET informed_at = coalesce(informed_at, ?2) WHERE id = ?1", person_id, began_at
            )
        return basis, digest(record)

    def consent_of(self, person_id: str) -> Consent | None:
        """The consent in force; None without one, also where another ground is in force. Raises as `ground_of`."""
        found = self.ground_of(person_id)
        return found if isinstance(found, Consent) else None

    def ground_of(self, person_id: str) -> Ground | None:
        """The ground in force. Raises wire.errors.FormatError if the record is not the one the key hangs on."""
        with self._database.read():
            row = self._database.row(
                "SELECT id, record, digest FROM bases WHERE person = ? AND state = 'active'", person_id
            )
            if row is None:
                return None
            key = self._keys.need(KeyKind.PROFILE, person=person_id)
            record = unpadded(self._vault.unseal(key, row[1], _place(row[0], person_id)))
        return _ground(record, row[2])


def _ground(record: bytes, bound: bytes) -> Ground:
    if digest(record) != bound:
        raise Tampered("the basis record is not the one that was agreed to")
    value = json.loads(record)
    if value["kind"] == "consent":
        return Consent(value["text_version"], value["language"], value["given_at"], value["witness"])
    return Condition(value["condition"], value["law"], value["officer"], value["paper"], value["recorded_at"])


def _complete(ground: Ground | None) -> int | None:
    """From when a ground holds, ms UTC; None for one that says too little."""
    match ground:
        case Consent() if ground.text_version and ground.language and ground.witness:
            return ground.given_at
        case Condition() if ground.condition in CONDITIONS and ground.officer and 1 <= len(ground.law) <= LONGEST_LAW:
            return ground.recorded_at
        case _:
            return None


def _record(person_id: str, ground: Ground) -> bytes:
    """The basis record: canonical, with 16 random bytes so that its digest tells nothing of it."""
    kind = "consent" if isinstance(ground, Consent) else "condition"
    try:
        return canonical.encode({**asdict(ground), "kind": kind, "person": person_id, "salt": secrets.token_hex(16)})
    except FormatError as error:
        raise Fault(FaultCode.CONSENT_MISSING, "the ground cannot be written down") from error


def _place(basis: str, person_id: str) -> Place:
    return Place("bases", "record", basis, person_id)
