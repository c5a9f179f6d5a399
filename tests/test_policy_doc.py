"""The table of the two policies is held against the tests: no clause is missing, and no claim stands on nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from policy_rows import CLAUSES, HEAD, MOST_ROWS, PROMISES, ROOT, known_tests, not_run, wrong_with
from ran import Ran

ROWS = [clause + letter for clause in CLAUSES for letter in "abcdefgh"[: PROMISES.get(clause, 0)] or ("",)]
SOURCES = {
    "test_one.py": """
import pytest

def test_it_works() -> None: ...

@pytest.mark.parametrize("x", [1])
async def test_it_works_with_each(x): ...

@pytest.mark.long
def test_it_works_for_hours() -> None: ...

@pytest.mark.skip(reason="not here")
def test_it_was_skipped() -> None: ...

@pytest.mark.skipif(False, reason="where there is no browser")
def test_it_works_in_a_browser() -> None: ...

class TestOfOne:
    def test_it_works_in_a_class(self) -> None: ...
""",
    "test_two.py": """
import pytest
pytestmark = [pytest.mark.long, pytest.mark.timeout(9)]

def test_a_whole_file_is_long() -> None: ...
""",
    "kit.py": "def test_this_is_no_test_file(): ...",
}


def page(change: Callable[[list[str]], None] = lambda _: None) -> str:
    """A table without a fault; `change` spoils its lines, of which the first two are the head."""
    lines = [f"| {' | '.join(HEAD)} |", "|---|---|---|---|---|"]
    lines += [f"| {row} | asks | does; `kiosk x` | - | `test_row_{row.replace('.', '_')}` |" for row in ROWS]
    change(lines)
    return "# The two policies\n\nText.\n\n" + "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tests")
    for name, text in SOURCES.items():
        (place / name).write_text(text)
    rows = "".join(f"def test_row_{row.replace('.', '_')}() -> None: ...\n" for row in ROWS)
    (place / "test_rows.py").write_text(rows)
    return place


def replaced(number: int, before: str, after: str) -> Callable[[list[str]], None]:
    def change(lines: list[str]) -> None:
        assert before in lines[number]
        lines[number] = lines[number].replace(before, after)

    return change


def dropped(number: int) -> Callable[[list[str]], None]:
    return lambda lines: lines.remove(lines[number])


def doubled(number: int) -> Callable[[list[str]], None]:
    return lambda lines: lines.append(lines[number])


def everywhere(lines: list[str]) -> None:
    lines[2:] = [line.replace("` |", "`, `test_it_works` |") for line in lines[2:6]] + lines[6:]


def test_a_whole_table_has_no_fault(folder: Path) -> None:
    assert wrong_with(page(), known_tests(folder)) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (dropped(2), "KK1 has no row"),
        (dropped(3), "KK2a has no row"),
        (dropped(2 + ROWS.index("E4.2b")), "E4.2b has no row"),
        (doubled(3), "KK2a has 2 rows"),
        (replaced(2, "| KK1 |", "| KK1a |"), "KK1a is no clause"),
        (replaced(2, "| KK1 |", "| KK77 |"), "KK77 is no clause"),
        (replaced(2, "does; `kiosk x`", ""), "KK1 does not say: what works"),
        (replaced(2, "| - |", "| |"), "KK1 does not say: the company's part"),
        (replaced(2, "does;", "Partly: does;"), "KK1 is not done"),
        (replaced(2, "does;", "not yet"), "KK1 is not done"),
        (replaced(2, "`test_row_KK1`", "tested by hand"), "KK1 names no test"),
        (replaced(2, "test_row_KK1", "test_row_KK0"), "KK1 names test_row_KK0, which does not exist"),
        (replaced(2, "test_row_KK1", "test_this_is_no_test_file"), "KK1 names test_this_is_no_test_file, which does"),
        (replaced(2, "test_row_KK1", "test_it_works_for_hours"), "KK1 names test_it_works_for_hours, which a change"),
        (replaced(2, "test_row_KK1", "test_it_was_skipped"), "KK1 names test_it_was_skipped, which a change does"),
        (replaced(2, "test_row_KK1", "test_a_whole_file_is_long"), "KK1 names test_a_whole_file_is_long, which a"),
        (replaced(2, " | - | ", " | "), "KK1 has 4 cells"),
        (replaced(0, "clause", "state"), "a head is id, state, what works, the company's part, tests"),
        (everywhere, f"test_it_works is named for {MOST_ROWS + 1} rows"),
    ],
)
def test_every_fault_of_a_table_is_named(folder: Path, change: Callable[[list[str]], None], fault: str) -> None:
    faults = wrong_with(page(change), known_tests(folder))
    assert [one for one in faults if one.startswith(fault)], faults


def test_what_a_change_runs_is_told_apart_by_its_marks(folder: Path) -> None:
    found = {name: [place.tried for place in places] for name, places in known_tests(folder).items()}
    assert found["test_it_works"] == found["test_it_works_with_each"] == found["test_it_works_in_a_class"] == [True]
    assert found["test_it_works_in_a_browser"] == [True], "the run itself tells whether there was one"
    assert found["test_it_works_for_hours"] == found["test_it_was_skipped"] == [False]
    assert found["test_a_whole_file_is_long"] == [False]
    assert "test_this_is_no_test_file" not in found


def test_every_promise_of_the_policies_has_a_row_and_every_test_it_names_is_one_that_a_change_runs() -> None:
    assert wrong_with((ROOT / "docs" / "policy.md").read_text(encoding="utf-8"), known_tests(ROOT / "tests")) == []


def test_every_fault_of_the_real_page_would_be_seen() -> None:
    text, tests = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8"), known_tests(ROOT / "tests")
    name = "test_a_request_is_due_after_72_hours"
    without = "\n".join(line for line in text.splitlines() if not line.startswith("| E16b |"))
    assert wrong_with(without, tests) == ["E16b has no row"]
    renamed = {("test_something_else" if each == name else each): places for each, places in tests.items()}
    assert wrong_with(text, renamed) == [f"E13a names {name}, which does not exist"]
    often = text.replace("| `test_", f"| `{name}`, `test_", 4)
    assert wrong_with(often, tests) == [f"{name} is named for 5 rows"]


def test_our_own_tests_are_found() -> None:
    found = known_tests(Path(__file__).parent)
    assert len(found) > 1_000
    assert found["test_our_own_tests_are_found"][0].file == "test_policy_doc.py"


def test_a_run_says_which_of_the_named_tests_it_did_not_run() -> None:
    ran = [f"tests/test_rows.py::test_row_{row.replace('.', '_')}[x-1]" for row in ROWS]
    assert not_run(page(), ran) == []
    assert not_run(page(), ran[1:]) == ["test_row_KK1"]


def test_a_run_writes_down_what_has_passed(tmp_path: Path) -> None:
    heard = Ran(tmp_path / "ran")
    for name, when, outcome in (
        ("test_good", "setup", "passed"),
        ("test_good", "call", "passed"),
        ("test_bad", "call", "failed"),
        ("test_left", "setup", "skipped"),
        ("test_left", "teardown", "passed"),
    ):
        place = (f"{name}.py", 1, name)
        heard.pytest_runtest_logreport(
            pytest.TestReport(f"a.py::{name}", place, {}, outcome, None, when)  # type: ignore[arg-type]
        )
    heard.pytest_sessionfinish()
    assert (tmp_path / "ran").read_text() == "a.py::test_good\n"
