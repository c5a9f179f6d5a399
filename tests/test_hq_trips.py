"""Business trips beyond the door: HQ's page, its export for whoever reimburses them, every backend (policy KK6)."""

import csv
import io
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hq_desk import EVERY_ROLE, deliver, hq
from hq_site import Door, Site, check_in, clock, dispute, found, new_id, now_ms
from test_amendments import amended

from hq import csv_export, page_attendance, trips_export, words
from hq.accounts import Account, Standing
from hq.attendance import EVERYTHING, attendance, house_zone
from hq.audit import newest
from hq.desk import Form, Visit
from hq.export import everything
from hq.office import Office, open_office
from hq.sessions import Visitor
from hq.trips import Trip, lasted, trips
from sync.backends import frappe_words, odoo_acts
from sync.backends.csv_drop import CsvBackend
from sync.config import Actions, Csv
from sync.contract import Punch, Rejected, Why
from wire import slip
from wire.event import Action, CheckIn, Decision, Method, TripDetails, TripReason

HOUR = 3_600_000
DAY = 24 * HOUR


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return found(tmp_path)


@pytest.fixture
def office(site: Site) -> Iterator[Office]:
    with closing(open_office(site.root)) as opened:
        yield opened


@pytest.fixture
def door(site: Site) -> Door:
    return site.door("front", "Depan")


def act(action: Action, at: int, person: str = "E-1", method: Method = Method.FACE) -> CheckIn:
    return check_in(person, action, at=at, method=method)


def details(of: CheckIn, destination: str = "Bandung", at: int | None = None, **more: str) -> TripDetails:
    texts = {"note": "", "reference": "SPD-1", "cost_centre": "CC-12"} | more
    moment = now_ms() if at is None else at
    return TripDetails(new_id(moment), of.person, of.event_id, moment, clock(), destination, TripReason.CLIENT, **texts)


def rows(office: Office) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(trips_export.table(trips(office, EVERYTHING)))))


def visit(office: Office, language: str = "en") -> Visit:
    account = Account("0" * 16, "x", EVERY_ROLE, Standing.ACTIVE, 1)
    return Visit(office, Visitor(account, must_change=False), language, Form({}), now_ms(), house_zone(office))


def test_leaving_and_returning_make_one_row_also_when_the_return_is_at_another_door(
    site: Site, office: Office, door: Door
) -> None:
    other, at = site.door("back", "Belakang"), now_ms() - 3 * DAY
    left, back = act(Action.TRIP_LEAVE, at), act(Action.TRIP_RETURN, at + 53 * HOUR + 10 * 60_000)
    for each in (
        left,
        details(left, at=at),
        details(left, "Surabaya", at=at + 1, note="Rapat"),
        act(Action.IN, at, "E-2"),
    ):
        door.append(each)
    other.append(back)
    deliver(office, door)
    deliver(office, other)
    (row,) = rows(office)
    assert (row["code"], row["duration"], row["destination"], row["reason"]) == ("E-1", "53:10", "Surabaya", "client")
    assert (row["note"], row["reference"], row["cost_centre"]) == ("Rapat", "SPD-1", "CC-12")
    assert (row["door"], row["door_of_return"], row["decision"], row["to_review"]) == ("Depan", "Belakang", "", "")
    assert (row["slip"], row["slip_of_return"]) == tuple(slip.id_of(each.event_id).hex() for each in (left, back))
    assert row["left"] < row["returned"]
    assert row["marking"] == csv_export.MARK


