"""What a person wants corrected or looked at, and what a human has decided; refuses a paper with anything else on it.

GDPR Articles 16 and 22(3); UU PDP 27/2022 Articles 6 and 10.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeAlias, assert_never

from wire import canonical, checks
from wire.canonical import Json
from wire.errors import FormatError
from wire.event import Action

NEVER: Final = -1
"""Stands in a paper for a moment that was not given."""


class Field(StrEnum):
    """What of a person's profile may be corrected."""

    NAME = "name"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Wrong:
    """An entry should say something else: another action, another time (ms UTC), or both; None leaves it."""

    event: str
    action: Action | None = None
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """Something happened that no entry says; `at`: ms UTC."""

    action: Action
    at: int


@dataclass(frozen=True, slots=True)
class ProfileWrong:
    """Name or language should be this."""

    which: Field
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Doubted:
    """A human is to look at this entry: the machine or somebody's claim made it."""

    event: str


Subject: TypeAlias = Wrong | Missing | ProfileWrong | Doubted


class Outcome(StrEnum):
    """How a matter ended; the state of its paper, "open" before."""

    ACCEPTED = "accepted"  # as the person asked
    ADJUSTED = "adjusted"  # otherwise than the person asked, with a reason
    REFUSED = "refused"  # with a reason
    CONFIRMED = "confirmed"  # looked at: it stands as recorded
    ANNULLED = "annulled"  # looked at: it does not count


OPEN: Final = "open"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a human has decided.

    Attributes:
        outcome: how.
        action: what counts now; None where no act is left, or none is concerned.
        at: when, ms UTC; None likewise.
        reason: in words, for the person.
        by: the account that decided.
        decided_at: ms UTC.
        events: ids of the amendments that say so, in the order of the ledger.
        told: whether somebody else must correct it, whom the person's data comes from (HR).
    """

    outcome: Outcome
    action: Action | None
    at: int | None
    reason: str = field(repr=False)
    by: str
    decided_at: int
    events: tuple[str, ...] = ()
    told: bool = False


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter of one person.

    Attributes:
        subject: what it is about.
        text: the person's own words, or "".
        asked_at: ms UTC.
        request: id of the paper in the desk's register; "" where the desk looked by itself.
        ruling: what was decided.
        statement: what the person wants to stand beside a refusal, or "".
    """

    subject: Subject
    text: str = field(repr=False)
    asked_at: int
    request: str = ""
    ruling: Ruling | None = None
    statement: str = field(default="", repr=False)

    @property
    def state(self) -> str:
        """The state of its paper."""
        return OPEN if self.ruling is None else self.ruling.outcome.value


_SHAPE: Final[dict[str, type | tuple[type, ...]]] = {
    "subject": dict, "text": str, "asked_at": int, "request": str, "ruling": (dict, type(None)), "statement": str,
}  # fmt: skip
_RULING: Final[dict[str, type | tuple[type, ...]]] = {
    "outcome": str, "action": str, "at": int, "reason": str, "by": str, "decided_at": int, "events": list,
    "told": bool,
}  # fmt: skip


def encode(matter: Matter) -> dict[str, Json]:
    """The content of its paper."""
    return {
        "subject": _subject(matter.subject),
        "text": matter.text,
        "asked_at": matter.asked_at,
        "request": matter.request,
        "ruling": None if matter.ruling is None else _ruling(matter.ruling),
        "statement": matter.statement,
    }


def decode(content: Mapping[str, Any]) -> Matter:
    """What `encode` made. Raises FormatError."""
    found = canonical.fields(dict(content), _SHAPE)
    ruling = None if found["ruling"] is None else _decided(found["ruling"])
    asked_at = checks.moment(found["asked_at"])
    return Matter(_about(found["subject"]), found["text"], asked_at, found["request"], ruling, found["statement"])


def _subject(subject: Subject) -> dict[str, Json]:
    match subject:
        case Wrong(event, action, at):
            return {"kind": "wrong", "event": event, "action": _word(action), "at": NEVER if at is None else at}
        case Missing(action, at):
            return {"kind": "missing", "action": action.value, "at": at}
        case ProfileWrong(which, value):
            return {"kind": "profile", "field": which.value, "value": value}
        case Doubted(event):
            return {"kind": "doubted", "event": event}
        case _:
            assert_never(subject)


def _about(value: Mapping[str, Any]) -> Subject:
    match value.get("kind"):
        case "wrong":
            found = canonical.fields(value, {"kind": str, "event": str, "action": str, "at": int})
            return Wrong(checks.uuid7_text(found["event"]), _action(found["action"]), _moment(found["at"]))
        case "missing":
            found = canonical.fields(value, {"kind": str, "action": str, "at": int})
            return Missing(checks.choice(Action, found["action"]), checks.moment(found["at"]))
        case "profile":
            found = canonical.fields(value, {"kind": str, "field": str, "value": str})
            return ProfileWrong(checks.choice(Field, found["field"]), found["value"])
        case "doubted":
            return Doubted(checks.uuid7_text(canonical.fields(value, {"kind": str, "event": str})["event"]))
        case _:
            raise FormatError("subject: not in the list")


def _ruling(ruling: Ruling) -> dict[str, Json]:
    return {
        "outcome": ruling.outcome.value,
        "action": _word(ruling.action),
        "at": NEVER if ruling.at is None else ruling.at,
        "reason": ruling.reason,
        "by": ruling.by,
        "decided_at": ruling.decided_at,
        "events": list(ruling.events),
        "told": ruling.told,
    }


def _decided(value: Mapping[str, Any]) -> Ruling:
    found = canonical.fields(value, _RULING)
    return Ruling(
        outcome=checks.choice(Outcome, found["outcome"]),
        action=_action(found["action"]),
        at=_moment(found["at"]),
        reason=found["reason"],
        by=found["by"],
        decided_at=checks.moment(found["decided_at"]),
        events=tuple(checks.uuid7_text(each) for each in found["events"]),
        told=found["told"],
    )


def _word(action: Action | None) -> str:
    return "" if action is None else action.value


def _action(value: str) -> Action | None:
    return checks.choice(Action, value) if value else None


def _moment(value: int) -> int | None:
    return None if value == NEVER else checks.moment(value)
