"""People are added once, found by their code, and named to nobody who does not need it."""

from pathlib import Path

import pytest
from store_kit import MORNING, PIN, enrolled, new_store, reopened

from kiosk.faults import Fault, FaultCode
from kiosk.store import Person, Store
from kiosk.store.erasure import erase_face


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "state")


def test_a_person_is_found_by_id_and_by_code(store: Store) -> None:
    person = store.people.add("E-0417", "Budi Santoso", language="en", pin=PIN)
    expected = Person(
        person, "E-0417", "Budi Santoso", "en", has_face=False, has_pin=True, restricted=False, told_at=MORNING
    )
    assert len(person) == 16
    for reopen in (False, True):
        known = reopened(store) if reopen else store
        assert known.people.get(person) == expected
        assert known.people.by_code("E-0417") == expected
        assert known.people.by_code("E-0418") is None
        assert known.people.all() == [expected]


def test_a_face_shows_in_the_list(store: Store) -> None:
    person = enrolled(store)
    assert store.people.get(person).has_face


def test_a_code_belongs_to_one_person(store: Store) -> None:
    store.people.add("caf\u00e9", "Budi")
    for again in ("caf\u00e9", "cafe\u0301"):
        with pytest.raises(Fault) as raised:
            store.people.add(again, "Sri")
        assert raised.value.code is FaultCode.PERSON_EXISTS
    assert len(store.people.all()) == 1
    assert store.database.rows("SELECT count(*) FROM keys WHERE kind = 'profile'") == [(1,)]


def test_people_are_listed_by_code(store: Store) -> None:
    for code in ("B", "C", "A"):
        store.people.add(code, f"Person {code}")
    assert [person.code for person in store.people.all()] == ["A", "B", "C"]


BAD = {
    "no code": ("", "Budi", "id"),
    "a long code": ("x" * 65, "Budi", "id"),
    "no name": ("E-1", "", "id"),
    "a long name": ("E-1", "x" * 65, "id"),
    "a control character": ("E-1", "Budi\n", "id"),
    "text that turns around": ("E-1", "Budi\u202e", "id"),
    "a space at the end": ("E-1 ", "Budi", "id"),
    "no language": ("E-1", "Budi", ""),
    "a long language": ("E-1", "Budi", "ind"),
}


@pytest.mark.parametrize("given", BAD.values(), ids=BAD)
def test_what_cannot_be_written_down_is_refused(store: Store, given: tuple[str, str, str]) -> None:
    with pytest.raises(Fault) as raised:
        store.people.add(given[0], given[1], language=given[2])
    assert raised.value.code is FaultCode.PERSON_INVALID
    assert "Budi" not in str(raised.value)
    assert store.people.all() == []


def test_an_unknown_person_is_a_fault_with_a_name(store: Store) -> None:
    for act in (lambda: store.people.get("0" * 16), lambda: store.people.set_pin("0" * 16, PIN)):
        with pytest.raises(Fault) as raised:
            act()
        assert raised.value.code is FaultCode.PERSON_UNKNOWN


def test_local_acts_hold_ids_and_no_names(store: Store) -> None:
    person = enrolled(store)
    store.people.set_pin(person, "605938")
    erase_face(store, person)
    acts = [act for _, act in store.ledger.local_acts("2026-11")]
    kinds = ["created", "person_added", "enrolled", "pin_set", "erasure_begun", "erased"]
    assert [act["kind"] for act in acts] == kinds
    assert all("Budi" not in str(act) and "0417" not in str(act) for act in acts)
    assert acts[1]["detail"] == {"person": person}
    assert acts[2]["detail"] == {"person": person, "references": 3}
