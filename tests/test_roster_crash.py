"""A roster that is cut off at any step goes on at the next start; who has left is never matched once it has come."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from process_kit import ending
from roster_kit import SIGNED, Door, changes, door, entry, people, whole
from store_kit import Hands, key_of

from kiosk.store import Store, marks
from wire.message import Standing

PEOPLE = range(1, 201)
LEAVERS = (3, 4)
CHANGED = range(6, 40)
NEW = range(1000, 1060)
FACES = (3, 10)


def office(data: Path) -> None:
    """Two of many have a face; a roster lies in the inbox by which some leave, change or are new."""
    at = door(data)
    at.live(whole(1, *people(*PEOPLE)))
    for number in FACES:
        at.enrol(f"E-{number}", number)
    gone = [entry(number, Standing.LEFT) for number in LEAVERS]
    changed = [entry(number, name=f"Baru {number}") for number in CHANGED]
    at.post(changes(2, *gone, *changed, *people(*NEW)))
    at.store.close()


@contextmanager
def victims() -> Iterator[Callable[[Path, int], int]]:
    """`cut_off(data, n)`: take the roster in and apply it in another process, killed before its n-th commit."""
    command = [sys.executable, str(Path(__file__).with_name("roster_victim.py"))]
    with ending(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def cut_off(data: Path, at: int) -> int:
            stdin.write(json.dumps([str(data), at]) + "\n")
            stdin.flush()
            return int(stdout.readline())

        yield cut_off
        stdin.close()


def opened(data: Path) -> Door:
    return Door(data, Store.open(data / "state", key_of(data / "state"), clock=Hands()), SIGNED)


def taken(at: Door) -> bool:
    return marks.mark(at.store.database, marks.ROSTER_VERSION) == 2


def matchable(at: Door) -> set[str]:
    known = {person.id: person.code for person in at.store.people.all()}
    return {known[reference.person] for reference in at.store.templates.references()}


def whole_and_done(at: Door) -> None:
    known = at.known()
    assert set(known) == {f"E-{number}" for number in (*PEOPLE, *NEW) if number not in LEAVERS}
    assert all(known[f"E-{number}"].name == f"Baru {number}" for number in CHANGED)
    assert at.store.intents.all_open() == []
    assert at.store.database.rows("SELECT * FROM roster_entries") == []
    assert len(list((at.data / "state" / "certificates").glob("*.json"))) == len(LEAVERS)
    at.store.ledger.verify()


def test_a_kill_before_any_commit_ends_in_the_whole_roster_and_no_leaver_is_matched_after_it_came(
    tmp_path: Path, rounds: Callable[[int, int], int]
) -> None:
    office(tmp_path / "office")
    ends, after = [], 0
    with victims() as cut_off:
        for number in (1, 2, 4, 8) if rounds(0, 1) == 0 else range(1, 24):
            data = tmp_path / f"{number}"
            shutil.copytree(tmp_path / "office", data)
            ends.append(cut_off(data, number))
            at = opened(data)
            after += taken(at)
            assert matchable(at) == ({"E-10"} if taken(at) else {"E-3", "E-10"})
            at.live()
            whole_and_done(at)
            at.store.close()
            shutil.rmtree(data)
    assert set(ends) == {signal.SIGKILL}, "each was cut off in the midst"
    assert after == len(ends) - 1, "all but the first, which was before the commit that took it"
