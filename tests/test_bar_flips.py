"""One flipped bit in anything that is sealed, MACed or signed: 2,000 of them, 50,000 for a release, none accepted."""

import functools
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from bar_desk import HQ, HQ_NAME
from store_kit import PIN, Hands, check_in, enrolled, key_of, new_store
from wire_strategies import flip

from kiosk.faults import Fault
from kiosk.store import PinAccepted, Store, anchor, erasure, outbox
from kiosk.store.keys import KeyKind
from kiosk.store.ledger import month
from kiosk.store.vault import Place, Vault
from sync.exchange import Message
from wire import certificate, checkpoint
from wire.errors import FormatError

DEVICE_WIDE = ("signing", "index", "pepper", "exchange", "anchor")
# What is sealed: table, column and the condition that picks the row of one person whose bits are flipped.
SEALED: Mapping[str, tuple[str, str, str]] = {
    "profile key": ("keys", "wrapped", "kind = 'profile' AND person = '{}'"),
    "biometric key": ("keys", "wrapped", "kind = 'biometric' AND person = '{}'"),
    "record key": ("keys", "wrapped", "kind = 'record' AND person = '{}'"),
    "device key": ("keys", "wrapped", "kind = 'device'"),
    "store key": ("keys", "wrapped", "kind = 'store'"),
    "rotation key": ("keys", "wrapped", "kind = 'rotation'"),
    **{f"{kind} key": ("keys", "wrapped", f"kind = '{kind}'") for kind in DEVICE_WIDE},
    "profile": ("people", "profile", "id = '{}'"),
    "consent": ("bases", "record", "person = '{}'"),
    "PIN": ("accounts", "secret", "person = '{}'"),
    "reference": ("templates.template", "sealed", "1"),
    "body": ("bodies", "sealed", "audience = 1 AND seq = (SELECT max(seq) FROM bodies)"),
}
SIGNED = ("anchor", "certificate")


CODE = "E-0417"


@dataclass(frozen=True)
class Row:
    """One sealed record: whose, where (table, column, condition) and its bytes."""

    person: str
    where: tuple[str, str, str]
    sealed: bytes


class _UndoneError(Exception):
    """Ends a transaction that shall leave nothing."""


@pytest.fixture(scope="module")
def state(quick_place: Path) -> Path:
    """One person with everything that a store keeps of somebody, and the certificate of another one's face."""
    place = quick_place / "flips" / "state"
    with closing(new_store(place)) as store:
        person = enrolled(store, "E-1", "Sari Dewi")
        erasure.erase_face(store, person)
        with store.database.write():
            store.database.run("DELETE FROM accounts")
        person = enrolled(store, seeds=(7,))
        store.ledger.append(check_in(store), person)
    return place


@pytest.fixture
def store(state: Path) -> Iterator[Store]:
    store = Store.open(state, key_of(state), clock=Hands())
    yield store
    store.database.close()


def served(store: Store, person: str) -> dict[str, Callable[[], object]]:
    """What the store serves of a person by each sealed record: something, nothing, or a fault."""
    now = store.clock()
    (model,) = store.database.row("SELECT period FROM keys WHERE kind = 'rotation'") or ("",)
    named = functools.partial(store.people.get, person)
    faces = store.templates.references
    events = functools.partial(store.history.events, person, 0, now.wall_ms + 1)
    return {
        "profile key": named,
        "profile": named,
        "consent": functools.partial(store.basis.consent_of, person),
        "PIN": lambda: isinstance(store.accounts.check_pin(CODE, PIN, now.wall_ms, now.clock.boottime_ms), PinAccepted),
        "reference": faces,
        "biometric key": faces,
        "body": events,
        "record key": events,
        "device key": functools.partial(store.keys.get, KeyKind.DEVICE, period=month(now.wall_ms)),
        "store key": lambda: unlocked(store),
        "rotation key": functools.partial(store.keys.get, KeyKind.ROTATION, period=model),
        **{f"{kind} key": functools.partial(store.keys.get, KeyKind(kind)) for kind in DEVICE_WIDE},
    }


def unlocked(store: Store) -> bool:
    store.keys.unlock(key_of(store.database.directory).read())
    return True


