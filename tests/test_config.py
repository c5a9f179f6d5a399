import dataclasses
from pathlib import Path

import pytest

from kiosk import config
from kiosk.faults import Fault, FaultCode


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "kiosk.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_file_gives_a_working_configuration(tmp_path: Path) -> None:
    loaded = config.load(written(tmp_path, ""))
    assert loaded == config.Config(data=tmp_path.resolve())
    assert loaded.state == tmp_path.resolve() / "state"


def test_every_section_is_read(tmp_path: Path) -> None:
    text = """
    data = "kept"
    models = "/opt/models"
    [device]
    site = "Gudang"
    zone = "Europe/Amsterdam"
    [recognition]
    mode = "off"
    threshold = 1e-1
    near = 0.05
    [camera]
    source = "file:/x"
    [door]
    language = "nl"
    buttons = ["in", "out"]
    confirm = true
    [headquarters]
    name = "ambang-hq/x"
    public = "0101010101010101010101010101010101010101010101010101010101010101"
    """
    loaded = config.load(written(tmp_path, text))
    assert loaded.data == tmp_path.resolve() / "kept"
    assert loaded.models == Path("/opt/models")
    assert loaded.device == config.Device(site="Gudang", zone="Europe/Amsterdam")
    assert loaded.recognition == config.Recognition(mode="off", threshold=0.1, near=0.05)
    assert loaded.camera.source == "file:/x"
    assert loaded.door == config.Door(language="nl", buttons=("in", "out"), confirm=True)
    assert loaded.headquarters.keys == {"ambang-hq/x": bytes([1] * 32)}
    assert config.Headquarters().keys == {}


def test_another_backend_than_headquarters_can_be_named(tmp_path: Path) -> None:
    assert config.load(written(tmp_path, "")).delivery.backend == "hq"
    assert config.load(written(tmp_path, "[delivery]\nbackend = 'odoo'")).delivery.backend == "odoo"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("surprise = 1", "surprise"),
        ("device = 3", "[device]"),
        ("data = 3", "data"),
        ("[device]\ncolour = 'red'", "device.colour"),
        ("[device]\nsite = ''", "device.site"),
        (f"[device]\nsite = '{'雅' * 50}'", "device.site"),
        ("[device]\nsite = ' Kantor'", "device.site"),
        ('[device]\nsite = "Kantor\\u202e"', "device.site"),
        ("[camera]\nsource = 'smaple'", "camera.source"),
        ("[camera]\nsource = 'v4l:'", "camera.source"),
        ("[device]\nzone = 'Mars/Base'", "device.zone"),
        ("[device]\nzone = '../../etc/passwd'", "device.zone"),
        ("[recognition]\nthreshold = '0.5'", "recognition.threshold"),
        ("[recognition]\nthreshold = true", "recognition.threshold"),
        ("[recognition]\nthreshold = 0.3", "recognition.near"),
        ("[recognition]\nthreshold = nan", "recognition.near"),
        ("[recognition]\nmargin = -1", "recognition.margin"),
        ("[recognition]\nmode = 'maybe'", "recognition.mode"),
        ("[recognition]\nliveness = 'maybe'", "recognition.liveness"),
        ("[recognition]\nchallenge = 'perhaps'", "recognition.challenge"),
        ("[door]\nlanguage = 'de'", "door.language"),
        ("[door]\nbuttons = []", "door.buttons"),
        ("[door]\nbuttons = ['in', 'in']", "door.buttons"),
        ("[door]\nbuttons = [1]", "door.buttons"),
        ("[door]\nwidth = 1", "door.width"),
        ("[headquarters]\nname = 'ambang-hq/x'\npublic = 'ab'", "headquarters"),
        ("[headquarters]\nname = 'x'", "headquarters"),
        ("[delivery]\nbackend = 'sap'", "delivery.backend"),
        (f"[delivery]\nbackend = 'csv'\n[headquarters]\nname = 'ambang-hq/x'\npublic = '{'01' * 32}'", "delivery"),
        ("not toml", "kiosk.toml"),
    ],
)
def test_a_wrong_configuration_is_refused_and_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(Fault) as caught:
        config.load(written(tmp_path, text))
    assert caught.value.code is FaultCode.CONFIG_INVALID
    assert named in caught.value.detail


def test_a_missing_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Fault) as caught:
        config.load(tmp_path / "kiosk.toml")
    assert caught.value.code is FaultCode.CONFIG_INVALID


def test_a_configuration_cannot_be_changed_after_it_was_read() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.Config(data=Path()).data = Path("/")  # type: ignore[misc]
