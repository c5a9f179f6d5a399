"""Announcements about work may be declined; greetings, invitations and offers reach nobody who has not asked (KK12)."""

from pathlib import Path

import pytest
from consent_kit import COMPANY
from store_kit import MORNING, Hands, check_in, new_store, reopened

from kiosk.rights import dates, informing, objecting
from kiosk.rights.answers import SELF, About, Answer, Said, of
from kiosk.rights.objection import Outcome
from kiosk.rights.preferences import for_person, how_to_decline, prefer, wanted, wants
from kiosk.rights.purposes import Purpose
from kiosk.store import Store, announcements, informed, papers, told
from kiosk.store.erasure import erase_person
from kiosk.store.informed import Waiting
from kiosk.store.papers import PaperKind
from wire.message import Announcement


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "state", Hands())


def announced(store: Store) -> None:
    now = store.now_ms()
    with store.database.write():
        told.put(store, Announcement("gate", now, now + 9_000, "Pintu utara tutup", "North gate shut", "Noord dicht"))
        told.put(store, Announcement("lebaran", now, now + 9_000, "Selamat", "Greetings", "Groeten", marketing=True))


def moved(store: Store) -> None:
    assert isinstance(store.clock, Hands)
    store.clock.move(1)


def said(about: About, answer: Said, at: int = 1) -> Answer:
    return Answer(about, answer, "", "", at, SELF)


def ids(found: tuple[Announcement, ...]) -> list[str]:
    return [each.id for each in found]


def test_silence_is_a_yes_to_work_and_a_no_to_marketing_and_the_newest_answer_counts() -> None:
    no, yes = said(About.ANNOUNCEMENTS, Said.NO), said(About.ANNOUNCEMENTS, Said.YES)
    assert wants((), Purpose.ANNOUNCEMENTS)
    assert not wants((), Purpose.MARKETING)
    assert not wants((yes, no), Purpose.ANNOUNCEMENTS)
    assert wants((no, yes), Purpose.ANNOUNCEMENTS)
    assert not wants((yes, yes), Purpose.MARKETING), "a yes to one is none to the other"
    with pytest.raises(KeyError):
        wants((), Purpose.CONDUCT)


def test_the_first_screen_never_shows_marketing_and_a_person_sees_what_they_want_alone(store: Store) -> None:
    announced(store)
    ani, budi = store.people.add("E-1", "Ani"), store.people.add("E-2", "Budi")
    shown = announcements.current(store)
    assert shown is not None
    assert shown.id == "gate"
    assert ids(for_person(store, ani)) == ["gate"]
    assert prefer(store, ani, Purpose.MARKETING, on=True)
    assert prefer(store, ani, Purpose.ANNOUNCEMENTS, on=False)
    assert ids(for_person(store, ani)) == ["lebaran"]
    assert ids(for_person(store, budi)) == ["gate"]
    assert prefer(store, ani, Purpose.MARKETING, on=False)
    assert ids(for_person(store, ani)) == []


def test_an_answer_outlives_a_restart_stays_beside_the_former_and_goes_with_the_person(store: Store) -> None:
    ani = store.people.add("E-1", "Ani")
    for on in (True, False, True):
        assert prefer(store, ani, Purpose.MARKETING, on=on)
    assert not prefer(store, ani, Purpose.MARKETING, on=True), "it was so before"
    again = reopened(store)
    assert wanted(again, ani, Purpose.MARKETING)
    assert [each.said for each in of(again, ani)] == [Said.YES, Said.NO, Said.YES]
    assert len(papers.find(again, PaperKind.ANSWER, person=ani, open_only=True)) == 1
    erase_person(again, ani)
    assert of(again, ani) == ()


@pytest.mark.parametrize("purpose", [Purpose.ANNOUNCEMENTS, Purpose.MARKETING])
def test_whoever_objects_gets_none_of_it_until_it_is_overridden_or_they_ask_for_it_anew(
    store: Store, purpose: Purpose
) -> None:
    announced(store)
    ani, budi = store.people.add("E-1", "Ani"), store.people.add("E-2", "Budi")
    for person in (ani, budi):
        assert prefer(store, person, purpose, on=True)
    moved(store)
    objecting.file(store, COMPANY, ani, purpose, "Saya keberatan")
    assert not wanted(store, ani, purpose), "while it is assessed, too"
    assert ids(for_person(store, ani)) == ([] if purpose is Purpose.ANNOUNCEMENTS else ["gate"])
    assert wanted(store, budi, purpose)
    moved(store)
    assert prefer(store, ani, purpose, on=True), "their own later word counts"
    assert wanted(store, ani, purpose)


def test_an_objection_to_announcements_that_was_overridden_stops_them_no_longer(store: Store) -> None:
    announced(store)
    ani = store.people.add("E-1", "Ani")
    filed = objecting.file(store, COMPANY, ani, Purpose.ANNOUNCEMENTS, "Saya keberatan")
    assert ids(for_person(store, ani)) == []
    objecting.decide(store, filed.id, Outcome.OVERRIDDEN, ground="Jalur evakuasi harus diumumkan kepada semua", by="0")
    assert ids(for_person(store, ani)) == ["gate"]


def test_beneath_an_announcement_stands_how_to_have_no_more_of_them() -> None:
    for language in ("id", "en", "nl"):
        assert "Ibu Lestari" in how_to_decline(COMPANY, language)


# -- who is owed the notice (policy E12) -------------------------------------------------------------------------------


def test_the_notice_is_owed_within_a_month_or_at_the_first_contact_whichever_is_earlier() -> None:
    month = dates.month_later(MORNING)
    waiting = Waiting("p", "roster", MORNING, None)
    assert informing.owed(waiting, month) == informing.Owed("p", "roster", month, late=False)
    assert informing.owed(waiting, month + 1).late
    came = Waiting("p", "roster", MORNING, MORNING + 5)
    assert informing.owed(came, MORNING + 6) == informing.Owed("p", "roster", MORNING + 5, late=True)


def test_a_month_ends_on_the_last_day_of_a_shorter_one() -> None:
    for day, later in (("2026-01-31", "2026-02-28"), ("2028-01-30", "2028-02-29"), ("2026-12-15", "2027-01-15")):
        assert dates.day(dates.month_later(dates.begins(day, "UTC")), "UTC") == later


def test_who_records_before_they_were_informed_is_due_at_that_moment(store: Store) -> None:
    ani, budi = store.people.add("E-1", "Ani"), store.people.add("E-2", "Budi")
    store.ledger.append(check_in(store, code="E-2"), budi)
    first, second = informing.uninformed(store)
    assert (first.person, first.due_at) == (budi, store.now_ms())
    assert (second.person, second.due_at) == (ani, dates.month_later(store.now_ms()))
    informing.told(store, budi, version="v", language="id", witness="Ratna")
    assert [each.person for each in informing.uninformed(store)] == [ani]
    assert store.people.get(budi).informed


def test_the_first_time_somebody_was_informed_stays(store: Store) -> None:
    ani = store.people.add("E-1", "Ani")
    with store.database.write():
        informed.inform(store, ani, 5)
        informed.inform(store, ani, 9)
    assert store.database.rows("SELECT informed_at FROM people") == [(5,)]
