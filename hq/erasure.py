"""Takes one person out of HQ and proves it; refuses whoever is held, and one officer who would confirm themselves.

The spine stays: hashes that say nothing without what is gone. Nothing here names the person afterwards, the certificate
and the audit log neither: whoever asked for it keeps the certificate's id and the employee code together, elsewhere.
"""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select, update

from hq import audit, holds, papers, traces
from hq.attendance import read, sealed
from hq.audit import Act, ActKind, Actor, append
from hq.database import metadata, reading, writing
from hq.office import Office
from hq.refusals import Refused
from hq.retention import drop, is_held
from hq.tables_desk import acts, erasure_requests
from wire import checks
from wire.canonical import Json
from wire.errors import FormatError


class Limit(StrEnum):
    """What the certificate does not claim."""

    BACKUPS = "backups"  # copies of the database made before still hold the person
    DEVICES = "devices"  # what devices hold is theirs to erase; what they send later is kept again
    RESTORED = "restored"  # a device restored from an old backup no longer hears of this person from HQ
    FLASH = "flash"  # a disk may keep old blocks that no file shows
    MEMORY = "memory"  # a program that ran meanwhile may keep copies until it ends
    MESSAGES = "messages"  # some wait to be fetched by a device, and may name the person until then
    UNREADABLE = "unreadable"  # some events did not open, and nobody knows whose they are
    SERVER = "server"  # the database is a server: its files were not searched


@dataclass(frozen=True, slots=True)
class Request:
    """An erasure that one officer asked for and another has to confirm: id, who (account id), whom, when (ms)."""

    id: str
    account: str
    code: str = field(repr=False)
    at: int


@dataclass(slots=True)
class _Found:
    """What there is of a person: events, acts, sealed bytes of all of it, and how many events nobody can read."""

    events: list[tuple[str, int]]
    acts: list[int]
    blobs: list[bytes]
    unreadable: int


def ask(office: Office, by: Actor, code: str, now: int) -> str:
    """Put an erasure down for another officer to confirm; returns its id.

    Raises:
        Refused: no code, or the person is held.
    """
    _check(code)
    request = papers.fresh_id()
    with writing(office.engine) as work:
        _not_held(work, office, code)
        blob = office.seals.seal("erasure_requests", request, code.encode())
        work.execute(insert(erasure_requests).values(id=request, account=by.id, sealed=blob, at=now))
        append(work, office, Act(ActKind.ERASURE_ASKED, by, about=code), now)
    return request


def waiting(office: Office) -> tuple[Request, ...]:
    """What waits for a second person, the oldest first. Raises FormatError if one does not open."""
    with reading(office.engine) as view:
        rows = view.execute(select(erasure_requests).order_by(erasure_requests.c.at)).all()
    return tuple(
        Request(row.id, row.account, office.seals.open("erasure_requests", row.id, row.sealed).decode(), row.at)
        for row in rows
    )


def confirm(office: Office, by: Actor, request: str, now: int) -> str:
    """The second officer's word: the person is erased, and the certificate is returned.

    Raises:
        Refused: nothing waits under this id, it is their own, or the person is held.
    """
    asked = _asked(office, request)
    if asked.account == by.id:
        raise Refused("Whoever asked for an erasure cannot confirm it; another officer has to.")
    return erase(office, by, asked.code, now, request)


def refuse(office: Office, by: Actor, request: str, now: int) -> None:
    """Take a request back, or turn it down. Raises Refused if there is none."""
    asked = _asked(office, request)
    with writing(office.engine) as work:
        work.execute(delete(erasure_requests).where(erasure_requests.c.id == request))
        append(work, office, Act(ActKind.ERASURE_REFUSED, by, about=asked.code), now)


