"""The ground on which a face may be kept: consent, key and references in one transaction; refuses a face without it."""

import json
import secrets
from dataclasses import dataclass

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


class Basis:
    """Consents and what hangs on them."""

    def __init__(self, foundation: Foundation, templates: Templates, ledger: Ledger) -> None:
        self.changes = 0
        self._database = foundation.database
        self._vault = foundation.vault
        self._keys = foundation.keys
        self._now_ms = foundation.now_ms
        self._templates = templates
        self._ledger = ledger

    def enrol(
        self, person_id: str, consent: Consent | None, references: list[Reference], *, notice: Notice | None = None
    ) -> None:
        """Keep 1 to 5 references of a person who agreed: basis, key and references commit together or not at all.

        The wrap of the person's biometric key is bound to the digest of the basis record. An earlier enrolment of the
        same person ends in the same transaction.

        Args:
            person_id: random id.
            consent: what was agreed to.
            references: as the model gives them (not turned).
            notice: for headquarters (kind enrolled), appended in the same transaction.

        Raises:
            Fault: CONSENT_MISSING, PERSON_UNKNOWN, DISK_FULL, DISK_FAILED; ERASURE_INCOMPLETE: the references of an
                earlier enrolment can still be found in a file.
            ValueError: references that no gallery could use.
        """
        if consent is None or not (consent.text_version and consent.language and consent.witness):
            raise Fault(FaultCode.CONSENT_MISSING)
        check(person_id, references)
        with self._database.write():
            if self._database.row("SELECT 1 FROM people WHERE id = ? AND state <> 'left'", person_id) is None:
                raise Fault(FaultCode.PERSON_UNKNOWN)
            gone = end_face(self._database, person_id, self._now_ms())
            basis, record = secrets.token_hex(8), _record(person_id, consent)
            profile_key = self._keys.need(KeyKind.PROFILE, person=person_id)
            self._database.run(
                "INSERT INTO bases (id, person, state, digest, record, began_at) VALUES (?, ?, 'active', ?, ?, ?)",
                basis,
                person_id,
                digest(record),
                self._vault.seal(profile_key, padded(record), _place(basis, person_id)),
                consent.given_at,
            )
            key = self._keys.make(KeyKind.BIOMETRIC, person=person_id, binding=digest(record))
            self._templates.put(key, basis, references)
            self._ledger.append_local(LocalKind.ENROLLED, {"person": person_id, "references": len(references)})
            if notice is not None:
                self._ledger.append(notice, person_id)
        self.changes += 1
        if gone.records:
            leave_nothing(self._database, gone.records)

    def consent_of(self, person_id: str) -> Consent | None:
        """The consent in force. Raises wire.errors.FormatError if the record is not the one the key hangs on."""
        with self._database.read():
            row = self._database.row(
                "SELECT id, record, digest FROM bases WHERE person = ? AND state = 'active'", person_id
            )
            if row is None:
                return None
            key = self._keys.need(KeyKind.PROFILE, person=person_id)
            record = unpadded(self._vault.unseal(key, row[1], _place(row[0], person_id)))
        if digest(record) != row[2]:
            raise Tampered("the basis record is not the one that was agreed to")
        value = json.loads(record)
        return Consent(value["text_version"], value["language"], value["given_at"], value["witness"])


def _record(person_id: str, consent: Consent) -> bytes:
    """The basis record: canonical, with 16 random bytes so that its digest tells nothing of it."""
    try:
        return canonical.encode(
            {
                "kind": "consent",
                "person": person_id,
                "text_version": consent.text_version,
                "language": consent.language,
                "given_at": consent.given_at,
                "witness": consent.witness,
                "salt": secrets.token_hex(16),
            }
        )
    except FormatError as error:
        raise Fault(FaultCode.CONSENT_MISSING, "the consent cannot be written down") from error


def _place(basis: str, person_id: str) -> Place:
    return Place("bases", "record", basis, person_id)
