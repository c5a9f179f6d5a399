"""A batch becomes rows: verified, stored exactly once, then receipted; refuses what does not follow from HQ's own head.

Crash points: before the commit nothing is stored and the device sends again; after it everything is, and the same batch
is acknowledged again from what is stored. The receipt is signed only after the commit returned.
"""

import hashlib
import logging

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from hq import messages
from hq.alarms import ring
from hq.database import batches, counters, devices, events, reading, spine, writing
from hq.devices import Device, Peer, recognise
from hq.office import Office
from hq.refusals import Kind, Problem
from hq.verdict import Held, Verdict, judge
from wire import batch as batches_format
from wire import checkpoint, receipt
from wire.batch import Batch
from wire.errors import BadSignature, BrokenChain, FormatError
from wire.receipt import Receipt
from wire.spine import genesis

SIGNATURE_MARK = "\u2014"
"""Each signature line of a C2SP note starts with it; a device's own note has one, and HQ adds the second."""
_log = logging.getLogger("ambang.hq")


def receive(office: Office, peer: Peer | None, body: bytes, key: str, now: int) -> bytes:
    """Take in one encoded batch at `now` (ms since 1970); returns the encoded reply, after the commit.

    Args:
        office: this HQ.
        peer: what the verified client certificate says.
        body: at most 1 MiB.
        key: the Idempotency-Key header as it came, "" if it did not.
        now: ms since 1970, HQ's clock.

    Raises:
        Problem: the batch was refused; nothing of it is stored, and an alarm is where a person must look.
    """
    with reading(office.engine) as view:
        device = recognise(view, peer, now)
    try:
        batch = _read(device, body, key)
        generation = _store(office, batch, hashlib.sha256(body).digest(), now)
    except Problem as problem:
        _remember_refusal(office, device, problem, now)
        _log.info("batch refused device=%s kind=%s seq=%s", device.id, problem.kind, problem.seq)
        raise
    return _reply(office, batch, generation, now)


def _read(device: Device, body: bytes, key: str) -> Batch:
    try:
        batch = batches_format.decode(body)
        if batch.device != device.id:
            raise Problem(Kind.WRONG_DEVICE)
        if key != f'"{batch.batch}"':
            raise Problem(Kind.KEY_MISSING)
        if batch.checkpoint.count(SIGNATURE_MARK) != 1:
            raise Problem(Kind.NOT_UNDERSTOOD)
        checkpoint.read(batch.checkpoint, {checkpoint.ORIGIN + device.id: device.public})
    except BrokenChain as error:
        raise Problem(Kind.BROKEN_CHAIN, seq=error.seq) from error
    except BadSignature as error:
        raise Problem(Kind.BAD_SIGNATURE) from error
    except FormatError as error:
        raise Problem(Kind.NOT_UNDERSTOOD) from error
    return batch


def _store(office: Office, batch: Batch, digest: bytes, now: int) -> int:
    with writing(office.engine) as work:
        row = work.execute(select(devices).where(devices.c.id == batch.device)).one()
        before = select(batches.c.digest).where(batches.c.device == batch.device, batches.c.batch == batch.batch)
        if work.execute(before).scalar_one_or_none() not in (None, digest):
            raise Problem(Kind.KEY_REUSED)
        index = {
            delivered.event.event_id: office.seals.index("event", delivered.event.event_id)
            for delivered in batch.events
        }
        verdict = judge(batch, _held(work, row, batch, list(index.values())), index)
        _insert_rows(work, batch.device, verdict)
        _insert_events(work, office, verdict, index, now)
        messages.fan_out(work, office, verdict.events, now)
        values = {"device": batch.device, "batch": batch.batch, "digest": digest}
        work.execute(upsert(batches).values(values).on_conflict_do_nothing())
        generation: int = row.generation + (1 if verdict.rows else 0)
        change: dict[str, int | bytes | str] = {"last_contact": now, "generation": generation}
        if verdict.rows:
            change |= {"size": batch.rows[-1].seq, "head": batch.rows[-1].h, "note": batch.checkpoint}
        work.execute(update(devices).where(devices.c.id == batch.device).values(change))
        if verdict.repeated:
            _count(work, "duplicates", verdict.repeated)
    _log.info(
        "batch stored device=%s rows=%d events=%d repeated=%d",
        batch.device,
        len(verdict.rows),
        len(verdict.events),
        verdict.repeated,
    )
    return generation


def _held(work: Connection, row: Row[tuple[object, ...]], batch: Batch, ids: list[bytes]) -> Held:
    first, last = batch.rows[0].seq, batch.rows[-1].seq
    rows = work.execute(
        select(spine.c.seq, spine.c.h).where(spine.c.device == batch.device, spine.c.seq.between(first - 1, last))
    ).all()
    hashes: dict[int, bytes] = {0: genesis(batch.device)} | {found.seq: found.h for found in rows}
    known = work.execute(
        select(events.c.event, events.c.seq).where(
            events.c.device == batch.device, events.c.seq.between(first, last) | events.c.event.in_(ids)
        )
    ).all()
    return Held(row.size, hashes, {found.event: found.seq for found in known})


def _insert_rows(work: Connection, device: str, verdict: Verdict) -> None:
    rows = [
        {"device": device, "seq": row.seq, "commitment": row.commitment, "body_digest": row.body_digest, "h": row.h}
        for row in verdict.rows
    ]
    if rows:
        work.execute(insert(spine), rows)


def _insert_events(work: Connection, office: Office, verdict: Verdict, index: dict[str, bytes], now: int) -> None:
    rows = [
        {
            "device": item.device,
            "seq": item.seq,
            "event": index[item.event.event_id],
            "sealed": office.seals.seal("events", f"{item.device}/{item.seq}", item.salt + item.clear),
            "received": now,
        }
        for item in verdict.events
    ]
    if rows:
        work.execute(insert(events), rows)


def _remember_refusal(office: Office, device: Device, problem: Problem, now: int) -> None:
    with writing(office.engine) as work:
        _count(work, "refused", 1)
        if problem.alarm is None:
            return
        ring(work, device.id, problem.alarm, now, problem.seq or 0)


def _count(work: Connection, name: str, more: int) -> None:
    work.execute(update(counters).where(counters.c.name == name).values(value=counters.c.value + more))


def _reply(office: Office, batch: Batch, generation: int, now: int) -> bytes:
    acked = tuple(delivered.event.event_id for delivered in batch.events)
    signed = receipt.sign(Receipt(batch.batch, acked, generation, now), office.signing)
    note = checkpoint.cosign(batch.checkpoint, office.name, office.signing)
    return receipt.reply(signed, note)
