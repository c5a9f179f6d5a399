"""E25: a role for somebody, and a file with personal data, need the officer's recorded approval, which counts once."""

from pathlib import Path

import pytest
from admin_kit import ALSO_GOOD, BUDI, GOOD, RATNA, acts, first_admin
from desk_people_kit import AGUS, AUDITOR, JOKO, OFFICER, SARI, Shell, added, closed, manned, opened
from store_kit import Hands, check_in, enrolled, new_store

from kiosk.faults import Fault, FaultCode
from kiosk.rights import approvals
from kiosk.rights.approvals import ForExport, ForRole
from kiosk.store import Store, papers
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.papers import PaperKind
from wire.errors import FormatError


def refusal(store: Store, name: str, role: Role, by: LoggedIn) -> FaultCode:
    with pytest.raises(Fault) as refused:
        approvals.grant(store, name, role, by)
    return refused.value.code


def test_before_the_first_officer_an_administrator_adds_accounts_alone(tmp_path: Path) -> None:
    store = new_store(tmp_path / "state")
    admin = first_admin(store)
    approvals.grant(store, BUDI, Role.ADMIN, admin)
    approvals.grant(store, SARI, Role.DPO, admin)
    assert papers.find(store, PaperKind.APPROVAL) == ()


@pytest.mark.parametrize("role", Role)
def test_no_account_of_any_role_is_added_without_the_officers_approval(tmp_path: Path, role: Role) -> None:
    store, admin, officer = manned(tmp_path / "state")
    before = store.admins.count()
    assert refusal(store, AGUS, role, admin) is FaultCode.DESK_REFUSED
    approvals.approve(store, ForRole("Somebody Else", role, "night shift"), officer)
    others = [other for other in Role if other is not role]
    approvals.approve(store, ForRole(AGUS, others[0], "night shift"), officer)
    assert refusal(store, AGUS, role, admin) is FaultCode.DESK_REFUSED
    assert store.admins.count() == before
    approvals.approve(store, ForRole(AGUS.upper(), role, "night shift"), officer)
    approvals.grant(store, AGUS, role, admin)
    assert store.admins.count() == before + 1


def test_an_approval_counts_once_for_thirty_days_and_can_be_taken_back(tmp_path: Path) -> None:
    clock = Hands()
    store, admin, officer = manned(tmp_path / "state", clock)
    wanted = ForRole(AGUS, Role.AUDITOR, "yearly audit")
    approvals.withdraw(store, approvals.approve(store, wanted, officer), officer)
    assert refusal(store, AGUS, Role.AUDITOR, admin) is FaultCode.DESK_REFUSED
    approvals.approve(store, wanted, officer)
    clock.move(approvals.VALID_MS)
    assert refusal(store, AGUS, Role.AUDITOR, admin) is FaultCode.DESK_REFUSED
    used = approvals.approve(store, wanted, officer)
    assert [paper.state for paper in papers.find(store, PaperKind.APPROVAL)] == ["withdrawn", "expired", "granted"]
    account, _ = approvals.grant(store, AGUS, Role.AUDITOR, admin)
    paper = papers.get(store, used)
    assert (paper.state, paper.content and paper.content["account"]) == (approvals.USED, account)
    assert refusal(store, "Another", Role.AUDITOR, admin) is FaultCode.DESK_REFUSED
    with pytest.raises(Fault):
        approvals.withdraw(store, used, officer)


def test_only_the_officer_approves_and_only_an_administrator_adds(tmp_path: Path) -> None:
    store, admin, officer = manned(tmp_path / "state")
    with pytest.raises(Fault) as refused:
        approvals.approve(store, ForRole(AGUS, Role.ADMIN, "mine"), admin)
    assert refused.value.code is FaultCode.DESK_REFUSED
    found = approvals.approve(store, ForRole(AGUS, Role.ADMIN, "shift lead"), officer)
    assert refusal(store, AGUS, Role.ADMIN, officer) is FaultCode.APPROVAL_MISSING
    assert papers.get(store, found).state == approvals.GRANTED
    with pytest.raises(Fault):
        approvals.withdraw(store, found, admin)