def serves(store: Store, what: str, row: Row, altered: bytes) -> bool:
    """Whether an altered record is served; what was altered is undone."""
    result = False
    table, column, condition = row.where
    with suppress(_UndoneError), store.database.write():
        changed = f"UPDATE {table} SET {column} = ? WHERE {condition}"  # noqa: S608 - names of our own
        assert store.database.run(changed, altered) == 1
        for forget in store.database.forget:
            forget()
        with suppress(Fault, FormatError):
            result = bool(served(store, row.person)[what]())
        raise _UndoneError
    return result


def row_of(store: Store, what: str) -> Row:
    person = store.people.by_code(CODE)
    assert person is not None
    table, column, condition = SEALED[what]
    where = table, column, condition.format(person.id)
    found = store.database.rows(f"SELECT {column} FROM {table} WHERE {where[2]}")  # noqa: S608 - names of our own
    assert len(found) == 1
    return Row(person.id, where, bytes(found[0][0]))


@pytest.mark.parametrize("what", SEALED)
def test_no_flipped_bit_of_a_sealed_record_is_accepted(
    store: Store, what: str, rounds: Callable[[int, int], int]
) -> None:
    row = row_of(store, what)
    assert serves(store, what, row, row.sealed), "the unaltered record is served"
    order = random.Random(what)  # noqa: S311 - chooses bits, keeps nothing secret
    bits = [order.randrange(len(row.sealed) * 8) for _ in range(rounds(180, 4_600))]
    assert [bit for bit in bits if serves(store, what, row, flip(row.sealed, bit))] == []


@pytest.mark.parametrize("what", SIGNED)
def test_no_flipped_bit_of_a_proof_is_accepted(
    state: Path, store: Store, what: str, rounds: Callable[[int, int], int]
) -> None:
    file = state / anchor.FILE if what == "anchor" else next((state / "certificates").iterdir())
    content = file.read_bytes()
    key = store.keys.need(KeyKind.ANCHOR)

    def genuine(data: bytes) -> bool:
        if what == "anchor":
            return anchor.decode(data, key) is not None
        try:
            return certificate.read(data, store.device_public) is not None
        except (FormatError, ValueError):
            return False

    assert genuine(content), "the unaltered file is believed"
    order = random.Random(what)  # noqa: S311 - as above
    bits = [order.randrange(len(content) * 8) for _ in range(rounds(190, 4_300))]
    assert [bit for bit in bits if genuine(flip(content, bit))] == []


@pytest.mark.parametrize("careless", [False, True], ids=["shipped", "signatures unread"])
def test_no_flipped_bit_of_a_receipt_is_taken_unless_nobody_reads_signatures(
    store: Store, rounds: Callable[[int, int], int], monkeypatch: pytest.MonkeyPatch, *, careless: bool
) -> None:
    if careless:
        monkeypatch.setattr("wire.checkpoint.verify", lambda *_: None)
    receipt = checkpoint.cosign(store.ledger.note(), HQ_NAME, HQ).encode()
    order = random.Random(417)  # noqa: S311 - as above
    bits = [order.randrange(len(receipt) * 8) for _ in range(rounds(400, 6_000))]
    taken = [bit for bit in bits if _counts(store, flip(receipt, bit))]
    assert bool(taken) is careless
    assert _counts(store, receipt)


def _counts(store: Store, receipt: bytes) -> bool:
    """Whether headquarters has signed after this has come in; that is undone."""
    size = 0
    with suppress(_UndoneError), store.database.write():
        with suppress(Fault):
            outbox._take(store, Message(1, "receipt", receipt), {HQ_NAME: HQ.public})
        size = outbox.countersigned(store)
        raise _UndoneError
    return size > 0


@pytest.mark.parametrize("what", ["profile", "reference", "body", "biometric key"])
def test_the_bar_sees_a_vault_that_does_not_authenticate(
    store: Store, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    row, honest = row_of(store, what), Vault.unseal

    def careless(vault: Vault, key: bytes, blob: bytes, place: Place) -> bytes:
        return honest(vault, key, _mended(blob, row.sealed), place)

    monkeypatch.setattr(Vault, "unseal", careless)
    assert serves(store, what, row, flip(row.sealed, 300))


def _mended(data: bytes, blob: bytes) -> bytes:
    """What a cipher without authentication would make of a record that differs little: as if nothing had happened."""
    return blob if len(data) == len(blob) and sum(a != b for a, b in zip(data, blob, strict=True)) == 1 else data
