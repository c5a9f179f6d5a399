"""The rest of the officer's desk at the screen: breaches, assessment, keeping, notice, staff; each act is filed."""

from dataclasses import replace
from pathlib import Path

import assess_kit
import pytest
from admin_kit import ALSO_GOOD, another
from privacy_kit import Sitting, sitting
from requests_kit import BUDI, COMPANY, SRI
from store_kit import HOUR, check_in, dispute

from kiosk.faults import FaultCode
from kiosk.pages.page import Official
from kiosk.pages.privacy import assessment, breach, certificates, consents, corrections, first, keeping, outside, staff
from kiosk.pages.privacy.contracts import page as contract_page
from kiosk.pages.privacy.media import page as media_page
from kiosk.rights import (
    approvals,
    assessment_acts,
    breach_acts,
    contracts,
    dates,
    exports,
    holds,
    human_review,
    media,
    notices,
    own_acts,
    recipients_told,
    rectification,
    release,
    retention,
)
from kiosk.rights.approvals import ForExport, ForRole
from kiosk.rights.assessment import Answers
from kiosk.rights.assessment_answers import Filled
from kiosk.rights.breach import Happening, Whom, owed
from kiosk.rights.correction import Missing, Outcome
from kiosk.rights.outlook import Outlook
from kiosk.rights.rectification import Asked
from kiosk.rights.release import Covered
from kiosk.rights.requests import ByPin, How
from kiosk.rights.scope import Running
from kiosk.store import papers
from kiosk.store.approval import Role
from kiosk.store.erasure import erase_face
from kiosk.store.papers import PaperKind
from wire.event import Action

DAY = 24 * HOUR


@pytest.fixture
def wulan(tmp_path: Path) -> Sitting:
    return sitting(tmp_path / "data")


def opened(wulan: Sitting, *, drill: bool = False, when: str = "today") -> str:
    """A case from question to question; a card that was stolen."""
    wulan.at(breach.page).tap("new", "card_stolen", when, "no", "drill" if drill else "real").type("Hilang.")
    return breach_acts.every(wulan.store)[-1].paper.id


def test_a_case_is_opened_weighed_told_and_closed(wulan: Sitting) -> None:
    case = opened(wulan, when="yesterday")
    kept = breach_acts.get(wulan.store, case)
    assert kept.case.happening is Happening.CARD_STOLEN
    assert kept.case.what == "Hilang."
    assert f"{dates.day(kept.case.happened_at, wulan.config.device.zone)}" == "2026-11-15"
    assert "authority" in wulan.texts
    assert "72 hours left" in wulan.texts
    wulan.tap("judge", "whereabouts", "whereabouts")
    assert "likely" in wulan.texts
    wulan.tap("table")
    verdict = breach_acts.get(wulan.store, case).case.verdict
    assert verdict is not None
    assert verdict.by == wulan.office.officer.account
    assert verdict.gravity is verdict.by_rule
    wulan.tap("more", "told_authority").type("portal").type("A-7").tap("more", "measure").type("Kunci diganti.")
    wulan.tap("more", "close").type("Orang diberi tahu langsung di apel pagi.")
    kept = breach_acts.get(wulan.store, case)
    assert kept.paper.state == breach_acts.CLOSED
    assert kept.case.measures == ("Kunci diganti.",)
    assert [(each.whom, each.reference) for each in kept.case.told] == [(Whom.AUTHORITY, "A-7")]
    assert wulan.keys == ["letters"]


def test_another_judgement_than_the_tables_has_a_reason_and_a_case_is_judged_before_it_is_closed(
    wulan: Sitting,
) -> None:
    case = opened(wulan)
    wulan.tap("more", "close")
    assert "Weigh it first" in wulan.texts
    wulan.back().back().tap("judge", "own", "false_alarm").type("Kartu ditemukan di laci.")
    verdict = breach_acts.get(wulan.store, case).case.verdict
    assert verdict is not None
    assert (verdict.gravity, verdict.why) == ("false_alarm", "Kartu ditemukan di laci.")


