"""Record me anyway, walked on a real store: the same words for every code, and a person who looks at it."""

from pathlib import Path

import pytest
from pages_kit import Guest, configured
from store_kit import Hands, enrolled, new_store

from kiosk import words
from kiosk.config import Config, Door
from kiosk.faults import FaultCode
from kiosk.pages.areas import AREAS
from kiosk.pages.claim.saying import Later, Sure, Which, Why, Written
from kiosk.rights import claims
from kiosk.rights.claiming import CODE_WAITS_S, Wanted
from wire.event import Action, CheckIn, Method

KNOWN, NOBODY = "E-0417", "E-9999"


@pytest.fixture
def guest(tmp_path: Path) -> Guest:
    store = new_store(tmp_path / "state")
    config = configured(store, Config(tmp_path, door=Door(buttons=("in", "out", "break"))))
    enrolled(store, KNOWN)
    return Guest(store, config)


def begun(guest: Guest) -> Guest:
    return guest.begin(AREAS["claim"]())


def said(guest: Guest, code: str) -> list[str]:
    """Every page that somebody reads who claims under a code, from the first to the last."""
    read = [begun(guest).texts, guest.type(code).texts]
    read += [guest.tap(key).texts for key in ("in", "face", "record")]
    return [text.replace(code, "CODE") for text in read]


def test_somebody_known_is_recorded_on_their_word_and_a_person_has_it_to_look_at(guest: Guest) -> None:
    begun(guest).type("e-0417")
    assert isinstance(guest.page, Which)
    assert guest.keys == ["in", "out", "break_start", "break_end"], "what this site offers, each by its own name"
    guest.tap("break_end", "badge")
    assert "I do not have my badge with me" in guest.texts
    guest.tap("words").type("Ada di rumah").tap("record")
    assert isinstance(guest.page, Written)
    assert "A person will look at it" in guest.texts
    (claim,) = claims.waiting(guest.store)
    (event,) = guest.store.history.events(claim.person, 0, guest.store.now_ms() + 1)
    assert isinstance(event, CheckIn)
    assert (event.method, event.action, event.person) == (Method.CLAIMED, Action.BREAK_END, KNOWN)
    assert claim.reason == "I do not have my badge with me: Ada di rumah"
    assert guest.tap("done").over


def test_nobody_can_tell_from_any_page_whether_a_code_is_known(guest: Guest) -> None:
    known = said(guest, KNOWN)
    nobody = said(guest, NOBODY)
    assert known == nobody
    guest.wait(12.5)
    assert guest.over


@pytest.mark.parametrize("code", [KNOWN, NOBODY])
def test_many_claims_under_one_code_wait_in_words_that_are_the_same(guest: Guest, code: str) -> None:
    said(guest, code)
    said(guest, code)
    assert isinstance(guest.page, Later)
    assert f"You can try again in {CODE_WAITS_S[1]} seconds." in guest.texts
    guest.back()
    assert isinstance(guest.page, Sure)
    hands = guest.store.clock
    assert isinstance(hands, Hands)
    for _ in range(4):
        hands.move(1_000_000)
        guest.tap("record") if isinstance(guest.page, Sure) else said(guest, code)
    said(guest, code)
    assert "minutes." in guest.texts


def test_something_else_is_said_in_own_words_and_may_be_said_anew(guest: Guest) -> None:
    begun(guest).type(KNOWN).tap("in", "other").type("Helm")
    assert isinstance(guest.page, Sure)
    assert guest.tap("words").sheet.asked is not None
    assert guest.visit is not None
    assert guest.visit.typed == "Helm"
    guest.type("Helm dan masker")
    assert isinstance(guest.page, Sure)
    assert "Helm dan masker" in guest.texts
    guest.back().back()
    assert isinstance(guest.page, Why), "the words were said on the way to the question"


def test_before_the_question_is_answered_nothing_is_written(guest: Guest) -> None:
    begun(guest).type(KNOWN).tap("in", "pin").leave()
    assert guest.over
    begun(guest).type(KNOWN).tap("in", "pin").wait(61)
    assert guest.over
    assert claims.waiting(guest.store) == ()


def test_a_code_that_can_be_nobody_s_is_refused_in_words(guest: Guest) -> None:
    guest.begin(Sure(Wanted("x" * 65, Action.IN, claims.Cause.FACE))).tap("record")
    assert guest.fault is FaultCode.PERSON_INVALID


def test_no_repr_of_a_page_shows_the_code(guest: Guest) -> None:
    begun(guest).type(KNOWN)
    assert KNOWN not in repr(guest.page)
    guest.tap("in")
    assert KNOWN not in repr(guest.page)
    guest.tap("pin")
    assert KNOWN not in repr(guest.visit)


def test_every_reason_has_words() -> None:
    for language in words.LANGUAGES:
        assert len({words.say(language, f"claim.cause.{each}") for each in claims.Cause}) == len(claims.Cause)
