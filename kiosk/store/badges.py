"""Badges: whose is whose, until when, and which no longer count; refuses to say on the screen why one is refused.

A badge is 8 random bytes that this device has signed (wire/badge.py). The store keeps a keyed hash of them, by which
the holder is found, and seals them with their end under the holder's key: a row that was given to somebody else, or
whose state was turned back, does not open.
"""

import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store import siblings
from kiosk.store.acts import LocalKind
from kiosk.store.keys import KeyKind
from kiosk.store.vault import Place, keyed_hash, padded, unpadded
from wire import badge, checks
from wire.badge import Badge
from wire.errors import BadSignature, Expired, FormatError
from wire.signing import SigningKey, key_id

if TYPE_CHECKING:
    from kiosk.store import Store

DAYS: Final = range(1, 1097)
USUAL_DAYS: Final = 365
_DAY_S: Final = 86_400
_SHOWN: Final = 16
_ROW: Final = "b.badge_index, b.sealed, b.state, b.row_version"
_ACTIVE: Final = f"SELECT {_ROW}, b.changed_at FROM badges b WHERE b.person = ? AND b.state = 'active'"  # noqa: S608 - our own text
_HELD: Final = (
    f"SELECT {_ROW}, p.id, p.state FROM badges b"  # noqa: S608 - our own text
    " JOIN people p ON p.id = b.person WHERE b.badge_index = ?"
)


class Why(StrEnum):
    """Why a code is no badge that counts here; for the ledger alone."""

    NO_BADGE = "no_badge"  # another code, another length or spelling
    ISSUER = "unknown_issuer"  # signed, if at all, by a device that is not trusted here
    FORGED = "forged"
    EXPIRED = "expired"
    UNKNOWN = "unknown"  # genuine, and of nobody here: a sibling's, or an erased person's
    REVOKED = "revoked"
    HOLDER = "holder"  # suspended, or has left


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose badge it is, by random id."""

    person: str


@dataclass(frozen=True, slots=True)
class Refused:
    """It counts for nobody; `badge` and `person` are ids, "" where nothing is known."""

    why: Why
    badge: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """A badge that was just made: its 115 characters for the QR code, and when it ends (ms UTC, exclusive)."""

    token: str = field(repr=False)
    ends_at: int


@dataclass(frozen=True, slots=True)
class Current:
    """The badge that somebody has now: since when, and when it ends (ms UTC)."""

    since: int
    ends_at: int


@dataclass(frozen=True, slots=True)
class _Record:
    """What is sealed: the badge's random bytes, its end (s since 1970), and whether it counts."""

    badge_id: bytes
    ends_s: int
    active: bool

    def encode(self) -> bytes:
        return self.badge_id + self.ends_s.to_bytes(8, "big") + bytes((self.active,))

    @classmethod
    def decode(cls, data: bytes) -> "_Record":
        if len(data) != badge.ID_SIZE + 9 or data[-1] > 1:
            raise ValueError("not the record of a badge")
        return cls(data[: badge.ID_SIZE], int.from_bytes(data[badge.ID_SIZE : -1], "big"), bool(data[-1]))


