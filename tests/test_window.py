"""In real windows, with a real mouse: what people do at the door; only an X server and xdotool stand between.

Two kiosks for all of it, one lying and full-screen, one upright; each walk has people of its own.
"""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from window_kit import Window, shown
from window_office import (
    ADMINISTRATOR,
    AYU,
    BIMA,
    CARELESS,
    EKO,
    FITRI,
    GILANG,
    HANA,
    INDRA,
    OFFICER,
    SECOND,
    STRANGER,
    badge_of,
    furnished,
    introduced,
    opened,
)

from kiosk.cli.demo_office import Cast
from kiosk.vision import qr

LYING, UPRIGHT = (800, 480), (720, 1280)
FEW, MANY = 40, 300


@dataclass(frozen=True, slots=True)
class Doors:
    """Two kiosks of one site that run."""

    lying: Window
    upright: Window
    badge: str

    @property
    def both(self) -> tuple[Window, Window]:
        return self.lying, self.upright


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    place = tmp_path_factory.mktemp("doors")
    lying = furnished(place / "lying", LYING, "fullscreen = true")
    upright = furnished(place / "upright", UPRIGHT)
    introduced(lying, upright)
    badge = badge_of(lying, FITRI)
    with ExitStack() as ending:
        windows = [
            ending.enter_context(shown(each.data, f"{each.door.width}x{each.door.height}")) for each in (lying, upright)
        ]
        yield Doors(windows[0], windows[1], badge)
    for each in (lying, upright):
        store = opened(each)
        try:
            store.ledger.verify()
        finally:
            store.close()


@pytest.fixture
def doors(running: Doors) -> Doors:
    """Nobody stands before either."""
    for window in running.both:
        window.home()
    return running


def typed(window: Window, *keys: str) -> None:
    window.touch(*(f"key.{key}" for key in keys), "key.enter")


def identified(window: Window, who: Cast) -> None:
    """By face and PIN, or by code and PIN."""
    window.wait_for("identify")
    if who.subject is None:
        window.touch("row.code")
        window.wait_for("identify.code")
        window.type(who.code)
    else:
        window.ask(who=who.subject)
        window.touch("row.face")
    window.wait_for("identify.pin")
    window.type(who.pin)
    window.wait_for("mydata.home")


def logged_in(window: Window, account: tuple[str, str]) -> None:
    """Through the hidden corner."""
    window.hold("clock", 3.2)
    window.wait_for("admin.entrance")
    window.touch("act.login")
    named(window, account)


def named(window: Window, account: tuple[str, str]) -> None:
    window.wait_for("admin.name")
    window.write(account[0])
    window.wait_for("admin.login")
    window.write(account[1])


def acts(window: Window, kind: str) -> list[dict[str, object]]:
    return [detail for each, detail in window.store["acts"] if each == kind]


@pytest.mark.parametrize("which", ["lying", pytest.param("upright", marks=pytest.mark.long)])
def test_a_face_is_recorded_disputed_and_a_pin_takes_its_place(doors: Doors, which: str) -> None:
    window: Window = getattr(doors, which)
    window.ask(who=AYU.subject)
    window.touch("action.in")
    window.wait_for("recorded")
    assert "Ayu L." in window.texts
    window.touch("tap.not_me")
    window.wait_for("disputed")
    window.touch("tap.pin")
    window.wait_for("pin")
    typed(window, *EKO.code)
    typed(window, *EKO.pin)
    window.wait_for("recorded")
    assert "Eko N." in window.texts
    window.touch("tap.done")
    window.wait_for("idle")
    entries = window.store["entries"]
    assert entries[AYU.code] == [["CheckIn", "in", "face"], ["Dispute"]]
    assert entries[EKO.code] == [["CheckIn", "in", "pin"]]


def test_a_badge_and_its_pin_record(doors: Doors) -> None:
    window = doors.lying
    window.ask(code=doors.badge)
    window.touch("tap.qr")
    window.wait_for("pin")
    assert not any("Fitri" in each for each in window.texts), "a badge alone tells no name"
    typed(window, *FITRI.pin)
    window.wait_for("confirming")
    window.touch("action.in")
    window.wait_for("recorded")
    assert "Fitri H." in window.texts
    window.touch("tap.done")
    window.wait_for("idle")
    assert window.store["entries"][FITRI.code] == [["CheckIn", "in", "badge"]]