def test_an_account_that_cannot_be_added_leaves_the_approval_as_it_was(tmp_path: Path) -> None:
    store, admin, officer = manned(tmp_path / "state")
    found = approvals.approve(store, ForRole(RATNA, Role.ADMIN, "twice"), officer)
    assert refusal(store, RATNA, Role.ADMIN, admin) is FaultCode.ACCOUNT_EXISTS
    assert papers.get(store, found).state == approvals.GRANTED


@pytest.mark.parametrize(
    "matter", [ForRole("", Role.ADMIN, "x"), ForRole("A", Role.ADMIN, " "), ForExport("", "", "x")]
)
def test_an_approval_of_nobody_or_for_no_reason_is_refused(tmp_path: Path, matter: approvals.Matter) -> None:
    store, _, officer = manned(tmp_path / "state")
    with pytest.raises(Fault) as refused:
        approvals.approve(store, matter, officer)
    assert refused.value.code is FaultCode.DESK_REFUSED


def test_a_matter_is_read_as_it_was_spelled_and_nothing_else_is() -> None:
    for matter in (ForRole(AGUS, Role.DPO, "why"), ForExport("0123456789abcdef", "Court", "why")):
        assert approvals.read(approvals.spelled(matter)) == matter
    for wrong in ({}, {"of": "role"}, {"of": "other"}, {**approvals.spelled(ForRole("a", Role.DPO, "b")), "x": 1}):
        with pytest.raises(FormatError):
            approvals.read(wrong)


def test_the_ledger_names_who_approved_by_account_and_no_name(tmp_path: Path) -> None:
    store, admin, officer = manned(tmp_path / "state")
    approvals.approve(store, ForRole(AGUS, Role.AUDITOR, "yearly audit"), officer)
    approvals.grant(store, AGUS, Role.AUDITOR, admin)
    said = [detail for kind, detail in acts(store) if kind in {"paper_filed", "paper_changed"}]
    assert [(one["by"], one["state"]) for one in said] == [(officer.account, "granted"), (admin.account, "used")]
    assert AGUS not in repr(acts(store))


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path, monkeypatch, capsys)


def test_at_a_shell_an_account_is_added_after_the_officer_has_approved(shell: Shell) -> None:
    closed(manned(shell.data / "state")[0])
    add = ("accounts", "add", "--name", JOKO, "--role", "technician", "--by", RATNA)
    assert "kiosk privacy approve" in shell(*add, typed=(GOOD,), code=2)[1]
    approve = ("privacy", "approve", "role", "--account", JOKO, "--role", "technician", "--reason", "camera")
    assert "for dpo" in shell(*approve, "--by", RATNA, typed=(GOOD,), code=2)[1]
    assert "once, within 30 days" in shell(*approve, "--by", SARI, typed=(OFFICER,))[0]
    assert len(shell.asked(*add, typed=(GOOD,))["code"]) > 8
    listed = shell("privacy", "approve", "list", "--by", SARI, typed=(OFFICER,))[0]
    assert "  used      " in listed
    assert f"{JOKO} as technician: camera" in listed


def test_attendance_is_handed_to_a_human_only_after_the_officer_has_approved(shell: Shell) -> None:
    store, admin, officer = manned(shell.data / "state")
    person = enrolled(store)
    store.ledger.append(check_in(store), person)
    added(store, admin, officer, AGUS, Role.AUDITOR, AUDITOR)
    closed(store)
    file = shell.data.parent / f"{shell.data.name}-handed.json"
    erase = ("privacy", "erase", "--person", "E-0417", "--yes", "--hand-over", file)
    assert "kiosk privacy approve" in shell(*erase, code=2)[1]
    assert not file.exists()
    approve = ("privacy", "approve", "export", "--receiver", "HR", "--reason", "pay of the last month", "--by", SARI)
    shell(*approve, typed=(OFFICER,))  # about everybody: another matter
    assert "kiosk privacy approve" in shell(*erase, code=2)[1]
    shell(*approve, "--person", "E-0417", typed=(OFFICER,))
    assert "handed to a human instead: 1" in shell(*erase)[0]
    store = opened(shell.data)
    assert [paper.state for paper in papers.find(store, PaperKind.APPROVAL)].count(approvals.USED) == 2


def test_nobody_needs_the_officers_approval_where_there_is_no_officer(tmp_path: Path) -> None:
    store = new_store(tmp_path / "state")
    assert approvals.use_for_export(store, "") == ""
    first_admin(store, password=ALSO_GOOD)
    assert approvals.use_for_export(store, "") == ""
