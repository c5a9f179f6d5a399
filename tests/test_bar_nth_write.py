"""Whichever write or sync fails, the caller hears of it, and the act is done or not done; never half, never a lie."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import disk_log
import pytest
from bar_acts import TASKS, do
from bar_broken import NEGLIGENT
from bar_desk import Desk

# An act of many steps makes hundreds of changes, and this bar alone took a tenth of the whole run. A sector that cannot
# be written is tried at each fifth of them, a disk that is full or read-only at each twentieth; each with --long.
SHORT = ("check_in", "enrol", "hand_on", "settle", "checkpoint", "wrong_pin")


@pytest.fixture(scope="module")
def library(quick_place: Path) -> Path:
    return disk_log.build(quick_place)


def tried(work: Path, library: Path, *arguments: str) -> dict[str, Any]:
    (work / "device").mkdir(parents=True)
    (work / "base").mkdir()
    desk = Desk(work / "base")
    desk.prepare()
    for act in TASKS[arguments[0]].before:
        do(desk, act)
    desk.leave()
    said = disk_log.run(library, "bar_nth.py", [work, *arguments], under=work / "device", log=work / "log")
    result: dict[str, Any] = json.loads(said)
    return result


@pytest.mark.parametrize(("act", "error"), [(act, error) for act in TASKS for error in ("EIO", "ENOSPC", "EROFS")])
def test_whichever_change_fails_the_caller_hears_of_it_and_the_act_is_done_or_not_done(
    quick_place: Path, library: Path, act: str, error: str, rounds: Callable[[int, int], int]
) -> None:
    each = 1 if act in SHORT else rounds(5 if error == "EIO" else 20, 1)
    result = tried(quick_place / f"{act}-{error}", library, act, error, str(each))
    assert result["wrong"] == []
    assert result["tried"] > 15 // each


@pytest.mark.parametrize("negligent", NEGLIGENT)
def test_the_bar_catches_a_store_that_is_careless_with_failures(
    quick_place: Path, library: Path, negligent: str
) -> None:
    assert tried(quick_place / negligent, library, "check_in", "EIO", "1", negligent)["wrong"] != []
