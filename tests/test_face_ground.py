"""On what a face stands, how it is used, and whose is not kept at all (policy KK2, E4.1, E4.2)."""

from pathlib import Path

import pytest
from erasure_kit import CODE, Office, office, references
from store_kit import CONSENT, PIN, face, reopened

from kiosk.cli.people_enrol import Options, _ground
from kiosk.faults import Fault, FaultCode
from kiosk.rights import grounds, minors
from kiosk.rights.purposes import FaceCondition
from kiosk.store import PinAccepted, Store, face_mode, papers
from kiosk.store.basis import CONDITIONS, Condition
from kiosk.store.erasure import erase_face
from kiosk.store.face_mode import FaceMode, strictest
from kiosk.store.intents import IntentKind
from kiosk.store.papers import PaperKind
from kiosk.store.sweep import steps

BY = "0123456789abcdef"
LAW = "Pasal 9 Peraturan Keamanan Penerbangan"


@pytest.fixture
def at(tmp_path: Path) -> Office:
    return office(tmp_path / "data", entries=1)


def swept(store: Store) -> int:
    run = steps(store)
    while True:
        try:
            next(run)
        except StopIteration as done:
            found: int = done.value.damaged
            return found


def test_the_conditions_of_the_store_are_those_of_the_law() -> None:
    assert set(CONDITIONS) == {each.value for each in FaceCondition} - {"explicit_consent"}


def test_a_face_stands_on_a_condition_that_the_officer_recorded_with_its_law(at: Office) -> None:
    store = at.store
    paper = grounds.record(store, at.leaver, FaceCondition.EMPLOYMENT_LAW, LAW, by=BY)
    ground = grounds.ground(store, paper, at.leaver)
    store.basis.enrol(at.leaver, ground, [face(at.leaver, 5)])
    again = reopened(store)
    assert again.basis.ground_of(at.leaver) == Condition("employment_law", LAW, BY, paper, ground.recorded_at)
    assert again.basis.consent_of(at.leaver) is None
    assert at.leaver in references(again)
    found = papers.get(again, paper)
    assert (found.kind, found.state) == (PaperKind.BASIS, "in_force")
    assert swept(again) == 0


def test_the_key_of_a_face_opens_under_the_very_record_it_was_made_for(at: Office) -> None:
    store = at.store
    law = Condition("substantial_public_interest", LAW, BY, "f" * 16, store.now_ms())
    store.basis.enrol(at.leaver, law, [face(at.leaver, 5)])
    with store.database.write():
        store.database.run("UPDATE bases SET digest = zeroblob(32) WHERE person = ? AND state = 'active'", at.leaver)
    assert at.leaver not in references(reopened(store)), "another record under the same face does not open it"


BAD: dict[str, Condition] = {
    "no law": Condition("employment_law", "", BY, "f" * 16, 1),
    "a law without end": Condition("employment_law", "x" * 1001, BY, "f" * 16, 1),
    "nobody": Condition("employment_law", LAW, "", "f" * 16, 1),
    "no such condition": Condition("because", LAW, BY, "f" * 16, 1),
    "consent by another hand": Condition("explicit_consent", LAW, BY, "f" * 16, 1),
}


def test_a_ground_that_says_too_little_keeps_no_face_and_ends_none(at: Office) -> None:
    for case, ground in BAD.items():
        with pytest.raises(Fault) as refused:
            at.store.basis.enrol(at.leaver, ground, [face(at.leaver, 5)])
        assert refused.value.code is FaultCode.CONSENT_MISSING, case
        assert at.store.basis.consent_of(at.leaver) == CONSENT, case


