"""Business trips at the door: details and signed slips; nothing of the way is recorded (policy KK6)."""

import io
import json
import shutil
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from admin_kit import GOOD, RATNA
from correction_kit import COMPANY, OTHER, Office, office
from store_kit import HOUR, MORNING, check_in, dispute, key_of, new_store

from kiosk import words
from kiosk.__main__ import main
from kiosk.faults import Fault, FaultCode
from kiosk.rights import access_data, own_acts, plain_text, trips
from kiosk.rights.access import access
from kiosk.rights.access_reader import Reader
from kiosk.rights.holdings import holdings
from kiosk.rights.trips import Said
from kiosk.store import Store, held, told
from wire import slip
from wire.event import Action, TripDetails, TripReason
from wire.message import Sibling, Trip, Trust
from wire.slip import Direction

CODE = "E-0417"
BANDUNG = Said("Kantor Cabang Bandung", TripReason.WORKSITE, "Pasang pintu kedua", "SPD/2026/118", "CC-12")
DAY = 24 * HOUR


@pytest.fixture
def at(tmp_path: Path) -> Office:
    return office(tmp_path / "state")


def describe(at: Office, said: Said = BANDUNG) -> TripDetails:
    return trips.describe(at.store, at.person, trips.latest(at.store, at.person), said, by=at.admin.account)


def refused(wanted: FaultCode = FaultCode.TRIP_REFUSED) -> Any:  # noqa: ANN401 - what pytest.raises gives
    return pytest.raises(Fault, check=lambda fault: fault.code is wanted)


def tell(store: Store, what: Trip | Sibling) -> None:
    with store.database.write():
        told.put(store, what)


# details


def test_the_details_that_were_said_last_count_for_the_trip(at: Office) -> None:
    left = at.log(Action.TRIP_LEAVE)
    assert trips.latest(at.store, at.person).trip is None
    describe(at, Said("Surabaya", TripReason.CLIENT))
    at.hands.move(HOUR)
    event = describe(at)
    assert (event.refers_to, event.person, event.occurred_at) == (left.event_id, CODE, MORNING + HOUR)
    assert trips.latest(at.store, at.person).trip == event
    assert trips.one(at.store, at.person, left.event_id).trip == event
    assert at.last() == (Action.TRIP_LEAVE, MORNING)


def test_somebody_who_came_back_is_described_by_the_return_and_one_door_counts_no_one_else(at: Office) -> None:
    at.log(Action.TRIP_LEAVE)
    at.hands.move(DAY)
    back = at.log(Action.TRIP_RETURN)
    assert describe(at).refers_to == back.event_id
    with refused():
        trips.latest(at.store, at.other)
    with refused():
        trips.one(at.store, at.other, back.event_id)


def test_an_act_that_is_no_trip_that_counts_has_no_details(at: Office) -> None:
    came = at.log(Action.IN)
    with refused():
        trips.one(at.store, at.person, came.event_id)
    left = at.log(Action.TRIP_LEAVE)
    at.store.ledger.append(dispute(at.store, left.event_id), at.person)
    with refused():
        trips.latest(at.store, at.person)
    with refused():
        trips.one(at.store, at.person, left.event_id)


def test_a_trip_of_ninety_days_ago_is_not_the_latest(at: Office) -> None:
    at.log(Action.TRIP_LEAVE)
    at.hands.move(90 * DAY)
    assert trips.latest(at.store, at.person).action is Action.TRIP_LEAVE
    at.hands.move(1)
    with refused():
        trips.latest(at.store, at.person)


def test_a_text_that_does_not_fit_is_refused_and_nothing_is_written(at: Office) -> None:
    at.log(Action.TRIP_LEAVE)
    size = at.store.ledger.size()
    for said in (
        Said("", TripReason.CLIENT),
        Said("x" * 49, TripReason.CLIENT),
        Said("Bandung\n", TripReason.CLIENT),
        Said("Bandung", TripReason.CLIENT, note="x" * 65),
        Said("Bandung", TripReason.CLIENT, reference="x" * 33),
        Said("Bandung", TripReason.CLIENT, cost_centre="\u202e1"),
        Said('"' * 48, TripReason.CLIENT, '"' * 61),
    ):
        with refused():
            describe(at, said)
    assert at.store.ledger.size() == size


