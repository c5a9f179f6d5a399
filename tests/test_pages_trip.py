"""A business trip at the door: what is said of it, its slip as a code, and the slip before a sibling device."""

from pathlib import Path

import numpy as np
import pytest
from correction_kit import Office, office
from pages_kit import Guest, configured
from store_kit import HOUR, dispute, new_store

from kiosk.faults import FaultCode
from kiosk.pages.page import CameraGone, CodeSeen, Employee, Nobody, Use, Visitor
from kiosk.pages.sheet import Code
from kiosk.pages.trip import details
from kiosk.pages.trip.slip import Genuine, Held, NoCamera, Refused, Scan
from kiosk.rights import trips
from kiosk.rights.qr_code import modules
from kiosk.rights.trips import Doubt
from kiosk.store import Store, told
from kiosk.vision import qr
from wire.event import Action, CheckIn, TripReason
from wire.message import Sibling, Trip, Trust

DAY = 24 * HOUR


@pytest.fixture
def at(tmp_path: Path) -> Office:
    return office(tmp_path / "state")


def budi(at: Office) -> Employee:
    return Employee(at.person, "Budi S.", full=False)


def begun(at: Office, event: CheckIn, visitor: Visitor | None = None) -> Guest:
    leaving = event.action is Action.TRIP_LEAVE
    guest = Guest(at.store, configured(at.store))
    return guest.begin(details.begin(event.event_id, leaving=leaving), visitor or budi(at))


def made(guest: Guest) -> str:
    """The text of the code on the page, read from its squares as a camera does."""
    (code,) = [block for block in guest.sheet.body if isinstance(block, Code)]
    rows = np.array([[0 if square == "1" else 255 for square in row] for row in modules(code.text)], dtype=np.uint8)
    assert qr.read(np.kron(rows, np.ones((5, 5), dtype=np.uint8))) == code.text
    return code.text


def looking(store: Store) -> Guest:
    return Guest(store, configured(store)).begin(Scan(), Nobody())


def tell(store: Store, what: Trip | Sibling) -> None:
    with store.database.write():
        told.put(store, what)


def test_where_to_and_what_for_are_enough_for_a_slip(at: Office) -> None:
    left = at.log(Action.TRIP_LEAVE)
    guest = begun(at, left).type("Kantor Bandung").tap("worksite")
    assert trips.latest(at.store, at.person).trip is None, "nothing is written down before the slip is asked for"
    token = made(guest.tap("slip"))
    said = trips.latest(at.store, at.person).trip
    assert said is not None
    assert (said.destination, said.reason, said.note) == ("Kantor Bandung", TripReason.WORKSITE, "")
    assert token == trips.slip_of(at.store, trips.latest(at.store, at.person))
    assert "Budi" not in guest.texts
    assert guest.tap("done").over
    (act,) = [act for _, act in at.store.ledger.local_acts("2026-11") if act["kind"] == "trip_described"]
    assert act["detail"]["by"] == "self"


def test_every_line_can_be_added_and_changed_before_the_slip_is_made(at: Office) -> None:
    back = at.log(Action.TRIP_RETURN)
    guest = begun(at, back)
    assert "Where were you?" in guest.texts
    guest.type("Surabaya").tap("client", "reason", "training", "destination").type("Malang")
    guest.tap("note").type("Kursus").tap("reference").type("SPD-7").tap("cost_centre").type("CC-12")
    guest.tap("note").type("").tap("slip")
    said = trips.latest(at.store, at.person).trip
    assert said is not None
    assert (said.destination, said.reason) == ("Malang", TripReason.TRAINING)
    assert (said.note, said.reference, said.cost_centre) == ("", "SPD-7", "CC-12")


def test_a_text_that_cannot_be_kept_is_said_at_once_and_stays_to_be_changed(at: Office) -> None:
    guest = begun(at, at.log(Action.TRIP_LEAVE)).type("\u6f22" * 40)
    assert guest.sheet.warn
    assert guest.page.initial == "\u6f22" * 40
    assert guest.type("Bandung").keys[0] == "client"