def test_a_condition_is_about_one_person_and_ends_with_its_face(at: Office) -> None:
    store = at.store
    with pytest.raises(Fault) as consent:
        grounds.record(store, at.leaver, FaceCondition.EXPLICIT_CONSENT, LAW, by=BY)
    assert consent.value.code is FaultCode.REQUEST_REFUSED
    with pytest.raises(Fault, match="cite the law"):
        grounds.record(store, at.leaver, FaceCondition.EMPLOYMENT_LAW, "  ", by=BY)
    paper = grounds.record(store, at.leaver, FaceCondition.EMPLOYMENT_LAW, LAW, by=BY)
    with pytest.raises(Fault, match="this person") as other:
        grounds.ground(store, paper, at.stays)
    assert other.value.code is FaultCode.CONSENT_MISSING
    assert grounds.withdraw(store, paper, by=BY) is None, "the face stands on a consent: it stays"
    assert at.leaver in references(store)
    second = grounds.record(store, at.leaver, FaceCondition.EMPLOYMENT_LAW, LAW, by=BY)
    store.basis.enrol(at.leaver, grounds.ground(store, second, at.leaver), [face(at.leaver, 5)])
    done = grounds.withdraw(store, second, by=BY)
    assert done is not None
    assert done.certificate is not None
    assert at.leaver not in references(store)
    with pytest.raises(Fault):
        grounds.ground(store, second, at.leaver)
    with pytest.raises(Fault, match="withdrawn already"):
        grounds.withdraw(store, second, by=BY)


def test_the_shell_enrols_on_a_condition_without_asking_for_a_consent(at: Office) -> None:
    paper = grounds.record(at.store, at.leaver, FaceCondition.EMPLOYMENT_LAW, LAW, by=BY)
    given = Options(CODE, "id", None, paper, "self", None, None, glasses=False)
    found = _ground(at.store, at.store.people.get(at.leaver), given)
    assert isinstance(found, Condition)
    assert (found.law, found.paper) == (LAW, paper)


def test_a_minor_has_no_face_and_the_pin_goes_on(at: Office) -> None:
    store = at.store
    done = minors.mark(store, at.leaver, minor=True, by=BY)
    assert done is not None
    assert done.certificate is not None
    assert store.database.rows("SELECT 1 FROM faces WHERE person = ?", at.leaver) == []
    with pytest.raises(Fault) as refused:
        store.basis.enrol(at.leaver, CONSENT, [face(at.leaver, 5)])
    assert refused.value.code is FaultCode.FACE_OF_A_MINOR
    with pytest.raises(Fault) as recorded:
        grounds.record(store, at.leaver, FaceCondition.EMPLOYMENT_LAW, LAW, by=BY)
    assert recorded.value.code is FaultCode.FACE_OF_A_MINOR
    assert store.accounts.check_pin(CODE, PIN, 0, 10**9) == PinAccepted(at.leaver)
    assert minors.mark(store, at.leaver, minor=False, by=BY) is None
    store.basis.enrol(at.leaver, CONSENT, [face(at.leaver, 5)])


def test_a_minor_s_face_goes_also_when_the_device_dies_in_the_act(at: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(minors, "erase_face", dies)
    with pytest.raises(KeyboardInterrupt):
        minors.mark(at.store, at.leaver, minor=True, by=BY)
    again = at.again()
    assert again.people.get(at.leaver).minor
    assert at.leaver not in references(again)
    assert again.intents.find(IntentKind.ERASE_FACE, at.leaver) is not None, "whoever opens the store next goes on"
    assert erase_face(again, at.leaver) is not None


SITES = ("identification", "roster", "verification", "off")
HOLDS = {
    FaceMode.SITE: SITES,
    FaceMode.IDENTIFICATION: SITES,
    FaceMode.VERIFICATION: ("verification", "verification", "verification", "off"),
    FaceMode.OFF: ("off", "off", "off", "off"),
}


@pytest.mark.parametrize("person", FaceMode)
def test_the_strictest_of_site_and_person_holds(person: FaceMode) -> None:
    assert tuple(strictest(site, person) for site in SITES) == HOLDS[person]


def test_a_face_that_is_off_is_kept_and_not_used(at: Office) -> None:
    store = at.store
    face_mode.set_mode(store, at.leaver, FaceMode.OFF)
    assert at.leaver not in references(store)
    assert store.basis.consent_of(at.leaver) == CONSENT
    with pytest.raises(Fault):
        store.people.admit(at.leaver, by_face=True)
    face_mode.set_mode(store, at.leaver, FaceMode.SITE)
    assert at.leaver in references(store)
    with pytest.raises(Fault) as unknown:
        face_mode.set_mode(store, "0" * 16, FaceMode.OFF)
    assert unknown.value.code is FaultCode.PERSON_UNKNOWN
