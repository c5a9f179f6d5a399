"""Made-up events, ledgers and keys that the vectors and the tests of wire share; the same in every run."""

from dataclasses import replace
from hashlib import sha256
from typing import Any, TypeAlias

import independent_messages
import independent_reader

from wire import batch, checkpoint, event, signing, slip, spine

Case: TypeAlias = dict[str, Any]
READERS = independent_reader.READERS | independent_messages.READERS
DEVICE = "door-1"
HQ_NAME = "ambang-hq/pusat"
KEY = signing.SigningKey.from_bytes(bytes(range(32)))
HQ = signing.SigningKey.from_bytes(bytes(range(32, 64)))
OTHER = signing.SigningKey.from_bytes(bytes(range(64, 96)))
NOW_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
NOW_S = NOW_MS // 1000
CLOCK = event.Clock("Asia/Jakarta", 86_400_000, "7d4f3c1e-5b2a-4c6d-8e9f-0a1b2c3d4e5f", event.ClockState.SYNCED, 1)


def noise(label: str, size: int) -> bytes:
    """Bytes that look random and are the same in every run."""
    return sha256(label.encode()).digest()[:size]


def event_id(number: int) -> str:
    return event.uuid7(NOW_MS + number, noise(f"id {number}", 10))


def good(form: str, name: str, given: Case) -> Case:
    return {
        "name": name,
        "format": form,
        "input": given,
        "expect": "ok",
        "output": READERS[form](given),
    }


def bad(form: str, name: str, expect: str, given: Case) -> Case:
    return {"name": name, "format": form, "input": given, "expect": expect}


def events() -> dict[str, event.Event]:
    def at(number: int) -> tuple[str, str, int]:
        return event_id(number), "K-0042", NOW_MS + number

    own, person, moment = at(1)
    return {
        "check-in": event.CheckIn(own, person, event.Action.IN, moment, CLOCK, event.Method.FACE, "Kantor Jakarta"),
        "claimed": event.CheckIn(
            event_id(2), 'K/\u00e9 "7"', event.Action.TRIP_RETURN, NOW_MS + 999, CLOCK, event.Method.CLAIMED, ""
        ),
        "disputed": event.Dispute(event_id(3), person, own, moment + 60_000, CLOCK, "Kantor Jakarta"),
        "notice": event.Notice(
            event_id(4),
            event.NoticeKind.CONSENT_WITHDRAWN,
            person,
            0,
            replace(CLOCK, zone="UTC", state=event.ClockState.UNSYNCED, uncertainty_s=2**31 - 1),
            "Kantor Jakarta",
        ),
        "corrected": event.Correction(
            event_id(5), person, own, event.Action.OUT, moment + 5_000, CLOCK, event.Method.PIN, "Kantor Jakarta"
        ),
        "amended": amendment(event_id(6), own, event.Decision.TIME, moment - 300_000),
        "amended-added": amendment(event_id(7), "", event.Decision.ADDED, 0),
        "trip": event.TripDetails(
            event_id(8),
            person,
            event_id(2),
            moment + 9_000,
            CLOCK,
            "Kantor Cabang Bandung",
            event.TripReason.WORKSITE,
            "Pasang pintu",
            "SPD/2026/001",
            "CC-12",
        ),
        "trip-full": event.TripDetails(
            event_id(9),
            person,
            own,
            moment,
            CLOCK,
            "é" * 48,
            event.TripReason.OTHER,
            '"' * 32,
            "R" * 32,
            "C" * 24,
        ),
    }


def amendment(own: str, about: str, decision: event.Decision, occurred_at: int) -> event.Amendment:
    decided_at = NOW_MS + 86_400_000
    return event.Amendment(
        own, "K-0042", about, decision, event.Action.IN, occurred_at, decided_at, CLOCK, "Kantor Jakarta"
    )


def ledger(count: int, device: str = DEVICE) -> tuple[spine.SpineRow, ...]:
    head, rows = spine.genesis(device), []
    for seq in range(1, count + 1):
        rows.append(spine.link(head, seq, noise(f"commitment {seq}", 32), noise(f"digest {seq}", 32)))
        head = rows[-1].h
    return tuple(rows)


def sample_batch() -> batch.Batch:
    """Four entries; the second stays at the door."""
    head, rows, given = spine.genesis(DEVICE), [], []
    for seq, one in enumerate(list(events().values())[:4], 1):
        salt, clear = noise(f"salt {seq}", 16), event.clear(one, DEVICE)
        rows.append(spine.link(head, seq, spine.commitment(salt, clear), noise(f"digest {seq}", 32)))
        head = rows[-1].h
        if seq != 2:
            given.append(event.delivered(clear, seq, salt))
    note = checkpoint.sign(checkpoint.Checkpoint(DEVICE, len(rows), head), KEY)
    return batch.Batch(
        DEVICE, "0b8f5c1d-2e3a-4b4c-9d5e-6f708192a3b4", spine.genesis(DEVICE), tuple(rows), note, tuple(given)
    )


def slip_token(**change: Any) -> str:  # noqa: ANN401 - any field
    issuer = signing.key_id(KEY.public)
    usual = slip.Slip(noise("slip", 8), issuer, slip.Direction.LEAVE, NOW_S - 60, "Kantor Cabang Bandung")
    return slip.issue(replace(usual, **change), KEY)
