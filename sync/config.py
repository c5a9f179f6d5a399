"""Reads sync.toml into frozen Settings; refuses unknown keys, missing keys and a recipient without a legal basis."""

import stat
import tomllib
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeAlias, assert_never
from urllib.parse import urlsplit

from wire import checks

MAX_FILE: Final = 65_536
MAX_CREDENTIAL: Final = 512
KEY_SIZE: Final = 32
BACKENDS: Final = ("hq", "frappe", "odoo", "csv")
AIR: Final = ("refused", "allowed")
TOP: Final = frozenset({"device", "device_public", "exchange", "exchange_key", "journal"})


class SettingsError(Exception):
    """sync.toml cannot be used; the message names the key, never a secret."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives the data, as the register of recipients has it; every field must be filled in."""

    name: str
    host: str
    category: str
    purpose: str
    country: str
    ground: str
    evidence: str
    date: str


@dataclass(frozen=True, slots=True)
class Hq:
    """Where HQ is and how it proves itself: `ca` and `public` (32 bytes); and how we do: `certificate` and `key`."""

    url: str
    ca: Path
    certificate: Path
    key: Path
    name: str
    public: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Actions:
    """What a backend of ins and outs makes of the door's other actions; "" is off, and listed as a task.

    Args:
        break_start: "", "in" or "out"; Frappe: the log type, Odoo: "in" opens and "out" closes the row.
        break_end: the same.
        overtime_start: the same.
        overtime_end: the same.
        trip: "", or "request" for a draft that somebody approves.
    """

    break_start: str = ""
    break_end: str = ""
    overtime_start: str = "in"
    overtime_end: str = "out"
    trip: str = ""


@dataclass(frozen=True, slots=True)
class Frappe:
    """Where Frappe HR is: `credential` is a file with "key:secret" (`credential_text`), `mode` "keyed" or "query".

    Args:
        site_zone: IANA zone that the site must have, "" to take what the site says.
        position: where the kiosk hangs, "latitude, longitude" in degrees; "" where the site does not want to know.
    """

    url: str
    ca: Path
    credential: Path
    mode: str
    site_zone: str = ""
    position: str = ""

    @property
    def place(self) -> tuple[float, float] | None:
        """Degrees north and east, if they are given. Raises ValueError."""
        return checks.degrees(self.position) if self.position else None


@dataclass(frozen=True, slots=True)
class Odoo:
    """Where Odoo is: `credential` is a file with the API key, `key_expires` its last day ("YYYY-MM-DD"), or ""."""

    url: str
    ca: Path
    database: str
    credential: Path
    key_expires: str = ""


@dataclass(frozen=True, slots=True)
class Csv:
    """The folder that files are put into."""

    folder: Path


