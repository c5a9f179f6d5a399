"""Rows of Employee Checkin: written, found again, compared; refuses to call a row stored that has another time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sync.backends.frappe_line import Filter, Line, Refused, Row, Said, portions, word
from sync.backends.frappe_words import CHECKIN, KEY_FIELD, misconfigured, read_time
from sync.contract import BackendDown, BackendMisconfigured, Rejected, Result, Retry, Stored, Unknown, Why
from sync.replies import Kind
from sync.strict_json import NotStrict, record, text
from wire import checks
from wire.errors import FormatError

BY_FIELD: Final = "hrms.hr.doctype.employee_checkin.employee_checkin.add_log_based_on_employee_field"
NAME_CHARACTERS: Final = 140  # of any row in Frappe
_FIELDS: Final = ("name", "employee", "time", "log_type", "device_id", "owner", "modified_by")
_GATEWAYS: Final = frozenset({"http_408", "http_502", "http_504", "captive_portal"})
_UNIQUE: Final = frozenset({"UniqueValidationError", "DuplicateEntryError"})
_PASSING: Final = frozenset({
    "TimestampMismatchError", "DocumentLockedError", "QueryDeadlockError", "QueryTimeoutError", "TooManyWritesError",
})  # fmt: skip
_REASONS: Final = {
    "InactiveEmployeeStatusError": Why.INACTIVE,
    "LinkValidationError": Why.UNKNOWN_EMPLOYEE,
    "DoesNotExistError": Why.UNKNOWN_EMPLOYEE,
    "CheckinRadiusExceededError": Why.OUTSIDE_GEOFENCE,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row as it has to stand there; `employee` is "" where the code leads to nobody."""

    event_id: str
    code: str
    code_field: str
    employee: str
    time: str
    log_type: str

    @property
    def likeness(self) -> tuple[str, str, str]:
        """What tells it from others on this device, where there is no key."""
        return self.employee, self.time, self.log_type


