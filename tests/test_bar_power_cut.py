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

CHUNKS = 4
# How far behind an acknowledgement a cut is laid on purpose: what is lost there was promised.
_JUST_AFTER = 12


@dataclass
class Recording:
    """A day of a device: the place where it lived, the disk before it, and everything that was asked of the disk."""

    data: Path
    empty: Disk
    changes: list[Change]

    def cuts(self, count: int, seed: int) -> Iterator[str]:
        """Cut the power `count` times and open what is left; yields what is wrong each time something is."""
        chance = random.Random(seed)  # noqa: S311 - where the power goes
        told, disk, ends = Story(), copy.deepcopy(self.empty), whole_story(self.changes)
        marks = [at for at, change in enumerate(self.changes) if change.op == "!"]
        moments = Counter(chance.randrange(len(self.changes) + 1) for _ in range(count - count // 3))
        moments.update(chance.choice(marks) + chance.randrange(_JUST_AFTER) for _ in range(count // 3))
        for at in range(len(self.changes) + _JUST_AFTER):
            for _ in range(moments[at]):
                shutil.rmtree(self.data, ignore_errors=True)
                disk.cut(self.data, chance)
                if (wrong := wrong_with(self.data, told, ends)) is not None:
                    yield f"seed {seed}, after change {at}: {wrong}"
            if at < len(self.changes):
                change = self.changes[at]
                (told.hear if change.op == "!" else disk.take)(change)


def record(directory: Path, library: Path, *broken: str) -> Recording:
    data, log = directory / "data", directory / "log"
    data.mkdir(parents=True)
    empty = Disk(data)
    disk_log.run(library, "bar_day.py", [data, *broken], under=data, log=log)
    return Recording(data, empty, list(disk_log.read(log)))


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
    assert asked("L", "records.db") == asked("L", "root.key") == 1
    assert any(change.op == "T" and change.number == 0 for change in day.changes)
    story = whole_story(day.changes)
    assert story.begun is None
    assert len(story.done) > 20


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_after_a_power_cut_everything_acknowledged_is_there_and_nothing_is_half_done(
    day: Recording, chunk: int, rounds: Callable[[int, int], int]
) -> None:
    assert list(day.cuts(rounds(300, 2000) // CHUNKS, seed=chunk)) == []


@pytest.mark.parametrize("broken", BROKEN)
def test_the_bar_catches_a_store_that_asks_less_of_the_disk(quick_place: Path, library: Path, broken: str) -> None:
    day = record(quick_place / broken, library, broken)
    assert next(day.cuts(300, seed=1), None) is not None
