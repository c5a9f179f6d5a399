"""Who withdraws the consent or is erased at one device is so at its siblings, once headquarters has signed for it."""

from pathlib import Path

import pytest
from erasure_kit import belongings, lying
from roster_kit import OTHER, Door, door, entry, people, whole
from store_kit import PIN, check_in

from kiosk.store import resume
from kiosk.store.siblings import issuers
from wire import slip
from wire.certificate import Scope, read
from wire.errors import BadSignature
from wire.message import Departure, Parting, Sibling, Trust
from wire.signing import key_id

ERASED, WITHDRAWN = Parting.ERASED, Parting.CONSENT_WITHDRAWN


@pytest.fixture
def at(tmp_path: Path) -> Door:
    found = door(tmp_path)
    found.live(whole(1, *people(1, 2, 3, 4)))
    return found


def of(number: int, parting: Parting) -> Departure:
    return Departure(entry(number).ref, entry(number).code, parting, "door-2")


def certified(at: Door) -> list[tuple[Scope, str]]:
    paths = sorted((at.data / "state" / "certificates").glob("*.json"))
    found = [read(path.read_bytes(), at.store.device_public) for path in paths]
    return [(each.scope, each.subject) for each in found]


def test_a_consent_withdrawn_elsewhere_ends_here_and_the_face_goes(at: Door) -> None:
    person = at.enrol("E-1")
    face = belongings(at.store, person, (1,))
    at.hear(of(1, WITHDRAWN))
    assert at.store.templates.references() == [], "nobody is matched after the commit that took the message"
    resume.resume(at.store)
    assert lying(at.data, face, "reference", "biometric key", "vector") == set()
    known = at.known()["E-1"]
    assert (known.state, known.has_face, known.has_pin) == ("active", False, True)
    assert certified(at) == [(Scope.FACE, person)]
    acts = [act["kind"] for _, act in at.store.ledger.local_acts("2026-11")]
    assert acts[-3:] == ["erasure_begun", "departure_taken", "erased"]


def test_somebody_erased_elsewhere_is_out_at_once_and_erased_here(at: Door) -> None:
    person = at.enrol("E-1")
    at.hear(of(1, ERASED))
    assert at.store.templates.references() == []
    assert at.here() == {"E-2", "E-3", "E-4"}
    at.live()
    assert set(at.known()) == {"E-2", "E-3", "E-4"}
    assert certified(at) == [(Scope.PERSON, person)]


def test_attendance_waits_for_headquarters_here_too(at: Door) -> None:
    person = at.enrol("E-1")
    at.store.ledger.append(check_in(at.store, code="E-1"), person)
    at.live(of(1, ERASED))
    known = at.known()["E-1"]
    assert (known.state, known.has_face, known.has_pin) == ("left", False, False)


@pytest.mark.parametrize("parting", Parting)
def test_a_departure_of_nobody_here_or_one_that_comes_again_is_harmless(at: Door, parting: Parting) -> None:
    at.enrol("E-1")
    at.live(Departure("HR-EMP-09999", "X-1", parting, "door-2"), Departure("", "X-1", parting, "door-2"))
    assert (certified(at), len(at.here())) == ([], 4)
    at.live(of(1, parting), of(1, parting), of(1, parting))
    assert len(certified(at)) == 1
    assert at.store.intents.all_open() == []
    assert at.refused() == {}


def test_somebody_without_a_reference_is_found_by_the_code_and_nobody_else_is(at: Door) -> None:
    at.store.people.add("V-1", "Tamu", pin=PIN)
    at.live(Departure("HR-EMP-07777", "V-1", ERASED, "door-2"))
    assert "V-1" not in at.known(), "added here by hand, and known to headquarters by the code"
    at.live(Departure("HR-EMP-07777", "E-2", ERASED, "door-2"))
    assert "E-2" in at.known(), "the code is somebody else's by now"
    at.live(Departure("", "E-2", ERASED, "door-2"))
    assert "E-2" not in at.known()


def test_a_person_whose_face_is_erased_here_already_loses_nothing_more(at: Door) -> None:
    at.live(of(1, WITHDRAWN))
    assert (certified(at), at.here()) == ([], {"E-1", "E-2", "E-3", "E-4"})


def test_a_slip_of_a_trusted_sibling_is_believed_and_one_of_a_revoked_sibling_is_not(at: Door) -> None:
    now = at.store.now_ms() // 1000
    body = slip.Slip(bytes(8), key_id(OTHER.public), slip.Direction.LEAVE, now, "Bandung")
    token = slip.issue(body, OTHER)
    with pytest.raises(BadSignature):
        slip.read(token, issuers(at.store), now)
    at.live(Sibling("door-2", OTHER.public.hex(), Trust.TRUSTED))
    assert slip.read(token, issuers(at.store), now) == body
    at.live(Sibling("door-2", OTHER.public.hex(), Trust.REVOKED))
    with pytest.raises(BadSignature):
        slip.read(token, issuers(at.store), now)
    assert issuers(at.store) == {key_id(at.store.device_public): at.store.device_public}
