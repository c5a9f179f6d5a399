"""Looks whether a site is ready before anything is sent; writes nothing, and refuses to overlook a missing right."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sync.backends.frappe_line import META_DEPTH, Filter, Line, Refused, Reply, Row, Said, expect
from sync.backends.frappe_people import EMPLOYEE
from sync.backends.frappe_shifts import SHIFT
from sync.backends.frappe_trips import REQUEST
from sync.backends.frappe_words import CHECKIN, KEY_FIELD, misconfigured, sentence
from sync.config import Actions, Frappe
from sync.contract import BackendMisconfigured, Remark
from sync.replies import Kind
from sync.strict_json import NotStrict, record, records, text
from wire import checks
from wire.errors import FormatError

SKEW_MS: Final = 120_000
_ADMINISTRATOR: Final = "Administrator"


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found: remarks, the site's zone, and whether the key is known to be unique."""

    remarks: tuple[Remark, ...]
    zone: ZoneInfo | None
    unique: bool


def site_zone(line: Line, settings: Frappe, now_ms: int) -> tuple[ZoneInfo, int | None]:
    """The zone that times of the site are in, and the site's clock.

    Raises:
        BackendDown
        BackendMisconfigured: no such zone, or not the one of the settings.
    """
    said = expect(line.method("frappe.client.get_time_zone", {}, now_ms))
    try:
        name = text(record(said.body.get("message")), "time_zone")
        zone = ZoneInfo(checks.zone(name))
    except (NotStrict, FormatError, ZoneInfoNotFoundError, ValueError, OSError):
        raise misconfigured("zone_unknown") from None
    if settings.site_zone not in ("", name):
        raise misconfigured("zone_differs")
    return zone, said.date_ms


def examine(line: Line, settings: Frappe, actions: Actions, now_ms: int) -> Findings:
    """Ask the site for all that we need. Raises BackendDown.

    Args:
        line: to the site.
        settings: of the site.
        actions: what acts become.
        now_ms: the clock of the kiosk.
    """
    try:
        zone, clock_ms = site_zone(line, settings, now_ms)
        for doctype in (EMPLOYEE, CHECKIN):
            expect(line.page(doctype, ("name",), [], now_ms, most=1))
    except BackendMisconfigured as error:
        return Findings((Remark(error.detail, error.sentence, blocks=True),), None, unique=False)
    keyed = settings.mode == "keyed"
    form = _form(line, now_ms)
    trouble = _key_trouble(line, form, now_ms) if keyed else ""
    found: list[tuple[str, bool]] = []
    if clock_ms is not None and abs(clock_ms - now_ms) > SKEW_MS:
        found.append(("clock_skew", True))
    if trouble:
        found.append((trouble, trouble != "field_unproven"))
    if form is not None and _may_set_time(form, line, now_ms) is False:
        found.append(("time_not_permitted", True))
    if settings.place is None and _demands_position(line, now_ms):
        found.append(("position_needed", True))
    if actions.trip == "request" and _barred(line.page(REQUEST, ("name",), [], now_ms, most=1)):
        found.append(("requests_not_permitted", False))
    if _barred(line.page(SHIFT, ("name",), [], now_ms, most=1)):
        found.append(("shifts_not_permitted", False))
    remarks = tuple(Remark(code, sentence(code), blocks) for code, blocks in found)
    return Findings(remarks, zone, unique=keyed and not trouble)


def _form(line: Line, now_ms: int) -> Row | None:
    """How Employee Checkin describes itself, with the fields that the customer has added; None if it does not say."""
    arguments = {"doctype": CHECKIN}
    reply = line.method("frappe.desk.form.load.getdoctype", arguments, now_ms, depth=META_DEPTH)
    try:
        forms = records(reply.body.get("docs")) if isinstance(reply, Said) else []
    except NotStrict:
        return None
    return next((form for form in forms if form.get("name") == CHECKIN), None)


def _key_trouble(line: Line, form: Row | None, now_ms: int) -> str:
    """What is wrong with the key field: from the form, else from the list of added fields, else by asking for it."""
    with suppress(NotStrict):
        if form is not None:
            fields = [one for one in records(form.get("fields")) if one.get("fieldname") == KEY_FIELD]
            return ("" if fields[0].get("unique") == 1 else "field_not_unique") if fields else "field_missing"
    filters: list[Filter] = [("dt", "=", CHECKIN), ("fieldname", "=", KEY_FIELD)]
    with suppress(NotStrict):
        reply = line.page("Custom Field", ("name", "unique"), filters, now_ms, most=1)
        if isinstance(reply, Said) and (fields := records(reply.body.get("data"))):
            return "" if fields[0].get("unique") == 1 else "field_not_unique"
    probe = line.page(CHECKIN, ("name",), [(KEY_FIELD, "=", "0")], now_ms, most=1)
    return "field_unproven" if isinstance(probe, Said) else "field_missing"


def _may_set_time(form: Row, line: Line, now_ms: int) -> bool | None:
    """Whether one of the user's roles writes at the level of `time`; None if the site does not say."""
    try:
        level = next(one.get("permlevel", 0) for one in records(form.get("fields")) if one.get("fieldname") == "time")
        rights = records(form.get("permissions"))
        user = _message(line.method("frappe.auth.get_logged_user", {}, now_ms))
        if type(user) is not str or not rights:
            return None
        roles = _message(line.method("frappe.core.doctype.user.user.get_roles", {"uid": user}, now_ms))
    except (NotStrict, StopIteration):
        return None
    if type(roles) is not list:
        return None
    return user == _ADMINISTRATOR or any(
        right.get("role") in roles and right.get("permlevel", 0) == level and right.get("write") == 1
        for right in rights
    )


def _message(reply: Reply) -> object:
    return reply.body.get("message") if isinstance(reply, Said) else None


def _demands_position(line: Line, now_ms: int) -> bool:
    arguments = {"doctype": "HR Settings", "field": "allow_geolocation_tracking"}
    return _message(line.method("frappe.client.get_single_value", arguments, now_ms)) in (1, "1")


def _barred(reply: Reply) -> bool:
    return isinstance(reply, Refused) and reply.kind in (Kind.CONFIG, Kind.PERMANENT)
