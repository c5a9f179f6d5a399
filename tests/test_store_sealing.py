"""A record opens where it was sealed and nowhere else; what does not open is set aside and said so."""

from pathlib import Path

import pytest
from store_kit import DIM, PIN, check_in, enrolled, face, key_of, new_store, reopened

from kiosk.faults import Fault, FaultCode
from kiosk.store import Store, templates
from kiosk.store.erasure import erase_face
from kiosk.store.keys import KeyKind, kek
from kiosk.store.vault import Place, Vault, blind_index, derive, kid, padded, tag, unpadded
from wire.errors import FormatError, Tampered
from wire.event import CheckIn
from wire.sealed import Algorithm, header

KEY = bytes(range(32))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "state")


def _sql(store: Store, statement: str, *values: object) -> None:
    with store.database.write():
        store.database.run(statement, *values)


def _flipped(blob: bytes, at: int) -> bytes:
    return blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :]


def test_a_record_opens_only_in_its_own_place() -> None:
    vault = Vault("a" * 32)
    home = Place("people", "profile", "1", "p", 1, b"m", 1)
    sealed = vault.seal(KEY, b"secret", home)
    assert vault.unseal(KEY, sealed, home) == b"secret"
    elsewhere = [
        Place("bases", "profile", "1", "p", 1, b"m", 1),
        Place("people", "name", "1", "p", 1, b"m", 1),
        Place("people", "profile", "2", "p", 1, b"m", 1),
        Place("people", "profile", "1", "q", 1, b"m", 1),
        Place("people", "profile", "1", "p", 2, b"m", 1),
        Place("people", "profile", "1", "p", 1, b"n", 1),
        Place("people", "profile", "1", "p", 1, b"m", 2),
    ]
    for place in elsewhere:
        with pytest.raises(Tampered):
            vault.unseal(KEY, sealed, place)
    with pytest.raises(Tampered):
        Vault("b" * 32).unseal(KEY, sealed, home)
    with pytest.raises(Tampered):
        vault.unseal(KEY[::-1], sealed, home)


def test_every_flipped_bit_of_a_reference_is_noticed(store: Store) -> None:
    enrolled(store, seeds=(1,))
    ((template, sealed),) = store.database.rows("SELECT id, sealed FROM templates.template")
    for at in (0, 2, 3, 5, 10, 25, 300, len(sealed) - 1):
        _sql(store, "UPDATE templates.template SET sealed = ? WHERE id = ?", _flipped(sealed, at), template)
        (row,) = store.database.rows(templates._SELECT, store.now_ms())
        with pytest.raises(FormatError):
            store.templates._opened(row)
    _sql(store, "UPDATE templates.template SET sealed = ? WHERE id = ?", sealed, template)
    assert len(store.templates.references()) == 1


def test_an_altered_reference_is_quarantined_and_reported_and_the_others_go_on(store: Store) -> None:
    person, other = enrolled(store, seeds=(1, 2)), enrolled(store, "E-2", "Sri", seeds=(3,))
    query = "SELECT t.id, t.sealed FROM templates.template t JOIN faces f ON f.template = t.id WHERE f.person = ?"
    template, sealed = store.database.rows(query, person)[0]
    _sql(store, "UPDATE templates.template SET sealed = ? WHERE id = ?", _flipped(sealed, 200), template)
    assert sorted(reference.person for reference in store.templates.references()) == sorted([person, other])
    (entry,) = store.quarantine.all()
    assert (entry.place, entry.row, entry.person) == ("template", template, person)
    assert store.database.rows("SELECT id FROM templates.template WHERE id = ?", template) == []
    kinds = [act["kind"] for _, act in store.ledger.local_acts("2026-11")]
    assert kinds[-1] == "tampered"
    store.templates.references()
    assert len(store.quarantine.all()) == 1
    erase_face(store, person)
    assert store.database.rows("SELECT sealed FROM quarantine") == [(None,)]


def test_a_reference_moved_to_another_person_does_not_open(store: Store) -> None:
    person, other = enrolled(store, seeds=(1,)), enrolled(store, "E-2", "Sri", seeds=(2,))
    _sql(store, "UPDATE faces SET person = ? WHERE person = ?", other, person)
    found = store.templates.references()
    assert [reference.person for reference in found] == [other]
    assert abs(float(found[0].vector @ (store.templates.rotation(found[0].model, DIM) @ face("", 2).vector))) > 0.99
    assert [entry.place for entry in store.quarantine.all()] == ["template"]