def test_the_ledger_says_who_wrote_it_down_and_nothing_of_where(at: Office) -> None:
    at.log(Action.TRIP_LEAVE)
    event = describe(at)
    (act,) = [act for _, act in at.store.ledger.local_acts("2026-11") if act["kind"] == "trip_described"]
    assert act["detail"] == {"person": at.person, "entry": at.store.ledger.size() - 1, "by": at.admin.account}
    assert event.destination not in json.dumps(act)
    assert at.store.ledger.verify() == at.store.ledger.size()


def test_details_are_held_with_the_check_ins_of_somebody_whose_attendance_is_restricted(at: Office) -> None:
    at.log(Action.TRIP_LEAVE)
    with at.store.database.write():
        at.store.database.run("UPDATE people SET attendance_restricted = 1 WHERE id = ?", at.person)
    event = describe(at)
    assert held.events(at.store, at.person) == (event,)
    assert at.store.database.row("SELECT 1 FROM bodies WHERE event_id = ?", event.event_id) is None
    assert trips.latest(at.store, at.person).trip == event


def test_the_copy_of_the_person_shows_the_details_in_words(at: Office) -> None:
    at.log(Action.TRIP_LEAVE)
    describe(at)
    found = holdings(at.store, at.person)
    row = next(line for line in access_data.attendance_csv(found).decode().splitlines() if ",trip," in line)
    for language in words.LANGUAGES:
        shown = " ".join(plain_text.text(access(found, Reader(COMPANY, language))).split())
        for word in (BANDUNG.destination, BANDUNG.note, BANDUNG.reference, BANDUNG.cost_centre):
            assert word in row
            assert word.split()[0] in shown
        assert words.say(language, "trip.reason.worksite").split()[0] in shown


# slips