def test_names_of_those_concerned_are_for_the_officer_alone(wulan: Sitting) -> None:
    case = opened(wulan)
    assert BUDI[1] in wulan.texts
    assert "breach" in wulan.viewed()
    wulan.at(breach.page, wulan.auditor()).tap(case)
    assert BUDI[1] not in wulan.texts
    assert "Names are shown to the data-protection officer alone." in wulan.texts
    assert wulan.keys == []


def test_both_letters_are_read_in_three_languages(wulan: Sitting) -> None:
    opened(wulan)
    wulan.tap("letters", "authority")
    for language, sentence in (("id", "Pasal 33"), ("en", "Article 33"), ("nl", "33")):
        wulan.language = language
        assert sentence in wulan.texts
        assert f"--language {language}" in wulan.texts


def test_a_drill_is_marked_and_nobody_has_to_be_told(wulan: Sitting) -> None:
    case = opened(wulan, drill=True)
    assert "DRILL" in wulan.texts
    wulan.tap("letters", "persons")
    assert "DRILL. This letter is sent to nobody." in wulan.texts
    wulan.office.hands.move(100 * HOUR)
    wulan.at(breach.page)
    assert "drill" in wulan.texts
    assert "late" not in wulan.texts
    assert "drills: 1" in wulan.at(first.page).texts
    standing = [owed(breach_acts.get(wulan.store, case).case, whom, wulan.store.now_ms()) for whom in Whom]
    assert [(each.needed, each.late) for each in standing] == [(False, False)] * 2
    paper = papers.get(wulan.store, case)
    before = {key: value for key, value in (paper.content or {})["breach"].items() if key != "drill"}
    papers.revise(wulan.store, paper, {"breach": before}, state=paper.state, due_at=paper.due_at)
    assert not breach_acts.get(wulan.store, case).case.drill, "what was filed before there were drills was none"


@pytest.mark.parametrize("typed", ["2027-01-01", "2026-02-30", "2026-11-16 25:00", "1969-01-01"])
def test_a_moment_that_is_none_or_is_to_come_is_said_to_be_so(wulan: Sitting, typed: str) -> None:
    wulan.at(breach.page).tap("new", "tampering", "typed").type(typed)
    assert "There is no such moment" in wulan.texts
    assert breach_acts.every(wulan.store) == ()


def test_an_assessment_is_completed_signed_and_taken_back_and_the_face_follows(wulan: Sitting) -> None:
    store, by = wulan.store, wulan.office.officer.account
    answers = replace(assess_kit.ANSWERS, advice="")
    kept = assessment_acts.draft(store, Running(wulan.config, COMPANY), Filled(answers), (), by=by)
    wulan.at(assessment.page)
    assert "Face recognition is off: no assessment is signed." in wulan.texts
    assert "sign" not in wulan.keys
    wulan.tap("questions")
    assert "needed" in wulan.texts
    wulan.tap("advice").type("Boleh, dengan kunci yang dilindungi.").back()
    wulan.tap("sign", "go").type(ALSO_GOOD).tap("done")
    assert assessment_acts.get(store, kept.paper.id).paper.state == "signed"
    assert isinstance(release.released(store, wulan.config), Covered)
    assert "Faces may be used" in wulan.texts
    wulan.tap("withdraw", "go").type(ALSO_GOOD).tap("done")
    assert not isinstance(release.released(store, wulan.config), Covered)


def test_what_has_locked_the_face_is_named(wulan: Sitting) -> None:
    store, by = wulan.store, wulan.office.officer
    assess_kit.signed(store, wulan.config, by, COMPANY)
    looser = replace(wulan.config.recognition, threshold=0.30)
    wulan.config = replace(wulan.config, recognition=looser)
    wulan.at(assessment.page)
    assert "Threshold of a match" in wulan.texts
    wulan.tap("changes")
    assert "signed: 0.50; now: 0.30" in wulan.texts
    wulan.back().tap("risks", "stolen")
    assert "What remains" in wulan.texts
    wulan.back().back().tap("rates")
    assert "95 %" in wulan.texts


