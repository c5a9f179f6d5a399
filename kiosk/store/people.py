"""Who may use this door: names and codes, sealed per person; refuses two people with one employee code."""

import re
import secrets
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Any, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.accounts import Accounts
from kiosk.store.acts import AppendLocal, LocalKind
from kiosk.store.face_mode import USED
from kiosk.store.foundation import Foundation
from kiosk.store.keys import KeyKind
from kiosk.store.profile import Profile, seal, unseal
from kiosk.store.quarantine import Quarantine
from kiosk.store.vault import blind_index
from wire import checks
from wire.errors import FormatError

_LANGUAGE: Final = re.compile(r"[a-z]{2}")
_SELECT: Final = (
    "SELECT p.id, p.profile, p.row_version, p.face_restricted OR p.attendance_restricted, p.attendance_restricted,"  # noqa: S608 - our own text
    f" p.minor, {USED}, EXISTS (SELECT 1 FROM faces f WHERE f.person = p.id),"
    " EXISTS (SELECT 1 FROM accounts a WHERE a.person = p.id AND a.role = 'employee'),"
    " k.wrapped, k.row_version, p.state, p.informed_at IS NOT NULL FROM people p"
    " LEFT JOIN keys k ON k.kind = 'profile' AND k.person = p.id"
)
_FACE: Final = (
    "SELECT 1 FROM people p JOIN faces f ON f.person = p.id JOIN bases b ON b.id = f.basis AND b.state = 'active'"  # noqa: S608
    " AND (b.good_until IS NULL OR b.good_until > ?2)"
    f" JOIN keys k ON k.kind = 'biometric' AND k.person = p.id WHERE p.id = ?1 AND {USED}"
    " AND p.id NOT IN (SELECT subject FROM intents WHERE kind = 'erase_face' AND done = 0)"
)


@dataclass(frozen=True, slots=True)
class Person:
    """One person as the kiosk knows them; name and code never show in a repr.

    Attributes:
        id: random, 16 hexadecimal digits; means nothing outside this store.
        code: the employee code, 1 to 64 characters.
        name: 1 to 64 characters.
        language: two letters.
        has_face: whether references are enrolled.
        has_pin: whether a PIN is set.
        restricted: whether the face or the attendance of this person is under restriction.
        state: "active", "suspended" (restricted) or "left" (is being erased); only the active are admitted.
        source: who said so last, "admin" or "roster".
        shift: id of a shift, or "".
        version: of that roster, or 0.
        told_at: when it was said, ms UTC.
        informed: whether they were given the notice.
        held: whether check-ins stay on this device (restriction of attendance).
        minor: whether they are under age: no face is enrolled.
        face_used: whether there is a face and it may be compared: in a list nobody is told apart by why it is not.
    """

    id: str
    code: str = field(repr=False)
    name: str = field(repr=False)
    language: str
    has_face: bool
    has_pin: bool
    restricted: bool
    state: str = "active"
    source: str = "admin"
    shift: str = ""
    version: int = 0
    told_at: int = 0
    informed: bool = False
    held: bool = False
    minor: bool = False
    face_used: bool = False


