"""What a person leaves in the two files, class by class, and how it is deleted; needs no key, and refuses to skip one.

Each function stands inside one transaction of its caller; the classes are those of wire/certificate.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from kiosk.store import held
from kiosk.store.database import StoreDatabase
from wire.sealed import HEADER_SIZE, NONCE_SIZE

_MINE: Final = "SELECT template FROM faces WHERE person = ?1"
_KEYS: Final = "FROM keys WHERE kind = '{}' AND person = ?1"
# What of one person waits for headquarters; until it is signed for, the record keys of these months stay.
_WAITS: Final = "period IN (SELECT period FROM undelivered WHERE person = ?1)"


@dataclass(frozen=True, slots=True)
class _Class:
    """One class: its name on the certificate, which sealed bytes it has, and the statements that delete it."""

    name: str
    sealed: str
    deletes: tuple[str, ...]


def _keys(name: str, kind: str, rule: str = "") -> _Class:
    where = _KEYS.format(kind) + rule
    return _Class(name, f"SELECT wrapped {where}", (f"DELETE {where}",))


FACE: Final = (
    _Class(
        "references",
        f"SELECT sealed FROM templates.template WHERE id IN ({_MINE})",  # noqa: S608 - our own text, as all below
        (f"DELETE FROM templates.template WHERE id IN ({_MINE})", "DELETE FROM faces WHERE person = ?1"),  # noqa: S608
    ),
    _Class(
        "quarantined_copies",
        "SELECT sealed FROM quarantine WHERE person = ?1 AND sealed IS NOT NULL",
        ("UPDATE quarantine SET sealed = NULL WHERE person = ?1 AND sealed IS NOT NULL",),
    ),
    _keys("biometric_keys", "biometric"),
)
ACCOUNTS: Final = (
    _Class(
        "pins",
        # A badge counts among them: the certificate names the classes, and both are what a person is known by.
        "SELECT secret FROM accounts WHERE person = ?1 UNION ALL SELECT sealed FROM badges WHERE person = ?1",
        (
            "DELETE FROM badges WHERE person = ?1",
            "DELETE FROM keys WHERE kind = 'account' AND person IN (SELECT id FROM accounts WHERE person = ?1)",
            "DELETE FROM accounts WHERE person = ?1",
        ),
    ),
)
# A roster that nobody has agreed to yet must not keep the name.
_UNDECIDED: Final = (
    "UPDATE roster_entries SET sealed = NULL WHERE ref = (SELECT external_index FROM people WHERE id = ?1)"
    " AND version IN (SELECT version FROM rosters WHERE state IN ('collecting', 'held'))"
)
_IDENTITY: Final = (
    _Class("consent_records", "SELECT record FROM bases WHERE person = ?1", ("DELETE FROM bases WHERE person = ?1",)),
    _keys("profile_keys", "profile"),
    _Class(
        "profiles",
        # Papers about the person are sealed under the profile key; what they were and when they ended stays.
        "SELECT profile FROM people WHERE id = ?1"
        " UNION ALL SELECT sealed FROM papers WHERE person = ?1 AND sealed IS NOT NULL",
        (
            _UNDECIDED,
            "UPDATE papers SET sealed = NULL WHERE person = ?1",
            "DELETE FROM quarantine WHERE person = ?1",
            "DELETE FROM people WHERE id = ?1",
        ),
    ),
)
PERSON: Final = (*FACE, *ACCOUNTS, _keys("record_keys", "record"), *_IDENTITY)
# Without the root key nobody can hand on what headquarters has not signed for: its record keys wait.
PERSON_BUT_WAITING: Final = (*FACE, *ACCOUNTS, _keys("record_keys", "record", f" AND NOT {_WAITS}"), *_IDENTITY)


def _every_key(name: str, rule: str) -> _Class:
    where = f"FROM keys WHERE {rule}"
    return _Class(name, f"SELECT wrapped {where}", (f"DELETE {where}",))


# Everybody's. The ledger's entries are only counted: their keys are gone, and they go with the file they lie in.
EVERYTHING: Final = (
    _Class(
        "references",
        "SELECT sealed FROM templates.template",
        ("DELETE FROM templates.template", "DELETE FROM faces"),
    ),
    _Class("quarantined_copies", "SELECT sealed FROM quarantine WHERE sealed IS NOT NULL", ("DELETE FROM quarantine",)),
    _Class(
        "pins",
        "SELECT secret FROM accounts UNION ALL SELECT sealed FROM badges",
        ("DELETE FROM badges", "DELETE FROM accounts", "DELETE FROM attempts"),
    ),
    _Class("consent_records", "SELECT record FROM bases", ("DELETE FROM bases",)),
    _Class(
        "profiles",
        "SELECT profile FROM people UNION ALL SELECT sealed FROM papers WHERE sealed IS NOT NULL",
        ("DELETE FROM people", "DELETE FROM papers", "DELETE FROM roster_entries", "DELETE FROM told"),
    ),
    _Class("attendance_delivered", "SELECT x'' FROM bodies WHERE audience = 1", ()),
    _Class("device_records", "SELECT x'' FROM bodies WHERE audience = 0", ()),
    _every_key("biometric_keys", "kind = 'biometric'"),
    _every_key("record_keys", "kind = 'record'"),
    _every_key("profile_keys", "kind = 'profile'"),
    # With these three the store can still be opened and sign; they go last.
    _every_key("other_keys", "kind NOT IN ('store', 'signing', 'anchor')"),
)


@dataclass(frozen=True, slots=True)
class Gone:
    """What one transaction deletes.

    Attributes:
        records: the sealed bytes and wrapped keys, to be searched for afterwards.
        counts: how many of each class of the certificate.
    """

    records: list[bytes] = field(default_factory=list, repr=False)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, records: Iterable[bytes]) -> None:
        """Count records of one class."""
        found = list(records)
        self.records.extend(found)
        self.counts[name] = self.counts.get(name, 0) + len(found)

    def merge(self, other: "Gone") -> None:
        """Add what another deletion of the same transaction has taken."""
        self.records.extend(other.records)
        for name, count in other.counts.items():
            self.counts[name] = self.counts.get(name, 0) + count

    def heads(self) -> list[bytes]:
        """The first 20 bytes of each record: they name it among all others, and tell nothing of what it held."""
        return [record[: HEADER_SIZE + NONCE_SIZE] for record in self.records]


def destroy(database: StoreDatabase, classes: Iterable[_Class], *person_id: str) -> Gone:
    """Delete these classes of one person, or of everybody."""
    gone = Gone()
    for each in classes:
        gone.add(each.name, (row[0] for row in database.rows(each.sealed, *person_id)))
        for statement in each.deletes:
            database.run(statement, *person_id)
    return gone


def end_face(database: StoreDatabase, person_id: str, now_ms: int) -> Gone:
    """Delete biometric key and references of one person, and end the consent they hung on."""
    gone = destroy(database, FACE, person_id)
    database.run(
        "UPDATE bases SET state = 'ended', ended_at = ?2 WHERE person = ?1 AND state = 'active'", person_id, now_ms
    )
    return gone


def has_face(database: StoreDatabase, person_id: str) -> bool:
    """Whether there is anything that `end_face` would delete or end."""
    found = any(database.row(each.sealed, person_id) is not None for each in FACE)
    return found or database.row("SELECT 1 FROM bases WHERE person = ? AND state = 'active'", person_id) is not None


def waiting(database: StoreDatabase, person_id: str, after: int = 0) -> int:
    """How many events of this person ("": of all) headquarters has not signed for, among the entries after `after`.

    What is held here under a restriction counts, too, until something was handed over: with that it was.
    """
    row = database.row("SELECT count(*) FROM undelivered WHERE ?1 IN ('', person) AND seq > ?2", person_id, after)
    return (0 if row is None else int(row[0])) + (0 if after else held.count(database, person_id))


def added(before: Mapping[str, str | int], counts: Mapping[str, int]) -> dict[str, str | int]:
    """The detail of an intent with these counts added to its own."""
    return {**before, **{name: int(before.get(name, 0)) + count for name, count in counts.items()}}
