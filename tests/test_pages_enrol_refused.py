"""What an enrolment refuses, and who goes on without a face: nothing is kept of what did not come to its end."""

import gc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from admin_kit import GOOD, RATNA, WRONG
from consent_kit import approved, published
from desk_people_kit import JOKO, SARI, TECHNICIAN, added, trained
from enrol_kit import (
    PIN,
    TURNS,
    Counted,
    door,
    face,
    login_of_ratna,
    marked,
    nothing_is_kept,
    officer_of,
    opens,
    siti,
    taken,
    to_the_camera,
    to_the_notice,
    types_a_pin,
)

from kiosk.faults import FaultCode
from kiosk.pages.enrol.capturing import NoCamera, Refused
from kiosk.pages.enrol.deciding import Alike, Decision
from kiosk.pages.enrol.done import Done, Way
from kiosk.pages.enrol.finishing import OwnPin
from kiosk.pages.enrol.first import People, first
from kiosk.pages.enrol.person import Chosen
from kiosk.pages.page import CameraGone, Captured, Official, Prompted
from kiosk.rights import assessment_acts, training
from kiosk.store import Store, papers
from kiosk.store.approval import Role
from kiosk.store.papers import PaperKind
from kiosk.vision.enrolment import Pose, Prompt, Refusal, Shot


@pytest.fixture
def guest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counted:
    monkeypatch.setattr("kiosk.store.templates.orthonormal", TURNS)
    return door(tmp_path)


WOLF = np.asarray(face(0) + face(1) + face(2), np.float32)


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        (taken(face(9), 2), Refusal.TOO_FEW),
        (Captured((), ()), Refusal.TOO_FEW),
        (taken(WOLF / np.float32(np.linalg.norm(WOLF))), Refusal.WOLF),
        (taken(face(9), probes=face(8)), Refusal.TRIAL),
    ],
)
def test_what_is_no_reference_is_refused_in_words_and_both_ways_stand_open(
    guest: Counted, shown: Captured, why: Refusal
) -> None:
    to_the_camera(guest).see(shown)
    assert isinstance(guest.page, Refused)
    assert guest.page.why is why
    assert nothing_is_kept(guest.store)
    first_act, second_act = guest.sheet.acts
    assert first_act.tone == second_act.tone
    guest.tap("again").see(taken(face(9)))
    assert isinstance(guest.page, OwnPin)


def test_a_face_like_another_is_for_the_official_and_nobody_is_named_before_a_password(guest: Counted) -> None:
    store = guest.store
    other = store.people.by_code("B-1")
    assert other is not None
    to_the_camera(guest).see(taken(face(1)))
    assert isinstance(guest.page, Alike)
    assert other.id not in guest.texts
    guest.tap("official")
    assert guest.type(WRONG).sheet.warn
    assert other.id not in guest.texts
    guest.store.clock.move(5_000)  # type: ignore[attr-defined]
    guest.type(GOOD)
    assert isinstance(guest.page, Decision)
    assert other.id in guest.texts
    assert (other.name in guest.texts, other.code in guest.texts) == (False, False)
    guest.tap("two")
    assert guest.visit is not None
    assert len(guest.visit.stack) == 1, "the number of the other one cannot be come back to"
    assert "type your PIN as well" in guest.texts
    types_a_pin(guest)
    assert isinstance(guest.page, Done)
    assert guest.page.way is Way.BOTH
    assert store.people.get(siti(store)).face_used


def test_one_person_under_two_codes_is_not_enrolled_twice(guest: Counted) -> None:
    to_the_camera(guest).see(taken(face(1))).tap("official").type(GOOD).tap("one")
    assert nothing_is_kept(guest.store)
    assert guest.tap("done").over


@pytest.mark.parametrize("why", ["minor", "restricted", "not_released", "no_notice", "off"])
def test_where_there_can_be_no_face_the_official_reads_why_and_the_pin_goes_on(guest: Counted, why: str) -> None:
    store = guest.store
    if why in {"minor", "restricted"}:
        marked(store, why)
    elif why == "not_released":
        assessment_acts.withdraw(store, by=officer_of(store).account)
    elif why == "no_notice":
        with store.database.write():
            store.database.run("DELETE FROM papers WHERE kind = 'notice'")
    else:
        guest.config = replace(guest.config, recognition=replace(guest.config.recognition, mode="off"))
    guest.tap("search").type("siti")
    guest.tap(guest.keys[0])
    assert isinstance(guest.page, Chosen)
    assert guest.page.case.without is not None
    assert guest.page.case.without.value == why
    assert "PIN" in guest.texts
    guest.tap("hand", "en")
    if why != "no_notice":
        assert "agree to if you give" not in guest.texts
        guest.tap("next")
    types_a_pin(guest)
    assert isinstance(guest.page, Done)
    assert (guest.uses, opens(store)) == ([], True)
    assert not store.people.get(siti(store)).has_face


