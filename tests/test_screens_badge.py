"""A badge in a real window: the frame, its sentences, the PIN alone, and the ways out; with real clicks."""

from collections.abc import Callable

import pytest
from test_screens_walk import SITI, Visit, visit

from kiosk.flow.actions import Method
from kiosk.screens.pose import settle, silhouette

__all__ = ["visit"]
MINE = "AB1mine"


def until(holds: Callable[[], bool]) -> None:
    for _ in range(300):
        if holds():
            return
        settle(10)
    raise AssertionError("it did not come")


def test_a_badge_is_held_into_a_frame_and_only_its_pin_is_typed(visit: Visit) -> None:
    visit.office.badge = (MINE, SITI)
    visit.touch("action.in", "tap.qr")
    visit.on("badge")
    visit.source.show(silhouette())
    settle(60)
    assert visit.source.painted >= 1
    until(lambda: visit.office.scanning is not None)
    visit.office.hold("AB1old")
    visit.on("badge")
    until(lambda: any("tidak berlaku" in text for text in visit.texts()))
    visit.office.hold(MINE)
    visit.on("pin")
    assert "dari kartu Anda" in visit.texts()
    visit.touch("field.code", "key.erase", "key.4", "key.8", "key.2", "key.1")
    assert not any("4821" in text or "K17" in text for text in visit.texts())
    visit.touch("key.enter")
    visit.on("recorded")
    assert [(row.person, row.method) for row in visit.office.rows] == [(SITI, Method.BADGE)]
    assert visit.office.scanning is None


@pytest.mark.parametrize(("way", "page"), [("tap.cancel", "idle"), ("tap.pin", "pin")])
def test_the_frame_is_left_by_cancel_and_by_pin(visit: Visit, way: str, page: str) -> None:
    visit.touch("action.in", "tap.qr")
    visit.on("badge")
    visit.touch(way)
    visit.on(page)
    until(lambda: visit.office.scanning is None)
