"""Headquarters that signs, a backend that cannot, and a device that takes in what both say."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from store_kit import CONSENT, PIN, Hands, face, here, new_store

from kiosk.store import Person, Store, inbox, outbox, resume, roster
from kiosk.store.inbox import Believed
from sync.exchange import Exchange
from wire import message
from wire.message import Content, Entry, Message, Roster, Standing
from wire.signing import SigningKey

HQ = SigningKey.from_bytes(bytes(range(32)))
OTHER = SigningKey.from_bytes(bytes(range(32, 64)))
SIGNED = Believed((HQ.public,), unsigned=False)
UNSIGNED = Believed((), unsigned=True)
SURNAMES = ("Santoso", "Wahyuni", "Lestari", "Pratama", "Nugroho", "Hidayat", "Siregar", "Kusuma")


def entry(number: int, standing: Standing = Standing.ACTIVE, **change: str) -> Entry:
    said = {"ref": f"HR-EMP-{number:05d}", "code": f"E-{number}", "name": f"Budi {SURNAMES[number % 8]} {number}"}
    return Entry(**{**said, "standing": standing, **change})  # type: ignore[arg-type]


def people(*numbers: int) -> tuple[Entry, ...]:
    return tuple(entry(number) for number in numbers)


def whole(version: int, *entries: Entry, part: int = 1, parts: int = 1) -> Roster:
    """A full roster, or a part of one."""
    return Roster(version, full=True, part=part, parts=parts, people=entries)


def changes(version: int, *entries: Entry) -> Roster:
    return Roster(version, full=False, part=1, parts=1, people=entries)


@dataclass
class Door:
    """A device with a store and an exchange."""

    data: Path
    store: Store
    trust: Believed = SIGNED
    number: int = 0
    read_to: int | None = field(default=None)

    def post(self, content: Content, **change: object) -> None:
        """Headquarters sends, and signs if it can; nothing is read yet."""
        signs = bool(self.trust.keys)
        self.number += signs
        said = {"device": self.store.device_id, "number": self.number if signs else 0, **change}
        found = Message(str(said["device"]), int(str(said["number"])), self.store.now_ms(), content)
        self.put(message.encode(message.sign(found, HQ) if signs else found))

    def put(self, body: bytes) -> None:
        with self.exchange() as exchange:
            exchange.inbox_add("message", body)

    def collect(self) -> None:
        with self.exchange() as exchange:
            self.read_to = inbox.collect(here(self.store), exchange, self.store.device_id, self.trust)

    def hear(self, *contents: Content) -> None:
        """Headquarters sends and the device reads; nothing is written of it yet."""
        for content in contents:
            self.post(content)
        self.collect()

    def live(self, *contents: Content) -> None:
        """And the device goes on with what is open, as it does every few seconds, until it has read everything."""
        self.hear(*contents)
        before: tuple[object, ...] | None = None
        while before != (now := (self.read_to, tuple(self.store.intents.all_open()))):
            before = now
            resume.resume(self.store)
            self.collect()

    @contextmanager
    def exchange(self) -> Iterator[Exchange]:
        path = self.data / "exchange" / "exchange.db"
        with closing(outbox.open_exchange(path) if path.exists() else outbox.begin_anew(path)) as exchange:
            yield exchange

    def known(self) -> dict[str, Person]:
        """Everybody by code."""
        return {person.code: person for person in self.store.people.all()}

    def here(self) -> set[str]:
        """The codes of those who may use the door."""
        return {code for code, person in self.known().items() if person.state == "active"}

    def enrol(self, code: str, seed: int = 1) -> str:
        person = self.known()[code].id
        self.store.people.set_pin(person, PIN)
        self.store.basis.enrol(person, CONSENT, [face(person, seed)])
        return person

    def refused(self) -> dict[tuple[str, str], int]:
        return {(row[0], row[1]): row[2] for row in self.store.database.rows("SELECT kind, reason, times FROM refused")}

    def last(self) -> roster.Kept:
        return roster.rosters(self.store)[0]


def door(data: Path, trust: Believed = SIGNED, clock: Hands | None = None) -> Door:
    return Door(data, new_store(data / "state", clock), trust)
