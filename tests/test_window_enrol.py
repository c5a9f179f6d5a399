"""In a real window, with a real mouse: somebody new is enrolled in twelve touches, and the door knows them."""

from pathlib import Path

import pytest
from admin_kit import GOOD, RATNA
from consent_kit import approved, published
from desk_people_kit import trained
from window_kit import Window, shown
from window_office import STRANGER, furnished, opened

from kiosk.rights import dates
from kiosk.store import Consent, PinAccepted
from kiosk.store.logins import logged_in

CODE, NAME, PIN = "3001", "Joko Susanto", "905172"


def logged_in_as(window: Window, name: str, password: str) -> None:
    """Through the hidden corner to the administration's home page."""
    window.wait_for("idle")
    window.hold("clock", 3.2)
    window.wait_for("admin.entrance")
    window.touch("act.login")
    window.write(name)
    window.wait_for("admin.login")
    window.write(password)
    window.wait_for("admin.home")


@pytest.mark.long
def test_somebody_new_is_enrolled_in_twelve_touches_and_the_door_knows_them(tmp_path: Path) -> None:
    config = furnished(tmp_path / "device")
    store = opened(config)
    newest = published(store, approved(dates.day(store.now_ms(), config.device.zone)))
    trained(store, logged_in(store, RATNA, GOOD))
    store.people.add(CODE, NAME)
    store.close()
    touches = 0

    def touch(window: Window, *names: str) -> None:
        nonlocal touches
        touches += len(names)
        window.touch(*names)

    with shown(config.data) as window:
        logged_in_as(window, RATNA, GOOD)
        touch(window, "row.enrol", "act.search")
        window.type("joko")
        window.until(lambda: any(NAME in each for each in window.texts), "the list")
        person = next(str(each) for each in window.names if str(each).startswith("row.") and len(str(each)) == 20)
        touch(window, person, "act.hand")
        window.wait_for("enrol.welcome")
        window.ask(who=STRANGER)
        touch(window, "row.en", "act.next")
        touch(window, "row.read", "row.free", "act.yes")
        window.wait_for("enrol.password", "enrol.pin", within_s=90)
        touch(window, "act.type")
        for _ in range(2):
            window.type(PIN)
        window.wait_for("enrol.done")
        touch(window, "act.done")
        window.wait_for("idle")
        assert touches <= 12
        window.touch("action.in")
        window.wait_for("recorded", within_s=30)
        assert "Joko S." in window.texts
    store = opened(config)
    try:
        found = store.people.by_code(CODE)
        assert found is not None
        ground = store.basis.ground_of(found.id)
        assert isinstance(ground, Consent)
        assert (ground.text_version, ground.witness) == (newest.label, RATNA)
        now = store.clock()
        assert isinstance(store.accounts.check_pin(CODE, PIN, now.wall_ms, now.clock.boottime_ms), PinAccepted)
        store.ledger.verify()
    finally:
        store.close()
