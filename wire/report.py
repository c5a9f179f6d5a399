"""How a device does, in plain words and whole numbers; refuses every field that is not on its list."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from wire import canonical, checks
from wire.canonical import INTEGER_LIMIT
from wire.certificate import Level
from wire.errors import FormatError

FORMAT: Final = "ambang.report.v1"
SIZE_LIMIT: Final = 4_096
WELFARE_LIMIT: Final = 2_048
REASONS_LIMIT: Final = 16
VERSION_CHARACTERS: Final = 32
INSTALLATION_SIZE: Final = 8
NETWORK_SIZE: Final = 32
_WORD: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Delivery(StrEnum):
    """How the delivery stands, as the door shows it."""

    STARTING = "starting"
    OK = "ok"
    OFFLINE = "offline"
    CONFIG = "config"


@dataclass(frozen=True, slots=True)
class Welfare:
    """What the kiosk says of its own store; moments in ms since 1970, None where it never happened.

    Args:
        at: when it looked.
        security_level: how the root key is kept.
        people: how many are known here.
        restricted: how many of them are restricted.
        faces: how many have a face enrolled.
        entries: length of the ledger.
        undelivered: events that headquarters has not signed for.
        quarantined: records set aside because they did not open.
        open_intents: acts that are not finished.
        backup_offsite: when the last copy for headquarters was made.
        backup_onsite: when the last copy in the house was made.
        position: the surveyed place of the door, as `checks.degrees` reads it; "" if nobody has entered one.
    """

    at: int
    security_level: Level
    people: int
    restricted: int
    faces: int
    entries: int
    undelivered: int
    quarantined: int
    open_intents: int
    backup_offsite: int | None
    backup_onsite: int | None
    position: str = ""

    def __post_init__(self) -> None:
        checks.moment(self.at)
        for name in _COUNTS:
            checks.integer(getattr(self, name), name, 0, INTEGER_LIMIT)
        for moment in (self.backup_offsite, self.backup_onsite):
            if moment is not None:
                checks.moment(moment)
        checks.position(self.position)


@dataclass(frozen=True, slots=True)
class Report:
    """One report.

    Args:
        device: device id.
        installation: 8 random bytes in hexadecimal, made with sync's memory: two of them are two machines.
        at: ms since 1970, the device's clock.
        version: of the program, 1 to 32 characters.
        delivery: how the delivery stands.
        detail: a plain code like `tls_untrusted`, or "".
        waiting: events without a receipt.
        oldest: age of the oldest of them in ms; None if none waits.
        dead: how many are set aside, by reason; at most 16 reasons.
        certificate_until: last moment of the device's certificate, ms since 1970.
        system_updated: when the operating system was last brought up to date, ms since 1970; None if unknown.
        network: SHA-256 in hexadecimal of where the device is plugged in, keyed by a secret of its own.
        network_changed: it is another place than in the last report that headquarters has.
        welfare: what the kiosk said last; None before the first word.
    """

    device: str
    installation: str
    at: int
    version: str
    delivery: Delivery
    detail: str
    waiting: int
    oldest: int | None
    dead: Mapping[str, int]
    certificate_until: int
    system_updated: int | None
    network: str
    network_changed: bool
    welfare: Welfare | None

    def __post_init__(self) -> None:
        checks.device(self.device)
        checks.hex_bytes(self.installation, INSTALLATION_SIZE)
        checks.moment(self.at)
        checks.text(self.version, "version", least=1, most=VERSION_CHARACTERS)
        if self.detail and not _WORD.fullmatch(self.detail):
            raise FormatError("report: detail")
        checks.integer(self.waiting, "waiting", 0, INTEGER_LIMIT)
        if self.oldest is not None:
            checks.integer(self.oldest, "oldest", 0, INTEGER_LIMIT)
        if len(self.dead) > REASONS_LIMIT or not all(_WORD.fullmatch(reason) for reason in self.dead):
            raise FormatError("report: reasons")
        for count in self.dead.values():
            checks.integer(count, "dead", 0, INTEGER_LIMIT)
        checks.moment(self.certificate_until)
        if self.system_updated is not None:
            checks.moment(self.system_updated)
        checks.hex_bytes(self.network, NETWORK_SIZE)


_COUNTS: Final = ("people", "restricted", "faces", "entries", "undelivered", "quarantined", "open_intents")
_MAYBE: Final = (int, type(None))
_WELFARE: Final[dict[str, type | tuple[type, ...]]] = {
    "at": int,
    "security_level": str,
    **dict.fromkeys(_COUNTS, int),
    "backup_offsite": _MAYBE,
    "backup_onsite": _MAYBE,
    "position": str,
}
_NEWER: Final = {"position": ""}
"""What a kiosk did not say before there was this."""
_REPORT: Final[dict[str, type | tuple[type, ...]]] = {
    **dict.fromkeys(("format", "device", "installation", "version", "delivery", "detail", "network"), str),
    **dict.fromkeys(("at", "waiting", "certificate_until"), int),
    "oldest": _MAYBE,
    "system_updated": _MAYBE,
    "dead": dict,
    "network_changed": bool,
    "welfare": (dict, type(None)),
}


def encode(report: Report) -> bytes:
    """The report in canonical JSON, at most 4,096 bytes. Raises FormatError."""
    encoded = canonical.encode({"format": FORMAT, **_plain(asdict(report))})
    if len(encoded) > SIZE_LIMIT:
        raise FormatError("report: length")
    return encoded


def decode(data: bytes) -> Report:
    """Read a report. Raises FormatError for anything that is not exactly one."""
    found = canonical.fields(canonical.decode(data, limit=SIZE_LIMIT), _REPORT)
    if found.pop("format") != FORMAT:
        raise FormatError("report: format")
    if not all(type(count) is int for count in found["dead"].values()):
        raise FormatError("report: dead")
    welfare = None if found["welfare"] is None else _welfare(found["welfare"])
    return Report(**{**found, "delivery": checks.choice(Delivery, found["delivery"]), "welfare": welfare})


def encode_welfare(welfare: Welfare) -> bytes:
    """The kiosk's own part, on its way to sync."""
    return canonical.encode(_plain(asdict(welfare)))


def decode_welfare(data: bytes) -> Welfare:
    """Read the kiosk's own part. Raises FormatError."""
    return _welfare(canonical.decode(data, limit=WELFARE_LIMIT))


def _welfare(value: object) -> Welfare:
    found = canonical.fields({**_NEWER, **value} if isinstance(value, dict) else value, _WELFARE)
    return Welfare(**{**found, "security_level": checks.choice(Level, found["security_level"])})


def _plain(value: Any) -> Any:  # noqa: ANN401 - a tree of what dataclasses hold
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return str(value) if isinstance(value, StrEnum) else value
