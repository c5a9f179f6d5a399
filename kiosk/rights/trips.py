"""Business trips (policy KK6): their details and slips; refuses details of an act that is no leaving or returning.

The details are an event of their own about the act, sealed, restricted and erased like every other. The last one
counts. A screen calls what the command calls.
"""

import os
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights import own_acts
from kiosk.store import siblings, told
from kiosk.store.acts import LocalKind
from kiosk.store.keys import KeyKind
from kiosk.store.standing import TRAVELS, Standing
from wire import slip
from wire.errors import BadSignature, Expired, FormatError
from wire.event import Action, TripDetails, TripReason, uuid7
from wire.message import Sibling, Trip
from wire.signing import SigningKey, key_id
from wire.slip import Direction, Slip

if TYPE_CHECKING:
    from kiosk.store import Store

BACK_MS: Final = slip.VALID_S * 1000
"""So far back the last trip is looked for: no slip of an older one would be good."""
_RANDOM: Final = 10


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of a trip; the lengths are those of `wire.event.TripDetails`."""

    destination: str = field(repr=False)
    reason: TripReason
    note: str = field(default="", repr=False)
    reference: str = field(default="", repr=False)
    cost_centre: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Checked:
    """A slip whose signature is good: what it says, which device has signed it, and what was decided; None: unknown."""

    slip: Slip
    device: str
    decided: Trip | None


class Doubt(StrEnum):
    """Why a code is no slip that counts here."""

    NO_SLIP = "no_slip"
    ISSUER = "issuer"  # signed by no device that is trusted here, or altered: nobody can tell the two apart
    EXPIRED = "expired"  # 90 days old, or from a time that has not come


def latest(store: "Store", person: str) -> Standing:
    """The last leaving or returning of a person within 90 days that counts.

    Raises:
        Fault: TRIP_REFUSED: there is none.
    """
    now = store.now_ms()
    found = [
        each
        for each in own_acts.lately(store, person, max(0, now - BACK_MS))
        if each.action in TRAVELS and not each.annulled and each.disputed is None and now - each.at <= BACK_MS
    ]
    if not found:
        raise Fault(FaultCode.TRIP_REFUSED, "this person has recorded no business trip within 90 days")
    return max(found, key=lambda each: each.at)


def one(store: "Store", person: str, event_id: str) -> Standing:
    """A leaving or returning by the id of its entry, or of a correction or amendment of it.

    Raises:
        Fault: TRIP_REFUSED: this person has no such entry, or it is no trip that counts.
    """
    try:
        standing = own_acts.one(store, person, event_id)
    except Fault as fault:
        if fault.code is not FaultCode.REQUEST_REFUSED:
            raise
        raise Fault(FaultCode.TRIP_REFUSED, "this person has no such entry") from fault
    if standing.action not in TRAVELS or standing.annulled or standing.disputed is not None:
        raise Fault(FaultCode.TRIP_REFUSED, "this entry is no business trip that counts")
    return standing


def describe(store: "Store", person: str, standing: Standing, said: Said, *, by: str) -> TripDetails:
    """Append the details of a trip; durable on return. Said again, the later ones count.

    Args:
        store: open.
        person: random id.
        standing: the act, from `latest` or `one`.
        said: the details.
        by: account of the desk that writes them down; "" if the person does it at the door.

    Raises:
        Fault: TRIP_REFUSED: a text that is too long, or holds control characters; PERSON_UNKNOWN; as any writing.
    """
    now, code = store.clock(), store.people.get(person).code
    try:
        event = TripDetails(
            event_id=uuid7(now.wall_ms, os.urandom(_RANDOM)),
            person=code,
            refers_to=standing.event.event_id,
            occurred_at=now.wall_ms,
            clock=now.clock,
            destination=said.destination,
            reason=said.reason,
            note=said.note,
            reference=said.reference,
            cost_centre=said.cost_centre,
        )
    except FormatError as wrong:
        raise Fault(FaultCode.TRIP_REFUSED, str(wrong)) from wrong
    with store.database.write():
        entry = store.ledger.append(event, person)
        store.append_local(LocalKind.TRIP_DESCRIBED, {"person": person, "entry": entry.seq, "by": by or "self"})
    return event


def slip_of(store: "Store", standing: Standing) -> str:
    """The signed slip of an act, as the text of its QR code; made again it is the same while the details are.

    Raises:
        Fault: TRIP_REFUSED: the trip is older than 90 days, or lies in the future by the clock of this device.
    """
    signing = SigningKey.from_bytes(store.keys.need(KeyKind.SIGNING))
    direction = Direction.LEAVE if standing.action is Action.TRIP_LEAVE else Direction.RETURN
    destination = "" if standing.trip is None else shortened(standing.trip.destination)
    made = Slip(
        slip.id_of(standing.event.event_id), key_id(signing.public), direction, standing.at // 1000, destination
    )
    token = slip.issue(made, signing)
    verify(store, token)
    return token


def verify(store: "Store", token: str) -> Checked:
    """Check a slip of this device or of a sibling whose key headquarters has told; needs no network.

    Raises:
        Fault: TRIP_REFUSED: no slip, not signed by a device that is trusted here, altered, or older than 90 days.
    """
    try:
        return _read(store, token)
    except FormatError as wrong:
        raise Fault(FaultCode.TRIP_REFUSED, str(wrong)) from wrong


def examined(store: "Store", token: str) -> Checked | Doubt:
    """As `verify`, with the reason as a value, for whoever is told what to do next."""
    try:
        return _read(store, token)
    except Expired:
        return Doubt.EXPIRED
    except BadSignature:
        return Doubt.ISSUER
    except FormatError:
        return Doubt.NO_SLIP


def _read(store: "Store", token: str) -> Checked:
    read = slip.read(token.strip(), siblings.issuers(store), store.now_ms() // 1000)
    return Checked(read, _device(store, read.key_id), told.one(store, Trip, read.slip_id.hex()))


def shortened(text: str) -> str:
    """As much of a destination as a slip holds: 24 bytes in UTF-8, whole letters."""
    return text.encode()[: slip.DESTINATION_BYTES].decode(errors="ignore").strip(" ")


def _device(store: "Store", issuer: bytes) -> str:
    if issuer == key_id(store.device_public):
        return store.device_id
    return next(
        (each.device for each in told.every(store, Sibling) if key_id(bytes.fromhex(each.public)) == issuer), ""
    )
