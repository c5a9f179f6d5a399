"""kiosk.toml becomes one frozen Config; refuses an unknown key, a wrong type and a value out of range."""

import dataclasses
import re
import tomllib
from dataclasses import dataclass, field, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kiosk.faults import Fault, FaultCode
from wire import checks
from wire.errors import FormatError

LANGUAGES = ("id", "en", "nl")
DOOR_BUTTONS = ("in", "out", "break", "overtime", "trip")
MODES = ("identification", "verification", "roster", "off")
BADGES = ("off", "with_pin", "alone")
BACKENDS = ("hq", "frappe", "odoo", "csv")
LIVENESS = ("signal", "clear_attack", "enforce")
CHALLENGE = ("never", "undecided", "always")
_WINDOW_PX = range(320, 7681)
_COOL_DOWN_MOST = 600
_KEEP_MOST = 400
_CAMERA = re.compile(r"sample|(?:file|v4l):.+")
_PUBLIC_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Device:
    """Where the device hangs and who answers for it.

    Attributes:
        site: the door's name as HQ knows it, 1 to 64 characters.
        zone: IANA time zone of the door.
        contact: whom people call when the kiosk is out of service; shown on that screen.
        notice: version of the privacy notice that hangs beside the door.
        position: where the door is, surveyed once: degrees north and east, "-6.2088, 106.8456"; "" for none. It goes
            into the device's report, never into an event: of people no place is kept.
    """

    site: str = "Ambang"
    zone: str = "Asia/Jakarta"
    contact: str = ""
    notice: str = "1"
    position: str = ""


@dataclass(frozen=True, slots=True)
class Recognition:
    """How faces are matched.

    Attributes:
        mode: "identification" (1:N); "verification" (1:1: code and PIN first, then that person's face); "roster" (1:N
            among those expected now; everybody until a roster is there); "off": the kiosk is then a PIN clock.
        pack: name of the model pack in models/manifest.toml.
        threshold: comparison score from which a match is decided, cosine in [-1, 1].
        near: comparison score from which the PIN is asked for and nobody is named.
        margin: by how much the best person must lead the second.
        liveness: what the attack detectors may do before this camera was tested: "signal" nothing, "clear_attack"
            refuse what is hardly ever a live face, "enforce" refuse everything that is not clearly live.
        challenge: of whom a blink or a turn of the head is asked: "never", "undecided" (of those whom "enforce" would
            send to their PIN) or "always" (of everybody who matches).
    """

    mode: str = "identification"
    pack: str = "faceplugin"
    threshold: float = 0.50
    near: float = 0.43
    margin: float = 0.05
    liveness: str = "clear_attack"
    challenge: str = "undecided"


@dataclass(frozen=True, slots=True)
class Camera:
    """Which camera: "sample", "file:PATH" or "v4l:PATH"; see kiosk/vision/camera.py."""

    source: str = "sample"


@dataclass(frozen=True, slots=True)
class Door:
    """What the door offers.

    Attributes:
        language: the language shown when nobody has chosen one.
        buttons: the actions offered, in their order on screen.
        confirm: whether every match asks "is this you?" before it is recorded.
        large: whether type and drawings are a quarter larger where there is room.
        badge: what a QR badge does: "with_pin" stands in the place of the employee code, "alone" records by itself,
            "off": nobody is asked for one. Where faces are off it needs a camera of its own in [camera].
        fullscreen: a frameless window over the whole display.
        width: window width in pixels when not full screen.
        height: window height in pixels when not full screen.
        cool_down_s: for so many seconds the same action again is not recorded again; 0: always.
        random_pad: whether the digits stand in another order each time a PIN is asked for.
        reduced_motion: whether nothing on the screen moves.
        light: the colours of the day instead of those of the night.
    """

    language: str = "id"
    buttons: tuple[str, ...] = DOOR_BUTTONS
    confirm: bool = False
    large: bool = False
    badge: str = "with_pin"
    fullscreen: bool = False
    width: int = 800
    height: int = 480
    cool_down_s: int = 60
    random_pad: bool = False
    reduced_motion: bool = False
    light: bool = False


