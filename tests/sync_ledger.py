"""Made-up ledger entries that link, for tests of the exchange."""

import hashlib

from sync.exchange import Exchange, OutboxEntry
from wire.spine import genesis, link


def ledger(count: int, *, first: int = 1, head: bytes = genesis("door-1"), events: bool = True) -> list[OutboxEntry]:
    """Made-up entries; every third one is not meant for HQ."""
    made = []
    for seq in range(first, first + count):
        row = link(head, seq, hashlib.sha256(b"c%d" % seq).digest(), hashlib.sha256(b"b%d" % seq).digest())
        head = row.h
        local = not events or seq % 3 == 0
        made.append(OutboxEntry(row) if local else OutboxEntry(row, event_id(seq), b"sealed %d" % seq))
    return made


def event_id(seq: int) -> str:
    return f"018f0000-0000-7000-8000-{seq:012x}"


def note(entries: list[OutboxEntry]) -> str:
    return f"ambang/door-1\n{entries[-1].row.seq}\nhash\n\nsignature\n"


def hand_over(exchange: Exchange, entries: list[OutboxEntry]) -> None:
    exchange.append(entries, note(entries))
