"""An announcement is shown on the first screen in the language of the door, piece by piece, and only in its time."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from desk import at_work, opened, person_of, save, until
from hypothesis import given
from hypothesis import strategies as st
from roster_kit import HQ, door
from running_kiosk import furnished
from store_kit import Hands

from kiosk.config import Headquarters
from kiosk.flow.states import Idle
from kiosk.screens.announcing import LONGEST_WORD, PIECE, PIECE_S, pieces
from kiosk.screens.entry import Entry
from kiosk.screens.view import Around, Moment, View, describe
from kiosk.store import announcements
from sync.exchange import Exchange
from wire import message
from wire.message import Announcement, Message

TOLD = (("id", "Rapat"), ("en", "Meeting at ten in the large room on the second floor, all are welcome"))


def seen(around: Around, language: str, now: float) -> View:
    return describe(Idle(), Moment(Entry(), around, language, now, datetime(2026, 8, 3, tzinfo=UTC)))


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=280))
def test_every_piece_fits_and_no_letter_is_lost(text: str) -> None:
    found = pieces(text)
    assert all(0 < len(piece) <= PIECE for piece in found)
    assert all(len(word) <= LONGEST_WORD for piece in found for word in piece.split())
    assert "".join("".join(found).split()) == "".join(text.split())


def test_the_pieces_take_turns_with_the_warning_that_the_key_is_weak() -> None:
    around = Around(announcement=TOLD)
    views = [seen(around, "en", turn * PIECE_S) for turn in range(3)]
    assert [view.small for view in views] == [
        "Meeting at ten in the large room on the",
        "second floor, all are welcome",
        "Key protection: weak",
    ]
    assert [view.icon for view in views] == ["paper", "paper", "key"]
    strong = replace(around, weak_key=False)
    assert seen(strong, "en", 2 * PIECE_S).small == "Meeting at ten in the large room on the"


def test_a_language_that_was_not_told_gets_another_one_and_without_one_there_is_nothing() -> None:
    assert seen(Around(announcement=TOLD), "nl", 0.0).small == "Rapat"
    assert seen(Around(), "nl", 0.0).small == "Sleutelbeveiliging: zwak"
    assert seen(Around(weak_key=False), "nl", 0.0).small == ""


def test_only_what_is_running_is_announced_and_of_several_what_began_last(tmp_path: Path) -> None:
    clock = Hands()
    at, now = door(tmp_path, clock=clock), clock.wall_ms
    at.live(
        Announcement("long", now - 5_000, now + 9_000, "a", "", ""),
        Announcement("short", now, now + 2_000, "b", "", ""),
        Announcement("later", now + 20_000, now + 30_000, "c", "", ""),
    )
    heard = []
    for _ in range(5):
        found = announcements.current(at.store)
        heard.append("" if found is None else found.id)
        clock.move(5_500)
    assert heard == ["short", "long", "", "", "later"]


def test_the_door_hears_of_an_announcement_and_of_its_being_taken_back(tmp_path: Path) -> None:
    config = replace(furnished(tmp_path), headquarters=Headquarters("ambang-hq/main", HQ.public.hex()))
    store = opened(config)
    device, now = store.device_id, store.now_ms()
    store.database.close()
    told = Announcement("a", now - 1_000, now + 600_000, "Rapat", "Meeting", "")
    heard: list[Announcement | None] = []
    with at_work(config) as desk:
        desk.clerk._on_announcement = heard.append
        save(desk, person_of(config))
        desk.until_unsent(1)
        exchange = Exchange.open(config.exchange)
        for number, said in enumerate((told, Announcement("a", 0, 0, "", "", "")), 1):
            exchange.inbox_add("message", message.encode(message.sign(Message(device, number, now, said), HQ)))
            until(lambda number=number: len(heard) == number)  # type: ignore[misc]
        exchange.close()
    assert heard == [told, None]
