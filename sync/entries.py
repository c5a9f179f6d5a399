"""What the rows of the exchange are: sizes, types and the link from row to row; refuses everything else as foreign."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sync.database import ExchangeForeign
from wire.spine import SpineRow, link

APPLICATION_ID: Final = 0x414D4258  # "AMBX"
SCHEMA_VERSION: Final = 1
MAX_ENTRIES: Final = 500  # one append, one batch: a checkpoint is never further away than this
MAX_SEALED: Final = 1024  # bytes; half of the smallest template (512 float32), so that none fits
MAX_NOTE: Final = 4096
MAX_BODY: Final = 1 << 20
KEEP_SETTLED_MS: Final = 3_600_000
WORD: Final = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_LEVELLED: Final = re.compile(r"(amber|red)(?:_|\Z)")
EVENT_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
HASH_SIZE: Final = 32  # SHA-256

SCHEMA: Final = (
    f"""CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY CHECK (seq >= 1),
        commitment BLOB NOT NULL CHECK (length(commitment) = 32),
        body_digest BLOB NOT NULL CHECK (length(body_digest) = 32),
        h BLOB NOT NULL CHECK (length(h) = 32),
        event_id TEXT UNIQUE CHECK (length(event_id) = 36),
        sealed BLOB CHECK (length(sealed) <= {MAX_SEALED}),
        settled_at INTEGER,
        parked TEXT CHECK (length(parked) <= 64),
        CHECK ((event_id IS NULL) <= (sealed IS NULL))
    ) STRICT""",
    "CREATE INDEX outbox_waiting ON outbox (seq) WHERE event_id IS NOT NULL AND settled_at IS NULL",
    f"""CREATE TABLE notes (
        size INTEGER PRIMARY KEY,
        note TEXT NOT NULL CHECK (length(note) <= {MAX_NOTE})
    ) STRICT""",
    f"""CREATE TABLE progress (
        only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
        base INTEGER NOT NULL,
        base_head BLOB CHECK (length(base_head) = 32),
        countersigned INTEGER NOT NULL,
        note TEXT CHECK (length(note) <= {MAX_NOTE}),
        told INTEGER NOT NULL
    ) STRICT""",
    f"""CREATE TABLE inbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL CHECK (length(kind) <= 64),
        body BLOB NOT NULL CHECK (length(body) <= {MAX_BODY})
    ) STRICT""",
    f"""CREATE TABLE requests (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL CHECK (length(kind) <= 64),
        body BLOB NOT NULL CHECK (length(body) <= {MAX_NOTE})
    ) STRICT""",
    """CREATE TABLE status (
        only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
        state TEXT NOT NULL CHECK (length(state) <= 16),
        last_ack_ms INTEGER,
        detail TEXT NOT NULL CHECK (length(detail) <= 64)
    ) STRICT""",
)


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One ledger entry on its way out: the spine row for every entry, the sealed event only if it is meant for HQ."""

    row: SpineRow
    event_id: str | None = None
    sealed: bytes | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What may leave next: contiguous rows that end at a checkpoint.

    `h_prev` is the hash before the first row, None for the genesis of the device. `note` covers exactly the last row.
    Only events that still wait carry `event_id` and `sealed`; the other rows go as bare spine. `waiting` counts the
    events that wait in these rows, also those that were left out.
    """

    h_prev: bytes | None
    entries: tuple[OutboxEntry, ...]
    note: str
    waiting: int


class State(StrEnum):
    """What sync tells the kiosk about itself."""

    STARTING = "starting"
    OK = "ok"
    OFFLINE = "offline"
    CONFIG = "config"


class Level(StrEnum):
    """How worried the door should look: the colour of its banner."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the delivery; `last_ack_ms` is epoch UTC in ms, `detail` a plain code like `tls_untrusted`."""

    state: State
    last_ack_ms: int | None
    detail: str
    level: Level = Level.GREEN


