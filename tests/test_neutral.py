"""Nobody is marked: not for refusing a face, for being refused by a camera, or for coming late (policy KK9, E20)."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from door_script import Screen
from store_kit import CONSENT, PIN, face, new_store

from kiosk import words
from kiosk.__main__ import main
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow.actions import Button
from kiosk.flow.states import NotRecognised
from kiosk.rights import objecting
from kiosk.rights.company import Company
from kiosk.rights.purposes import Purpose
from kiosk.store import Store, face_mode
from kiosk.store.erasure import erase_face
from kiosk.store.face_mode import FaceMode
from kiosk.store.schema import RECORDS, TEMPLATES

ROOT = Path(__file__).parents[1]
RANKS = re.compile(
    r"lateness|times_late|minutes_late|late_minutes|late_count|tard(y|iness)|punctual|leaderboard|ranking|"
    r"rank_(of_)?(people|person)|(people|person)_rank|score_of|person_score|absence|truan|discipline|misconduct|"
    r"count\(.*group by[^;]*person[^;]*order by[^;]*(count|desc)"
)


def refuses(_store: Store, _person: str) -> None:
    """Never had a face."""


def withdraws(store: Store, person: str) -> None:
    store.basis.enrol(person, CONSENT, [face(person, 3)])
    erase_face(store, person)


def switches_off(store: Store, person: str) -> None:
    store.basis.enrol(person, CONSENT, [face(person, 3)])
    face_mode.set_mode(store, person, FaceMode.OFF)


def objects(store: Store, person: str) -> None:
    store.basis.enrol(person, CONSENT, [face(person, 3)])
    objecting.file(store, Company(), person, Purpose.FACE_RECOGNITION, "tidak mau")


@pytest.mark.parametrize("how", [withdraws, switches_off, objects])
def test_who_prefers_no_face_is_listed_as_who_never_had_one(
    tmp_path: Path, how: object, capsys: pytest.CaptureFixture[str]
) -> None:
    store = new_store(tmp_path / "state")
    people = [store.people.add(code, "Sri Wahyuni", pin=PIN) for code in ("E-1", "E-2")]
    refuses(store, people[0])
    assert callable(how)
    how(store, people[1])
    store.close()
    assert main(["people", "list", "--data", str(tmp_path)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.replace("E-1", "E-2") == second
    assert main(["people", "list", "--data", str(tmp_path), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["people"]
    own = {"code", "id", "told"}
    assert {k: v for k, v in rows[0].items() if k not in own} == {k: v for k, v in rows[1].items() if k not in own}
    assert rows[0]["marks"] == ["PIN"]


def refused_faces(count: int) -> Screen:
    screen = Screen()
    screen.on(ev.ButtonTapped(Button.IN))
    for number in range(count):
        if number:
            screen.on(ev.RetryTapped())
        screen.face(ev.NotMatched())
    return screen


def test_repeated_refusals_lead_to_an_offer() -> None:
    first, second = refused_faces(1).state, refused_faces(2).state
    assert isinstance(first, NotRecognised)
    assert isinstance(second, NotRecognised)
    assert (first.pin_forward, second.pin_forward) == (False, True)
    for language in words.LANGUAGES:
        assert words.say(language, "refused.offer") != words.say(language, "refused.text")


def test_a_refused_face_asks_the_store_for_nothing_so_that_nothing_can_be_kept_of_it() -> None:
    screen = refused_faces(3)
    asked = {type(effect) for effect in screen.effects}
    assert asked == {ef.StartLooking, ef.StopLooking}
    assert screen.state.standing.refused_at != (), "times alone, in memory alone, for half a minute"


def test_no_column_has_room_for_a_mark() -> None:
    names = [(table.name, column.name) for table in (*RECORDS, *TEMPLATES) for column in table.columns]
    assert not [pair for pair in names if RANKS.search(pair[1])]
    words_of_marks = re.compile(r"(^|_)(counts?|times|failures|refused|refusals|score|level|trust)(_|$)")
    assert {pair for pair in names if words_of_marks.search(pair[1])} == {
        ("attempts", "failures"),  # of a code that is typed, under a keyed hash, for a day
        ("refused", "times"),  # of messages from headquarters
    }


def spelled(tree: ast.AST) -> Iterator[str]:
    """Every name and every piece of SQL, of a column or of JSON in a file; docstrings and comments are left out."""
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in told:
                yield text
            case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Attribute(attr=name):
                yield name


def test_nothing_in_the_programs_ranks_or_scores_a_person_even_where_conduct_has_a_basis() -> None:
    files = [path for name in ("kiosk", "hq", "sync", "wire") for path in (ROOT / name).rglob("*.py")]
    assert len(files) > 200
    sources = {path: path.read_text(encoding="utf-8") for path in files}
    hits = {
        (path.relative_to(ROOT).as_posix(), text)
        for path, source in sources.items()
        if RANKS.search(source.casefold())
        for text in spelled(ast.parse(source))
        if RANKS.search(text.casefold())
    }
    assert hits == set()
    pages = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "hq" / "templates").glob("*.html"))
    assert not RANKS.search(pages.casefold())


PLANTED = """
def worst(people):
    return sorted(people, key=lambda one: one.minutes_late)
SQL = "SELECT person, count(*) FROM bodies GROUP BY person ORDER BY count(*) DESC"
"""


def test_the_search_for_ranks_finds_them() -> None:
    assert len([text for text in spelled(ast.parse(PLANTED)) if RANKS.search(text.casefold())]) == 2


def test_watching_over_conduct_is_off_unless_the_company_gives_it_a_basis() -> None:
    assert Company().rule(Purpose.CONDUCT) is None
