"""A door without a signed assessment: a complete PIN clock, a camera that was never opened, and no enrolment."""

import threading
from contextlib import closing
from pathlib import Path

import pytest
from assess_kit import DEWI, PRIVACY, officer, signed
from desk import opened
from running_kiosk import furnished, recorded, running
from stand_in import StandIn

from kiosk import clerk, words
from kiosk.__main__ import main
from kiosk.config import Config
from kiosk.rights import assessment_acts
from kiosk.store import Store
from kiosk.store.approval import LoggedIn
from kiosk.vision.camera import Camera
from wire.event import Method


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clerk, "LOOK_EVERY_S", 0.05)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A device with an administrator, an officer and a person, where nobody has signed anything."""
    made = furnished(tmp_path)
    (tmp_path / "privacy.toml").write_text(PRIVACY)
    with closing(opened(made)) as store:
        officer(store)  # whose account ends the demonstration
    return made


def dewi(store: Store) -> LoggedIn:
    """The officer, as if logged in."""
    account = store.admins.by_name(DEWI)
    assert account is not None
    return LoggedIn(account.id, account.role, must_change=False)


def test_without_a_signature_the_door_is_a_pin_clock_and_a_signature_opens_the_camera(config: Config) -> None:
    looked = threading.Event()

    def camera() -> Camera:
        looked.set()
        return StandIn("astronaut")

    with running(config, camera) as scene:
        for language in ("id", "nl", "en"):
            scene.touch(f"language.{language}")
            scene.until_shown(words.say(language, "banner.release"))
        scene.check_in_by_pin()
        assert not looked.is_set(), "the camera was opened"
        with closing(opened(config)) as store:
            signed(store, config, dewi(store))
        banner = words.say("en", "banner.release")
        scene.until(lambda: looked.is_set() and banner not in scene.texts(), "the face is not released")
        with closing(opened(config)) as store:
            assessment_acts.withdraw(store, by=dewi(store).account)
        scene.until_shown(words.say("id", "banner.release"))
    assert [each.method for each in recorded(config)] == [Method.PIN]


@pytest.mark.parametrize("lower", [False, True])
def test_nobody_is_enrolled_before_the_signature_or_after_a_weaker_setting(
    config: Config, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, lower: bool
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    (config.data / "a.png").touch()
    if lower:
        with closing(opened(config)) as store:
            signed(store, config, dewi(store))
        (config.data / "kiosk.toml").write_text("[recognition]\nthreshold = 0.45\n")
    given = ("--data", str(config.data), "--code", "1001", "--consent-version", "1", "--language", "en")
    assert main(["people", "enrol", *given, "--pictures", str(config.data)]) == 2
    said = capsys.readouterr().err
    assert words.say("en", "fault.face_not_released.title") in said
    assert ("threshold" in said) == lower
    assert words.say("en", "enrol.type", agree="I agree") not in said, "somebody was asked to agree"
