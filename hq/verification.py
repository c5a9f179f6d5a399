"""Recomputes everything HQ holds: chains, commitments, signatures; refuses to stop at the first broken ledger."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from hq import audit, papers
from hq.database import devices, events, reading, spine
from hq.office import Office
from hq.tables_desk import papers as papers_table
from wire import checkpoint
from wire.errors import BadSignature, BrokenChain, FormatError
from wire.event import SALT_SIZE, parse
from wire.spine import commitment, follow, genesis

_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing that is wrong in one place: `where` is a device id, "audit" or "papers"; seq 0 where none is."""

    where: str
    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and what is wrong; nothing is if `findings` is empty.

    Args:
        rows: entries of all ledgers.
        events: events that opened and fit.
        acts: acts of the audit log.
        head: the audit log's last hash; whoever has noted an earlier one can tell whether it was cut short.
        findings: at most one for each place.
    """

    rows: int
    events: int
    acts: int
    head: bytes
    findings: tuple[Finding, ...]


def verify(office: Office) -> Verified:
    """Look at everything, while HQ may go on receiving."""
    size, head, broken = audit.verify(office)
    findings = [] if broken is None else [Finding("audit", broken.seq, broken.why)]
    with reading(office.engine) as view:
        known = view.execute(select(devices).order_by(devices.c.id)).all()
        signed = view.execute(select(papers_table).order_by(papers_table.c.at)).all()
    rows = opened = 0
    for device in known:
        rows += device.size
        count, finding = _device(office, device)
        opened += count
        findings += [finding] if finding else []
    for paper in signed:
        try:
            papers.check(paper.body, office.signing.public)
        except (BadSignature, FormatError):
            findings.append(Finding("papers", 0, f"paper {paper.id} is not signed by this HQ"))
            break
    return Verified(rows, opened, size, head, tuple(findings))


def _device(office: Office, device: Row[Any]) -> tuple[int, Finding | None]:
    """How many events fit, and the finding with the lowest seq."""
    found = [each for each in (_chain(office, device), _note(device)) if each]
    count, misfit = _events(office, device)
    found += [misfit] if misfit else []
    return count, min(found, key=lambda each: each.seq, default=None)


def _chain(office: Office, device: Row[Any]) -> Finding | None:
    rows = ((row.seq, row.commitment, row.body_digest, row.h) for row in _rows(office, device))
    try:
        head = follow(rows, genesis(device.id), 1)
    except BrokenChain as broken:
        return Finding(device.id, broken.seq, "does not follow from the entry before it, or is missing")
    if head != device.head:
        return Finding(device.id, max(device.size, 1), "is not the last entry that was received")
    return None


def _note(device: Row[Any]) -> Finding | None:
    if device.note is None:
        return None if device.size == 0 else Finding(device.id, device.size, "has no checkpoint")
    try:
        stated, _ = checkpoint.read(device.note, {checkpoint.ORIGIN + device.id: device.public})
    except BadSignature:
        return Finding(device.id, max(device.size, 1), "has a checkpoint that the device did not sign")
    except FormatError:
        return Finding(device.id, max(device.size, 1), "has no checkpoint that can be read")
    if (stated.device, stated.size, stated.head) != (device.id, device.size, device.head):
        return Finding(device.id, max(device.size, 1), "is not what the checkpoint says")
    return None


def _events(office: Office, device: Row[Any]) -> tuple[int, Finding | None]:
    count, last = 0, 0
    while True:
        wanted = (
            select(events.c.seq, events.c.event, events.c.sealed, spine.c.commitment)
            .outerjoin(spine, (spine.c.device == events.c.device) & (spine.c.seq == events.c.seq))
            .where(events.c.device == device.id, events.c.seq > last, events.c.seq <= device.size)
        )
        with reading(office.engine) as view:
            rows = view.execute(wanted.order_by(events.c.seq).limit(_AT_ONCE)).all()
        if not rows:
            return count, None
        for row in rows:
            why = _misfit(office, device.id, row)
            if why:
                return count, Finding(device.id, row.seq, why)
            count += 1
        last = rows[-1].seq


def _misfit(office: Office, device: str, row: Row[*tuple[Any, ...]]) -> str:
    try:
        plain = office.seals.open("events", f"{device}/{row.seq}", row.sealed)
        event, source = parse(plain[SALT_SIZE:])
        fits = row.commitment is not None and commitment(plain[:SALT_SIZE], plain[SALT_SIZE:]) == row.commitment
    except FormatError:
        return "has an event that does not open"
    if not fits or source != device:
        return "has an event that does not fit its commitment"
    return "" if office.seals.index("event", event.event_id) == row.event else "has an event under another id"


def _rows(office: Office, device: Row[Any]) -> Iterator[Row[Any]]:
    last = 0
    while True:
        wanted = select(spine).where(spine.c.device == device.id, spine.c.seq > last, spine.c.seq <= device.size)
        with reading(office.engine) as view:
            rows = view.execute(wanted.order_by(spine.c.seq).limit(_AT_ONCE)).all()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].seq
