"""What devices say of themselves, and what follows from it; refuses every field that is not agreed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, func, select, update

from hq.alarms import ring
from hq.database import devices, writing
from hq.devices import NOT_YET, Device
from hq.office import Office
from hq.refusals import AlarmKind, Kind, Problem
from hq.tables_door import installations, put, reports
from wire import report
from wire.errors import FormatError
from wire.report import Report

DAY_MS: Final = 86_400_000
SILENT_MS: Final = DAY_MS
KEPT_MS: Final = 14 * DAY_MS
KEPT_MOST: Final = 2_000
INSTALLATIONS_MOST: Final = 8
ANSWER: Final = b'{"stored":true}'


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest report of one device, and when HQ got it (ms since 1970)."""

    device: str
    at: int
    report: Report


@dataclass(frozen=True, slots=True)
class Silent:
    """A device that has not been heard of for a day: since when, ms since 1970; None if it never was."""

    device: str
    since: int | None


def receive(office: Office, device: Device, body: bytes, now: int) -> bytes:
    """Store one report at `now` (ms since 1970); returns the encoded answer, after the commit.

    Raises:
        Problem: NOT_UNDERSTOOD, WRONG_DEVICE.
    """
    try:
        told = report.decode(body)
    except FormatError as error:
        raise Problem(Kind.NOT_UNDERSTOOD) from error
    with writing(office.engine) as work:
        if told.device != device.id:
            ring(work, device.id, AlarmKind.WRONG_DEVICE, now)
        else:
            _keep(work, told, now)
    if told.device != device.id:
        raise Problem(Kind.WRONG_DEVICE)
    return ANSWER


def latest(view: Connection, device: str | None = None) -> tuple[Latest, ...]:
    """The newest report of each device, or of one; in order of device."""
    newest = select(reports.c.device, func.max(reports.c.at).label("at")).group_by(reports.c.device).subquery()
    asked = select(reports).join(newest, (newest.c.device == reports.c.device) & (newest.c.at == reports.c.at))
    if device is not None:
        asked = asked.where(reports.c.device == device)
    found = view.execute(asked.order_by(reports.c.device)).all()
    return tuple(Latest(row.device, row.at, report.decode(row.body.encode())) for row in found)


def silent(view: Connection, now: int) -> tuple[Silent, ...]:
    """The devices that have come once and were not heard of for a day; derived, so nobody has to clear it."""
    asked = select(devices.c.id, devices.c.last_contact, devices.c.added).where(devices.c.public != NOT_YET)
    return tuple(
        Silent(row.id, row.last_contact)
        for row in view.execute(asked.order_by(devices.c.id)).all()
        if now - (row.added if row.last_contact is None else row.last_contact) >= SILENT_MS
    )


def seen_installations(view: Connection, device: str) -> Sequence[tuple[str, int, int]]:
    """Each machine that spoke as this device: its id, and when first and last (ms since 1970); newest first."""
    asked = select(installations).where(installations.c.device == device).order_by(installations.c.last_at.desc())
    return [(row.installation, row.first_at, row.last_at) for row in view.execute(asked).all()]


def _keep(work: Connection, told: Report, now: int) -> None:
    put(work, reports, {"device": told.device, "at": now}, {"body": report.encode(told).decode()})
    work.execute(delete(reports).where(reports.c.device == told.device, reports.c.at < now - KEPT_MS))
    _keep_few(work, told.device)
    work.execute(update(devices).where(devices.c.id == told.device).values(last_contact=now))
    _meet(work, told, now)
    if told.network_changed:
        ring(work, told.device, AlarmKind.NETWORK_CHANGED, now)


def _keep_few(work: Connection, device: str) -> None:
    """A device that reports all the time must not fill the disk."""
    ours = reports.c.device == device
    newest = select(reports.c.at).where(ours).order_by(reports.c.at.desc()).offset(KEPT_MOST).limit(1)
    oldest_to_go = work.execute(newest).scalar_one_or_none()
    if oldest_to_go is not None:
        work.execute(delete(reports).where(ours, reports.c.at <= oldest_to_go))


def _meet(work: Connection, told: Report, now: int) -> None:
    """Two machines with one identity within a day are a clone: of a card, or of a device that was restored."""
    machine = {"device": told.device, "installation": told.installation}
    ours = installations.c.device == told.device
    same = update(installations).where(ours, installations.c.installation == told.installation)
    if not work.execute(same.values(last_at=now)).rowcount:
        put(work, installations, machine, {"first_at": now, "last_at": now})
    others = select(installations.c.last_at).where(ours, installations.c.installation != told.installation)
    seen = sorted(work.execute(others).scalars(), reverse=True)
    if seen and now - seen[0] < DAY_MS:
        ring(work, told.device, AlarmKind.CLONE, now)
    if len(seen) >= INSTALLATIONS_MOST:
        work.execute(delete(installations).where(ours, installations.c.last_at <= seen[INSTALLATIONS_MOST - 1]))
