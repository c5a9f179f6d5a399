"""Promise: a kill at any step of an erasure ends in an erasure, or, before it was accepted, in none at all."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from erasure_kit import CODE, FACE, Office, belongings, lying, matches, office, references
from process_kit import ending
from store_kit import OPENED, Hands, key_of

from kiosk.faults import Fault
from kiosk.store import Store
from kiosk.store.erasure import erase_face, erase_person
from kiosk.store.erasure_everything import erase_everything, erase_everything_without_key
from kiosk.store.erasure_keyless import erase_without_key
from kiosk.store.resume import resume
from wire import certificate
from wire.certificate import Limit, Scope
from wire.event import Notice, NoticeKind

SIGKILL = 9
Ask = Callable[[Path, str, str, int], int]


@pytest.fixture(scope="module")
def ask(pytestconfig: pytest.Config) -> Iterator[Ask]:
    """One process whose children erase and die; with --long before each statement, too."""
    closely = bool(pytestconfig.getoption("--long"))
    command = [sys.executable, str(Path(__file__).with_name("erasure_victim.py"))]
    with ending(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def ask(state: Path, act: str, person: str, at: int) -> int:
            stdin.write(json.dumps([str(state), act, person, at, closely]) + "\n")
            stdin.flush()
            return int(stdout.readline())

        yield ask
        stdin.close()


class Case:
    """One office, copied afresh for every kill."""

    def __init__(self, place: Path, *, delivered: bool = False) -> None:
        self.place = Path(tempfile.mkdtemp(dir=place))
        made = office(self.place / "whole" / "data")
        if delivered:
            made.delivered()
        else:
            made.forward()
        self.leaver, self.stays, self.public = made.leaver, made.stays, made.store.device_public
        self.found = belongings(made.store, made.leaver)
        made.store.close()

    @property
    def now(self) -> Path:
        return self.place / "now"

    def fresh(self) -> Office:
        """A copy whose store is not open; what the last one left is gone."""
        shutil.rmtree(self.now, ignore_errors=True)
        shutil.copytree(self.place / "whole", self.now)
        return Office(self.now / "data", None, self.leaver, self.stays)  # type: ignore[arg-type]


def opened(at: Office) -> Store:
    at.store = Store.open(at.state, key_of(at.state), clock=Hands())
    OPENED.append(at.store)
    return at.store


def kinds(store: Store) -> list[dict[str, Any]]:
    return [act for _, act in store.ledger.local_acts("2026-11")]


def notices(at: Office) -> list[tuple[NoticeKind, str]]:
    at.forward()
    return [(event.kind, event.person) for event in at.waiting() if isinstance(event, Notice)]


def check_certificate(at: Office, scope: Scope) -> None:
    (path,) = (at.state / "certificates").glob("*.json")
    found = at.certificate(path)
    assert (found.scope, found.subject) == (scope, at.leaver)
    assert found.destroyed["references"] == 3
    assert found.destroyed["biometric_keys"] == 1


def face_is_gone(case: Case, at: Office) -> None:
    assert lying(at.data, case.found, *FACE) == set()
    assert references(at.store) == {case.stays}
    check_certificate(at, Scope.FACE)
    assert notices(at) == [(NoticeKind.CONSENT_WITHDRAWN, CODE)]


def person_is_gone(case: Case, at: Office) -> None:
    assert lying(at.data, case.found) == set()
    assert at.store.people.by_code(CODE) is None
    check_certificate(at, Scope.PERSON)
    assert notices(at) == [(NoticeKind.ERASED, CODE)]


FACE_OR_PERSON: dict[str, tuple[bool, Callable[[Store, str], object], Callable[[Case, Office], None]]] = {
    "face": (False, erase_face, face_is_gone),
    "person": (True, erase_person, person_is_gone),
}


@pytest.mark.parametrize("act", FACE_OR_PERSON)
def test_a_kill_at_any_step_ends_in_an_erasure_or_in_none(quick_place: Path, ask: Ask, act: str) -> None:
    delivered, erase, gone = FACE_OR_PERSON[act]
    case, step, accepted = Case(quick_place, delivered=delivered), 0, 0
    while True:
        step += 1
        at = case.fresh()
        ended = ask(at.state, act, case.leaver, step)
        store = opened(at)
        begun = any(entry["kind"] == "erasure_begun" for entry in kinds(store))
        assert resume(store) == 0
        if not begun:
            assert matches(store, case.leaver, 1), f"killed before step {step}: half of a face"
            assert erase(store, case.leaver) is not None
        accepted += begun
        gone(case, at)
        erased = [entry for entry in kinds(store) if entry["kind"] == "erased"]
        assert [entry["detail"]["person"] for entry in erased] == [case.leaver], f"step {step}"
        assert matches(store, case.stays, 8)
        store.ledger.verify()
        store.close()
        if ended == 0:
            break
        assert ended == SIGKILL
    assert 0 < step - accepted < step / 2, "most steps come after the act was accepted"
    assert step > 20


def test_a_kill_while_attendance_is_handed_over_loses_none(quick_place: Path, ask: Ask) -> None:
    case, step = Case(quick_place), 0
    handed = case.now / "handed.json"
    while True:
        step += 1
        at = case.fresh()
        ended = ask(at.state, "hand over", case.leaver, step)
        store = opened(at)
        waits = resume(store)
        if waits or not any(entry["kind"] == "erasure_begun" for entry in kinds(store)):
            assert len(store.history.events(case.leaver, 0, store.now_ms() + 1)) == 3
            handed.unlink(missing_ok=True)
            assert erase_person(store, case.leaver, hand_over=handed).certificate is not None
        assert len(json.loads(handed.read_text(encoding="utf-8"))["events"]) == 3
        person_is_gone(case, at)
        store.ledger.verify()
        store.close()
        if ended == 0:
            break
        assert ended == SIGKILL
    assert step > 30


def test_a_kill_at_any_step_without_the_root_key_is_made_good_too(quick_place: Path, ask: Ask) -> None:
    case, step = Case(quick_place, delivered=True), 0
    while True:
        step += 1
        at = case.fresh()
        (at.state / "root.key").rename(at.state / "away")
        ended = ask(at.state, "without key", case.leaver, step)
        erase_without_key(at.state, case.leaver, Hands())
        assert lying(at.data, case.found, *(kind for kind in case.found if kind != "entry")) == set()
        (at.state / "away").rename(at.state / "root.key")
        store = opened(at)
        assert resume(store) == 0
        assert lying(at.data, case.found) == set()
        check_certificate(at, Scope.PERSON)
        assert notices(at) == [(NoticeKind.ERASED, case.leaver)]
        store.ledger.verify()
        store.close()
        if ended == 0:
            break
        assert ended == SIGKILL
    assert step > 3


def test_a_device_that_is_taken_out_of_use_keeps_nothing_wherever_it_was_killed(quick_place: Path, ask: Ask) -> None:
    case, step, unsigned = Case(quick_place), 0, 0
    proof = case.now / "proof.json"
    handed = case.now / "handed.json"
    while True:
        step += 1
        at = case.fresh()
        ended = ask(at.state, "everything", "", step)
        if ended == SIGKILL:
            try:
                store = Store.open(at.state, key_of(at.state), clock=Hands())
            except Fault:
                unsigned += 1  # it cannot sign any more; the first certificate is there
                if at.state.exists():
                    erase_everything_without_key(at.state)
            else:
                OPENED.append(store)
                handed.unlink(missing_ok=not any(entry["kind"] == "exported" for entry in kinds(store)))
                erase_everything(store, proof, handed=handed)
        found = certificate.read(proof.read_bytes(), case.public)
        assert found.scope is Scope.EVERYTHING
        assert found.destroyed["references"] == 4
        assert (found.destroyed["store_keys"] == 1) == (Limit.FILES_REMAIN not in found.limits), f"step {step}"
        assert [path for path in at.data.rglob("*") if path.is_file()] == []
        if ended == 0:
            break
    assert step > 30
    assert unsigned > 5