Target: TypeAlias = Hq | Frappe | Odoo | Csv


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything sync needs; paths are absolute, `device_public` is the kiosk's signing key (32 bytes).

    `spool` is where the kiosk lays its sealed backups: `offsite` beside the exchange's folder, or as the file says.
    `through_air` says whether to deliver over Wi-Fi although a wire is up.
    """

    device: str
    device_public: bytes
    exchange: Path
    exchange_key: Path
    journal: Path
    target: Target
    recipient: Recipient
    spool: Path
    actions: Actions = Actions()
    through_air: bool = False

    @property
    def hq(self) -> Hq:
        """Where HQ is. Raises SettingsError where the delivery goes elsewhere."""
        if not isinstance(self.target, Hq):
            raise SettingsError(f"sync.toml delivers to {backend_word(self.target)}: this needs an [hq] table")
        return self.target


def backend_word(target: Target) -> str:
    """The word for a backend: its table in sync.toml, and `delivery.backend` in kiosk.toml."""
    match target:
        case Hq():
            return "hq"
        case Frappe():
            return "frappe"
        case Odoo():
            return "odoo"
        case Csv():
            return "csv"
        case _:
            assert_never(target)


def read(path: Path) -> Settings:
    """Read sync.toml; relative paths start at its folder.

    Raises:
        SettingsError: unreadable, an unknown or missing key, an empty value, no device id, none or several of [hq],
            [frappe], [odoo] and [csv], an address that is none or is not https, or a host that is not the registered
            recipient's.
    """
    try:
        data = path.read_bytes()
        if len(data) > MAX_FILE:
            raise SettingsError("sync.toml is too large")
        table = tomllib.loads(data.decode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"sync.toml: {error}") from error
    spool = table.pop("spool", None)  # the one key that may be left out: the place where the kiosk always has it
    if spool is not None and not (isinstance(spool, str) and spool.strip()):
        raise SettingsError("spool must be filled in, or left out")
    air = table.pop("wireless_beside_wire", "refused")
    if air not in AIR:
        raise SettingsError(f"wireless_beside_wire must be one of {', '.join(AIR)}")
    nested = {word: table.pop(word) for word in (*BACKENDS, "recipient", "actions") if word in table}
    words = [word for word in BACKENDS if word in nested]
    if len(words) != 1:
        said = f"sync.toml needs exactly one of [hq], [frappe], [odoo] and [csv], and has {len(words)}"
        raise SettingsError(said if words else f"{said}; `kiosk-sync enrol-device` with an invitation writes [hq]")
    top = _strings(table, "the top", TOP)
    folder = path.resolve().parent
    target = _target(words[0], nested[words[0]], folder)
    recipient = _recipient(nested.get("recipient"), target)
    try:
        checks.device(top["device"])
    except ValueError as error:
        raise SettingsError("device has not the form of one") from error
    return Settings(
        device=top["device"],
        device_public=_key(top["device_public"], "device_public"),
        exchange=folder / top["exchange"],
        exchange_key=folder / top["exchange_key"],
        journal=folder / top["journal"],
        target=target,
        recipient=recipient,
        actions=_actions(nested.get("actions"), target),
        through_air=air == "allowed",
        spool=(folder / top["exchange"]).parent.parent / "offsite" if spool is None else folder / spool,
    )


def _target(word: str, table: object, folder: Path) -> Target:
    match word:
        case "hq":
            found = _strings(table, word, {one.name for one in fields(Hq)})
            return Hq(
                url=_address(found["url"], word),
                ca=folder / found["ca"],
                certificate=folder / found["certificate"],
                key=folder / found["key"],
                name=found["name"],
                public=_key(found["public"], "hq.public"),
            )
        case "frappe":
            found = _strings(table, word, {"url", "ca", "credential", "mode"}, optional={"site_zone", "position"})
            if found["mode"] not in ("keyed", "query"):
                raise SettingsError('frappe.mode must be "keyed" or "query"')
            _formed(checks.zone, found["site_zone"], "frappe.site_zone")
            _formed(checks.degrees, found["position"], "frappe.position")
            return Frappe(
                url=_address(found["url"], word),
                ca=folder / found["ca"],
                credential=folder / found["credential"],
                mode=found["mode"],
                site_zone=found["site_zone"],
                position=found["position"],
            )
        case "odoo":
            found = _strings(table, word, {"url", "ca", "credential", "database"}, optional={"key_expires"})
            _formed(date.fromisoformat, found["key_expires"], "odoo.key_expires")
            return Odoo(
                url=_address(found["url"], word),
                ca=folder / found["ca"],
                database=found["database"],
                credential=folder / found["credential"],
                key_expires=found["key_expires"],
            )
    return Csv(folder / _strings(table, word, {"folder"})["folder"])


def _recipient(table: object, target: Target) -> Recipient:
    """A folder has no host: there the field is empty, or says what the files travel on."""
    names = {one.name for one in fields(Recipient)}
    if isinstance(target, Csv):
        return Recipient(**_strings(table, "recipient", names - {"host"}, optional={"host"}))
    recipient = Recipient(**_strings(table, "recipient", names))
    if urlsplit(target.url).hostname != recipient.host.lower():
        raise SettingsError(f"{backend_word(target)}.url leads to a host that is not the registered recipient")
    return recipient


def _actions(table: object, target: Target) -> Actions:
    if table is None:
        return Actions(trip="request" if isinstance(target, Frappe) else "")
    if not isinstance(target, Frappe | Odoo):
        raise SettingsError("[actions] is for [frappe] and [odoo]: the others hold every action as it is")
    if not isinstance(table, dict):
        raise SettingsError("[actions] must be a table")
    names = {one.name for one in fields(Actions)}
    for name, value in table.items():
        allowed = ("", "request") if name == "trip" else ("", "in", "out")
        if name not in names or value not in allowed:
            raise SettingsError(f"actions.{name}: not one of {', '.join(sorted(names))}, or not one of {allowed}")
    return Actions(**{"trip": "request" if isinstance(target, Frappe) else "", **table})


def _address(url: str, word: str) -> str:
    try:
        address = urlsplit(url)
        address.port  # noqa: B018 - asked so that a number that is none is found here
    except ValueError as error:
        raise SettingsError(f"{word}.url has not the form of one") from error
    if address.scheme != "https" or address.username is not None or address.query or address.fragment:
        raise SettingsError(f"{word}.url must be a plain https address")
    return url.rstrip("/")


def credential_text(path: Path) -> str:
    """Read a credential: one line of printable ASCII, at most 512 characters, in a file that is ours alone.

    Raises:
        SettingsError: absent, readable by others (mode 0400 or 0600 is asked for), empty or no such line.
    """
    try:
        mode = path.stat().st_mode
        data = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path.name}: {error.strerror}") from error
    if not stat.S_ISREG(mode) or stat.S_IMODE(mode) not in (0o400, 0o600):
        raise SettingsError(f"{path.name} must be a file with mode 0400 or 0600: it holds a credential")
    text = data[: MAX_CREDENTIAL + 2].decode("ascii", "replace").rstrip("\r\n")
    if not text or len(text) > MAX_CREDENTIAL or not text.isascii() or not text.isprintable() or " " in text:
        raise SettingsError(f"{path.name} must hold one line of at most {MAX_CREDENTIAL} plain characters")
    return text


def secret(path: Path) -> bytes:
    """Read a key of exactly 32 bytes. Raises SettingsError."""
    try:
        key = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path.name}: {error.strerror}") from error
    if len(key) != KEY_SIZE:
        raise SettingsError(f"{path.name} is not a key of {KEY_SIZE} bytes")
    return key


def _strings(
    table: object, what: str, names: AbstractSet[str], optional: AbstractSet[str] = frozenset()
) -> dict[str, str]:
    """The keys `names`, each with a text that says something, and those in `optional`, where "" is the default."""
    if not isinstance(table, dict):
        raise SettingsError(f"no [{what}] table")
    if not names <= table.keys() <= names | optional:
        lacks = ", ".join(sorted(names - table.keys())) or "nothing"
        beyond = ", ".join(sorted(table.keys() - names - optional)) or "nothing"
        raise SettingsError(f"sync.toml: keys of {what}: missing: {lacks}; unknown: {beyond}")
    for name, value in table.items():
        if not isinstance(value, str) or (name in names and not value.strip()):
            raise SettingsError(f"{name} must be filled in")
    return {name: str(table.get(name, "")) for name in names | optional}


def _formed(form: Callable[[str], Any], value: str, name: str) -> None:
    try:
        if value:
            form(value)
    except ValueError as error:
        raise SettingsError(f"{name} has not the form of one") from error


def _key(text: str, name: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_SIZE:
        raise SettingsError(f"{name} must be {KEY_SIZE} bytes in hexadecimal")
    return key
