"""What an event becomes in Frappe HR, and what a setting that is wrong is called; pure, and refuses to guess."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, TypeAlias, assert_never
from zoneinfo import ZoneInfo

from sync.config import Actions
from sync.contract import BackendMisconfigured, Punch, Why
from wire.event import (
    Action,
    Amendment,
    CheckIn,
    ClockState,
    Correction,
    Decision,
    Dispute,
    Method,
    Notice,
    TripDetails,
)

CHECKIN: Final = "Employee Checkin"
KEY_FIELD: Final = "kiosk_event_id"
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d{1,9})?\Z", re.ASCII)
_DAY_TIME: Final = re.compile(r"(\d{1,2}):(\d\d):(\d\d)(?:\.\d{1,9})?\Z", re.ASCII)
_DAY_HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class Log:
    """A row of Employee Checkin; `log_type` is IN or OUT."""

    log_type: str


@dataclass(frozen=True, slots=True)
class Trip:
    """A draft of an Attendance Request."""

    returning: bool


@dataclass(frozen=True, slots=True)
class Details:
    """A line in the explanation of the request that the act `about` has made: where to, what for, who pays."""

    about: str
    said: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing that Frappe HR has to know."""


@dataclass(frozen=True, slots=True)
class Decline:
    """Something for a person to look at."""

    why: Why
    detail: str


Intent: TypeAlias = Log | Trip | Details | Silence | Decline


def intent(punch: Punch, actions: Actions) -> Intent:
    """What an event asks Frappe HR to hold; what has no place there is a task for a person."""
    event = punch.event
    match event:
        case CheckIn():
            return _check_in(event, actions, reviewed=punch.reviewed)
        case Correction():
            return Decline(Why.NOT_HELD, "correction")
        case Dispute():
            return Decline(Why.NOT_HELD, "dispute")
        case Amendment():  # a human has vouched for the time of what is added: a row like any other
            added = event.decision is Decision.ADDED
            return _act(event.action, actions) if added else Decline(Why.NOT_HELD, f"amended_{event.decision}")
        case TripDetails():
            held = actions.trip == "request"
            return Details(event.refers_to, _details(event)) if held else Decline(Why.NOT_HELD, "trip_details")
        case Notice():
            return Silence()
        case _:
            assert_never(event)


def _check_in(event: CheckIn, actions: Actions, *, reviewed: bool) -> Intent:
    if event.method is Method.CLAIMED and not reviewed:
        return Decline(Why.REVIEW, "claimed")
    if event.clock.state is ClockState.UNSYNCED and not reviewed:
        return Decline(Why.CLOCK_DOUBTFUL, "clock_never_set")
    return _act(event.action, actions)


def _act(action: Action, actions: Actions) -> Intent:
    if action in (Action.TRIP_LEAVE, Action.TRIP_RETURN):
        held = actions.trip == "request"
        return Trip(action is Action.TRIP_RETURN) if held else Decline(Why.NOT_HELD, "trip")
    word = {
        Action.IN: "in",
        Action.OUT: "out",
        Action.BREAK_START: actions.break_start,
        Action.BREAK_END: actions.break_end,
        Action.OVERTIME_START: actions.overtime_start,
        Action.OVERTIME_END: actions.overtime_end,
    }[action]
    return Log(word.upper()) if word else Decline(Why.NOT_HELD, action.value)


def _details(event: TripDetails) -> str:
    said = {"reason": event.reason, "note": event.note, "reference": event.reference, "cost centre": event.cost_centre}
    return "; ".join([f"trip to {event.destination}", *(f"{name}: {text}" for name, text in said.items() if text)])