def test_a_trip_slip_of_one_kiosk_is_genuine_at_the_other(doors: Doors, tmp_path: Path) -> None:
    window, other = doors.lying, doors.upright
    window.touch("action.trip")
    window.wait_for("looking", "refused")
    window.touch("tap.pin")
    window.wait_for("pin")
    typed(window, *GILANG.code)
    typed(window, *GILANG.pin)
    window.wait_for("recorded")
    window.touch("tap.trip")
    window.wait_for("trip.destination")
    window.type("Bandung")
    window.touch("row.client", "act.slip")
    window.wait_for("trip.slip")
    window.picture(tmp_path / "slip.png")
    picture = cv2.imread(str(tmp_path / "slip.png"))
    assert picture is not None
    slip = qr.read(np.asarray(picture, np.uint8))
    assert slip is not None
    assert slip.startswith("AS1")
    window.touch("act.done")
    window.wait_for("idle")
    entries = window.store["entries"]
    assert entries[GILANG.code] == [["CheckIn", "trip_leave", "pin"], ["TripDetails"]]
    before = other.store["entries"]
    other.ask(code=slip)
    other.touch("tap.qr")
    other.wait_for("slip.genuine")
    assert {"Bandung"} <= set(other.texts)
    other.touch("act.done")
    other.wait_for("idle")
    forged = slip[:20] + ("A" if slip[20] != "A" else "B") + slip[21:]
    other.ask(code=forged)
    other.touch("tap.qr")
    other.wait_for("slip.refused")
    other.touch("act.done")
    other.wait_for("idle")
    assert other.store["entries"] == before, "whoever shows a slip is not recorded by it"


@pytest.mark.parametrize("which", ["lying", pytest.param("upright", marks=pytest.mark.long)])
def test_a_consent_is_withdrawn_in_three_taps_beside_the_identification(doors: Doors, which: str) -> None:
    window: Window = getattr(doors, which)
    assert BIMA.code in window.store["faces"]
    window.touch("tap.my_data")
    identified(window, BIMA)
    before = list(window.taps)
    window.touch("act.withdraw", "act.yes")
    window.wait_for("mydata.withdrawn")
    assert before == ["tap.my_data", "row.face"], "the row is the first half of the identification"
    assert window.taps[len(before) :] == ["act.withdraw", "act.yes"]
    window.touch("act.done")
    window.wait_for("mydata.home")
    window.touch("tap.leave")
    window.wait_for("idle")
    store = window.store
    assert BIMA.code not in store["faces"]
    assert [BIMA.code, "withdrawal", "answered"] in store["requests"]
    person = store["people"][BIMA.code]
    assert [each["scope"] for each in acts(window, "erased") if each["person"] == person] == ["face"]
    window.touch("action.in")
    window.wait_for("refused")


def test_whoever_asks_to_be_erased_is_erased_by_the_officer(doors: Doors) -> None:
    window = doors.upright
    person = window.store["people"][HANA.code]
    window.touch("tap.my_data")
    identified(window, HANA)
    window.touch("act.rights")
    window.wait_for("mydata.rights")
    window.scroll_to("row.erase")
    window.wait_for("mydata.erase")
    window.scroll_to("row.no_longer_needed")
    window.touch("act.yes")
    window.wait_for("mydata.filed")
    window.touch("act.done", "tap.leave")
    window.wait_for("idle")
    assert [HANA.code, "erasure", "identified"] in window.store["requests"]
    logged_in(window, OFFICER)
    window.touch("row.people")
    window.wait_for("admin.people")
    window.scroll_to(f"row.{person}")
    window.wait_for("admin.person")
    window.scroll_to("row.erase")
    window.touch("row.person")
    window.wait_for("admin.erase_ground")
    window.touch("act.go")
    window.wait_for("admin.erase_again")
    window.type(HANA.code)
    window.wait_for("told.admin.erase.done", "told.admin.erase.begun")
    window.touch("act.done")
    window.wait_for("admin.people")
    window.touch("tap.leave")
    window.wait_for("idle")
    store = window.store
    assert HANA.code not in store["people"]
    assert [each["scope"] for each in acts(window, "erased") if each["person"] == person] == ["person"]
    assert ["", "", "answered"] in store["requests"]


def test_the_tenth_wrong_password_locks_the_account_and_the_right_one_opens_it_no_more(doors: Doors) -> None:
    window = doors.lying
    logged_in(window, ("Nobody At All", "Whatever 1 typed"))
    window.until_shown("Wrong")
    window.touch("key.back")
    named(window, (CARELESS[0], "Still 1 wrong word"))
    window.wait_for("admin.locked")
    window.touch("tap.back")
    named(window, CARELESS)
    window.wait_for("admin.locked")
    window.touch("tap.leave")
    window.wait_for("idle")
    account, locked = window.store["accounts"][CARELESS[0]]
    assert locked
    assert [each["account"] for each in acts(window, "locked_out")] == [account]
    assert account not in [each.get("account") for each in acts(window, "logged_in")]


