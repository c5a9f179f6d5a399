"""Dead letters of the delivery of single events; refuses a change that the event has no place for."""

from collections.abc import Sequence
from typing import Final

from sync import audit
from sync.amend import Amendment, applied, joined
from sync.audit import Act
from sync.contract import Why
from sync.exchange import Exchange
from sync.letters import Letter, NotPossible, Opener
from sync.punch_journal import PunchJournal
from sync.punch_rows import Punched
from sync.punches import Dead, Settled, Track, Uncertain
from wire.errors import FormatError
from wire.event import Event, parse

APPROVABLE: Final = (Why.REVIEW, Why.CLOCK_DOUBTFUL)


class PunchLetters:
    """Implements sync.letters.Letters over the punch journal.

    Args:
        device: whose ledger it is.
        key: the exchange key, 32 bytes.
        journal: where each event stands.
        exchange: where the events lie.
    """

    def __init__(self, device: str, key: bytes, journal: PunchJournal, exchange: Exchange) -> None:
        self._device = device
        self._key = key
        self._journal = journal
        self._exchange = exchange
        self._opener = Opener(device, key, exchange)

    def all(self) -> tuple[Letter, ...]:
        """Every letter, oldest first."""
        return tuple(map(self._letter, self._journal.dead()))

    def retry(self, event_id: str, act: Act, now_ms: int) -> None:
        """Ask the backend for it, and send it again if it is not there. Raises NotPossible."""
        self._again(event_id, None, act, now_ms)

    def amend(self, event_id: str, amendment: Amendment, act: Act, now_ms: int) -> None:
        """Keep what was decided, sealed, and try again. Raises NotPossible."""
        letter = self._letter(self._dead(event_id))
        if letter.event is None:
            raise NotPossible("this event does not open, so nothing in it can be changed: export or discard it")
        if act.act == "approve" and letter.reason not in APPROVABLE:
            raise NotPossible(f"only {' and '.join(APPROVABLE)} can be approved; this one is {letter.reason}")
        whole = joined(letter.amendment, amendment)
        try:
            person = applied(letter.event.event, whole).person
        except FormatError as error:
            raise NotPossible(str(error)) from error
        self._again(event_id, (whole, person), act, now_ms)

    def hand(self, event_ids: Sequence[str], act: Act, now_ms: int) -> None:
        """Settle them here first: what the journal says is settled is settled in the exchange, or at the next start."""
        for event_id in event_ids:
            self._dead(event_id)
        with self._journal.file.write():
            for event_id in event_ids:
                self._journal.decide(event_id, Track(Settled(act.act)), now_ms)
                audit.write(self._journal.file, self._key, self._device, event_id, act, now_ms)
        self._exchange.settle_delivered(event_ids, now_ms)

    def same_person(self, event_id: str) -> tuple[str, ...]:
        """The dead letters of the person that this one is of, for the same reason."""
        letter = self._dead(event_id)
        if not isinstance(letter.track.state, Dead):
            return ()
        return self._journal.dead_beside(event_id, letter.track.state.why.value)

    def _again(self, event_id: str, decided: tuple[Amendment, str] | None, act: Act, now_ms: int) -> None:
        state = self._dead(event_id).track.state
        if not isinstance(state, Dead):
            raise NotPossible("not set aside")
        with self._journal.file.write():
            # what was sent once is asked for before it is sent again, whatever the backend said at that time
            self._journal.decide(event_id, Track(Uncertain(state.attempt, state.sent_at)), now_ms, decided)
            audit.write(self._journal.file, self._key, self._device, event_id, act, now_ms)
        self._exchange.park([event_id], None)

    def _dead(self, event_id: str) -> Punched:
        found = self._journal.find(event_id)
        if found is None or not isinstance(found.track.state, Dead):
            raise NotPossible(f"{event_id} is no dead letter: see `kiosk-sync dead list`")
        return found

    def _letter(self, found: Punched) -> Letter:
        state = found.track.state
        why, detail, tries = (state.why.value, state.detail, state.attempt) if isinstance(state, Dead) else ("", "", 0)
        return Letter(
            event_id=found.event_id,
            reason=why,
            detail=detail,
            tries=tries,
            since=found.changed_at,
            event=self._opener.event(found.event_id),
            about=self._about(found.event_id),
            amendment=self._journal.amendment(found.event_id),
        )

    def _about(self, event_id: str) -> Event | None:
        clear = self._journal.about(event_id)
        try:
            return None if clear is None else parse(clear)[0]
        except FormatError:
            return None
