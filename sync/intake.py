"""Takes in what the kiosk hands over and opens what is to be sent; refuses to believe that an old event is unsent."""

from collections.abc import Sequence
from typing import Final

from sync import memory
from sync.amend import applied
from sync.contract import Punch, Why
from sync.exchange import Exchange
from sync.packing import open_event
from sync.punch_journal import PunchJournal
from sync.punch_rows import Fresh, Punched
from sync.punches import Dead, Settled, Track, Uncertain, unreadable
from sync.waiting import Waiting, made_at
from wire.errors import FormatError
from wire.event import Amendment, Correction, Delivered, Dispute, Event, TripDetails

CHUNK: Final = 500


class Intake:
    """Between the exchange, which holds the sealed events, and the journal, which says where each one stands.

    Args:
        device: whose ledger it is.
        key: the exchange key, 32 bytes.
        exchange: rows from the kiosk.
        journal: our own memory.
    """

    def __init__(self, device: str, key: bytes, exchange: Exchange, journal: PunchJournal) -> None:
        self._device = device
        self._key = key
        self._exchange = exchange
        self._journal = journal
        self._scanned = 0
        self._seen: int | None = None
        self._born_at = self._doubt_at = self._high = 0

    def begin(self, now_ms: int, *, pairs: bool) -> None:
        """On start: whatever was in flight may have arrived; what is set aside shows as that on both sides."""
        journal, exchange = self._journal, self._exchange
        journal.recover(now_ms)
        journal.realign(pairs=pairs)
        if journal.number("born_at") is None:
            journal.put("doubt_at", memory.damaged_at(journal.file.path))
            journal.put("high", exchange.last_seq() or 0)
            journal.put("born_at", now_ms)
        self._born_at, self._doubt_at, self._high = (
            journal.number(name) or 0 for name in ("born_at", "doubt_at", "high")
        )
        dead = {one.event_id: one.track.state for one in journal.dead()}
        parked = frozenset(exchange.parked())
        exchange.park([each for each in parked if each not in dead], None)
        for event_id, state in dead.items():
            if event_id not in parked and isinstance(state, Dead):
                exchange.park([event_id], state.why.value)

    def absorb(self, now_ms: int, *, pairs: bool) -> tuple[bool, list[str]]:
        """Take in at most 500 rows that are new here; returns whether more wait, and ids that were settled before."""
        version = self._exchange.version()
        if version == self._seen:
            return False, []
        rows = self._exchange.waiting(self._scanned, CHUNK)
        known = self._journal.known([row.event_id for row in rows])
        fresh = [self._fresh(row) for row in rows if row.event_id not in known]
        if fresh:
            self._high = max(self._high, rows[-1].seq)
            self._journal.absorb(fresh, self._high, now_ms, pairs=pairs)
            shut = [one.event_id for one in fresh if isinstance(one.track.state, Dead)]
            self._exchange.park(shut, Why.UNREADABLE.value)
        self._scanned = rows[-1].seq if rows else self._scanned
        more = len(rows) == CHUNK
        if not more:
            self._seen = version
            if self._exchange.behind():
                self._exchange.settle_delivered([], now_ms)
        return more, [each for each, settled in known.items() if settled]

    def load(self, remembered: Sequence[Punched]) -> tuple[list[Punch], dict[str, Track]]:
        """Open what is to be sent or asked about, as a person has amended it; and what has become of the others."""
        punches: list[Punch] = []
        changed: dict[str, Track] = {}
        for one in remembered:
            row = self._exchange.find(one.event_id)
            if row is None or not row.open:
                # settled and wiped, or taken back by the kiosk; or the exchange is being filled again, and it will come
                if row is not None or one.seq <= (self._exchange.last_seq() or 0):
                    changed[one.event_id] = Track(Settled("taken_back"))
                continue
            try:
                event = self.open(row).event
            except FormatError:
                changed[one.event_id] = unreadable()
                continue
            try:
                amendment = self._journal.amendment(one.event_id)
                punches.append(Punch(one.seq, applied(event, amendment), amendment.approved))
            except FormatError:
                changed[one.event_id] = Track(Dead(Why.FIELD_REJECTED, "amendment_unfit", 0, 0))
        return punches, changed

    def open(self, row: Waiting) -> Delivered:
        """Open one event. Raises FormatError (`packing.open_event`)."""
        return open_event(self._device, self._key, row.seq, row.commitment, row.event_id, row.sealed)

    def _fresh(self, row: Waiting) -> Fresh:
        """What is older than our memory, or was forgotten by it, may have been sent: ask before it is sent."""
        doubtful = row.seq <= self._high or made_at(row.event_id) < self._born_at
        try:
            event = self.open(row).event
        except FormatError:
            return Fresh(row.event_id, row.seq, row.event_id.encode(), unreadable())
        track = Track(Uncertain(0, self._doubt_at)) if doubtful else Track()
        return Fresh(row.event_id, row.seq, self._journal.tag(event.person), track, self._about(event))

    def _about(self, event: Event) -> bytes | None:
        """A correction that ends as somebody's task must show what it corrects, which is wiped an hour later."""
        if not isinstance(event, Correction | Dispute | Amendment | TripDetails):
            return None
        row = self._exchange.find(event.refers_to)
        try:
            return None if row is None else self._journal.sealed_about(event.event_id, self.open(row).clear)
        except FormatError:
            return None
