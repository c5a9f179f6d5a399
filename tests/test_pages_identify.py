"""Who stands at My data: two of face, code and PIN, the same sentence for every refusal, and the store's own pauses."""

from dataclasses import replace
from pathlib import Path

import pytest
from mydata_kit import CODE, OTHER_CODE, Own, own
from store_kit import PIN

from kiosk import words
from kiosk.config import Config, Door, Recognition
from kiosk.flow.events import Instruction
from kiosk.pages.areas import AREAS
from kiosk.pages.identify import Ways
from kiosk.pages.mydata.home import Home
from kiosk.pages.page import CameraGone, CodeSeen, Employee, FaceSeen, Guided, Use
from kiosk.screens.assembly import _opening
from kiosk.store import badges
from kiosk.store.accounts import PERSON_WAITS_S

WRONG = "555123"


@pytest.fixture
def siti(tmp_path: Path) -> Own:
    return own(tmp_path)


def test_code_and_pin_let_in_with_the_short_name_and_in_ones_own_language(siti: Own) -> None:
    guest = siti.home()
    assert guest.visit is not None
    assert guest.visit.visitor == Employee(siti.siti, "Siti R.")
    assert isinstance(guest.page, Home)
    assert guest.language == "id", "the door spoke English before"
    assert guest.back().over, "nobody comes back to what was before"


def test_a_wrong_pin_an_unknown_code_and_somebody_elses_pin_are_refused_in_the_same_words(siti: Own) -> None:
    siti.store.people.set_pin(siti.other, "739164")
    seen = set()
    for code, pin in ((CODE, WRONG), ("KTR-9999", PIN), (CODE, "739164")):
        guest = siti.home(pin, code)
        assert guest.sheet.warn
        assert guest.visit is not None
        assert guest.visit.typed == ""
        seen.add((guest.sheet.name, guest.sheet.title, guest.sheet.line))
    assert len(seen) == 1


def test_whoever_guesses_waits_as_at_the_door_and_a_try_that_came_too_early_is_not_looked_at(siti: Own) -> None:
    guest = siti.home(WRONG)
    while "5" not in guest.sheet.line:
        guest.type(WRONG)
    assert guest.type(PIN).sheet.warn, "the right one, too early"
    siti.hands.move(PERSON_WAITS_S[3] * 1000)
    assert isinstance(guest.type(PIN).page, Home)


def test_a_face_alone_lets_nobody_in_and_names_nobody(siti: Own) -> None:
    guest = siti.begin().tap("face")
    assert guest.uses == [Use.FACE]
    guest.see(Guided(Instruction.CLOSER, 0.2), CodeSeen("nothing to do with it"), FaceSeen(siti.siti))
    assert guest.watching is None
    assert guest.sheet.asked is not None
    assert "Siti" not in guest.texts
    assert CODE not in guest.texts
    guest.type(WRONG)
    assert guest.sheet.warn
    assert isinstance(guest.type(PIN).page, Home)


def test_the_pin_of_another_does_not_open_the_data_of_a_face(siti: Own) -> None:
    siti.store.people.set_pin(siti.other, "739164")
    guest = siti.begin().tap("face").see(FaceSeen(siti.siti)).type("739164")
    assert guest.sheet.warn


def test_every_face_that_is_not_known_leads_back_with_one_sentence(siti: Own) -> None:
    guest = siti.begin().tap("face").see(FaceSeen(""))
    one = guest.sheet
    assert one.warn
    assert one.line == words.say("en", "identify.unknown")
    late = siti.begin().tap("face").wait(11).sheet
    assert late == one
    assert guest.tap("face").watching is not None


def test_without_a_camera_the_code_is_left_and_nothing_else_is_missing(siti: Own) -> None:
    guest = siti.begin().tap("face").see(CameraGone())
    assert guest.keys == ["badge", "code"]
    assert guest.tap("badge").see(CameraGone()).keys == ["code"]
    assert isinstance(guest.tap("code").type(CODE).type(PIN).page, Home)


@pytest.mark.parametrize(
    ("mode", "keys"), [("identification", ["face", "badge", "code"]), ("verification", ["badge", "code"])]
)
def test_a_site_that_finds_no_face_among_all_does_not_offer_it(siti: Own, mode: str, keys: list[str]) -> None:
    config = replace(siti.guest.config, recognition=Recognition(mode=mode))
    assert siti.guest.begin(_opening(AREAS["mydata"], config).page).keys == keys
    assert isinstance(siti.guest.page, Ways)


def test_somebody_who_is_suspended_or_has_no_pin_is_refused_like_everybody(siti: Own) -> None:
    with siti.store.database.write():
        siti.store.database.run("UPDATE people SET state = 'suspended' WHERE id = ?", siti.other)
    assert siti.home(code=OTHER_CODE).sheet.line == siti.home(WRONG).sheet.line


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_a_language_that_the_door_does_not_speak_changes_nothing(siti: Own, language: str) -> None:
    siti.store.people.correct(siti.siti, language=language)
    assert siti.home().language == ("en" if language == "fr" else "nl")


def test_a_badge_and_its_pin_let_in_and_a_badge_alone_names_nobody(siti: Own) -> None:
    token = badges.issue(siti.store, siti.siti, by="00ff").token
    guest = siti.begin().tap("badge")
    assert guest.uses == [Use.CODE]
    guest.see(CodeSeen(token))
    assert guest.watching is None
    assert "Siti" not in guest.texts
    assert guest.type(WRONG).sheet.warn
    assert isinstance(guest.type(PIN).page, Home)


def test_every_code_that_is_no_badge_here_leads_back_with_one_sentence(siti: Own) -> None:
    token = badges.issue(siti.store, siti.siti, by="00ff").token
    badges.revoke(siti.store, siti.siti, by="00ff")
    seen = set()
    for text in (token, token[:-1] + "A", "'; DROP TABLE people; --", "x" * 200):
        guest = siti.begin().tap("badge").see(CodeSeen(text))
        assert guest.sheet.warn
        seen.add((guest.sheet.name, guest.sheet.line))
    assert len(seen) == 1
    lost = siti.begin().tap("badge").see(CameraGone())
    assert "badge" not in lost.keys
    assert siti.begin().tap("badge").wait(11).sheet.warn


def test_a_door_that_reads_no_badges_offers_none() -> None:
    config = Config(data=Path("nowhere"), door=Door(badge="off"))
    page = _opening(AREAS["mydata"], config).page
    assert isinstance(page, Ways)
    assert not page.badge
