"""Who did what to which event and why, sealed in sync.db; refuses an act that nobody answers for."""

from dataclasses import asdict, dataclass
from typing import Final

from sync.database import SqliteFile
from sync.journal import KEY_ID
from wire import canonical, checks
from wire.errors import FormatError
from wire.sealed import Context, seal, unseal

REASON_CHARACTERS: Final = 500
_SHAPE: Final[dict[str, type | tuple[type, ...]]] = {"by": str, "second": str, "what": str, "reason": str}


@dataclass(frozen=True, slots=True)
class Act:
    """One act of a person.

    Args:
        act: retry, map, approve, correct, export or discard.
        by: who did it, 1 to 64 characters.
        second: who else agreed, for acts that need two people; else "".
        what: what was changed, like "action=out"; may hold an employee code.
        reason: why, at most 500 characters.
    """

    act: str
    by: str
    second: str = ""
    what: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        checks.text(self.by, "by", least=1)
        checks.text(self.second, "second")
        checks.text(self.reason, "reason", most=REASON_CHARACTERS, most_bytes=4 * REASON_CHARACTERS)

    def __repr__(self) -> str:
        return f"Act({self.act})"


@dataclass(frozen=True, slots=True)
class Written:
    """An act as it was written down; None where it does not open."""

    at: int
    event_id: str
    act: Act | None


def write(file: SqliteFile, key: bytes, device: str, event_id: str, act: Act, now_ms: int) -> None:  # noqa: PLR0913, PLR0917 - a row
    """Write an act down; inside the transaction of `file` that does it."""
    said = {name: value for name, value in asdict(act).items() if name != "act"}
    sealed = seal(key, canonical.encode(said), _context(device, event_id, act.act, now_ms), kid=KEY_ID)
    file.database.execute(
        "INSERT INTO audit (at, event_id, act, sealed) VALUES (?, ?, ?, ?)", (now_ms, event_id, act.act, sealed)
    )


def written(file: SqliteFile, key: bytes, device: str) -> tuple[Written, ...]:
    """Every act, oldest first."""
    with file.read() as database:
        rows = database.execute("SELECT at, event_id, act, sealed FROM audit ORDER BY id").fetchall()
    return tuple(
        Written(at, event_id, _opened(key, device, event_id, act, at, sealed)) for at, event_id, act, sealed in rows
    )


def _opened(key: bytes, device: str, event_id: str, act: str, at: int, sealed: bytes) -> Act | None:  # noqa: PLR0913, PLR0917 - a row
    try:
        said = canonical.decode(unseal(key, sealed, _context(device, event_id, act, at)), limit=16_384)
        return Act(act, **canonical.fields(said, _SHAPE))
    except FormatError:
        return None


def _context(device: str, event_id: str, act: str, at: int) -> Context:
    return Context(store=device, table="audit", column=act, row=f"{event_id} {at}")