def site_time(occurred_at: int, zone: ZoneInfo) -> str:
    """Spell ms since 1970 as Frappe HR wants it: `YYYY-MM-DD hh:mm:ss` on the clock of the site, without a zone.

    Parts of a second are dropped. In the hour that a clock goes through twice the same text means two moments; it is
    written as the site's clock showed it, both times.
    """
    moment = datetime.fromtimestamp(occurred_at // 1000, UTC).astimezone(zone)
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def read_time(text: str) -> str | None:
    """The same spelling, out of what a server wrote; None if it is no moment."""
    match = _TIME.match(text)
    return f"{match[1]} {match[2]}" if match else None


def day_of(time: str) -> date:
    """The day of a time that `site_time` spelled."""
    return date.fromisoformat(time[:10])


def read_minutes(text: str) -> int | None:
    """Minutes of the day, 0 to 1439, out of `8:00:00`; None if it is no time of a day."""
    match = _DAY_TIME.match(text)
    if match is None or int(match[1]) >= _DAY_HOURS or int(match[2]) >= 60:  # noqa: PLR2004 - minutes of an hour
        return None
    return int(match[1]) * 60 + int(match[2])


_KEY: Final = (
    "In Frappe, open the user of the kiosk, make a new key under API Access, and store key:secret in the file."
)
_SENTENCES: Final = {
    "credential_unusable": "The file with the API key cannot be used. It has to hold key:secret on one line, belong to "
    "the user kiosk-sync and have mode 0400 or 0600. " + _KEY,
    "http_401": "Frappe does not accept the API key. " + _KEY,
    "http_403": "The user of the kiosk may not read or write what it needs in Frappe. Give it the role HR User, and "
    "read, write and create on Employee Checkin, read on Employee.",
    "http_407": "A proxy stands between the kiosk and Frappe and asks for a password. Let the kiosk reach Frappe "
    "directly.",
    "redirected": "The address of Frappe sends us on to another one. Enter the final https address of the site.",
    "site_unknown": "A server answers, but has no Frappe site of this name. Check the host name in the address; behind "
    "a proxy, let it pass the Host header on.",
    "not_frappe": "What answers at this address is not Frappe. Check the address, and what stands in between.",
    "host_not_registered": "The address is not that of the registered recipient. Enter the recipient in the register, "
    "or correct the address.",
    "certificate_unusable": "The file of the certificate authority cannot be used. Put the PEM of the authority that "
    "signed Frappe's certificate there.",
    "hr_missing": "This site has no Frappe HR. Install the app hrms on it, or enter the address of the site that has "
    "it.",
    "query_refused": "Frappe does not understand what we ask. Version 15 or later of Frappe and Frappe HR is needed.",
    "zone_unknown": "The site names no time zone that exists. Set it in Frappe under System Settings.",
    "zone_differs": "The site is in another time zone than the settings of the kiosk say. Correct site_zone here, or "
    "the zone in Frappe under System Settings; nothing is sent until they agree.",
    "clock_skew": "The clocks of the kiosk and of Frappe are more than two minutes apart. Set the one that is wrong; "
    "check that time synchronisation runs on both.",
    "field_missing": "Employee Checkin has no field kiosk_event_id. In Frappe, open Customize Form for Employee "
    "Checkin and add it: type Data, Unique, No Copy, permission level 0; or set the mode to query.",
    "field_not_unique": "The field kiosk_event_id of Employee Checkin is not unique. In Frappe, open Customize Form "
    "for Employee Checkin and tick Unique, so that no check-in can be stored twice.",
    "field_unproven": "The user of the kiosk cannot see whether the field kiosk_event_id is unique. Each check-in is "
    "looked for before it is sent; let the user read Employee Checkin's form to save that.",
    "time_not_permitted": "The user of the kiosk may not set the time of a check-in: Frappe would store the moment of "
    "arrival instead. Give it a role (HR User, say) that has read and write at permission level 1 on Employee Checkin, "
    "which is the level of the field time.",
    "time_differs": "Frappe stored a check-in with its own time instead of ours. Give the user of the kiosk a role "
    "(HR User, say) that has read and write at permission level 1 on Employee Checkin, which is the level of the field "
    "time. What was stored wrongly is then put right; if its attendance is already marked, cancel that first.",
    "position_needed": "HR Settings demand a position with each check-in, and this kiosk has none. Enter its surveyed "
    "position as frappe.position, or switch off Allow Geolocation Tracking in HR Settings.",
    "requests_not_permitted": "The user of the kiosk may not read Attendance Request, where business trips go. Give it "
    "read, write and create there, or set trip to empty.",
    "shifts_not_permitted": "The user of the kiosk may not read Shift Type. The door shows no shifts; check-ins are "
    "not affected.",
    "roster_too_large": "Frappe has more employees than a roster can hold (128,000). Restrict the user of the kiosk to "
    "its company or branch with a User Permission.",
}  # fmt: skip
_TLS: Final = (
    "Frappe does not prove who it is: its certificate is not signed by our authority, has expired or is for another "
    "name. Renew it, or put the right authority into the file ca."
)


def sentence(detail: str) -> str:
    """What is wrong and what to do, for a plain code."""
    return _TLS if detail.startswith("tls_") else _SENTENCES.get(detail, _SENTENCES["not_frappe"])


def misconfigured(detail: str) -> BackendMisconfigured:
    """The exception for a plain code."""
    return BackendMisconfigured(detail, sentence(detail))
