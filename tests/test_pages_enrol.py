"""A face is enrolled at the screen: by a trained official, with the person's own yes; a PIN alone ends the same."""

from pathlib import Path

import pytest
from admin_kit import GOOD, RATNA, WRONG, acts
from consent_kit import approved, published
from enrol_kit import (
    CODE,
    NAME,
    PIN,
    TURNS,
    Counted,
    door,
    face,
    kept,
    login_of_ratna,
    nothing_is_kept,
    opens,
    siti,
    taken,
    to_the_camera,
    to_the_notice,
    types_a_pin,
)
from pages_kit import Guest

from kiosk.flow.events import Instruction as Asked
from kiosk.pages.admin.home import Home
from kiosk.pages.enrol.capturing import Capture
from kiosk.pages.enrol.case import Need
from kiosk.pages.enrol.done import Done, Way
from kiosk.pages.enrol.first import People, Start, first
from kiosk.pages.enrol.person import Chosen
from kiosk.pages.page import Employee, Measured, Official, Prompted, Use
from kiosk.pages.sheet import Preview
from kiosk.rights import answers, enrolling, notices
from kiosk.store import Consent, badges
from kiosk.vision.enrolment import Pose, Prompt
from kiosk.vision.quality import Instruction
from wire.event import Notice, NoticeKind


@pytest.fixture
def guest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counted:
    monkeypatch.setattr("kiosk.store.templates.orthonormal", TURNS)
    return door(tmp_path)


def preview(guest: Guest) -> Preview:
    (block,) = guest.sheet.body
    assert isinstance(block, Preview)
    return block


def test_a_new_person_is_enrolled_in_twelve_touches_with_consent_key_and_references_in_one_commit(
    guest: Counted,
) -> None:
    assert guest.visit is not None
    guest.begin(Home(), guest.visit.visitor)
    guest.tap("enrol")
    to_the_camera(guest).see(taken(face(9)))
    assert guest.uses == [Use.CAPTURE]
    assert nothing_is_kept(guest.store), "before the end"
    types_a_pin(guest)
    assert isinstance(guest.page, Done)
    guest.tap("done")
    assert guest.over
    assert guest.touches <= 12
    store, person = guest.store, siti(guest.store)
    assert opens(store)
    newest = notices.newest(store)
    assert newest is not None
    ground = store.basis.ground_of(person)
    assert ground == Consent(newest.label, "en", store.now_ms(), RATNA)
    assert store.people.get(person).face_used
    told = store.history.events(person, 0, store.now_ms() + 1)
    assert [each.kind for each in told if isinstance(each, Notice)] == [NoticeKind.ENROLLED]
    assert [kind for kind, _ in acts(store)][-2:] == ["pin_set", "enrolled"]
    store.ledger.verify()


def test_the_receipt_shows_the_number_and_the_hash_to_which_the_key_is_bound(guest: Counted) -> None:
    types_a_pin(to_the_camera(guest).see(taken(face(9)))).tap("receipt")
    row = guest.store.database.row("SELECT id, digest FROM bases WHERE person = ?", siti(guest.store))
    assert row is not None
    (code,) = guest.sheet.body
    assert getattr(code, "text", "") == f"AMBANG-CONSENT {row[0]} {row[1].hex()}"
    assert len(getattr(code, "text", "")) <= 120
    assert guest.store.people.get(siti(guest.store)).name not in guest.texts


def test_without_a_face_the_way_is_shorter_and_the_end_is_the_same(guest: Counted) -> None:
    to_the_notice(guest).tap("next")
    yes, no = guest.sheet.acts
    assert (yes.tone, yes.key, no.key) == (no.tone, "yes", "no")
    types_a_pin(guest.tap("no"))
    assert isinstance(guest.page, Done)
    assert guest.page.way is Way.PIN
    assert guest.uses == []
    person = guest.store.people.get(siti(guest.store))
    assert (person.has_face, person.informed) == (False, True)
    assert opens(guest.store)
    said = answers.of(guest.store, person.id)
    assert [(each.about.value, each.language) for each in said] == [("notice", "en")], "a no is not written down"


