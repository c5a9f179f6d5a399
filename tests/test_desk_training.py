"""E27: whoever enrols faces has passed a quiz, has read the rules, and works under a contract; each is on paper."""

from pathlib import Path

import pytest
from admin_kit import GOOD, RATNA, first_admin
from assess_kit import PRIVACY, signed
from desk_people_kit import JOKO, OFFICER, SARI, TECHNICIAN, Shell, added, closed, manned, opened, trained
from store_kit import Hands, new_store

from kiosk.config import Config
from kiosk.faults import Fault, FaultCode
from kiosk.rights import contracts, dates, house_rules, staff, training
from kiosk.rights.company import Approval, Clocks, Company, Controller
from kiosk.rights.release import demonstrate
from kiosk.store import papers
from kiosk.store.approval import Role
from kiosk.store.papers import PaperKind

MONTH = 31 * dates.DAY_MS


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path, monkeypatch, capsys)


def test_the_answers_of_a_question_stand_in_the_order_of_the_shuffle_and_only_one_is_right() -> None:
    for order in (list.sort, list.reverse):
        for one in training.questions("nl", order):
            assert training.wrong([one], [one.right]) == ()
            assert all(training.wrong([one], [other]) == (one.topic,) for other in {0, 1, 2, -1} - {one.right})
    assert training.questions("nl", list.sort) != training.questions("nl", list.reverse)


def test_a_quiz_with_one_wrong_or_missing_answer_is_not_passed(tmp_path: Path) -> None:
    store = new_store(tmp_path / "state")
    admin = first_admin(store)
    asked = training.questions("id", list.sort)
    right = [one.right for one in asked]
    for answers in (right[:-1], [*right[:-1], (right[-1] + 1) % 3]):
        with pytest.raises(Fault) as refused:
            training.keep(store, asked, answers, admin.account, "id")
        assert refused.value.code is FaultCode.DESK_REFUSED
    with pytest.raises(Fault):
        training.keep(store, asked[1:], right[1:], admin.account, "id")
    assert training.kept(store) == ()


