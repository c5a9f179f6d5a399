"""Requests at the screen: each act of the officer stands in the register, and nobody else gets a name to see."""

from pathlib import Path

import pytest
from admin_kit import ALSO_GOOD, WRONG
from pages_kit import Guest
from privacy_kit import Sitting, sitting
from requests_kit import BUDI, COMPANY, RATNA, SRI
from store_kit import HOUR, PIN

from kiosk.faults import FaultCode
from kiosk.pages.page import Official
from kiosk.pages.privacy import requests
from kiosk.pages.privacy.who import Confirmed
from kiosk.rights import holds, objecting, request_acts, restriction
from kiosk.rights.purposes import Purpose
from kiosk.rights.requests import Answered, ByPin, BySight, Filed, Refused, Right, State
from kiosk.rights.restriction import Restricted
from kiosk.store.approval import Role
from kiosk.store.erasure_rows import has_face
from kiosk.store.papers import PaperKind

DAY = 24 * HOUR


@pytest.fixture
def wulan(tmp_path: Path) -> Sitting:
    return sitting(tmp_path / "data")


def of(wulan: Sitting, request_id: str) -> Sitting:
    wulan.at(requests.page).tap(request_id)
    return wulan


def now(wulan: Sitting, request_id: str) -> Filed:
    return request_acts.get(wulan.store, request_id)


def test_the_first_page_counts_what_is_overdue_due_and_open(wulan: Sitting) -> None:
    wulan.asked(Right.ACCESS)
    wulan.office.hands.move(60 * HOUR)
    wulan.asked(Right.PORTABILITY)
    assert "open: 2; within 24 hours: 1" in wulan.at().texts
    assert "overdue" not in wulan.texts
    wulan.office.hands.move(13 * HOUR)
    assert "open: 2; overdue: 1" in wulan.at().texts
    assert "late" in wulan.texts
    wulan.tap("requests")
    assert wulan.back().sheet.name == "dpo.first"


def test_coming_back_counts_anew(wulan: Sitting) -> None:
    wulan.at().tap("requests")
    wulan.asked(Right.ACCESS)
    assert "open: 1" in wulan.back().texts


def test_what_is_overdue_comes_first_with_the_name_of_who_asks(wulan: Sitting) -> None:
    late = wulan.asked(Right.ACCESS)
    wulan.office.hands.move(80 * HOUR)
    fresh = wulan.asked(Right.PORTABILITY, person=wulan.office.sri)
    wulan.at(requests.page)
    assert wulan.keys == [late.id, fresh.id, "new"]
    assert f"{BUDI[1]} ({BUDI[0]})" in wulan.texts
    assert f"{SRI[1]} ({SRI[0]})" in wulan.texts
    assert wulan.viewed() == ["requests"]
    assert BUDI[1] not in wulan.ids()


def test_a_request_is_written_down_at_the_screen(wulan: Sitting) -> None:
    wulan.at(requests.page).tap("new", "code").type(BUDI[0]).tap("erasure", "consent_withdrawn", "letter")
    wulan.type("Saya mau dihapus.")
    filed = request_acts.every(wulan.store)[0]
    assert (filed.person, filed.state) == (wulan.office.budi, State.OPEN)
    assert filed.request is not None
    assert filed.request.text == "Saya mau dihapus."
    assert "Saya mau dihapus." in wulan.texts
    assert wulan.back().keys == [filed.id, "new"], "the register is read anew"


def test_somebody_whom_the_device_does_not_know_may_ask_too(wulan: Sitting) -> None:
    wulan.at(requests.page).tap("new", "nobody", "access", "form").type("")
    assert request_acts.every(wulan.store)[0].person == ""
    assert "somebody whom the device does not know" in wulan.texts
    assert wulan.tap("identity").keys[0] == "identity_card", "there is no PIN to ask for"


def test_a_code_that_nobody_has_is_said_to_be_unknown(wulan: Sitting) -> None:
    wulan.at(requests.page).tap("new", "code").type("E-9999")
    assert wulan.fault is FaultCode.PERSON_UNKNOWN


