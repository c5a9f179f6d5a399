"""How long HQ keeps what happened, and the sweep of what is older; refuses to sweep without a period, or what is held.

The spine stays: the chain still verifies. What a device says of an erasure or a withdrawn consent stays, too, because a
device that is restored from an old backup learns from it whom it must forget again; it goes when HQ erases the person.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from hq import papers
from hq.attendance import opened
from hq.audit import Act, ActKind, Actor, append
from hq.database import events, meta, reading, writing
from hq.office import Office
from hq.refusals import Refused
from hq.tables_desk import dropped, holds
from wire import canonical, checks
from wire.errors import FormatError
from wire.event import ClockState, Event, Notice, NoticeKind

MONTHS: Final = range(1, 121)
REASON_LETTERS: Final = 500
_KEY: Final = "retention_months"
_AT_ONCE: Final = 512
_KEPT_NOTICES: Final = frozenset({NoticeKind.ERASED, NoticeKind.CONSENT_WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Hold:
    """A person whose events are kept for a dispute or a lawsuit: code, reason, who said so, since when (ms)."""

    code: str = field(repr=False)
    reason: str = field(repr=False)
    by: str = field(repr=False)
    since: int


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep dropped, or would drop.

    Args:
        months: the period.
        cutoff: what happened before it (ms since 1970) goes.
        dropped: events by device.
        held: events that stay because their person is held.
        notices: word of erasures and withdrawn consents, which stays.
        unreadable: events that do not open, which stay.
        paper: the signed report; "" for a preview.
    """

    months: int
    cutoff: int
    dropped: tuple[tuple[str, int], ...]
    held: int
    notices: int
    unreadable: int
    paper: str = ""


def months(office: Office) -> int | None:
    """The period that was decided, or None."""
    with reading(office.engine) as view:
        found = view.execute(select(meta.c.value).where(meta.c.key == _KEY)).scalar_one_or_none()
    return None if found is None else int(found)


def set_months(office: Office, by: Actor, number: int, now: int) -> None:
    """Decide a period. Raises Refused unless it is 1 to 120 months."""
    if number not in MONTHS:
        raise Refused("The period is 1 to 120 months.")
    with writing(office.engine) as work:
        if work.execute(update(meta).where(meta.c.key == _KEY).values(value=str(number))).rowcount == 0:
            work.execute(insert(meta).values(key=_KEY, value=str(number)))
        append(work, office, Act(ActKind.RETENTION_SET, by, detail={"months": number}), now)


def cutoff(number: int, now: int) -> int:
    """The moment (ms) that lies so many months back; where that month is too short, its last day."""
    moment = datetime.fromtimestamp(now / 1000, UTC)
    month = moment.year * 12 + moment.month - 1 - number
    year, zero_based = divmod(month, 12)
    day = moment.day
    while True:
        try:
            back = moment.replace(year=year, month=zero_based + 1, day=day)
            return int(back.timestamp() * 1000)
        except ValueError:
            day -= 1


def hold(office: Office, by: Actor, code: str, reason: str, now: int) -> None:
    """Keep everything of one person until it is released.

    Raises:
        Refused: no code, no reason, or held already.
    """
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= REASON_LETTERS or not reason.isprintable():
        raise Refused("A hold needs a reason of 1 to 500 characters.")
    person = _person(office, code)
    said = canonical.encode({"code": code, "reason": reason, "by": by.name})
    with writing(office.engine) as work:
        if work.execute(select(holds.c.since).where(holds.c.person == person)).first() is not None:
            raise Refused("This person is held already.")
        sealed = office.seals.seal("holds", person.hex(), said)
        work.execute(insert(holds).values(person=person, sealed=sealed, since=now))
        append(work, office, Act(ActKind.HELD, by, about=code), now)


def release(office: Office, by: Actor, code: str, now: int) -> None:
    """End a hold. Raises Refused if there is none."""
    person = _person(office, code)
    with writing(office.engine) as work:
        if work.execute(delete(holds).where(holds.c.person == person)).rowcount == 0:
            raise Refused("This person is not held.")
        append(work, office, Act(ActKind.RELEASED, by, about=code), now)


