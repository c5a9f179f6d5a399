"""Who works here comes from headquarters: taken over whole or not at all, and leavers are out at once."""

from pathlib import Path

import pytest
from roster_kit import Door, changes, door, entry, people, whole
from store_kit import CONSENT, PIN, check_in, face, reopened

from kiosk.faults import Fault, FaultCode
from kiosk.store import PinAccepted, backup_snapshot, resume
from kiosk.store.database import StoreDatabase
from kiosk.store.erasure import erase_person
from wire.message import Standing

LEFT, SUSPENDED = Standing.LEFT, Standing.SUSPENDED


@pytest.fixture
def at(tmp_path: Path) -> Door:
    return door(tmp_path)


def admitted(at: Door, person: str, *, by_face: bool) -> bool:
    try:
        at.store.people.admit(person, by_face=by_face)
    except Fault as fault:
        return fault.code not in {FaultCode.PERSON_UNKNOWN, FaultCode.CONSENT_MISSING}
    return True


def pin_opens(at: Door, code: str) -> bool:
    now = at.store.clock()
    return isinstance(at.store.accounts.check_pin(code, PIN, now.wall_ms, now.clock.boottime_ms), PinAccepted)


def matchable(at: Door) -> set[str]:
    return {reference.person for reference in at.store.templates.references()}


def test_people_of_a_roster_are_added_with_where_they_came_from(at: Door) -> None:
    at.live(whole(7, entry(1, language="en", shift="day"), entry(2)))
    first, second = at.known()["E-1"], at.known()["E-2"]
    assert (first.name, first.language, first.shift, second.language) == ("Budi Wahyuni 1", "en", "day", "id")
    assert (first.source, first.version, first.told_at) == ("roster", 7, at.store.now_ms())
    assert not first.informed
    assert (at.last().state, at.last().people) == ("applied", 2)
    assert at.store.intents.all_open() == []


def test_a_changed_code_or_name_is_the_same_person_by_the_backends_own_id(at: Door) -> None:
    at.live(whole(1, *people(1, 2)))
    person = at.enrol("E-1")
    at.live(changes(2, entry(1, code="K-9", name="Budi Baru")))
    known = at.known()
    assert set(known) == {"K-9", "E-2"}
    assert (known["K-9"].id, known["K-9"].name, known["K-9"].has_face) == (person, "Budi Baru", True)
    assert pin_opens(at, "K-9")
    assert not pin_opens(at, "E-1")


def test_two_people_who_change_codes_with_each_other_keep_their_own_pins(at: Door) -> None:
    at.live(whole(1, *people(1, 2, 3)))
    one, two = at.enrol("E-1"), at.known()["E-2"].id
    at.live(whole(2, entry(1, code="E-2"), entry(2, code="E-3"), entry(3, code="E-1")))
    assert {code: person.id for code, person in at.known().items()}["E-2"] == one
    assert at.known()["E-3"].id == two
    assert pin_opens(at, "E-2")
    assert at.refused() == {}


def test_a_code_that_somebody_else_has_is_not_given_twice(at: Door) -> None:
    at.live(whole(1, *people(1, 2)))
    at.live(changes(2, entry(3, code="E-1")))
    assert set(at.known()) == {"E-1", "E-2"}
    assert at.refused() == {("roster", "code_taken"): 1}


def test_somebody_added_by_an_administrator_is_merged_on_the_code_and_of_the_roster_from_then_on(at: Door) -> None:
    person = at.store.people.add("e-1", "Budi", language="nl", pin=PIN)
    at.store.basis.enrol(person, CONSENT, [face(person, 1)])
    at.live(whole(1, *people(1, 2, 3)))
    merged = at.known()["E-1"]
    assert (merged.id, merged.source, merged.language, merged.has_face) == (person, "roster", "nl", True)
    at.live(whole(2, *people(2, 3)))
    assert at.here() == {"E-2", "E-3"}


def test_somebody_added_by_an_administrator_is_untouched_by_absence(at: Door) -> None:
    at.store.people.add("V-1", "Tamu", pin=PIN)
    at.live(whole(1, *people(1, 2)))
    at.live(whole(2, *people(1, 2)))
    assert at.here() == {"V-1", "E-1", "E-2"}


@pytest.mark.parametrize("how", ["by name", "by absence"])
def test_who_has_left_is_out_by_the_commit_that_took_the_message(at: Door, how: str) -> None:
    at.live(whole(1, *people(1, 2, 3)))
    person = at.enrol("E-1")
    assert matchable(at) == {person}
    before = at.store.gallery_version()
    at.hear(changes(2, entry(1, LEFT)) if how == "by name" else whole(2, *people(2, 3)))
    assert matchable(at) == set()
    assert at.store.gallery_version() != before, "the gallery in memory has to look again"
    assert not admitted(at, person, by_face=True)
    assert not admitted(at, person, by_face=False)
    assert not pin_opens(at, "E-1")
    resume.resume(at.store)
    resume.resume(at.store)
    assert set(at.known()) == {"E-2", "E-3"}
    assert len(list((at.store.database.directory / "certificates").iterdir())) == 1


