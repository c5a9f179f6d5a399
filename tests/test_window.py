"""In a real window, with a real mouse: what people do at the door; only an X server and xdotool stand between."""

from pathlib import Path

import pytest
from window_kit import Window, shown
from window_office import AYU, EKO, furnished, opened

from kiosk.config import Config
from wire.event import CheckIn, Dispute, Event, Method


def events(config: Config) -> list[Event]:
    store = opened(config)
    try:
        now = store.now_ms()
        return [
            event
            for person in store.people.all()
            for event in store.history.events(person.id, now - 86_400_000, now + 1)
        ]
    finally:
        store.close()


def pin(window: Window, code: str, digits: str) -> None:
    window.wait_for("pin")
    for key in (*code, "enter", *digits, "enter"):
        window.touch(f"key.{key}")


@pytest.mark.parametrize("size", [(800, 480), (720, 1280)])
def test_a_face_is_recorded_disputed_and_a_pin_takes_its_place(tmp_path: Path, size: tuple[int, int]) -> None:
    config = furnished(tmp_path / "device", size)
    with shown(config.data, f"{size[0]}x{size[1]}") as window:
        window.wait_for("idle")
        window.ask(who=AYU.subject)
        window.touch("action.in")
        window.wait_for("recorded")
        assert "Ayu L." in window.texts
        window.touch("tap.not_me")
        window.wait_for("disputed")
        window.touch("tap.pin")
        pin(window, EKO.code, EKO.pin)
        window.wait_for("recorded")
        assert "Eko N." in window.texts
        window.touch("tap.done")
        window.wait_for("idle")
    found = events(config)
    assert [(type(each), getattr(each, "method", None)) for each in found if each.person == AYU.code] == [
        (CheckIn, Method.FACE),
        (Dispute, None),
    ]
    assert [each.method for each in found if isinstance(each, CheckIn) and each.person == EKO.code] == [Method.PIN]
