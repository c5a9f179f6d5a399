"""Reads sync.toml into frozen Settings; refuses unknown keys, missing keys and a recipient without a legal basis."""

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from wire import checks

MAX_FILE: Final = 65_536
KEY_SIZE: Final = 32


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
class Settings:
    """Everything sync needs; paths are absolute, `device_public` is the kiosk's signing key (32 bytes).

    `spool` is where the kiosk lays its sealed backups: `offsite` beside the exchange's folder, or as the file says.
    """

    device: str
    device_public: bytes
    exchange: Path
    exchange_key: Path
    journal: Path
    hq: Hq
    recipient: Recipient
    spool: Path


def read(path: Path) -> Settings:
    """Read sync.toml; relative paths start at its folder.

    Raises:
        SettingsError: unreadable, an unknown or missing key, an empty value, no device id, an address that is none or
            is not https, or a host that is not the registered recipient's.
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
    top = _strings(table, Settings, nested=("hq", "recipient"), without=("spool",))
    hq = _strings(table["hq"], Hq)
    recipient = Recipient(**_strings(table["recipient"], Recipient))
    folder = path.resolve().parent
    try:
        checks.device(top["device"])
        address = urlsplit(hq["url"])
        address.port  # noqa: B018 - asked so that a number that is none is found here
    except ValueError as error:
        raise SettingsError("device or hq.url has not the form of one") from error
    if address.scheme != "https" or address.username is not None or address.query or address.fragment:
        raise SettingsError("hq.url must be a plain https address")
    if address.hostname != recipient.host.lower():
        raise SettingsError("hq.url leads to a host that is not the registered recipient")
    return Settings(
        device=top["device"],
        device_public=_key(top["device_public"], "device_public"),
        exchange=folder / top["exchange"],
        exchange_key=folder / top["exchange_key"],
        journal=folder / top["journal"],
        hq=Hq(
            url=hq["url"].rstrip("/"),
            ca=folder / hq["ca"],
            certificate=folder / hq["certificate"],
            key=folder / hq["key"],
            name=hq["name"],
            public=_key(hq["public"], "hq.public"),
        ),
        recipient=recipient,
        spool=(folder / top["exchange"]).parent.parent / "offsite" if spool is None else folder / spool,
    )


def secret(path: Path) -> bytes:
    """Read a key of exactly 32 bytes. Raises SettingsError."""
    try:
        key = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path.name}: {error.strerror}") from error
    if len(key) != KEY_SIZE:
        raise SettingsError(f"{path.name} is not a key of {KEY_SIZE} bytes")
    return key


def _strings(table: object, shape: type, nested: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> dict[str, str]:
    if not isinstance(table, dict):
        raise SettingsError(f"no [{shape.__name__.lower()}] table")
    names = {one.name for one in fields(shape)} - set(without)
    if table.keys() != names:
        raise SettingsError(f"keys of {shape.__name__.lower()}: {', '.join(sorted(table.keys() ^ names))}")
    for name in names - set(nested):
        if not isinstance(table[name], str) or not table[name].strip():
            raise SettingsError(f"{name} must be filled in")
    return {name: value for name, value in table.items() if name not in nested}


def _key(text: str, name: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_SIZE:
        raise SettingsError(f"{name} must be {KEY_SIZE} bytes in hexadecimal")
    return key
