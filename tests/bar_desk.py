"""One device as the bars use it, and all that can be seen of its store; refuses to see half of a record."""

import hashlib
import json
import random
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from backup_kit import identity_file
from pyrage import x25519
from store_kit import CHEAP, HOUR, Hands, here, key_of

from kiosk.store import Store, outbox, roots
from kiosk.store.files import make_directory
from kiosk.store.resume import resume
from sync.exchange import Exchange, ExchangeAbsent, ExchangeForeign
from wire import certificate, checkpoint
from wire.event import Action, CheckIn, Event, Method, Notice, NoticeKind, uuid7
from wire.signing import SigningKey

HQ = SigningKey.from_bytes(bytes(range(32)))
HQ_NAME = "ambang-hq/main"
MINUTE = 60_000


class Desk:
    """A device: its data directory, its clock, its open store and its exchange, all beneath `device`.

    A second rollback anchor lies in `other/`, as on another partition; a second store may be restored into `second/`.
    """

    def __init__(self, device: Path, seed: int = 417) -> None:
        self.device, self.data, self.second = device, device / "data", device / "second" / "state"
        self.state, self.exchange_path = self.data / "state", self.data / "exchange" / "exchange.db"
        self.identity_path = device.parent / "organisation.key"
        self.places = (device / "other" / "anchor",)
        self.clock = Hands()
        self.chance = random.Random(seed)  # noqa: S311 - ids that a test can repeat
        self._store: Store | None = None
        self._exchange: Exchange | None = None

    @property
    def store(self) -> Store:
        assert self._store is not None
        return self._store

    @property
    def opened(self) -> bool:
        return self._store is not None

    @property
    def meets(self) -> bool:
        return self._exchange is not None

    @property
    def exchange(self) -> Exchange:
        assert self._exchange is not None
        if self._exchange.replaced():  # an erasure has made it anew, or has left that to whoever needs it
            self._exchange.close()
            self.meet()
        return self._exchange

    def prepare(self) -> None:
        """Make the directories that an installer makes."""
        for directory in (self.data, self.places[0].parent, self.exchange_path.parent):
            make_directory(directory)

    @cached_property
    def identity(self) -> x25519.Identity:
        """The organisation's key, which lies beside the device and not on it; made when it is missing."""
        if not self.identity_path.exists():
            identity_file(self.device.parent, x25519.Identity.generate())
        return x25519.Identity.from_str(self.identity_path.read_text().splitlines()[-1])

    def create(self) -> None:
        self._store = Store.create(self.state, provider=key_of(self.state), clock=self.clock, places=self.places)
        self._store.accounts.cost = CHEAP

    def open(self) -> Store:
        """Open the store and go on with what a crash left open, as the kiosk does at each start."""
        self._store = Store.open(self.state, roots.of(self.state), clock=self.clock, places=self.places)
        self._store.accounts.cost = CHEAP
        resume(self._store)
        return self._store

    def meet(self) -> None:
        """Open the exchange, or make it anew where there is none, or one that cannot be believed, as the kiosk does."""
        try:
            self._exchange = outbox.open_exchange(self.exchange_path)
        except (ExchangeAbsent, ExchangeForeign):
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


# a face that is being erased is matched no more, and lies there until the intent is done
_MATCHED = (
    "SELECT count(*) FROM faces WHERE person NOT IN"
    " (SELECT subject FROM intents WHERE kind = 'erase_face' AND done = 0)"
)


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
    # A parting notice has a record key of its own, and nobody's row among the people.
    for (person,) in store.database.rows("SELECT DISTINCT person FROM keys WHERE kind = 'record'"):
        mine = store.history.events(person, *_span(periods))
        opened += len(mine)
        events += [(person, event) for event in mine]
    rows, known = store.database.rows, {person.id for person in people}
    seen: dict[str, Any] = {
        "people": sorted((p.id, p.code, p.name, p.has_face, p.has_pin, p.restricted) for p in people),
        "consents": sorted((p.id, consent.text_version) for p in people if (consent := store.basis.consent_of(p.id))),
        "faces": sorted(reference.person for reference in store.templates.references()),
        "templates": rows("SELECT count(*) FROM templates.template")[0][0],
        "references": rows("SELECT count(*) FROM faces")[0][0],
        "keys": rows(_KEYS),
        "events": sorted((person if person in known else "parting", _spelled(event)) for person, event in events),
        "unread": rows("SELECT count(*) FROM bodies")[0][0] - opened,
        "waiting": rows("SELECT count(*) FROM undelivered")[0][0],
        "attempts": rows("SELECT coalesce(sum(failures), 0) FROM attempts")[0][0],
        "countersigned": outbox.countersigned(store),
        "quarantined": len(store.quarantine.all()),
        "open": [intent.kind.value for intent in store.intents.all_open()],
        "epochs": rows("SELECT kek_epoch, store_key_epoch FROM store")[0],
        "wraps": rows("SELECT epoch, wrapped_by FROM keys WHERE kind = 'store' ORDER BY 1, 2"),
        "size": size,
        "head": store.ledger.hash_at(size).hex(),
    }
    assert len({event.event_id for _, event in events}) == len(events)
    assert seen["unread"] == seen["quarantined"] == 0, seen
    assert seen["templates"] == seen["references"], seen
    assert len(seen["faces"]) == rows(_MATCHED)[0][0], seen
    found_again: dict[str, Any] = json.loads(json.dumps(seen))
    return found_again


def _span(periods: list[str]) -> tuple[int, int]:
    """From the first day of the first month to long after the last, ms UTC."""
    first, last = (
        datetime.fromisoformat(f"{period}-01T00:00+00:00").timestamp() for period in (periods[0], periods[-1])
    )
    return int(first * 1000), int(last * 1000) + 31 * 24 * HOUR


def everything(desk: Desk) -> dict[str, Any]:
    """What can be seen of a whole device: its store, its exchange, a second store on its disk, and finished files."""
    second, certificates = None, list(desk.state.glob("certificates/[!.]*"))
    if (desk.second / "records.db").exists():
        store = Store.open(desk.second, roots.of(desk.second), clock=desk.clock)
        try:
            second = whole(store)
        finally:
            store.database.close()
    for path in certificates:
        certificate.read(path.read_bytes(), desk.store.device_public)
    return {
        "store": whole(desk.store),
        "letters": letters(desk.exchange) if desk.meets else None,
        "second": second,
        "certificates": len(certificates),
        "backups": _backups(desk),
    }


def _backups(desk: Desk) -> list[str]:
    """The names of the finished backups; each that the ledger speaks of is there, and is the one that it speaks of."""
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in desk.data.glob("offsite/[!.]*")}
    for (period,) in desk.store.database.rows("SELECT DISTINCT period FROM bodies"):
        for _, act in desk.store.ledger.local_acts(period):
            assert act["kind"] != "backed_up" or act["detail"]["sha256"] in found.values(), "a backup is gone"
    return sorted(found)


_KEYS: Final = (
    "SELECT kind, iif(kind = 'record' AND person NOT IN (SELECT id FROM people), 'parting', person), period, epoch"
    " FROM keys WHERE kind <> 'store' ORDER BY 1, 2, 3, 4"
)


def _spelled(event: Event) -> str:
    """The id of what somebody did; a notice has a new one when an erasure begins anew after a crash."""
    return event.kind.value if isinstance(event, Notice) else event.event_id


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
