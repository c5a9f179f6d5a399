"""What HQ knows of its devices, for the terminal; refuses to show a key that is not public."""

import json
from typing import Any

from sqlalchemy import Connection, func, select

from hq import backups, reports
from hq.database import alarms, certificates, devices
from hq.devices import NOT_YET
from hq.refusals import Refused
from hq.tables_door import invitations
from wire import report


def every(view: Connection, now: int) -> list[dict[str, Any]]:
    """One object for each device, in order of id."""
    return [_summary(view, row, now) for row in view.execute(select(devices).order_by(devices.c.id)).all()]


def one(view: Connection, device: str, now: int) -> dict[str, Any]:
    """Everything about one device. Raises Refused if there is none."""
    row = view.execute(select(devices).where(devices.c.id == device)).one_or_none()
    if row is None:
        raise Refused("There is no device with this id.")
    issued = select(certificates).where(certificates.c.device == device).order_by(certificates.c.not_after.desc())
    rung = select(alarms).where(alarms.c.device == device).order_by(alarms.c.last_at.desc())
    invited = view.execute(select(invitations).where(invitations.c.device == device)).one_or_none()
    said = reports.latest(view, device)
    return {
        **_summary(view, row, now),
        "public": row.public.hex(),
        "invitation": None
        if invited is None
        else {"expires": invited.expires, "used_at": invited.used, "wrong_tokens": invited.failed},
        "certificates": [
            {"serial": each.serial, "valid_until": each.not_after, "withdrawn_at": each.revoked}
            for each in view.execute(issued).all()
        ],
        "installations": [
            {"installation": installation, "first_at": first, "last_at": last}
            for installation, first, last in reports.seen_installations(view, device)
        ],
        "alarms": [
            {
                "kind": each.kind,
                "row": each.seq,
                "first_at": each.first_at,
                "last_at": each.last_at,
                "times": each.times,
            }
            for each in view.execute(rung).all()
        ],
        "backups": len(backups.listed(view, device)),
        "report": {"received_at": said[0].at, **json.loads(report.encode(said[0].report))} if said else None,
    }


def _summary(view: Connection, row: Any, now: int) -> dict[str, Any]:  # noqa: ANN401 - a row of SQLAlchemy
    ours = (certificates.c.device == row.id, certificates.c.revoked.is_(None))
    until = view.execute(select(func.max(certificates.c.not_after)).where(*ours)).scalar_one_or_none()
    return {
        "id": row.id,
        "name": row.label,
        "state": _state(row.public, until, now),
        "added": row.added,
        "last_contact": row.last_contact,
        "rows": row.size,
        "certificate_until": until,
    }


def _state(public: bytes, until: int | None, now: int) -> str:
    if public == NOT_YET:
        return "invited"
    if until is None:
        return "withdrawn"
    return "expired" if until <= now else "trusted"