def issue(store: "Store", person: str, days: int = USUAL_DAYS, *, by: str) -> Issued:
    """Give a person a badge; the one before no longer counts. What its code says is kept nowhere.

    Args:
        store: open.
        person: random id.
        days: until it ends, 1 to 1096.
        by: account that gives it out.

    Raises:
        Fault: PERSON_UNKNOWN, also for somebody who has left; DISK_FULL, DISK_FAILED.
        ValueError: another number of days.
    """
    if days not in DAYS:
        raise ValueError("days")
    signing = SigningKey.from_bytes(store.keys.need(KeyKind.SIGNING))
    made = Badge(secrets.token_bytes(badge.ID_SIZE), key_id(signing.public), store.now_ms() // 1000 + days * _DAY_S)
    index = _index(store, made.badge_id)
    with store.database.write():
        if store.database.row("SELECT 1 FROM people WHERE id = ? AND state <> 'left'", person) is None:
            raise Fault(FaultCode.PERSON_UNKNOWN)
        _end(store, person, by)
        sealed = _seal(store, person, index, 1, _Record(made.badge_id, made.expires_at, active=True))
        store.database.run(
            "INSERT INTO badges (badge_index, person, sealed, state, changed_at) VALUES (?, ?, ?, 'active', ?)",
            *(index, person, sealed, store.now_ms()),
        )
        store.append_local(
            LocalKind.BADGE_ISSUED, {"person": person, "badge": _shown(index), "days": days, "by": by or "self"}
        )
    return Issued(badge.issue(made, signing), made.expires_at * 1000)


def revoke(store: "Store", person: str, *, by: str) -> bool:
    """Let a person's badge count no more, for good; False if they have none. An older copy of the store is told apart.

    Raises:
        Fault: DISK_FULL, DISK_FAILED.
    """
    with store.database.write():
        return _end(store, person, by)


def holder(store: "Store", text: str) -> Holder | Refused:
    """Whose badge a code is, now. Raises Fault PERSON_DAMAGED if its row does not open."""
    try:
        read = badge.read(text, siblings.issuers(store), store.now_ms() // 1000)
    except Expired:
        return _unread(store, text, Why.EXPIRED)
    except BadSignature:
        return _unread(store, text, Why.FORGED if _claimed(text)[1] in siblings.issuers(store) else Why.ISSUER)
    except FormatError:
        return Refused(Why.NO_BADGE)
    index = _index(store, read.badge_id)
    with store.database.read():
        row = store.database.row(_HELD, index)
        if row is None:
            return Refused(Why.UNKNOWN, _shown(index))
        person, standing = str(row[4]), row[5]
        record = _open(store, person, row[:4])
    if (record.badge_id, record.ends_s) != (read.badge_id, read.expires_at):
        raise _damaged(store, person, index)
    if not record.active:
        return Refused(Why.REVOKED, _shown(index), person)
    return Holder(person) if standing == "active" else Refused(Why.HOLDER, _shown(index), person)


def tried(store: "Store", text: str) -> Holder | Refused:
    """As `holder`; what is refused is written down, by ids and kind, and nothing of what the code says.

    Raises:
        Fault: PERSON_DAMAGED, DISK_FULL, DISK_FAILED.
    """
    found = holder(store, text)
    if isinstance(found, Refused):
        detail: dict[str, str | int] = {"why": found.why.value}
        detail |= {name: value for name, value in (("badge", found.badge), ("person", found.person)) if value}
        store.append_local(LocalKind.BADGE_REFUSED, detail)
    return found


def current(store: "Store", person: str) -> Current | None:
    """The badge that counts for somebody, also past its end; None without one. Raises Fault PERSON_DAMAGED."""
    with store.database.read():
        row = store.database.row(_ACTIVE, person)
        if row is None:
            return None
        record = _open(store, person, row[:4])
    return Current(int(row[4]), record.ends_s * 1000)


def _end(store: "Store", person: str, by: str) -> bool:
    """Inside the current transaction. One that does not open is only marked: it opens for nobody afterwards either."""
    row = store.database.row(_ACTIVE, person)
    if row is None:
        return False
    index, version = bytes(row[0]), int(row[3]) + 1
    try:
        record = _open(store, person, row[:4])
    except Fault as fault:
        if fault.code is not FaultCode.PERSON_DAMAGED:
            raise
        record = _Record(bytes(badge.ID_SIZE), 0, active=False)
    sealed = _seal(store, person, index, version, _Record(record.badge_id, record.ends_s, active=False))
    store.database.run(
        "UPDATE badges SET state = 'revoked', sealed = ?, row_version = ?, changed_at = ? WHERE badge_index = ?",
        *(sealed, version, store.now_ms(), index),
    )
    store.append_local(LocalKind.BADGE_REVOKED, {"person": person, "badge": _shown(index), "by": by or "self"})
    store.database.advance()
    return True


def _unread(store: "Store", text: str, why: Why) -> Refused:
    """A code in the form of a badge that is refused before its row is looked at."""
    return Refused(why, _shown(_index(store, _claimed(text)[0])))


def _claimed(text: str) -> tuple[bytes, bytes]:
    """The badge and issuer that a code of the right form names, whoever has written it."""
    data = checks.base64url(text.removeprefix(badge.PREFIX))
    return data[: badge.ID_SIZE], data[badge.ID_SIZE : badge.ID_SIZE + 4]


def _index(store: "Store", badge_id: bytes) -> bytes:
    return keyed_hash(store.keys.need(KeyKind.INDEX), b"ambang/badge/v1\0" + badge_id)


def _shown(index: bytes) -> str:
    return index.hex()[:_SHOWN]


def _place(person: str, index: bytes, version: int) -> Place:
    return Place("badges", "sealed", index.hex(), person, version)


def _seal(store: "Store", person: str, index: bytes, version: int, record: _Record) -> bytes:
    key = store.keys.need(KeyKind.PROFILE, person=person)
    return store.foundation.vault.seal(key, padded(record.encode()), _place(person, index, version))


def _open(store: "Store", person: str, row: tuple[bytes, bytes, str, int]) -> _Record:
    """A row as `_ROW` has it. Raises Fault PERSON_DAMAGED."""
    index, sealed, state, version = row
    try:
        key = store.keys.need(KeyKind.PROFILE, person=person)
        clear = unpadded(store.foundation.vault.unseal(key, sealed, _place(person, index, version)))
        record = _Record.decode(clear)
    except ValueError as wrong:
        raise _damaged(store, person, index) from wrong
    if record.active != (state == "active"):
        raise _damaged(store, person, index)
    return record


def _damaged(store: "Store", person: str, index: bytes) -> Fault:
    store.quarantine.note("badges", index.hex(), "does not open", person)
    return Fault(FaultCode.PERSON_DAMAGED, f"badge of {person}")
