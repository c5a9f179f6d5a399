"""`kiosk-sync dead` and its audit: what a person may do about an event that is set aside, and what nobody may."""

import json
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from punch_kit import PAIRS, Life, Remote
from sync_day import status
from sync_house import House, house
from test_csv_drop import rows

from sync.__main__ import main
from sync.contract import Punch, Rejected, Result, Why
from sync.delivery import Reason
from sync.exchange import Exchange
from sync.journal import Journal
from wire.event import Action, CheckIn, Correction, Method

NOBODY = "018f0000-0000-7000-8000-000000000001"
TWO = ("--by", "first", "--second", "second", "--reason", "seen on the camera of the lobby")
ONE = ("--by", "first", "--reason", "written into the payroll by hand")


@pytest.fixture
def life(quick_place: Path, tmp_path: Path) -> Iterator[Life]:
    folder = quick_place / tmp_path.name
    folder.mkdir()
    made = Life(folder, Remote())
    yield made
    made.stop()


Said = Callable[..., tuple[int, Any]]


@pytest.fixture
def dead(life: Life, capsys: pytest.CaptureFixture[str]) -> Said:
    """Run `dead`; returns the exit status and what was said, as JSON or as text."""
    (life.folder / "drop").mkdir()
    names = ("name", "category", "purpose", "country", "ground", "evidence", "date")
    register = "".join(f'{name} = "x"\n' for name in names)
    config = life.folder / "sync.toml"
    config.write_text(
        f'device = "door-1"\ndevice_public = "{life.door.key.public.hex()}"\nexchange = "door/exchange.db"\n'
        f'exchange_key = "door/exchange.key"\njournal = "sync.db"\n[csv]\nfolder = "drop"\n[recipient]\n{register}'
    )

    def run(*arguments: str, command: str = "dead") -> tuple[int, Any]:
        capsys.readouterr()
        done = main([command, *arguments, "--config", str(config), "--json"])
        said = capsys.readouterr()
        return done, json.loads(said.out) if said.out else said.err

    return run


def refused(life: Life, *codes: str, why: Why = Why.UNKNOWN_EMPLOYEE) -> list[str]:
    life.remote.mood = lambda one, _: Rejected(one.event_id, why, "no")
    made = life.check_in(*codes)
    life.work()
    life.remote.mood = life.remote.take
    return made


def test_the_list_shows_what_a_person_needs_to_decide(life: Life, dead: Said) -> None:
    (made,) = refused(life, "E-17")
    done, said = dead("list")
    assert done == 0
    (letter,) = said["letters"]
    assert (letter["event"], letter["reason"], letter["detail"], letter["tries"]) == (made, "unknown_employee", "no", 1)
    assert (letter["new"]["employee"], letter["new"]["action"], letter["new"]["zone"]) == ("E-17", "in", "Asia/Jakarta")


def test_a_retried_letter_is_asked_for_before_it_is_sent_again(life: Life, dead: Said) -> None:
    (made,) = refused(life, "E-17")
    assert dead("retry", made)[0] == 0
    life.pass_by(180_000)
    life.work()
    assert life.remote.asked == life.stored() == [made]
    assert dead("list")[1]["letters"] == []


def test_a_mapped_letter_goes_under_the_code_that_the_backend_knows(life: Life, dead: Said) -> None:
    first, second, other = refused(life, "old code", "old code", "someone")
    assert dead("map", first, "--to", "NEW-1", "--all")[1]["said"].startswith("2 changed")
    assert b"NEW-1" not in (life.folder / "sync.db").read_bytes()
    life.pass_by(180_000)
    life.work()
    assert [(one.event_id, one.event.person) for one in life.remote.rows] == [(first, "NEW-1"), (second, "NEW-1")]
    assert [one["event"] for one in dead("list")[1]["letters"]] == [other]


def test_a_claimed_check_in_is_sent_once_somebody_has_looked(life: Life, dead: Said) -> None:
    (made,) = refused(life, "E-17", why=Why.REVIEW)
    assert dead("approve", made, "--by", "first")[0] == 0
    life.pass_by(180_000)
    life.work()
    assert [(one.event_id, one.reviewed) for one in life.remote.rows] == [(made, True)]
    (other,) = refused(life, "E-18")
    assert dead("approve", other) == (
        1,
        "only review and clock_doubtful can be approved; this one is unknown_employee\n",
    )


