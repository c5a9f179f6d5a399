"""What a batch adds to what HQ holds; pure, and refuses gaps, forks and an id that was used for another event."""

from collections.abc import Mapping
from dataclasses import dataclass

from hq.refusals import Kind, Problem
from wire.batch import Batch
from wire.event import Delivered
from wire.spine import SpineRow


@dataclass(frozen=True, slots=True)
class Held:
    """What HQ holds of this device, as far as the batch touches it.

    Args:
        size: rows held, 0..
        hashes: entry hash by seq, from the row before the batch's first; 0 stands for the genesis hash.
        events: seq by blind index of the event id.
    """

    size: int
    hashes: Mapping[int, bytes]
    events: Mapping[bytes, int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to add: rows and events HQ has not; and how many events it has already, identical."""

    rows: tuple[SpineRow, ...]
    events: tuple[Delivered, ...]
    repeated: int


def judge(batch: Batch, held: Held, index: Mapping[str, bytes]) -> Verdict:
    """Compare a batch, consistent in itself, with what is held; `index` has the blind index of each of its event ids.

    An entry hash covers the hash before it, the commitment and the body digest, and decoding has checked each event
    against its commitment: so equal hashes mean equal rows and equal events, and nothing needs to be opened to compare.

    Raises:
        Problem: GAP, FORK (another history, which is also the same seq with other content) or CONFLICT (same id,
            another event); each names the first bad seq.
    """
    first = batch.rows[0].seq
    if first > held.size + 1:
        raise Problem(Kind.GAP, seq=held.size + 1, size=held.size)
    if held.hashes.get(first - 1) != batch.h_prev:
        raise Problem(Kind.FORK, seq=max(first - 1, 1), size=held.size)
    for row in batch.rows:
        if row.seq <= held.size and held.hashes.get(row.seq) != row.h:
            raise Problem(Kind.FORK, seq=row.seq, size=held.size)
    fresh = []
    seen: dict[bytes, int] = {}
    for delivered in batch.events:
        blind = index[delivered.event.event_id]
        before = held.events.get(blind, seen.get(blind))
        if before is None:
            fresh.append(delivered)
        elif before != delivered.seq or blind in seen:
            raise Problem(Kind.CONFLICT, seq=delivered.seq, size=held.size)
        seen[blind] = delivered.seq
    rows = tuple(row for row in batch.rows if row.seq > held.size)
    return Verdict(rows, tuple(fresh), len(batch.events) - len(fresh))