def test_attendance_of_who_has_left_waits_for_headquarters_before_it_is_erased(at: Door) -> None:
    at.live(whole(1, *people(1, 2, 3)))
    person = at.enrol("E-1")
    at.store.ledger.append(check_in(at.store, code="E-1"), person)
    at.live(whole(2, *people(2, 3)))
    resume.resume(at.store)
    known = at.known()["E-1"]
    assert (known.state, known.has_face, known.has_pin) == ("left", False, False)


def test_suspended_people_are_not_admitted_and_come_back_as_they_were(at: Door) -> None:
    at.live(whole(1, *people(1, 2, 3)))
    person = at.enrol("E-1")
    at.hear(changes(2, entry(1, SUSPENDED)))
    assert matchable(at) == set()
    assert not pin_opens(at, "E-1")
    resume.resume(at.store)
    assert at.known()["E-1"].has_face, "restricted, never erased"
    at.live(changes(3, entry(1)))
    assert matchable(at) == {person}
    assert pin_opens(at, "E-1")


def test_a_roster_of_many_parts_counts_once_all_are_there(at: Door) -> None:
    at.live(whole(1, *people(1, 2), part=2, parts=3), whole(1, *people(3), part=1, parts=3))
    assert at.known() == {}
    at.live(whole(1, *people(4), part=3, parts=3))
    assert at.here() == {"E-1", "E-2", "E-3", "E-4"}


def test_an_unchanged_roster_writes_nobody_anew(at: Door) -> None:
    at.live(whole(1, *people(*range(1, 30))))
    before = at.store.database.rows("SELECT id, profile FROM people ORDER BY id")
    at.live(whole(2, *people(*range(1, 30))))
    assert at.store.database.rows("SELECT id, profile FROM people ORDER BY id") == before
    assert at.last().state == "applied"


def test_somebody_who_comes_back_before_the_erasure_is_done_is_added_anew_after_it(at: Door) -> None:
    at.live(whole(1, *people(1, 2, 3)))
    person = at.enrol("E-1")
    at.store.ledger.append(check_in(at.store, code="E-1"), person)
    at.live(whole(2, *people(2, 3)))
    at.live(whole(3, *people(1, 2, 3)))
    assert at.known()["E-1"].id == person
    assert at.here() == {"E-2", "E-3"}, "the erasure goes on; nobody is admitted meanwhile"
    at.live(whole(4, *people(1, 2, 3), entry(4)))
    assert at.here() == {"E-2", "E-3", "E-4"}, "and nothing else is held up by it"
    with at.store.database.write():
        at.store.database.run("DELETE FROM undelivered")
    resume.resume(at.store)
    again = at.known()["E-1"]
    assert again.id != person
    assert (again.state, again.has_face, again.has_pin) == ("active", False, False)
    assert at.store.intents.all_open() == []


def test_a_held_roster_does_not_keep_the_name_of_somebody_who_is_erased_meanwhile(at: Door) -> None:
    at.live(whole(1, *people(1, 2, 3, 4)))
    at.live(whole(2, entry(1, name="Wijayakusuma"), entry(2)))
    assert at.last().state == "held"
    erase_person(at.store, at.known()["E-1"].id)
    rows = at.store.database.rows("SELECT sealed FROM roster_entries WHERE sealed IS NOT NULL")
    assert rows == [], "the other entry changes nothing, and has none"
    assert at.last().state == "held"


def test_what_headquarters_told_survives_an_erasure_that_empties_the_exchange(at: Door) -> None:
    at.live(whole(1, *people(1, 2, 3, 4)))
    at.post(changes(2, entry(9)))
    at.post(changes(3, entry(10)))
    erase_person(at.store, at.known()["E-1"].id)
    at.live()
    assert at.here() == {"E-2", "E-3", "E-4", "E-9", "E-10"}
    assert at.refused() == {}


def test_a_backup_holds_no_entry_that_is_on_its_way(at: Door, tmp_path: Path) -> None:
    at.live(whole(1, *people(1, 2, 3, 4)), whole(2, *people(5), parts=2))
    (tmp_path / "draft").mkdir()
    draft = StoreDatabase.create(tmp_path / "draft", draft=True)
    backup_snapshot.take(at.store, draft, faces=False, step=lambda _done, _every: None)
    assert draft.rows("SELECT * FROM roster_entries") == []
    assert draft.rows("SELECT version, state FROM rosters") == [(1, "applied")]
    draft.close()


def test_a_damaged_key_of_the_roster_costs_what_is_on_its_way_and_nothing_else(at: Door) -> None:
    at.live(whole(1, *people(1, 2)))
    at.hear(whole(2, *people(1, 2, 3)))
    with at.store.database.write():
        at.store.database.run("UPDATE keys SET wrapped = zeroblob(68) WHERE kind = 'roster'")
    at.store = reopened(at.store)
    at.live()
    assert at.here() == {"E-1", "E-2"}
    assert at.refused() == {("roster", "does_not_open"): 1}
    at.live(whole(3, *people(1, 2, 3)))
    assert at.here() == {"E-1", "E-2", "E-3"}, "a new key goes on"