def erase(office: Office, by: Actor, code: str, now: int, request: str = "") -> str:
    """Remove everything of one person, look for its bytes in the database's file, and return the signed certificate.

    Raises:
        Refused: no code, the person is held, there is nothing of them, the request (if one is named) waits no more, or
            their bytes are still in the file.
    """
    _check(code)
    paper = papers.fresh_id()
    found = _find(office, code)
    count = {"events": 0, "acts": 0}
    keys = [office.seals.index(use, code) for use in ("roster", "echo")]
    with writing(office.engine) as work:
        _not_held(work, office, code)
        waits = select(erasure_requests.c.id).where(erasure_requests.c.id == request)
        if request and work.execute(waits).first() is None:  # refused, or done, since it was looked at
            raise Refused("No erasure waits under this number.")
        asked = [row for row in work.execute(select(erasure_requests)) if _is(office, row.id, row.sealed, code)]
        found.blobs += [row.sealed for row in asked]
        count["requests"] = len(asked)
        work.execute(delete(erasure_requests).where(erasure_requests.c.id.in_([row.id for row in asked])))
        count |= _keyed(work, keys, found.blobs)
        holds.forget(work, office, code)
        count["events"] = drop(work, found.events)
        for seq in found.acts:
            work.execute(update(acts).where(acts.c.seq == seq).values(about=None))
        count["acts"] = len(found.acts)
        if not any(count.values()):
            raise Refused("There is nothing of this person here.")
        append(work, office, Act(ActKind.ERASED, by, detail={"paper": paper}), now)
    late = _find(office, code)  # what a device has sent meanwhile
    if late.events or late.acts:
        with writing(office.engine) as work:
            count["events"] += drop(work, late.events)
            for seq in late.acts:
                work.execute(update(acts).where(acts.c.seq == seq).values(about=None))
    pieces = _pieces([*found.blobs, *late.blobs], keys)
    body = papers.sign(office, papers.ERASURE, paper, now, _said(office, count, pieces, late.unreadable))
    with writing(office.engine) as work:
        papers.keep(work, papers.ERASURE, paper, now, body)
    return body


def _find(office: Office, code: str) -> _Found:
    found = _Found([], [], [], 0)
    for row in sealed(office):
        event = read(office, row)
        if event is None:
            found.unreadable += 1
        elif event.person == code:
            found.events.append((row.device, row.seq))
            found.blobs.append(row.sealed)
    for seq, blob in audit.about(office, code):
        found.acts.append(seq)
        found.blobs.append(blob)
    return found


def _keyed(work: Connection, keys: list[bytes], blobs: list[bytes]) -> dict[str, int]:
    """Every row of every table that a person's blind index is a key of: the roster, and whatever else knows people."""
    count: dict[str, int] = {}
    for table in metadata.sorted_tables:
        if "person" not in table.c:
            continue
        ours = table.c.person.in_(keys)
        if "sealed" in table.c:
            blobs += work.execute(select(table.c.sealed).where(ours)).scalars().all()
        count[table.name] = work.execute(delete(table).where(ours)).rowcount
    return count


def _pieces(blobs: Iterable[bytes], keys: Iterable[bytes]) -> frozenset[bytes]:
    pieces = frozenset[bytes]().union(*(traces.pieces_of(blob) for blob in blobs))
    return pieces | {key[start : start + traces.PIECE] for key in keys for start in (0, traces.PIECE)}


def _said(office: Office, count: dict[str, int], pieces: frozenset[bytes], unreadable: int) -> dict[str, Json]:
    limits = [Limit.BACKUPS, Limit.DEVICES, Limit.RESTORED, Limit.FLASH, Limit.MEMORY]
    files = _files(office)
    if _messages_wait(office):
        limits.append(Limit.MESSAGES)
    if unreadable:
        limits.append(Limit.UNREADABLE)
    if not files:
        limits.append(Limit.SERVER)
    if any(traces.found(file, pieces) for file in files):
        with closing(office.engine.raw_connection()) as line:  # old bytes between the rows of a page: write it anew
            line.cursor().execute("VACUUM")
        if any(traces.found(file, pieces) for file in files):
            raise Refused("The person was erased, but bytes of them are still in hq.db; no certificate was made.")
    return {
        "destroyed": dict(sorted(count.items())),
        "pieces": len(pieces) if files else 0,
        "searched": {"files": len(files), "bytes": sum(file.stat().st_size for file in files)},
        "found": 0,
        "limits": [limit.value for limit in limits],
    }


def _messages_wait(office: Office) -> bool:
    """Whether there is a message that a device has not fetched, where this HQ sends any."""
    table = metadata.tables.get("messages")
    if table is None:
        return False
    with reading(office.engine) as view:
        return view.execute(select(table.c.device).limit(1)).first() is not None


def _files(office: Office) -> list[Path]:
    """The files of the database: none where it is a server."""
    if office.engine.dialect.name != "sqlite":
        return []
    database = office.house.database
    return [file for file in (database, database.with_name(f"{database.name}-journal")) if file.exists()]


def _asked(office: Office, request: str) -> Request:
    for each in waiting(office):
        if each.id == request:
            return each
    raise Refused("No erasure waits under this number.")


def _is(office: Office, request: str, blob: bytes, code: str) -> bool:
    try:
        return office.seals.open("erasure_requests", request, blob).decode() == code
    except FormatError:
        return False


def _check(code: str) -> None:
    try:
        checks.code(code)
    except FormatError as error:
        raise Refused("An employee code is 1 to 64 characters without control characters.") from error


def _not_held(work: Connection, office: Office, code: str) -> None:
    if is_held(work, office, code):
        raise Refused("This person is held; release them first, if the reason for it is over.")
