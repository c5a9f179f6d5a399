"""What HQ tells its devices: kept sealed, numbered for each, signed when asked; refuses to tell one thing twice."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from hq import devices, roster
from hq.ca import Issued
from hq.database import devices as known
from hq.database import reading, writing
from hq.devices import NOT_YET, Device
from hq.office import Office
from hq.tables_door import echoes, messages, numbers, put, standing
from wire import canonical, message
from wire.canonical import Json  # noqa: TC001 - as everywhere here
from wire.event import Delivered, Notice, NoticeKind
from wire.message import Announcement, Content, Departure, Message, Parting, Policy, Sibling, Trip, Trust

ANSWER_LIMIT: Final = 900_000
"""Bytes of one answer, which a device reads up to 1 MiB; one message is always in it."""
AT_ONCE: Final = range(1, 101)
BEHIND_MOST: Final = 1_000_000
"""So many numbers may a device be ahead of HQ at once; whoever claims more is not believed."""
Standing: TypeAlias = Policy | Announcement | Trip
_PARTINGS: Final = {
    NoticeKind.CONSENT_WITHDRAWN: Parting.CONSENT_WITHDRAWN,
    NoticeKind.ERASED: Parting.ERASED,
}


def post(work: Connection, office: Office, device: str, contents: Sequence[Content], now: int) -> None:
    """Number these for one device; what they take the place of is deleted, and its numbers stay free.

    Args:
        work: a transaction that writes.
        office: this HQ.
        device: a device that has come.
        contents: at least one, all of one kind and name: the parts of a roster, or a single one.
        now: ms since 1970.
    """
    kind, name = _kind(contents[0]), _name(contents[0])
    if not isinstance(contents[0], Departure):  # each departure is its own
        ours = (messages.c.device == device, messages.c.kind == kind, messages.c.name == name)
        work.execute(delete(messages).where(*ours))
    rows = []
    for content in contents:
        number = _next(work, device)
        sealed = office.seals.seal("messages", f"{device}/{number}", _spelled(content))
        rows.append({"device": device, "number": number, "kind": kind, "name": name, "issued": now, "sealed": sealed})
    work.execute(insert(messages), rows)


def tell_all(work: Connection, office: Office, content: Standing, ends: int, now: int) -> int:
    """Tell every device, and each that comes before `ends` (ms since 1970); returns to how many."""
    kind, name = _kind(content), _name(content)
    sealed = office.seals.seal("standing", f"{kind}/{name}", _spelled(content))
    put(work, standing, {"kind": kind, "name": name}, {"issued": now, "ends": ends, "sealed": sealed})
    work.execute(delete(standing).where(standing.c.ends <= now))
    everybody = _everybody(work)
    for device in everybody:
        post(work, office, device, [content], now)
    return len(everybody)


def registered(  # noqa: PLR0913, PLR0917 - what a registration is made of
    work: Connection, office: Office, device: Device, label: str, issued: Issued, now: int
) -> None:
    """Register a device or its next certificate; one that is new, or comes back, is made known to the others.

    Raises:
        Refused: as `devices.register`.
    """
    trusted = devices.trusted(work, device.id)
    devices.register(work, device, label, issued, now)
    if trusted:
        return
    _tell_siblings(work, office, device.id, Trust.TRUSTED, now)
    for other in _everybody(work, but=device.id):
        if devices.trusted(work, other):
            post(work, office, device.id, [_sibling(work, other, Trust.TRUSTED)], now)
    for row in work.execute(select(standing).where(standing.c.ends > now).order_by(standing.c.issued)).all():
        content = _opened(office.seals.open("standing", f"{row.kind}/{row.name}", row.sealed), device.id, 0, row.issued)
        post(work, office, device.id, [content.content], now)
    if (version := roster.version(work)) > 0:
        post(work, office, device.id, roster.parts(work, office.seals, version), now)


def withdrawn(work: Connection, office: Office, device: str, now: int) -> int:
    """Withdraw every certificate of a device and tell the others; returns how many certificates.

    Raises:
        Refused: as `devices.revoke`.
    """
    trusted = devices.trusted(work, device)
    number = devices.revoke(work, device, now)
    if trusted:
        _tell_siblings(work, office, device, Trust.REVOKED, now)
    return number


def publish_roster(work: Connection, office: Office, device: str | None, now: int) -> tuple[int, int]:
    """Make a new version of the roster and tell one device or all of them; returns version and number of devices.

    Raises:
        Refused: nobody is in it, somebody cannot be told (a name too long), or there are too many.
    """
    version = roster.next_version(work)
    parts = roster.parts(work, office.seals, version)
    to = _everybody(work) if device is None else [device]
    for each in to:
        post(work, office, each, parts, now)
    return version, len(to)


def fan_out(work: Connection, office: Office, events: Iterable[Delivered], now: int) -> None:
    """Tell the siblings who withdrew or was erased; in the transaction that stores the notice, so exactly once.

    What a sibling then says of the same parting is an echo and goes no further, or an answer that comes late would
    take away the face of somebody who has meanwhile come back at the first device.
    """
    for one in events:
        if not isinstance(one.event, Notice):
            continue
        person = office.seals.index("echo", one.event.person)
        ours = (echoes.c.device == one.device, echoes.c.person == person)
        parting = _PARTINGS.get(one.event.kind)
        if parting is None:
            if one.event.kind is NoticeKind.ENROLLED:  # whoever comes back can leave again
                work.execute(delete(echoes).where(*ours))
            continue
        if work.execute(delete(echoes).where(*ours, echoes.c.parting == parting.value)).rowcount:
            continue
        entry = roster.person_of(work, office.seals, one.event.person)
        ref = entry.ref if entry is not None else one.event.person
        for other in _everybody(work, but=one.device):
            put(work, echoes, {"device": other, "person": person, "parting": parting.value}, {})
            post(work, office, other, [Departure(ref, one.event.person, parting, one.device)], now)


def answer(office: Office, device: str, after: int, limit: int) -> bytes:
    """The messages of one device after a number, oldest first: `{"messages": [...]}`, below 1 MiB."""
    _catch_up(office, device, after)
    with reading(office.engine) as view:  # read first, sign after: a long view would keep devices from being stored
        rows = view.execute(
            select(messages)
            .where(messages.c.device == device, messages.c.number > after)
            .order_by(messages.c.number)
            .limit(limit)
        ).all()
    told: list[Json] = []
    size = 0
    for row in rows:
        opened = _opened(
            office.seals.open("messages", f"{device}/{row.number}", row.sealed), device, row.number, row.issued
        )
        signed = message.sign(opened, office.signing)
        size += len(message.encode(signed))
        if told and size > ANSWER_LIMIT:
            break
        told.append(message.to_json(signed))
    return canonical.encode({"messages": told})


def _catch_up(office: Office, device: str, after: int) -> None:
    """A device that is further than HQ says that HQ was restored: what it must still hear is numbered beyond that.

    Of departures these are only the ones that it has not answered: an old one must not take away the face of somebody
    who has come back.
    """
    last = select(numbers.c.last).where(numbers.c.device == device)
    with reading(office.engine) as view:
        if after <= (view.execute(last).scalar_one_or_none() or 0):
            return
    with writing(office.engine) as work:
        if not 0 < after - (work.execute(last).scalar_one_or_none() or 0) <= BEHIND_MOST:
            return
        put(work, numbers, {"device": device}, {"last": after})
        ours = select(messages).where(messages.c.device == device).order_by(messages.c.number)
        for row in work.execute(ours).all():
            plain = office.seals.open("messages", f"{device}/{row.number}", row.sealed)
            content = _opened(plain, device, row.number, row.issued).content
            if isinstance(content, Departure) and not _unanswered(work, office, device, content):
                continue
            number = _next(work, device)
            sealed = office.seals.seal("messages", f"{device}/{number}", plain)
            this = (messages.c.device == device, messages.c.number == row.number)
            work.execute(update(messages).where(*this).values(number=number, sealed=sealed))


def _unanswered(work: Connection, office: Office, device: str, told: Departure) -> bool:
    person = office.seals.index("echo", told.code)
    ours = (echoes.c.device == device, echoes.c.person == person, echoes.c.parting == told.parting.value)
    return work.execute(select(echoes.c.device).where(*ours)).first() is not None


def _tell_siblings(work: Connection, office: Office, device: str, trust: Trust, now: int) -> None:
    said = _sibling(work, device, trust)
    for other in _everybody(work, but=device):
        post(work, office, other, [said], now)


def _sibling(work: Connection, device: str, trust: Trust) -> Sibling:
    return Sibling(device, (devices.public_key(work, device) or NOT_YET).hex(), trust)


def _everybody(work: Connection, but: str = "") -> list[str]:
    """Ids of the devices that have come, in one order: two transactions that tell them never wait for each other."""
    ids = select(known.c.id).where(known.c.public != NOT_YET, known.c.id != but).order_by(known.c.id)
    return list(work.execute(ids).scalars())


def _next(work: Connection, device: str) -> int:
    more = update(numbers).where(numbers.c.device == device).values(last=numbers.c.last + 1)
    if not work.execute(more).rowcount:
        try:
            with work.begin_nested():
                work.execute(insert(numbers).values(device=device, last=1))
        except IntegrityError:  # another HQ was faster
            work.execute(more)
    return int(work.execute(select(numbers.c.last).where(numbers.c.device == device)).scalar_one())


def _kind(content: Content) -> str:
    return next(word for word, kind in message.KINDS.items() if type(content) is kind)


def _name(content: Content) -> str:
    match content:
        case Announcement():
            return content.id
        case Trip():
            return content.slip
        case Sibling():
            return content.device
        case _:
            return ""


def _spelled(content: Content) -> bytes:
    spelled = message.to_json(Message("x", 0, 0, content))
    return canonical.encode({"kind": spelled["kind"], "body": spelled["body"]})


def _opened(plain: bytes, device: str, number: int, issued: int) -> Message:
    said = canonical.fields(canonical.decode(plain), {"kind": str, "body": dict})
    return message.from_json({**said, "device": device, "number": number, "issued_at": issued, "sig": ""})
