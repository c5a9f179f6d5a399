"""What a device sends to HQ in one go: spine, checkpoint and events; refuses a part that does not fit the others."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from wire import canonical, checkpoint, checks
from wire.canonical import INTEGER_LIMIT
from wire.errors import BrokenChain, FormatError
from wire.event import Delivered, from_cloudevent, to_cloudevent
from wire.spine import HASH_SIZE, SpineRow, commitment, genesis, link, verify

ROWS_LIMIT = 512  # with the longest events a batch still stays below 1 MiB
SIZE_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class Batch:
    """One delivery, checked when it is made. Whether the checkpoint's signature is good, its reader must ask.

    Args:
        device: who sends.
        batch: UUID of this delivery, lower case; a retry has the same.
        h_prev: 32-byte hash of the entry before the first row; the genesis of the device if that is seq 1.
        rows: 1 to 512 entries without a gap.
        checkpoint: note whose size and head are those of the last row.
        events: those of the entries that are meant for HQ, in order of seq; each fits the commitment of its row.

    Raises:
        BrokenChain: rows or events do not fit, with the first bad seq.
        FormatError: anything else that does not fit.
    """

    device: str
    batch: str
    h_prev: bytes
    rows: tuple[SpineRow, ...]
    checkpoint: str
    events: tuple[Delivered, ...]

    def __post_init__(self) -> None:
        checks.device(self.device)
        checks.uuid(self.batch)
        if not 1 <= len(self.rows) <= ROWS_LIMIT:
            raise FormatError("batch: number of rows")
        first = self.rows[0].seq
        if first == 1 and self.h_prev != genesis(self.device):
            raise BrokenChain(1, "does not start at the genesis of its device")
        head = verify(self.rows, self.h_prev, first)
        stated = checkpoint.unverified(self.checkpoint)
        if stated != checkpoint.Checkpoint(self.device, self.rows[-1].seq, head):
            raise BrokenChain(self.rows[-1].seq, "the checkpoint is about another head")
        self._check_events(first)

    def _check_events(self, first: int) -> None:
        for delivered in self.events:
            if delivered.device != self.device or not 0 <= delivered.seq - first < len(self.rows):
                raise FormatError("batch: an event of another device or without its row")
            if commitment(delivered.salt, delivered.clear) != self.rows[delivered.seq - first].commitment:
                raise BrokenChain(delivered.seq, "the event does not fit its commitment")
        if any(one.seq >= other.seq for one, other in pairwise(self.events)):
            raise FormatError("batch: events out of order")
        if len({delivered.event.event_id for delivered in self.events}) != len(self.events):
            raise FormatError("batch: an event id twice")


def encode(batch: Batch) -> bytes:
    """Return the body of a delivery, canonical JSON, below 1 MiB."""
    return canonical.encode(
        {
            "device": batch.device,
            "batch": batch.batch,
            "h_prev": batch.h_prev.hex(),
            "spine": [
                {"seq": row.seq, "commitment": row.commitment.hex(), "body_digest": row.body_digest.hex()}
                for row in batch.rows
            ],
            "checkpoint": batch.checkpoint,
            "events": [to_cloudevent(one) for one in batch.events],
        }
    )


def decode(data: bytes) -> Batch:
    """Read a delivery; the hash of each row is computed, not believed.

    Raises:
        BrokenChain: rows, checkpoint or events do not fit each other; names the first bad seq.
        UnknownFormat: an event of another type or version.
        FormatError: anything else.
    """
    value = canonical.fields(canonical.decode(data, limit=SIZE_LIMIT), _SHAPE)
    if max(len(value["spine"]), len(value["events"])) > ROWS_LIMIT:
        raise FormatError("batch: number of rows")
    h_prev = checks.hex_bytes(value["h_prev"], HASH_SIZE)
    return Batch(
        device=value["device"],
        batch=value["batch"],
        h_prev=h_prev,
        rows=tuple(_rows(value["spine"], h_prev)),
        checkpoint=value["checkpoint"],
        events=tuple(from_cloudevent(event) for event in value["events"]),
    )


_SHAPE: dict[str, type | tuple[type, ...]] = {
    "device": str,
    "batch": str,
    "h_prev": str,
    "spine": list,
    "checkpoint": str,
    "events": list,
}


def _rows(spine: list[object], h_prev: bytes) -> Iterator[SpineRow]:
    for value in spine:
        row = canonical.fields(value, {"seq": int, "commitment": str, "body_digest": str})
        committed = checks.hex_bytes(row["commitment"], HASH_SIZE)
        digest = checks.hex_bytes(row["body_digest"], HASH_SIZE)
        linked = link(h_prev, checks.integer(row["seq"], "seq", 1, INTEGER_LIMIT), committed, digest)
        yield linked
        h_prev = linked.h