def test_what_is_missing_is_shown_as_missing_and_never_guessed(office: Office, door: Door) -> None:
    at = now_ms() - 200 * DAY
    acts_ = (
        act(Action.TRIP_LEAVE, at, "E-1"),  # a second leaving before any return
        act(Action.TRIP_LEAVE, at + DAY, "E-1"),
        act(Action.TRIP_RETURN, at + 2 * DAY, "E-1"),
        act(Action.TRIP_RETURN, at + 3 * DAY, "E-2"),  # nobody saw E-2 leave
        act(Action.TRIP_LEAVE, at + 4 * DAY, "E-3"),  # a return after ninety days is not that of this trip
        act(Action.TRIP_RETURN, at + 95 * DAY, "E-3"),
    )
    for each in acts_:
        door.append(each)
    deliver(office, door)
    assert [(row["code"], bool(row["left"]), bool(row["returned"]), row["duration"]) for row in rows(office)] == [
        ("E-1", True, False, ""),
        ("E-1", True, True, "24:00"),
        ("E-2", False, True, ""),
        ("E-3", True, False, ""),
        ("E-3", False, True, ""),
    ]


def test_what_a_human_annulled_is_no_trip_and_what_is_disputed_or_claimed_is_marked(office: Office, door: Door) -> None:
    at = now_ms() - DAY
    gone, doubted = act(Action.TRIP_LEAVE, at, "E-1"), act(Action.TRIP_LEAVE, at, "E-2")
    claimed = act(Action.TRIP_RETURN, at, "E-3", Method.CLAIMED)
    for each in (gone, details(gone), doubted, dispute(doubted), claimed, amended(gone, Decision.ANNULLED)):
        door.append(each)
    deliver(office, door)
    assert [(row["code"], row["to_review"]) for row in rows(office)] == [("E-2", "yes"), ("E-3", "yes")]


def test_a_trip_that_a_human_added_has_its_details_and_an_act_that_is_none_any_more_has_not(
    office: Office, door: Door
) -> None:
    came = act(Action.IN, now_ms() - DAY)
    added = amended(came, Decision.ADDED, action=Action.TRIP_LEAVE)
    left = act(Action.TRIP_LEAVE, now_ms() - HOUR, "E-2")
    for each in (came, added, replace(details(came), refers_to=added.event_id), left, details(left)):
        door.append(each)
    door.append(amended(left, Decision.ACTION, action=Action.OUT))
    deliver(office, door)
    assert [(row["code"], row["destination"]) for row in rows(office)] == [("E-1", "Bandung")]
    assert {line.action: line.trip is not None for line in attendance(office, EVERYTHING).lines} == {
        "in": False, "trip_leave": True, "out": False,
    }  # fmt: skip


def test_the_decision_about_the_slip_stands_in_the_export(site: Site, office: Office, door: Door) -> None:
    left, back = act(Action.TRIP_LEAVE, now_ms() - DAY), act(Action.TRIP_RETURN, now_ms() - HOUR)
    door.append(left)
    door.append(back)
    deliver(office, door)
    assert rows(office)[0]["decision"] == ""
    for verb, event, word in (("refuse", back, "refused"), ("approve", left, "approved")):
        ask = ("trip", verb, "--data", site.root, slip.id_of(event.event_id).hex(), "--reference", f"TR-{word}")
        assert hq(*ask)[0] == 0
        assert (rows(office)[0]["decision"], rows(office)[0]["decision_reference"]) == (word, f"TR-{word}")


