"""The accounts of those who run the device, each sealed under a key of its own; refuses two of one name."""

import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store import password_cost
from kiosk.store.accounts import Stretched
from kiosk.store.approval import Role
from kiosk.store.attempts import Attempts
from kiosk.store.codes import Code
from kiosk.store.foundation import Foundation
from kiosk.store.keys import KeyKind
from kiosk.store.password_policy import REMEMBERED
from kiosk.store.vault import Cost, Place, keyed_hash, padded, unpadded
from wire import canonical, checks
from wire.errors import FormatError

# Every login opens them all, so that a name tells nothing by the time it takes.
MOST_ACCOUNTS: Final = 64
LOCK_AFTER: Final = 10  # wrong passwords in a row
# A record of one password is as long as one of twelve, with the longest name.
_LEAST: Final = 2560
_FAILURES: Final = "failures/"


@dataclass(frozen=True, slots=True)
class Record:
    """What is sealed of one account.

    Attributes:
        name: 1 to 64 characters; never shows in a repr.
        passwords: the last twelve, newest first; the first is in force unless a code is.
        changed_at: when the newest was set, ms UTC; 0 before.
        must_change: it may only be used to set another one.
        code: the one-time code that opens the account instead of any password.
    """

    name: str = field(repr=False)
    passwords: tuple[Stretched, ...] = ()
    changed_at: int = 0
    must_change: bool = False
    code: Code | None = None

    def encode(self) -> bytes:
        """Canonical JSON."""
        return canonical.encode(
            {
                "name": self.name,
                "passwords": [each.encode().hex() for each in self.passwords],
                "changed_at": self.changed_at,
                "must_change": self.must_change,
                "code": None if self.code is None else self.code.encode(),
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> "Record":
        """What `encode` made. Raises ValueError."""
        shape: dict[str, type | tuple[type, ...]] = {
            "name": str,
            "passwords": list,
            "changed_at": int,
            "must_change": bool,
            "code": (dict, type(None)),
        }
        value = canonical.fields(canonical.decode(data), shape)
        value["passwords"] = tuple(Stretched.decode(bytes.fromhex(each)) for each in value["passwords"])
        value["code"] = None if value["code"] is None else Code.decode(value["code"])
        return cls(**value)

    def with_password(self, password: Stretched, now_ms: int) -> "Record":
        """The record after a new password was set: any code is used up."""
        passwords = (password, *self.passwords)[:REMEMBERED]
        return replace(self, passwords=passwords, changed_at=now_ms, must_change=False, code=None)


@dataclass(frozen=True, slots=True)
class Account:
    """One account, opened: its id (16 hexadecimal digits), role, version of the row, and what was sealed."""

    id: str
    role: Role
    locked: bool
    version: int
    record: Record


class Admins:
    """The administrators' accounts of one store; every change stands inside a `write` block.

    Attributes:
        cost: what a new password costs; the one measured on this device unless set.
        note: is told place, row and reason of a record that does not open, until somebody settles it.
        attempts: what was counted.
    """

    def __init__(self, foundation: Foundation, note: Callable[[str, str, str], None]) -> None:
        self.cost: Cost | None = None
        self.attempts = Attempts(foundation)
        self._note = note
        self._database = foundation.database
        self._vault = foundation.vault
        self._keys = foundation.keys
        self._now_ms = foundation.now_ms

    def current_cost(self) -> Cost:
        """What a new password costs."""
        return self.cost or password_cost.kept(self._database) or password_cost.LEAST

    def pepper(self) -> bytes:
        """32 bytes that are in no file readably, stirred into every password and code. Raises Fault."""
        return self._keys.need(KeyKind.PEPPER)

    def subject(self, purpose: str, name: str = "") -> bytes:
        """The 32 bytes under which attempts on a name are counted."""
        return keyed_hash(self._keys.need(KeyKind.INDEX), f"admin/{purpose}\0{_folded(name)}".encode(errors="replace"))

    def all(self) -> list[Account]:
        """Every account that opens, by name."""
        with self._database.read():
            rows = self._database.rows(
                "SELECT id, role, state, row_version, secret FROM accounts WHERE role <> 'employee' ORDER BY id"
            )
            found = [self._opened(row) for row in rows]
        return sorted((each for each in found if each is not None), key=lambda each: _folded(each.record.name))

    def by_name(self, name: str) -> Account | None:
        """The account of this name, in capital or small letters; every account is opened on the way."""
        wanted = _folded(name)
        found = [each for each in self.all() if _folded(each.record.name) == wanted]
        return found[0] if found else None

    def get(self, account_id: str) -> Account:
        """One account. Raises Fault ACCOUNT_UNKNOWN."""
        found = [each for each in self.all() if each.id == account_id]
        if not found:
            raise Fault(FaultCode.ACCOUNT_UNKNOWN)
        return found[0]

    def add(self, role: Role, record: Record) -> str:
        """Add an account; returns its new random id. Raises Fault ACCOUNT_EXISTS or PERSON_INVALID (the name)."""
        try:
            checks.text(record.name, "name", least=1)
        except FormatError as error:
            raise Fault(FaultCode.PERSON_INVALID, str(error)) from error
        others = self.all()
        if len(others) >= MOST_ACCOUNTS:
            raise Fault(FaultCode.ACCOUNT_EXISTS, f"{MOST_ACCOUNTS} accounts are the most")
        if any(_folded(each.record.name) == _folded(record.name) for each in others):
            raise Fault(FaultCode.ACCOUNT_EXISTS)
        account_id = secrets.token_hex(8)
        self._keys.make(KeyKind.ACCOUNT, person=account_id)
        self._database.run(
            "INSERT INTO accounts (id, role, secret, changed_at) VALUES (?, ?, ?, ?)",
            account_id,
            role.value,
            self._sealed(account_id, role, record, 1),
            self._now_ms(),
        )
        return account_id

    def put(self, account: Account, record: Record) -> None:
        """Give an account another record. Raises Fault STORE_BUSY if it was changed since it was opened."""
        version = account.version + 1
        changed = self._database.run(
            "UPDATE accounts SET secret = ?, row_version = ?, changed_at = ? WHERE id = ? AND row_version = ?",
            self._sealed(account.id, account.role, record, version),
            version,
            self._now_ms(),
            account.id,
            account.version,
        )
        if changed != 1:
            raise Fault(FaultCode.STORE_BUSY, "the account was changed meanwhile")

    def drop(self, account: Account) -> list[bytes]:
        """Delete an account and its key; returns the sealed bytes, to be searched for."""
        row = self._database.row("SELECT secret FROM accounts WHERE id = ?", account.id)
        self._database.run("DELETE FROM accounts WHERE id = ?", account.id)
        self.forgive(account)
        gone = self._keys.drop(KeyKind.ACCOUNT, person=account.id)
        return gone if row is None else [row[0], *gone]

    def count(self, role: Role | None = None) -> int:
        """How many accounts there are (of one role), whether they open or not."""
        row = self._database.row(
            "SELECT count(*) FROM accounts WHERE role <> 'employee' AND coalesce(role = ?, 1)", role and role.value
        )
        return 0 if row is None else int(row[0])

    def locked(self, account: Account) -> bool:
        """Whether only another administrator or a code opens it, also if a power cut kept that from being noted."""
        return account.locked or self.failures(account) >= LOCK_AFTER

    def failures(self, account: Account | None) -> int:
        """Wrong passwords in a row, over days and restarts; nobody has a count, too, so that the steps are the same."""
        row = self._database.row("SELECT value FROM watermarks WHERE name = ?", _counter(account))
        return 0 if row is None else int(row[0])

    def fail(self, account: Account | None, failures: int) -> None:
        """Write down the failures of an account, or of nobody."""
        self._database.run("INSERT OR REPLACE INTO watermarks (name, value) VALUES (?, ?)", _counter(account), failures)

    def lock(self, account: Account) -> None:
        """Write down that an account is locked."""
        self._database.run("UPDATE accounts SET state = 'locked' WHERE id = ?", account.id)

    def forgive(self, account: Account) -> None:
        """Forget all failures of an account, and any lock."""
        self._database.run("DELETE FROM watermarks WHERE name = ?", _counter(account))
        self._database.run("UPDATE accounts SET state = 'active' WHERE id = ?", account.id)
        for purpose in ("password", "code"):
            self.attempts.clear(self.subject(purpose, account.record.name))

    def _sealed(self, account_id: str, role: Role, record: Record, version: int) -> bytes:
        key = self._keys.need(KeyKind.ACCOUNT, person=account_id)
        return self._vault.seal(key, padded(record.encode(), least=_LEAST), _place(account_id, role, version))

    def _opened(self, row: tuple[Any, ...]) -> Account | None:
        account_id, role, state, version, sealed = row
        try:
            key = self._keys.get(KeyKind.ACCOUNT, person=account_id)
            if key is None:
                raise FormatError("an account without its key")
            record = Record.decode(unpadded(self._vault.unseal(key, sealed, _place(account_id, Role(role), version))))
            return Account(account_id, Role(role), state == "locked", version, record)
        except ValueError:
            self._note("accounts", account_id, "does not open")
            return None


def _counter(account: Account | None) -> str:
    return f"{_FAILURES}{'nobody' if account is None else account.id}"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


def _place(account_id: str, role: Role, version: int) -> Place:
    """The role stands in the clear; bound like this, another one written over it opens nothing."""
    return Place("accounts", "secret", account_id, "", version, role.value.encode())
