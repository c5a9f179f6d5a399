"""Every right at the touchscreen: each act stands in the store and in the officer's register, with its clock."""

from dataclasses import replace
from pathlib import Path

import pytest
from consent_kit import NEXT_WEEK, approved, source
from mydata_kit import CODE, SITI, Own, codes, own
from store_kit import HOUR, PIN, check_in

from kiosk.faults import FaultCode
from kiosk.pages.mydata.home import Home
from kiosk.rights import (
    consents,
    human_review,
    notices,
    objecting,
    own_requests,
    preferences,
    rectification,
    request_acts,
    restriction,
)
from kiosk.rights.company import Company
from kiosk.rights.consents import InForce
from kiosk.rights.correction import Doubted, Missing, ProfileWrong, Wrong
from kiosk.rights.human_review import Why
from kiosk.rights.objection import Effect
from kiosk.rights.purposes import Purpose
from kiosk.rights.rectification import Desk, Refuse
from kiosk.rights.requests import ByPin, ErasureGround, How, RefusalGround, Right, State
from kiosk.rights.restriction import Restricted
from kiosk.store import PinAccepted, held
from wire.event import Action

DAY = 24 * HOUR
CLOCK = 72 * HOUR
NEW_PIN = "739164"


@pytest.fixture
def siti(tmp_path: Path) -> Own:
    return own(tmp_path)


def matters(siti: Own) -> list[rectification.Filed]:
    return list(rectification.every(siti.store, person=siti.siti))


def stands(siti: Own, right: Right) -> None:
    """One request for this right: by the kiosk, known by the PIN, due in 72 hours, its number on the receipt."""
    (filed,) = siti.register(right)
    request = filed.request
    assert request is not None
    assert (request.how, filed.state) == (How.KIOSK, State.IDENTIFIED)
    assert request.identity == ByPin(siti.hands.wall_ms, "")
    assert filed.due_at == siti.hands.wall_ms + CLOCK
    (text,) = codes(siti.guest.sheet)
    assert filed.id in text
    assert len(text) <= 250
    assert CODE not in text
    assert "Siti" not in text


# -- correcting -------------------------------------------------------------------------------------------------------


def test_a_wrong_action_is_asked_for_with_words_and_the_entry_stays(siti: Own) -> None:
    event = siti.log(Action.IN)
    siti.home().tap("correct", "entry", "0", "action", "out").type("Saya pulang.")
    (matter,) = matters(siti)
    assert matter.matter is not None
    assert (matter.matter.subject, matter.matter.text) == (Wrong(event.event_id, Action.OUT), "Saya pulang.")
    stands(siti, Right.RECTIFICATION)
    assert siti.store.history.last_action(siti.siti, siti.hands.wall_ms) == (Action.IN, event.occurred_at)
    assert isinstance(siti.guest.tap("done").page, Home)


def test_a_wrong_time_is_checked_as_it_is_typed(siti: Own) -> None:
    event = siti.log(Action.IN)  # 08.00 in Jakarta
    guest = siti.home().tap("entries", "0", "time")
    for wrong in ("2570", "0960", "0801", "0800"):  # no time, no time, to come, that is it
        assert guest.type(wrong).sheet.warn, wrong
    guest.type("0745").type("")
    (matter,) = matters(siti)
    assert matter.matter is not None
    assert matter.matter.subject == Wrong(event.event_id, at=event.occurred_at - 15 * 60_000)
    stands(siti, Right.RECTIFICATION)


def test_not_me_waits_for_a_human_with_the_persons_words(siti: Own) -> None:
    event = siti.log(Action.IN)
    siti.home().tap("entries", "0", "doubt").type("Hari itu saya libur.")
    stands(siti, Right.HUMAN_REVIEW)
    (waiting,) = human_review.pending(siti.store)
    assert (waiting.why, waiting.standing.event.event_id) == (Why.ASKED, event.event_id)
    (matter,) = matters(siti)
    assert matter.matter is not None
    assert matter.matter.subject == Doubted(event.event_id)


