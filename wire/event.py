"""What happened at the door, as a CloudEvent with one spelling; refuses unknown fields and anything not listed here."""

from typing import Any, assert_never

from wire import canonical, checks
from wire.acts import (
    Action,
    Amendment,
    CheckIn,
    Clock,
    ClockState,
    Correction,
    Decision,
    Delivered,
    Dispute,
    Event,
    Method,
    Notice,
    NoticeKind,
    TripDetails,
    TripReason,
)
from wire.canonical import INTEGER_LIMIT, Json
from wire.errors import FormatError, UnknownFormat

__all__ = [
    "Action",
    "Amendment",
    "CheckIn",
    "Clock",
    "ClockState",
    "Correction",
    "Decision",
    "Delivered",
    "Dispute",
    "Event",
    "Method",
    "Notice",
    "NoticeKind",
    "TripDetails",
    "TripReason",
    "clear",
    "delivered",
    "from_cloudevent",
    "parse",
    "to_cloudevent",
    "uuid7",
]

CLEAR_LIMIT = 972  # 1024 bytes of the exchange, less 36 of the seal and 16 of the salt
SALT_SIZE = 16
SOURCE = "urn:ambang:device:"
CHECK_IN = "com.ambang.checkin.v1"
CLAIMED = "com.ambang.claimed.v1"
CORRECTED = "com.ambang.corrected.v1"
DISPUTED = "com.ambang.disputed.v1"
NOTICE = "com.ambang.notice.v1"
AMENDED = "com.ambang.amended.v1"
TRIP = "com.ambang.trip.v1"
_RANDOM_SIZE = 10
_UUID7_TIME_LIMIT = 2**48


def clear(event: Event, device: str) -> bytes:
    """Return the canonical bytes that the commitment covers, at most 972. Raises FormatError on a bad device id."""
    return canonical.encode(_spell(event, checks.device(device)))


def parse(clear: bytes) -> tuple[Event, str]:
    """Read the bytes that `clear` wrote, and no other spelling of them.

    Returns:
        The event and the device id.

    Raises:
        UnknownFormat: another type or version of CloudEvents.
        FormatError: anything else.
    """
    value = canonical.decode_canonical(clear, limit=CLEAR_LIMIT)
    return _read(value)


def to_cloudevent(one: Delivered) -> dict[str, Json]:
    """Return the JSON object for HQ: the clear event with `data.seq` and `data.salt` (hex). Raises FormatError.

    It is spelled from the event, which `delivered` or `from_cloudevent` has read from the same clear bytes.
    """
    value = _spell(one.event, checks.device(one.device))
    value["data"] = value["data"] | {
        "seq": checks.integer(one.seq, "seq", 1, INTEGER_LIMIT),
        "salt": checks.exact(one.salt, "salt", SALT_SIZE).hex(),
    }
    return value


def delivered(clear: bytes, seq: int, salt: bytes) -> Delivered:
    """Put a clear event, its seq and its 16-byte salt together for a batch. Raises as `parse`."""
    event, device = parse(clear)
    checks.integer(seq, "seq", 1, INTEGER_LIMIT)
    return Delivered(event, device, seq, checks.exact(salt, "salt", SALT_SIZE), clear)


def from_cloudevent(value: object) -> Delivered:
    """Read the object that `to_cloudevent` made; `clear` is rebuilt, to be compared with the commitment.

    Raises:
        UnknownFormat: another type or version of CloudEvents.
        FormatError: anything else.
    """
    envelope = canonical.fields(value, _ENVELOPE)
    data = dict(envelope["data"])
    seq, salt = data.pop("seq", None), data.pop("salt", None)
    if type(salt) is not str:
        raise FormatError("salt: missing")
    event, device = _read({**envelope, "data": data})
    return Delivered(
        event=event,
        device=device,
        seq=checks.integer(seq, "seq", 1, INTEGER_LIMIT),
        salt=checks.hex_bytes(salt, SALT_SIZE),
        clear=clear(event, device),
    )


def uuid7(now_ms: int, random: bytes) -> str:
    """Return a UUIDv7 (RFC 9562 section 5.7) from ms since 1970 (48 bits) and 10 random bytes (74 bits are used).

    Raises:
        FormatError: another size, or a time beyond 48 bits.
    """
    checks.integer(now_ms, "time", 0, _UUID7_TIME_LIMIT - 1)
    noise = int.from_bytes(checks.exact(random, "random", _RANDOM_SIZE), "big")
    a, b = noise >> 68, noise & (2**62 - 1)
    digits = f"{now_ms << 80 | 0x7 << 76 | a << 64 | 0b10 << 62 | b:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


_ENVELOPE: dict[str, type | tuple[type, ...]] = {
    "specversion": str,
    "id": str,
    "source": str,
    "type": str,
    "time": str,
    "data": dict,
}
_PERSON: dict[str, type | tuple[type, ...]] = {"person": str, "clock": dict}
_COMMON: dict[str, type | tuple[type, ...]] = {**_PERSON, "site": str}
TRIP_FIELDS = ("destination", "reason", "note", "reference", "cost_centre")
"""What the details of a trip say, in the order in which they are read."""
_DETAILS = ("refers_to", *TRIP_FIELDS)
_CLOCK: dict[str, type | tuple[type, ...]] = {
    "zone": str,
    "boottime_ms": int,
    "boot_id": str,
    "state": str,
    "uncertainty_s": int,
}


