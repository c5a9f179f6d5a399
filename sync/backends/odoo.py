"""Speaks to Odoo 19 or newer over JSON-2; refuses to send an event before it has looked whether Odoo has it already."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, assert_never

from sync.backends import odoo_health, odoo_roster
from sync.backends.odoo_acts import LATE, Close, Create, Have, Refuse, Side, move, side, stamp
from sync.backends.odoo_line import Fault, Line, Lost, Refused
from sync.backends.odoo_records import Records
from sync.backends.odoo_repairs import misconfigured
from sync.config import Actions, Odoo
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
from sync.transport import Transport
from wire.message import Policy, Roster

CAPABILITIES: Final = Capabilities(
    batch_size=8, pairs=True, resolution_ms=1_000, idempotency=Idempotency.QUERY, whole=True
)
"""Several events, also of one person, so that a late check-in can go with its check-out: Odoo refuses it alone while a
later row is open. Each is still a call of its own, for Odoo takes back a whole batch for one bad row; and nothing of a
person is sent after what was not stored."""
_LINE_BROKE: Final = frozenset({"read_timeout", "deadline", "interrupted", "stopped"})
"""The next event would wait as long: it is left for the next push."""
_NO_ROOM: Final = Refuse(Why.OVERLAP, "rows_in_between")
_REFUSED: Final = Refuse(Why.FIELD_REJECTED, "odoo_refused")


class OdooBackend:
    """`hr.attendance`, one row for in and out, found by employee and second: no field of ours is needed in Odoo.

    Args:
        settings: where Odoo is and as whom we come.
        device: id of the device; Odoo is not told it.
        transport: gives the connection, or raises NotDelivered.
        actions: what breaks and overtime are to Odoo.
    """

    def __init__(self, settings: Odoo, device: str, transport: Callable[[], Transport], actions: Actions) -> None:
        self._settings = settings
        self._device = device
        self._actions = actions
        self._line = Line(settings, transport)
        self._records = Records(self._line)

    @property
    def capabilities(self) -> Capabilities:
        """Pairs, whole seconds, and a query instead of a key."""
        return CAPABILITIES

    def preflight(self, now_ms: int) -> Health:
        """Ask for version, clock, database, key and rights. Raises BackendDown."""
        return odoo_health.examine(self._line, self._settings.key_expires, now_ms)

    def push(self, punches: Sequence[Punch], now_ms: int) -> tuple[Result, ...]:
        """Look for each event, and store what is not there; a person's events wait for each other.

        Raises:
            BackendDown: nothing of these events was sent.
            BackendMisconfigured: a person must act; what was stored before is found again by the next push.
        """
        results: dict[str, Result] = {}
        waiting: set[str] = set()
        for at, punch in enumerate(punches):
            if punch.event_id in results:
                continue
            if punch.event.person in waiting:
                results[punch.event_id] = Retry(punch.event_id, "waits_for_the_one_before")
                continue
            following = next((one for one in punches[at + 1 :] if one.event.person == punch.event.person), None)
            try:
                said = self._stored(punch, following, now_ms)
            except BackendDown as down:
                if not results:
                    raise
                return _with_rest(punches, results, down.detail, down.retry_after_ms)
            except Lost as lost:
                said = (Unknown(punch.event_id, lost.detail),)
            except Refused as refused:
                said = (_refused(punch, refused),)
            results |= {one.event_id: one for one in said}
            if any(isinstance(one, Unknown) and one.detail in _LINE_BROKE for one in said):
                return _with_rest(punches, results, "not_tried", None)
            if not all(isinstance(one, Stored) or _is_no_row(one) for one in said):
                waiting.add(punch.event.person)
        return tuple(results[one.event_id] for one in punches)

    def reconcile(self, punches: Sequence[Punch], now_ms: int) -> Mapping[str, str | None]:
        """The row that begins (an in) or ends (an out) at the second of each event, or None if the person has none.

        An event that Odoo fails over is left out, so that it does not hold up the others.

        Raises:
            BackendDown: Odoo could not be asked about any.
            BackendMisconfigured: a person must act.
        """
        found: dict[str, str | None] = {}
        failed = ""
        for punch in punches:
            try:
                found[punch.event_id] = self._found(punch, now_ms)
            except (Lost, Refused) as error:
                failed = error.detail
                if failed in _LINE_BROKE:
                    break
        if failed and not found:
            raise BackendDown(failed)
        return found

    def pull_roster(self, cursor: str, now_ms: int) -> tuple[tuple[Roster, ...], str]:
        """Who has a barcode, or what changed of them; raises BackendDown, BackendMisconfigured."""
        try:
            return odoo_roster.pull(self._line, cursor, now_ms)
        except (Lost, Refused) as error:
            raise BackendDown(error.detail) from None

    def pull_policy(self, now_ms: int) -> Policy | None:  # noqa: ARG002 - the interface
        """None: Odoo's working schedules are no shifts with a place."""
        return None

    def _stored(self, punch: Punch, following: Punch | None, now_ms: int) -> tuple[Result, ...]:
        end = side(punch, self._actions)
        if not isinstance(end, Side):
            return (end,)
        employee = self._records.employee(punch.event.person, now_ms)
        if employee is None:
            return (Rejected(punch.event_id, Why.UNKNOWN_EMPLOYEE, "no_such_barcode"),)
        if not employee.active:
            return (Rejected(punch.event_id, Why.INACTIVE, "archived"),)
        at = stamp(punch.event.occurred_at)
        rows = self._records.rows(employee.id, at, now_ms)
        todo = move(end, at, rows)
        later = min((row.check_in for row in rows if not row.check_out), default="")
        if todo == LATE and following is not None and self._ends(following, punch, later):
            return self._paired(punch, following, employee.id, now_ms)
        return (self._done(punch, end, todo, employee.id, now_ms),)

    def _done(
        self, punch: Punch, end: Side, todo: Have | Create | Close | Refuse, employee: int, now_ms: int
    ) -> Result:
        at = stamp(punch.event.occurred_at)
        try:
            match todo:
                case Have():
                    return Stored(punch.event_id, str(todo.row), duplicate=True)
                case Refuse():
                    return Rejected(punch.event_id, todo.why, todo.detail)
                case Create():
                    row = self._records.create(employee, at, "", now_ms)
                case Close():
                    row = todo.row.id
                    self._records.close(row, at, now_ms)
                case _:
                    assert_never(todo)
        except Refused as refused:
            if refused.fault is not Fault.RULE:
                raise
            return self._explained(punch, end, employee, now_ms)
        return self._read_back(row, ((punch, end),), now_ms)[0]

    def _explained(self, punch: Punch, end: Side, employee: int, now_ms: int) -> Result:
        """Odoo has refused by a rule of its own: look which, by what is stored, not by its words."""
        self._records.forget(punch.event.person)
        if self._records.employee(punch.event.person, now_ms) is None:
            return Rejected(punch.event_id, Why.UNKNOWN_EMPLOYEE, "no_such_barcode")
        at = stamp(punch.event.occurred_at)
        todo = move(end, at, self._records.rows(employee, at, now_ms))
        if isinstance(todo, Close) and self._records.between(employee, todo.row.check_in, at, now_ms):
            todo = _NO_ROOM
        if isinstance(todo, (Create, Close)):
            todo = _REFUSED
        return self._done(punch, end, todo, employee, now_ms)

    def _ends(self, following: Punch, punch: Punch, before: str) -> bool:
        """Whether the person's next event is the check-out of this check-in, and lies before the row that is open."""
        if side(following, self._actions) is not Side.OUT:
            return False
        return stamp(punch.event.occurred_at) <= stamp(following.event.occurred_at) <= before

    def _paired(self, first: Punch, second: Punch, employee: int, now_ms: int) -> tuple[Result, ...]:
        """Store a late check-in together with its check-out, as one finished row."""
        begins, ends = stamp(first.event.occurred_at), stamp(second.event.occurred_at)
        try:
            row = self._records.create(employee, begins, ends, now_ms)
        except Refused as refused:
            if refused.fault is not Fault.RULE:
                raise
            return (self._explained(first, Side.IN, employee, now_ms),)
        except Lost as lost:
            return tuple(Unknown(one.event_id, lost.detail) for one in (first, second))
        return self._read_back(row, ((first, Side.IN), (second, Side.OUT)), now_ms)

    def _read_back(self, row: int, ends: Sequence[tuple[Punch, Side]], now_ms: int) -> tuple[Result, ...]:
        """Compare what is stored with what was sent; whatever hinders that leaves the events unknown, not lost.

        Raises:
            BackendMisconfigured: Odoo has stored another time.
        """
        try:
            stored = self._records.row(row, now_ms)
        except (BackendDown, BackendMisconfigured, Lost, Refused) as error:
            return tuple(Unknown(punch.event_id, error.detail) for punch, _ in ends)
        if stored is None:
            return tuple(Unknown(punch.event_id, "not_read_back") for punch, _ in ends)
        for punch, end in ends:
            if stamp(punch.event.occurred_at) != (stored.check_in if end is Side.IN else stored.check_out):
                raise misconfigured("time_differs")
        return tuple(Stored(punch.event_id, str(row)) for punch, _ in ends)

    def _found(self, punch: Punch, now_ms: int) -> str | None:
        end = side(punch, self._actions)
        if not isinstance(end, Side):
            return None
        employee = self._records.employee(punch.event.person, now_ms, fresh=True)
        if employee is None:
            return None
        at = stamp(punch.event.occurred_at)
        todo = move(end, at, self._records.rows(employee.id, at, now_ms))
        return str(todo.row) if isinstance(todo, Have) else None


def _with_rest(
    punches: Sequence[Punch], results: Mapping[str, Result], detail: str, retry_after_ms: int | None
) -> tuple[Result, ...]:
    """The results so far, and a later try for what was not sent."""
    return tuple(results.get(one.event_id) or Retry(one.event_id, detail, retry_after_ms) for one in punches)


def _is_no_row(result: Result) -> bool:
    """Whether the event has no place in hr.attendance at all, so that nothing after it depends on it."""
    return isinstance(result, Rejected) and result.why is Why.NOT_HELD


def _refused(punch: Punch, refused: Refused) -> Result:
    if refused.fault in (Fault.GONE, Fault.BUSY):
        return Retry(punch.event_id, f"row_{refused.fault}")
    return Rejected(punch.event_id, Why.FIELD_REJECTED, refused.detail)
