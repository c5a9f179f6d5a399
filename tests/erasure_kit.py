"""What a person leaves in the files, how it is found there without the store's own search, and a small office."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from store_kit import CONSENT, PIN, check_in, face, here, key_of, new_store

from kiosk.store import Reference, Store, badges, outbox
from kiosk.store.keys import KeyKind
from kiosk.store.rotation import turned
from sync.exchange import Exchange
from wire import certificate, checkpoint
from wire.certificate import Certificate
from wire.event import Event, parse
from wire.sealed import Context, unseal
from wire.signing import SigningKey

HQ = SigningKey.from_bytes(bytes(range(32)))
HQ_NAME = "ambang-hq/main"
NAMES = {HQ_NAME: HQ.public}
CODE, NAME = "EMP-0417-XY", "Budi Santoso-Wijaya"
# Any so many bytes of a sealed record give it away; none occurs by chance.
WINDOW = 12
MOST = 16  # so many windows of one record, evenly spread
_SEALED = {
    "reference": "SELECT t.sealed FROM templates.template t JOIN faces f ON f.template = t.id WHERE f.person = ?",
    "set aside": "SELECT sealed FROM quarantine WHERE person = ? AND sealed IS NOT NULL",
    "biometric key": "SELECT wrapped FROM keys WHERE kind = 'biometric' AND person = ?",
    "PIN": "SELECT secret FROM accounts WHERE person = ?",
    "badge": "SELECT sealed FROM badges WHERE person = ?",
    "record key": "SELECT wrapped FROM keys WHERE kind = 'record' AND person = ?",
    "profile key": "SELECT wrapped FROM keys WHERE kind = 'profile' AND person = ?",
    "profile": "SELECT profile FROM people WHERE id = ?",
    "consent": "SELECT record FROM bases WHERE person = ?",
    "entry": "SELECT b.sealed FROM bodies b JOIN undelivered u ON u.seq = b.seq WHERE u.person = ?",
}
FACE = ("reference", "set aside", "biometric key", "vector")
AT_ONCE = (*FACE, "PIN", "badge")


@dataclass
class Office:
    """A store in the data directory of a kiosk, with one person who will leave and one who stays."""

    data: Path
    store: Store
    leaver: str
    stays: str

    @property
    def state(self) -> Path:
        return self.data / "state"

    def again(self) -> Store:
        """Open the store anew, as a start of the kiosk does; this one is closed."""
        self.store.database.close()
        self.store = Store.open(self.state, key_of(self.state), clock=self.store.clock)
        return self.store

    def forward(self) -> None:
        with self.exchange() as exchange:
            outbox.forward(here(self.store), exchange)

    def delivered(self) -> None:
        """Headquarters signs for everything, and the kiosk hears of it."""
        self.forward()
        with self.exchange() as exchange:
            size = self.store.ledger.size()
            exchange.inbox_add("receipt", checkpoint.cosign(self.store.ledger.note(size), HQ_NAME, HQ).encode())
            outbox.collect(here(self.store), exchange, NAMES)

    @contextmanager
    def exchange(self) -> Iterator[Exchange]:
        path = self.data / "exchange" / "exchange.db"
        with closing(outbox.open_exchange(path) if path.exists() else outbox.begin_anew(path)) as exchange:
            yield exchange

    def waiting(self) -> list[Event]:
        """The events that lie in the exchange for headquarters, opened with its key."""
        with self.exchange() as exchange:
            taken = exchange.take(500)
        key, found = self.store.keys.need(KeyKind.EXCHANGE), []
        for entry in () if taken is None else taken.entries:
            if entry.sealed is not None:
                where = Context(store=self.store.device_id, table="outbox", column="event", row=str(entry.row.seq))
                found.append(parse(unseal(key, entry.sealed, where)[16:])[0])
        return found

    def certificate(self, path: Path | None) -> Certificate:
        assert path is not None
        return certificate.read(path.read_bytes(), self.store.device_public)


def office(data: Path, *, entries: int = 3) -> Office:
    """Both have a face, a PIN and some attendance in two months."""
    store = new_store(data / "state")
    leaver, stays = store.people.add(CODE, NAME, pin=PIN), store.people.add("E-2", "Sri Wahyuni", pin=PIN)
    store.basis.enrol(leaver, CONSENT, [face(leaver, seed) for seed in (1, 2, 3)])
    store.basis.enrol(stays, CONSENT, [face(stays, 8)])
    for person in (leaver, leaver, stays):  # the leaver's first no longer counts
        badges.issue(store, person, by="")
    for number in range(entries):
        at = store.now_ms() - (40 * 86_400_000 if number == 0 else 0)
        for person, code in ((leaver, CODE), (stays, "E-2")):
            store.ledger.append(check_in(store, at=at, code=code), person)
    return Office(data, store, leaver, stays)


def belongings(
    store: Store, person: str, seeds: tuple[int, ...] = (1, 2, 3), made: Callable[[str, int], Reference] = face
) -> dict[str, list[bytes]]:
    """Every sealed record, wrapped key and vector of a person, and what must never lie open; by kind."""
    found = {kind: [bytes(row[0]) for row in store.database.rows(query, person)] for kind, query in _SEALED.items()}
    given = [made(person, seed) for seed in seeds]
    vectors = [reference.vector for reference in given]
    for (epoch,) in store.database.rows("SELECT DISTINCT epoch FROM faces WHERE person = ?", person):
        matrix = store.templates._matrix(given[0].model, epoch, len(vectors[0]))
        vectors += [turned(matrix, reference.vector) for reference in given]
    found["vector"] = [vector.astype(kind).tobytes() for vector in vectors for kind in ("<f4", "<f8", "<f2")]
    found["open"] = [text.encode(coding) for text in (NAME, CODE, "Wijaya") for coding in ("utf-8", "utf-16-le")]
    assert all(len(found[kind]) > 0 for kind in ("profile", "profile key", "vector"))
    return found


def lying(data: Path, found: dict[str, list[bytes]], *kinds: str) -> set[tuple[str, str]]:
    """Which kinds (all, if none is named) lie in which files beneath a directory: a few of its bytes in a row tell."""
    files = {path.relative_to(data).as_posix(): path.read_bytes() for path in data.rglob("*") if path.is_file()}
    assert len(files) >= 3, "nothing was searched"
    hits = set()
    for kind in kinds or found:
        for record in found[kind]:
            start = 0 if kind in {"vector", "open"} else 8  # many sealed records begin alike
            last = max(start, len(record) - WINDOW)
            windows = [record[at : at + WINDOW] for at in (*range(start, last, max(WINDOW, last // MOST)), last)]
            hits |= {(name, kind) for name, content in files.items() if any(each in content for each in windows)}
    return hits


def references(store: Store) -> set[str]:
    return {reference.person for reference in store.templates.references()}


def matches(store: Store, person: str, seed: int) -> bool:
    """Whether a probe of this face would find the person."""
    probe = face(person, seed)
    matrix = store.templates.rotation(probe.model, len(probe.vector))
    gallery = [(each.person, float(each.vector @ (matrix @ probe.vector))) for each in store.templates.references()]
    return any(found == person and np.isclose(score, 1.0, atol=1e-3) for found, score in gallery)
