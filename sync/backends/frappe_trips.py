"""Business trips as drafts of Attendance Request, for a person to approve; refuses to touch what is approved."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sync.backends.frappe_line import Filter, Line, Refused, Row, Said, word
from sync.contract import BackendDown, Rejected, Result, Retry, Stored, Unknown, Why
from sync.replies import Kind
from sync.strict_json import NotStrict, record, text

REQUEST: Final = "Attendance Request"
REASON: Final = "On Duty"
LONGEST_TRIP_DAYS: Final = 60
_LEFT: Final = "left for a business trip"
_BACK: Final = "back from a business trip"
_RETURNED: Final = re.compile(rf"[A-Za-z0-9._-]+: {_BACK} ")
"""How a line of ours begins; what somebody wrote as a destination stands later in its line."""
_FIELDS: Final = ("name", "from_date", "to_date", "docstatus", "reason", "explanation")


def held(line: Line, event_id: str, now_ms: int) -> str | None:
    """The request that mentions this event. Raises BackendDown, BackendMisconfigured."""
    filters: list[Filter] = [("explanation", "like", f"%{event_id}%"), ("docstatus", "<", 2)]
    rows = line.rows(REQUEST, ("name",), filters, now_ms)
    return word(rows[0], "name") if rows else None


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody leaves for a trip, or comes back: who (name of the Employee), when (clock of the site), which event."""

    event_id: str
    employee: str
    time: str
    returning: bool

    @property
    def day(self) -> str:
        """The day, YYYY-MM-DD."""
        return self.time[:10]


def store(line: Line, device: str, act: Act, now_ms: int) -> Result | Refused:
    """Make or lengthen a draft; a Refused is for the caller to judge.

    Frappe HR knows whole days: leaving makes a request of one day, coming back on a later day lengthens it. The moments
    stand in the explanation, with the event's id, by which it is found again.

    Raises:
        BackendDown, BackendMisconfigured: before anything was written.
    """
    known = held(line, act.event_id, now_ms)
    if known is not None:
        return Stored(act.event_id, known, duplicate=True)
    note = f"{device}: {_BACK if act.returning else _LEFT} {act.time} ({act.event_id})"
    left = _open(line, act, now_ms) if act.returning else None
    if left is not None:
        said = f"{word(left, 'explanation')}\n{note}"
        change = {"to_date": max(act.day, word(left, "to_date")), "explanation": said}
        return _judge(line, line.update(REQUEST, word(left, "name"), change, now_ms), act, now_ms)
    made = {"employee": act.employee, "from_date": act.day, "to_date": act.day, "reason": REASON, "explanation": note}
    return _judge(line, line.insert(REQUEST, {**made, "half_day": 0, "docstatus": 0}, now_ms), act, now_ms)


@dataclass(frozen=True, slots=True)
class Telling:
    """What is said of a trip: by which event, about which act (event ids), in one line."""

    event_id: str
    about: str
    said: str


def explain(line: Line, device: str, telling: Telling, now_ms: int) -> Result | Refused:
    """Write the details of a trip into the explanation of its draft; a Refused is for the caller to judge.

    A request that is not there, or that somebody has approved already, is for a person.

    Args:
        line: to the site.
        device: id of this kiosk.
        telling: the details.
        now_ms: ms since 1970.

    Raises:
        BackendDown, BackendMisconfigured: before anything was written.
    """
    event_id = telling.event_id
    known = held(line, event_id, now_ms)
    if known is not None:
        return Stored(event_id, known, duplicate=True)
    filters: list[Filter] = [("explanation", "like", f"%{telling.about}%"), ("docstatus", "<", 2)]
    rows = line.rows(REQUEST, _FIELDS, filters, now_ms)
    if not rows:
        return Rejected(event_id, Why.NOT_HELD, "trip_details")
    if rows[0].get("docstatus") != 0:
        return Rejected(event_id, Why.NOT_HELD, "trip_approved")
    written = f"{word(rows[0], 'explanation')}\n{device}: {telling.said} ({event_id})"
    reply = line.update(REQUEST, word(rows[0], "name"), {"explanation": written}, now_ms)
    if isinstance(reply, Refused):
        return reply
    return _judge(line, reply, Act(event_id, "", "", returning=False), now_ms)


def _open(line: Line, act: Act, now_ms: int) -> Row | None:
    """The latest draft of ours that somebody left with and has not come back to."""
    earliest = (date.fromisoformat(act.day) - timedelta(days=LONGEST_TRIP_DAYS)).isoformat()
    filters: list[Filter] = [
        ("employee", "=", act.employee), ("reason", "=", REASON), ("docstatus", "=", 0),
        ("from_date", "<=", act.day), ("from_date", ">=", earliest), ("explanation", "like", f"%{_LEFT}%"),
    ]  # fmt: skip
    rows = line.rows(REQUEST, _FIELDS, filters, now_ms, order="from_date desc", most=1)
    if not rows:
        return None
    lines = word(rows[0], "explanation").splitlines()
    return None if any(_RETURNED.match(each) for each in lines) else rows[0]


def _judge(line: Line, reply: Said | Refused, act: Act, now_ms: int) -> Result | Refused:
    if isinstance(reply, Said):
        try:
            name = text(record(reply.body.get("data")), "name")
        except NotStrict:
            name = ""
        return Stored(act.event_id, name) if name else Unknown(act.event_id, "reply_invalid")
    if reply.kind is not Kind.PERMANENT:
        return reply
    try:
        return _refused(line, reply, act, now_ms)
    except BackendDown as error:
        return Retry(act.event_id, error.detail, error.retry_after_ms)


def _refused(line: Line, reply: Refused, act: Act, now_ms: int) -> Result | Refused:
    if reply.exc_type != "OverlappingAttendanceRequestError":
        return reply
    filters: list[Filter] = [
        ("employee", "=", act.employee), ("docstatus", "<", 2),
        ("from_date", "<=", act.day), ("to_date", ">=", act.day),
    ]  # fmt: skip
    rows = line.rows(REQUEST, _FIELDS, filters, now_ms)
    same = [row for row in rows if word(row, "reason") == REASON]
    if same:  # that the day is spent on duty is all that Frappe HR can say, and it says so already
        return Stored(act.event_id, word(same[0], "name"), duplicate=True)
    return Rejected(act.event_id, Why.OVERLAP, "other_request") if rows else Retry(act.event_id, "overlap_gone")
