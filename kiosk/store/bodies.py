"""Opens every body of the ledger that still has a key; refuses one that is not the event that was committed to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk.store import outbox
from kiosk.store.keys import KeyKind
from kiosk.store.vault import tag
from wire.errors import BrokenChain, FormatError
from wire.spine import SALT_SIZE, commitment

if TYPE_CHECKING:
    from kiosk.store import Store

# Numbers are given without gaps; behind one that is gone, so many more are tried than bodies are left over.
_FURTHER: Final = 64
_BY_TAG: Final = (
    "SELECT b.seq, b.sealed, CAST(b.event_id AS BLOB), b.period, b.audience, s.commitment, u.seq FROM bodies b"
    " JOIN spine s ON s.seq = b.seq LEFT JOIN undelivered u ON u.seq = b.seq WHERE b.tag = ?"
)


@dataclass(frozen=True, slots=True)
class Opened:
    """What was found.

    Attributes:
        opened: bodies that are what was logged.
        without_key: bodies that no key finds: theirs is gone.
        missing: months with a body that is gone though its key is there; neither erasure nor retention leaves it so.
        stranded: events that headquarters has not signed for and that do not wait for it either.
    """

    opened: int
    without_key: int
    missing: int
    stranded: int


def open_all(store: "Store", *, step: Callable[[int], object] = lambda _: None) -> Opened:
    """Open every body that a key can find; one person and month at a time, so that nobody waits for the file.

    Args:
        store: the open store; only read.
        step: told how many bodies were opened since it was told last.

    Raises:
        BrokenChain: the first entry whose body does not open or is not what was committed to.
        Fault: as for any reading of the store.
    """
    search = _Search(store, step)
    for (period,) in store.database.rows("SELECT DISTINCT period FROM bodies ORDER BY period"):
        search.month(period)
    if search.wrong:
        raise min(search.wrong, key=lambda each: each.seq)
    return Opened(search.opened, search.without_key, search.missing, search.stranded)


class _Search:
    """Goes through the bodies month by month and collects what is wrong."""

    def __init__(self, store: "Store", step: Callable[[int], object]) -> None:
        self._store = store
        self._step = step
        self._signed = outbox.settled(store)
        self.opened = self.without_key = self.missing = self.stranded = 0
        self.wrong: list[BrokenChain] = []

    def month(self, period: str) -> None:
        database = self._store.database
        (there,) = database.row("SELECT count(*) FROM bodies WHERE period = ?", period) or (0,)
        people = [
            row[0] for row in database.rows("SELECT person FROM keys WHERE kind = 'record' AND period = ?", period)
        ]
        numbers = {person: self._from(person, period, 0, None) for person in ("", *people)}
        left = there - sum(numbers.values())
        if left > 0:  # an erased person's, or behind a gap that nobody should have made
            for person, number in numbers.items():
                beyond = self._from(person, period, number + 1, number + 2 * left + _FURTHER)
                self.missing += beyond > 0
                left -= beyond
        self.without_key += max(0, left)

    def _from(self, person: str, period: str, first: int, end: int | None) -> int:
        """Open the numbers from `first` on, up to `end` or (None) the first that is not there; returns how many."""
        found = 0
        with self._store.database.read():
            kind = KeyKind.RECORD if person else KeyKind.DEVICE
            try:
                key = self._store.keys.get(kind, person=person, period=period)
            except FormatError:  # its bodies count as without a key; the sweep sets the key aside
                return 0
            number = first
            while key is not None and (end is None or number < end):
                row = self._store.database.row(_BY_TAG, tag(key, number))
                number += 1
                if row is not None:
                    found += 1
                    self._look(row, person, period)
                elif end is None:
                    break
        self.opened += found
        self._step(found)
        return found

    def _look(self, row: tuple[int, bytes, bytes, str, int, bytes, int | None], person: str, period: str) -> None:
        seq, sealed, event_id, of_period, audience, promise, waiting = row
        why = self._content(seq, sealed, person, period, event_id, promise)
        if (of_period, audience) != (period, int(bool(person))):
            why = why or "stands under another month or audience"
        self.stranded += bool(person) and seq > self._signed and waiting is None
        if why:
            self.wrong.append(BrokenChain(seq, why))

    def _content(  # noqa: PLR0913, PLR0917 - a row
        self, seq: int, sealed: bytes, person: str, period: str, event_id: bytes, promise: bytes
    ) -> str:
        try:
            plain = self._store.ledger.plain(seq, sealed, person, period)
        except FormatError:
            return "has a sealed body that does not open"
        if plain is None or commitment(plain[:SALT_SIZE], plain[SALT_SIZE:]) != promise:
            return "has a sealed body that is not the event that was committed to"
        return "" if b'"id":"%s"' % event_id in plain else "has the id of another event"