@pytest.mark.parametrize("why", ["minor", "restricted"])
def test_an_enroller_does_not_read_why_no_face_is_taken(guest: Counted, why: str) -> None:
    store = guest.store
    marked(store, why)
    login = added(store, login_of_ratna(guest), officer_of(store), JOKO, Role.ENROLLER, TECHNICIAN)
    trained(store, login)
    guest.begin(first(siti(store)), Official(login, JOKO)).tap("begin")
    assert "No face of theirs is taken at the moment" in guest.texts
    types_a_pin(guest.tap("hand", "en", "next"))
    assert isinstance(guest.page, Done)


def forgets(store: Store) -> None:
    """As if the questions were others since the quiz was passed."""
    with store.database.write():
        for paper in papers.find(store, PaperKind.TRAINING):
            papers.revise(store, paper, {**(paper.content or {}), "version": training.VERSION - 1}, state="passed")


@pytest.mark.parametrize("why", ["officer", "untrained"])
def test_whoever_may_not_enrol_is_refused(guest: Counted, why: str) -> None:
    store = guest.store
    if why == "officer":
        guest.begin(first(), Official(officer_of(store), SARI)).tap("search")
        assert guest.type("siti").fault is FaultCode.DESK_REFUSED
        return
    forgets(store)
    guest.tap("search").type("siti")
    guest.tap(guest.keys[0])
    assert "quiz" in guest.texts
    assert isinstance(guest.tap("done").page, People)


def test_a_camera_that_is_gone_stops_nobody(guest: Counted) -> None:
    to_the_camera(guest).see(CameraGone())
    assert isinstance(guest.page, NoCamera)
    guest.tap("again").see(Prompted(Prompt(Pose.LEFT))).see(CameraGone()).tap("no")
    types_a_pin(guest)
    assert isinstance(guest.page, Done)
    assert opens(guest.store)


def test_a_camera_that_says_nothing_any_more_is_not_waited_for(guest: Counted) -> None:
    to_the_camera(guest).wait(51)
    assert isinstance(guest.page, NoCamera)


@pytest.mark.parametrize("where", ["camera", "pin", "alike"])
def test_whoever_walks_away_midway_leaves_nothing_behind(guest: Counted, where: str) -> None:
    gc.collect()
    before = [id(each) for each in gc.get_objects() if isinstance(each, Shot)]
    to_the_camera(guest)
    if where != "camera":
        guest.see(taken(face(9 if where == "pin" else 1)))
        assert isinstance(guest.page, OwnPin if where == "pin" else Alike)
    if where == "pin":
        guest.tap("type").type(PIN)
    guest.wait(61)
    assert guest.over
    assert nothing_is_kept(guest.store)
    gc.collect()
    left = [each for each in gc.get_objects() if isinstance(each, Shot) and id(each) not in before]
    assert left == [], "shots outlive the visit"


@pytest.mark.parametrize("what", ["restricted", "minor", "withdrawn", "untrained", "removed"])
def test_what_changes_between_the_camera_and_the_end_counts(guest: Counted, what: str) -> None:
    store = guest.store
    to_the_camera(guest).see(taken(face(9)))
    expected = FaultCode.REQUEST_REFUSED
    if what in {"restricted", "minor"}:
        marked(store, what)
        expected = FaultCode.FACE_OF_A_MINOR if what == "minor" else expected
    elif what == "withdrawn":
        assessment_acts.withdraw(store, by=officer_of(store).account)
        expected = FaultCode.FACE_NOT_RELEASED
    elif what == "untrained":
        forgets(store)
        expected = FaultCode.DESK_REFUSED
    else:
        ratna = store.admins.by_name(RATNA)
        assert ratna is not None
        with store.database.write():
            store.database.run("DELETE FROM accounts WHERE id = ?", ratna.id)
        expected = FaultCode.ACCOUNT_UNKNOWN
    assert types_a_pin(guest).fault is expected
    assert nothing_is_kept(store)


def test_a_notice_that_is_published_while_somebody_reads_asks_for_another_reading(guest: Counted) -> None:
    to_the_notice(guest).tap("next", "read", "free")
    published(guest.store, approved(name="PT Gerbang Baru"))
    assert guest.tap("yes").fault is FaultCode.CONSENT_MISSING
    assert nothing_is_kept(guest.store)


def test_a_notice_that_was_altered_is_a_fault_and_no_crash(guest: Counted) -> None:
    (paper,) = papers.find(guest.store, PaperKind.NOTICE)
    with guest.store.database.write():
        papers.revise(guest.store, paper, {**(paper.content or {}), "digest": "00" * 32}, state=paper.state)
    guest.tap("search").type("siti")
    assert guest.tap(guest.keys[0]).fault is FaultCode.STORE_TAMPERED