def test_a_person_whose_record_was_altered_is_left_out_and_reported(store: Store) -> None:
    person, other = enrolled(store), enrolled(store, "E-2", "Sri")
    _sql(store, "UPDATE people SET profile = (SELECT profile FROM people WHERE id = ?) WHERE id = ?", other, person)
    assert [known.id for known in store.people.all()] == [other]
    with pytest.raises(Fault) as raised:
        store.people.get(person)
    assert raised.value.code is FaultCode.PERSON_DAMAGED
    assert [(entry.place, entry.row) for entry in store.quarantine.all()] == [("people", person)]


def test_a_pin_hash_moved_to_another_person_opens_nothing(store: Store) -> None:
    enrolled(store)
    thief = store.people.add("E-9", "Thief", pin="907152")
    stolen = "(SELECT secret FROM accounts WHERE person = ?)"
    _sql(store, f"UPDATE accounts SET secret = {stolen} WHERE person <> ?", thief, thief)  # noqa: S608 - a constant
    with pytest.raises(Fault) as raised:
        store.accounts.check_pin("E-0417", "907152", 0, 10**9)
    assert raised.value.code is FaultCode.PERSON_DAMAGED
    assert PIN != "907152"


def test_wrapped_keys_use_the_misuse_resistant_cipher_and_open_only_under_their_own_name(store: Store) -> None:
    enrolled(store)
    for (wrapped,) in store.database.rows("SELECT wrapped FROM keys"):
        assert header(wrapped).algorithm is Algorithm.AES_256_GCM_SIV
    _sql(store, "UPDATE keys SET wrapped = (SELECT wrapped FROM keys WHERE kind = 'pepper') WHERE kind = 'exchange'")
    again = reopened(store)
    with pytest.raises(Fault) as raised:
        again.keys.need(KeyKind.EXCHANGE)
    assert raised.value.code is FaultCode.STORE_TAMPERED


def test_keys_are_derived_by_the_written_names() -> None:
    root, store_id = KEY, "ab" * 16
    assert kek(root, store_id, 1) == derive(root, salt=store_id.encode(), info="ambang/kek/v1/1")
    assert len({kek(root, store_id, 1), kek(root, store_id, 2), kek(root, "cd" * 16, 1)}) == 3
    assert kek(root, store_id, 1).hex() == "81de1a2e6e46763d1d4e2458f3ab9d577e06aa718292c4d9a67c22f93264744b"


def test_keyed_names_are_short_stable_and_unlike_each_other() -> None:
    assert kid(KEY, "1") != kid(KEY, "2") != kid(KEY[::-1], "2")
    assert len(kid(KEY, "1")) == 4
    assert len({tag(KEY, number) for number in range(100)}) == 100
    assert blind_index(KEY, "caf\u00e9") == blind_index(KEY, "cafe\u0301")
    assert blind_index(KEY, "E-1") == blind_index(KEY, "e-1")  # the pad at the door has capital letters only
    assert blind_index(KEY, "E-1") != blind_index(KEY, "E-2")


def test_padding_hides_the_length_and_comes_off_again() -> None:
    for size in (0, 1, 59, 60, 61, 500):
        assert len(padded(b"x" * size)) % 64 == 0
        assert unpadded(padded(b"x" * size)) == b"x" * size
    for bad in (b"", b"\0\0\0\x05abc", padded(b"abc")[:-1] + b"x"):
        with pytest.raises(ValueError, match="padded"):
            unpadded(bad)


def test_the_root_key_itself_is_in_no_database(store: Store) -> None:
    directory = store.database.directory
    root = key_of(directory).read()
    for name in ("records.db", "templates.db"):
        assert root not in (directory / name).read_bytes()


def _append_and_fail(store: Store, event: CheckIn, person: str) -> None:
    with store.database.write():
        store.ledger.append(event, person)
        raise ZeroDivisionError


def test_a_key_made_in_a_transaction_that_failed_is_forgotten(store: Store) -> None:
    person = enrolled(store)
    event = check_in(store)
    with pytest.raises(ZeroDivisionError):
        _append_and_fail(store, event, person)
    entry = store.ledger.append(event, person)
    again = reopened(store)
    assert again.history.last_action(person, event.occurred_at) is not None
    assert again.ledger.verify() == entry.seq
