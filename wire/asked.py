"""What an administrator at the device asks sync to do about its delivery; refuses every act that is not on the list."""

import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from wire import canonical, checks
from wire.errors import FormatError

FORMAT: Final = "ambang.asked.v1"
REQUEST: Final = "asked"
"""The kind of the request in the exchange."""
SIZE_LIMIT: Final = 512
ACCOUNT_SIZE: Final = 8
WORD: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_FIELDS: Final = dict.fromkeys(("format", "act", "event", "by", "second", "reason"), str)


class Wanted(StrEnum):
    """The closed list."""

    PREFLIGHT = "preflight"  # ask the recipient whether it could take events; sends none
    RETRY = "retry"  # try an event that is set aside again
    HAND = "hand"  # write it into a file for a person, who takes it over
    DISCARD = "discard"  # a person has handled it: never send it; two people


class Reason(StrEnum):
    """Why: a closed list, since nobody needs to type about a person here."""

    REPAIRED = "repaired"
    HANDLED_ELSEWHERE = "handled_elsewhere"
    TWICE = "twice"
    MISTAKE = "mistake"


@dataclass(frozen=True, slots=True)
class Asked:
    """One act.

    Attributes:
        act: which.
        event: UUIDv7 of the event that is set aside; "" for a preflight.
        by: account, 16 hexadecimal digits.
        second: the account that has agreed, for acts of two people; else "".
        reason: why; None where nobody has to say.
    """

    act: Wanted
    event: str
    by: str
    second: str = ""
    reason: Reason | None = None

    def __post_init__(self) -> None:
        checks.hex_bytes(self.by, ACCOUNT_SIZE)
        if self.second:
            checks.hex_bytes(self.second, ACCOUNT_SIZE)
        if (self.act is Wanted.PREFLIGHT) != (self.event == ""):
            raise FormatError("asked: event")
        if self.event:
            checks.uuid7_text(self.event)
        if self.act is Wanted.DISCARD and (self.reason is None or self.second in {"", self.by}):
            raise FormatError("asked: two people and a reason")


def encode(asked: Asked) -> bytes:
    """Canonical JSON, at most 512 bytes."""
    return canonical.encode({"format": FORMAT, **asdict(asked), "reason": asked.reason or "", "act": asked.act.value})


def decode(data: bytes) -> Asked:
    """Read one. Raises FormatError."""
    found = canonical.fields(canonical.decode(data, limit=SIZE_LIMIT), _FIELDS)
    if found.pop("format") != FORMAT:
        raise FormatError("asked: format")
    reason = checks.choice(Reason, found["reason"]) if found["reason"] else None
    return Asked(**{**found, "act": checks.choice(Wanted, found["act"]), "reason": reason})
