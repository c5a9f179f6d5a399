"""The notice at the door: the one that was published, in the reader's language, or the sentence that there is none."""

from pathlib import Path

import pytest
from consent_kit import COMPANY, NEXT_WEEK, approved, published
from hypothesis import given
from hypothesis import strategies as st
from pages_kit import Guest, configured
from store_kit import new_store

from kiosk.faults import FaultCode
from kiosk.pages.areas import AREAS
from kiosk.pages.notice_page import LONGEST, Notice, Unpublished, pieces
from kiosk.pages.sheet import Fact, Line
from kiosk.rights import notices
from wire.errors import FormatError


@pytest.fixture
def guest(tmp_path: Path) -> Guest:
    store = new_store(tmp_path / "state")
    return Guest(store, configured(store))


def opened(guest: Guest) -> Guest:
    return guest.begin(AREAS["notice"]()).wait(0.5)


def test_where_none_is_published_that_is_said(guest: Guest) -> None:
    opened(guest)
    assert isinstance(guest.page, Unpublished)
    assert "No privacy notice has been published" in guest.texts
    assert guest.leave().over


def test_the_one_in_force_is_shown_in_every_language_with_version_and_whom_to_ask(guest: Guest) -> None:
    edition = published(guest.store)
    opened(guest)
    assert isinstance(guest.page, Notice)
    assert edition.label in guest.texts
    assert COMPANY.officer.email in guest.texts
    shown = {language: guest.sheet_in(language) for language in ("id", "en", "nl")}
    assert len({sheet.title for sheet in shown.values()}) == 3
    for sheet in shown.values():
        assert len(sheet.body) > 30, "all of it"
        for block in sheet.body:
            assert isinstance(block, Line | Fact)
            assert len(block.text if isinstance(block, Line) else block.value) <= LONGEST


def test_every_word_of_the_notice_stands_on_the_page(guest: Guest) -> None:
    edition = published(guest.store)
    opened(guest)
    read = set(guest.texts.split())
    for block in edition.text("en").blocks:
        for text in _texts(block):
            assert set(text.split()) <= read


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for each in value for text in _texts(each)]
    names = getattr(value, "__dataclass_fields__", {})
    return [text for name in names if name != "widths" for text in _texts(getattr(value, name))]


def test_one_that_holds_from_next_week_is_shown_and_says_so(guest: Guest) -> None:
    published(guest.store, approved(NEXT_WEEK))
    opened(guest)
    assert guest.sheet.line == "It holds from 23 November 2026."


def test_one_that_was_altered_is_a_fault_in_words(guest: Guest) -> None:
    published(guest.store)

    def altered(_store: object) -> None:
        raise FormatError("altered")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notices, "in_force", altered)
        opened(guest)
    assert guest.fault is FaultCode.STORE_TAMPERED


@given(st.text(st.sampled_from("ab .;\n"), max_size=900))
def test_no_word_is_lost_between_the_pieces(text: str) -> None:
    found = list(pieces(text))
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(0 < len(piece) <= LONGEST for piece in found)