def test_what_is_missing_has_a_day_an_action_and_a_time(siti: Own) -> None:
    siti.home().tap("correct", "missing", "2026-11-15", "out").type("1702").type("Lupa.")
    (matter,) = matters(siti)
    assert matter.matter is not None
    assert matter.matter.subject == Missing(Action.OUT, siti.hands.wall_ms - 15 * HOUR + 2 * 60_000)
    stands(siti, Right.RECTIFICATION)


def test_another_day_is_typed_and_one_that_no_calendar_has_is_refused(siti: Own) -> None:
    guest = siti.home().tap("correct", "missing", "other")
    for wrong in ("31022026", "00002026", "99999999", "01010001"):
        assert guest.type(wrong).sheet.warn, wrong
    guest.type("01092026").tap("in").type("0800").type("")
    assert matters(siti)[0].matter is not None


def test_a_name_is_asked_for_and_one_that_nobody_may_have_is_refused(siti: Own) -> None:
    guest = siti.home().tap("correct", "name")
    assert guest.visit is not None
    assert guest.visit.typed == SITI, "what stands there is put right, not typed anew"
    for wrong in (SITI, "   "):
        assert guest.type(wrong).sheet.warn
    guest.type("Siti Rahmawati Putri").type("")
    (matter,) = matters(siti)
    assert matter.matter is not None
    assert isinstance(matter.matter.subject, ProfileWrong)
    assert siti.store.people.get(siti.siti).name == SITI, "a human decides"


# -- asking -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "right"), [("copy", Right.ACCESS), ("take", Right.PORTABILITY)])
def test_a_copy_is_asked_for_and_the_officer_may_answer_it_at_once(siti: Own, key: str, right: Right) -> None:
    siti.home().tap("rights", key, "yes")
    stands(siti, right)
    assert request_acts.answerable(siti.store, siti.siti, {right})


def test_an_erasure_names_one_of_the_five_grounds_and_erases_nothing_by_itself(siti: Own) -> None:
    siti.home().tap("rights", "erase", "unlawful", "yes")
    stands(siti, Right.ERASURE)
    (filed,) = siti.register(Right.ERASURE)
    assert filed.request is not None
    assert filed.request.ground is ErasureGround.UNLAWFUL
    assert siti.store.people.get(siti.siti).has_face


def test_the_face_alone_is_erased_at_once_from_the_page_of_erasing(siti: Own) -> None:
    siti.home().tap("rights", "erase", "face", "yes")
    assert not siti.store.people.get(siti.siti).has_face


def test_a_human_is_named_and_calls_back(siti: Own) -> None:
    guest = siti.home().tap("rights", "human")
    assert "dpo@gerbang.example" in guest.texts
    guest.tap("call").type("Tentang cuti saya. 0812 555.")
    stands(siti, Right.HUMAN_REVIEW)
    (filed,) = siti.register(Right.HUMAN_REVIEW)
    assert filed.request is not None
    assert filed.request.text == "Tentang cuti saya. 0812 555."


def test_of_one_kind_five_may_be_open_and_then_a_sentence_says_so(siti: Own) -> None:
    guest = siti.home()
    for _ in range(own_requests.MOST_OPEN):
        guest.tap("rights", "copy", "yes", "done")
    guest.tap("rights", "copy", "yes")
    assert guest.fault is FaultCode.REQUEST_LIMIT
    assert len(siti.register(Right.ACCESS)) == own_requests.MOST_OPEN
    guest.back().back().tap("take", "yes", "done")
    assert len(siti.register(Right.PORTABILITY)) == 1, "another kind has its own count"
    request_acts.withdraw(siti.store, siti.register(Right.ACCESS)[0].id)
    guest.tap("rights", "copy", "yes")
    assert guest.fault is None
    guest.tap("done", "withdraw", "yes")
    assert siti.store.basis.consent_of(siti.siti) is None, "taking back has no limit"


def test_corrections_and_reviews_have_the_same_limit(siti: Own) -> None:
    for _ in range(own_requests.MOST_OPEN + 1):
        siti.home().tap("correct", "missing", "2026-11-15", "in").type("0800").type("")
    assert siti.guest.fault is FaultCode.REQUEST_LIMIT
    assert len(matters(siti)) == own_requests.MOST_OPEN


# -- stopping ---------------------------------------------------------------------------------------------------------


