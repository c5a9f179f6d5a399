"""How HQ lets go: sweeps of old events, holds, erasure of one person, and the proof that nothing of them is left."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hq_desk import AT_THE_SHELL, CHEAP, accounts_of, deliver, hq, signed_in, text_of
from hq_site import Door, Site, check_in, clock, dispute, found, new_id, now_ms, running

from hq import erasure, papers, retention, traces
from hq.__main__ import main
from hq.accounts import Role
from hq.audit import Act, ActKind, Actor, append
from hq.database import reading, writing
from hq.export import everything
from hq.office import Office, open_office
from hq.refusals import Refused
from hq.retention import cutoff
from hq.verification import verify
from wire.errors import BadSignature
from wire.event import ClockState, Notice, NoticeKind

DAY = 24 * 3_600_000
NOW = now_ms()
OLD = NOW - 400 * DAY


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return found(tmp_path)


@pytest.fixture
def office(site: Site) -> Iterator[Office]:
    with closing(open_office(site.root)) as opened:
        yield opened


def notice(person: str, kind: NoticeKind, at: int) -> Notice:
    return Notice(new_id(at), kind, person, at, clock(), "Kantor")


@pytest.fixture
def door(site: Site, office: Office) -> Door:
    """Old and young events of two people, and what a device said of an erasure long ago; delivered today."""
    door = site.door("front", "Depan")
    old = check_in("E-17", at=OLD)
    for happened in (
        old,
        replace(dispute(old), occurred_at=OLD),
        check_in("E-18", at=OLD),
        notice("E-19", NoticeKind.ERASED, OLD),
        notice("E-19", NoticeKind.ENROLLED, OLD),
        check_in("E-17", at=NOW - DAY),
        check_in("E-18", at=NOW - DAY),
        None,
    ):
        door.append(happened)
    deliver(office, door)
    return door


def persons(office: Office) -> list[tuple[int, str]]:
    rows = everything(office)["events"]
    assert isinstance(rows, list)
    return [(row["seq"], row["person"]) for row in rows]


@pytest.mark.parametrize(
    ("now", "months", "then"),
    [
        (datetime(2026, 3, 31, 12, tzinfo=UTC), 1, datetime(2026, 2, 28, 12, tzinfo=UTC)),
        (datetime(2024, 2, 29, tzinfo=UTC), 12, datetime(2023, 2, 28, tzinfo=UTC)),
        (datetime(2026, 1, 15, tzinfo=UTC), 1, datetime(2025, 12, 15, tzinfo=UTC)),
        (datetime(2026, 1, 15, tzinfo=UTC), 120, datetime(2016, 1, 15, tzinfo=UTC)),
    ],
)
def test_a_period_is_counted_in_months_of_the_calendar(now: datetime, months: int, then: datetime) -> None:
    assert cutoff(months, int(now.timestamp() * 1000)) == int(then.timestamp() * 1000)


@pytest.mark.usefixtures("door")
def test_a_sweep_drops_what_is_old_by_its_own_time_and_the_chain_still_holds(office: Office) -> None:
    assert retention.preview(office, 12, NOW).dropped == (("front", 4),)
    assert len(persons(office)) == 7
    swept = retention.sweep(office, AT_THE_SHELL, 12, NOW)
    assert persons(office) == [(4, "E-19"), (6, "E-17"), (7, "E-18")]
    assert (swept.dropped, swept.notices, swept.held) == ((("front", 4),), 1, 0)
    said = papers.check(swept.paper, office.signing.public)
    assert (said["format"], said["dropped"], said["months"]) == ("ambang.hq-sweep.v1", {"front": 4}, 12)
    seen = verify(office)
    assert (seen.rows, seen.events, seen.findings) == (8, 3, ())
    assert retention.preview(office, 12, NOW).dropped == ()
    with pytest.raises(BadSignature):
        papers.check(swept.paper.replace('"months":12', '"months":13'), office.signing.public)


def test_what_was_swept_is_acknowledged_when_it_is_sent_again_and_not_stored(office: Office, door: Door) -> None:
    retention.sweep(office, AT_THE_SHELL, 12, NOW)
    before = persons(office)
    deliver(office, door, door.batch(1, 3))
    deliver(office, door)
    assert persons(office) == before
    assert everything(office)["duplicates"] == 3 + 7


@pytest.mark.usefixtures("door")
def test_whoever_is_held_is_neither_swept_nor_erased(office: Office) -> None:
    retention.hold(office, AT_THE_SHELL, "E-17", "dispute 12", NOW)
    with pytest.raises(Refused, match="held already"):
        retention.hold(office, AT_THE_SHELL, "E-17", "again", NOW)
    assert retention.sweep(office, AT_THE_SHELL, 12, NOW).held == 2
    assert {1, 2} <= {seq for seq, _ in persons(office)}
    with pytest.raises(Refused, match="This person is held"):
        erasure.erase(office, AT_THE_SHELL, "E-17", NOW)
    with pytest.raises(Refused, match="This person is held"):
        erasure.ask(office, AT_THE_SHELL, "E-17", NOW)
    assert [(one.code, one.reason) for one in retention.held(office)] == [("E-17", "dispute 12")]
    retention.release(office, AT_THE_SHELL, "E-17", NOW)
    with pytest.raises(Refused, match="not held"):
        retention.release(office, AT_THE_SHELL, "E-17", NOW)
    assert retention.sweep(office, AT_THE_SHELL, 12, NOW).dropped == (("front", 2),)


@pytest.mark.usefixtures("door")
def test_an_event_that_does_not_open_is_neither_dropped_nor_passed_over(office: Office) -> None:
    with writing(office.engine) as work:
        work.exec_driver_sql("UPDATE events SET sealed = zeroblob(200) WHERE seq = 1")
    swept = retention.sweep(office, AT_THE_SHELL, 12, NOW)
    assert (swept.unreadable, swept.dropped) == (1, (("front", 3),))
    assert "unreadable" in erasure.erase(office, AT_THE_SHELL, "E-17", NOW)


def roster_of(site: Site, *codes: str) -> None:
    file = site.root.parent / "roster.csv"
    file.write_text("code,name\n" + "".join(f"{code},Name of {code}\n" for code in codes))
    assert main(["roster", "import", "--data", str(site.root), str(file)]) == 0


def bytes_of(office: Office, code: str) -> list[bytes]:
    """Everything sealed that is about a person, as it lies in the database now, and their key in the roster."""
    found_now = erasure._find(office, code)
    with reading(office.engine) as view:
        names = view.exec_driver_sql("SELECT person, sealed FROM roster").all()
    mine = office.seals.index("roster", code)
    return [*found_now.blobs, *(part for row in names if row[0] == mine for part in row)]


def test_whoever_is_erased_is_gone_from_the_file_and_the_certificate_says_so(
    site: Site, office: Office, door: Door
) -> None:
    roster_of(site, "E-17", "E-18")
    with writing(office.engine) as work:
        append(work, office, Act(ActKind.ATTENDANCE_SEEN, AT_THE_SHELL, "E-17"), NOW)
        append(work, office, Act(ActKind.ATTENDANCE_SEEN, AT_THE_SHELL, "E-18"), NOW)
    mine, other = bytes_of(office, "E-17"), bytes_of(office, "E-18")
    assert len(mine) == 3 + 1 + 2
    file = (site.root / "hq.db").read_bytes()
    assert all(blob in file for blob in mine)
    body = erasure.erase(office, AT_THE_SHELL, "E-17", NOW)
    file = b"".join(path.read_bytes() for path in site.root.glob("hq.db*"))
    for blob in mine:
        for start in range(8, len(blob) - 12, 4):
            assert blob[start : start + 12] not in file
    assert all(blob in file for blob in other)
    said = papers.check(body, office.signing.public)
    assert said["destroyed"] == {
        "acts": 1,
        "echoes": 0,
        "events": 3,
        "holds": 0,
        "requests": 0,
        "roster": 1,
    }
    assert (said["found"], said["pieces"]) == (0, len(mine[:-2]) * 4 + 4 + 4)
    assert "E-17" not in body
    assert {person for _, person in persons(office)} == {"E-18", "E-19"}
    seen = verify(office)
    assert (seen.rows, seen.findings) == (8, ())
    deliver(office, door)
    assert "E-17" not in {person for _, person in persons(office)}
    with pytest.raises(Refused, match="nothing of this person"):
        erasure.erase(office, AT_THE_SHELL, "E-17", NOW)


def test_the_search_finds_a_piece_wherever_it_lies(tmp_path: Path) -> None:
    file = tmp_path / "file"
    piece = os.urandom(traces.PIECE)
    rest = os.urandom(5_000_003)
    for place in (0, 1, 7, 8, 4_194_296, 4_194_301, 4_194_304, len(rest)):
        file.write_bytes(rest[:place] + piece + rest[place:])
        assert traces.found(file, {piece, os.urandom(16)}) == 1, place
    file.write_bytes(rest)
    assert traces.found(file, {piece}) == 0
    file.write_bytes(b"short")
    assert traces.found(file, {piece}) == 0


@pytest.mark.usefixtures("door")
def test_bytes_that_stayed_behind_are_written_over(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with office.engine.connect() as line:
        line.exec_driver_sql("PRAGMA secure_delete=0")  # as if it did not work; the pool gives this line again
    seen = []
    honest = traces.found

    def noted(file: Path, pieces: Iterable[bytes]) -> int:
        seen.append(honest(file, pieces))
        return seen[-1]

    monkeypatch.setattr(traces, "found", noted)
    erasure.erase(office, AT_THE_SHELL, "E-17", NOW)
    assert seen[0] > 0
    assert seen[1:] == [0, 0]
    assert verify(office).findings == ()


@pytest.mark.usefixtures("door")
def test_bytes_that_stay_all_the_same_are_not_certified(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "found", lambda _file, _pieces: 1)
    with pytest.raises(Refused, match=r"bytes of them are still in hq\.db"):
        erasure.erase(office, AT_THE_SHELL, "E-18", NOW)
    assert papers.every(office, papers.ERASURE) == []


def test_many_erasures_in_a_large_file_leave_nothing(site: Site, office: Office) -> None:
    door = site.door("front")
    for number in range(1_000):
        door.append(check_in(f"E-{number % 20}"))
    for first in range(1, 1_001, 500):
        deliver(office, door, door.batch(first, first + 499))
    for number in range(0, 20, 5):
        mine = bytes_of(office, f"E-{number}")
        assert (
            papers.check(erasure.erase(office, AT_THE_SHELL, f"E-{number}", NOW), office.signing.public)["found"] == 0
        )
        file = (site.root / "hq.db").read_bytes()
        assert not [blob for blob in mine if blob[20:36] in file or blob[-16:] in file]
    assert verify(office).findings == ()


@pytest.mark.usefixtures("door")
def test_an_erasure_on_the_page_takes_two_officers(site: Site, office: Office) -> None:
    accounts_of(site, oki=(Role.OFFICER,), ida=(Role.OFFICER, Role.ADMIN))
    with running(site, program=CHEAP), signed_in(site, "oki") as one, signed_in(site, "ida") as other:
        shown = text_of(one.get("/erasures"))
        assert "Erased at the door E-19" in shown
        assert "The certificate has not come yet." in shown
        assert (4, "E-19") in persons(office)  # a device's word alone erases nobody here
        assert one.get("/erasures/certificate?device=front&id=none").status_code == 404
        assert one.get("/papers?id=none").status_code == 404
        assert one.post("/erasures/ask", data={"code": "E-17"}).headers["location"] == "/erasures"
        (request,) = erasure.waiting(office)
        form = {"request": request.id}
        assert "Waits for another officer" in one.get("/erasures").text
        assert "cannot confirm it" in one.post("/erasures/confirm", data=form).text
        assert len(persons(office)) == 7
        assert "Erase for good" in other.get("/erasures").text
        done = other.post("/erasures/confirm", data=form).headers["location"]
        assert "Note " in other.get(done).text
        assert "E-17" not in {person for _, person in persons(office)}
        body = other.get(f"/papers?id={done.rpartition('=')[2]}")
        assert papers.check(body.text, office.signing.public)["format"] == "ambang.hq-erasure.v1"
        assert "No erasure waits" in other.post("/erasures/confirm", data=form).text
        one.post("/erasures/ask", data={"code": "E-18"})
        (request,) = erasure.waiting(office)
        other.post("/erasures/refuse", data={"request": request.id})
        assert erasure.waiting(office) == ()
        assert "E-18" in {person for _, person in persons(office)}
        log = text_of(other.get("/audit"))
        assert "ida turned down an erasure of E-18" in log
        assert "oki asked to erase of somebody who was erased" in log
        assert "E-17" not in log


@pytest.mark.usefixtures("door")
def test_an_officer_decides_previews_sweeps_and_holds_on_the_page(site: Site, office: Office) -> None:
    accounts_of(site, oki=(Role.OFFICER,))
    with running(site, program=CHEAP), signed_in(site, "oki") as client:
        assert "No period has been decided" in client.get("/retention").text
        assert "No period was decided yet" in client.post("/retention/sweep").text
        for months in ("0", "121", "x", "", "9" * 99):
            assert "1 to 120 months" in client.post("/retention/set", data={"months": months}).text
        assert client.post("/retention/set", data={"months": "12"}).status_code == 303
        client.post("/retention/hold", data={"code": "E-17", "reason": "dispute"})
        seen = text_of(client.post("/retention/sweep", data={"preview": "1"}))
        assert "2 events would go. 2 stay because of a hold." in seen
        assert len(persons(office)) == 7
        client.post("/retention/release", data={"code": "E-17"})
        client.post("/retention/sweep")
        assert "4 events dropped" in client.get("/retention").text
    assert len(persons(office)) == 3


def test_the_commands_print_what_they_did_in_a_form_that_can_be_checked(site: Site, door: Door) -> None:
    assert door.id == "front"

    def told_by(*arguments: str) -> str:
        code, said = hq(*arguments, "--data", site.root)
        assert code == 0
        return said

    told_by("retention", "set", "--months", "12", "--by", "Oki")
    told_by("retention", "hold", "--code", "E-18", "--reason", "dispute 12", "--by", "Oki")
    told = json.loads(told_by("retention", "show", "--json"))
    assert (told["months"], told["holds"][0]["reason"]) == (12, "dispute 12")
    assert json.loads(told_by("retention", "sweep", "--preview"))["would_drop"] == {"front": 3}
    report = told_by("retention", "sweep", "--by", "Oki")
    certificate_text = told_by("erase", "--code", "E-17", "--by", "Oki")
    for text in (report, certificate_text):
        assert papers.check(text, site.public)["hq"] == "ambang-hq/kantor"


def test_an_erasure_at_the_shell_needs_a_name_and_a_code(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, said in (
        (("--code", "E-17"), "--by"),
        (("--code", "", "--by", "Oki"), "An employee code is"),
        (("--code", "E-17", "--by", "Oki"), "There is nothing of this person here."),
    ):
        assert main(["erase", "--data", str(site.root), *arguments]) == 2
        assert said in capsys.readouterr().err
    assert main(["retention", "sweep", "--data", str(site.root)]) == 2
    assert "No period was decided yet" in capsys.readouterr().err


def test_what_a_clock_that_was_never_set_has_stamped_is_as_old_as_its_coming(site: Site, office: Office) -> None:
    door = site.door("no-clock")
    made = check_in("E-30", at=OLD)
    door.append(replace(made, clock=replace(made.clock, state=ClockState.UNSYNCED)))
    door.append(None)
    deliver(office, door)
    assert retention.sweep(office, AT_THE_SHELL, 12, NOW).dropped == ()
    assert persons(office) == [(1, "E-30")]
    assert retention.preview(office, 12, NOW + 400 * DAY).dropped == ((door.id, 1),)


def test_an_erasure_that_is_refused_while_somebody_confirms_it_is_not_done(
    office: Office, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (door.id, "E-17") in {(door.id, person) for _, person in persons(office)}
    request = erasure.ask(office, Actor("a" * 16, "Sari"), "E-17", NOW)
    stale = erasure._asked(office, request)
    erasure.refuse(office, Actor("a" * 16, "Sari"), request, NOW)
    monkeypatch.setattr(erasure, "_asked", lambda _office, _request: stale)
    with pytest.raises(Refused, match="No erasure waits"):
        erasure.confirm(office, Actor("b" * 16, "Budi"), request, NOW)
    assert "E-17" in {person for _, person in persons(office)}
