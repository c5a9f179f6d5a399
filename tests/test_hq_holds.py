"""Held check-ins at HQ: shown as held, exported as held, never as absence; and neutral who has no face (policy E16)."""

import csv
import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hq_desk import EVERY_ROLE, deliver
from hq_site import Door, Site, check_in, clock, found, new_id, now_ms
from sqlalchemy import select

from hq import csv_export, holds, page_attendance, words
from hq.accounts import Account, Standing
from hq.attendance import EVERYTHING, attendance, house_zone
from hq.audit import Actor
from hq.csv_export import COLUMNS
from hq.database import counters, reading
from hq.desk import Form, Visit
from hq.erasure import erase
from hq.office import Office, open_office
from hq.sessions import Visitor
from hq.today import look
from wire.event import Method, Notice, NoticeKind


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return found(tmp_path)


@pytest.fixture
def office(site: Site) -> Iterator[Office]:
    with closing(open_office(site.root)) as opened:
        yield opened


def notice(kind: NoticeKind, person: str) -> Notice:
    return Notice(new_id(), kind, person, now_ms(), clock(), "Kantor")


def visit(office: Office, language: str = "en") -> Visit:
    account = Account("0" * 16, "x", EVERY_ROLE, Standing.ACTIVE, 1)
    return Visit(office, Visitor(account, must_change=False), language, Form({}), now_ms(), house_zone(office))


def page(office: Office, language: str = "en") -> str:
    return bytes(page_attendance._period(visit(office, language), Form({})).body).decode()


def exported(office: Office) -> list[dict[str, str]]:
    text = bytes(page_attendance._export(visit(office)).body).decode()
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def door(site: Site, office: Office) -> Door:
    door = site.door("front", "Depan")
    door.append(check_in("E-2"))
    door.append(notice(NoticeKind.ATTENDANCE_RESTRICTED, "E-1"))
    deliver(office, door)
    return door


def test_who_is_held_is_shown_in_every_language_with_what_not_to_conclude(office: Office, door: Door) -> None:
    for language in words.LANGUAGES:
        shown = page(office, language)
        assert words.say(language, "held_text") in shown, door.id
        assert "E-1" in shown
        assert "Depan" in shown


def test_the_export_has_a_row_for_who_is_held_and_none_once_it_is_over(office: Office, door: Door) -> None:
    first, *others = exported(office)
    assert (first["code"], first["action"], first["method"], first["event"]) == ("E-1", csv_export.HELD, "", "")
    assert (first["door"], first["marking"]) == ("Depan", csv_export.MARK)
    assert [row["code"] for row in others] == ["E-2"]
    door.append(check_in("E-1", method=Method.PIN))
    door.append(notice(NoticeKind.ATTENDANCE_RELEASED, "E-1"))
    deliver(office, door)
    assert sorted((row["code"], row["action"]) for row in exported(office)) == [("E-1", "in"), ("E-2", "in")]
    assert words.say("en", "held") not in page(office)


def test_only_those_who_are_asked_for_are_named(office: Office, door: Door) -> None:
    for asked, seen in ({"person": "e-1"}, 1), ({"person": "E-2"}, 0), ({"door": door.id}, 1), ({"door": "back"}, 0):
        wanted = page_attendance.asked(
            Form({key: [value] for key, value in asked.items()}), now_ms(), house_zone(office)
        )
        assert len(holds.held(office, wanted)) == seen, asked


def test_a_notice_that_comes_late_does_not_hold_again(site: Site, office: Office) -> None:
    door = site.door("front")
    begins, ends = (notice(kind, "E-1") for kind in (NoticeKind.ATTENDANCE_RESTRICTED, NoticeKind.ATTENDANCE_RELEASED))
    door.append(begins)
    door.append(ends)
    whole = door.batch()
    deliver(office, door, whole)
    assert holds.held(office, EVERYTHING) == ()
    with office.engine.begin() as work:  # as if the first had waited beside the queue
        holds.note(work, office, whole.events[:1])
    assert holds.held(office, EVERYTHING) == ()


@pytest.mark.parametrize("where", ["at the door", "at HQ"])
def test_nothing_of_a_hold_outlives_the_person(office: Office, door: Door, where: str) -> None:
    if where == "at HQ":
        erase(office, Actor("a" * 16, "Sari"), "E-1", now_ms())
    else:
        door.append(notice(NoticeKind.ERASED, "E-1"))
        deliver(office, door)
    with reading(office.engine) as view:
        assert view.execute(select(counters.c.name).where(counters.c.name.startswith("held/"))).all() == []
    assert holds.held(office, EVERYTHING) == ()


def test_who_refused_or_withdrew_a_face_looks_like_everybody_who_uses_the_pin(site: Site, office: Office) -> None:
    door = site.door("front", "Depan")
    door.append(notice(NoticeKind.ENROLLED, "E-WITHDREW"))
    door.append(notice(NoticeKind.CONSENT_WITHDRAWN, "E-WITHDREW"))
    door.append(notice(NoticeKind.RESTRICTED, "E-OBJECTED"))
    for person in ("E-NEVER", "E-WITHDREW", "E-OBJECTED"):
        door.append(check_in(person, method=Method.PIN))
    deliver(office, door)
    rows = {row["code"]: row for row in exported(office)}
    own = {"code", "time", "date", "event"}

    def neutral(row: dict[str, str]) -> dict[str, str]:
        return {key: value for key, value in row.items() if key not in own}

    assert neutral(rows["E-NEVER"]) == neutral(rows["E-WITHDREW"]) == neutral(rows["E-OBJECTED"])
    shown = page(office)
    lines = [line.replace("E-WITHDREW", "E-NEVER").replace("E-OBJECTED", "E-NEVER") for line in shown.splitlines()]
    people = [line for line in lines if "E-NEVER" in line]
    assert len(people) == 3
    assert len(set(people)) == 1, "no word, mark or class of its own"
    assert shown.count("flag") == 0
    assert len(attendance(office, EVERYTHING).lines) == len(look(office, now_ms()).lines) == 3


def test_no_column_ranks_or_scores_a_person() -> None:
    marks = ("late", "lateness", "score", "rank", "points", "absence", "absent", "overdue", "punctual", "minutes")
    assert not [column for column in COLUMNS if any(mark in column.split("_") for mark in marks)]