def test_recorded_anyway_and_then_looked_at_by_a_person(doors: Doors) -> None:
    window = doors.lying
    window.ask(who=STRANGER)
    window.touch("action.in")
    window.wait_for("refused")
    window.touch("tap.claim")
    window.wait_for("claim.code")
    window.type(INDRA.code)
    window.wait_for("claim.which")
    window.scroll_to("row.in")
    window.wait_for("claim.why")
    window.scroll_to("row.device")
    window.touch("act.record")
    window.wait_for("claim.written")
    window.touch("act.done")
    window.wait_for("idle")
    store = window.store
    assert store["entries"][INDRA.code] == [["CheckIn", "in", "claimed"]]
    assert (store["claims"], store["waiting"]) == ([[INDRA.code, "waiting"]], 1)
    logged_in(window, ADMINISTRATOR)
    window.touch("row.today", "row.claimed")
    window.wait_for("admin.claims")
    (row,) = [name for name in window.names if name.startswith("row.")]
    window.touch(row, "act.accept", "act.yes")
    window.until(lambda: window.page.startswith("told."), "decided")
    window.touch("act.done", "tap.leave")
    window.wait_for("idle")
    store = window.store
    assert (store["claims"], store["waiting"]) == ([[INDRA.code, "accepted"]], 0)
    assert store["entries"][INDRA.code][0] == ["CheckIn", "in", "claimed"]
    looked = [each for each in acts(window, "viewed") if each["list"] == "claims"]
    assert {each["by"] for each in looked} == {store["accounts"][ADMINISTRATOR[0]][0]}


def test_a_threshold_is_lowered_by_two_people_and_by_no_one_alone(doors: Doors) -> None:
    window = doors.upright
    key = "recognition.threshold"
    before = int(window.store["settings"][key][0])
    logged_in(window, ADMINISTRATOR)
    window.scroll_to("row.settings")
    window.touch("row.face")
    window.wait_for("settings.face")
    window.scroll_to(f"row.{key}")
    window.touch("act.lower", "act.take")
    window.wait_for("settings.weighed")
    window.touch("act.do", "act.second")
    window.wait_for("admin.second_name")
    window.type(ADMINISTRATOR[0])
    window.wait_for("admin.second_password")
    window.write(ADMINISTRATOR[1])
    window.wait_for("admin.second_name")
    assert window.store["settings"][key] == [str(before)], "nobody is two people"
    window.write(SECOND[0])
    window.wait_for("admin.second_password")
    window.type(SECOND[1])
    window.wait_for("told.settings.done")
    window.touch("act.done", "tap.leave")
    window.wait_for("idle")
    store = window.store
    assert store["settings"][key] == [str(before - 100)]
    ids = [store["accounts"][name][0] for name, _ in (ADMINISTRATOR, SECOND)]
    last = acts(window, "configured")[-1]
    assert [last[each] for each in ("setting", "by", "second", "value")] == [key, *ids, str(before - 100)]


def chords(count: int) -> list[str]:
    """What people try to get out of a program with, and then any chord at all."""
    known = ["alt+F4", "ctrl+alt+F1", "ctrl+alt+BackSpace", "ctrl+alt+Delete", "super", "super+d", "alt+Tab", "ctrl+q"]
    known += ["ctrl+c", "ctrl+v", "ctrl+x", "ctrl+a", "ctrl+w", "alt+space", "F1", "F5", "F10", "F11", "F12", "Escape"]
    known += ["Menu", "Print", "ctrl+o", "ctrl+p", "ctrl+shift+i", "Tab", "shift+Tab", "shift+F10", "ctrl+Escape"]
    rng = random.Random(19)  # noqa: S311 - the same ones each time
    held = ("ctrl", "alt", "shift", "super", "ctrl+alt", "ctrl+shift", "alt+shift", "ctrl+alt+shift")
    keys = (*"abcdefghijklmnopqrstuvwxyz1234567890", *(f"F{each}" for each in range(1, 13)), "Left", "Delete", "Insert")
    return (known + [f"{rng.choice(held)}+{rng.choice(keys)}" for _ in range(count)])[:count]


def test_no_key_and_no_chord_leads_out_of_the_full_screen(doors: Doors, pytestconfig: pytest.Config) -> None:
    window = doors.lying
    before = window.windows
    assert len(before) == 1
    tried = chords(MANY if pytestconfig.getoption("--long") else FEW)
    assert len(tried) in {FEW, MANY}
    for page, some in (("idle", tried[::2]), ("pin", tried[1::2])):
        if page == "pin":
            window.touch("tap.pin")
        window.wait_for(page)
        for chord in some:
            window.press(chord)
        assert window.windows == before
        assert window.page == page
    window.touch("key.cancel")
    window.wait_for("idle")