class People:
    """The people of one store."""

    def __init__(
        self, foundation: Foundation, accounts: Accounts, append_local: AppendLocal, quarantine: Quarantine
    ) -> None:
        self._foundation = foundation
        self._database = foundation.database
        self._vault = foundation.vault
        self._keys = foundation.keys
        self._now_ms = foundation.now_ms
        self._accounts = accounts
        self._append_local = append_local
        self._quarantine = quarantine

    def add(self, code: str, name: str, *, language: str = "id", pin: str | None = None) -> str:
        """Add a person; returns the new random id.

        Raises:
            Fault: PERSON_EXISTS, PERSON_INVALID (code, name or language), PIN_UNFIT, DISK_FULL, DISK_FAILED.
        """
        code, name = _text(code, "code"), _text(name, "name")
        if _LANGUAGE.fullmatch(language) is None:
            raise Fault(FaultCode.PERSON_INVALID, "language")
        secret = None if pin is None else self._accounts.stretched(pin)
        person_id = secrets.token_hex(8)
        with self._database.write():
            if self._row_of(code) is not None:
                raise Fault(FaultCode.PERSON_EXISTS)
            self._keys.make(KeyKind.PROFILE, person=person_id)
            profile = Profile(code, name, language, at=self._now_ms())
            self._database.run(
                "INSERT INTO people (id, code_index, profile, source, created_at) VALUES (?, ?, ?, 'admin', ?)",
                person_id,
                self._index(code),
                seal(self._foundation, person_id, profile, 1),
                profile.at,
            )
            if secret is not None:
                self._accounts.put(person_id, secret)
            self._append_local(LocalKind.PERSON_ADDED, {"person": person_id})
        return person_id

    def correct(self, person_id: str, *, name: str | None = None, language: str | None = None) -> None:
        """Put another name or language in the place of a wrong one; inside a `write` block part of it.

        Raises:
            Fault: PERSON_UNKNOWN, PERSON_DAMAGED, PERSON_INVALID (name or language), DISK_FULL, DISK_FAILED.
        """
        name = None if name is None else _text(name, "name")
        if language is not None and _LANGUAGE.fullmatch(language) is None:
            raise Fault(FaultCode.PERSON_INVALID, "language")
        with self._database.write():
            row = self._database.row("SELECT profile, row_version FROM people WHERE id = ?", person_id)
            if row is None:
                raise Fault(FaultCode.PERSON_UNKNOWN)
            key = self._keys.need(KeyKind.PROFILE, person=person_id)
            try:
                known = unseal(self._vault, key, row[0], person_id, int(row[1]))
            except ValueError as wrong:
                raise Fault(FaultCode.PERSON_DAMAGED, f"person {person_id}") from wrong
            changed = replace(
                known,
                name=known.name if name is None else name,
                language=known.language if language is None else language,
                at=self._now_ms(),
            )
            self._database.run(
                "UPDATE people SET profile = ?, row_version = ? WHERE id = ?",
                *(seal(self._foundation, person_id, changed, int(row[1]) + 1), int(row[1]) + 1, person_id),
            )
            self._append_local(LocalKind.PERSON_CORRECTED, {"person": person_id})

    def set_pin(self, person_id: str, pin: str, *, by: str = "") -> None:
        """Give a person a PIN, or another one; `by` is the account that did, "" for the person themselves.

        Raises:
            Fault: PERSON_UNKNOWN, PIN_UNFIT.
        """
        secret = self._accounts.stretched(pin)
        with self._database.write():
            if self._database.row("SELECT 1 FROM people WHERE id = ?", person_id) is None:
                raise Fault(FaultCode.PERSON_UNKNOWN)
            self._accounts.put(person_id, secret)
            self._append_local(LocalKind.PIN_SET, {"person": person_id, "by": by or "self"})

    def all(self) -> list[Person]:
        """Everyone, by code. A person whose record does not open goes to quarantine and is left out."""
        with self._database.read():
            found = [self._person(row) for row in self._database.rows(_SELECT)]
        self._quarantine.settle()
        return sorted((person for person in found if person), key=lambda person: person.code)

    def get(self, person_id: str) -> Person:
        """One person. Raises Fault PERSON_UNKNOWN, or PERSON_DAMAGED if the record does not open."""
        with self._database.read():
            row = self._database.row(f"{_SELECT} WHERE p.id = ?", person_id)
            person = None if row is None else self._person(row)
        self._quarantine.settle()
        if row is None:
            raise Fault(FaultCode.PERSON_UNKNOWN)
        if person is None:
            raise Fault(FaultCode.PERSON_DAMAGED, f"person {person_id}")
        return person

    def admit(self, person_id: str, *, by_face: bool) -> None:
        """Let somebody go on who is known by a PIN or by their face; inside a `write` it holds until the commit.

        Raises:
            Fault: PERSON_UNKNOWN for somebody who is gone or may not use the door; CONSENT_MISSING for a face without
                a basis in force whose time is not over, a biometric key and a reference, or under restriction.
        """
        if self._database.row("SELECT 1 FROM people WHERE id = ? AND state = 'active'", person_id) is None:
            raise Fault(FaultCode.PERSON_UNKNOWN)
        if by_face and self._database.row(_FACE, person_id, self._now_ms()) is None:
            raise Fault(FaultCode.CONSENT_MISSING)

    def by_code(self, code: str) -> Person | None:
        """The person with this employee code, if there is one."""
        with self._database.read():
            row = self._row_of(code)
        return None if row is None else self.get(row[0])

    def _row_of(self, code: str) -> tuple[Any, ...] | None:
        return self._database.row("SELECT id FROM people WHERE code_index = ?", self._index(code))

    def _index(self, code: str) -> bytes:
        return blind_index(self._keys.need(KeyKind.INDEX), code)

    def _person(self, row: tuple[Any, ...]) -> Person | None:
        person_id, profile, version, restricted, held, minor, used, *rest = row
        has_face, has_pin, wrapped, key_version, state, informed = rest
        try:
            key = self._keys.opened((KeyKind.PROFILE, person_id, "", 1), wrapped or b"", key_version or 0)
            known = unseal(self._vault, key, profile, person_id, version)
        except ValueError:
            self._quarantine.note("people", person_id, "does not open", person_id)
            return None
        return Person(
            id=person_id,
            code=known.code,
            name=known.name,
            language=known.language,
            has_face=bool(has_face),
            has_pin=bool(has_pin),
            restricted=bool(restricted),
            state=state,
            source=known.source,
            shift=known.shift,
            version=known.version,
            told_at=known.at,
            informed=bool(informed),
            held=bool(held),
            minor=bool(minor),
            face_used=bool(has_face and used),
        )


def check_name(name: str) -> None:
    """Refuse what `People.correct` would refuse as a name. Raises Fault PERSON_INVALID."""
    _text(name, "name")


def _text(value: str, what: str) -> str:
    try:
        return checks.text(unicodedata.normalize("NFC", value), what, least=1)
    except FormatError as error:
        raise Fault(FaultCode.PERSON_INVALID, str(error)) from error