def test_an_answer_is_for_a_draft_and_a_question_that_there_is(wulan: Sitting) -> None:
    store, by = wulan.store, wulan.office.officer.account
    kept = assessment_acts.draft(store, Running(wulan.config, COMPANY), Filled(Answers()), (), by=by)
    wulan.at(assessment.page).tap("questions", "review").type("2026-02-31")
    assert "There is no such day" in wulan.texts
    wulan.type("2027-02-28").tap("decision", "stop")
    answers = assessment_acts.get(store, kept.paper.id).assessment.answers
    assert (answers.review, answers.decision) == ("2027-02-28", "stop")


def test_a_hold_is_placed_kept_and_ended_and_its_review_lies_ahead(wulan: Sitting) -> None:
    wulan.at(keeping.held).tap("new", "code").type(BUDI[0]).type("Perkara 12").type("2020-01-01")
    assert "must still be to come" in wulan.texts
    wulan.type("2027-06-30")
    (paper, hold), *_ = holds.every(wulan.store)
    assert (paper.person, hold.ground, hold.by) == (wulan.office.budi, "Perkara 12", wulan.office.officer.account)
    wulan.tap(paper.id, "end").type("Putusan sudah ada.").type(ALSO_GOOD)
    assert not holds.held(wulan.store).standing
    assert "ended" in wulan.texts


def test_looking_at_what_goes_tonight_deletes_nothing_and_a_report_that_was_altered_is_not_genuine(
    wulan: Sitting,
) -> None:
    store = wulan.store
    wulan.office.hands.move(800 * DAY)
    wulan.at(keeping.tonight)
    assert "would go" in wulan.texts
    assert retention.preview(store, COMPANY.periods), "it is still there"
    swept = retention.sweep_all(store, COMPANY.periods)
    wulan.at(keeping.reports).tap(swept.paper)
    assert "This report is genuine" in wulan.texts
    paper = papers.get(store, swept.paper)
    altered = str((paper.content or {})["file"]).replace('"holds":0', '"holds":7').replace('"pieces":', '"pieces":1')
    papers.revise(store, paper, {"file": altered}, state=paper.state)
    assert "This report is not genuine" in wulan.at(keeping.reports).tap(swept.paper).texts


def test_certificates_are_checked_and_an_altered_one_is_not_genuine(wulan: Sitting) -> None:
    erased = erase_face(wulan.store, wulan.office.budi)
    assert erased is not None
    assert erased.certificate is not None
    wulan.at(certificates.page).tap(erased.id)
    assert "This certificate is genuine" in wulan.texts
    data = bytearray(erased.certificate.read_bytes())
    data[data.index(erased.id.encode())] ^= 1
    erased.certificate.write_bytes(data)
    wulan.at(certificates.page)
    assert "NOT GENUINE" in wulan.texts
    assert "This certificate is not genuine" in wulan.tap(erased.id).texts


def test_a_notice_is_read_published_with_the_password_and_consents_wait_for_an_answer(wulan: Sitting) -> None:
    text = (wulan.config.data / "privacy.toml").read_text(encoding="utf-8")
    assert "publish" not in wulan.at(consents.draft).keys, "it has gaps"
    assert "leaves open" in wulan.texts
    whole = (
        text.split("[[recipient]]")[0]
        + '[approval]\napprover = "Direksi"\neffective = "2026-11-16"\nreview = "2027-11-16"\n'
    )
    (wulan.config.data / "privacy.toml").write_text(whole, encoding="utf-8")
    wulan.at(consents.draft).tap("publish", "go").type(ALSO_GOOD)
    assert "People who are asked again: 2" in wulan.texts
    edition = notices.newest(wulan.store)
    assert edition is not None
    wulan.at(consents.due)
    assert BUDI[1] in wulan.texts
    assert "Answers that are still due" in wulan.texts
    wulan.at(consents.versions).tap(edition.label)
    assert "PT Contoh records here when you come and go" in wulan.texts
    assert "answers due: 2" in wulan.at(first.page).texts


