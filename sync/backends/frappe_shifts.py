"""Reads shifts and their places; refuses to name a place that not everybody of the shift is sent to."""

from typing import Final

from sync.backends.frappe_line import PAGE, Filter, Line, Refused, Reply, Row, listed, portions
from sync.backends.frappe_words import read_minutes
from sync.contract import BackendDown
from sync.replies import Kind
from sync.strict_json import NotStrict, text
from wire.errors import FormatError
from wire.message import LIST_LIMIT, Policy, Shift

SHIFT: Final = "Shift Type"
ASSIGNMENT: Final = "Shift Assignment"
PLACE: Final = "Shift Location"
ASSIGNMENTS_LIMIT: Final = 20_000


def pull(line: Line, now_ms: int) -> Policy | None:
    """The shifts; None where the user may not read them, or there are none.

    Raises:
        BackendDown, BackendMisconfigured
    """
    reply = line.page(SHIFT, ("name", "start_time", "end_time"), [], now_ms, most=LIST_LIMIT)
    if _closed(reply):
        return None
    try:
        places = _places(line, now_ms)
        shifts = tuple(shift for row in listed(reply) if (shift := _shift(row, places)) is not None)
        return Policy(now_ms, shifts) if shifts else None
    except (NotStrict, FormatError):
        raise BackendDown("reply_invalid") from None


def _shift(row: Row, places: dict[str, str]) -> Shift | None:
    """A shift; None if it has no times, or a name that no screen could show."""
    name = text(row, "name")
    begins, ends = read_minutes(text(row, "start_time")), read_minutes(text(row, "end_time"))
    if begins is None or ends is None:
        return None
    try:
        return Shift(name, name, begins, ends, places.get(name, ""))
    except FormatError:
        return None


def _places(line: Line, now_ms: int) -> dict[str, str]:
    """For each shift the place that all its assignments agree on."""
    filters: list[Filter] = [("docstatus", "=", 1), ("status", "=", "Active"), ("shift_location", "is", "set")]
    named: dict[str, set[str]] = {}
    for start in range(0, ASSIGNMENTS_LIMIT, PAGE):
        reply = line.page(ASSIGNMENT, ("name", "shift_type", "shift_location"), filters, now_ms, start=start)
        if _closed(reply):
            return {}  # an older site has no places, or the user may not see who works where
        page = listed(reply)
        for row in page:
            named.setdefault(text(row, "shift_type"), set()).add(text(row, "shift_location"))
        if len(page) < PAGE:
            break
    agreed = {shift: min(places) for shift, places in named.items() if len(places) == 1}
    titles = _titles(line, sorted({*agreed.values()}), now_ms) if agreed else {}
    return {shift: titles[place] for shift, place in agreed.items() if place in titles}


def _titles(line: Line, places: list[str], now_ms: int) -> dict[str, str]:
    """The names that places are shown by; theirs where the user may not read them, or they are too long."""
    titles = {place: place[:64].strip() for place in places}
    for portion in portions(places):
        reply = line.page(PLACE, ("name", "location_name"), [("name", "in", portion)], now_ms)
        if _closed(reply):
            return titles
        for row in listed(reply):
            if title := text(row, "location_name")[:64].strip():
                titles[text(row, "name")] = title
    return titles


def _closed(reply: Reply) -> bool:
    """Whether the server says that this user may not read it, or that there is no such thing."""
    return isinstance(reply, Refused) and reply.answered and reply.kind in (Kind.CONFIG, Kind.PERMANENT)