def _spell(event: Event, device: str) -> dict[str, Any]:
    clock = event.clock
    data: dict[str, Json] = {
        "person": event.person,
        "clock": {
            "zone": clock.zone,
            "boottime_ms": clock.boottime_ms,
            "boot_id": clock.boot_id,
            "state": clock.state.value,
            "uncertainty_s": clock.uncertainty_s,
        },
    }
    if not isinstance(event, TripDetails):
        data["site"] = event.site
    match event:
        case CheckIn():
            kind = CLAIMED if event.method is Method.CLAIMED else CHECK_IN
            data |= {"action": event.action.value, "method": event.method.value}
        case Correction():
            kind = CORRECTED
            data |= {"action": event.action.value, "method": event.method.value, "refers_to": event.refers_to}
        case Dispute():
            kind = DISPUTED
            data["refers_to"] = event.refers_to
        case Notice():
            kind = NOTICE
            data["kind"] = event.kind.value
        case Amendment():
            kind = AMENDED
            data |= {
                "action": event.action.value,
                "decided_at": event.decided_at,
                "decision": event.decision.value,
                "refers_to": event.refers_to,
            }
        case TripDetails():
            kind = TRIP
            data |= {name: str(getattr(event, name)) for name in _DETAILS}
        case _:
            assert_never(event)
    return {
        "specversion": "1.0",
        "id": event.event_id,
        "source": SOURCE + device,
        "type": kind,
        "time": checks.moment_to_text(event.occurred_at),
        "data": data,
    }


def _read(value: object) -> tuple[Event, str]:
    envelope = canonical.fields(value, _ENVELOPE)
    kind, source = envelope["type"], envelope["source"]
    if envelope["specversion"] != "1.0":
        raise UnknownFormat("event: version of CloudEvents")
    if not source.startswith(SOURCE):
        raise FormatError("event: source")
    device = checks.device(source.removeprefix(SOURCE))
    occurred_at = checks.moment_from_text(envelope["time"])
    return _read_data(kind, envelope["id"], occurred_at, envelope["data"]), device


def _read_data(kind: str, event_id: str, occurred_at: int, value: object) -> Event:
    if kind in (CHECK_IN, CLAIMED):
        data = canonical.fields(value, {**_COMMON, "action": str, "method": str})
        method = checks.choice(Method, data["method"])
        if (kind == CLAIMED) != (method is Method.CLAIMED):
            raise FormatError("event: the type and the method do not agree")
        action = checks.choice(Action, data["action"])
        return CheckIn(event_id, data["person"], action, occurred_at, _clock(data), method, data["site"])
    if kind == CORRECTED:
        data = canonical.fields(value, {**_COMMON, "action": str, "method": str, "refers_to": str})
        action, method = checks.choice(Action, data["action"]), checks.choice(Method, data["method"])
        refers_to, clock = data["refers_to"], _clock(data)
        return Correction(event_id, data["person"], refers_to, action, occurred_at, clock, method, data["site"])
    if kind == DISPUTED:
        data = canonical.fields(value, {**_COMMON, "refers_to": str})
        return Dispute(event_id, data["person"], data["refers_to"], occurred_at, _clock(data), data["site"])
    if kind == NOTICE:
        data = canonical.fields(value, {**_COMMON, "kind": str})
        notice = checks.choice(NoticeKind, data["kind"])
        return Notice(event_id, notice, data["person"], occurred_at, _clock(data), data["site"])
    if kind == AMENDED:
        return _read_amendment(event_id, occurred_at, value)
    if kind == TRIP:
        data = canonical.fields(value, {**_PERSON, **dict.fromkeys(_DETAILS, str)})
        said = {name: data[name] for name in _DETAILS} | {"reason": checks.choice(TripReason, data["reason"])}
        return TripDetails(event_id, data["person"], occurred_at=occurred_at, clock=_clock(data), **said)
    raise UnknownFormat("event: type")


def _read_amendment(event_id: str, occurred_at: int, value: object) -> Amendment:
    more: dict[str, type | tuple[type, ...]] = {"action": str, "decided_at": int, "decision": str, "refers_to": str}
    data = canonical.fields(value, {**_COMMON, **more})
    decision, action = checks.choice(Decision, data["decision"]), checks.choice(Action, data["action"])
    refers_to, decided_at, clock = data["refers_to"], data["decided_at"], _clock(data)
    return Amendment(
        event_id, data["person"], refers_to, decision, action, occurred_at, decided_at, clock, data["site"]
    )


def _clock(data: dict[str, Any]) -> Clock:
    value = canonical.fields(data["clock"], _CLOCK)
    state = checks.choice(ClockState, value["state"])
    return Clock(value["zone"], value["boottime_ms"], value["boot_id"], state, value["uncertainty_s"])
