"""An objection stops at once what can be stopped; overriding it takes a compelling ground in writing (policy E18)."""

from dataclasses import replace
from pathlib import Path

import pytest
from admin_kit import first_admin
from erasure_kit import CODE, Office, office, references
from store_kit import CONSENT, HOUR, Hands, check_in, face

from kiosk import words
from kiosk.faults import Fault, FaultCode
from kiosk.rights import holds, objecting, plain_text, restriction
from kiosk.rights.basis_documents import Sheet, of_objection, of_purposes, of_restriction
from kiosk.rights.company import Authority, Clocks, Company, PurposeRule
from kiosk.rights.objection import Effect, Outcome, effect_of
from kiosk.rights.purposes import DEFAULT_BASIS, LegalBasis, Purpose
from kiosk.store import Store, held, papers
from kiosk.store.basis import Condition
from kiosk.store.papers import PaperKind

WHY = "Saya tidak ingin wajah saya dipakai"
GROUND = "Wajib menurut Pasal 9 peraturan keamanan bandara; tanpa itu pintu tidak boleh dibuka"
COMPANY = Company(authority=Authority("Lembaga PDP", "Jakarta", "https://example.org"), clocks=Clocks(request_hours=48))
BY = "0123456789abcdef"


@pytest.fixture
def at(tmp_path: Path) -> Office:
    return office(tmp_path / "data", entries=1)


def with_basis(purpose: Purpose, basis: LegalBasis) -> Company:
    others = tuple(PurposeRule(one, each) for one, each in DEFAULT_BASIS.items() if one is not purpose)
    return replace(COMPANY, purposes=(*others, PurposeRule(purpose, basis, "keamanan")))


def file(at: Office, purpose: Purpose, company: Company = COMPANY) -> objecting.Filed:
    return objecting.file(at.store, company, at.leaver, purpose, WHY, by=BY)


def refused(act: object, *given: object, **named: object) -> Fault:
    assert callable(act)
    with pytest.raises(Fault) as fault:
        act(*given, **named)
    return fault.value


def test_an_objection_to_the_face_stops_it_at_once_and_is_due_when_the_company_says(at: Office) -> None:
    filed = file(at, Purpose.FACE_RECOGNITION)
    assert filed.objected.effect is Effect.FACE_STOPPED
    assert at.leaver not in references(at.store)
    paper = papers.get(at.store, filed.id)
    assert (paper.kind, paper.state, paper.closed_at) == (PaperKind.REQUEST, "open", None)
    assert paper.due_at == paper.created_at + 48 * HOUR
    assert paper.content is not None
    assert (paper.content["right"], paper.content["received_at"]) == ("objection", paper.created_at)


def test_an_objection_to_attendance_on_interests_holds_every_check_in(at: Office) -> None:
    file(at, Purpose.ATTENDANCE, with_basis(Purpose.ATTENDANCE, LegalBasis.LEGITIMATE_INTERESTS))
    at.store.ledger.append(check_in(at.store, code=CODE), at.leaver)
    assert held.count(at.store.database, at.leaver) == 1


def test_against_a_contract_or_a_law_there_is_no_objection_and_that_is_said(at: Office) -> None:
    filed = file(at, Purpose.ATTENDANCE)
    assert filed.objected.effect is Effect.NO_RIGHT
    assert not at.store.people.get(at.leaver).restricted
    assert papers.get(at.store, filed.id).state == "open", "a human answers all the same"


def test_marketing_ends_without_anybody_deciding(at: Office) -> None:
    filed = file(at, Purpose.MARKETING)
    paper = papers.get(at.store, filed.id)
    assert (paper.state, filed.objected.outcome, paper.closed_at is not None) == ("answered", "upheld", True)
    assert objecting.objects(at.store, at.leaver, Purpose.MARKETING)
    assert not objecting.objects(at.store, at.stays, Purpose.MARKETING)


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("basis", [None, *LegalBasis])
def test_every_purpose_on_every_basis_has_an_effect_with_a_sentence(purpose: Purpose, basis: LegalBasis | None) -> None:
    effect = effect_of(purpose, None if basis is None else PurposeRule(purpose, basis))
    for language in words.LANGUAGES:
        assert words.say(language, f"objection.effect_{effect}")
    if basis in {LegalBasis.LEGITIMATE_INTERESTS, LegalBasis.PUBLIC_TASK}:
        assert effect not in {Effect.NO_RIGHT, Effect.NOT_DONE}, "Article 21(1) covers both"


