"""Policy E7: what is kept is asked about once a year, and an old reference leads to an offer and not to a mark."""

from pathlib import Path

import pytest
from correction_kit import OTHER, Office, office
from roster_kit import door, entry, people, whole
from store_kit import HOUR, MODEL, MORNING, Hands

from kiosk import words
from kiosk.rights import accuracy, accuracy_kept, plain_text
from kiosk.rights.accuracy import Accuracy, Known, Offer
from kiosk.store import papers
from kiosk.store.papers import PaperKind
from kiosk.vision.known import must_enrol_again

DAY = 24 * HOUR
YEAR = 365 * DAY


@pytest.fixture
def at(tmp_path: Path) -> Office:
    return office(tmp_path / "state")


def test_a_person_is_asked_a_year_after_their_data_was_last_confirmed(at: Office) -> None:
    now = at.hands.wall_ms
    assert accuracy.to_ask(accuracy_kept.known(at.store), now + YEAR) == ()
    asked = accuracy.to_ask(accuracy_kept.known(at.store), now + YEAR + 1)
    assert {each.code for each in asked} == {"E-0417", OTHER}
    at.hands.move(YEAR)
    accuracy_kept.confirm(at.store, at.person, by=at.officer.account)
    asked = accuracy.to_ask(accuracy_kept.known(at.store), at.hands.wall_ms + 1)
    assert {each.code for each in asked} == {OTHER}
    (paper,) = papers.find(at.store, PaperKind.REVIEW)
    assert (paper.person, paper.state, paper.closed_at) == (at.person, "confirmed", at.hands.wall_ms)


def test_who_has_waited_longest_is_asked_first() -> None:
    people = (Known("a", "A", 5), Known("b", "B", 3), Known("c", "C", YEAR))
    assert [each.code for each in accuracy.to_ask(people, YEAR + 6)] == ["B", "A"]


def test_an_old_reference_and_one_of_another_model_are_offers(at: Office) -> None:
    newest = accuracy_kept.newest_references(at.store)
    assert set(newest) == {at.person, at.other}
    codes = {at.person: "E-0417", at.other: OTHER}
    at_24 = MORNING + 24 * accuracy.MONTH_MS
    assert accuracy.offers(newest, frozenset(), codes, 24, at_24) == ()
    assert accuracy.offers(newest, frozenset(), codes, 24, at_24 + 1) == (
        Offer("E-0417", MORNING),
        Offer(OTHER, MORNING),
    )
    again = must_enrol_again(at.store.templates.spaces(), "another model")
    assert [each.taken_at for each in accuracy.offers(newest, again, codes, 24, MORNING)] == [None, None]
    assert accuracy.offers(newest, must_enrol_again(at.store.templates.spaces(), MODEL), codes, 24, MORNING) == ()


def test_a_list_that_comes_again_is_fresh_and_asks_nobody_for_the_person_s_own_word(tmp_path: Path) -> None:
    hands = Hands()
    place = door(tmp_path / "data", clock=hands)
    assert accuracy_kept.roster_at(place.store) is None
    place.live(whole(1, *people(1, 2)))
    hands.move(YEAR)
    place.live(whole(2, entry(1, name="Budi Wahyuni Baru"), entry(2)))
    assert accuracy_kept.roster_at(place.store) == hands.wall_ms
    asked = accuracy.to_ask(accuracy_kept.known(place.store), hands.wall_ms + 1)
    assert {each.code for each in asked} == {"E-1", "E-2"}, "HR's word is not theirs"


def test_a_list_of_people_is_stale_after_a_week() -> None:
    assert not accuracy.stale(None, MORNING)
    assert not accuracy.stale(MORNING, MORNING + 7 * DAY)
    assert accuracy.stale(MORNING, MORNING + 7 * DAY + 1)


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_the_report_names_codes_and_nobody_s_name_in_each_language(language: str) -> None:
    found = Accuracy((Known("a", "E-1", MORNING),), (Offer("E-2", None), Offer("E-3", MORNING)), 24, MORNING)
    document = accuracy.report(found, language, "door-1", "Asia/Jakarta", MORNING + YEAR)
    text = "".join(plain_text.text(document).split())
    for said in (
        words.say(language, "accuracy.asked_text"),
        words.say(language, "accuracy.again"),
        words.say(language, "accuracy.model"),
        words.say(language, "accuracy.age", at="2026-11-16", months=24),
        words.say(language, "accuracy.roster_stale", at="2026-11-16", days=7),
    ):
        assert "".join(said.split()) in text
    assert all(code in text for code in ("E-1", "E-2", "E-3"))
    empty = accuracy.report(Accuracy((), (), 24, None), language, "door-1", "Asia/Jakarta", MORNING)
    text = "".join(plain_text.text(empty).split())
    for key in ("asked_none", "roster_none"):
        assert "".join(words.say(language, f"accuracy.{key}").split()) in text