def test_a_correction_needs_a_reason_and_two_people(life: Life, dead: Said) -> None:
    (made,) = refused(life, "E-17", why=Why.MISSING_CHECKOUT)
    same = ("--by", "Somebody", "--second", " somebody ", "--reason", "r")
    assert dead("correct", made, "--action", "out", *same)[0] == 1
    assert dead("correct", made, *TWO)[0] == 1
    for time in ("yesterday", "2026-01-01T08:00:00", "2999-01-01T08:00:00+07:00"):
        assert dead("correct", made, "--time", time, *TWO)[0] == 1
    with pytest.raises(SystemExit) as usage:
        dead("correct", made, "--action", "out", "--by", "first")
    assert usage.value.code == 2
    assert dead("correct", made, "--action", "out", "--time", "2026-01-01T08:00:00+07:00", *TWO) == (
        0,
        {"said": "1 changed, and tried again", "letters": []},
    )
    life.pass_by(180_000)
    life.work()
    (row,) = life.remote.rows
    assert isinstance(row.event, CheckIn)
    assert (row.event.action, row.event.occurred_at) == (Action.OUT, 1_767_229_200_000)
    assert row.event.method is Method.FACE
    (act,) = dead("audit")[1]["letters"]
    assert (act["act"], act["by"], act["second"], act["event"]) == ("correct", "first", "second", made)
    assert act["what"] == "action=out, time=2026-01-01T08:00:00+07:00"


def test_what_a_person_has_taken_over_lets_the_others_be_forgotten(life: Life, dead: Said) -> None:
    first, second = refused(life, "EMPLOYEE-4711", "B")
    out = life.folder / "for-hr.json"
    assert dead("discard", first, *ONE)[0] == 0
    assert dead("export", "--out", str(out))[0] == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    (exported,) = json.loads(out.read_text())["events"]
    assert (exported["id"], exported["reason"], exported["event"]["data"]["person"]) == (
        second,
        "unknown_employee",
        "B",
    )
    assert life.exchange.unsettled().events == 0
    assert life.exchange.inbox(0)[-1].body == b'{"size": 2}'
    assert [one["act"] for one in dead("audit")[1]["letters"]] == ["discard", "export"]
    stored = b"".join(file.read_bytes() for file in life.folder.glob("sync.db*"))
    assert b"4711" not in stored
    assert b"payroll" not in stored
    life.stop()
    life.start()
    life.work()
    assert life.remote.rows == []


def test_a_file_that_is_there_already_is_not_overwritten_and_nothing_counts_as_exported(life: Life, dead: Said) -> None:
    refused(life, "A")
    out = life.folder / "out.json"
    out.write_text("kept")
    done, said = dead("export", "--out", str(out))
    assert done == 1
    assert "already" in said
    assert out.read_text() == "kept"
    assert len(dead("list")[1]["letters"]) == 1


@pytest.mark.parametrize("act", [("retry",), ("map", "--to", "X"), ("approve",), ("discard", *ONE)])
def test_an_event_that_is_not_set_aside_is_left_alone(life: Life, dead: Said, act: tuple[str, ...]) -> None:
    life.remote.mood = life.remote.down
    (waiting,) = life.check_in("A")
    life.work()
    for event in (waiting, NOBODY, "no id at all"):
        done, said = dead(act[0], event, *act[1:])
        assert done == 1
        assert "no dead letter" in said
    assert dead("audit")[1]["letters"] == []


def test_a_correction_that_is_nobodys_row_is_shown_with_old_and_new(life: Life, dead: Said) -> None:
    (old,) = life.check_in("E-17")
    life.work()
    entry = _correction(life, old)
    life.remote.mood = lambda one, _: Rejected(one.event_id, Why.NOT_HELD, "correction")
    life.work()
    life.pass_by(2 * 3_600_000)
    life.work()  # what it corrects is wiped by now
    (letter,) = dead("list")[1]["letters"]
    assert letter["event"] == entry
    assert (letter["old"]["action"], letter["new"]["action"], letter["new"]["refers_to"]) == ("in", "out", old)


