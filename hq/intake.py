"""A batch becomes rows: verified, stored exactly once, then receipted; refuses what does not follow from HQ's own head.

Crash points: before the commit nothing is stored and the device sends again; after it everything is, and the same batch
is acknowledged again from what is stored. The receipt is signed only after the commit returned.
"""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from hq import holds, messages
from hq.alarms import ring
from hq.database import batches, counters, devices, events, glancing, may_succeed_later, spine, upsert, writing
from hq.devices import Device, Peer, recognise
from hq.office import Office
from hq.refusals import Kind, Problem
from hq.tables_desk import dropped
from hq.verdict import Held, Verdict, judge
from wire import batch as batches_format
from wire import checkpoint, receipt
from wire.batch import Batch
from wire.errors import BadSignature, BrokenChain, FormatError
from wire.receipt import Receipt
from wire.spine import genesis

SIGNATURE_MARK = "\u2014"
"""Each signature line of a C2SP note starts with it; a device's own note has one, and HQ adds the second."""
TRIES = 3
DAY_MS = 24 * 3600 * 1000
KEYS_KEPT_MS = 14 * DAY_MS
"""How long it is noticed that a batch id comes again with other content; beyond that the spine alone decides."""
_log = logging.getLogger("ambang.hq")


@dataclass(frozen=True, slots=True)
class _Form:
    """The events of a batch as HQ may keep them: blind index by event id, salt and clear event sealed by seq."""

    index: Mapping[str, bytes]
    sealed: Mapping[int, bytes]


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
    with glancing(office.engine) as view:
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
    form = _sealed(office, batch)  # before the transaction, which others may wait for
    careful = False
    for _ in range(TRIES - 1):
        try:
            return _store_once(office, batch, form, digest, now, careful=careful)
        except DBAPIError as error:
            if not may_succeed_later(error):
                raise
            careful = True
    return _store_once(office, batch, form, digest, now, careful=True)


def _sealed(office: Office, batch: Batch) -> _Form:
    seals, told = office.seals, batch.events
    return _Form(
        {one.event.event_id: seals.index("event", one.event.event_id) for one in told},
        {one.seq: seals.seal("events", f"{one.device}/{one.seq}", one.salt + one.clear) for one in told},
    )


def _store_once(  # noqa: PLR0913 - one batch, what was made of it, and when
    office: Office, batch: Batch, form: _Form, digest: bytes, now: int, *, careful: bool
) -> int:
    """One transaction, alone with the row of its device from its first statement.

    PostgreSQL's READ COMMITTED is enough: whatever is read and decided upon here (size, spine, events, batches) is only
    ever written by a transaction that holds this row, so each statement after the lock sees all that they have
    committed and nothing of it can change until our commit. Should a writer forget the lock, the unique constraints
    refuse the second one, and it is judged again against what the first has stored. They also are what notices an event
    id that was used before: only the second try is careful, looks for it, and can say which.
    """
    with writing(office.engine, alone=False) as work:
        row = work.execute(_alone_with(batch.device)).one()
        before = select(batches.c.digest).where(batches.c.device == batch.device, batches.c.batch == batch.batch)
        if work.execute(before).scalar_one_or_none() not in (None, digest):
            raise Problem(Kind.KEY_REUSED)
        continues = batch.rows[0].seq == row.size + 1 and not careful
        held = _just_the_head(row) if continues else _held(work, row, batch, list(form.index.values()))
        verdict = judge(batch, held, form.index)
        _insert_rows(work, batch.device, verdict)
        _insert_events(work, verdict, form, now)
        messages.fan_out(work, office, verdict.events, now)
        holds.note(work, office, verdict.events)
        values = {"device": batch.device, "batch": batch.batch, "digest": digest}
        work.execute(upsert(work, batches).values(values | {"stored": now}).on_conflict_do_nothing())
        if row.last_contact is None or row.last_contact // DAY_MS != now // DAY_MS:
            _forget_batches(work, batch.device, now - KEYS_KEPT_MS)
        generation: int = row.generation + (1 if verdict.rows else 0)
        change: dict[str, int | bytes | str] = {"last_contact": now, "generation": generation}
        if verdict.rows:
            change |= {"size": batch.rows[-1].seq, "head": batch.rows[-1].h, "note": batch.checkpoint}
        work.execute(update(devices).where(devices.c.id == batch.device).values(change))
        if verdict.repeated:
            _count(work, batch.device, "duplicates", verdict.repeated)
    _log.info(
        "batch stored device=%s rows=%d events=%d repeated=%d",
        batch.device,
        len(verdict.rows),
        len(verdict.events),
        verdict.repeated,
    )
    return generation


def _just_the_head(row: Row[tuple[Any, ...]]) -> Held:
    """Enough for a batch that begins with the next row: nothing of it can be held already."""
    return Held(row.size, {row.size: row.head}, {})


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
    return Held(row.size, hashes, {found.event: found.seq for found in known} | _dropped(work, batch, ids))


def _dropped(work: Connection, batch: Batch, ids: list[bytes]) -> dict[bytes, int]:
    """Which of these events HQ had and has swept or erased: one that is sent again is acknowledged, not stored."""
    seqs = [delivered.seq for delivered in batch.events]
    gone = select(dropped.c.seq).where(dropped.c.device == batch.device, dropped.c.seq.in_(seqs))
    gone_seqs = set(work.execute(gone).scalars())
    return {blind: seq for blind, seq in zip(ids, seqs, strict=True) if seq in gone_seqs}


def _insert_rows(work: Connection, device: str, verdict: Verdict) -> None:
    rows = [
        {"device": device, "seq": row.seq, "commitment": row.commitment, "body_digest": row.body_digest, "h": row.h}
        for row in verdict.rows
    ]
    if rows:
        work.execute(insert(spine), rows)


def _insert_events(work: Connection, verdict: Verdict, form: _Form, now: int) -> None:
    rows = [
        {
            "device": item.device,
            "seq": item.seq,
            "event": form.index[item.event.event_id],
            "sealed": form.sealed[item.seq],
            "received": now,
        }
        for item in verdict.events
    ]
    if rows:
        work.execute(insert(events), rows)


def _remember_refusal(office: Office, device: Device, problem: Problem, now: int) -> None:
    with writing(office.engine, alone=False) as work:
        work.execute(_alone_with(device.id))
        _count(work, device.id, "refused", 1)
        if problem.alarm is None:
            return
        ring(work, device.id, problem.alarm, now, problem.seq or 0)


def _count(work: Connection, device: str, name: str, more: int) -> None:
    row = upsert(work, counters).values(device=device, name=name, value=more)
    add = {"value": counters.c.value + more}
    work.execute(row.on_conflict_do_update(index_elements=["device", "name"], set_=add))


def _alone_with(device: str) -> Select[*tuple[Any, ...]]:
    """The row of a device, which nobody else may write until the transaction ends; others may still refer to it."""
    return select(devices).where(devices.c.id == device).with_for_update(key_share=True)


def _forget_batches(work: Connection, device: str, before: int) -> None:
    """Forget old idempotency keys: the spine recognises what comes again without them."""
    work.execute(delete(batches).where(batches.c.device == device, batches.c.stored < before))


def _reply(office: Office, batch: Batch, generation: int, now: int) -> bytes:
    acked = tuple(delivered.event.event_id for delivered in batch.events)
    signed = receipt.sign(Receipt(batch.batch, acked, generation, now), office.signing)
    note = checkpoint.cosign(batch.checkpoint, office.name, office.signing)
    return receipt.reply(signed, note)