def test_a_face_that_stands_on_consent_is_never_overridden_and_erased_when_upheld(at: Office) -> None:
    filed = file(at, Purpose.FACE_RECOGNITION)
    fault = refused(objecting.decide, at.store, filed.id, Outcome.OVERRIDDEN, ground=GROUND, by=BY)
    assert "nobody may override" in fault.detail
    assert objecting.decide(at.store, filed.id, Outcome.UPHELD, by=BY).outcome == "upheld"
    assert at.store.basis.ground_of(at.leaver) is None
    assert at.store.database.rows("SELECT 1 FROM faces WHERE person = ?", at.leaver) == []
    assert papers.get(at.store, filed.id).state == "answered"
    person = at.store.people.get(at.leaver)
    assert (person.restricted, person.has_pin, person.state) == (False, True, "active")
    at.store.basis.enrol(at.leaver, CONSENT, [face(at.leaver, 5)])
    assert at.leaver in references(at.store), "whoever comes back of their own will may"


@pytest.mark.parametrize("whom", ["the person", "everybody"])
def test_a_legal_hold_keeps_the_person_and_not_the_face_that_an_objection_ends(at: Office, whom: str) -> None:
    law = Condition("employment_law", "Pasal 9 Peraturan Keamanan Penerbangan", BY, "f" * 16, at.store.now_ms())
    at.store.basis.enrol(at.leaver, law, [face(at.leaver, 5)])
    holds.place(at.store, at.leaver if whom == "the person" else "", "gugatan", at.store.now_ms() + HOUR, BY)
    objecting.decide(at.store, file(at, Purpose.FACE_RECOGNITION).id, Outcome.UPHELD, by=BY)
    assert at.leaver not in references(at.store)
    assert not at.store.people.get(at.leaver).has_face
    assert refused(holds.let_go, at.store, at.leaver).code is FaultCode.LEGAL_HOLD


def test_an_override_needs_a_ground_and_goes_on_only_after_the_person_was_told(at: Office) -> None:
    store = at.store
    law = Condition("employment_law", "Pasal 9 Peraturan Keamanan Penerbangan", BY, "f" * 16, store.now_ms())
    store.basis.enrol(at.leaver, law, [face(at.leaver, 5)])
    filed = file(at, Purpose.FACE_RECOGNITION)
    for ground in ("", "   ", "it is needed", "x" * 2001):
        assert refused(objecting.decide, store, filed.id, Outcome.OVERRIDDEN, ground=ground, by=BY).code is (
            FaultCode.REQUEST_REFUSED
        )
    objecting.decide(store, filed.id, Outcome.OVERRIDDEN, ground=GROUND, by=BY)
    assert papers.get(store, filed.id).state == "refused"
    assert at.leaver not in references(store), "not yet: the person is told first"
    assert not objecting.objects(store, at.leaver, Purpose.FACE_RECOGNITION)
    restriction.tell(store, filed.objected.restriction, store.now_ms() + HOUR, by=BY)
    assert isinstance(store.clock, Hands)
    store.clock.move(HOUR)
    restriction.lift(store, filed.objected.restriction, by=BY)
    assert at.leaver in references(store)
    assert "decided already" in refused(objecting.decide, store, filed.id, Outcome.UPHELD, by=BY).detail