@dataclass(frozen=True, slots=True)
class Headquarters:
    """Whose counter-signatures count.

    Attributes:
        name: signer name, "ambang-hq/<id>"; empty while the device is not provisioned.
        public: its Ed25519 key, 64 hexadecimal digits.
    """

    name: str = ""
    public: str = ""

    @property
    def keys(self) -> dict[str, bytes]:
        """Signer name to 32-byte public key; empty while the device is not provisioned."""
        return {self.name: bytes.fromhex(self.public)} if self.name else {}


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where sync delivers attendance to, as in sync.toml.

    Attributes:
        backend: "hq", which counter-signs; "frappe", "odoo" or "csv", where no HQ signs and sync is believed instead.
    """

    backend: str = "hq"


@dataclass(frozen=True, slots=True)
class Storage:
    """Where proofs and copies of the store go; a path is beneath `data` unless it begins with "/".

    Attributes:
        anchor: a second place for the rollback anchor, on another partition if there is one; empty for none.
        recipient: the organisation's public key that backups are sealed to ("age1..."); empty: no backups.
        onsite: directory for the on-site backup; empty for none.
        onsite_templates: whether the on-site backup holds references and biometric keys.
        keep: how many backups of each kind stay.
    """

    anchor: str = ""
    recipient: str = ""
    onsite: str = ""
    onsite_templates: bool = False
    keep: int = 14


@dataclass(frozen=True, slots=True)
class Settings:
    """What may not be changed on the screen.

    Attributes:
        locked: keys like "recognition.mode", or a whole section like "recognition", which hold as they stand here.
    """

    locked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """Everything an administrator decides; paths are beneath `data`.

    Attributes:
        data: the directory that holds state/, exchange/ and the keys.
        models: where the model files lie; None for the installed place.
    """

    data: Path
    models: Path | None = None
    device: Device = field(default_factory=Device)
    recognition: Recognition = field(default_factory=Recognition)
    camera: Camera = field(default_factory=Camera)
    door: Door = field(default_factory=Door)
    headquarters: Headquarters = field(default_factory=Headquarters)
    delivery: Delivery = field(default_factory=Delivery)
    storage: Storage = field(default_factory=Storage)
    settings: Settings = field(default_factory=Settings)

    @property
    def reads_badges(self) -> bool:
        """Whether this door reads QR badges: a PIN clock does with a camera of its own, not with the sample film."""
        seen = self.recognition.mode != "off" or self.camera.source != "sample"
        return seen and self.door.badge != "off"

    @property
    def anchors(self) -> tuple[Path, ...]:
        """Further places of the rollback anchor, besides the one in `state`."""
        return (self.data / self.storage.anchor,) if self.storage.anchor else ()

    @property
    def offsite(self) -> Path:
        """Sealed backups that wait for sync to take them away."""
        return self.data / "offsite"

    @property
    def onsite(self) -> Path | None:
        """Backups that stay in the house, if there is a place for them."""
        return self.data / self.storage.onsite if self.storage.onsite else None

    @property
    def certificates(self) -> Path:
        """Certificates of erasure, one file each."""
        return self.state / "certificates"

    @property
    def state(self) -> Path:
        """Where templates.db, records.db and, with the file provider, root.key lie."""
        return self.data / "state"

    @property
    def exchange(self) -> Path:
        """The database that the kiosk and the sync daemon share."""
        return self.data / "exchange" / "exchange.db"

    @property
    def exchange_key(self) -> Path:
        """The key both programs seal handed-over events with: 32 raw bytes, mode 0440 on a device."""
        return self.data / "exchange.key"


def load(path: Path) -> Config:
    """Read kiosk.toml; its own directory is the data directory unless it names another.

    Raises:
        Fault: CONFIG_INVALID, with the key that is wrong.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise Fault(FaultCode.CONFIG_INVALID, f"{path.name}: {wrong}") from wrong
    known = {each.name for each in dataclasses.fields(Config)}
    for key in table:
        if key not in known:
            raise Fault(FaultCode.CONFIG_INVALID, f"unknown key {key!r}")
    if "\\x00" in repr(table):  # no path can hold it
        raise Fault(FaultCode.CONFIG_INVALID, "a value holds a NUL character")
    config = Config(
        data=(path.parent / _text(table, "data", ".")).resolve(),
        models=Path(_text(table, "models", "")) if "models" in table else None,
        device=section(Device, table.get("device", {}), "device"),
        recognition=section(Recognition, table.get("recognition", {}), "recognition"),
        camera=section(Camera, table.get("camera", {}), "camera"),
        door=section(Door, table.get("door", {}), "door"),
        headquarters=section(Headquarters, table.get("headquarters", {}), "headquarters"),
        delivery=section(Delivery, table.get("delivery", {}), "delivery"),
        storage=section(Storage, table.get("storage", {}), "storage"),
        settings=section(Settings, table.get("settings", {}), "settings"),
    )
    check(config)
    return config


