"""Employee PINs: costly to guess, counted before they are checked; refuses to tell a wrong PIN from an unknown code."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, TypeAlias

from kiosk.faults import Fault, FaultCode
from kiosk.store.attempts import DEVICE_FORGETS_S, Attempts, Moment, claims_of, device_wait_s, wait_ms, wait_s
from kiosk.store.foundation import Foundation
from kiosk.store.keys import KeyKind
from kiosk.store.vault import Cost, Place, blind_index, equal, keyed_hash, padded, stretch, unpadded

# RFC 9106 asks for as much memory as can be afforded; measured on two x86-64 cores: 75-120 ms, beside a camera at work.
PIN_COST: Final = Cost(memory_kib=32_768, passes=3, lanes=1)
PIN_LENGTH: Final = range(6, 17)
# Seconds to wait after so many wrong attempts in a row for one code; then the last figure for each further one.
PERSON_WAITS_S: Final = (0, 0, 0, 5, 15, 30, 60, 120, 300, 900)
_SALT_SIZE: Final = 16
_NUMBER_SIZE: Final = 4
# Takes place, row, reason and person of a secret that does not open.
Note: TypeAlias = Callable[[str, str, str, str], None]


@dataclass(frozen=True, slots=True)
class PinAccepted:
    """Code and PIN belong together."""

    person_id: str


@dataclass(frozen=True, slots=True)
class PinRefused:
    """They do not, or it was too early to try; the next try counts after `wait_s` seconds."""

    wait_s: int


@dataclass(frozen=True, slots=True)
class Stretched:
    """A PIN on its way into the store: 16-byte salt, 32-byte hash and what it cost."""

    salt: bytes = field(repr=False)
    hash: bytes = field(repr=False)
    cost: Cost

    def encode(self) -> bytes:
        """Salt, hash, and the three costs as 4-byte big-endian numbers."""
        numbers = (self.cost.memory_kib, self.cost.passes, self.cost.lanes)
        return self.salt + self.hash + b"".join(number.to_bytes(_NUMBER_SIZE, "big") for number in numbers)

    @classmethod
    def decode(cls, data: bytes) -> "Stretched":
        """What `encode` made. Raises ValueError on another size."""
        if len(data) != _SALT_SIZE + 32 + 3 * _NUMBER_SIZE:
            raise ValueError("not a stretched secret")
        numbers = [int.from_bytes(data[at : at + _NUMBER_SIZE], "big") for at in range(48, 60, _NUMBER_SIZE)]
        return cls(data[:_SALT_SIZE], data[_SALT_SIZE:48], Cost(*numbers))


class Accounts:
    """The PINs of one store and the attempts on them.

    Attributes:
        note: is told place, row, reason and person of a secret that does not open, until somebody settles it.
    """

    def __init__(self, foundation: Foundation) -> None:
        self.cost = PIN_COST
        self._database = foundation.database
        self._vault = foundation.vault
        self._keys = foundation.keys
        self._now_ms = foundation.now_ms
        self._boot_id = foundation.boot_id
        self._attempts = Attempts(foundation)
        self.note: Note = _to_nobody

    def stretched(self, pin: str) -> Stretched:
        """Check a new PIN against the policy and stretch it, outside of any transaction.

        Raises:
            Fault: PIN_UNFIT: not 6 to 16 digits, one digit repeated, a short pattern repeated, or a sequence.
        """
        if not fit(pin):
            raise Fault(FaultCode.PIN_UNFIT)
        salt = secrets.token_bytes(_SALT_SIZE)
        return Stretched(salt, stretch(pin, salt, self._keys.need(KeyKind.PEPPER), self.cost), self.cost)

    def put(self, person_id: str, secret: Stretched) -> None:
        """Store a stretched PIN inside the current transaction; an older one of the same person is replaced."""
        row = self._database.row("SELECT row_version FROM accounts WHERE person = ? AND role = 'employee'", person_id)
        version = 1 if row is None else int(row[0]) + 1
        key = self._keys.need(KeyKind.PROFILE, person=person_id)
        sealed = self._vault.seal(key, padded(secret.encode()), _place(person_id, version))
        self._database.run("DELETE FROM accounts WHERE person = ? AND role = 'employee'", person_id)
        self._database.run(
            "INSERT INTO accounts (id, role, person, secret, row_version, changed_at)"
            " VALUES (?, 'employee', ?, ?, ?, ?)",
            secrets.token_hex(8),
            person_id,
            sealed,
            version,
            self._now_ms(),
        )

    def forget_attempts(self, person_id: str) -> None:
        """Delete what was counted against one person's code, inside the current transaction."""
        row = self._database.row("SELECT code_index FROM people WHERE id = ?", person_id)
        if row is not None:
            self._attempts.clear(self._subject(row[0]))
            self._attempts.clear(claims_of(self._keys.need(KeyKind.INDEX), row[0]))

    def check_pin(self, code: str, pin: str, now_ms: int, boottime_ms: int) -> PinAccepted | PinRefused:
        """Check a code and a PIN; the attempt is on disk before the PIN is looked at.

        An unknown code, a person without a PIN and a wrong PIN take the same steps and give the same answer. Delays run
        on CLOCK_BOOTTIME alone: setting the clock does not shorten them, and after a restart they start again. A
        failure moves the generation of the store, so that its anchors know of it.

        Args:
            code: the employee code as typed.
            pin: the PIN as typed.
            now_ms: wall clock, ms UTC; only written down.
            boottime_ms: CLOCK_BOOTTIME in ms.
        """
        index = self._keys.need(KeyKind.INDEX)
        subject, device = self._subject(blind_index(index, code)), keyed_hash(index, b"device\0")
        now = Moment(self._boot_id(), boottime_ms, now_ms)
        with self._database.write():
            self._attempts.forget_old(now)
            counted, (debt, device_wait) = self._attempts.read(subject, now), self._attempts.read_device(device, now)
            wait = max(wait_ms(PERSON_WAITS_S, counted), device_wait)
            if wait > 0:
                return PinRefused(-(-wait // 1000))
            self._attempts.count(subject, counted.count + 1, now)
            self._attempts.count(device, debt + DEVICE_FORGETS_S, now)
        with self._database.read():
            person_id, stored = self._stored(blind_index(index, code))
        salt, cost = (keyed_hash(index, b"nobody\0" + subject)[:_SALT_SIZE], self.cost)
        if stored is not None:
            salt, cost = stored.salt, stored.cost
        found = stretch(pin, salt, self._keys.need(KeyKind.PEPPER), cost)
        expected = secrets.token_bytes(len(found)) if stored is None else stored.hash
        if equal(found, expected) and person_id is not None:
            with self._database.write():
                self._attempts.clear(subject)
                self._attempts.count(device, debt, now)
            return PinAccepted(person_id)
        with self._database.write():
            self._database.advance()  # before the answer: an older copy of the store gives no attempt back
        return PinRefused(max(wait_s(PERSON_WAITS_S, counted.count + 1), device_wait_s(debt)))

    def _subject(self, code_index: bytes) -> bytes:
        return keyed_hash(self._keys.need(KeyKind.INDEX), b"attempt\0" + code_index)

    def _stored(self, code_index: bytes) -> tuple[str | None, Stretched | None]:
        row = self._database.row(
            "SELECT p.id, a.secret, a.row_version FROM people p"
            " JOIN accounts a ON a.person = p.id AND a.role = 'employee' AND a.state = 'active'"
            " WHERE p.code_index = ? AND p.state = 'active'",
            code_index,
        )
        if row is None:
            return None, None
        person_id, sealed, version = row
        try:
            key = self._keys.need(KeyKind.PROFILE, person=person_id)
            return person_id, Stretched.decode(unpadded(self._vault.unseal(key, sealed, _place(person_id, version))))
        except (Fault, ValueError) as error:
            self.note("accounts", person_id, "does not open", person_id)
            raise Fault(FaultCode.PERSON_DAMAGED, f"account of {person_id}") from error


def _to_nobody(*_found: str) -> None:
    return


def fit(pin: str) -> bool:
    """Whether a PIN may be used: 6 to 16 digits that are no repetition and no sequence up or down."""
    if len(pin) not in PIN_LENGTH or not (pin.isascii() and pin.isdigit()):
        return False
    digits = [int(character) for character in pin]
    steps = {(after - before) % 10 for before, after in pairwise(digits)}
    if len(steps) == 1:  # 000000, 123456, 987654, 135791
        return False
    if any(pin == (pin[:size] * len(pin))[: len(pin)] for size in range(1, len(pin) // 2 + 1)):  # 121212, 123123
        return False
    return len(set(pin)) > 2  # noqa: PLR2004 - 111222, 112122


def _place(person_id: str, version: int) -> Place:
    return Place("accounts", "secret", person_id, person_id, version)
