"""A renewal that is cut short, or that two processes do at once, ends whole and leaves nothing old behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from renewal_kit import PEOPLE, as_enrolled, careless, five_people, quickly, sealed, stack
from store_kit import DIM, MODEL, Hands, key_of, reopened

from kiosk.faults import Fault, FaultCode
from kiosk.store import LocalKind, Store, residue
from kiosk.store import renew as renew_module
from kiosk.store.database import RECORDS_FILE, TEMPLATES_FILE
from kiosk.store.erasure import erase_person
from kiosk.store.intents import IntentKind
from kiosk.store.ledger import month
from kiosk.store.renew import renew
from kiosk.store.resume import resume


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return five_people(tmp_path / "state")


class CrashError(Exception):
    pass


def crashing(after: int) -> Callable[[int, int], None]:
    calls = iter(range(after))

    def step(_done: int, _all: int) -> None:
        if next(calls, None) is None:
            raise CrashError

    return step


@pytest.mark.parametrize("after", range(PEOPLE + 1))
def test_after_a_crash_at_any_step_everybody_is_found_and_the_next_start_goes_on(store: Store, after: int) -> None:
    before, old = stack(store), sealed(store)
    with pytest.raises(CrashError):
        renew(store, step=crashing(after), at_once=1, rest_s=0)
    again = reopened(store)
    assert again.intents.find(IntentKind.RENEW_TEMPLATES) is not None
    halfway = stack(again)
    assert np.abs(halfway @ halfway.T - before @ before.T).max() < 1e-6
    references, matrix = again.templates.gallery(MODEL, DIM)
    assert len(references) == 2 * PEOPLE
    assert np.abs(stack(again) @ (as_enrolled() @ matrix.T).T - as_enrolled() @ as_enrolled().T).max() < 1e-6
    assert resume(again) == 0
    assert again.database.rows("SELECT DISTINCT epoch FROM faces") == [(2,)]
    assert set(sealed(again)).isdisjoint(old)
    assert residue.residue(again.database.directory, old) == ()
    last = [act for _, act in again.ledger.local_acts(month(again.now_ms()))][-1]
    assert last["detail"] == {"people": PEOPLE, "references": 2 * PEOPLE, "models": 1}


def test_what_an_interrupted_run_deleted_is_rewritten_unseen(store: Store) -> None:
    old = sealed(store)
    careless(store)
    with pytest.raises(CrashError):
        renew(store, step=crashing(PEOPLE - 1), at_once=1, rest_s=0)
    again = reopened(store)
    assert residue.residue(again.database.directory, old) == (RECORDS_FILE, TEMPLATES_FILE)
    assert quickly(again).rewritten, "the list of what was deleted went with the process"
    assert residue.residue(again.database.directory, old) == ()


def test_one_process_renews_and_another_leaves_it_to_that(store: Store) -> None:
    """The running kiosk goes on with open acts every ten seconds: not with one that a shell is at."""
    beside = Store.open(store.database.directory, key_of(store.database.directory), clock=Hands())
    steps: list[int] = []

    def step(done: int, _all: int) -> None:
        steps.append(done)
        assert resume(beside) == 1
        with pytest.raises(Fault) as raised:
            quickly(beside)
        assert raised.value.code is FaultCode.STORE_BUSY

    assert renew(store, step=step, at_once=2, rest_s=0).references == 2 * PEOPLE
    assert steps == [2, 4, 5, 5]
    acts = [act["kind"] for _, act in store.ledger.local_acts(month(store.now_ms()))]
    assert acts.count(LocalKind.TEMPLATES_RENEWED) == 1
    beside.close()


def test_a_renewal_that_another_process_has_ended_is_not_begun_anew(store: Store) -> None:
    with pytest.raises(CrashError):
        renew(store, step=crashing(1), at_once=2, rest_s=0)
    (intent,) = store.intents.all_open()
    beside = Store.open(store.database.directory, key_of(store.database.directory), clock=Hands())
    assert resume(beside) == 0
    renew_module.resume(store, intent)
    assert store.database.rows("SELECT DISTINCT epoch FROM faces") == [(2,)]
    acts = [act["kind"] for _, act in store.ledger.local_acts(month(store.now_ms()))]
    assert acts.count(LocalKind.TEMPLATES_RENEWED) == 1
    beside.close()


def test_an_erasure_does_not_wait_for_a_renewal(store: Store) -> None:
    gone = store.people.all()[0]

    def step(done: int, _all: int) -> None:
        if done == 2:
            beside = Store.open(store.database.directory, key_of(store.database.directory), clock=Hands())
            erase_person(beside, gone.id)
            beside.close()

    renew(store, step=step, at_once=2, rest_s=0)
    assert gone.id not in {reference.person for reference in store.templates.references()}
    assert len(store.templates.references()) == 2 * (PEOPLE - 1)


def test_a_kill_in_the_middle_leaves_a_store_that_goes_on(store: Store) -> None:
    state, before, old = store.database.directory, stack(store), sealed(store)
    store.close()
    code = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from store_kit import Hands, key_of\nfrom kiosk.store import Store\nfrom kiosk.store.renew import renew\n"
        "from kiosk.store.templates import Templates\n"
        "state, (again, calls) = Path(sys.argv[1]), (Templates.renew, [])\n"
        "def killed(self, person):\n"
        "    calls.append(person)\n"
        "    if len(calls) == 4:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return again(self, person)\n"
        "Templates.renew = killed\n"
        "renew(Store.open(state, key_of(state), clock=Hands()), at_once=2, rest_s=0)\n"
    )
    here = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": f"{here.parent}{os.pathsep}{here}"}
    done = subprocess.run([sys.executable, "-c", code, state], env=environment, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    again = Store.open(state, key_of(state), clock=Hands())
    assert again.templates.count_behind() == PEOPLE - 2, "two people were committed, the next two were not"
    assert resume(again) == 0
    after = stack(again)
    assert np.abs(after @ after.T - before @ before.T).max() < 1e-6
    assert residue.residue(state, old) == ()
    again.close()