def test_a_yes_needs_both_ticks_and_a_tick_can_be_taken_back(guest: Counted) -> None:
    to_the_notice(guest).tap("next", "yes")
    assert guest.sheet.warn
    guest.tap("read", "free", "read", "yes")
    assert guest.sheet.warn
    guest.tap("read", "yes")
    assert isinstance(guest.page, Capture)


def test_the_notice_is_read_in_the_language_that_is_chosen_and_whole_if_wanted(guest: Counted) -> None:
    to_the_notice(guest, language="nl")
    assert guest.language == "nl"
    newest = notices.newest(guest.store)
    assert newest is not None
    assert "PT Gerbang Terang" in guest.texts
    guest.tap("whole")
    longest = max(len(getattr(block, "text", "")) for block in guest.sheet.body)
    assert len(guest.sheet.body) > 40
    assert longest <= 240
    guest.back().tap("next", "read", "free", "yes").see(taken(face(9)))
    types_a_pin(guest)
    consent = guest.store.basis.consent_of(siti(guest.store))
    assert consent is not None
    assert consent.language == "nl"


def test_the_screen_is_handed_over_and_comes_back_by_the_official_s_password_alone(guest: Counted) -> None:
    to_the_notice(guest)
    assert guest.visit is not None
    assert guest.visit.visitor == Employee(siti(guest.store), "Siti R.", full=False)
    guest.back()
    assert not guest.sheet.back
    assert guest.back().over, "nothing of the official lies beneath"
    guest.begin(first(), Official(login_of_ratna(guest), RATNA))
    types_a_pin(to_the_notice(guest).tap("next", "no")).tap("next")
    assert guest.type(WRONG).sheet.warn
    guest.wait(2)  # the store's own clock stands still: the next try has to wait longer, and says so
    guest.store.clock.move(5_000)  # type: ignore[attr-defined]
    guest.type(GOOD)
    assert isinstance(guest.page, Start)
    assert guest.visit is not None
    assert isinstance(guest.visit.visitor, Official)


def test_the_camera_s_page_gives_one_instruction_and_says_how_light_and_sharp_it_is(guest: Counted) -> None:
    to_the_camera(guest)
    guest.see(Prompted(Prompt(Pose.LEFT, None, 0.5)), Measured(120.0, 0.6, None))
    shown = preview(guest)
    assert (shown.instruction, shown.progress) == ("turn_left", 0.5)
    assert [meter.good for meter in shown.meters] == [True, True]
    guest.see(Prompted(Prompt(Pose.LEFT, Instruction.MORE_LIGHT)), Measured(20.0, None, Asked.MORE_LIGHT))
    shown = preview(guest)
    assert (shown.instruction, shown.line) == ("more_light", "Too dark")
    assert [meter.good for meter in shown.meters] == [False, False]
    for instruction in Instruction:
        guest.see(Prompted(Prompt(None, instruction)))
        assert preview(guest).line
    assert guest.uses == [Use.CAPTURE], "one use of the camera"


def test_glasses_are_asked_for_where_somebody_wears_them(guest: Counted) -> None:
    guest.tap("search").type("siti")
    guest.tap(guest.keys[0], "glasses", "hand", "en", "next", "read", "free", "yes")
    assert guest.uses == [Use.CAPTURE_GLASSES]
    assert "of 5" in guest.sheet.title


def test_who_answers_a_new_notice_keeps_their_face_without_a_camera(guest: Counted) -> None:
    store = guest.store
    published(store, approved(address="Jl. Baru 9, Bandung"))
    newest = notices.newest(store)
    assert newest is not None
    guest.tap("due")
    assert isinstance(guest.page, People)
    assert [each.need for each in guest.page.shown] == [Need.RENEWAL] * 3
    person = guest.page.shown[0].id
    guest.tap(person, "hand", "id", "next", "read", "free", "yes")
    assert isinstance(guest.page, Done)
    assert guest.uses == []
    consent = store.basis.consent_of(person)
    assert consent is not None
    assert (consent.text_version, consent.language) == (newest.label, "id")
    assert store.people.get(person).face_used
    guest.begin(first(), Official(login_of_ratna(guest), RATNA)).tap("due")
    assert isinstance(guest.page, People)
    assert guest.page.found == 2


