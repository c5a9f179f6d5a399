"""A store with five people, and what a renewal of their references must change and must not."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from store_kit import enrolled, face, new_store

from kiosk.store import Store
from kiosk.store.keys import KeyKind
from kiosk.store.renew import Renewal, renew

PEOPLE = 5
SEEDS = {f"E-{number}": (10 * number, 10 * number + 1) for number in range(PEOPLE)}
Floats = npt.NDArray[np.float32]


def five_people(state: Path) -> Store:
    made = new_store(state)
    for code, seeds in SEEDS.items():
        enrolled(made, code, f"Person {code}", seeds)
    return made


def stack(store: Store) -> Floats:
    """Every reference by person's code, in the order in which it was taken."""
    names = {person.id: person.code for person in store.people.all()}
    found = sorted(store.templates.references(), key=lambda reference: names[reference.person])  # keeps their order
    return np.stack([reference.vector for reference in found])


def as_enrolled() -> Floats:
    return np.stack([face("", seed).vector for code in sorted(SEEDS) for seed in SEEDS[code]])


def sealed(store: Store) -> list[bytes]:
    """What a renewal has to make unreadable and then be rid of."""
    records = store.database.rows("SELECT sealed FROM templates.template")
    keys = store.database.rows("SELECT wrapped FROM keys WHERE kind IN ('biometric', 'rotation')")
    return [row[0] for row in (*records, *keys)]


def biometric_keys(store: Store) -> set[bytes]:
    bound = store.database.rows("SELECT person, digest FROM bases WHERE state = 'active'")
    found = [store.keys.get(KeyKind.BIOMETRIC, person=person, binding=digest) for person, digest in bound]
    return {key for key in found if key is not None}


def quickly(store: Store, at_once: int = 2) -> Renewal:
    return renew(store, at_once=at_once, rest_s=0)


def careless(store: Store) -> None:
    """Let SQLite leave deleted bytes where they are, and leave it many copies of what is about to be deleted."""
    store.database._connection.execute("PRAGMA templates.secure_delete = 0")
    with store.database.write():
        for number in range(400):
            record = "SELECT ?, sealed FROM templates.template ORDER BY id LIMIT 1"
            store.database.run(f"INSERT INTO templates.template (id, sealed) {record}", f"{number:016}")
        store.database.run("DELETE FROM templates.template WHERE id LIKE '0000000000%'")