def test_the_identity_is_checked_by_a_document_or_by_the_persons_own_pin(wulan: Sitting) -> None:
    seen, typed = wulan.asked(Right.ACCESS, known=False), wulan.asked(Right.PORTABILITY, known=False)
    assert "answer" not in of(wulan, seen.id).keys
    wulan.tap("identity", "passport")
    found = now(wulan, seen.id).request
    assert found is not None
    assert isinstance(found.identity, BySight)
    assert "answer" in wulan.keys
    of(wulan, typed.id).tap("identity", "pin").type("111111")
    assert "does not fit" in wulan.texts
    wulan.type(PIN)
    found = now(wulan, typed.id).request
    assert found is not None
    assert isinstance(found.identity, ByPin)


def test_an_access_request_is_read_on_the_screen_and_answered(wulan: Sitting) -> None:
    filed = wulan.asked(Right.ACCESS)
    of(wulan, filed.id).tap("answer", "read")
    assert BUDI[1] in wulan.texts
    assert SRI[1] not in wulan.texts
    assert "access" in wulan.viewed()
    wulan.back().tap("copy")
    assert "kiosk privacy copy --person CODE --out FILE.pdf --by NAME" in wulan.texts
    wulan.back().tap("note").type("Read together.").tap("done")
    found = now(wulan, filed.id).request
    assert found is not None
    assert isinstance(found.outcome, Answered)
    assert found.outcome.note == "Read together."
    assert wulan.sheet.name == "dpo.request"
    assert "answered" in wulan.texts
    wulan.tap("letter")
    assert "Lembaga Pelindungan Data Pribadi" in wulan.texts


def test_a_refusal_has_a_ground_a_law_where_one_is_needed_and_a_reason(wulan: Sitting) -> None:
    filed = wulan.asked(Right.ERASURE)
    of(wulan, filed.id).tap("more", "refuse")
    assert "not_identified" not in wulan.keys, "the identity is checked"
    assert "repeated" not in wulan.keys, "nothing is repeated"
    wulan.tap("legal_obligation").type("UU 13/2003 Pasal 90").type("Upah harus dapat diperiksa.").tap("done")
    found = now(wulan, filed.id).request
    assert found is not None
    assert isinstance(found.outcome, Refused)
    assert (found.outcome.law, found.outcome.reason) == ("UU 13/2003 Pasal 90", "Upah harus dapat diperiksa.")
    assert "Upah harus dapat diperiksa." in wulan.texts


def test_an_answer_is_put_off_once_with_a_reason_and_not_by_too_much(wulan: Sitting) -> None:
    filed = wulan.asked(Right.ACCESS)
    of(wulan, filed.id).tap("more", "extend").type("99")
    assert f"Only 1 to {COMPANY.clocks.extension_days} days" in wulan.texts
    wulan.type("10").type("Three months to look through.")
    assert now(wulan, filed.id).due_at == filed.due_at + 10 * DAY
    assert "extend" not in wulan.tap("more").keys
    late = wulan.asked(Right.PORTABILITY)
    wulan.office.hands.move(80 * HOUR)
    assert "extend" not in of(wulan, late.id).tap("more").keys, "too late for that"


def test_a_fee_is_offered_only_where_the_same_was_asked_before(wulan: Sitting) -> None:
    first = wulan.asked(Right.ACCESS)
    assert "charge" not in of(wulan, first.id).tap("more").keys
    again = wulan.asked(Right.ACCESS)
    of(wulan, again.id).tap("more", "charge").type("50.000 rupiah").type("The third time this month.")
    found = now(wulan, again.id).request
    assert found is not None
    assert found.fee is not None
    assert "50.000 rupiah" in wulan.texts


def test_whoever_does_not_want_it_any_more_ends_it(wulan: Sitting) -> None:
    filed = wulan.asked(Right.ACCESS)
    of(wulan, filed.id).tap("more", "withdraw", "yes")
    assert now(wulan, filed.id).state is State.WITHDRAWN
    assert wulan.keys == []


def test_a_person_is_erased_after_two_looks_and_the_password(wulan: Sitting) -> None:
    filed = wulan.asked(Right.ERASURE)
    of(wulan, filed.id).tap("answer", "person", "erase")
    assert isinstance(wulan.page, Confirmed)
    wulan.confirm(WRONG)
    assert wulan.sheet.warn
    assert now(wulan, filed.id).state is State.IDENTIFIED, "nothing has happened"
    wulan.office.hands.move(60_000)
    wulan.confirm()
    assert now(wulan, filed.id).state is State.ANSWERED
    assert not has_face(wulan.store.database, wulan.office.budi)
    assert wulan.tap("done").sheet.name == "dpo.request"