def check(config: Config) -> None:
    """Refuse values that no part of the kiosk could work with.

    Raises:
        Fault: CONFIG_INVALID, with the key and what it may be.
    """
    device, recognition, door, hq = config.device, config.recognition, config.door, config.headquarters
    try:
        ZoneInfo(device.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as wrong:
        raise Fault(FaultCode.CONFIG_INVALID, f"device.zone {device.zone!r} is no IANA time zone") from wrong
    rules = (
        (_is_site(device.site), "device.site must have 1 to 64 plain characters, at most 128 bytes"),
        (
            _is_place(device.position),
            'device.position must be like "-6.2088, 106.8456" (degrees north, east), or empty',
        ),
        (_CAMERA.fullmatch(config.camera.source) is not None, "camera.source must be sample, file:PATH or v4l:PATH"),
        (recognition.mode in MODES, f"recognition.mode must be one of {', '.join(MODES)}"),
        (0.0 < recognition.near <= recognition.threshold < 1.0, "0 < recognition.near <= recognition.threshold < 1"),
        (recognition.liveness in LIVENESS, f"recognition.liveness must be one of {', '.join(LIVENESS)}"),
        (recognition.challenge in CHALLENGE, f"recognition.challenge must be one of {', '.join(CHALLENGE)}"),
        (0.0 <= recognition.margin < 1.0, "recognition.margin must lie in [0, 1)"),
        (door.language in LANGUAGES, f"door.language must be one of {', '.join(LANGUAGES)}"),
        (bool(door.buttons) and set(door.buttons) <= set(DOOR_BUTTONS), f"door.buttons: {', '.join(DOOR_BUTTONS)}"),
        (door.badge in BADGES, f"door.badge must be one of {', '.join(BADGES)}"),
        (1 <= config.storage.keep <= _KEEP_MOST, f"storage.keep: 1 to {_KEEP_MOST}"),
        (len(set(door.buttons)) == len(door.buttons), "door.buttons names a button twice"),
        (0 <= door.cool_down_s <= _COOL_DOWN_MOST, f"door.cool_down_s: 0 to {_COOL_DOWN_MOST}"),
        (door.width in _WINDOW_PX and door.height in _WINDOW_PX, "door.width and door.height: 320 to 7680"),
        (
            not hq.name or (hq.name.startswith("ambang-hq/") and _PUBLIC_KEY.fullmatch(hq.public) is not None),
            "headquarters: name must be ambang-hq/<id>, public its key in 64 hexadecimal digits",
        ),
        (config.delivery.backend in BACKENDS, f"delivery.backend must be one of {', '.join(BACKENDS)}"),
        (
            config.delivery.backend == "hq" or not (hq.name or hq.public),
            "delivery.backend: [headquarters] must be empty unless it is hq, for nobody else counter-signs",
        ),
        (set(config.settings.locked) <= _keys(), "settings.locked names a key of kiosk.toml, or one of its sections"),
    )
    for holds, sentence in rules:
        if not holds:
            raise Fault(FaultCode.CONFIG_INVALID, sentence)


def _keys() -> set[str]:
    """Every section, and every key as "section.key"."""
    hints = get_type_hints(Config)
    tables = {each.name: hints[each.name] for each in dataclasses.fields(Config) if is_dataclass(hints[each.name])}
    return {*tables, *(f"{name}.{key.name}" for name, kind in tables.items() for key in dataclasses.fields(kind))}


def _is_site(value: str) -> bool:
    """Every event names the site: what HQ would refuse must not be found out at the first check-in."""
    try:
        return value.isprintable() and bool(checks.site(value))
    except FormatError:
        return False


def _is_place(value: str) -> bool:
    try:
        checks.position(value)
    except FormatError:
        return False
    return True


_Section = TypeVar("_Section")


def section(kind: type[_Section], table: object, name: str) -> _Section:
    """Read one table into a frozen dataclass of text, numbers, flags and tuples of text.

    Raises:
        Fault: CONFIG_INVALID.
        TypeError: a key without a default is missing.
    """
    if not isinstance(table, dict):
        raise Fault(FaultCode.CONFIG_INVALID, f"[{name}] must be a table")
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in hints:
            raise Fault(FaultCode.CONFIG_INVALID, f"unknown key {name}.{key}")
        values[key] = _typed(hints[key], value, f"{name}.{key}")
    return kind(**values)


def _typed(kind: object, value: object, name: str) -> object:
    if kind == tuple[str, ...] and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if kind is float and type(value) in (int, float):
        return float(value)  # type: ignore[arg-type]
    if isinstance(kind, type) and type(value) is kind:
        return value
    raise Fault(FaultCode.CONFIG_INVALID, f"{name} has the wrong type")


def _text(table: dict[str, object], key: str, default: str) -> str:
    value = table.get(key, default)
    if not isinstance(value, str):
        raise Fault(FaultCode.CONFIG_INVALID, f"{key} must be text")
    return value
