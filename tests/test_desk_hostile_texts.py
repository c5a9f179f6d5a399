"""What is written to the desk to harm whoever reads it: escapes for a terminal, forged lines, broken text, size."""

from pathlib import Path

import pytest
from requests_kit import BUDI, COMPANY, Office, Shell, office

from kiosk.faults import Fault, FaultCode
from kiosk.rights.correction import Field, ProfileWrong
from kiosk.rights.rectification import Asked, ask
from kiosk.rights.requests import ByPin, How
from kiosk.store import papers
from kiosk.store.papers import PaperKind

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egro\N{LINE SEPARATOR}"
FORGED = "lupa)\n0123456789abcdef  open        2026-11-19 08:00 WIB   E-0988        another line"
BROKEN = "caf\udce9"  # as Python reads bytes of a shell that are no UTF-8


@pytest.fixture
def at(tmp_path: Path) -> Office:
    return office(tmp_path / "data")


def correction(at: Office, text: str) -> None:
    ask(at.store, at.budi, ProfileWrong(Field.LANGUAGE, "en"), Asked(text, How.KIOSK, ByPin(0, "")), COMPANY)


@pytest.mark.parametrize("hostile", [ESCAPES, FORGED])
def test_a_list_of_corrections_is_a_line_for_each_without_what_acts_on_a_terminal(
    at: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], hostile: str
) -> None:
    correction(at, hostile)
    out, _ = Shell(at, monkeypatch, capsys).officer("correct", "list")
    assert out.count("\n") == 1
    assert out.rstrip("\n").isprintable()


def test_a_name_that_could_not_be_kept_is_refused_when_it_is_asked_for(at: Office) -> None:
    for name in ("Budi\x1b[31m", "Budi\u202e", "Budi\nSantoso", "B" * 65, BROKEN):
        with pytest.raises(Fault) as refused:
            ask(at.store, at.budi, ProfileWrong(Field.NAME, name), Asked("", How.KIOSK, ByPin(0, "")), COMPANY)
        assert refused.value.code is FaultCode.PERSON_INVALID, ascii(name)


@pytest.mark.parametrize(
    "words",
    [
        ("restrict", "begin", "--person", BUDI[0], "--purpose", "face", "--why", BROKEN),
        ("object", "file", "--person", BUDI[0], "--purpose", "attendance", "--why", BROKEN),
        ("correct", "ask", "--person", BUDI[0], "--speaks", "en", "--text", BROKEN, "--seen", "passport"),
    ],
)
def test_what_is_no_text_is_refused_with_a_sentence(
    at: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    shell = Shell(at, monkeypatch, capsys)
    _, said = shell.officer(*words, code=2)
    assert said.startswith("kiosk: ")


def test_a_paper_that_is_too_long_is_refused_as_such_and_not_as_a_damaged_store(at: Office) -> None:
    for text in ("x" * 200_001, "x" * 1_200_000):
        with pytest.raises(Fault) as refused:
            papers.put(at.store, PaperKind.CASE, {"text": text}, state="open")
        assert refused.value.code is FaultCode.DESK_REFUSED
