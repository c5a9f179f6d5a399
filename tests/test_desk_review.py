"""E27, E24, KK8, KK11: the quarter's review, what is open before a device goes, its certificate on paper, a merger."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from admin_kit import GOOD, RATNA, WRONG
from backup_kit import config
from backup_kit import opened as unsealed
from desk_people_kit import JOKO, OFFICER, SARI, TECHNICIAN, Shell, added, closed, manned, opened, trained
from restore_kit import reopen, restored
from store_kit import MORNING, Hands, check_in, enrolled, new_store
from wire_vectors_certificate import sample

from kiosk import words
from kiosk.rights import (
    aggregates,
    contracts,
    controller,
    decommission,
    disposal,
    quarter,
    quarter_measures,
    review_report,
)
from kiosk.rights.company import Approval, Company, Controller
from kiosk.rights.dates import DAY_MS
from kiosk.rights.machine import OLD_MS, Machine, seen
from kiosk.rights.plain_text import text
from kiosk.rights.quarter import Quarter
from kiosk.store import LocalKind, Store, erasure, papers
from kiosk.store.account_acts import reset
from kiosk.store.approval import Role
from kiosk.store.backup import backup
from kiosk.store.backup_manifest import Kind
from kiosk.store.logins import log_in
from kiosk.store.papers import PaperKind
from kiosk.store.restore import Newer
from wire import certificate
from wire.certificate import Limit, Scope

COMPANY = Company(
    controller=Controller(name="PT Tirta", country="ID"), approval=Approval("Direksi", "2026-01-01", "2027-01-01")
)


HERE = Machine(MORNING, "1.0", MORNING)


def todo(store: Store, company: Company = COMPANY) -> str:
    found = quarter_measures.look(store, company, quarter.of(store.now_ms()), HERE)
    return "\n".join(review_report.attention(found, "en"))


def test_quarters_meet_and_hold_their_months() -> None:
    assert quarter.of(MORNING) == Quarter(2026, 4)
    assert Quarter(2026, 4).months == ("2026-10", "2026-11", "2026-12")
    assert Quarter(2026, 4).ends == Quarter(2027, 1).begins
    assert quarter.of(Quarter(2027, 1).begins) == Quarter(2027, 1)
    assert quarter.of(Quarter(2027, 1).begins - 1) == Quarter(2026, 4)
    assert quarter.read("2026-Q4") == Quarter(2026, 4)
    for wrong in ("2026-Q5", "2026-4", "1969-Q1", "2026-Q4 ", ""):
        with pytest.raises(ValueError, match="no quarter"):
            quarter.read(wrong)


@pytest.mark.parametrize(
    ("whole", "with_it", "shown"),
    [
        (0, 0, (None, None, None)),
        (4, 2, (None, None, None)),
        (5, 5, (5, None, None)),
        (9, 5, (9, None, None)),
        (10, 5, (10, 5, 5)),
        (20, 4, (20, None, None)),
        (20, 16, (20, None, None)),
        (20, 20, (20, None, None)),
    ],
)
def test_a_small_group_is_never_counted_out_nor_given_away_by_subtraction(
    whole: int, with_it: int, shown: tuple[int | None, ...]
) -> None:
    found = aggregates.parts(whole, with_it)
    assert (found.whole, found.with_it, found.without) == shown


def test_the_review_says_what_somebody_has_to_do(tmp_path: Path) -> None:
    clock = Hands()
    store, admin, officer = manned(tmp_path / "state", clock)
    joko = added(store, admin, officer, JOKO, Role.TECHNICIAN, TECHNICIAN)
    papers.put(store, PaperKind.REQUEST, {}, state="open", due_at=clock.wall_ms)
    papers.put(store, PaperKind.NOTICE, {}, state="draft")
    papers.put(store, PaperKind.ASSESSMENT, {}, state="demonstration")
    before = todo(store)
    for sentence in (
        "Administrators and enrollers without a training in force: 1.",
        "Accounts that have not read the rules of today: 3.",
        "Technicians without a contract in force: 1. They cannot log in.",
        "Accounts added without an approval of the officer: 2.",
        "Papers that are past their date: 1.",
        "No backup has been made.",
        "No privacy notice has been filed.",
        "No impact assessment has been filed.",
    ):
        assert sentence in before
    assert "no account of a data protection officer" not in before
    trained(store, admin)
    made = contracts.contract(joko.account, "CV Teknik", "K-1", clock.wall_ms + 59 * DAY_MS)
    contracts.file(store, made, admin)
    papers.put(store, PaperKind.NOTICE, {}, state="published")
    papers.put(store, PaperKind.ASSESSMENT, {}, state="signed")
    after = todo(store)
    for word in ("training in force", "without a contract", "privacy notice", "impact assessment"):
        assert word not in after
    assert "Contracts that run out within 60 days: 1." in after
    clock.move(60 * DAY_MS)
    assert "The day on which the policy is looked at again is here or past." in todo(store)


def test_the_review_counts_what_may_be_an_attack(tmp_path: Path) -> None:
    store, _, _ = manned(tmp_path / "state")
    store.append_local(LocalKind.TAMPERED, {"place": "bodies", "row": "7"})
    store.append_local(LocalKind.CLOCK_STEPPED, {"by_ms": 3_600_000, "by": "unknown"})
    store.append_local(LocalKind.TAMPERED, {"place": "bodies", "row": "8"})
    log_in(store, RATNA, WRONG)
    found = quarter_measures.look(store, COMPANY, quarter.of(store.now_ms()), HERE)
    assert {each.kind: each.count for each in found.events if each.count and each.kind in quarter_measures.ATTACKS} == {
        LocalKind.TAMPERED: 2,
        LocalKind.CLOCK_STEPPED: 1,
    }
    assert found.tries == 1
    assert "Records that did not fit their seal: 2. Was a breach case opened?" in todo(store)
    before = quarter_measures.look(store, COMPANY, Quarter(2026, 3), HERE)
    assert (before.tries, sum(each.count for each in before.events)) == (0, 0)


def test_a_code_for_the_officers_account_and_an_old_password_have_to_be_explained(tmp_path: Path) -> None:
    clock = Hands()
    store, admin, officer = manned(tmp_path / "state", clock)
    assert "for an officer" not in todo(store)
    assert "has to be changed" not in todo(store)
    reset(store, officer.account, admin)
    assert "One-time codes that were made for an officer's account: 1." in todo(store)
    clock.move(90 * DAY_MS)
    assert "Accounts whose password has to be changed: 2." in todo(store)


def test_software_that_went_six_months_without_an_update_stands_out(tmp_path: Path) -> None:
    status, program = tmp_path / "status", tmp_path / "program"
    for path in (status, program):
        path.touch()
        os.utime(path, (MORNING / 1000, MORNING / 1000))
    found = seen((tmp_path / "missing", status, tmp_path / "data"), program)
    assert (found.system_updated, found.program_since) == (MORNING, MORNING)
    assert not found.old(MORNING + OLD_MS - 1)
    assert found.old(MORNING + OLD_MS)
    assert seen((tmp_path / "missing",), tmp_path / "missing").old(MORNING)
    store, _, _ = manned(tmp_path / "state")
    old = quarter_measures.look(store, COMPANY, Quarter(2026, 4), Machine(0, "1.0", 0))
    assert "within six months" in "\n".join(review_report.attention(old, "en"))
    assert "within six months" not in todo(store)


def test_every_attack_and_act_of_the_list_is_one_of_the_ledger_and_stands_there_once() -> None:
    both = (*quarter_measures.ATTACKS, *quarter_measures.ACTS)
    assert len(set(both)) == len(both)


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_the_review_reads_in_three_languages_and_names_nobody_who_clocks_in(tmp_path: Path, language: str) -> None:
    store, _, _ = manned(tmp_path / "state")
    enrolled(store, "E-0417", "Budi Santoso")
    found = quarter_measures.look(store, COMPANY, quarter.of(store.now_ms()), HERE)
    document = review_report.report(found, language)
    said = text(document)
    for word in (RATNA, words.say(language, "measures.few"), words.say(language, "measures.reviewer")):
        assert word in said
    assert "Budi" not in said
    assert "E-0417" not in said + json.dumps(dict(document.data))
    assert (document.data["people"], document.data["with_face"]) == (None, None)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path / "data", monkeypatch, capsys)


def test_the_review_is_filed_and_events_are_listed_at_a_shell(shell: Shell, tmp_path: Path) -> None:
    store, _, officer = manned(shell.data / "state")
    store.append_local(LocalKind.TAMPERED, {"place": "bodies", "row": "7"})
    closed(store)
    report = ("privacy", "review-report", "--quarter", "2026-Q4", "--by", SARI)
    assert "Review of the measures, 2026-Q4" in shell(*report, "--pdf", tmp_path / "r.pdf", typed=(OFFICER,))[0]
    assert shell.asked(*report, "--file", typed=(OFFICER,))["data"]["quarter"] == "2026-Q4"
    events = shell("privacy", "events", "--quarter", "2026-Q4", "--by", RATNA, typed=(GOOD,))[0]
    assert "tampered            place bodies, row 7" in events
    assert len(events.splitlines()) == 1
    store = opened(shell.data)
    (paper,) = papers.find(store, PaperKind.REVIEW)
    assert (paper.state, paper.content and paper.content["of"]) == ("filed", "measures")
    store.close()
    assert officer.account not in events


def test_what_is_open_is_counted_before_a_device_goes(tmp_path: Path) -> None:
    store, _, _ = manned(tmp_path / "state")
    person = enrolled(store)
    assert not decommission.outstanding(store.database).forbids
    store.ledger.append(check_in(store), person)
    assert decommission.outstanding(store.database).undelivered == 1
    assert not decommission.outstanding(store.database).forbids
    for kind in (PaperKind.REQUEST, PaperKind.HOLD, PaperKind.CASE):
        paper = papers.put(store, kind, {}, state="open", person=person)
        assert decommission.outstanding(store.database).forbids
        papers.revise(store, papers.get(store, paper), {}, state="closed", closed=True)
        assert not decommission.outstanding(store.database).forbids


def test_a_device_with_an_open_request_goes_only_when_somebody_says_so(shell: Shell, tmp_path: Path) -> None:
    store = new_store(shell.data / "state")
    papers.put(store, PaperKind.REQUEST, {"text": "copy"}, state="open")
    closed(store)
    proof = tmp_path / "proof.json"
    erase = ("privacy", "erase", "--everything", "--certificate", proof, "--yes")
    said = shell(*erase, code=1)[1]
    assert "Requests of people that nobody has answered: 1\n" in said
    assert "say --although-open" in said
    assert (shell.data / "state" / "records.db").exists()
    assert "Requests of people that nobody has answered: 1\n" in shell(*erase, "--although-open")[1]
    assert not (shell.data / "state" / "records.db").exists()


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("scope", Scope)
def test_a_certificate_of_any_erasure_goes_on_paper_with_every_limit(language: str, scope: Scope) -> None:
    found = sample(scope)
    found = replace(found, limits=tuple(Limit))
    document = disposal.printed(found, "ab" * 32, {"id": found.id}, language)
    said = " ".join(text(document).split())
    for limit in Limit:
        assert words.say(language, f"disposal.limit_{limit}") in said
    assert found.id in said
    assert "ab" * 32 in said
    gone = words.say(language, "disposal.root_key_gone")
    assert gone not in said
    assert gone in text(disposal.printed(replace(found, limits=()), "ab" * 32, {}, language))


def test_a_certificate_that_was_altered_is_not_put_on_paper(shell: Shell, tmp_path: Path) -> None:
    store = new_store(shell.data / "state")
    person = enrolled(store)
    done = erasure.erase_person(store, person)
    (tmp_path / "key").write_text(store.device_public.hex())
    assert done.certificate is not None
    file, pdf = tmp_path / "c.json", tmp_path / "c.pdf"
    file.write_bytes(done.certificate.read_bytes())
    printing = ("privacy", "certificate", "print", file, "--device-key", tmp_path / "key", "--language", "nl")
    said = shell(*printing, "--pdf", pdf, place=False)[0]
    assert "Certificaat: een persoon is gewist" in said
    assert pdf.read_bytes().startswith(b"%PDF")
    certificate.read(file.read_bytes(), store.device_public)
    file.write_bytes(file.read_bytes().replace(b'"references":3', b'"references":0'))
    assert "it was altered" in shell(*printing, "--pdf", tmp_path / "d.pdf", code=1, place=False)[1]
    assert not (tmp_path / "d.pdf").exists()


OLD = Controller("PT Tirta", "Jl. Sudirman 1", "ID", "dpo@tirta.example", "021-1", "AHU-1")


@pytest.mark.parametrize(
    ("new", "stops"),
    [
        (OLD, False),
        (replace(OLD, name=" pt  TIRTA ", country="id"), False),
        (replace(OLD, address="Jl. Thamrin 2", phone="021-2"), False),
        (replace(OLD, name="PT Samudra"), True),
        (replace(OLD, name="PT Tirta Baru"), True),
        (replace(OLD, country="SG", email="x@y.example"), True),
        (replace(OLD, registration="AHU-2"), True),
        (replace(OLD, registration=""), True),
        (Controller(), True),
    ],
)
def test_another_company_stops_every_consent_and_a_new_address_does_not(new: Controller, *, stops: bool) -> None:
    assert controller.controller_changed(controller.named(OLD), controller.named(new)) is stops


def test_what_a_notice_says_more_about_the_same_company_stops_nothing_and_a_name_that_was_missing_does() -> None:
    assert not controller.controller_changed(controller.named(replace(OLD, registration="")), controller.named(OLD))
    assert controller.controller_changed("", controller.named(OLD))


def test_a_merger_is_seen_at_a_shell(shell: Shell) -> None:
    store, _, _ = manned(shell.data / "state")
    closed(store)
    asked = ("privacy", "controller-change", "--by", SARI)
    assert "no notice is published" in shell(*asked, typed=(OFFICER,), code=2)[1]
    store = opened(shell.data)
    papers.put(store, PaperKind.NOTICE, {"controller": "PT Tirta, ID"}, state="published")
    closed(store)
    (shell.data / "privacy.toml").write_text('[controller]\nname = "PT Tirta"\ncountry = "ID"\n')
    assert "privacy.toml the same" in shell(*asked, typed=(OFFICER,))[0]
    (shell.data / "privacy.toml").write_text('[controller]\nname = "PT Samudra"\ncountry = "ID"\n')
    said = shell(*asked, typed=(OFFICER,), code=1)[0]
    assert "no consent given to the other company carries a face (0)" in said


def test_the_papers_of_the_desk_come_back_from_a_backup_and_those_of_the_erased_do_not(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    store = new_store(tmp_path / "old" / "state")
    stays, leaves = enrolled(store, "E-1", "Ani"), enrolled(store, "E-2", "Budi")
    kept = papers.put(store, PaperKind.REQUEST, {"text": "copy"}, state="open", person=stays)
    case = papers.put(store, PaperKind.CASE, {"text": "card lost"}, state="open")
    gone = papers.put(store, PaperKind.REQUEST, {"text": "erase"}, state="open", person=leaves)
    made = backup(store, config(tmp_path / "old"), Kind.OFFSITE)
    proof = erasure.erase_person(store, leaves).certificate
    assert proof is not None
    restored(made.path, tmp_path / "new" / "state", Newer([proof]))
    again = reopen(tmp_path / "new" / "state")
    assert papers.get(again, kept).content == {"text": "copy"}
    assert papers.get(again, case).content == {"text": "card lost"}
    assert papers.get(again, gone).content is None


def test_a_paper_that_is_dropped_while_a_backup_is_made_is_not_in_it(tmp_path: Path) -> None:
    store = new_store(tmp_path / "state")
    paper = papers.put(store, PaperKind.REQUEST, {"text": "rahasia"}, state="closed")
    ((sealed,),) = store.database.rows("SELECT sealed FROM papers")
    left = [papers.get(store, paper)]

    def meanwhile(_done: int, _total: int) -> None:
        if left:
            papers.drop(store, left.pop())

    made = backup(store, config(tmp_path), Kind.OFFSITE, step=meanwhile)
    assert left == []
    assert sealed not in unsealed(made.path).everything