def test_a_training_counts_for_twelve_months_and_for_the_questions_of_today(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Hands()
    store = new_store(tmp_path / "state", clock)
    admin = first_admin(store)
    with pytest.raises(Fault, match="kiosk privacy training"):
        training.need(store, admin.account)
    trained(store, admin)
    training.need(store, admin.account)
    (paper,) = papers.find(store, PaperKind.TRAINING)
    assert paper.content == {"account": admin.account, "version": 1, "language": "en", "on": clock.wall_ms}
    clock.move(365 * dates.DAY_MS - 1)
    training.need(store, admin.account)
    clock.move(1)
    with pytest.raises(Fault):
        training.need(store, admin.account)
    trained(store, admin)
    monkeypatch.setattr(training, "VERSION", 2)
    with pytest.raises(Fault):
        training.need(store, admin.account)


def test_the_training_at_a_shell_names_what_was_not_known_and_is_kept_once_all_is(shell: Shell) -> None:
    store, admin, _ = manned(shell.data / "state")
    closed(store)
    quiz = ("privacy", "training", "--by", RATNA)
    shell._patch.setattr("secrets.SystemRandom.shuffle", lambda _, order: order.sort())
    posed = training.questions("id", list.sort)
    right = ["abc"[one.right] for one in posed]
    wrong = "abc"[(posed[2].right + 1) % 3]
    found = shell.asked(*quiz, typed=(GOOD, "x", *right[:2], wrong, *right[3:]), code=1)  # an x is asked for again
    assert found["passed"] is False
    assert found["read"] == [posed[2].topic]
    said, asked = shell(*quiz, "--language", "id", typed=(GOOD, *right))
    assert said.startswith("Kedelapan jawaban benar.")
    assert "Kamera perangkat ini rusak" in asked
    store = opened(shell.data)
    assert [one.account for one in training.kept(store)] == [admin.account]
    rows = {one.name: one for one in staff.standings(store, Company(), ())}
    assert rows[RATNA].trained_until > store.now_ms()
    assert rows[SARI].trained_until == 0


def test_nobody_enrols_a_face_without_saying_who_they_are_and_without_the_training(shell: Shell) -> None:
    store, admin, sari = manned(shell.data / "state")
    store.people.add("A-1", "Ani")
    closed(store)
    enrol = ("people", "enrol", "--code", "A-1", "--consent-version", "1", "--language", "en")
    assert "Face recognition is not released yet" in shell(*enrol, "--by", RATNA, typed=(GOOD,), code=2)[1]
    store = opened(shell.data)
    (shell.data / "privacy.toml").write_text(PRIVACY)
    signed(store, Config(shell.data), sari)
    closed(store)
    assert "say who enrols: --by NAME" in shell(*enrol, code=2)[1]
    assert "first pass: kiosk privacy training" in shell(*enrol, "--by", RATNA, typed=(GOOD,), code=2)[1]
    assert "for admin" in shell(*enrol, "--by", SARI, typed=(OFFICER,), code=2)[1]
    store = opened(shell.data)
    trained(store, admin)
    closed(store)
    said = shell(*enrol, "--by", RATNA, typed=(GOOD, "no"), code=2)[1]
    assert "There is no consent" in said  # the next gate: the trained have passed theirs


def test_where_there_is_no_account_yet_enrolling_goes_on_and_says_so(shell: Shell) -> None:
    store = new_store(shell.data / "state")
    store.people.add("A-1", "Ani")
    demonstrate(store)
    closed(store)
    said = shell("people", "enrol", "--code", "A-1", "--consent-version", "1", "--language", "en", code=2)[1]
    assert "no account on this device yet" in said
    assert "There is no consent" in said


COMPANY = Company(controller=Controller(name="PT Tirta"), approval=Approval("Direksi", "2026-01-01", "2027-01-01"))


def test_the_rules_have_one_digest_in_every_language_and_another_when_the_company_changes() -> None:
    copies = [house_rules.copy(COMPANY, "", 0, language) for language in ("id", "en", "nl")]
    assert len({one.data["digest"] for one in copies}) == 1
    assert len({one.title for one in copies}) == 3
    others = (Company(), Company(controller=COMPANY.controller), Company(clocks=Clocks(breach_hours=24)))
    assert len({house_rules.digest(one, "") for one in (COMPANY, *others)}) == 4
    assert house_rules.digest(COMPANY, "aa") != house_rules.digest(COMPANY, "")


def test_who_has_acknowledged_an_older_notice_reads_the_rules_again(tmp_path: Path) -> None:
    store, admin, officer = manned(tmp_path / "state")
    _, first = house_rules.today(store, COMPANY)
    house_rules.acknowledge(store, admin.account, first, "en")

    def unread() -> set[str]:
        return {one.name for one in staff.standings(store, COMPANY, ()) if not one.acknowledged_on}

    assert unread() == {SARI}
    papers.put(store, PaperKind.NOTICE, {"digest": "1"}, state="draft")
    assert unread() == {SARI}
    papers.put(store, PaperKind.NOTICE, {"digest": "1"}, state="published", by=officer.account)
    assert unread() == {RATNA, SARI}


def test_the_rules_are_read_at_a_shell_and_the_digest_is_kept_with_the_date(shell: Shell) -> None:
    closed(manned(shell.data / "state")[0])
    read = ("privacy", "acknowledge", "--by", RATNA, "--language", "nl")
    assert "Er is niets genoteerd" in shell(*read, typed=(GOOD, "ja"), code=1)[1]
    said, asked = shell(*read, typed=(GOOD, "ik heb het gelezen"))
    assert "De pincode is een gelijkwaardige weg." in said
    assert f"{RATNA} heeft de regels gelezen" in asked
    store = opened(shell.data)
    (paper,) = papers.find(store, PaperKind.ACKNOWLEDGEMENT)
    assert paper.content is not None
    assert paper.content["digest"] == house_rules.today(store, Company())[1]
    closed(store)
    rows = {one["name"]: one for one in shell.asked("privacy", "staff", "--by", SARI, typed=(OFFICER,))["staff"]}
    assert rows[RATNA]["acknowledged_on"] > 0
    assert rows[SARI]["acknowledged_on"] == 0


def test_a_technician_works_only_under_a_contract_that_is_in_force(tmp_path: Path) -> None:
    clock = Hands()
    store, admin, officer = manned(tmp_path / "state", clock)
    technician = added(store, admin, officer, JOKO, Role.TECHNICIAN, TECHNICIAN)
    contracts.need(store, admin)
    with pytest.raises(Fault, match="no contract of this technician"):
        contracts.need(store, technician)
    made = contracts.contract(technician.account, "CV Teknik Jaya", "K-2026/17", clock.wall_ms + MONTH)
    contracts.file(store, made, admin)
    contracts.need(store, technician)
    clock.move(MONTH)
    with pytest.raises(Fault):
        contracts.need(store, technician)
    contracts.file(
        store, contracts.contract(technician.account, "CV Teknik Jaya", "K-2027/2", clock.wall_ms + 1), admin
    )
    contracts.need(store, technician)
    assert contracts.end(store, technician.account, admin) == 2
    with pytest.raises(Fault):
        contracts.need(store, technician)


@pytest.mark.parametrize(
    ("company", "reference", "after"), [("", "K-1", 1), ("CV\n", "K-1", 1), ("CV", " ", 1), ("CV", "K-1", 0)]
)
def test_a_contract_says_with_whom_where_it_is_and_until_when(
    tmp_path: Path, company: str, reference: str, after: int
) -> None:
    store, admin, officer = manned(tmp_path / "state")
    technician = added(store, admin, officer, JOKO, Role.TECHNICIAN, TECHNICIAN)
    with pytest.raises(Fault) as refused:
        contracts.file(store, contracts.contract(technician.account, company, reference, store.now_ms() + after), admin)
    assert refused.value.code is FaultCode.DESK_REFUSED
    with pytest.raises(Fault):
        contracts.file(store, contracts.contract(admin.account, "CV", "K-1", store.now_ms() + 1), admin)
    assert contracts.running(store) == ()


def test_a_technician_without_a_contract_cannot_log_in_at_a_shell(shell: Shell) -> None:
    store, admin, officer = manned(shell.data / "state")
    added(store, admin, officer, JOKO, Role.TECHNICIAN, TECHNICIAN)
    closed(store)
    password = ("accounts", "password", "--name", JOKO)
    said = shell(*password, typed=(TECHNICIAN, "teh Manis 9 sore!"), code=2)[1]
    assert "no contract of this technician is in force" in said
    assert "no contract" in shell("privacy", "training", "--by", JOKO, typed=(TECHNICIAN,), code=2)[1]
    contract = ("privacy", "contract", "add", "--account", JOKO, "--company", "CV Teknik Jaya", "--reference", "K-17")
    shell(*contract, "--until", "2099-01-31", "--by", SARI, typed=(OFFICER,))
    shell(*password, typed=(TECHNICIAN, "teh Manis 9 sore!"))
    listed = shell("privacy", "contract", "list", "--by", SARI, typed=(OFFICER,))[0]
    assert f"{JOKO:<32}2099-01-31  CV Teknik Jaya, K-17" in listed
    shell("privacy", "contract", "end", "--account", JOKO, "--by", SARI, typed=(OFFICER,))
    assert "no contract" in shell("privacy", "training", "--by", JOKO, typed=("teh Manis 9 sore!",), code=2)[1]