def test_a_slip_made_again_is_the_same_and_names_nobody(at: Office) -> None:
    left = at.log(Action.TRIP_LEAVE)
    describe(at)
    standing = trips.latest(at.store, at.person)
    token = trips.slip_of(at.store, standing)
    at.hands.move(DAY)
    assert trips.slip_of(at.store, standing) == token
    checked = trips.verify(at.store, f" {token}\n")
    assert checked.slip.slip_id == slip.id_of(left.event_id)
    assert (checked.slip.direction, checked.slip.destination) == (Direction.LEAVE, "Kantor Cabang Bandung")
    assert (checked.slip.issued_at, checked.device) == (MORNING // 1000, at.store.device_id)
    assert checked.decided is None
    tell(at.store, Trip(slip.id_of(left.event_id).hex(), approved=True, reference="TR-7"))
    assert trips.verify(at.store, token).decided == Trip(
        slip.id_of(left.event_id).hex(), approved=True, reference="TR-7"
    )


def test_a_slip_is_refused_once_it_is_altered_or_too_old(at: Office) -> None:
    at.log(Action.TRIP_RETURN)
    token = trips.slip_of(at.store, trips.latest(at.store, at.person))
    assert trips.verify(at.store, token).slip.direction is Direction.RETURN
    other = "B" if token[20] == "A" else "A"
    for wrong in (token[:20] + other + token[21:], token[:-4], "AB1" + token[3:], "", "AS1", "x" * 4_000):
        with refused():
            trips.verify(at.store, wrong)
    at.hands.move(90 * DAY)
    with refused():
        trips.verify(at.store, token)
    with refused():
        trips.slip_of(at.store, trips.latest(at.store, at.person))


def test_a_sibling_verifies_a_slip_offline_until_its_key_is_revoked(at: Office, tmp_path: Path) -> None:
    at.log(Action.TRIP_LEAVE)
    token = trips.slip_of(at.store, trips.latest(at.store, at.person))
    sibling = new_store(tmp_path / "sibling", at.hands)
    with refused():
        trips.verify(sibling, token)
    tell(sibling, Sibling(at.store.device_id, at.store.device_public.hex(), Trust.TRUSTED))
    assert trips.verify(sibling, token).device == at.store.device_id
    tell(sibling, Sibling(at.store.device_id, at.store.device_public.hex(), Trust.REVOKED))
    with refused():
        trips.verify(sibling, token)


@pytest.mark.parametrize(
    ("text", "short"),
    [("Bandung", "Bandung"), ("é" * 13, "é" * 12), ("a" * 23 + "é", "a" * 23), ("x" * 23 + " y", "x" * 23)],
)
def test_a_slip_holds_whole_letters_of_a_destination(text: str, short: str) -> None:
    assert trips.shortened(text) == short


# commands


class Shell:
    """A shell in a directory with a store, two accounts and somebody who has left on a trip."""

    def __init__(self, data: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.data, self.patch, self.capsys = data, patch, capsys
        made = office(data / "state")
        self.left = check_in(made.store, Action.TRIP_LEAVE, at=made.store.now_ms() - HOUR)
        made.store.ledger.append(self.left, made.person)
        self.came = made.log(Action.IN)
        made.store.close()

    def __call__(self, *line: str, code: int = 0) -> str:
        self.patch.setattr("sys.stdin", io.StringIO(f"{GOOD}\n"))
        assert main(["people", *line, "--data", str(self.data)]) == code
        said = self.capsys.readouterr()
        return said.err if code else said.out

    def asked(self, *line: str) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self(*line, "--json"))


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return Shell(tmp_path, monkeypatch, capsys)


WHO = ("--person", CODE, "--by", RATNA)
WHERE = ("--destination", "Bandung", "--reason", "client", "--reference", "SPD-1", "--cost-centre", "CC-12")


def test_the_desk_writes_a_trip_down_prints_the_slip_and_anybody_checks_it(shell: Shell) -> None:
    said = shell.asked("trip", *WHO, "--event", shell.left.event_id, *WHERE)
    assert said["refers_to"] == shell.left.event_id
    for language in words.LANGUAGES:
        pdf = shell.data / f"{language}.pdf"
        page = shell.asked(
            "slip", "print", *WHO, "--event", shell.left.event_id, "--language", language, "--pdf", str(pdf)
        )
        token = page["data"]["token"]
        text = subprocess.run(
            [str(shutil.which("pdftotext")), "-layout", str(pdf), "-"], capture_output=True, check=True, timeout=60
        ).stdout.decode()
        for word in ("Bandung", "SPD-1", "CC-12", CODE, said["slip"], words.say(language, "trip.reason.client")):
            assert word in text, (language, word)
        assert words.say(language, "document.confidential") in text
    found = shell.asked("slip", "verify", token)
    assert (found["slip"], found["destination"], found["approved"]) == (said["slip"], "Bandung", None)
    assert "Genuine" in shell("slip", "verify", token)
    shell("slip", "verify", token[:-1] + ("A" if token[-1] != "A" else "B"), code=2)


def test_a_trip_needs_a_destination_a_reason_of_the_list_and_an_account_of_the_desk(shell: Shell) -> None:
    for line in (
        ("trip", *WHO, "--latest", "--reason", "client"),
        ("trip", *WHO, "--latest", "--destination", "Bandung", "--reason", "holiday"),
        ("trip", *WHO, "--destination", "Bandung", "--reason", "client"),
        ("slip",),
    ):
        with pytest.raises(SystemExit):
            main(["people", *line, "--data", str(shell.data)])
    shell("trip", "--person", CODE, "--by", "Nobody", "--latest", *WHERE, code=2)
    shell("trip", "--person", OTHER, "--by", RATNA, "--event", shell.left.event_id, *WHERE, code=2)
    shell("trip", *WHO, "--event", shell.came.event_id, *WHERE, code=2)
    with closing(Store.open(shell.data / "state", key_of(shell.data / "state"))) as store:
        person = store.people.by_code(CODE)
        assert person is not None
        assert own_acts.one(store, person.id, shell.left.event_id).trip is None
