"""Settings on the screen: shown with their effect first, kept sealed, applied, and never past what root has fixed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from admin_kit import ALSO_GOOD, GOOD, RATNA, acts
from assess_kit import DEWI, signed
from device_kit import Office, office
from pages_kit import Guest
from store_kit import key_of, reopened

from kiosk import config as kiosk_config
from kiosk.config import Config, Device, Recognition, Settings
from kiosk.faults import Fault, FaultCode
from kiosk.pages.admin import settings as pages
from kiosk.pages.admin.home import Home
from kiosk.pages.admin.settings import Group
from kiosk.pages.admin.settings_effect import Weighed
from kiosk.pages.page import Official
from kiosk.rights import settings
from kiosk.rights.release import Changed, Covered, released
from kiosk.rights.settings import Safe
from kiosk.store import configured as written
from kiosk.store import overlay

SAFE = Safe.of(0.43, 0.50)


@pytest.fixture
def at(tmp_path: Path) -> Office:
    return office(tmp_path)


@pytest.fixture
def guest(at: Office) -> Guest:
    return at.admin()


def group_of(guest: Guest, name: str) -> Guest:
    return guest.tap("settings", name)


def running(guest: Guest) -> Config:
    return overlay.running(guest.store, guest.config)


def refusal(act: object) -> FaultCode:
    with pytest.raises(Fault) as refused:
        act()  # type: ignore[operator]
    return refused.value.code


def test_a_change_shows_what_holds_and_what_will_and_survives_a_restart(at: Office, guest: Guest) -> None:
    login = at.staff.admin
    group_of(guest, "screen").tap("door.language", "en")
    assert isinstance(guest.page, Weighed)
    assert "Bahasa Indonesia" in guest.texts
    assert running(guest).door.language == "id", "nothing is changed by looking"
    guest.tap("do").tap("done")
    assert isinstance(guest.page, Group)
    assert running(guest).door.language == "en"
    assert ("configured", {"setting": "door.language", "by": login.account, "value": "en"}) in acts(guest.store)
    assert overlay.running(reopened(guest.store), guest.config).door.language == "en"


def test_a_text_is_in_no_file_and_in_no_act_of_the_ledger(guest: Guest) -> None:
    group_of(guest, "place").tap("device.contact").type("Sri Untari, 4102").tap("do")
    assert running(guest).device.contact == "Sri Untari, 4102"
    assert "Untari" not in json.dumps(acts(guest.store))
    state = guest.store.database.directory
    guest.store.close()
    assert all(b"Untari" not in file.read_bytes() for file in state.iterdir() if file.is_file())


def test_a_value_that_does_not_fit_is_refused_with_its_rule_and_typed_again(guest: Guest) -> None:
    group_of(guest, "place").tap("device.site").type(" ")
    assert guest.sheet.warn
    guest.type("Gudang").tap("do", "done")
    assert running(guest).device.site == "Gudang"
    guest.back().tap("door", "door.cool_down_s").type("601")
    assert guest.sheet.warn
    assert running(guest).door.cool_down_s == 60


NONSENSE = (
    ("door.nothing", ("x",)),
    ("device.zone", ("Asia/Jakarta",)),
    ("door.language", ("fr",)),
    ("door.language", ()),
    ("door.buttons", ()),
    ("door.buttons", ("in", "fly")),
    ("door.confirm", ("perhaps",)),
    ("door.cool_down_s", ("-1",)),
    ("door.cool_down_s", ("9" * 40,)),
    ("device.site", ("",)),
    ("device.site", ("a" * 65,)),
    ("device.contact", ("a" * 65,)),
    ("device.contact", ("two\nlines",)),
    ("recognition.threshold", ("4200",)),
    ("recognition.threshold", ("0.5",)),
)


def test_what_no_part_of_the_kiosk_could_work_with_is_never_kept(guest: Guest) -> None:
    for key, value in NONSENSE:
        with pytest.raises(Fault) as refused:
            overlay.change(guest.store, guest.config, key, value, by="00ff")
        assert refused.value.code is FaultCode.SETTING_REFUSED, (key, value)
    assert overlay.read(guest.store) == {}


def test_what_root_has_fixed_cannot_be_touched_and_is_no_longer_overlaid(guest: Guest) -> None:
    overlay.change(guest.store, guest.config, "recognition.liveness", ("signal",), by="00ff")
    guest.config = replace(guest.config, settings=Settings(locked=("recognition", "door.language")))
    assert running(guest).recognition.liveness == "clear_attack", "kiosk.toml holds as it stands"
    group_of(guest, "face")
    assert guest.keys == []
    assert (
        refusal(lambda: overlay.change(guest.store, guest.config, "door.language", ("nl",), by="00ff"))
        is FaultCode.SETTING_REFUSED
    )


def test_kiosk_toml_names_what_is_locked_and_refuses_a_key_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text('[settings]\nlocked = ["recognition", "door.buttons"]\n')
    loaded = kiosk_config.load(file)
    assert overlay.locked(loaded, "recognition.mode")
    assert not overlay.locked(loaded, "door.language")
    file.write_text('[settings]\nlocked = ["door.nothing"]\n')
    assert refusal(lambda: kiosk_config.load(file)) is FaultCode.CONFIG_INVALID


def test_what_an_older_program_has_kept_and_this_one_does_not_know_is_left_out() -> None:
    base = Config(data=Path())
    kept = {"door.language": ("nl",), "door.cool_down_s": ("9999",), "recognition.mode": ("telepathy",)}
    found = overlay.applied(base, kept)
    assert (found.door.language, found.door.cool_down_s) == ("nl", base.door.cool_down_s)
    assert found.recognition == base.recognition
    assert overlay.applied(found, kept) == found


def test_the_mode_takes_two_people_and_what_was_signed_then_turns_the_face_off(at: Office, guest: Guest) -> None:
    guest.config = replace(guest.config, recognition=Recognition(mode="verification"))
    login, officer = at.staff.admin, at.staff.officer
    signed(guest.store, guest.config, officer)
    assert isinstance(released(guest.store, guest.config), Covered)
    group_of(guest, "face").tap("recognition.mode", "identification")
    assert "signed again" in guest.texts, "the effect is shown before anybody says yes"
    guest.tap("do")
    assert guest.sheet.name == "admin.second"
    assert running(guest).recognition.mode == "verification"
    guest.tap("second").type(RATNA).type(GOOD)
    assert guest.sheet.warn, "one person is not two"
    guest.type(DEWI).type(ALSO_GOOD).tap("done")
    assert isinstance(guest.page, Group)
    assert running(guest).recognition.mode == "identification"
    assert released(guest.store, guest.config) == Changed(("mode",))
    kept = acts(guest.store)[-1][1]
    assert (kept["by"], kept["second"]) == (login.account, officer.account)
    signed(guest.store, guest.config, officer)
    assert isinstance(released(guest.store, guest.config), Covered), "the new signature is for what runs"


def test_below_the_screen_too_one_person_cannot_make_a_dangerous_change(at: Office, guest: Guest) -> None:
    login = at.staff.admin
    for key, value in (("recognition.mode", ("off",)), ("recognition.threshold", ("4900",)), ("door.confirm", ("no",))):
        config = replace(guest.config, door=replace(guest.config.door, confirm=True))
        found = refusal(lambda: settings.change(guest.store, config, key, value, SAFE, login, None))  # noqa: B023
        assert found is FaultCode.APPROVAL_MISSING
    assert overlay.read(guest.store) == {}


def test_a_threshold_moves_in_steps_within_the_safe_range_and_lower_takes_two(guest: Guest) -> None:
    group_of(guest, "face").tap("recognition.threshold", *["higher"] * 40)
    assert "0.70" in guest.texts, "no further than the range goes"
    guest.tap("take")
    assert isinstance(guest.page, Weighed)
    assert not guest.page.effect.two
    guest.tap("do", "done", "recognition.threshold", *["lower"] * 60)
    assert "0.43" in guest.texts
    guest.tap("take", "do")
    assert guest.sheet.name == "admin.second"
    assert running(guest).recognition.threshold == 0.70
    for out in ("4299", "7001"):
        found = refusal(
            lambda: settings.effect(guest.store, guest.config, "recognition.threshold", (out,), SAFE)  # noqa: B023
        )
        assert found is FaultCode.SETTING_REFUSED


def test_without_a_safe_range_no_threshold_is_changed(guest: Guest) -> None:
    guest.config = replace(guest.config, recognition=Recognition(pack="unknown"))
    group_of(guest, "face").tap("recognition.threshold")
    assert guest.sheet.warn
    assert guest.keys == []


def test_buttons_go_in_and_out_and_never_all_of_them(guest: Guest) -> None:
    group_of(guest, "door").tap("door.buttons", "trip", "overtime").tap("take", "do", "done")
    assert running(guest).door.buttons == ("in", "out", "break")
    guest.tap("door.buttons", "in", "out", "break")
    assert "take" not in guest.keys


def test_the_ledger_says_once_that_a_setting_was_changed(guest: Guest) -> None:
    written.notice(guest.store, guest.config)
    overlay.change(guest.store, guest.config, "door.confirm", ("yes",), by="00ff")
    written.notice(guest.store, running(guest))
    kinds = [detail for kind, detail in acts(guest.store) if kind == "configured"]
    assert kinds == [{"setting": "door.confirm", "by": "00ff", "value": "yes"}]
    written.notice(guest.store, replace(running(guest), device=Device(zone="Asia/Makassar")))
    assert acts(guest.store)[-1] == ("configured", {"sections": "device"})


def test_a_paper_that_was_altered_leaves_kiosk_toml_in_force(guest: Guest) -> None:
    overlay.change(guest.store, guest.config, "door.language", ("nl",), by="00ff")
    with guest.store.database.write():
        guest.store.database.run("UPDATE papers SET sealed = zeroblob(200) WHERE kind = 'settings'")
    assert running(guest).door.language == "id"
    assert [each.place for each in guest.store.quarantine.all()] == ["papers"]


def test_recipients_and_periods_are_shown_with_what_a_sweep_would_do_and_nothing_is_swept(guest: Guest) -> None:
    group_of(guest, "recipients")
    assert "HQ Jakarta (ID)" in guest.texts
    before = guest.store.ledger.size()
    guest.back().tap("retention")
    assert "24 months" in guest.texts
    assert guest.store.ledger.size() == before
    assert guest.keys == []


def test_only_an_administrator_changes_settings(at: Office, guest: Guest) -> None:
    officer = at.staff.officer
    guest.begin(Home(), Official(officer, DEWI))
    assert "settings" not in guest.keys
    guest.begin(pages.Groups(), Official(officer, DEWI)).tap("screen")
    assert guest.fault is FaultCode.DESK_REFUSED


def test_the_store_is_read_before_the_door_is_built(guest: Guest) -> None:
    from kiosk.screens.assembly import overlaid  # noqa: PLC0415 - Qt is loaded by it

    overlay.change(guest.store, guest.config, "door.light", ("yes",), by="00ff")
    state = guest.store.database.directory
    guest.store.close()
    assert overlaid(guest.config, key_of(state)).door.light
    (state / "records.db").rename(state / "gone.db")
    assert overlaid(guest.config, key_of(state)) == guest.config, "a store that does not open is told at the door"