class CheckIns:
    """The rows of one device.

    Args:
        line: to the site.
        device: goes into `device_id`.
        keyed: whether Employee Checkin has the unique field `kiosk_event_id`.
        place: where the kiosk hangs, in degrees north and east, if the site wants to know.
    """

    def __init__(self, line: Line, device: str, *, keyed: bool, place: tuple[float, float] | None) -> None:
        self._line = line
        self._device = device
        self._keyed = keyed
        self._place = {"latitude": place[0], "longitude": place[1]} if place else {}
        self._wrong: dict[str, tuple[str, Wanted]] = {}
        self.keyless = False

    def store(self, wanted: Wanted, now_ms: int) -> Result:
        """Write one row and look at what the server has made of it.

        Raises:
            BackendDown: it was not taken in.
            BackendMisconfigured: it was not; or, with `time_differs`, it was stored with a time that is not ours.
        """
        said = {"device_id": self._device, "log_type": wanted.log_type, **self._place}
        if self._keyed:
            body = {"employee": wanted.employee, "time": wanted.time, KEY_FIELD: wanted.event_id, **said}
            reply = self._line.insert(CHECKIN, body, now_ms)
        else:
            body = {"employee_field_value": wanted.code, "timestamp": wanted.time, **said}
            if wanted.code_field != "attendance_device_id":
                body["employee_fieldname"] = wanted.code_field
            reply = self._line.call(BY_FIELD, body, now_ms)
        return self._echo(wanted, reply) if isinstance(reply, Said) else self._refused(wanted, reply, now_ms)

    def find(self, wanted: Sequence[Wanted], now_ms: int) -> dict[str, Row]:
        """The rows that are there already, by event id. Raises BackendDown, BackendMisconfigured."""
        if not self._keyed:
            return self._alike(wanted, now_ms)
        found = {}
        for portion in portions([one.event_id for one in wanted]):
            for row in self._line.rows(CHECKIN, (*_FIELDS, KEY_FIELD), [(KEY_FIELD, "in", portion)], now_ms):
                found[word(row, KEY_FIELD)] = row
        missing = [one for one in wanted if one.event_id not in found and one.employee]
        return found | self._alike(missing, now_ms)  # written before the field was there

    def confirm(self, row: Row, wanted: Wanted, now_ms: int) -> str:
        """The name of a row, once it has our time.

        A row with another time that nobody but us has touched is put right; one that a person has changed stays as
        that person wants it.

        Raises:
            BackendDown
            BackendMisconfigured: it has another time, and we may not put it right.
        """
        name, time = word(row, "name"), read_time(word(row, "time"))
        if time == wanted.time:
            return name
        if time is None:
            raise misconfigured("time_not_permitted")
        if word(row, "modified_by") == word(row, "owner"):
            self._put_right(name, wanted, now_ms)
        return name

    def heal(self, now_ms: int) -> None:
        """Put right what this process has seen stored with another time; raises like `confirm` while it cannot."""
        for event_id, (name, wanted) in list(self._wrong.items()):
            for row in self._line.rows(CHECKIN, _FIELDS, [("name", "=", name)], now_ms):
                self.confirm(row, wanted, now_ms)
            del self._wrong[event_id]

    def _put_right(self, name: str, wanted: Wanted, now_ms: int) -> None:
        reply = self._line.update(CHECKIN, name, {"time": wanted.time}, now_ms)
        if isinstance(reply, Refused):
            if reply.exc_type == "DoesNotExistError":
                return  # somebody has removed it: it is missing now, and is sent again
            if reply.kind in (Kind.DOWN, Kind.UNKNOWN, Kind.FAULT):
                raise BackendDown(reply.detail, reply.retry_after_ms)
            raise misconfigured("time_differs")
        try:
            time = read_time(text(record(reply.body.get("data")), "time"))
        except NotStrict:
            raise BackendDown("reply_invalid") from None
        if time != wanted.time:
            raise misconfigured("time_differs")

    def _alike(self, wanted: Sequence[Wanted], now_ms: int) -> dict[str, Row]:
        """Rows of this device with the same employee, time and direction, and without a key of another event."""
        fields = (*_FIELDS, KEY_FIELD) if self._keyed else _FIELDS
        rows: dict[tuple[str, str, str], Row] = {}
        for row in self._rows_alike(fields, wanted, [("device_id", "=", self._device)], now_ms):
            if not word(row, KEY_FIELD):
                rows[word(row, "employee"), read_time(word(row, "time")) or "", word(row, "log_type")] = row
        return {one.event_id: rows[one.likeness] for one in wanted if one.likeness in rows}

    def _rows_alike(
        self, fields: Sequence[str], wanted: Sequence[Wanted], more: Sequence[Filter], now_ms: int
    ) -> list[Row]:
        rows: list[Row] = []
        for portion in portions(sorted({one.time for one in wanted if one.employee})):
            here = {one.employee for one in wanted if one.time in portion and one.employee}
            for employees in portions(sorted(here)):
                filters: list[Filter] = [("employee", "in", employees), ("time", "in", portion), *more]
                try:
                    rows += self._line.rows(CHECKIN, fields, filters, now_ms)
                except BackendMisconfigured as error:  # whoever may not read the time may not ask by it
                    raise misconfigured("time_not_permitted" if error.detail == "http_403" else error.detail) from None
        return rows

    def _echo(self, wanted: Wanted, reply: Said) -> Result:
        """A 200 says that a row was made, not that it is the one we asked for."""
        try:
            row = record(reply.body.get("data" if self._keyed else "message"))
            name = checks.text(text(row, "name"), "name", least=1, most=NAME_CHARACTERS, most_bytes=4 * NAME_CHARACTERS)
            time = read_time(text(row, "time"))
            key = text(row, KEY_FIELD)
        except (NotStrict, FormatError):
            return Unknown(wanted.event_id, "reply_invalid")
        if time is None:
            return Unknown(wanted.event_id, "reply_invalid")
        if time != wanted.time:
            self._wrong[wanted.event_id] = (name, wanted)
            raise misconfigured("time_differs")
        self.keyless = self._keyed and key != wanted.event_id
        return Stored(wanted.event_id, name)

    def _refused(self, wanted: Wanted, reply: Refused, now_ms: int) -> Result:
        event_id = wanted.event_id
        match reply.kind:
            case Kind.CONFIG | Kind.HISTORY:
                raise misconfigured(reply.detail)
            case Kind.DOWN if reply.answered and reply.detail in _GATEWAYS:
                # whoever answered has given the server up, which may be at work still: a key makes that harmless
                return (
                    Retry(event_id, reply.detail, reply.retry_after_ms)
                    if self._keyed
                    else Unknown(event_id, reply.detail)
                )
            case Kind.DOWN:
                raise BackendDown(reply.detail, reply.retry_after_ms)
            case Kind.UNKNOWN | Kind.FAULT:
                return Unknown(event_id, reply.detail)
            case Kind.TOO_LARGE | Kind.PERMANENT:
                try:
                    return self._explained(wanted, reply, now_ms)
                except (BackendDown, BackendMisconfigured) as error:
                    return Retry(event_id, error.detail)

    def _explained(self, wanted: Wanted, reply: Refused, now_ms: int) -> Result:
        """Why a row was refused: by its class, and by asking whether it is there; texts are not read."""
        event_id = wanted.event_id
        row = self.find([wanted], now_ms).get(event_id)
        if row is not None:
            return Stored(event_id, self.confirm(row, wanted, now_ms), duplicate=True)
        if reply.exc_type in _UNIQUE or reply.exc_type in _PASSING:
            return Retry(event_id, "raced")
        if reply.exc_type in _REASONS:
            return Rejected(event_id, _REASONS[reply.exc_type], reply.detail)
        same = [("log_type", "=", wanted.log_type)]
        if self._rows_alike(_FIELDS, [wanted], same, now_ms):
            return Rejected(event_id, Why.OVERLAP, "same_second")
        return Rejected(event_id, Why.FIELD_REJECTED, reply.detail)
