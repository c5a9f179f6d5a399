"""The officer's pages name commands that there are, a privacy.toml that is read, and a way that leads to the end."""

import argparse
import io
import re
import signal
from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import shell_pages
from consent_kit import source
from shell_pages import PAGES
from store_kit import CHEAP, Hands

from kiosk import clock
from kiosk.__main__ import main
from kiosk.cli import accounts_begin
from kiosk.rights import company, recipients
from kiosk.rights.notice_source import gaps
from kiosk.rights.purposes import Purpose
from kiosk.store import password_cost

RATNA, WULAN = "kopi Tubruk 4 pagi", "teh Manis 9 sore!"


class Read(Exception):  # noqa: N818 - nothing is wrong
    """A program has told what it understands; it is not run."""


@cache
def understands(noun: str) -> argparse.ArgumentParser:
    """What `kiosk NOUN` can be told."""
    found: list[argparse.ArgumentParser] = []

    def tells(self: argparse.ArgumentParser, *_: Any) -> None:  # noqa: ANN401 - as argparse has it
        found.append(self)
        raise Read

    before = signal.getsignal(signal.SIGTERM)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, "parse_args", tells)
        with pytest.raises(Read):
            main([noun])
    signal.signal(signal.SIGTERM, before)
    return found[0]


def verbs(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The words that may follow; none if values do."""
    return next((dict(each.choices) for each in parser._actions if isinstance(each, argparse._SubParsersAction)), {})


def lacking(command: str) -> list[str]:
    """What a command names and the program does not know."""
    _, noun, *rest = shell_pages.verb(command)
    parser = understands(noun)
    for word in rest:
        if not (known := verbs(parser)):
            break
        if word not in known:
            return [word]
        parser = known[word]
    return sorted(option for option in shell_pages.options(command) if option not in parser._option_string_actions)


def astray(commands: Iterable[str]) -> list[str]:
    return [f"{each}: {', '.join(lacks)}" for each in commands if (lacks := lacking(each))]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_a_page_names_is_there_with_its_options(page: str) -> None:
    assert astray(shell_pages.named(page)) == []


def test_a_command_or_an_option_that_is_not_there_would_be_found() -> None:
    lines = (
        "kiosk privacy notices --data DIR",
        "kiosk privacy notice show --paper FILE",
        "kiosk store create --data D",
    )
    assert astray(lines) == [f"{lines[0]}: notices", f"{lines[1]}: --paper"]


def test_every_line_of_the_officers_page_can_be_typed(capsys: pytest.CaptureFixture[str]) -> None:
    refused = []
    for line in shell_pages.lines("dpo"):
        noun, *words = shell_pages.typed(line)
        try:
            understands(noun).parse_args(words)
        except SystemExit:
            refused.append(f"{line}: {capsys.readouterr().err}")
    assert refused == []
    assert len(shell_pages.lines("dpo")) > 80


def example() -> str:
    (found,) = (block for block in shell_pages.blocks("dpo") if block.startswith("# privacy.toml"))
    return found


def test_the_example_of_a_privacy_toml_is_whole_and_says_each_key() -> None:
    read = company.parse(example().encode())
    assert gaps(source(read)) == ()
    assert all(each.admitted for each in recipients.register(read))
    assert {rule.purpose for rule in read.purposes} == {*Purpose} - {Purpose.CONDUCT}
    for kind in (*company._SECTIONS.values(), company.Recipient):
        for key in fields(kind):
            assert f"\n{key.name} = " in example(), key.name


def test_without_its_lines_the_example_has_the_values_that_stand_there() -> None:
    read, unsaid = company.parse(example().encode()), company.Company()
    assert (read.clocks, read.periods) == (unsaid.clocks, unsaid.periods)
    assert [(each.purpose, each.basis) for each in read.purposes] == [
        (each.purpose, each.basis) for each in unsaid.purposes
    ]


def filled(questions: str) -> str:
    """The file of questions with an answer to each, but why nobody was asked."""
    answered = re.sub(r'^(?!not_consulted)(\w+) = ""$', r'\1 = "said."', questions, flags=re.MULTILINE)
    return answered.replace('review = "said."', 'review = "2027-06-01"')


def test_a_newcomer_goes_from_nothing_to_the_first_face(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hands = Hands()
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(clock.Watch, "__call__", lambda _watch: hands())
    monkeypatch.setattr(password_cost, "LEAST", CHEAP)
    monkeypatch.setattr(accounts_begin, "calibrate", lambda _store: None)
    data = tmp_path / "site"

    def does(begins: str, *typed: str) -> str:
        """Type the first line of the page that begins so."""
        line = next(each for each in shell_pages.lines("dpo") if each.startswith(f"kiosk {begins}"))
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{each}\n" for each in typed)))
        ended = main([str(data) if word == "DIR" else word for word in shell_pages.typed(line)])
        said = capsys.readouterr()
        assert ended == 0, (line, said.err)
        return said.out

    does("store create")
    does("accounts add", does("accounts first-code").split()[0], RATNA)
    code = does('accounts add --name "Wulan Hartati"', RATNA).split()[0]
    does("accounts password", code, WULAN)
    does("privacy approve role", WULAN)
    does('accounts add --name "Budi Santoso"', RATNA)
    (data / "privacy.toml").write_text(example(), encoding="utf-8")
    does("privacy purposes")
    (tmp_path / "answers.toml").write_text(filled(does("privacy assessment questions")), encoding="utf-8")
    does("privacy assessment draft", RATNA)
    does("privacy assessment sign", WULAN)
    assert "Faces may be used" in does("privacy assessment diff")
    does("privacy notice publish", WULAN)
    assert "privacy.toml the same" in does("privacy controller-change", WULAN)
    does("privacy approve role --account Joko", WULAN)
    does("accounts add --name Joko", RATNA)
    does("privacy contract add", WULAN)
    assert "contract until 2027-06-01" in does("privacy staff", WULAN)
    does("people add", "481516")
    does("people informed", RATNA)
    assert "Everybody has been informed" in does("people uninformed")
    for begins in ("privacy notice sign", "privacy rights", "privacy form", "privacy consents"):
        does(begins)
    papers = {path.stem for path in tmp_path.glob("*.pdf")}
    assert papers == {"assessment", "sign", "rights", "form", "consents"}