def test_no_cell_of_the_export_runs_and_the_shell_gets_the_days_it_asks_for(
    site: Site, office: Office, door: Door
) -> None:
    left = act(Action.TRIP_LEAVE, now_ms() - DAY)
    door.append(left)
    door.append(details(left, "=1+1", note="@x", reference="-1", cost_centre="+1"))
    deliver(office, door)
    day = attendance(office, EVERYTHING).lines[0].at.date().isoformat()
    ask = ("export", "--data", site.root, "--trips", "--by", "Ratna")
    (row,) = csv.DictReader(io.StringIO(hq(*ask, "--from", day, "--to", day)[1]))
    assert [row[name] for name in ("destination", "note", "reference", "cost_centre")] == ["'=1+1", "'@x", "'-1", "'+1"]
    assert list(csv.DictReader(io.StringIO(hq(*ask, "--from", "2020-01-01", "--to", "2020-01-02")[1]))) == []
    for wrong in (("--from", "yesterday"), ("--from", "2026-02-30"), ("--from", day, "--to", "2020-01-01")):
        assert hq(*ask, *wrong)[0] == 2
    assert hq("export", "--data", site.root, "--csv", "--from", day)[0] == 2
    told = newest(office, None, 9)
    assert [each.detail for each in told if each.kind == "exported"] == [{"form": "trips"}] * 2


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_the_page_shows_where_a_trip_goes_and_offers_the_export(office: Office, door: Door, language: str) -> None:
    left = act(Action.TRIP_LEAVE, now_ms() - 1)
    door.append(left)
    door.append(details(left, "<b>Bandung</b>"))
    deliver(office, door)
    asked = visit(office, language)
    page = bytes(page_attendance._period(asked, Form({})).body).decode()
    assert "&lt;b&gt;Bandung&lt;/b&gt; · " + words.say(language, "reason_client") in page
    assert words.say(language, "trips_now") in page
    answer = page_attendance._export_trips(asked)
    assert 'filename="CONFIDENTIAL-trips-' in answer.headers["content-disposition"]
    assert [row["code"] for row in csv.DictReader(io.StringIO(bytes(answer.body).decode()))] == ["E-1"]
    (told,) = [each for each in newest(office, None, 9) if each.kind == "exported"]
    assert (told.detail["form"], told.detail["rows"]) == ("trips", 1)
    (whole,) = [row for row in everything(office)["events"] if row["type"] == "com.ambang.trip.v1"]  # type: ignore[attr-defined]
    assert (whole["destination"], whole["reason"], whole["refers_to"]) == ("<b>Bandung</b>", "client", left.event_id)
    (line,) = csv.DictReader(io.StringIO(csv_export.table(attendance(office, EVERYTHING).lines)))
    assert (line["destination"], line["reason"]) == ("<b>Bandung</b>", "client")


def test_a_trip_that_ends_before_it_begins_has_no_duration(office: Office, door: Door) -> None:
    door.append(act(Action.TRIP_LEAVE, now_ms()))
    deliver(office, door)
    (line,) = attendance(office, EVERYTHING).lines
    assert lasted(Trip(line, replace(line, at=line.at.replace(year=2020)), None)) == ""


# backends


def test_a_folder_gets_a_row_of_its_own_kind(tmp_path: Path) -> None:
    left = act(Action.TRIP_LEAVE, now_ms() - HOUR)
    backend = CsvBackend(Csv(folder=tmp_path), "door-1")
    backend.push([Punch(7, replace(left, clock=clock(zone="Asia/Jakarta")))], now_ms())
    backend.push([Punch(8, replace(details(left, "=Bandung"), clock=clock(zone="Asia/Jakarta")))], now_ms())
    first, second = (
        next(csv.DictReader(io.StringIO((tmp_path / f"attendance_door-1_{seq}.csv").read_text()))) for seq in (7, 8)
    )
    assert (first["kind"], first["destination"], first["cost_centre"]) == ("check_in", "", "")
    assert (second["kind"], second["action"], second["refers_to"]) == ("trip_details", "", left.event_id)
    assert (second["destination"], second["reason"], second["reference"]) == ("'=Bandung", "client", "SPD-1")


def test_what_odoo_and_a_frappe_without_requests_have_no_place_for_is_a_task() -> None:
    punch = Punch(8, details(act(Action.TRIP_LEAVE, now_ms())))
    assert odoo_acts.side(punch, Actions()) == Rejected(punch.event_id, Why.NOT_HELD, "trip_details")
    assert frappe_words.intent(punch, Actions()) == frappe_words.Decline(Why.NOT_HELD, "trip_details")
    kept = frappe_words.intent(punch, Actions(trip="request"))
    assert isinstance(kept, frappe_words.Details)
    assert kept.said == "trip to Bandung; reason: client; reference: SPD-1; cost centre: CC-12"