def test_who_has_a_face_of_another_model_is_due_and_keeps_the_pin(guest: Counted) -> None:
    store = guest.store
    other = store.people.by_code("B-2")
    newest = notices.newest(store)
    assert other is not None
    assert newest is not None
    consent = Consent(newest.label, "id", store.now_ms(), "self")
    store.basis.enrol(other.id, consent, kept(store, other.id, face(2), model="another/model/1"))
    guest.tap("due")
    assert isinstance(guest.page, People)
    assert [(each.id, each.need) for each in guest.page.shown] == [(other.id, Need.AGAIN)]
    guest.tap(other.id, "hand", "en", "next", "read", "free", "yes").see(taken(face(2))).tap("keep")
    assert isinstance(guest.page, Done)
    assert opens(store, "B-2", "482913"), "the PIN of before"
    assert store.people.get(other.id).face_used
    guest.begin(first(), Official(login_of_ratna(guest), RATNA)).tap("due")
    assert "Nobody is due." in guest.texts


def test_whoever_is_enrolled_anew_is_not_like_themselves(guest: Counted) -> None:
    to_the_camera(guest, "agus").see(taken(face(0))).tap("keep")
    assert isinstance(guest.page, Done)


@pytest.mark.parametrize("act", ["erase", "leave"])
def test_whoever_wants_no_face_any_more_has_it_erased_or_left(guest: Counted, act: str) -> None:
    other = guest.store.people.by_code("B-1")
    assert other is not None
    to_the_notice(guest, "b-1").tap("next", "no", act, "keep")
    assert isinstance(guest.page, Done)
    assert guest.store.people.get(other.id).has_face == (act == "leave")
    assert guest.page.way is (Way.FACE if act == "leave" else Way.PIN)
    assert opens(guest.store, "B-1", "482913")


def test_lists_show_who_has_no_face_first_and_every_look_is_written_down(guest: Counted) -> None:
    guest.tap("list")
    assert isinstance(guest.page, People)
    assert [each.name for each in guest.page.shown] == [NAME]
    guest.tap("search").type("a")
    assert isinstance(guest.page, People)
    assert [each.code for each in guest.page.shown] == [CODE, "B-0", "B-1", "B-2"]
    kinds = [kind for kind, detail in acts(guest.store) if kind == "viewed" and detail["list"] == "people"]
    assert len(kinds) == 2
    assert "Siti" not in repr(guest.page)


def test_an_easy_pin_and_two_that_differ_are_refused_in_words(guest: Counted) -> None:
    to_the_notice(guest).tap("next", "no", "type")
    assert guest.type("123456").sheet.warn
    guest.type(PIN).type("905173")
    assert guest.sheet.warn
    assert nothing_is_kept(guest.store)
    guest.type(PIN).type(PIN)
    assert opens(guest.store)


def test_one_person_can_be_enrolled_from_their_own_page(guest: Counted) -> None:
    guest.begin(first(siti(guest.store)), Official(login_of_ratna(guest), RATNA)).tap("begin")
    assert isinstance(guest.page, Chosen)
    assert guest.page.case.name == NAME


def test_a_badge_is_shown_once_where_the_door_reads_badges(guest: Counted) -> None:
    types_a_pin(to_the_camera(guest).see(taken(face(9))))
    assert guest.config.reads_badges
    guest.tap("badge")
    (code,) = guest.sheet.body
    token = getattr(code, "text", "")
    guest.tap("done")
    assert "badge" not in guest.keys
    found = badges.holder(guest.store, token)
    assert found == badges.Holder(siti(guest.store))


def test_the_receipt_of_nobody_is_none(guest: Counted) -> None:
    assert enrolling.receipt(guest.store, siti(guest.store)) is None