def test_texts_that_are_too_long_together_are_refused_by_a_sentence(at: Office) -> None:
    guest = begun(at, at.log(Action.TRIP_LEAVE)).type('"' * 48).tap("client", "note").type('"' * 64).tap("slip")
    assert guest.fault is FaultCode.TRIP_REFUSED
    assert guest.back().tap("note").type("").tap("slip").sheet.name == "trip.slip"


def test_a_trip_of_somebody_else_one_that_was_disputed_and_nobody_have_no_slip(at: Office) -> None:
    left = at.log(Action.TRIP_LEAVE)
    for visitor in (Employee(at.other, "Dewi A."), Nobody()):
        assert begun(at, left, visitor).type("Bandung").tap("client", "slip").fault is FaultCode.TRIP_REFUSED
    at.store.ledger.append(dispute(at.store, left.event_id), at.person)
    assert begun(at, left).type("Bandung").tap("client", "slip").fault is FaultCode.TRIP_REFUSED


def test_a_slip_made_at_one_door_is_genuine_at_a_sibling_that_knows_its_key(at: Office, tmp_path: Path) -> None:
    left = at.log(Action.TRIP_LEAVE)
    token = made(begun(at, left).type("Kantor Cabang Bandung Timur").tap("worksite", "slip"))
    sibling = new_store(tmp_path / "sibling", at.hands)
    guest = looking(sibling).see(CodeSeen(token))
    assert guest.page == Refused(Doubt.ISSUER)
    tell(sibling, Sibling(at.store.device_id, at.store.device_public.hex(), Trust.TRUSTED))
    guest.tap("again").see(CodeSeen(token))
    assert isinstance(guest.page, Genuine)
    for text in ("Kantor Cabang Bandung", "Left on a business trip", at.store.device_id, "No decision known here"):
        assert text in guest.texts
    assert "Budi" not in guest.texts
    tell(sibling, Trip(guest.page.checked.slip.slip_id.hex(), approved=False, reference="SPD-1"))
    assert "Not approved by headquarters" in guest.tap("again").see(CodeSeen(token)).texts
    tell(sibling, Sibling(at.store.device_id, at.store.device_public.hex(), Trust.REVOKED))
    assert guest.tap("again").see(CodeSeen(token)).page == Refused(Doubt.ISSUER)
    assert guest.tap("done").over


def test_each_wrong_slip_has_its_own_sentence(at: Office) -> None:
    token = made(begun(at, at.log(Action.TRIP_LEAVE)).type("Bandung").tap("client", "slip"))
    other = token[:20] + ("B" if token[20] == "A" else "A") + token[21:]
    cases = {other: Doubt.ISSUER, "AS1" + "A" * 120: Doubt.ISSUER, "": Doubt.NO_SLIP, "AB1" + token[3:]: Doubt.NO_SLIP}
    guest = looking(at.store)
    for text, why in cases.items():
        assert guest.see(CodeSeen(text)).page == Refused(why)
        guest.tap("again")
    at.hands.move(90 * DAY)
    assert guest.see(CodeSeen(token)).page == Refused(Doubt.EXPIRED)


def test_a_slip_that_was_held_before_the_door_is_checked_by_itself(at: Office) -> None:
    token = made(begun(at, at.log(Action.TRIP_LEAVE)).type("Bandung").tap("client", "slip"))
    guest = Guest(at.store, configured(at.store)).begin(Held(token)).wait(0.5)
    assert isinstance(guest.page, Genuine)


def test_without_a_camera_the_page_says_so_and_time_ends_the_looking(at: Office) -> None:
    guest = looking(at.store)
    assert guest.uses == [Use.CODE]
    assert isinstance(guest.see(CameraGone()).page, NoCamera)
    assert guest.watching is None
    assert looking(at.store).wait(31).over