def test_a_restricted_face_rests_at_once_and_can_be_restricted_only_once(siti: Own) -> None:
    guest = siti.home().tap("rights", "restrict", "face", "mydata.why.wrong")
    ((_, one),) = restriction.in_force(siti.store, siti.siti, Restricted.FACE)
    assert one.why == "Yang disimpan tentang saya tidak benar"
    assert siti.siti not in [each.person for each in siti.store.templates.references()]
    assert [each.state for each in siti.register(Right.RESTRICTION)] == [State.ANSWERED]
    assert list(codes(guest.sheet))
    page = guest.tap("done", "rights", "restrict").page
    assert guest.tap("face").page is page
    guest.back().back().tap("face")
    assert guest.sheet.body


def test_restricted_attendance_is_held_from_now_on(siti: Own) -> None:
    siti.home().tap("rights", "restrict", "attendance", "own").type("Ada sengketa.")
    ((_, one),) = restriction.in_force(siti.store, siti.siti, Restricted.ATTENDANCE)
    assert one.why == "Ada sengketa."
    siti.log(Action.OUT)
    assert held.count(siti.store.database, siti.siti) == 1


def test_an_objection_stops_what_can_stop_and_is_due(siti: Own) -> None:
    guest = siti.home().tap("rights", "object", "face_recognition", "own").type("Tidak tepat bagi saya.")
    ((paper, one),) = objecting.every(siti.store, siti.siti)
    assert one.effect is Effect.FACE_STOPPED
    assert paper.due_at == siti.hands.wall_ms + CLOCK
    assert siti.siti not in [each.person for each in siti.store.templates.references()]
    assert paper.id in "\n".join(codes(guest.sheet))
    page = guest.tap("done", "rights", "object").page
    assert guest.tap("face_recognition").page is page, "it is being looked at"


@pytest.mark.parametrize("purpose", list(Purpose))
def test_what_an_objection_does_is_told_for_every_purpose(siti: Own, purpose: Purpose) -> None:
    guest = siti.home().tap("rights", "object")
    if purpose is Purpose.CONDUCT:
        assert "conduct" not in guest.keys, "the company does not do it"
        return
    guest.tap(purpose.value, "mydata.why.situation")
    ((_, one),) = objecting.every(siti.store, siti.siti)
    assert one.purpose is purpose
    assert guest.sheet.name == "mydata.filed"


# -- one's requests, answers, preferences, PIN ------------------------------------------------------------------------


def test_a_request_is_shown_with_its_answer_and_where_to_complain(siti: Own) -> None:
    siti.log(Action.IN)
    guest = (
        siti.home().tap("correct", "entry", "0", "action", "out").type("Pulang.").tap("done", "rights", "copy", "yes")
    )
    (asked,) = matters(siti)
    desk = Desk(Company(), siti.officer, "Lobby")
    rectification.decide(siti.store, asked.id, Refuse(), "Satpam melihat Anda masuk.", desk)
    (copy,) = siti.register(Right.ACCESS)
    request_acts.refuse(siti.store, copy.id, RefusalGround.RIGHTS_OF_OTHERS, "Nama orang lain.", siti.officer)
    guest.tap("done", "requests")
    both = guest.tap("0").texts + guest.back().tap("1").texts
    assert "Satpam melihat Anda masuk." in both
    assert "Nama orang lain." in both
    assert "Lembaga PDP" in both
    assert "Wulan" not in both


def test_ones_own_view_is_kept_beside_a_decision(siti: Own) -> None:
    siti.home().tap("correct", "missing", "2026-11-15", "in").type("0800").type("").tap("done")
    (asked,) = matters(siti)
    rectification.decide(siti.store, asked.id, Refuse(), "Tidak ada bukti.", Desk(Company(), siti.officer, "Lobby"))
    siti.home().tap("requests", "0", "view").type("Saya tetap yakin.")
    (after,) = matters(siti)
    assert after.matter is not None
    assert after.matter.statement == "Saya tetap yakin."


def test_a_request_is_taken_back_after_a_question(siti: Own) -> None:
    guest = siti.home().tap("rights", "copy", "yes", "done", "requests", "0", "drop", "yes")
    assert [each.state for each in siti.register(Right.ACCESS)] == [State.WITHDRAWN]
    assert isinstance(guest.page, Home)


