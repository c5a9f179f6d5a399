"""The pages of business trips, posed with a trip that nobody took; refuses a slip of anybody who exists."""

from dataclasses import replace
from typing import Final

from kiosk.pages.posed import SITI, Posed
from kiosk.pages.trip.details import Asking, Made, Overview, Reasons, Trip
from kiosk.pages.trip.slip import Genuine, Held, NoCamera, Refused, Scan
from kiosk.rights.trips import Checked, Doubt
from wire.event import TripReason
from wire.message import Trip as Decided
from wire.slip import Direction, Slip

_SENT_S: Final = 1_785_718_680
_UNTIL_MS: Final = (_SENT_S + 90 * 86_400) * 1000
_SLIP: Final = Slip(bytes.fromhex("3f0b62e1a94c7d58"), b"\x01\x02\x03\x04", Direction.LEAVE, _SENT_S, "Kantor Bandung")
_BACK: Final = Slip(bytes.fromhex("3f0b62e1a94c7d58"), b"\x01\x02\x03\x04", Direction.RETURN, _SENT_S, "")
_DEVICE: Final = "5c1f9a3be07d2468"
_TOKEN: Final = "AS1" + "A-b_3" * 29


def poses() -> tuple[Posed, ...]:
    """The way of a trip from the keyboard to the slip, and of a slip that is held up."""
    trip = Trip("e", leaving=True)
    short = replace(trip, destination="Bandung", reason=TripReason.CLIENT)
    said = replace(
        trip,
        destination="Kantor Cabang Bandung",
        reason=TripReason.WORKSITE,
        note="Pasang pintu kedua",
        reference="SPD/2026/118",
        cost_centre="CC-12",
    )
    approved = Decided(_SLIP.slip_id.hex(), approved=True, reference="SPD/2026/118")
    return (
        Posed("trip-destination", Asking(trip, "destination", first=True), SITI, "Kantor Ban"),
        Posed("trip-wrong", Asking(Trip("e", leaving=False), "destination", wrong=True), SITI, "Bandung"),
        Posed("trip-note", Asking(said, "note"), SITI, "Pasang pintu"),
        Posed("trip-reasons", Reasons(said), SITI),
        Posed("trip-overview", Overview(said), SITI),
        Posed("trip-overview-short", Overview(short), SITI),
        Posed("trip-slip", Made(_TOKEN, _SLIP.slip_id.hex(), _UNTIL_MS), SITI),
        Posed("slip-scan", Scan()),
        Posed("slip-held", Held(_TOKEN)),
        Posed("slip-genuine", Genuine(Checked(_SLIP, _DEVICE, approved))),
        Posed("slip-back", Genuine(Checked(_BACK, _DEVICE, None))),
        *(Posed(f"slip-{why.value.replace('_', '-')}", Refused(why)) for why in Doubt),
        Posed("slip-camera", NoCamera()),
    )
