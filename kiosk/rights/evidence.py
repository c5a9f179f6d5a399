"""What somebody with a right to it asks to see of the ledger (policy KK11); refuses more than scope, period and person.

Never a face or a measurement of one: attendance is what the ledger says of coming and going, without the notices about
a face. Names stand on the pages for people to read, beside the code, and not in the file that proves.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights.dates import DAY_MS
from kiosk.store.keys import KeyKind
from kiosk.store.ledger import month
from wire import canonical, checks
from wire.errors import FormatError
from wire.event import Notice, parse
from wire.spine import SALT_SIZE

if TYPE_CHECKING:
    from kiosk.store import Store

MOST: Final = 100_000
"""So many entries are the most of one export, some 100 MB; a longer period is asked for in parts."""
_TEXT: Final = 400
_WRONG_BY_MS: Final = DAY_MS  # as in kiosk/store/history.py: an entry may stand under the month beside
_MONTHS: Final = "SELECT DISTINCT period FROM keys WHERE kind = ? AND period BETWEEN ? AND ? ORDER BY period"
_MONTHS_OF: Final = (
    "SELECT DISTINCT period, person FROM keys WHERE kind = ?1 AND period BETWEEN ?2 AND ?3 AND ?4 IN ('', person)"
    " AND person IN (SELECT id FROM people) ORDER BY period, person"
)


class Scope(StrEnum):
    """Which entries."""

    ATTENDANCE = "attendance"  # what people did at the door
    LEDGER = "ledger"  # what the device itself did


@dataclass(frozen=True, slots=True)
class Wanted:
    """One demand.

    Attributes:
        requester: who asks: court, authority, counsel.
        ground: why: case number, order, claim.
        cited_law: which law obliges or allows.
        scope: which entries.
        subject: random id of whom it is about; "" for the whole period.
        first: from when on, ms UTC.
        last: before when, ms UTC.
        not_told: why the people concerned may not be told, with the law that says so; "" if they are told.
    """

    requester: str
    ground: str
    cited_law: str
    scope: Scope
    subject: str
    first: int
    last: int
    not_told: str = ""

    def __post_init__(self) -> None:
        for name in ("requester", "ground", "cited_law"):
            checks.text(getattr(self, name), name, least=1, most=_TEXT, most_bytes=4 * _TEXT)
        checks.text(self.not_told, "reason for not telling", most=_TEXT, most_bytes=4 * _TEXT)
        checks.hex_bytes(self.subject, 8 if self.subject else 0)
        if not checks.moment(self.first, "from") < checks.moment(self.last, "to"):
            raise FormatError("the period ends before it begins")


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry of the extract.

    Attributes:
        seq: its place in the ledger.
        salt: 16 bytes, with which the device has committed to it.
        clear: the bytes that it has committed to.
        person: random id of whose it is; "" for the device's own.
        at: when, as it stands there, ms UTC.
    """

    seq: int
    salt: bytes
    clear: bytes
    person: str
    at: int


def wanted(requester: str, ground: str, cited_law: str, scope: Scope, period: tuple[int, int]) -> Wanted:
    """A demand as it was typed, about everybody. Raises Fault DESK_REFUSED, with what is missing."""
    try:
        return Wanted(requester, ground, cited_law, scope, "", *period)
    except FormatError as wrong:
        raise Fault(FaultCode.DESK_REFUSED, str(wrong)) from wrong


def about(demand: Wanted, subject: str, not_told: str) -> Wanted:
    """The same about one person, or untold. Raises Fault DESK_REFUSED."""
    try:
        return replace(demand, subject=subject, not_told=not_told)
    except FormatError as wrong:
        raise Fault(FaultCode.DESK_REFUSED, str(wrong)) from wrong


def extract(store: "Store", demand: Wanted) -> tuple[Piece, ...]:
    """The entries that were asked for, in their order; nothing is written.

    Raises:
        Fault: DESK_REFUSED: more than one export may hold; STORE_TAMPERED: an entry does not open: evidence with a gap
            that nobody sees is none.
    """
    found: list[Piece] = []
    with store.database.read():
        for piece in _pieces(store, demand):
            found.append(piece)
            if len(found) > MOST:
                raise Fault(FaultCode.DESK_REFUSED, f"more than {MOST} entries: ask for a shorter period")
    return tuple(sorted(found, key=lambda piece: piece.seq))


def concerned(pieces: tuple[Piece, ...]) -> tuple[str, ...]:
    """The random ids of the people whose entries these are."""
    return tuple(sorted({piece.person for piece in pieces if piece.person}))


def _pieces(store: "Store", demand: Wanted) -> Iterator[Piece]:
    first, last = month(max(0, demand.first - _WRONG_BY_MS)), month(demand.last + _WRONG_BY_MS)
    if demand.scope is Scope.LEDGER:
        months = [row[0] for row in store.database.rows(_MONTHS, KeyKind.DEVICE.value, first, last)]
        for period in months:
            for piece in _of(store, "", period):
                said = canonical.decode(piece.clear)
                detail = said.get("detail") if isinstance(said, dict) else None
                named = isinstance(detail, dict) and demand.subject in detail.values()
                if demand.first <= piece.at < demand.last and (named or not demand.subject):
                    yield piece
        return
    for period, person in store.database.rows(_MONTHS_OF, KeyKind.RECORD.value, first, last, demand.subject):
        for piece in _of(store, person, period):
            if demand.first <= piece.at < demand.last and not isinstance(parse(piece.clear)[0], Notice):
                yield piece


def _of(store: "Store", person: str, period: str) -> Iterator[Piece]:
    for number in range(store.ledger.count(person, period)):
        body = store.ledger.body(person, period, number)
        if body is None:
            continue
        try:
            plain = store.ledger.plain(*body, person, period)
            if plain is None:
                continue
            clear = plain[SALT_SIZE:]
            yield Piece(body[0], plain[:SALT_SIZE], clear, person, _moment(clear, person))
        except FormatError as wrong:
            raise Fault(FaultCode.STORE_TAMPERED, f"entry {body[0]}") from wrong


def _moment(clear: bytes, person: str) -> int:
    if person:
        return parse(clear)[0].occurred_at
    said = canonical.decode(clear)
    return int(said["occurred_at"]) if isinstance(said, dict) else 0  # type: ignore[arg-type]