def test_one_objection_to_one_purpose_is_assessed_at_a_time_and_needs_words(at: Office) -> None:
    file(at, Purpose.SECURITY)
    assert "already" in refused(file, at, Purpose.SECURITY).detail
    for why in ("", "  ", "x" * 2001):
        fault = refused(objecting.file, at.store, COMPANY, at.leaver, Purpose.PROOF, why)
        assert fault.code is FaultCode.REQUEST_REFUSED
    assert refused(objecting.file, at.store, COMPANY, "0" * 16, Purpose.PROOF, WHY).code is FaultCode.PERSON_UNKNOWN


def test_the_answer_says_what_stopped_what_was_decided_why_and_where_to_complain(at: Office) -> None:
    filed = file(at, Purpose.ATTENDANCE)
    decided = objecting.decide(at.store, filed.id, Outcome.OVERRIDDEN, ground=GROUND, by=BY)
    for language in words.LANGUAGES:
        sheet = Sheet(COMPANY, language, "Asia/Jakarta", at.store.now_ms())
        before = plain_text.text(of_objection(filed.objected, filed.id, sheet, code=CODE, due_at=filed.due_at))
        assert words.say(language, "objection.outcome_assessed") in before
        assert "2026-11-18 08:00 WIB" in before
        document = of_objection(decided, filed.id, sheet, code=CODE, due_at=filed.due_at)
        after = " ".join(plain_text.text(document).split())
        for said in (WHY, GROUND, "Lembaga PDP", words.say(language, "objection.outcome_overridden"), filed.id, CODE):
            assert said in after
        assert document.confidential


def test_the_notice_before_lifting_names_the_day_in_every_language(at: Office) -> None:
    made = restriction.begin(at.store, at.leaver, restriction.Restricted.ATTENDANCE, WHY)
    one = restriction.tell(at.store, made, at.store.now_ms() + 72 * HOUR, by=BY)
    for language in words.LANGUAGES:
        document = of_restriction(one, made, Sheet(COMPANY, language, "Asia/Jakarta", 0), code=CODE)
        assert document.title == words.say(language, "restriction.title_lifting")
        assert "2026-11-19 08:00 WIB" in plain_text.text(document)


def test_the_table_of_purposes_counts_objections_and_names_nobody() -> None:
    sheet = Sheet(COMPANY, "en", "Asia/Jakarta", 0)
    document = of_purposes({Purpose.SECURITY: 1}, sheet)
    rows = {row["purpose"]: row for row in document.data["purposes"]}
    assert set(rows) == {each.value for each in Purpose}
    assert rows["security"] == {
        "purpose": "security", "on": True, "basis": "legitimate_interests", "ground": "", "objections": 1
    }  # fmt: skip
    assert (rows["conduct"]["on"], rows["conduct"]["basis"]) == (False, "")
    assert words.say("en", "basis.conduct_off") in " ".join(plain_text.text(document).split())
    on = of_purposes({}, replace(sheet, company=with_basis(Purpose.CONDUCT, LegalBasis.LEGITIMATE_INTERESTS)))
    assert "ranks nobody" in plain_text.text(on)


def test_what_an_erased_person_said_cannot_be_read_and_needs_no_decision(at: Office) -> None:
    filed = file(at, Purpose.SECURITY)
    store: Store = at.store
    with store.database.write():
        store.database.run("UPDATE papers SET sealed = NULL WHERE id = ?", filed.id)
    assert refused(objecting.decide, store, filed.id, Outcome.UPHELD, by=BY).code is FaultCode.PAPER_UNKNOWN
    assert refused(restriction.lift, store, filed.id, by=BY).code is FaultCode.PAPER_UNKNOWN
    assert objecting.every(store) == ()


def test_the_officer_s_word_is_in_the_paper_and_not_in_the_ledger(at: Office) -> None:
    login = first_admin(at.store)
    filed = file(at, Purpose.ATTENDANCE)
    objecting.decide(at.store, filed.id, Outcome.OVERRIDDEN, ground=GROUND, by=login.account)
    content = papers.get(at.store, filed.id).content
    assert content is not None
    assert (content["ground"], content["decided_by"]) == (GROUND, login.account)
