"""Every stored column has a purpose, a line of the notice's list and a period; one that nobody has listed fails."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table, Text

from hq import dictionary as of_hq
from hq.__main__ import main as hq_main
from kiosk import words
from kiosk.rights import dictionary
from kiosk.rights.company import Company, Periods
from kiosk.rights.purposes import Purpose
from kiosk.rights.retention_document import period_of
from kiosk.rights.schedule import DataClass
from kiosk.store import columns
from kiosk.store.schema import RECORDS, TEMPLATES

DOCS = Path(__file__).parents[1] / "docs"
TABLES = (*RECORDS, *TEMPLATES)


def test_every_stored_column_has_a_purpose_that_the_notice_names() -> None:
    found = {
        (table.name, column.name): dictionary.purposes_of(table, column) for table in TABLES for column in table.columns
    }
    assert len(found) > 100
    assert all(found.values())
    assert {purpose for each in found.values() for purpose in each} | dictionary.NOT_STORED == set(Purpose)
    for language in words.LANGUAGES:
        for purpose in Purpose:
            assert words.say(language, f"registers.purpose.{purpose}")
            assert words.say(language, f"registers.short.{purpose}")


def test_a_column_with_a_purpose_that_nobody_has_mapped_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(dictionary.PURPOSES, columns.Purpose.PROTECTION)
    with pytest.raises(KeyError):
        dictionary.lines()


def test_the_list_of_columns_that_hold_more_names_only_what_is_there() -> None:
    there = {(table.name, column.name) for table in TABLES for column in table.columns}
    assert dictionary.ALSO.keys() <= there


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_kind_and_every_period_has_its_words(language: str) -> None:
    for holds in columns.Holds:
        assert words.say(language, f"registers.holds.{holds}")
    for kept in columns.Kept:
        assert dictionary.kept(language, kept.value, Periods())
    for data_class in DataClass:
        assert words.say(language, f"registers.class.{data_class}")
        assert period_of(language, data_class, Periods())
    made = dictionary.document(language, Company(periods=Periods(attendance=7)), "d", 0)
    assert words.say(language, "registers.kept.attendance_retention_period", attendance=7) in str(made.blocks)


def test_every_column_of_headquarters_says_what_it_holds_why_and_for_how_long() -> None:
    assert of_hq.unlisted() == frozenset()
    assert {line.purpose.value for line in of_hq.lines()} <= set(Purpose)
    documented = (DOCS / "columns.md").read_text(encoding="utf-8").partition("## Headquarters")[2]
    rows = [f"| {line.table} | {line.column} | {line.holds} | {line.purpose} | {line.kept} |" for line in of_hq.lines()]
    assert [row for row in documented.splitlines() if row.startswith("| ")][1:] == rows


def test_a_column_of_headquarters_that_nobody_has_listed_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = MetaData()
    Table("roster", planted, Column("person", Text), Column("salary", Text))
    monkeypatch.setattr(of_hq, "metadata", planted)
    assert ("roster", "salary") in of_hq.unlisted()


def test_no_column_of_headquarters_that_holds_a_name_is_open() -> None:
    for line in of_hq.lines():
        if line.holds in {of_hq.Holds.IDENTITY, of_hq.Holds.ATTENDANCE}:
            assert line.column in {"sealed", "about"}, line


def test_headquarters_prints_its_table_without_opening_a_store(capsys: pytest.CaptureFixture[str]) -> None:
    assert hq_main(["data", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["columns"]
    assert len(rows) == len(of_hq.lines())
    assert hq_main(["data"]) == 0
    assert "events.sealed" in capsys.readouterr().out