def test_the_officer_agrees_to_a_role_and_an_export_and_takes_back_what_nobody_used(wulan: Sitting) -> None:
    wulan.at(staff.approved).tap("role").type("Joko Prasetyo").tap("technician").type("Perawatan").type(ALSO_GOOD)
    wulan.tap("done", "export", "code").type(BUDI[0]).type("Serikat").type("Atas permintaannya").type(ALSO_GOOD)
    wulan.tap("done")
    found = papers.find(wulan.store, PaperKind.APPROVAL)
    matters = [approvals.read(paper.content or {}) for paper in found]
    assert matters == [
        ForRole("Joko Prasetyo", Role.TECHNICIAN, "Perawatan"),
        ForExport(wulan.office.budi, "Serikat", "Atas permintaannya"),
    ]
    wulan.tap(found[0].id, "withdraw")
    assert papers.get(wulan.store, found[0].id).state == "withdrawn"
    assert "withdrawn" in wulan.texts


def test_a_contract_is_added_and_ended(wulan: Sitting) -> None:
    assert wulan.at(contract_page).tap("new").fault is FaultCode.ACCOUNT_UNKNOWN, "there is no technician"
    approvals.approve(wulan.store, ForRole("Joko", Role.TECHNICIAN, "Perawatan"), wulan.office.officer)
    account, _ = approvals.grant(wulan.store, "Joko", Role.TECHNICIAN, wulan.office.admin)
    wulan.at(contract_page).tap("new", account).type("CV Teknik").type("K-17").type("2027-06-30")
    (made,) = contracts.running(wulan.store)
    assert (made.account, made.company, made.reference) == (account, "CV Teknik", "K-17")
    wulan.tap("0", "end")
    assert contracts.running(wulan.store) == ()


def test_a_medium_is_registered_for_a_year_at_most(wulan: Sitting) -> None:
    wulan.at(media_page).tap("new", "stick")
    for answer in ("SN-1", "Merah", "LUKS", "SP-3"):
        wulan.type(answer)
    wulan.type("2029-01-01")
    assert "A year from now is the most." in wulan.texts
    wulan.type("2027-06-30").tap("go")
    (entry,) = media.listed(wulan.store)
    assert (entry.medium.serial, entry.medium.encryption) == ("SN-1", "LUKS")
    wulan.tap(entry.id, "withdraw")
    assert media.listed(wulan.store)[0].state == media.WITHDRAWN


def test_recipients_are_told_confirmed_or_given_up_with_a_reason(wulan: Sitting) -> None:
    by = wulan.office.officer.account
    for subject in ("00" * 8, "11" * 8):
        recipients_told.tell(wulan.store, COMPANY.recipients[1:2], "erasure", subject, by=by)
    one, two = recipients_told.every(wulan.store)
    wulan.at(outside.recipients).tap(one.id, "told").tap(one.id, "confirmed")
    wulan.tap(two.id, "effort").type("Perusahaan itu sudah tidak ada.")
    states = [each.state for each in recipients_told.every(wulan.store)]
    assert states == ["confirmed", "disproportionate"]


def test_evidence_is_handed_out_at_a_shell_and_the_screen_says_how(wulan: Sitting) -> None:
    wulan.at(outside.evidence).tap("how")
    assert "kiosk privacy evidence --person CODE" in wulan.texts
    assert exports.listed(wulan.store) == ()


