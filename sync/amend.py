"""What a person has decided about a dead letter before it is sent again; refuses what the event has no place for."""

from dataclasses import asdict, dataclass, replace

from wire import canonical, checks
from wire import event as wire_event
from wire.errors import FormatError
from wire.event import Action, CheckIn, Correction, Event


@dataclass(frozen=True, slots=True)
class Amendment:
    """Empty fields leave the event as it is.

    Args:
        person: the employee code that it is sent under, "" for its own.
        action: what was done instead.
        at: when, ms since 1970; -1 for the event's own time.
        approved: somebody has looked at it and believes it (`Punch.reviewed`).
    """

    person: str = ""
    action: Action | None = None
    at: int = -1
    approved: bool = False

    def __post_init__(self) -> None:
        if self.person:
            checks.code(self.person)
        if self.at != -1:
            checks.moment(self.at)

    def __repr__(self) -> str:
        return "Amendment()"  # it may hold an employee code


def joined(old: Amendment, new: Amendment) -> Amendment:
    """Both decisions; where they are about the same, the new one."""
    return Amendment(
        new.person or old.person,
        new.action or old.action,
        old.at if new.at == -1 else new.at,
        new.approved or old.approved,
    )


def applied(event: Event, amendment: Amendment) -> Event:
    """The event as it is sent. Raises FormatError: it has no action that could be another one."""
    if amendment.person:
        event = replace(event, person=amendment.person)
    if amendment.at != -1:
        event = replace(event, occurred_at=amendment.at)
    if amendment.action is not None:
        if not isinstance(event, CheckIn | Correction | wire_event.Amendment):
            raise FormatError("this event has no action that could be another one")
        event = replace(event, action=amendment.action)
    return event


def encode(amendment: Amendment) -> bytes:
    """Canonical JSON."""
    action = "" if amendment.action is None else amendment.action.value
    return canonical.encode({**asdict(amendment), "action": action})


def decode(data: bytes) -> Amendment:
    """Read what `encode` wrote. Raises FormatError."""
    shape: dict[str, type | tuple[type, ...]] = {"person": str, "action": str, "at": int, "approved": bool}
    found = canonical.fields(canonical.decode(data, limit=4096), shape)
    action = checks.choice(Action, found["action"]) if found["action"] else None
    return Amendment(found["person"], action, found["at"], found["approved"])
