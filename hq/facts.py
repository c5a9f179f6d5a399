"""What a device says of itself, as facts to read; refuses nothing: what is not known is left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wire import canonical
from wire.errors import FormatError

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
_OLD_MS: Final = 4 * HOUR_MS
_BACKUP_MS: Final = 30 * HOUR_MS
_CERTIFICATE_MS: Final = 14 * DAY_MS
_UPDATE_MS: Final = 183 * DAY_MS


class Form(StrEnum):
    """How a fact is written."""

    TEXT = "text"
    WORD = "word"  # one of a closed list, translated
    NUMBER = "number"
    SPAN = "span"  # ms
    PAST = "past"  # ms since 1970: how long ago
    UNTIL = "until"  # ms since 1970: a day


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: hq/sentences holds `report_<key>`; a value of None is "never"; `worry` asks for a look."""

    key: str
    form: Form
    value: str | int | None
    worry: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What a device last said: when (ms since 1970, HQ's clock), and its facts in the order of the page."""

    at: int
    facts: tuple[Fact, ...]


_SHAPE: Final[tuple[tuple[str, Form], ...]] = (
    ("delivery", Form.WORD),
    ("waiting", Form.NUMBER),
    ("oldest", Form.SPAN),
    ("dead", Form.NUMBER),
    ("quarantined", Form.NUMBER),
    ("security_level", Form.WORD),
    ("backup_offsite", Form.PAST),
    ("backup_onsite", Form.PAST),
    ("certificate_until", Form.UNTIL),
    ("system_updated", Form.PAST),
    ("version", Form.TEXT),
    ("position", Form.TEXT),
)


def read(at: int, body: str) -> Report:
    """The facts of a report in JSON (wire's ambang.report.v1); what is missing or of another type is left out."""
    try:
        value = canonical.decode(body.encode(errors="replace"))
    except FormatError:
        return Report(at, ())
    said = dict(value) if isinstance(value, dict) else {}
    welfare = said.get("welfare")
    if isinstance(welfare, dict):
        said |= {key: each for key, each in welfare.items() if key not in said}
    dead = said.get("dead")
    if isinstance(dead, dict):
        said["dead"] = sum(count for count in dead.values() if type(count) is int)
    return Report(at, tuple(fact for key, form in _SHAPE if (fact := _fact(said, key, form, at)) is not None))


def _fact(said: Mapping[str, object], key: str, form: Form, at: int) -> Fact | None:
    if key not in said:
        return None
    value = said[key]
    if value == "":
        return None
    if value is None:
        return Fact(key, form, None, worry=True) if key.startswith("backup") else None
    if form in (Form.TEXT, Form.WORD):
        return Fact(key, form, value, _worrying_word(key, value)) if isinstance(value, str) else None
    return Fact(key, form, value, _worrying(key, value, at)) if type(value) is int else None


def _worrying_word(key: str, value: str) -> bool:
    return (key, value) == ("security_level", "weak") or (key == "delivery" and value in ("offline", "config"))


def _worrying(key: str, value: int, at: int) -> bool:
    match key:
        case "dead" | "quarantined":
            return value > 0
        case "oldest":
            return value > _OLD_MS
        case "backup_offsite" | "backup_onsite":
            return at - value > _BACKUP_MS
        case "certificate_until":
            return value - at < _CERTIFICATE_MS
        case "system_updated":
            return at - value > _UPDATE_MS
        case _:
            return False