def test_a_correction_is_decided_by_a_human_with_a_reason(wulan: Sitting) -> None:
    store, hands = wulan.store, wulan.office.hands
    ids = []
    for hours in (3, 2):
        asked = Asked("Saya hadir.", How.SHELL, ByPin(store.now_ms(), ""))
        subject = Missing(Action.OUT, hands.wall_ms - hours * HOUR)
        ids.append(rectification.ask(store, wulan.office.budi, subject, asked, COMPANY).id)
    wulan.at(corrections.page).tap(ids[0], "accept").type("").tap("done")
    matter = rectification.get(store, ids[0]).matter
    assert matter is not None
    assert matter.ruling is not None
    assert matter.ruling.outcome is Outcome.ACCEPTED
    wulan.at(corrections.page).tap(ids[1], "adjust", "out").type("2026-11-16 07:61")
    assert "There is no such time" in wulan.texts
    wulan.type("2026-11-16 07:30").type("Kamera lobi menunjukkan pukul itu.").tap("done")
    matter = rectification.get(store, ids[1]).matter
    assert matter is not None
    assert matter.ruling is not None
    assert (matter.ruling.outcome, matter.ruling.at) == (Outcome.ADJUSTED, hands.wall_ms - HOUR // 2)
    wulan.tap("view").type("Saya tetap yakin pukul enam.")
    assert "Saya tetap yakin pukul enam." in wulan.texts
    assert "Kamera lobi" in wulan.tap("letter").texts


def test_a_disputed_record_is_decided_with_its_card_and_no_other_name(wulan: Sitting) -> None:
    store = wulan.store
    event = check_in(store, code=BUDI[0])
    store.ledger.append(event, wulan.office.budi)
    store.ledger.append(dispute(store, event.event_id, code=BUDI[0]), wulan.office.budi)
    assert "records to look at: 1" in wulan.at().texts
    wulan.tap("stops", "reviews")
    assert "disputed" in wulan.texts
    wulan.tap(event.event_id)
    assert "Somebody typed" not in wulan.texts
    assert "explanation" in wulan.viewed()
    wulan.tap("annul").type("Rekaman lobi menunjukkan orang lain.").tap("done")
    assert wulan.keys == []
    assert own_acts.one(store, wulan.office.budi, event.event_id).annulled
    assert human_review.pending(store) == ()


def test_who_looked_stands_in_the_log_without_a_name_of_anybody_concerned(wulan: Sitting) -> None:
    opened(wulan)
    wulan.at(first.page).tap("trail", "looked")
    assert "Looked at: people of a breach" in wulan.texts
    assert BUDI[1] not in wulan.texts
    assert SRI[1] not in wulan.texts
    wulan.tap(wulan.keys[0]).back().back().tap("papers")
    assert "Filed: Breaches" in wulan.texts
    assert wulan.viewed().count("events") >= 1


def test_the_quarter_is_reviewed_and_filed(wulan: Sitting) -> None:
    wulan.at(staff.review)
    assert "To be looked at" in wulan.texts
    wulan.tap("before").back().tap("file", "done")
    assert len(wulan.papers(PaperKind.REVIEW)) == 1


def test_an_auditor_may_do_nothing_anywhere(wulan: Sitting) -> None:
    opened(wulan)
    agus = wulan.auditor()
    pages = (assessment.page, breach.page, certificates.page, consents.due, consents.draft, corrections.page)
    others = (outside.evidence, media_page, outside.recipients, staff.approved, contract_page)
    for page in (*pages, *others, staff.review):
        wulan.at(page, agus)
        assert {act.key for act in wulan.sheet.acts} <= {"before"}, wulan.sheet.name


def test_a_technician_is_refused(wulan: Sitting) -> None:
    approvals.approve(wulan.store, ForRole("Joko", Role.TECHNICIAN, "Perawatan"), wulan.office.officer)
    login = another(wulan.store, wulan.office.admin, "Joko", ALSO_GOOD, Role.TECHNICIAN)
    wulan.begin(first.First(Outlook()), Official(login, "Joko")).tap("requests")
    assert wulan.fault is FaultCode.DESK_REFUSED