def held(office: Office) -> tuple[Hold, ...]:
    """Every hold, the oldest first. Raises FormatError if one does not open."""
    with reading(office.engine) as view:
        rows = view.execute(select(holds).order_by(holds.c.since)).all()
    found = []
    for row in rows:
        said = canonical.decode(office.seals.open("holds", row.person.hex(), row.sealed))
        told = canonical.fields(said, dict.fromkeys(("code", "reason", "by"), str))
        found.append(Hold(told["code"], told["reason"], told["by"], row.since))
    return tuple(found)


def is_held(work: Connection, office: Office, code: str) -> bool:
    """Whether a person is held, in the transaction that is about to erase."""
    return work.execute(select(holds.c.since).where(holds.c.person == _person(office, code))).first() is not None


def preview(office: Office, number: int, now: int) -> Swept:
    """What a sweep would drop; nothing is changed. Raises Refused unless the period is 1 to 120 months."""
    if number not in MONTHS:
        raise Refused("The period is 1 to 120 months.")
    return _judge(office, number, now)[0]


def sweep(office: Office, by: Actor, number: int | None, now: int) -> Swept:
    """Drop every event older than the period (`number`, else what was decided), and sign a report of it.

    Raises:
        Refused: no period was decided.
    """
    number = months(office) if number is None else number
    if number is None:
        raise Refused("No period was decided yet; `kiosk-hq retention set --months N` does.")
    if number not in MONTHS:
        raise Refused("The period is 1 to 120 months.")
    told, due = _judge(office, number, now)
    for start in range(0, len(due), _AT_ONCE):  # some at a time, so that no device waits for long
        with writing(office.engine) as work:
            drop(work, due[start : start + _AT_ONCE])
    paper = papers.fresh_id()
    body = papers.sign(
        office,
        papers.SWEEP,
        paper,
        now,
        {
            "months": number,
            "cutoff": told.cutoff,
            "dropped": dict(told.dropped),
            "held": told.held,
            "notices": told.notices,
            "unreadable": told.unreadable,
        },
    )
    with writing(office.engine) as work:
        papers.keep(work, papers.SWEEP, paper, now, body)
        detail: dict[str, str | int] = {"months": number, "events": len(due), "paper": paper}
        append(work, office, Act(ActKind.SWEPT, by, detail=detail), now)
    return Swept(number, told.cutoff, told.dropped, told.held, told.notices, told.unreadable, body)


def drop(work: Connection, due: Iterable[tuple[str, int]]) -> int:
    """Take events (device, seq) out, and remember that they were there; returns how many there were."""
    gone = 0
    for device, seq in due:
        if work.execute(delete(events).where(events.c.device == device, events.c.seq == seq)).rowcount:
            work.execute(insert(dropped).values(device=device, seq=seq))
            gone += 1
    return gone


def _judge(office: Office, number: int, now: int) -> tuple[Swept, list[tuple[str, int]]]:
    before = cutoff(number, now)
    codes = {each.code for each in held(office)}
    due: list[tuple[str, int]] = []
    count: Counter[str] = Counter()
    stays = Counter[str]()
    for device, seq, received, event in opened(office):
        fate = _fate(event, received, before, codes)
        if fate == "due":
            due.append((device, seq))
            count[device] += 1
        else:
            stays[fate] += 1
    told = Swept(number, before, tuple(sorted(count.items())), stays["held"], stays["notice"], stays["unreadable"])
    return told, due


def _fate(event: Event | None, received: int, before: int, codes: set[str]) -> str:
    if event is None:
        return "unreadable"
    doubtful = event.clock.state is ClockState.UNSYNCED  # a clock that was never set may say any year
    if event.occurred_at >= before or (doubtful and received >= before):
        return "young"
    if event.person in codes:
        return "held"
    return "notice" if isinstance(event, Notice) and event.kind in _KEPT_NOTICES else "due"


def _person(office: Office, code: str) -> bytes:
    try:
        return office.seals.index("roster", checks.code(code))
    except FormatError as error:
        raise Refused("An employee code is 1 to 64 characters without control characters.") from error
