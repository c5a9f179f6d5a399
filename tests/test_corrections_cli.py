"""`kiosk privacy correct|review|accuracy` and `kiosk people still-right`: what a shell asks, shows and refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from admin_kit import ALSO_GOOD, GOOD, RATNA
from correction_kit import OFFICER, OTHER, office
from shell_kit import ran
from store_kit import MORNING, PIN, check_in, key_of

from kiosk import words
from kiosk.__main__ import main
from kiosk.store import Store
from wire.event import Action, Method

CODE = "E-0417"
WHEN = "2026-11-16T07:55:00+07:00"


class Shell:
    """A shell in a directory with a store, two accounts, two people and one claimed record of today."""

    def __init__(self, data: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.data, self.patch, self.capsys = data, patch, capsys
        made = office(data / "state")
        now = made.store.now_ms()
        self.claimed = made.log(Action.IN, at=now, method=Method.CLAIMED).event_id
        theirs = check_in(made.store, code=OTHER)
        made.store.ledger.append(theirs, made.other)
        self.theirs = theirs.event_id
        made.store.close()

    def __call__(self, *line: str, typed: tuple[str, ...] = (GOOD,), code: int = 0) -> str:
        out, err = ran(self.patch, self.capsys, (*line, "--data", self.data), typed, code)
        return err if code else out

    def asked(self, *line: str, typed: tuple[str, ...] = (GOOD,)) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self(*line, "--json", typed=typed))

    def ask(self, *more: str) -> str:
        found: str = self.asked("privacy", "correct", "ask", "--person", CODE, *more, "--text", "lupa", typed=(PIN,))[
            "id"
        ]
        return found


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return Shell(tmp_path, monkeypatch, capsys)


MISSING = ("--missing", "--action", "in", "--time", WHEN)


def test_who_asks_gives_their_pin_or_is_seen_by_the_desk(shell: Shell) -> None:
    wrong = shell("privacy", "correct", "ask", "--person", CODE, *MISSING, typed=("000000",), code=2)
    assert "the PIN does not fit" in wrong
    unseen = shell("privacy", "correct", "ask", "--person", CODE, *MISSING, "--by", RATNA, code=2)
    assert "--seen" in unseen
    shell("privacy", "correct", "ask", "--person", CODE, *MISSING, "--by", RATNA, "--seen", "company_badge")
    rows = shell.asked("privacy", "correct", "list", "--by", RATNA)["matters"]
    assert [(row["code"], row["state"]) for row in rows] == [(CODE, "open")]
    unknown = shell("privacy", "correct", "ask", "--person", "E-9", *MISSING, typed=(PIN,), code=2)
    assert words.say("en", "fault.person_unknown.title") in unknown


def test_a_matter_is_decided_answered_and_stated_at_a_shell(shell: Shell, tmp_path: Path) -> None:
    matter = shell.ask(*MISSING)
    refused = shell("privacy", "correct", "answer", "--id", matter, "--by", RATNA, code=2)
    assert "not decided yet" in refused
    reasonless = shell("privacy", "correct", "decide", "--id", matter, "--refuse", "--by", RATNA, code=2)
    assert "give the reason" in reasonless
    stray = shell("privacy", "correct", "decide", "--id", matter, "--accept", "--time", WHEN, "--by", RATNA, code=2)
    assert "belong to --adjust" in stray
    line = shell(
        *("privacy", "correct", "decide", "--id", matter, "--refuse", "--reason", "Tidak ada saksi."),
        *("--by", OFFICER),
        typed=(ALSO_GOOD,),
    )
    assert "refused" in line
    shell("privacy", "correct", "statement", "--id", matter, "--text", "Saya ada di sini.", "--by", RATNA)
    pdf = tmp_path / "answer.pdf"
    letter = shell(
        *("privacy", "correct", "answer", "--id", matter, "--by", RATNA, "--language", "nl", "--pdf", str(pdf))
    )
    assert "Uw gegevens blijven zoals ze zijn." in letter
    assert "Saya ada di sini." in letter
    assert pdf.read_bytes().startswith(b"%PDF")


def test_claims_are_listed_explained_and_decided_at_a_shell(shell: Shell) -> None:
    (row,) = shell.asked("privacy", "review", "list", "--by", RATNA)["records"]
    assert (row["entry"], row["why"], row["code"]) == (shell.claimed, "claimed", CODE)
    card = shell("privacy", "review", "show", "--id", shell.claimed, "--by", RATNA)
    assert "No machine has recognised anybody." in card
    shell(
        *("privacy", "review", "decide", "--id", shell.claimed, "--reassign", OTHER),
        *("--reason", "The shift plan says so.", "--by", RATNA),
    )
    assert shell("privacy", "review", "list", "--by", RATNA) == "Nothing waits for a human.\n"
    store = Store.open(shell.data / "state", key_of(shell.data / "state"))
    other = store.people.by_code(OTHER)
    assert other is not None
    assert len(store.history.events(other.id, 0, MORNING + 10)) == 2
    store.close()


def test_a_face_record_is_explained_with_thresholds_and_a_bound(shell: Shell) -> None:
    asked = shell.asked(
        "privacy", "review", "ask", "--person", OTHER, "--event", shell.theirs, "--text", "ragu", typed=(PIN,)
    )
    assert asked["entry"] == shell.theirs
    told = shell.asked("privacy", "review", "show", "--id", shell.theirs, "--by", RATNA)["data"]
    assert told["thresholds"] == {"accept": "0.50", "near": "0.43", "margin": "0.05"}
    assert "bound" in told["measured"]
    assert told["source"] == "models/manifest.toml"


def test_accuracy_and_still_right_at_a_shell(shell: Shell) -> None:
    said = shell("people", "still-right", "list", "--by", RATNA)
    assert said == "Everybody was asked within the last twelve months.\n" or CODE in said
    shell("people", "still-right", "confirm", "--person", CODE, "--by", RATNA)
    report = json.loads(shell("privacy", "accuracy", "--by", RATNA, "--json", "--months", "120"))["data"]
    assert report["months"] == 120
    assert CODE not in [each["code"] for each in report["ask"]]
    assert {each["code"] for each in report["offers"]} == {CODE, OTHER}, "their references are of another pack"
    assert report["roster_at"] is None


@pytest.mark.parametrize(
    "typed",
    [
        ("privacy", "correct", "decide", "--id", "0" * 16, "--accept"),
        ("privacy", "review", "decide", "--id", "x", "--annul", "--reason", "y"),
        ("privacy", "review", "list"),
        ("privacy", "accuracy"),
        ("people", "still-right", "list"),
    ],
)
def test_nothing_is_looked_at_or_decided_without_an_account(
    typed: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([*typed, "--data", str(tmp_path)])
    assert "--by" in capsys.readouterr().err


@pytest.mark.parametrize("time", ["2026-11-16T07:55:00", "yesterday", "1969-12-31T00:00:00+00:00"])
def test_a_time_without_its_zone_is_refused(time: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("privacy", "correct", "ask", "--person", CODE, "--missing", "--action", "in", "--time", time)
    with pytest.raises(SystemExit):
        main([*asked, "--data", str(tmp_path)])
    assert "looks like" in capsys.readouterr().err
