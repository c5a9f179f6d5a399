"""How a row of sync.db spells where an event stands; refuses a state or a reason that is not on the list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, assert_never

from sqlite_utils import Database

from sync.contract import Why
from sync.punches import Dead, Faults, Inflight, Pending, Settled, State, Track, Uncertain, blocks

TRACK: Final = "state, attempt, sent_at, next_attempt_at, faults, first_fault_at, why, detail"


@dataclass(frozen=True, slots=True)
class Fresh:
    """An event that was not known: its tag (`PunchJournal.tag`), where it stands, and what it is about, sealed."""

    event_id: str
    seq: int
    person: bytes
    track: Track
    about: bytes | None = None


@dataclass(frozen=True, slots=True)
class Punched:
    """One event as it is remembered; `changed_at` is ms since 1970."""

    event_id: str
    seq: int
    track: Track
    changed_at: int


def put_tracks(database: Database, tracks: Mapping[str, Track], now_ms: int, *, pairs: bool) -> None:
    """Inside a transaction: where these events stand now; what a person decided is dropped with what is settled."""
    database.conn.executemany(
        "UPDATE punches SET blocks = ?, changed_at = ?, state = ?, attempt = ?, sent_at = ?, next_attempt_at = ?,"
        " faults = ?, first_fault_at = ?, why = ?, detail = ? WHERE event_id = ?",
        [(blocks(track.state, pairs=pairs), now_ms, *spelled(track), event_id) for event_id, track in tracks.items()],
    )
    gone = [(event_id,) for event_id, track in tracks.items() if isinstance(track.state, Settled)]
    database.conn.executemany("UPDATE punches SET amended = NULL, about = NULL WHERE event_id = ?", gone)


def fresh_row(one: Fresh, now_ms: int, *, pairs: bool) -> tuple[object, ...]:
    """The values of a new row: id, seq, person, about, when, whether it blocks, and the columns of TRACK."""
    held = blocks(one.track.state, pairs=pairs)
    return (one.event_id, one.seq, one.person, one.about, now_ms, held, *spelled(one.track))


def spelled(track: Track) -> tuple[object, ...]:
    """The values of the columns of TRACK."""
    faults = (track.faults.count, track.faults.first_at)
    match track.state:
        case Pending(attempts, next_attempt_at):
            return ("pending", attempts, 0, next_attempt_at, *faults, "", "")
        case Inflight(attempt, sent_at):
            return ("inflight", attempt, sent_at, 0, *faults, "", "")
        case Uncertain(attempt, sent_at, next_attempt_at):
            return ("unknown", attempt, sent_at, next_attempt_at, *faults, "", "")
        case Settled(how):
            return ("settled", 0, 0, 0, *faults, "", how)
        case Dead(why, detail, attempt, sent_at):
            return ("dead", attempt, sent_at, 0, *faults, why.value, detail)
        case _:
            assert_never(track.state)


def track_of(row: Sequence[Any]) -> Track:
    """Read the columns of TRACK. Raises ValueError: another reason than those on the list."""
    state, attempt, sent_at, next_attempt_at, count, first_at, why, detail = row
    return Track(_state(state, attempt, sent_at, next_attempt_at, why, detail), Faults(count, first_at))


def _state(state: str, attempt: int, sent_at: int, next_attempt_at: int, why: str, detail: str) -> State:  # noqa: PLR0913, PLR0917 - a row
    match state:
        case "pending":
            return Pending(attempt, next_attempt_at)
        case "inflight":
            return Inflight(attempt, sent_at)
        case "unknown":
            return Uncertain(attempt, sent_at, next_attempt_at)
        case "settled":
            return Settled(detail)
    return Dead(Why(why), detail, attempt, sent_at)


def punched(row: Sequence[Any]) -> Punched:
    """Read event_id, seq, changed_at and the columns of TRACK."""
    event_id, seq, changed_at, *track = row
    return Punched(event_id, seq, track_of(track), changed_at)