def test_a_newer_notice_is_read_ticked_and_agreed_to_in_the_readers_language(siti: Own) -> None:
    notices.publish(siti.store, source(approved(NEXT_WEEK, name="PT Gerbang Terang Tbk")), by=siti.officer.account)
    guest = siti.home().tap("face", "renew")
    assert "PT Gerbang Terang Tbk" in guest.texts
    assert "yes" not in guest.keys, "nobody agrees before the tick"
    guest.language = "nl"
    guest.tap("tick", "tick")
    assert "yes" not in guest.keys
    guest.tap("tick", "yes", "done")
    last = consents.story(siti.store, siti.siti)[-1]
    newest = notices.newest(siti.store)
    assert newest is not None
    assert (last.given.text_version, last.given.language, last.given.witness) == (newest.label, "nl", "self")
    assert isinstance(last.end, InForce)
    assert "renew" not in guest.tap("face").keys


def test_not_now_to_a_newer_notice_changes_nothing(siti: Own) -> None:
    notices.publish(siti.store, source(approved(NEXT_WEEK, name="PT Lain")), by=siti.officer.account)
    siti.home().tap("face", "renew", "later")
    assert len(consents.story(siti.store, siti.siti)) == 1


def test_announcements_are_declined_and_greetings_asked_for_by_a_touch(siti: Own) -> None:
    siti.home().tap("news", "announcements", "marketing")
    assert not preferences.wanted(siti.store, siti.siti, Purpose.ANNOUNCEMENTS)
    assert preferences.wanted(siti.store, siti.siti, Purpose.MARKETING)
    siti.guest.tap("announcements")
    assert preferences.wanted(siti.store, siti.siti, Purpose.ANNOUNCEMENTS)
    siti.guest.tap("speak.nl")
    assert siti.store.people.get(siti.siti).language == siti.guest.language == "nl"


def test_a_pin_is_changed_by_its_owner_and_a_trivial_one_is_refused_in_words(siti: Own) -> None:
    guest = siti.home().tap("pin")
    assert guest.type("555123").sheet.warn, "the old one first"
    guest.type(PIN)
    for wrong in (PIN, "123456", "121212"):
        assert guest.type(wrong).sheet.warn, wrong
    guest.type(NEW_PIN).type("739165")
    assert guest.sheet.warn, "they differ"
    guest.type(NEW_PIN).type(NEW_PIN)
    now = siti.store.clock()
    check = siti.store.accounts.check_pin
    assert check(CODE, NEW_PIN, now.wall_ms, now.clock.boottime_ms) == PinAccepted(siti.siti)
    assert not isinstance(check(CODE, PIN, now.wall_ms, now.clock.boottime_ms), PinAccepted)
    assert ("pin_set", {"person": siti.siti, "by": "self"}) in siti.acts()


def test_a_privacy_file_that_cannot_be_read_takes_no_right_from_anybody(siti: Own) -> None:
    (siti.guest.config.data / "privacy.toml").write_text("[nonsense", encoding="utf-8")
    siti.home().tap("rights", "copy", "yes")
    stands(siti, Right.ACCESS)
    siti.guest.tap("done", "withdraw", "yes")
    assert siti.store.basis.consent_of(siti.siti) is None


def test_every_right_is_at_most_three_taps_from_the_first_page(siti: Own) -> None:
    guest = siti.home()
    reached = {"withdraw", "correct"} & set(guest.keys)
    guest.tap("rights")
    assert len(guest.keys) <= 8, "four fit on a landscape screen: one turn of the page at most"
    assert reached | set(guest.keys) >= {"withdraw", "correct", "copy", "human", "restrict", "object", "erase", "take"}


def test_nothing_that_was_typed_or_shown_reaches_the_log_of_acts(siti: Own) -> None:
    siti.store.ledger.append(check_in(siti.store, code=CODE), siti.siti)
    siti.home().tap("entries", "0", "doubt").type("Rahasia saya.").tap("done", "rights", "human", "call").type(
        "Rahasia"
    )
    assert replace(siti.officer) == siti.officer
    for word in ("Rahasia", "Siti", CODE):
        assert word not in str(siti.acts())