def _correction(life: Life, old: str) -> str:
    from sync_house import BOOT  # noqa: PLC0415 - beside its only use

    from sync.exchange import OutboxEntry  # noqa: PLC0415
    from wire.event import Clock, ClockState, clear, uuid7  # noqa: PLC0415
    from wire.sealed import Context, seal  # noqa: PLC0415
    from wire.spine import body_digest, commitment, link  # noqa: PLC0415

    door = life.door
    door.seq += 1
    event_id = uuid7(life.wall + 1, bytes(10))
    clock = Clock("Asia/Jakarta", 1, BOOT, ClockState.SYNCED, 0)
    said = clear(Correction(event_id, "E-17", old, Action.OUT, life.wall, clock, Method.PIN, "HQ"), "door-1")
    row = link(door.head, door.seq, commitment(bytes(16), said), body_digest(said))
    door.head = row.h
    context = Context(store="door-1", table="outbox", column="event", row=str(door.seq))
    life.hand_over(
        [OutboxEntry(row, event_id, seal(door.exchange_key, bytes(16) + said, context, kid=b"EXCH"))], door.note()
    )
    return event_id


def test_a_letter_sent_through_the_command_arrives_in_the_folder(life: Life, dead: Said) -> None:
    (made,) = refused(life, "E-17")
    life.stop()
    assert dead("map", made, "--to", "E-18")[0] == 0
    done, said = dead(command="once")
    assert (done, said["waiting"], said["state"]) == (0, 0, "ok")
    (file,) = (life.folder / "drop").glob("*.csv")
    assert [(row["event_id"], row["employee_code"]) for row in rows(file)] == [(made, "E-18")]
    done, said = dead(command="status")
    assert (said["backend"], said["level"], said["dead"], said["oldest_pending_s"]) == ("csv", "green", 0, None)
    assert said["events"] == {"settled": 1}
    assert dead(command="preflight") == (0, {"usable": True, "remarks": []})
    (life.folder / "drop").rename(life.folder / "gone")
    done, said = dead(command="preflight")
    assert (done, said["remarks"][0]["code"]) == (1, "folder_missing")
    life.start()


def test_a_person_behind_a_letter_of_a_pair_goes_on_after_it_was_discarded(quick_place: Path, tmp_path: Path) -> None:
    folder = quick_place / tmp_path.name
    folder.mkdir()
    life = Life(folder, Remote(PAIRS))
    poison, later = life.check_in("A", "A")

    def act(one: Punch, now: int) -> Result:
        return Rejected(poison, Why.OVERLAP, "no") if one.event_id == poison else life.remote.take(one, now)

    life.remote.mood = act
    life.work()
    assert life.remote.rows == []
    config = folder / "sync.toml"
    names = ("name", "category", "purpose", "country", "ground", "evidence", "date")
    register = "".join(f'{name} = "x"\n' for name in names)
    config.write_text(
        f'device = "door-1"\ndevice_public = "{life.door.key.public.hex()}"\nexchange = "door/exchange.db"\n'
        f'exchange_key = "door/exchange.key"\njournal = "sync.db"\n[csv]\nfolder = "drop"\n[recipient]\n{register}'
    )
    assert main(["dead", "discard", poison, *ONE, "--config", str(config)]) == 0
    life.work()
    assert life.stored() == [later]
    life.stop()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as made:
        yield made


def test_letters_to_headquarters_can_be_retried_exported_and_discarded(
    home: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home.door.check_in(3, local_every=100)
    first, second, third = home.door.ids
    with closing(Exchange.open(home.door.path)) as exchange:
        exchange.park(home.door.ids, Reason.FIELD_REJECTED)
        with closing(Journal.open(home.door.folder / "sync.db", "door-1", home.door.exchange_key)) as journal:
            journal.set_aside(home.door.ids, Reason.FIELD_REJECTED, 1_800_000_000_000)
        config = ("--config", str(home.config))
        assert main(["dead", "list", *config]) == 0
        assert "3 set aside" in capsys.readouterr().out
        assert main(["dead", "map", first, "--to", "X", *config]) == 1
        assert main(["dead", "retry", first, *config]) == 0
        assert main(["dead", "discard", second, *ONE, *config]) == 0
        assert main(["dead", "export", third, "--out", str(tmp_path / "out.json"), *config]) == 0
        assert exchange.parked() == ()
        assert exchange.unsettled().events == 1
        assert main(["once", *config]) == 0
        assert list(home.hq.stored) == [first]
        assert exchange.unsettled().events == 0
        assert [one.kind for one in exchange.inbox(0)] == ["receipt", "sending"]
        home.hq.beside = status("405 Method Not Allowed")  # an HQ that has no messages
        assert main(["preflight", *config]) == 0
        home.hq.beside = status("403 Forbidden")
        assert main(["preflight", *config]) == 1
