"""`kiosk privacy assessment` and `kiosk privacy breach` at a shell: who may, what is measured, what is handed out."""

import io
import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pikepdf
import pytest
from admin_kit import RATNA, acts
from assess_kit import Shell, desk
from store_kit import enrolled, key_of

from kiosk.cli.assessment_measured import gathered
from kiosk.config import Camera, Config
from kiosk.evaluation import report
from kiosk.evaluation.by_group import Gap, GroupRate
from kiosk.evaluation.intervals import independent
from kiosk.faults import Fault, FaultCode
from kiosk.rights.measured import WHOLE, Source
from kiosk.store import Store, password_cost
from kiosk.vision import honesty
from kiosk.vision.honesty import Card, Counts


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr(password_cost, "took", lambda _cost: 0.6)
    desk(tmp_path)
    return tmp_path


@pytest.fixture
def shell(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(data, monkeypatch, capsys)


def opened(data: Path) -> Store:
    return Store.open(data / "state", key_of(data / "state"))


def test_an_assessment_is_drafted_by_the_desk_and_signed_by_the_officer_alone(shell: Shell, data: Path) -> None:
    assert "no assessment is signed" in shell("assessment", "diff", by="", code=1)[0]
    answers = ("--answers", str(data / "answers.toml"))
    drafted = shell("assessment", "draft", *answers, "--language", "id", by=RATNA)[0]
    assert "Penilaian dampak" in drafted
    assert "Belum ditandatangani" in drafted
    assert "This is not for you to do" in shell("assessment", "sign", by=RATNA, code=2)[1]
    signed = shell.asked("assessment", "sign")
    assert signed["data"]["signed_by"]
    assert "covers these settings" in shell("assessment", "diff", by="")[0]
    pdf = data / "nl.pdf"
    shell("assessment", "show", "--language", "nl", "--pdf", str(pdf))
    with pikepdf.open(pdf) as file:
        assert len(file.pages) > 1
    (data / "kiosk.toml").write_text('[recognition]\nthreshold = 0.45\nchallenge = "always"\n')
    changed, _ = shell("assessment", "diff", "--language", "nl", by="", code=1)
    assert "Herkenningsdrempel: 0,50 -> 0,45" in changed
    assert "Zwakker dan ondertekend: Herkenningsdrempel" in changed, "the stricter one does not lock"
    assert shell.asked("assessment", "diff", by="", code=1)["weaker"] == ["threshold"]
    (row,) = shell.asked("assessment", "list")["assessments"]
    assert (row["state"], row["review"]) == ("signed", "2027-11-01")
    assert row["id"] in shell("assessment", "withdraw")[0]
    assert "There is no such paper" in shell("assessment", "withdraw", code=2)[1]


def test_an_empty_answer_keeps_the_officer_from_signing(shell: Shell) -> None:
    shell("assessment", "draft")
    said = shell("assessment", "sign", code=2)[1]
    assert "This cannot be done yet" in said
    assert "necessity, proportionality, advice, review, authority" in said


def test_the_file_of_questions_is_one_that_can_be_filled_in(
    shell: Shell, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk.__main__ import main  # noqa: PLC0415 - as a shell does

    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert main(["privacy", "assessment", "questions"]) == 0
    file = data / "questions.toml"
    file.write_text(capsys.readouterr().out.replace("# [risk.stolen]", "[risk.stolen]", 1))
    said = shell("assessment", "draft", "--answers", str(file), code=2)[1]
    assert "the answers: [risk.stolen]" in said, "it is not privacy.toml that is wrong"
    assert "risk.stolen" in said, "a risk that is begun must be finished"
    file.write_text(file.read_text().replace("[risk.stolen]", "# [risk.stolen]"))
    shell("assessment", "draft", "--answers", str(file))


# -- what was measured

COUNTS = Counts(presentations=10, bona_fide=0, attack=9, undecided=1, input_rejected=0, no_response=0)
CARD = Card(
    date(2026, 11, 20), "v4l:/dev/video0", "faceplugin", {"a": "b"},
    fused=False, rehearsal=False, attack=0.1, bona_fide=0.2, counts={"print": COUNTS},
)  # fmt: skip


def photographs(threshold: float = 0.50) -> dict[str, Any]:
    """What `kiosk models evaluate --out` writes, as far as an assessment reads it."""
    rate = report._rate(independent(3, 1000))
    groups = [GroupRate("A", "fnmr", "0.50", independent(2, 100)), GroupRate("B", "fnmr", "0.50", independent(9, 100))]
    gap = Gap("fnmr", "0.50", "A", "B", 0.07, -0.01, 0.15)
    return {
        "pack": "faceplugin",
        "images": 1000,
        "people": 120,
        "failure_to_acquire": rate,
        "verification": {"at_threshold": {"threshold": threshold, "fmr": rate, "fnmr": rate}},
        "groups": [{**asdict(each), **report._rate(each.rate)} for each in groups],
        "gaps": [
            {"measure": gap.measure, "setting": gap.setting, "best": gap.best, "worst": gap.worst, "gap": gap.value,
             "ci": [gap.low, gap.high]}
        ],
    }  # fmt: skip


def test_the_card_of_this_camera_and_the_report_of_an_evaluation_are_taken_with_their_bounds(data: Path) -> None:
    config = Config(data=data, camera=Camera("v4l:/dev/video0"))
    (data / honesty.FILE).write_text(honesty.text(CARD))
    (data / "report.json").write_text(json.dumps(photographs()))
    store = opened(data)
    found = {each.source: each for each in gathered(store, config, data / "report.json")}
    store.close()
    apcer = next(each for each in found[Source.LIVENESS].rates if each.measure == "apcer")
    assert (apcer.value, apcer.low, apcer.events, apcer.trials) == (0, 0, 0, 10)
    assert apcer.high == pytest.approx(0.3085 * WHOLE, rel=1e-3)  # 1 - 0.025^(1/10)
    assert found[Source.LIVENESS].counts
    evaluated = found[Source.EVALUATION]
    assert {(each.measure, each.subject) for each in evaluated.rates} == {
        ("fta", ""), ("fmr", "0.50"), ("fnmr", "0.50"), ("fnmr", "A"), ("fnmr", "B")
    }  # fmt: skip
    assert [(each.best, each.worst, each.low, each.high) for each in evaluated.gaps] == [
        ("A", "B", -10_000_000, 150_000_000)
    ]
    assert found[Source.PACK].stated.startswith("FPIR 0 of 3,812 probes (95% bound 0.08%)")
    assert "FNIR" not in found[Source.PACK].stated, "it stands there without a bound"
    assert "Training data not stated" in found[Source.PACK].stated


def test_a_card_of_another_camera_and_a_report_of_another_threshold_do_not_count(data: Path) -> None:
    (data / honesty.FILE).write_text(honesty.text(CARD))
    (data / "report.json").write_text(json.dumps(photographs(0.40)))
    store = opened(data)
    found = {each.source: each.counts for each in gathered(store, Config(data=data), data / "report.json")}
    store.close()
    assert found == {Source.LIVENESS: False, Source.EVALUATION: False, Source.PACK: False}
    assert not replace(CARD, rehearsal=True).fits("v4l:/dev/video0", "faceplugin", {"a": "b"})


@pytest.mark.parametrize("text", ["{}", "[]", "null", "no json", '{"verification": 3}', "\0"])
def test_a_file_that_is_no_report_is_refused(data: Path, text: str) -> None:
    (data / "report.json").write_text(text)
    store = opened(data)
    with pytest.raises(Fault) as refused:
        gathered(store, Config(data=data), data / "report.json")
    store.close()
    assert refused.value.code is FaultCode.EVALUATION_REFUSED


# -- breaches


def test_a_breach_goes_from_the_report_to_the_register(shell: Shell, data: Path) -> None:
    store = opened(data)
    enrolled(store)
    store.close()
    opened_case = shell.asked("breach", "open", "--what", "card_stolen", "--at", _today(), "--words", "Di lobi")["data"]
    case = ("--id", opened_case["id"])
    assert opened_case["names"] == [["E-0417", "Budi Santoso"]]
    assert opened_case["exposure"]["people"] == 1
    for_admin = shell("breach", "show", *case, by=RATNA)[0]
    assert "Budi" not in for_admin
    assert "Names are shown to the data-protection officer alone." in for_admin
    assert "This is not for you to do" in shell("breach", "assess", *case, by=RATNA, code=2)[1]
    assessed = shell("breach", "assess", *case, "--harm", "whereabouts=possible", "--language", "id")[0]
    assert "Ada risiko tinggi bagi orang." in assessed
    shell("breach", "measure", *case, "--text", "Semua kunci diputar.")
    pdf = data / "letter.pdf"
    letter = shell("breach", "draft", *case, "--to", "persons", "--language", "nl", "--pdf", str(pdf))[0]
    assert "Semua kunci diputar." in letter
    with pikepdf.open(pdf) as file:
        assert len(file.pages) >= 1
    shell("breach", "notify", *case, "--to", "authority", "--how", "portal", "--reference", "PDP-7")
    register = shell("breach", "list", by=RATNA)[0]
    assert "told 20" in register
    assert "must be told, 71 hours left" in register
    assert "not told: persons" in shell("breach", "close", *case, code=2)[1]
    shell("breach", "notify", *case, "--to", "persons", "--how", "surat")
    shell("breach", "close", *case)
    (row,) = shell.asked("breach", "list")["data"]["cases"]
    assert (row["state"], row["gravity"], row["authority"]["late"]) == ("closed", "high", False)
    store = opened(data)
    seen = [detail for kind, detail in acts(store) if kind == "viewed"]
    store.close()
    assert {"list": "breach", "people": 1} in seen, "that the officer looked at names stands in the ledger"


def _today() -> str:
    """The day at the door."""
    return f"{datetime.now(UTC).astimezone(ZoneInfo('Asia/Jakarta')):%Y-%m-%d}"


@pytest.mark.parametrize(
    "words",
    [
        ("open", "--what", "card_stolen", "--at", "yesterday"),
        ("open", "--what", "flood", "--at", "2026-11-16"),
        ("assess", "--id", "x", "--harm", "rain=likely"),
        ("assess", "--id", "x", "--harm", "pay"),
        ("draft", "--id", "x", "--to", "press"),
    ],
)
def test_a_wrong_word_is_a_wrong_call(shell: Shell, words: tuple[str, ...]) -> None:
    assert "usage: " in shell("breach", *words, code=2)[1]


def test_an_unknown_case_and_a_day_to_come_are_refused(shell: Shell) -> None:
    assert "There is no such paper" in shell("breach", "show", "--id", "0" * 16, code=2)[1]
    assert "This cannot be done yet" in shell("breach", "open", "--what", "clone", "--at", "2999-01-01", code=2)[1]
