"""The papers of the data-protection desk, sealed: requests, decisions, notices, cases; refuses to lose a change.

A paper about a person is sealed under that person's profile key and goes with it: after an erasure only its kind, state
and dates are left. Every paper that is filed, changed or dropped stands in the ledger. Kind, state and dates lie in
the clear, so that the desk finds a paper by them, and are bound to what is sealed: one written over opens nothing.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.acts import LocalKind
from kiosk.store.keys import KeyKind
from kiosk.store.vault import Place, digest, padded, unpadded
from wire import canonical
from wire.errors import FormatError

if TYPE_CHECKING:
    from kiosk.store import Store


class PaperKind(StrEnum):
    """The closed list of what the desk keeps."""

    NOTICE = "notice"  # a version of the privacy notice
    CORRECTION = "correction"  # what is to be corrected or reviewed, and what a human has decided
    ANSWER = "answer"  # what a person said to a notice, a purpose or an announcement
    REQUEST = "request"  # of a person: access, rectification, ...
    BASIS = "basis"  # the ground on which a purpose stands for one person, or what restricts it
    ASSESSMENT = "assessment"  # of impact, signed by the officer
    CASE = "case"  # a breach, or what may become one
    HOLD = "hold"  # nothing of this person, or of everybody, may be swept
    RECIPIENT = "recipient"  # what a recipient was told, and whether they confirmed
    READING = "reading"  # who read a held class, and why
    MEDIUM = "medium"  # a removable medium or a laptop that may carry personal data
    ACKNOWLEDGEMENT = "acknowledgement"  # of the policy, by an account
    TRAINING = "training"  # a quiz passed by an account
    CONTRACT = "contract"  # of an outside technician
    APPROVAL = "approval"  # of the officer, for a role or an export
    REVIEW = "review"  # of the data that is kept, or of the measures
    EXPORT = "export"  # a file that was handed out
    SWEEP = "sweep"  # a signed report of retention
    CLAIM = "claim"  # somebody was recorded on their word alone, and why
    SETTINGS = "settings"  # what was changed on the screen, over kiosk.toml; there is one
    HELD = "held"  # a check-in under restriction; only lifting it or erasing the person ends it


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper.

    Attributes:
        id: 16 hexadecimal digits.
        kind: what it is.
        person: random id of the person it is about, or "".
        state: a word of that kind.
        due_at: by when something must be done, ms UTC.
        created_at: ms UTC.
        changed_at: ms UTC.
        closed_at: when it was done with, ms UTC.
        version: counts its changes, from 1.
        content: what it says; None once the person is erased.
    """

    id: str
    kind: PaperKind
    person: str
    state: str
    due_at: int | None
    created_at: int
    changed_at: int
    closed_at: int | None
    version: int
    content: Mapping[str, Any] | None = field(repr=False)


LARGEST: Final = 200_000
"""Bytes of what a paper says, as canonical JSON."""
COLUMNS: Final = "id, kind, person, state, due_at, created_at, changed_at, closed_at, row_version, sealed"


def put(  # noqa: PLR0913 - the plain columns, by keyword
    store: "Store",
    kind: PaperKind,
    content: Mapping[str, Any],
    *,
    state: str,
    person: str = "",
    due_at: int | None = None,
    by: str = "",
) -> str:
    """File a paper; alone it is a transaction, inside a `write` block part of it.

    Args:
        store: open.
        kind: what it is.
        content: JSON; canonical, at most 200,000 bytes.
        state: a word of that kind.
        person: random id of whom it is about.
        due_at: by when something must be done, ms UTC.
        by: account that acts, 16 hexadecimal digits, or "" for the person or the device itself.

    Returns:
        Its id.

    Raises:
        Fault: PERSON_UNKNOWN, PERSON_DAMAGED; DESK_REFUSED: content that canonical JSON cannot spell, or too long;
            DISK_FULL, DISK_FAILED.
    """
    paper, now = secrets.token_hex(8), store.now_ms()
    with store.database.write():
        if person and store.database.row("SELECT 1 FROM people WHERE id = ?", person) is None:
            raise Fault(FaultCode.PERSON_UNKNOWN)
        filed = Paper(paper, kind, person, state, due_at, now, now, None, 1, content)
        store.database.run(
            "INSERT INTO papers (id, kind, person, state, due_at, created_at, changed_at, row_version, sealed)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 1, ?7)",
            *(paper, kind, person, state, due_at, now, _sealed(store, filed, content)),
        )
        store.append_local(LocalKind.PAPER_FILED, _act(filed, by))
    return paper


