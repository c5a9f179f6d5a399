"""The whole demo as a newcomer runs it, what its logs and databases hold afterwards, and that its checker can fail."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kiosk import config
from kiosk.cli import demo_office
from kiosk.cli.demo_office import PEOPLE
from kiosk.faults import Fault
from kiosk.store import FileRootKey, Store
from kiosk.vision import packs
from kiosk.vision.film import SampleFilm, script
from kiosk.vision.gallery import Match
from kiosk.vision.pipeline import Pipeline

DECIMAL = re.compile(r"(?<![\d.:/])-?\d*\.\d+(?![\d.])")
LONG_RUN = re.compile(r"[A-Za-z0-9+/=_-]{65,}")


@dataclass(frozen=True, slots=True)
class Ended:
    """What a demo left behind."""

    data: Path
    code: int
    result: dict[str, Any]


def play(where: Path, *options: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "kiosk", "demo", "--headless", "--log-level", "DEBUG"]
    paths = ["--keep", str(where / "data"), "--json", str(where / "out.json")]
    with (where / "said").open("wb") as said:
        return subprocess.Popen([*command, *paths, *options], stdout=said, stderr=said)


def ended(where: Path, process: "subprocess.Popen[bytes]") -> Ended:
    code = process.wait(200)
    out = where / "out.json"
    assert out.exists(), (where / "said").read_text(encoding="utf-8")
    return Ended(where / "data", code, json.loads(out.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def pipeline() -> Pipeline:
    try:
        return Pipeline(packs.load())
    except Fault as fault:
        pytest.skip(f"the default model pack is not installed ({fault.code}): `kiosk models fetch`")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, pipeline: Pipeline) -> Ended:  # noqa: ARG001 - skips without models
    where = tmp_path_factory.mktemp("demo")
    return ended(where, play(where))


def logs(data: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted((data / "logs").iterdir()))


def private_in(log: str) -> list[str]:
    """Return every line that holds a name, a code, a PIN, a number of the match path or a long run of characters."""
    secret = [word for each in PEOPLE for word in (each.code, each.pin, *each.name.split())]
    named = re.compile("|".join(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])" for word in secret))
    return [line for line in log.splitlines() if named.search(line) or DECIMAL.search(line) or LONG_RUN.search(line)]


def test_everybody_at_the_door_stands_at_hq_once_and_the_strangers_do_not(demo: Ended) -> None:
    assert demo.code == 0
    counts = {name: demo.result[name] for name in ("recognised", "wrongly_recognised", "hq_duplicates", "wrong")}
    assert counts == {"recognised": 4, "wrongly_recognised": 0, "hq_duplicates": 0, "wrong": []}
    assert demo.result["people_enrolled"] == 5
    assert demo.result["strangers_refused"] == 2
    assert demo.result["pin_check_ins"] == 1
    assert demo.result["recorded"] == demo.result["hq_stored"] == 5


def test_what_is_kept_is_a_kiosk_that_the_other_commands_know(demo: Ended) -> None:
    kiosk = [sys.executable, "-m", "kiosk", "people", "list", "--config", str(demo.data / "kiosk.toml")]
    listed = subprocess.run(kiosk, capture_output=True, text=True, check=True).stdout
    assert [line.split()[0] for line in listed.splitlines()] == [each.code for each in PEOPLE]
    assert config.load(demo.data / "kiosk.toml").headquarters.name == "ambang-hq/demo"


def test_the_demo_says_what_it_measured(demo: Ended) -> None:
    assert demo.result["frame_to_decision_ms"]["decisions"] >= 6
    assert 0 < demo.result["frame_to_decision_ms"]["p50"] <= demo.result["frame_to_decision_ms"]["p95"]
    assert demo.result["preview_fps"] > 0
    assert demo.result["peak_rss_mib"] > 0


def test_the_log_of_a_whole_demo_holds_nobody_and_no_score(demo: Ended) -> None:
    log = logs(demo.data)
    assert {"kiosk.log", "hq.log", "sync.log"} == {path.name for path in (demo.data / "logs").iterdir()}
    assert "ended as Match" in log
    assert "batch stored" in log
    assert private_in(log) == []


@pytest.mark.parametrize(
    "line",
    [
        f"attempt 3 scored {Match('p', 0.6183).score}",
        f"attempt 3 scored {-0.02:.2f}",
        f"welcome {PEOPLE[0].name}",
        f"code={PEOPLE[1].code}",
        f"pin {PEOPLE[2].pin}.",
        "template " + "ab" * 40,
    ],
)
def test_the_search_of_the_log_finds_what_must_not_be_there(demo: Ended, line: str) -> None:
    assert private_in(f"{logs(demo.data)}\n{line}\n") == [line]


def clear_in(data: Path, needles: list[bytes]) -> list[str]:
    """Return the database files of a demo (journals included) that hold any of the needles."""
    files = [path for path in sorted(data.rglob("*")) if path.is_file() and ".db" in path.name]
    assert {"templates.db", "records.db", "exchange.db", "sync.db", "hq.db"} <= {path.name for path in files}
    return [path.name for path in files if any(needle in path.read_bytes() for needle in needles)]


def test_no_database_holds_a_name_a_code_or_a_pin_in_clear(demo: Ended) -> None:
    words = [word for each in PEOPLE for word in (each.name, each.name.split()[0], each.code, each.pin)]
    needles = [word.encode(encoding) for word in words for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
    assert clear_in(demo.data, needles) == []
    assert clear_in(demo.data, [b"SQLite format 3"])  # the search does find what is there


def test_no_database_holds_a_vector_in_clear(demo: Ended, pipeline: Pipeline) -> None:
    film = SampleFilm(script())
    store = Store.open(demo.data / "state", FileRootKey(demo.data / "state" / "root.key"))
    try:
        turned = [reference.vector for reference in store.templates.references()]
    finally:
        store.close()
    plain = [
        reference.vector
        for each in PEOPLE
        if each.subject is not None
        for reference in demo_office._references(pipeline, film, "x", each.subject)
    ]
    assert len(turned) == len(plain) > 0
    for vectors in (plain, turned):
        needles = [
            vector[at : at + 4].astype(kind).tobytes() for vector in vectors for at in (0, 100, 508) for kind in "fd"
        ]
        assert clear_in(demo.data, needles) == []


@pytest.mark.long
def test_the_checker_finds_swapped_templates_and_a_dead_hq(tmp_path: Path, demo: Ended) -> None:
    assert demo.code == 0
    running = {}
    for fault in ("swapped-templates", "dead-hq"):
        (tmp_path / fault).mkdir()
        running[fault] = play(tmp_path / fault, "--rehearse", fault)
    swapped, dead = (ended(tmp_path / fault, process) for fault, process in running.items())
    assert swapped.code == 1
    assert swapped.result["wrongly_recognised"] >= 1
    assert dead.code == 1
    assert dead.result["hq_stored"] < dead.result["recorded"]