def spelled(status: Status) -> str:
    """Detail and level in one plain word, as the exchange holds them: `tls_untrusted`, `amber`, `red_tls_untrusted`.

    Raises:
        ValueError: the detail is no plain code, or begins like a level.
    """
    plain = not status.detail or (WORD.match(status.detail) and _LEVELLED.match(status.detail) is None)
    if not plain:
        raise ValueError("detail is a plain code")
    words = [] if status.level is Level.GREEN else [status.level.value]
    return "_".join([*words, status.detail] if status.detail else words)[:64]


def read_status(state: object, last_ack_ms: object, text: object) -> Status:
    """What `spelled` and the other two columns say; anything that is not a status reads as offline."""
    plain = isinstance(text, str) and (not text or WORD.match(text))
    if state not in set(State) or not plain or not (last_ack_ms is None or isinstance(last_ack_ms, int)):
        return Status(State.OFFLINE, None, "status_unreadable")
    found = _LEVELLED.match(str(text))
    level = Level(found[1]) if found else Level.GREEN
    return Status(State(str(state)), last_ack_ms, str(text)[found.end() :] if found else str(text), level)


@dataclass(frozen=True, slots=True)
class Unsettled:
    """How many events wait for a receipt, the lowest of their sequence numbers, and how many of them are parked."""

    events: int
    oldest_seq: int | None
    parked: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """One row of the inbox or of the requests: `body` is at most 1 MiB and is not trusted by whoever reads it."""

    id: int
    kind: str
    body: bytes


def linked_entries(
    rows: Sequence[tuple[object, ...]], start: int, end: int, h_prev: bytes | None, events: int | None
) -> tuple[OutboxEntry, ...]:
    """Read rows (seq, commitment, body_digest, h, event_id|None, sealed|None) as the entries `start` to `end`.

    Args:
        rows: as the database gave them.
        start: the first seq.
        end: the last seq.
        h_prev: the hash before `start`; None where the link of the first row cannot be checked here.
        events: how many events to keep; the later ones become bare rows. None for all.

    Raises:
        ExchangeForeign: a row is missing, has another type or size, or does not follow from the one before it.
    """
    found: list[OutboxEntry] = []
    room = len(rows) if events is None else events
    head = h_prev
    for expected, (seq, commitment, digest, h, event_id, sealed) in zip(range(start, end + 1), rows, strict=False):
        if seq != expected:
            raise ExchangeForeign(f"no spine row at {expected}")
        row = SpineRow(expected, _hash(commitment), _hash(digest), _hash(h))
        if head is not None and link(head, expected, row.commitment, row.body_digest).h != row.h:
            raise ExchangeForeign(f"row {expected} does not follow")
        head = row.h
        if event_id is None or room == 0:
            found.append(OutboxEntry(row))
            continue
        if not (
            isinstance(event_id, str)
            and EVENT_ID.match(event_id)
            and isinstance(sealed, bytes)
            and len(sealed) <= MAX_SEALED
        ):
            raise ExchangeForeign(f"no event at {expected}")
        found.append(OutboxEntry(row, event_id, sealed))
        room -= 1
    if len(found) != end - start + 1:
        raise ExchangeForeign("rows are missing")
    return tuple(found)


def _hash(value: object) -> bytes:
    if not isinstance(value, bytes) or len(value) != HASH_SIZE:
        raise ExchangeForeign("a hash is not a hash")
    return value


def whole_number(value: object) -> int | None:
    """An integer or NULL; raises ExchangeForeign for anything else."""
    if value is None or isinstance(value, int):
        return value
    raise ExchangeForeign("a number is not a number")


def checkpoint_text(value: object) -> str:
    """A note of at most 4096 characters, not verified; raises ExchangeForeign for anything else."""
    if not isinstance(value, str) or len(value) > MAX_NOTE:
        raise ExchangeForeign("no checkpoint")
    return value
