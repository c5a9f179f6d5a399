import re
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
import stage
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage

from kiosk.cli import screens
from kiosk.flow.states import State
from kiosk.pages.posed import posed
from kiosk.screens import pictures, pose, spoken
from kiosk.screens.entry import CODE_MOST, PIN_MOST, Entry
from kiosk.store.accounts import fit

UI = Path(__file__).parents[1] / "kiosk" / "ui"


def typed(text: str, entry: Entry | None = None) -> Entry:
    entry = entry or Entry()
    for key in text:
        entry = entry.typed(key)
    return entry


def test_a_code_takes_letters_digits_and_hyphens_and_a_pin_only_digits() -> None:
    entry = typed("k-17é ½\n", Entry())
    assert entry.code == "K-17"
    assert typed("4a8-2", entry.moved_on()).pin == "482"
    assert typed("ab", entry.typed("12")).code == "K-17AB"


def test_the_pin_comes_after_a_code_and_erasing_leads_back() -> None:
    assert not Entry().moved_on().on_pin
    entry = typed("48", typed("K").moved_on())
    assert entry.ready
    assert entry.erased().pin == "4"
    assert not entry.erased().erased().erased().on_pin
    assert typed("K7").erased().code == "K"
    assert (entry.at_code().code, entry.at_code().pin, entry.at_code().on_pin) == ("K", "", False)
    assert (entry.at_pin().pin, entry.at_pin().on_pin, entry.at_pin().ready) == ("", True, False)


def test_every_pin_that_may_be_set_can_be_typed() -> None:
    longest = "4829130576184029"
    assert fit(longest)
    assert typed(longest, typed("K").moved_on()).pin == longest
    assert len(typed("A" * 64).code) == 64  # the longest employee code there is


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_is_typed_stays_short_and_never_shows_in_a_repr(code: str, pin: str) -> None:
    entry = typed(pin, typed(code).moved_on())
    assert len(entry.code) <= CODE_MOST
    assert len(entry.pin) <= PIN_MOST
    assert repr(entry).count("'") == 0


@pytest.mark.parametrize(
    ("language", "time", "date", "before", "hours"),
    [
        ("id", "07.58", "Senin, 3 Agustus", "Minggu 07.58", "Hari ini 2 jam 5 menit"),
        ("en", "07:58", "Monday 3 August", "Sunday 07:58", "Today 2 h 5 min"),
        ("nl", "07:58", "maandag 3 augustus", "zondag 07:58", "Vandaag 2 u 5 min"),
    ],
)
def test_times_and_days_are_written_as_the_language_does(
    language: str,
    time: str,
    date: str,
    before: str,
    hours: str,
) -> None:
    now = pose.WALL
    assert spoken.time(language, now) == time
    assert spoken.date(language, now) == date
    assert spoken.when(language, now, now) == time
    assert spoken.when(language, now - timedelta(days=1), now) == before
    assert spoken.hours(language, 7_559) == hours
    assert spoken.hours(language, -5) == spoken.hours(language, 0)


def test_midnight_has_two_digits() -> None:
    assert spoken.time("en", datetime(2026, 8, 3, 0, 5, tzinfo=pose.WALL.tzinfo)) == "00:05"


def test_every_state_has_a_pose() -> None:
    assert {type(each.state) for each in pose.poses()} == set(get_args(State))
    assert len({each.name for each in pose.poses()}) == len(pose.poses())


def test_the_command_writes_a_picture_of_every_screen_that_is_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = ["--out", str(tmp_path / "new"), "--language", "nl", "--layout", "landscape", "--only", "idle,blocks"]
    with stage.watched():
        assert screens.main(wanted) == 0
        assert screens.main([*wanted, "--pages", "--large", "--sheet", str(tmp_path / "sheet.png")]) == 0
    written = sorted((tmp_path / "new").iterdir())
    firsts = {path.stem for path in written if path.stem.endswith("-nl")}
    idle = {f"{each.name}-landscape-nl" for each in pose.poses() if each.name.startswith("idle")}
    assert firsts == idle | {"page-blocks-landscape-nl"}
    assert {"page-blocks-landscape-nl-2", "page-blocks-landscape-nl-3"} < {path.stem for path in written}
    assert all(path.read_bytes().startswith(b"\x89PNG") and path.stat().st_size > 3000 for path in written)
    said = capsys.readouterr().out
    assert re.search(r"^\d+ pictures in", said)
    sheet = QImage(str(tmp_path / "sheet.png"))
    assert sheet.width() > 1600
    assert re.search(r"[5-9] screens on", said), "larger type takes more of them"


def test_names_of_pages_are_unique() -> None:
    names = [each.name for each in posed()]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("nothing", [["--only", "nobody"], []])
def test_a_sheet_of_nothing_is_refused(nothing: list[str], tmp_path: Path) -> None:
    with stage.watched(), pytest.raises(SystemExit) as end:
        screens.main([*(["--sheet", str(tmp_path / "s.png")] if nothing else []), *nothing])
    assert end.value.code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", [["--language", "fr"], ["--layout", "round"]])
def test_the_command_refuses_what_it_does_not_know(wrong: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as end:
        screens.main(["--out", str(tmp_path), *wrong])
    assert end.value.code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_picture_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "idle-landscape-id.png").mkdir()
    with stage.watched(), pytest.raises(OSError, match="cannot write"):
        list(pictures.render(tmp_path, pictures.Wanted(("id",), ("landscape",), only=("idle",))))


def test_qmllint_has_nothing_to_say() -> None:
    lint = shutil.which("pyside6-qmllint", path=str(Path(sys.executable).parent))
    assert lint is not None
    files = [str(path) for path in sorted(UI.glob("*.qml"))]
    done = subprocess.run(
        [lint, "--max-warnings", "0", "-I", str(UI / "types"), *files],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
