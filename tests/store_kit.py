"""Stores, clocks, people, faces and check-ins for the tests of the store."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from kiosk.clock import Reading
from kiosk.store import Consent, FileRootKey, Reference, Store
from kiosk.store.database import StoreDatabase
from kiosk.store.keys import KeyRing
from kiosk.store.outbox import Ask
from kiosk.store.vault import Cost, Vault
from wire.event import Action, CheckIn, Clock, ClockState, Correction, Dispute, Method, Notice, NoticeKind, uuid7

MODEL = "faceplugin/fr_feature/1"
DIM = 96  # small: making the matrix for 512 takes longer than most tests
# 2026-11-16 01:00 UTC, a Monday morning in Jakarta
MORNING = 1_794_790_800_000
HOUR = 3_600_000
PIN = "482913"
CONSENT = Consent(text_version="2026-1", language="id", given_at=MORNING, witness="self")
OPENED: list[Store] = []
CHEAP = Cost(memory_kib=64, passes=1, lanes=1)


@dataclass
class Hands:
    """A clock whose hands a test moves."""

    wall_ms: int = MORNING
    boottime_ms: int = 1_000_000
    boot_id: str = "7d4f3c1e-5b2a-4c6d-8e9f-0a1b2c3d4e5f"

    def __call__(self) -> Reading:
        clock = Clock("Asia/Jakarta", self.boottime_ms, self.boot_id, ClockState.SYNCED, 1)
        return Reading(self.wall_ms, self.boottime_ms / 1000, clock)

    def move(self, ms: int) -> None:
        self.wall_ms += ms
        self.boottime_ms += ms

    def restart(self) -> None:
        self.boottime_ms = 10_000
        self.boot_id = "00000000-0000-4000-8000-000000000002"


Found = TypeVar("Found")


def here(store: Store) -> Ask:
    """Asks a store on the thread that runs: the test's own."""

    def ask(work: Callable[[Store], Found], /) -> Found:
        return work(store)

    return ask


def key_of(state: Path) -> FileRootKey:
    return FileRootKey(state / "root.key")


def new_store(state: Path, clock: Hands | None = None) -> Store:
    store = Store.create(state, provider=key_of(state), clock=clock or Hands())
    store.accounts.cost = CHEAP
    OPENED.append(store)
    return store


def close_all() -> None:
    """Close what a test has left open; a store may be closed twice."""
    while OPENED:
        OPENED.pop().database.close()


def reopened(store: Store) -> Store:
    state, clock = store.database.directory, store.clock
    store.close()
    again = Store.open(state, key_of(state), clock=clock)
    again.accounts.cost = CHEAP
    OPENED.append(again)
    return again


def adopted(state: Path, store_id: str, key: bytes, epoch: int, root: bytes) -> None:
    """Put a closed store under another root key, as a restore does."""
    database = StoreDatabase.open(state)
    try:
        keys = KeyRing(database, Vault(store_id), lambda: 1)
        with database.write():
            keys.adopt(key, epoch, root)
        assert keys.store_key() == (key, epoch)
    finally:
        database.close()


def face(person: str, seed: int, dim: int = DIM, model: str = MODEL) -> Reference:
    vector = np.random.default_rng(seed).normal(size=dim)
    unit = (vector / np.linalg.norm(vector)).astype(np.float32)
    return Reference(person, unit, model, 0.9, MORNING)


def enrolled(store: Store, code: str = "E-0417", name: str = "Budi Santoso", seeds: tuple[int, ...] = (1, 2, 3)) -> str:
    person = store.people.add(code, name, pin=PIN)
    store.basis.enrol(person, CONSENT, [face(person, seed) for seed in seeds])
    return person


def _event_id(at: int) -> str:
    return uuid7(at, os.urandom(10))


def check_in(store: Store, action: Action = Action.IN, *, at: int | None = None, code: str = "E-0417") -> CheckIn:
    now = store.clock()
    at = now.wall_ms if at is None else at
    return CheckIn(_event_id(at), code, action, at, now.clock, Method.FACE, "Lobby")


def dispute(store: Store, about: str, *, code: str = "E-0417") -> Dispute:
    now = store.clock()
    return Dispute(_event_id(now.wall_ms), code, about, now.wall_ms, now.clock, "Lobby")


def correction(store: Store, about: str, action: Action, *, code: str = "E-0417") -> Correction:
    now = store.clock()
    return Correction(_event_id(now.wall_ms), code, about, action, now.wall_ms, now.clock, Method.FACE, "Lobby")


def notice(store: Store, kind: NoticeKind, *, code: str = "E-0417") -> Notice:
    now = store.clock()
    return Notice(_event_id(now.wall_ms), kind, code, now.wall_ms, now.clock, "Lobby")


def moved(event: CheckIn, ms: int) -> CheckIn:
    return replace(event, occurred_at=event.occurred_at + ms)


def contents(directory: Path) -> dict[str, bytes]:
    """Every file in a directory, journals included."""
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir()) if path.is_file()}
