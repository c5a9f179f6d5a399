"""Events have one spelling, hold no room for anything else, and fit the exchange."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_samples import CLOCK, DEVICE, event_id, events
from wire_strategies import DEVICES, EVENTS, flips

from wire import canonical, event, spine
from wire.errors import FormatError, UnknownFormat

SALT = bytes(range(16))
FIRST = events()["check-in"]
assert isinstance(FIRST, event.CheckIn)
CHECK_IN: event.CheckIn = FIRST
CLEAR = event.clear(CHECK_IN, DEVICE)


@given(EVENTS, DEVICES, st.integers(1, 2**53 - 1), st.binary(min_size=16, max_size=16))
@settings(deadline=None)
def test_an_event_survives_the_journey(one: event.Event, device: str, seq: int, salt: bytes) -> None:
    clear = event.clear(one, device)
    assert len(clear) <= event.CLEAR_LIMIT
    assert event.parse(clear) == (one, device)
    sent = canonical.decode(canonical.encode(event.to_cloudevent(event.delivered(clear, seq, salt))))
    assert event.from_cloudevent(sent) == event.delivered(clear, seq, salt)
    assert event.delivered(clear, seq, salt) == event.Delivered(one, device, seq, salt, clear)


def test_one_flipped_bit_is_refused_or_breaks_the_commitment() -> None:
    committed = spine.commitment(SALT, CLEAR)
    read = 0
    for altered in flips(CLEAR):
        assert spine.commitment(SALT, altered) != committed
        try:
            one, device = event.parse(altered)
        except FormatError:
            continue
        read += 1
        assert event.clear(one, device) == altered
    assert read > 10


def test_the_longest_event_fits_the_exchange_and_no_template_does() -> None:
    longest = "\U0001f600" * 21 + '"' * 43
    clock = replace(
        CLOCK,
        zone="A" * 64,
        boottime_ms=2**53 - 1,
        uncertainty_s=2**31 - 1,
        state=event.ClockState.UNSYNCED,
    )
    for one in (
        event.CheckIn(event_id(1), longest, event.Action.OVERTIME_START, 1, clock, event.Method.CLAIMED, longest),
        event.Correction(
            event_id(1), longest, event_id(2), event.Action.OVERTIME_START, 1, clock, event.Method.CLAIMED, longest
        ),
        event.Dispute(event_id(1), longest, event_id(2), 1, clock, longest),
        event.Notice(event_id(1), event.NoticeKind.CONSENT_WITHDRAWN, longest, 1, clock, longest),
        event.Amendment(
            event_id(1),
            longest,
            event_id(2),
            event.Decision.CONFIRMED,
            event.Action.OVERTIME_START,
            1,
            253_402_300_799_999,
            clock,
            longest,
        ),
        event.TripDetails(
            event_id(1),
            longest,
            event_id(2),
            1,
            clock,
            '"' * 48,
            event.TripReason.WORKSITE,
            '"' * 54,
            "r" * 6,
            '"' * 3,
        ),
    ):
        clear = event.clear(one, "d" * 64)
        assert len(longest.encode()) <= 128
        assert 800 < len(clear) <= event.CLEAR_LIMIT
        assert 36 + len(SALT) + len(clear) <= 1024 < 512 * 4
        assert event.parse(clear)[0] == one


def test_only_a_claim_is_typed_as_a_claim() -> None:
    for method in event.Method:
        one = replace(CHECK_IN, method=method)
        kind = event.CLAIMED if method is event.Method.CLAIMED else event.CHECK_IN
        assert f'"type":"{kind}"'.encode() in event.clear(one, DEVICE)


@pytest.mark.parametrize(
    "change",
    [
        {"event_id": "x"},
        {"event_id": "7d4f3c1e-5b2a-4c6d-8e9f-0a1b2c3d4e5f"},
        {"person": ""},
        {"person": "a" * 65},
        {"action": "in"},
        {"action": "lunch"},
        {"method": "face"},
        {"occurred_at": -1},
        {"occurred_at": 1.5},
        {"occurred_at": 253_402_300_800_000},
        {"clock": None},
        {"site": "s" * 65},
        {"site": None},
    ],
)
def test_a_check_in_that_cannot_be_spelled_is_never_made(change: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        replace(CHECK_IN, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"zone": "x y"},
        {"boottime_ms": -1},
        {"boottime_ms": 2**53},
        {"boot_id": "X"},
        {"state": "synced"},
        {"uncertainty_s": -1},
        {"uncertainty_s": 2**31},
        {"uncertainty_s": True},
    ],
)
def test_a_clock_that_cannot_be_spelled_is_never_made(change: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        replace(CLOCK, **change)


def test_a_notice_has_a_kind_and_what_is_about_an_event_is_about_another_one() -> None:
    changes: list[tuple[str, dict[str, Any]]] = [
        ("notice", {"kind": "enrolled"}),
        ("disputed", {"refers_to": events()["disputed"].event_id}),
        ("disputed", {"refers_to": "x"}),
        ("corrected", {"refers_to": events()["corrected"].event_id}),
        ("corrected", {"refers_to": ""}),
        ("corrected", {"action": "out"}),
        ("corrected", {"method": "pin"}),
        ("amended", {"refers_to": events()["amended"].event_id}),
        ("amended", {"refers_to": "x"}),
        ("amended", {"refers_to": ""}),
        ("amended", {"decision": event.Decision.ADDED}),
        ("amended", {"decision": "time"}),
        ("amended", {"action": "in"}),
        ("amended", {"decided_at": -1}),
        ("amended-added", {"refers_to": event_id(1)}),
        ("trip", {"refers_to": events()["trip"].event_id}),
        ("trip", {"refers_to": ""}),
        ("trip", {"destination": ""}),
        ("trip", {"destination": "€" * 33}),
        ("trip", {"destination": " Bandung"}),
        ("trip", {"reason": "client"}),
        ("trip", {"note": None}),
        ("trip-full", {"note": '"' * 33}),
    ]
    for name, change in changes:
        with pytest.raises(FormatError):
            replace(events()[name], **change)


def test_a_bad_device_seq_or_salt_is_refused() -> None:
    with pytest.raises(FormatError):
        event.clear(CHECK_IN, "door 1")
    for seq, salt in ((0, SALT), (2**53, SALT), (True, SALT), (1, SALT[:15]), (1, SALT + b"\0")):
        with pytest.raises(FormatError):
            event.to_cloudevent(event.Delivered(CHECK_IN, DEVICE, seq, salt, CLEAR))
        with pytest.raises(FormatError):
            event.delivered(CLEAR, seq, salt)


def test_bytes_longer_than_any_event_are_not_even_read() -> None:
    with pytest.raises(FormatError, match="too long"):
        event.parse(CLEAR + b" " * event.CLEAR_LIMIT)


@pytest.mark.parametrize("value", [None, [], {}, "x", {"data": {}}])
def test_what_is_no_cloudevent_is_refused(value: object) -> None:
    with pytest.raises(FormatError):
        event.from_cloudevent(value)


def test_an_unknown_type_is_told_apart() -> None:
    with pytest.raises(UnknownFormat):
        event.parse(CLEAR.replace(b"checkin.v1", b"checkin.v9"))


def test_the_example_of_rfc_9562_holds() -> None:
    noise = 0xCC3 << 68 | 0x18C4DC0C0C07398F
    assert event.uuid7(0x017F22E279B0, noise.to_bytes(10)) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_ids_made_later_sort_later() -> None:
    ids = [event.uuid7(now, b"\xff" * 10 if now % 2 else bytes(10)) for now in range(0, 2**48, 2**43 - 1)]
    assert ids == sorted(ids)
    for now, noise in ((-1, bytes(10)), (2**48, bytes(10)), (0, bytes(9))):
        with pytest.raises(FormatError):
            event.uuid7(now, noise)