def revise(  # noqa: PLR0913 - the plain columns, by keyword
    store: "Store",
    paper: Paper,
    content: Mapping[str, Any],
    *,
    state: str,
    due_at: int | None = None,
    closed: bool = False,
    by: str = "",
) -> None:
    """Put another version in the place of the one that was read.

    Raises:
        Fault: PAPER_CHANGED: somebody else has changed it since, or the person is erased; as `put`.
    """
    now, version = store.now_ms(), paper.version + 1
    with store.database.write():
        current = store.database.row("SELECT row_version FROM papers WHERE id = ? AND sealed IS NOT NULL", paper.id)
        if current is None or current[0] != paper.version:
            raise Fault(FaultCode.PAPER_CHANGED, f"paper {paper.id}")
        closed_at = now if closed else None
        revised = replace(paper, state=state, due_at=due_at, changed_at=now, closed_at=closed_at, version=version)
        store.database.run(
            "UPDATE papers SET state = ?2, due_at = ?3, changed_at = ?4, closed_at = ?5, row_version = ?6, sealed = ?7"
            " WHERE id = ?1",
            *(paper.id, state, due_at, now, closed_at, version, _sealed(store, revised, content)),
        )
        store.append_local(LocalKind.PAPER_CHANGED, _act(revised, by))


def drop(store: "Store", paper: Paper, *, by: str = "") -> None:
    """Delete a paper whose time is over. Raises Fault as any writing."""
    with store.database.write():
        store.database.run("DELETE FROM papers WHERE id = ?", paper.id)
        store.append_local(LocalKind.PAPER_DROPPED, _act(paper, by))


def get(store: "Store", paper_id: str) -> Paper:
    """One paper. Raises Fault PAPER_UNKNOWN."""
    found = _read(store, "WHERE id = ?", paper_id)
    if not found:
        raise Fault(FaultCode.PAPER_UNKNOWN, paper_id if paper_id.isalnum() else "")
    return found[0]


def find(store: "Store", kind: PaperKind, *, person: str | None = None, open_only: bool = False) -> tuple[Paper, ...]:
    """The papers of a kind, oldest first; of one person, or (`person=""`) about nobody; but for what does not open."""
    where = "WHERE kind = ?1 AND (?2 IS NULL OR person = ?2) ORDER BY created_at, rowid"
    found = _read(store, where, kind, person)
    # Not by SQL: a paper that somebody has closed by hand would then be missed instead of found out.
    return tuple(paper for paper in found if not open_only or paper.closed_at is None)


def _read(store: "Store", where: str, *values: str | int | None) -> tuple[Paper, ...]:
    found: list[Paper] = []
    with store.database.read():
        for row in store.database.rows(f"SELECT {COLUMNS} FROM papers {where}", *values):  # noqa: S608 - our own text
            try:
                found.append(read(store, row))
            except ValueError:
                store.quarantine.note("papers", row[0], "does not open")
    store.quarantine.settle()
    return tuple(found)


def _key(store: "Store", person: str) -> bytes:
    return store.keys.need(KeyKind.PROFILE, person=person) if person else store.keys.obtain(KeyKind.DESK)


def _sealed(store: "Store", paper: Paper, content: Mapping[str, Any]) -> bytes:
    try:
        clear = canonical.encode(dict(content))
    except FormatError as wrong:  # half of a letter, as a shell gives what is no UTF-8
        raise Fault(FaultCode.DESK_REFUSED, str(wrong)) from wrong
    if len(clear) > LARGEST:
        raise Fault(FaultCode.DESK_REFUSED, f"more than {LARGEST} bytes")
    return store.foundation.vault.seal(_key(store, paper.person), padded(clear), _place(paper))


def read(store: "Store", row: tuple[Any, ...]) -> Paper:
    """One row of COLUMNS, opened. Raises ValueError: altered in any column, moved, or its key is gone."""
    name, kind, person, state, due_at, created_at, changed_at, closed_at, version, sealed = row
    paper = Paper(name, PaperKind(kind), person, state, due_at, created_at, changed_at, closed_at, version, None)
    if sealed is None:
        if not paper.person or store.database.row("SELECT 1 FROM people WHERE id = ?", paper.person) is not None:
            raise FormatError("nobody was erased, and it is empty")
        return paper
    key = store.keys.get(KeyKind.PROFILE, person=paper.person) if paper.person else store.keys.get(KeyKind.DESK)
    if key is None:
        raise FormatError("the key is gone")
    value = canonical.decode(unpadded(store.foundation.vault.unseal(key, sealed, _place(paper))))
    if type(value) is not dict:
        raise FormatError("not a paper")
    return replace(paper, content=value)


def _place(paper: Paper) -> Place:
    """State and dates stand in the clear; bound like this, others written over them open nothing."""
    dates = (paper.due_at, paper.created_at, paper.changed_at, paper.closed_at)
    plain = canonical.encode([paper.state, *("" if each is None else each for each in dates)])
    return Place("papers", "sealed", f"{paper.kind}/{paper.id}", paper.person, paper.version, digest(plain))


def _act(paper: Paper, by: str) -> dict[str, str | int]:
    """With the version: kiosk/store/trail.py finds an older row by it that was put back."""
    return {"paper": paper.id, "kind": paper.kind, "state": paper.state, "version": paper.version, "by": by}
