"""Dead letters of the delivery to headquarters; refuses to change what the ledger says."""

from collections.abc import Sequence

from sync import audit
from sync.amend import Amendment
from sync.audit import Act
from sync.exchange import Exchange
from sync.journal import Journal
from sync.letters import Letter, NotPossible, Opener


class HqLetters:
    """Implements sync.letters.Letters over the journal of batches.

    Args:
        device: whose ledger it is.
        key: the exchange key, 32 bytes.
        journal: holds the letters.
        exchange: where the events lie.
    """

    def __init__(self, device: str, key: bytes, journal: Journal, exchange: Exchange) -> None:
        self._device = device
        self._key = key
        self._journal = journal
        self._exchange = exchange
        self._opener = Opener(device, key, exchange)

    def all(self) -> tuple[Letter, ...]:
        """Every letter, oldest first."""
        return tuple(
            Letter(one.event_id, one.reason, "", one.tries, one.first_at, self._opener.event(one.event_id))
            for one in self._journal.letters()
        )

    def retry(self, event_id: str, act: Act, now_ms: int) -> None:
        """Offer it with the next batch: HQ knows every event by its id. Raises NotPossible."""
        self._known([event_id])
        with self._journal.file.write():
            self._journal.drop_letter(event_id)
            audit.write(self._journal.file, self._key, self._device, event_id, act, now_ms)
        self._exchange.park([event_id], None)

    def amend(self, event_id: str, amendment: Amendment, act: Act, now_ms: int) -> None:  # noqa: ARG002 - the protocol's
        """Raises NotPossible: what HQ gets must fit the ledger."""
        raise NotPossible(
            "headquarters takes events only as the ledger has them: correct it there, then discard it here"
        )

    def hand(self, event_ids: Sequence[str], act: Act, now_ms: int) -> None:
        """Settle them in the exchange last: a crash before leaves an event that HQ is offered again."""
        self._known(event_ids)
        with self._journal.file.write():
            for event_id in event_ids:
                self._journal.drop_letter(event_id)
                audit.write(self._journal.file, self._key, self._device, event_id, act, now_ms)
        self._exchange.settle(event_ids, 0, "", now_ms)

    def _known(self, event_ids: Sequence[str]) -> None:
        letters = {one.event_id for one in self._journal.letters()}
        for event_id in event_ids:
            if event_id not in letters:
                raise NotPossible(f"{event_id} is no dead letter: see `kiosk-sync dead list`")
