"""What the device itself did, for the ledger and for nobody else; refuses names, codes and scores in its details."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeAlias


class LocalKind(StrEnum):
    """The closed list of local acts; each becomes an entry sealed under the device key of its month."""

    CREATED = "created"
    STARTED = "started"
    STOPPED = "stopped"
    CLOCK_STEPPED = "clock_stepped"
    PERSON_ADDED = "person_added"
    PERSON_CORRECTED = "person_corrected"
    PIN_SET = "pin_set"
    BADGE_ISSUED = "badge_issued"
    BADGE_REVOKED = "badge_revoked"
    BADGE_REFUSED = "badge_refused"
    FACE_MODE_SET = "face_mode_set"
    MINOR_SET = "minor_set"
    RESTRICTION_SET = "restriction_set"
    EVENT_HELD = "event_held"
    EVENT_RELEASED = "event_released"
    ENROLLED = "enrolled"
    TAMPERED = "tampered"
    EXCHANGE_REBUILT = "exchange_rebuilt"
    ERASURE_BEGUN = "erasure_begun"
    ERASED = "erased"
    RETENTION_APPLIED = "retention_applied"
    KEYS_ROTATED = "keys_rotated"
    PROVIDER_CHANGED = "provider_changed"
    TEMPLATES_RENEWED = "templates_renewed"
    BACKED_UP = "backed_up"
    RESTORED = "restored"
    ROLLBACK_ACCEPTED = "rollback_accepted"
    SWEPT = "swept"
    EXPORTED = "exported"
    VIEWED = "viewed"
    OWN_DATA_SHOWN = "own_data_shown"
    CONFIGURED = "configured"
    ACCOUNT_ADDED = "account_added"
    PASSWORD_SET = "password_set"  # noqa: S105 - the name of an act
    LOGIN_TRIED = "login_tried"
    LOGGED_IN = "logged_in"
    LOCKED_OUT = "locked_out"
    ACCOUNT_UNLOCKED = "account_unlocked"
    ACCOUNT_REMOVED = "account_removed"
    CODE_ISSUED = "code_issued"
    ROSTER_TAKEN = "roster_taken"
    ROSTER_HELD = "roster_held"
    ROSTER_APPLIED = "roster_applied"
    ROSTER_ACCEPTED = "roster_accepted"
    ROSTER_REFUSED = "roster_refused"
    ROSTER_RESTARTED = "roster_restarted"
    MESSAGE_REFUSED = "message_refused"
    DEPARTURE_TAKEN = "departure_taken"
    USB_CHANGED = "usb_changed"
    CASE_OPENED = "case_opened"
    TRIP_DESCRIBED = "trip_described"
    DELIVERY_ASKED = "delivery_asked"
    PAPER_FILED = "paper_filed"
    PAPER_CHANGED = "paper_changed"
    PAPER_DROPPED = "paper_dropped"


# Ids, kinds, counts and durations.
Detail: TypeAlias = Mapping[str, str | int]
AppendLocal: TypeAlias = Callable[[LocalKind, Detail], object]
