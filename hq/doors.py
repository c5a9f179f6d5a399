"""Doors, how they do and what rings about them; refuses to take an alarm that rang again as acknowledged."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from hq import facts
from hq.audit import Act, ActKind, Actor, append
from hq.database import alarms, devices, reading, writing
from hq.facts import Report
from hq.office import Office
from hq.refusals import Refused
from hq.tables_desk import acknowledged
from hq.tables_door import reports
from wire import canonical
from wire.errors import FormatError

NOTE_LETTERS: Final = 500
TOUCH_MS: Final = 15 * 60_000
SILENT_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Door:
    """One device.

    Args:
        id: device id.
        label: what people call it.
        last_contact: last accepted batch, ms since 1970, or None.
        size: ledger rows verified.
        alarms: open ones.
        state: new, in_touch (15 minutes), quiet, silent (a day).
        report: what it last said of itself, or None.
    """

    id: str
    label: str
    last_contact: int | None
    size: int
    alarms: int
    state: str
    report: Report | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Who has acknowledged an alarm, when (UTC), and what they noted."""

    name: str = field(repr=False)
    at: datetime
    note: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One cause to look into: since when (UTC), how often, the ledger row to blame (0: none), and who answered it.

    `answer` is None while it is open; what has rung again since is open again.
    """

    device: str
    door: str
    kind: str
    seq: int
    since: datetime
    times: int
    answer: Answer | None = None


def doors_and_alarms(office: Office, now: int) -> tuple[tuple[Door, ...], tuple[Alarm, ...]]:
    """Every door by its label, and every alarm that nobody has acknowledged, the newest first."""
    doors, every = look(office, now)
    return doors, tuple(alarm for alarm in every if alarm.answer is None)


def look(office: Office, now: int) -> tuple[tuple[Door, ...], tuple[Alarm, ...]]:
    """Every door by its label, and every alarm, the newest first."""
    with reading(office.engine) as view:
        known = view.execute(select(devices).order_by(devices.c.label, devices.c.id)).all()
        rang = view.execute(select(alarms).order_by(alarms.c.last_at.desc())).all()
        answers = {(row.device, row.kind, row.seq): row for row in view.execute(select(acknowledged))}
        reports = _reports(view)
    labels = {row.id: row.label for row in known}
    found = tuple(
        Alarm(
            device=row.device,
            door=labels[row.device],
            kind=row.kind,
            seq=row.seq,
            since=datetime.fromtimestamp(row.first_at / 1000, UTC),
            times=row.times,
            answer=_answer(office, row.times, answers.get((row.device, row.kind, row.seq))),
        )
        for row in rang
    )
    open_ones = Counter(alarm.device for alarm in found if alarm.answer is None)
    doors = tuple(
        Door(
            row.id,
            row.label,
            row.last_contact,
            row.size,
            open_ones[row.id],
            state(row.last_contact, now),
            reports.get(row.id),
        )
        for row in known
    )
    return doors, found


def state(last_contact: int | None, now: int) -> str:
    """The word for how a door is doing: new, in_touch, quiet or silent."""
    if last_contact is None:
        return "new"
    age = now - last_contact
    return "in_touch" if age < TOUCH_MS else "quiet" if age < SILENT_MS else "silent"


def acknowledge(office: Office, by: Actor, which: tuple[str, str, int], note: str, now: int) -> None:
    """Somebody has looked into an alarm and says so; it stays in the list of answered ones.

    Args:
        office: this HQ.
        by: who.
        which: device, kind and seq.
        note: what they found, 1 to 500 characters.
        now: ms since 1970.

    Raises:
        Refused: no such alarm, or no note.
    """
    note = " ".join(note.split())
    if not 0 < len(note) <= NOTE_LETTERS or not note.isprintable():
        raise Refused("Say in 1 to 500 characters what you found.")
    device, kind, seq = which
    with writing(office.engine) as work:
        ours = (alarms.c.device == device, alarms.c.kind == kind, alarms.c.seq == seq)
        times = work.execute(select(alarms.c.times).where(*ours)).scalar_one_or_none()
        if times is None:
            raise Refused("There is no such alarm.")
        here = (acknowledged.c.device == device, acknowledged.c.kind == kind, acknowledged.c.seq == seq)
        work.execute(delete(acknowledged).where(*here))
        clear = canonical.encode({"who": by.id, "name": by.name, "note": note})
        sealed = office.seals.seal("acknowledged", f"{device}/{kind}/{seq}", clear)
        work.execute(insert(acknowledged).values(device=device, kind=kind, seq=seq, times=times, at=now, sealed=sealed))
        append(work, office, Act(ActKind.ALARM_ACKNOWLEDGED, by, detail={"device": device, "alarm": kind}), now)


def _answer(office: Office, times: int, row: Any) -> Answer | None:  # noqa: ANN401 - a row or None
    if row is None or row.times < times:
        return None
    try:
        clear = office.seals.open("acknowledged", f"{row.device}/{row.kind}/{row.seq}", row.sealed)
        said = canonical.fields(canonical.decode(clear), dict.fromkeys(("who", "name", "note"), str))
    except FormatError:
        return None
    return Answer(said["name"], datetime.fromtimestamp(row.at / 1000, UTC), said["note"])


def places(view: Connection) -> Mapping[str, str]:
    """The surveyed place of each device that has one, as it last said ("-6.2088, 106.8456"); of no person."""
    found = {}
    for device, report in _reports(view).items():
        place = next((fact.value for fact in report.facts if fact.key == "position"), None)
        if isinstance(place, str):
            found[device] = place
    return found


def _reports(view: Connection) -> Mapping[str, Report]:
    """What devices last said of themselves."""
    rows = view.execute(select(reports).order_by(reports.c.at)).all()
    return {row.device: facts.read(row.at, row.body) for row in rows}
