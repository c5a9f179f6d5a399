"""A door where faces may be enrolled, made-up looks at people, and a guest whose touches are counted."""

import functools
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import store_once
from admin_kit import RATNA
from assess_kit import PRIVACY, signed
from consent_kit import consent_to, published
from desk_people_kit import SARI, manned, trained
from pages_kit import Guest, configured
from store_kit import Hands
from store_once import copied, shut
from vision_kit import GOOD

from kiosk.config import Config
from kiosk.pages.enrol.first import first
from kiosk.pages.page import Captured, Official
from kiosk.store import PinAccepted, Reference, Store
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.rotation import orthonormal
from kiosk.vision.arrays import Floats
from kiosk.vision.embed import Embedding
from kiosk.vision.enrolment import Shot
from kiosk.vision.known import in_use
from kiosk.vision.manifest import Pack

PIN = "905172"
CODE, NAME = "A-1", "Siti Rahmawati"
FACES = ("Agus Salim", "Budi Hartono", "Citra Dewi")
_PACK = in_use(Config(data=Path("/nowhere")))
assert _PACK is not None
PACK: Pack = _PACK
TURNS = functools.cache(orthonormal)  # copies of one store have one turn, and 512 x 512 takes longer than most tests


@dataclass
class Counted(Guest):
    """Counts what is touched that is not typing."""

    touches: int = field(default=0)

    def tap(self, *keys: str) -> "Counted":
        self.touches += len(keys)
        super().tap(*keys)
        return self


def door(place: Path) -> Counted:
    """Ratna before the first page: three people have a face here, Siti has nothing yet."""
    admin = copied(_made, place)
    store = store_once.opened(place / "state", Hands())
    guest = Counted(store, configured(store))
    guest.begin(first(), Official(admin, RATNA))
    return guest


def _made(place: Path) -> LoggedIn:
    store, admin, officer = manned(place / "state")
    (place / "privacy.toml").write_text(PRIVACY)
    signed(store, configured(store), officer)
    edition = published(store)
    trained(store, admin)
    store.people.add(CODE, NAME)
    for number, name in enumerate(FACES):
        person = store.people.add(f"B-{number}", name, pin="482913")
        store.basis.enrol(person, consent_to(store, edition), kept(store, person, face(number)))
    shut(store)
    return admin


def kept(store: Store, person: str, middle: Floats, model: str = PACK.embedding_space) -> list[Reference]:
    return [Reference(person, each.vector, model, 0.9, store.now_ms()) for each in looks(middle, 3)]


def face(number: int) -> Floats:
    """What is common to all looks at one made-up person; different numbers have nothing to do with each other."""
    middle = np.random.default_rng(1000 + number).normal(size=PACK.dimension)
    return np.asarray(middle / np.linalg.norm(middle), np.float32)


def looks(middle: Floats, count: int, seed: int = 3) -> tuple[Embedding, ...]:
    """Looks at one person: about 0.8 alike among themselves."""
    rng = np.random.default_rng(seed)
    rows = middle + rng.normal(size=(count, PACK.dimension)) * 0.02
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return tuple(Embedding(row.astype(np.float32), PACK.embedding_space) for row in rows)


def taken(middle: Floats, count: int = 6, probes: Floats | None = None) -> Captured:
    """What the camera hands over at the end."""
    shots = tuple(Shot(each, GOOD) for each in looks(middle, count))
    return Captured(shots, looks(middle if probes is None else probes, 3, seed=4))


def siti(store: Store) -> str:
    person = store.people.by_code(CODE)
    assert person is not None
    return person.id


def to_the_notice(guest: Guest, letters: str = "siti", language: str = "en") -> Guest:
    """The official finds somebody and hands the screen over; the person chooses a language."""
    found = guest.tap("search").type(letters)
    person = next(key for key in found.keys if key != "search")
    return found.tap(person, "hand", language)


def to_the_camera(guest: Guest, letters: str = "siti") -> Guest:
    """They read, tick both, and agree."""
    return to_the_notice(guest, letters).tap("next", "read", "free", "yes")


def types_a_pin(guest: Guest, pin: str = PIN) -> Guest:
    return guest.tap("type").type(pin).type(pin)


def opens(store: Store, code: str = CODE, pin: str = PIN) -> bool:
    now = store.clock()
    return isinstance(store.accounts.check_pin(code, pin, now.wall_ms, now.clock.boottime_ms), PinAccepted)


def nothing_is_kept(store: Store) -> bool:
    """Whether Siti has neither face, nor consent, nor PIN."""
    person = store.people.get(siti(store))
    return not (person.has_face or person.has_pin or person.informed or store.basis.ground_of(person.id))


def marked(store: Store, column: str) -> None:
    """As if an administrator or the officer had just said so of everybody."""
    sql = {"minor": "UPDATE people SET minor = 1", "restricted": "UPDATE people SET face_restricted = 1"}[column]
    with store.database.write():
        store.database.run(sql)


def login_of_ratna(guest: Guest) -> LoggedIn:
    account = guest.store.admins.by_name(RATNA)
    assert account is not None
    return LoggedIn(account.id, Role.ADMIN, must_change=False)


def officer_of(store: Store) -> LoggedIn:
    account = store.admins.by_name(SARI)
    assert account is not None
    return LoggedIn(account.id, Role.DPO, must_change=False)
