"""Published privacy notices, current and past, for everybody to read; refuses to change the words of a version."""

import logging
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import exists, select

from hq.database import certificates, devices, reading, writing
from hq.devices import Device
from hq.office import Office
from hq.refusals import Kind, Problem
from hq.tables_door import published_notices, put
from wire import notice
from wire.errors import BadSignature, FormatError
from wire.notice import Published

_log = logging.getLogger("ambang.hq")
ANSWER = b'{"stored":true}'
_MOST = 500
"""Publications of one device; a notice that changes once a week needs ten years."""


@dataclass(frozen=True, slots=True)
class Version:
    """One publication of one device, without its text; `at` is ms since 1970, `digest` that of its text."""

    device: str
    door: str
    at: int
    version: str
    effective: str
    digest: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """The doors that show the same notice now, and its publications, the newest first."""

    doors: tuple[str, ...]
    versions: tuple[Version, ...]


def receive(office: Office, device: Device, at: str, body: bytes, now: int) -> bytes:
    """Store a notice; of the same publication again, whom to ask may have changed, its words may not.

    Raises:
        Problem: NOT_UNDERSTOOD, BAD_SIGNATURE, WRONG_DEVICE; CONFLICT: other words under the same time; TOO_OFTEN.
    """
    try:
        told = notice.unverified(body)
        if told.device != device.id:
            raise Problem(Kind.WRONG_DEVICE)
        notice.read(body, device.public)
    except BadSignature as error:
        raise Problem(Kind.BAD_SIGNATURE) from error
    except FormatError as error:
        raise Problem(Kind.NOT_UNDERSTOOD) from error
    if str(told.published) != at:
        raise Problem(Kind.NOT_UNDERSTOOD)
    table = published_notices
    with writing(office.engine) as work:
        before = work.execute(select(table.c.at, table.c.digest).where(table.c.device == device.id)).all()
        words = {row.at: row.digest for row in before}
        if words.get(told.published, told.digest) != told.digest:
            raise Problem(Kind.CONFLICT)
        if told.published not in words and len(words) >= _MOST:
            raise Problem(Kind.TOO_OFTEN)
        said = {"version": told.version, "effective": told.effective, "digest": told.digest, "received": now}
        put(work, table, {"device": device.id, "at": told.published}, {**said, "body": body})
    _log.info("privacy notice stored device=%s published=%d", device.id, told.published)
    return ANSWER


def lineages(office: Office, device: str = "") -> tuple[Lineage, ...]:
    """Every notice that some door shows now with what was there before it; the one published last comes first.

    A door whose certificate was withdrawn says nothing to anybody any more, unless no other says anything. Of a
    publication dated ahead the day counts on which it came.

    Args:
        office: of this HQ.
        device: whose history stands for those of all doors that show the same; else that of the door that HQ has heard
            first: a longer history is not a truer one.
    """
    table = published_notices
    stands = exists().where(certificates.c.device == devices.c.id, certificates.c.revoked.is_(None))
    said = (table.c.at, table.c.version, table.c.effective, table.c.digest, table.c.received)
    wanted = select(table.c.device, devices.c.label, *said, stands.label("stands"))
    with reading(office.engine) as view:
        rows = view.execute(wanted.join(devices, devices.c.id == table.c.device).order_by(table.c.at.desc())).all()
    rows = [row for row in rows if row.stands] or rows
    by_device: defaultdict[str, list[Version]] = defaultdict(list)
    heard: dict[str, int] = {}
    came: dict[str, int] = {}
    for row in rows:
        by_device[row.device].append(Version(row.device, row.label, row.at, row.version, row.effective, row.digest))
        heard[row.device] = min(row.received, heard.get(row.device, row.received))
        came.setdefault(row.device, min(row.at, row.received))
    alike: defaultdict[str, list[list[Version]]] = defaultdict(list)
    for name in sorted(by_device, key=lambda name: came[name], reverse=True):
        alike[by_device[name][0].digest].append(by_device[name])
    found = []
    for group in alike.values():
        shown = min(group, key=lambda versions: (versions[0].device != device, heard[versions[0].device]))
        found.append(Lineage(tuple(sorted({versions[0].door for versions in group})), tuple(shown)))
    return tuple(found)


def one(office: Office, device: str, at: int) -> Published | None:
    """A publication as the device signed it, checked again; None if there is none."""
    table = published_notices
    wanted = select(table.c.body, devices.c.public).join(devices, devices.c.id == table.c.device)
    with reading(office.engine) as view:
        row = view.execute(wanted.where(table.c.device == device, table.c.at == at)).one_or_none()
    if row is None:
        return None
    try:
        return notice.read(bytes(row.body), bytes(row.public))
    except (BadSignature, FormatError):
        return None
