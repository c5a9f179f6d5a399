import dataclasses
import json
from pathlib import Path

import pytest

from kiosk.cli import demo_check
from kiosk.cli.demo_check import Row, Visit, compare

VISITS = [
    Visit("face", "E-1", 1000, 2000, "recorded"),
    Visit("stranger", None, 3000, 4000, "not_recognised"),
    Visit("pin", "E-2", 5000, 6000, "recorded"),
]
ROWS = [Row("d/1", "E-1", "face", 1500), Row("d/2", "E-2", "pin", 5500)]


def test_a_day_that_went_well_passes() -> None:
    verdict = compare(VISITS, ROWS)
    assert verdict == demo_check.Verdict(1, 0, 1, 1, 2, 2, 0, ())


def broken(visits: list[Visit], rows: list[Row]) -> demo_check.Verdict:
    verdict = compare(visits, rows)
    assert verdict.wrong
    return verdict


def test_another_name_on_a_face_is_counted() -> None:
    assert broken(VISITS, [dataclasses.replace(ROWS[0], person="E-2"), ROWS[1]]).wrongly_recognised == 1


def test_a_stranger_who_got_a_name_is_counted() -> None:
    verdict = broken(VISITS, [*ROWS, Row("d/3", "E-1", "face", 3500)])
    assert (verdict.wrongly_recognised, verdict.strangers_refused) == (1, 0)


def test_a_check_in_at_an_empty_door_is_counted() -> None:
    assert broken(VISITS, [*ROWS, Row("d/3", "E-1", "face", 2500)]).wrongly_recognised == 1


def test_a_check_in_that_never_reached_hq_falls_short() -> None:
    verdict = broken(VISITS, ROWS[:1])
    assert (verdict.hq_stored, verdict.recorded) == (1, 2)


@pytest.mark.parametrize("twice", [Row("d/1", "E-1", "face", 1500), Row("d/9", "E-1", "face", 1600)])
def test_a_check_in_that_stands_twice_is_counted(twice: Row) -> None:
    assert broken(VISITS, [*ROWS, twice]).hq_duplicates == 1


def test_a_stranger_who_saw_another_screen_was_not_refused() -> None:
    looking = [VISITS[0], dataclasses.replace(VISITS[1], shown="looking"), VISITS[2]]
    assert broken(looking, ROWS).strangers_refused == 0


@pytest.mark.parametrize("kind", ["face", "stranger", "pin"])
def test_a_day_on_which_a_kind_of_visit_never_came_proves_nothing(kind: str) -> None:
    visits = [visit for visit in VISITS if visit.kind != kind]
    rows = [row for row in ROWS if row.method != kind]
    broken(visits, rows)


def test_the_command_reads_files_and_its_exit_code_says_whether_all_is_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def event(code: str, method: str, at: int) -> dict[str, object]:
        kind = "com.ambang.checkin.v1"
        return {"device": "d", "id": str(at), "type": kind, "person": code, "method": method, "time": at}

    dispute = {"type": "com.ambang.disputed.v1"}
    rows = [event("E-1", "face", 1500), event("E-2", "pin", 5500), dispute]
    visits, export = tmp_path / "visits.json", tmp_path / "export.json"
    visits.write_text(json.dumps([dataclasses.asdict(visit) for visit in VISITS]), encoding="utf-8")
    export.write_text(json.dumps({"events": rows}), encoding="utf-8")
    assert demo_check.main([str(visits), str(export)]) == 0
    assert json.loads(capsys.readouterr().out)["hq_stored"] == 2
    export.write_text(json.dumps({"events": rows[:1]}), encoding="utf-8")
    assert demo_check.main([str(visits), str(export)]) == 1