def test_only_the_face_goes_where_only_the_face_is_asked_for(wulan: Sitting) -> None:
    filed = wulan.asked(Right.WITHDRAWAL)
    of(wulan, filed.id).tap("answer")
    assert "person" not in wulan.keys
    wulan.tap("face", "erase").type(ALSO_GOOD)
    assert not has_face(wulan.store.database, wulan.office.budi)
    assert wulan.store.people.get(wulan.office.budi).name == BUDI[1]
    certificate = next((wulan.store.database.directory / "certificates").glob("*.json"))
    assert certificate.stem in wulan.texts


def test_nobody_is_erased_under_a_legal_hold(wulan: Sitting) -> None:
    filed, store = wulan.asked(Right.ERASURE), wulan.store
    holds.place(store, wulan.office.budi, "Perkara 12", store.now_ms() + 90 * DAY, wulan.office.officer.account)
    of(wulan, filed.id).tap("answer", "person", "erase").type(ALSO_GOOD)
    assert wulan.fault is FaultCode.LEGAL_HOLD
    assert now(wulan, filed.id).state is State.IDENTIFIED


def test_an_objection_stops_at_once_and_is_decided_with_the_password(wulan: Sitting) -> None:
    wulan.at().tap("stops", "objections", "new").type(BUDI[0]).tap("face_recognition").type("Saya tidak mau.")
    (paper, one), *_ = objecting.every(wulan.store)
    assert not one.outcome
    assert wulan.store.people.get(wulan.office.budi).restricted
    assert "The face is not compared any more" in wulan.texts
    wulan.tap("uphold", "yes").type(ALSO_GOOD).tap("done")
    assert objecting.read(wulan.store, paper.id)[1].outcome == "upheld"
    assert not has_face(wulan.store.database, wulan.office.budi)
    assert wulan.keys == []


def test_consent_is_not_overridden_and_a_ground_is_written_out(wulan: Sitting) -> None:
    store, by = wulan.store, wulan.office.officer.account
    filed = objecting.file(store, COMPANY, wulan.office.budi, Purpose.FACE_RECOGNITION, "Tidak.", by=by)
    ground = "Pintu ini satu-satunya jalan masuk ke ruang obat."
    wulan.at().tap("requests", filed.id, "override").type(ground).confirm()
    assert wulan.fault is FaultCode.REQUEST_REFUSED
    assert not objecting.read(store, filed.id)[1].outcome


def test_a_restriction_is_begun_told_and_lifted_on_its_day(wulan: Sitting) -> None:
    wulan.at().tap("stops", "restrictions", "new").type(BUDI[0]).tap("attendance").type("Jamnya salah.")
    paper = restriction.every(wulan.store)[0][0].id
    assert wulan.keys == ["tell"]
    wulan.tap("tell", "days")
    assert wulan.keys == [], "the day has not come"
    wulan.office.hands.move(4 * DAY)
    wulan.back().tap(paper, "lift", "yes")
    assert restriction.read(wulan.store, paper)[1].lifted_at
    assert not restriction.in_force(wulan.store, wulan.office.budi, Restricted.ATTENDANCE)


def test_an_auditor_reads_by_code_and_does_nothing(wulan: Sitting) -> None:
    filed = wulan.asked(Right.ACCESS)
    wulan.at(requests.page, wulan.auditor())
    assert wulan.keys == [filed.id]
    assert BUDI[0] in wulan.texts
    assert BUDI[1] not in wulan.texts
    wulan.tap(filed.id)
    assert wulan.keys == []
    assert BUDI[1] not in wulan.texts


def test_whoever_loses_the_role_meanwhile_is_refused_at_the_next_act(wulan: Sitting) -> None:
    wulan.asked(Right.ACCESS)
    stranger = Official(wulan.office.officer.__class__("0" * 16, Role.DPO, must_change=False), "Nobody")
    guest = Guest(wulan.store, wulan.config)
    guest.begin(requests.listed((), wulan.store.now_ms(), acts=True), stranger)
    guest.tap("new", "nobody", "access", "form").type("")
    assert guest.fault is FaultCode.ACCOUNT_UNKNOWN
    ratna, guest = Official(wulan.office.admin, RATNA), Guest(wulan.store, wulan.config)
    guest.begin(Confirmed("dpo.answer.person", lambda _desk, _login: pytest.fail("not for an administrator")), ratna)
    guest.type(ALSO_GOOD)
    assert guest.fault is FaultCode.DESK_REFUSED
    assert wulan.papers(PaperKind.HOLD) == ()
