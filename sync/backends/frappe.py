"""Frappe HR as a backend: one check-in at a time, each at most once; refuses leavers, guesses and silent changes."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from sync.backends import frappe_people, frappe_shifts, frappe_trips
from sync.backends.frappe_check import examine, site_zone
from sync.backends.frappe_checkins import CheckIns, Wanted
from sync.backends.frappe_line import Line, Refused
from sync.backends.frappe_people import Employee
from sync.backends.frappe_words import (
    Decline,
    Details,
    Intent,
    Log,
    Silence,
    Trip,
    day_of,
    intent,
    misconfigured,
    site_time,
)
from sync.config import Actions, Frappe
from sync.contract import (
    BackendDown,
    BackendMisconfigured,
    Capabilities,
    Health,
    Idempotency,
    Punch,
    Rejected,
    Result,
    Retry,
    Stored,
    Unknown,
    Why,
)
from sync.replies import Kind
from sync.transport import Transport
from wire.message import Policy, Roster

BATCH: Final = 20
PUSH_S: Final = 45.0  # then the rest waits for the next push, so that whoever called us is not kept for long
ZONE_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class _Site:
    """What a push has asked before it writes: the zone, the employees, and what is there already."""

    zone: ZoneInfo
    people: Mapping[str, Employee]
    known: Mapping[str, str]


class FrappeBackend:
    """Implements sync.contract.Backend for Frappe HR 15 and later.

    Args:
        settings: the site, its key and the mode: with `kiosk_event_id` ("keyed"), or without ("query").
        device: id of this kiosk; it goes into `device_id`.
        transport: gives the connection, or raises NotDelivered.
        actions: what breaks, overtime and trips become.
    """

    def __init__(
        self,
        settings: Frappe,
        device: str,
        transport: Callable[[], Transport],
        actions: Actions,
    ) -> None:
        self._settings = settings
        self._device = device
        self._actions = actions
        self._line = Line(settings, transport)
        self._keyed = settings.mode == "keyed"
        self._checkins = CheckIns(self._line, device, keyed=self._keyed, place=settings.place)
        self._zone: ZoneInfo | None = None
        self._zone_at = 0
        self._unique = False

    @property
    def capabilities(self) -> Capabilities:
        """Punches, whole seconds; a key where the customer has added the field."""
        kind = Idempotency.KEY if self._keyed else Idempotency.QUERY
        return Capabilities(batch_size=BATCH, pairs=False, resolution_ms=1000, idempotency=kind)

    def preflight(self, now_ms: int) -> Health:
        """See frappe_check."""
        found = examine(self._line, self._settings, self._actions, now_ms)
        self._zone, self._zone_at, self._unique = found.zone, now_ms, found.unique
        health = Health(found.remarks)
        if health.usable:
            self._checkins.keyless = False
        return health

    def push(self, punches: Sequence[Punch], now_ms: int) -> tuple[Result, ...]:
        """See sync.contract; BackendMisconfigured with `time_differs` comes after a row was stored with another time.

        What was stored with the server's time stays unsettled: `reconcile` and the next push put it right once the
        user may, and nothing else is written before that.
        """
        plans = [(punch, intent(punch, self._actions)) for punch in punches]
        writing = [(punch, plan) for punch, plan in plans if isinstance(plan, (Log, Trip, Details))]
        site = self._ask(writing, now_ms) if writing else None
        until = time.monotonic() + PUSH_S
        results: list[Result] = []
        halted = begun = False
        for punch, plan in plans:
            if site is None or isinstance(plan, (Silence, Decline)):
                results.append(_settled_here(punch, plan))
            elif halted or time.monotonic() > until:
                results.append(Retry(punch.event_id, "after_another"))
            else:
                results.append(self._write(punch, plan, site, now_ms, first=not begun))
                halted, begun = isinstance(results[-1], (Retry, Unknown)), True
        return tuple(results)

    def reconcile(self, punches: Sequence[Punch], now_ms: int) -> Mapping[str, str | None]:
        """See sync.contract; a row with another time is put right first, or BackendMisconfigured says why it cannot."""
        answer: dict[str, str | None] = dict.fromkeys(punch.event_id for punch in punches)
        plans = [(punch, intent(punch, self._actions)) for punch in punches]
        logs = [(punch, plan) for punch, plan in plans if isinstance(plan, Log)]
        if logs:
            zone = self._site_zone(now_ms)
            people = frappe_people.find(self._line, [punch.event.person for punch, _ in logs], now_ms)
            answer |= self._stored([_wanted(punch, plan, zone, people) for punch, plan in logs], now_ms)
        for punch, plan in plans:
            if isinstance(plan, Trip | Details):
                answer[punch.event_id] = frappe_trips.held(self._line, punch.event_id, now_ms)
        return answer

    def pull_roster(self, cursor: str, now_ms: int) -> tuple[tuple[Roster, ...], str]:
        """See frappe_people."""
        return frappe_people.pull(self._line, cursor, now_ms)

    def pull_policy(self, now_ms: int) -> Policy | None:
        """See frappe_shifts."""
        return frappe_shifts.pull(self._line, now_ms)

    def _ask(self, writing: Sequence[tuple[Punch, Intent]], now_ms: int) -> _Site:
        """All that has to be known before a byte is written. Raises BackendDown, BackendMisconfigured."""
        if self._checkins.keyless:
            raise misconfigured("field_missing")
        self._checkins.heal(now_ms)
        zone = self._site_zone(now_ms)
        people = frappe_people.find(self._line, [punch.event.person for punch, _ in writing], now_ms)
        if self._keyed and self._unique:
            return _Site(zone, people, {})
        logs = [_wanted(punch, plan, zone, people) for punch, plan in writing if isinstance(plan, Log)]
        return _Site(zone, people, self._stored(logs, now_ms))

    def _stored(self, wanted: Sequence[Wanted], now_ms: int) -> dict[str, str]:
        """The names of the rows that are there already."""
        rows = self._checkins.find(wanted, now_ms)
        return {
            one.event_id: self._checkins.confirm(rows[one.event_id], one, now_ms)
            for one in wanted
            if one.event_id in rows
        }

    def _write(self, punch: Punch, plan: Log | Trip | Details, site: _Site, now_ms: int, *, first: bool) -> Result:
        """One result; with the first event of a push, trouble that concerns all of them is raised."""
        try:
            return self._one(punch, plan, site, now_ms)
        except BackendDown as error:
            if first:
                raise
            return Retry(punch.event_id, error.detail, error.retry_after_ms)
        except BackendMisconfigured as error:
            if first:
                raise
            if error.detail == "time_differs":
                return Unknown(punch.event_id, error.detail)
            return Retry(punch.event_id, error.detail)

    def _one(self, punch: Punch, plan: Log | Trip | Details, site: _Site, now_ms: int) -> Result:
        event_id, person = punch.event_id, site.people.get(punch.event.person)
        if event_id in site.known:
            return Stored(event_id, site.known[event_id], duplicate=True)
        if person is None:
            return Rejected(event_id, Why.UNKNOWN_EMPLOYEE, "code_not_found")
        moment = site_time(punch.event.occurred_at, site.zone)
        if not person.may_work(day_of(moment)):
            return Rejected(event_id, Why.INACTIVE, "not_active")
        match plan:
            case Log():
                return self._checkins.store(_wanted(punch, plan, site.zone, site.people), now_ms)
            case Trip():
                act = frappe_trips.Act(event_id, person.name, moment, plan.returning)
                return _judged(event_id, frappe_trips.store(self._line, self._device, act, now_ms))
            case Details(about, said):
                done = frappe_trips.explain(
                    self._line, self._device, frappe_trips.Telling(event_id, about, said), now_ms
                )
                return _judged(event_id, done)
            case _:
                assert_never(plan)

    def _site_zone(self, now_ms: int) -> ZoneInfo:
        if self._zone is None or not 0 <= now_ms - self._zone_at < ZONE_MS:
            self._zone, _ = site_zone(self._line, self._settings, now_ms)
            self._zone_at = now_ms
        return self._zone


def _judged(event_id: str, done: Result | Refused) -> Result:
    if not isinstance(done, Refused):
        return done
    match done.kind:
        case Kind.CONFIG | Kind.HISTORY:
            raise misconfigured(done.detail)
        case Kind.DOWN if not done.answered:
            raise BackendDown(done.detail, done.retry_after_ms)
        case Kind.DOWN | Kind.UNKNOWN | Kind.FAULT:
            return Unknown(event_id, done.detail)
        case Kind.PERMANENT | Kind.TOO_LARGE:
            return Rejected(event_id, Why.NOT_HELD, done.detail)


def _settled_here(punch: Punch, plan: Intent) -> Result:
    if isinstance(plan, Decline):
        return Rejected(punch.event_id, plan.why, plan.detail)
    return Stored(punch.event_id, "")


def _wanted(punch: Punch, plan: Log, zone: ZoneInfo, people: Mapping[str, Employee]) -> Wanted:
    code = punch.event.person
    person = people.get(code)
    name, field = (person.name, person.field) if person else ("", "")
    return Wanted(punch.event_id, code, field, name, site_time(punch.event.occurred_at, zone), plan.log_type)
