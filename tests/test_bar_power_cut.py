"""The power goes at any moment, and the disk keeps no more than it was asked to keep: nothing acknowledged is lost."""

import copy
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import disk_log
import pytest
from bar_broken import BROKEN
from bar_recovery import Story, whole_story, wrong_with
from disk_log import Change
from power_cut import Disk
from store_kit import contents

CHUNKS = 4
# How far behind an acknowledgement a cut is laid on purpose: what is lost there was promised.
_JUST_AFTER = 12
OF_MANY_STEPS = ("enrol", "rotate", "erase_face", "renew", "change_provider", "go_on")


@dataclass
class Recording:
    """A day of a device: the place where it lived, the disk before it, and everything that was asked of the disk."""

    device: Path
    empty: Disk
    changes: list[Change]

    def cuts(self, count: int, seed: int) -> Iterator[str]:
        """Cut the power `count` times and open what is left; yields what is wrong each time something is."""
        chance = random.Random(seed)  # noqa: S311 - where the power goes
        marks = [at for at, change in enumerate(self.changes) if change.op == "!"]
        moments = Counter(chance.randrange(len(self.changes) + 1) for _ in range(count - count // 3))
        moments.update(chance.choice(marks) + chance.randrange(_JUST_AFTER) for _ in range(count // 3))
        ends = whole_story(self.changes)
        for at, told, disk in self._moments():
            for _ in range(moments[at]):
                self.lay(disk, chance)
                if (wrong := wrong_with(self.device, told, ends)) is not None:
                    yield f"seed {seed}, after change {at}: {wrong}"

    def second_cuts(self, library: Path, count: int, seed: int) -> Iterator[str]:
        """Cut the power in the middle of acts of many steps, and again `count` times while the device recovers."""
        chance = random.Random(seed)  # noqa: S311 - where the power goes
        ends, firsts = whole_story(self.changes), self._in_the_middle(chance)
        for at, told, disk in self._moments():
            if at not in firsts:
                continue
            self.lay(disk, chance)
            again, log = Disk(self.device), self.device.with_name(f"recovery-{at}")
            now = str(told.done[-1]["at"])
            disk_log.run(library, "bar_reopen.py", [self.device, now], under=self.device, log=log)
            changes = list(disk_log.read(log))
            moments = Counter(chance.randrange(len(changes) + 1) for _ in range(count))
            for then in range(len(changes) + 1):
                for _ in range(moments[then]):
                    self.lay(again, chance)
                    if (wrong := wrong_with(self.device, told, ends)) is not None:
                        yield f"seed {seed}, after change {at} and change {then} of the recovery: {wrong}"
                if then < len(changes):
                    again.take(changes[then])

    def _moments(self) -> Iterator[tuple[int, Story, Disk]]:
        """Each moment of the day: how many changes there were, what had been said, and the disk."""
        told, disk = Story(), copy.deepcopy(self.empty)
        for at, change in enumerate([*self.changes, *([None] * _JUST_AFTER)]):
            yield at, told, disk
            if change is not None:
                (told.hear if change.op == "!" else disk.take)(change)

    def lay(self, disk: Disk, chance: random.Random) -> None:
        """Lay what may be found into the place of the device."""
        shutil.rmtree(self.device, ignore_errors=True)
        disk.cut(self.device, chance)

    def in_commits(self, count: int) -> Iterator[tuple[Story, Disk]]:
        """Some moments at which a commit over both files has begun to change them."""
        records = str(self.device / "data" / "state" / "records.db")
        found = [at for at, change in enumerate(self.changes) if change.op == "S" and change.path == records]
        chosen = found[1 :: max(1, len(found) // count)]
        for at, told, disk in self._moments():
            if at in chosen and told.done:
                yield told, disk

    def _in_the_middle(self, chance: random.Random) -> set[int]:
        told, found = Story(), dict[str, list[int]]()
        for at, change in enumerate(self.changes):
            if change.op == "!":
                told.hear(change)
            elif told.begun in OF_MANY_STEPS:
                found.setdefault(told.begun, []).append(at)
        return {chance.choice(moments) for moments in found.values()}


def record(directory: Path, library: Path, *broken: str) -> Recording:
    device, log = directory / "device", directory / "log"
    device.mkdir(parents=True)
    empty = Disk(device)
    disk_log.run(library, "bar_day.py", [device, *broken], under=device, log=log)
    return Recording(device, empty, list(disk_log.read(log)))


@pytest.fixture(scope="module")
def library(quick_place: Path) -> Path:
    return disk_log.build(quick_place)


@pytest.fixture(scope="module")
def day(quick_place: Path, library: Path) -> Recording:
    return record(quick_place / "day", library)


def test_the_shim_sees_what_sqlite_and_the_store_ask_of_the_disk(day: Recording) -> None:
    def asked(op: str, ending: str) -> int:
        return sum(change.op == op and (change.other or change.path).endswith(ending) for change in day.changes)

    names = {change.inode: Path(change.path).name for change in day.changes if change.op == "C"}
    written = {names.get(change.inode) for change in day.changes if change.op == "W"}
    assert {"records.db", "templates.db", "records.db-journal", "templates.db-journal", "exchange.db"} <= written
    for name in ("records.db", "records.db-journal", "templates.db", "templates.db-journal", "exchange.db", "/state"):
        assert asked("S", name) > 0, name
    assert asked("R", "state/anchor") > 0
    assert asked("R", "other/anchor") > 0
    assert asked("L", "records.db") == asked("L", "root.key") == 2  # the second one is restored
    assert any(change.op == "T" and change.number == 0 for change in day.changes)
    story = whole_story(day.changes)
    assert story.begun is None
    assert len(story.done) > 20


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_after_a_power_cut_everything_acknowledged_is_there_and_nothing_is_half_done(
    day: Recording, chunk: int, rounds: Callable[[int, int], int]
) -> None:
    assert list(day.cuts(rounds(300, 2000) // CHUNKS, seed=chunk)) == []


def test_a_second_power_cut_while_the_device_recovers_from_the_first_takes_nothing_either(
    day: Recording, library: Path, rounds: Callable[[int, int], int]
) -> None:
    assert list(day.second_cuts(library, rounds(10, 100), seed=1)) == []


def test_a_store_that_was_cut_off_in_a_commit_is_refused_in_another_place_and_whole_in_its_own(day: Recording) -> None:
    ends, moved, refused = whole_story(day.changes), day.device.with_name("moved"), 0
    for told, disk in day.in_commits(20):
        day.lay(disk, random.Random(1))  # noqa: S311 - what a disk does
        shutil.rmtree(moved, ignore_errors=True)
        day.device.rename(moved)
        before = contents(moved / "data" / "state")
        wrong = wrong_with(moved, told, ends)
        if wrong is not None:
            assert "a commit was cut off in" in wrong
            assert contents(moved / "data" / "state") == before
            refused += 1
            moved.rename(day.device)
            assert wrong_with(day.device, told, ends) is None
    assert refused > 3


@pytest.mark.parametrize("broken", BROKEN)
def test_the_bar_catches_a_store_that_asks_less_of_the_disk(quick_place: Path, library: Path, broken: str) -> None:
    day = record(quick_place / broken, library, broken)
    assert next(day.cuts(300, seed=1), None) is not None
