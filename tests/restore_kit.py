"""A headquarters that a store delivers to without a network, and what restores a store from a backup."""

import json
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from backup_kit import identity_file
from hq_site import Site, found, make_door, now_ms, register
from sqlalchemy import select
from store_kit import CHEAP, OPENED, Hands

from hq import database, intake, office
from hq.continuation import continuation
from hq.devices import Peer
from kiosk.store import FileRootKey, Store, outbox
from kiosk.store.keys import KeyKind
from kiosk.store.restore import Newer, Restored, restore
from wire import batch as batches
from wire import event
from wire.batch import Batch
from wire.signing import SigningKey
from wire.spine import SALT_SIZE, genesis


@dataclass
class Headquarters:
    """One HQ, and the devices that it knows."""

    site: Site

    @property
    def keys(self) -> dict[str, bytes]:
        return {self.site.name: self.site.public}

    def know(self, store: Store) -> None:
        door = make_door(self.site.root.parent, store.device_id)
        key = SigningKey.from_bytes(store.keys.need(KeyKind.SIGNING))
        register(self.site, replace(door, key=key))

    def take(self, store: Store, after: int | None = None) -> None:
        """Everything that the store has and HQ has not (or after an entry), then HQ's counter-signature back."""
        with closing(office.open_office(self.site.root)) as opened:
            with database.reading(opened.engine) as view:
                size = view.execute(
                    select(database.devices.c.size).where(database.devices.c.id == store.device_id)
                ).scalar_one()
                serial = view.execute(
                    select(database.certificates.c.serial).where(database.certificates.c.device == store.device_id)
                ).scalar_one()
            batch = _batch(store, size if after is None else after)
            body, key = batches.encode(batch), f'"{batch.batch}"'
            reply = intake.receive(opened, Peer(store.device_id, serial), body, key, now_ms())
        outbox._keep(store, store.ledger.size(), json.loads(reply)["checkpoint"])

    def export(self, store: Store, path: Path, *, after: int = 0) -> Path:
        with closing(office.open_office(self.site.root)) as opened:
            lines = [json.dumps(line) for line in continuation(opened, store.device_id, after)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path


def headquarters(folder: Path) -> Headquarters:
    folder.mkdir()
    return Headquarters(found(folder))


def _batch(store: Store, after: int) -> Batch:
    entries = store.ledger.entries_since(after)
    sent = []
    for seq, sealed, person, period in store.database.rows(
        "SELECT b.seq, b.sealed, u.person, u.period FROM bodies b JOIN undelivered u USING (seq) WHERE seq > ?", after
    ):
        plain = store.ledger.plain(seq, sealed, person, period)
        assert plain is not None
        sent.append(event.delivered(plain[SALT_SIZE:], seq, plain[:SALT_SIZE]))
    rows = tuple(entry.row for entry in entries)
    h_prev = store.ledger.hash_at(after) if after else genesis(store.device_id)
    return Batch(store.device_id, str(uuid.uuid4()), h_prev, rows, store.ledger.note(), tuple(sent))


def restored(  # noqa: PLR0913 - by keyword
    sealed: Path,
    state: Path,
    newer: Newer | None = None,
    *,
    places: Sequence[Path] = (),
    clock: Hands | None = None,
    exchange_key: Path | None = None,
) -> Restored:
    """The backup in an empty device whose root key is another one."""
    return restore(
        sealed,
        identity_file(state.parent),
        state,
        FileRootKey(state / "root.key"),
        clock=clock or Hands(),
        newer=newer or Newer(),
        places=places,
        exchange_key=exchange_key,
    )


def reopen(state: Path, *, clock: Hands | None = None, places: Sequence[Path] = ()) -> Store:
    store = Store.open(state, FileRootKey(state / "root.key"), clock=clock or Hands(), places=places)
    store.accounts.cost = CHEAP
    OPENED.append(store)
    return store
