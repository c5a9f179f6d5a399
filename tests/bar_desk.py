"""One device as the bars use it, and all that can be seen of its store; refuses to see half of a record."""

import json
import random
from pathlib import Path
from typing import Any

from store_kit import CHEAP, MORNING, Hands, here, key_of

from kiosk.store import Store, outbox
from kiosk.store.files import make_directory
from kiosk.store.resume import resume
from kiosk.store.roots import RootKey
from sync.exchange import Exchange, ExchangeAbsent
from wire import checkpoint
from wire.event import Action, CheckIn, Method, Notice, NoticeKind, uuid7
from wire.signing import SigningKey

HQ = SigningKey.from_bytes(bytes(range(32)))
HQ_NAME = "ambang-hq/main"
MINUTE = 60_000


class Desk:
    """A device's data directory, its clock, its open store and its exchange.

    A second rollback anchor lies in `other/`, as on another partition.
    """

    def __init__(self, data: Path, seed: int = 417) -> None:
        self.data, self.state, self.exchange_path = data, data / "state", data / "exchange" / "exchange.db"
        self.places = (data / "other" / "anchor",)
        self.clock = Hands()
        self.chance = random.Random(seed)  # noqa: S311 - ids that a test can repeat
        self._store: Store | None = None
        self._exchange: Exchange | None = None

    @property
    def store(self) -> Store:
        assert self._store is not None
        return self._store

    @property
    def meets(self) -> bool:
        return self._exchange is not None

    @property
    def exchange(self) -> Exchange:
        assert self._exchange is not None
        return self._exchange

    def create(self) -> None:
        for directory in (self.places[0].parent, self.exchange_path.parent):  # the installer makes them
            make_directory(directory)
        self._store = Store.create(self.state, provider=self.provider(), clock=self.clock, places=self.places)
        self._store.accounts.cost = CHEAP

    def open(self) -> Store:
        """Open the store and go on with what a crash left open, as the kiosk does at each start."""
        self._store = Store.open(self.state, self.provider(), clock=self.clock, places=self.places)
        self._store.accounts.cost = CHEAP
        resume(self._store)
        return self._store

    def provider(self) -> RootKey:
        return key_of(self.state)

    def meet(self) -> None:
        """Open the exchange, or make it if there is none yet."""
        try:
            self._exchange = outbox.open_exchange(self.exchange_path)
        except ExchangeAbsent:
            self._exchange = outbox.begin_anew(self.exchange_path)

    def leave(self) -> None:
        """Let go of all files, as a process that ends does: without a last checkpoint."""
        if self._store is not None:
            self._store.database.close()
        if self._exchange is not None:
            self._exchange.close()
        self._store = self._exchange = None

    def event_id(self) -> str:
        return uuid7(self.clock.wall_ms, self.chance.randbytes(10))

    def person(self, code: str) -> str:
        found = self.store.people.by_code(code)
        assert found is not None, code
        return found.id

    def checked_in(self, code: str, action: Action = Action.IN) -> CheckIn:
        now = self.clock()
        return CheckIn(self.event_id(), code, action, now.wall_ms, now.clock, Method.FACE, "Lobby")

    def notice(self, code: str, kind: NoticeKind) -> Notice:
        now = self.clock()
        return Notice(self.event_id(), kind, code, now.wall_ms, now.clock, "Lobby")

    def hand_on(self) -> None:
        """Hand every entry to sync."""
        outbox.forward(here(self.store), self.exchange)

    def receive(self) -> None:
        """Let headquarters' counter-signature of what was handed on arrive in the inbox, as sync puts it there."""
        note = self.store.ledger.note(self.exchange.last_seq())
        self.exchange.inbox_add("receipt", checkpoint.cosign(note, HQ_NAME, HQ).encode())

    def collect(self) -> None:
        """Take what is in the inbox."""
        outbox.collect(here(self.store), self.exchange, {HQ_NAME: HQ.public})


def whole(store: Store) -> dict[str, Any]:
    """Everything that can be seen of a store, after SQLite's own check and that of the ledger; opens every record.

    Two stores that hold the same show the same; `size` and `head` say how long the ledger is.
    """
    for schema in ("main", "templates"):
        found = store.database.rows(f"PRAGMA {schema}.integrity_check")
        assert found == [("ok",)], found
        assert store.database.rows(f"PRAGMA {schema}.foreign_key_check") == []
    size = store.ledger.verify()
    people = store.people.all()
    periods = [row[0] for row in store.database.rows("SELECT DISTINCT period FROM bodies ORDER BY 1")]
    opened = sum(len(store.ledger.local_acts(period)) for period in periods)
    events = []
    for person in people:
        mine = store.history.events(person.id, 0, MORNING * 2) if periods else []
        opened += len(mine)
        events += [(person.id, event.event_id) for event in mine]
    rows = store.database.rows
    seen: dict[str, Any] = {
        "people": sorted((p.id, p.code, p.name, p.has_face, p.has_pin, p.restricted) for p in people),
        "consents": sorted((p.id, consent.text_version) for p in people if (consent := store.basis.consent_of(p.id))),
        "faces": sorted(reference.person for reference in store.templates.references()),
        "templates": rows("SELECT count(*) FROM templates.template")[0][0],
        "references": rows("SELECT count(*) FROM faces")[0][0],
        "keys": rows("SELECT kind, person, period, epoch FROM keys WHERE kind <> 'store' ORDER BY 1, 2, 3, 4"),
        "events": sorted(events),
        "unread": rows("SELECT count(*) FROM bodies")[0][0] - opened,
        "waiting": rows("SELECT count(*) FROM undelivered")[0][0],
        "countersigned": outbox.countersigned(store),
        "quarantined": len(store.quarantine.all()),
        "open": [intent.kind.value for intent in store.intents.all_open()],
        "epochs": rows("SELECT kek_epoch, store_key_epoch FROM store")[0],
        "wraps": rows("SELECT epoch, wrapped_by FROM keys WHERE kind = 'store' ORDER BY 1, 2"),
        "size": size,
        "head": store.ledger.hash_at(size).hex(),
    }
    assert len({event_id for _, event_id in events}) == len(events)
    assert seen["unread"] == seen["quarantined"] == 0, seen
    assert len(seen["faces"]) == seen["templates"] == seen["references"], seen
    found_again: dict[str, Any] = json.loads(json.dumps(seen))
    return found_again


def letters(exchange: Exchange) -> dict[str, Any]:
    """Everything that can be seen of an exchange."""
    unsettled = exchange.unsettled()
    seen = {
        "entries": exchange.last_seq(),
        "unsettled": (unsettled.events, unsettled.oldest_seq, unsettled.parked),
        "inbox": [(message.id, message.kind, message.body.hex()) for message in exchange.inbox(0, 100)],
        "status": exchange.status().state.value,
    }
    found_again: dict[str, Any] = json.loads(json.dumps(seen))
    return found_again


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two stores hold the same, apart from what the device wrote into its ledger about itself."""
    return {**one, "size": 0, "head": ""} == {**other, "size": 0, "head": ""}
