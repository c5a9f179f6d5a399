"""Reads the table of the two policies and says what is wrong with it; with a list of what ran, which tests did not.

`pytest --ran FILE` writes such a list, one test that passed a line; `python tests/policy_rows.py FILE` compares.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase

ROOT = Path(__file__).parents[1]
CLAUSES = (
    *(f"KK{number}" for number in range(1, 17)),
    *("E2", "E3", "E4.1", "E4.2"),
    *(f"E{number}" for number in range(5, 31)),
)
PROMISES: Mapping[str, int] = {
    "KK2": 3, "KK4": 4, "KK5": 3, "KK6": 4, "KK7": 2, "KK8": 5, "KK9": 2, "KK10": 3, "KK11": 2, "KK12": 2, "KK13": 2,
    "KK14": 2, "KK15": 2, "KK16": 2, "E2": 3, "E4.1": 2, "E4.2": 3, "E7": 4, "E8": 3, "E9": 2, "E11": 4, "E12": 3,
    "E13": 4, "E14": 3, "E15": 4, "E16": 3, "E17": 2, "E18": 3, "E19": 4, "E20": 4, "E22": 5, "E23": 4, "E24": 3,
    "E25": 4, "E26": 4, "E27": 5, "E28": 3, "E29": 6,
}  # fmt: skip
"""A clause that promises several things has a row for each: a, b, c ...; every other one has a single row."""
HEAD = ("id", "clause", "what works", "the company's part", "tests")
MOST_ROWS = 3
"""So many rows may one test speak for; one that is named everywhere proves nothing in particular."""
NOT_TRIED = frozenset({"long", "skip", "xfail"})
"""Marks of a test that a change does not run, or whose failure nobody sees."""
_ID = re.compile(r"((?:KK|E)\d+(?:\.\d+)?)([a-z]?)")
_TEST = re.compile(r"`(test_\w+)`")


@dataclass(frozen=True, slots=True)
class Row:
    """One promise of a clause: what works, what is the company's part, the tests that would fail if it did not."""

    id: str
    clause: str
    works: str
    company: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A test function in a file; `tried`: a change runs it."""

    file: str
    tried: bool


def rows_of(text: str) -> tuple[tuple[str, ...], ...]:
    """Every line of a table as its cells; `\\|` in a cell is no border."""
    lines = (line.strip() for line in text.splitlines() if line.lstrip().startswith("|"))
    cut = (tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]) for line in lines)
    return tuple(cells for cells in cut if not all(re.fullmatch(r":?-+:?", cell) for cell in cells))


def wrong_with(text: str, tests: Mapping[str, tuple[Found, ...]]) -> list[str]:
    """Every fault of the page as a sentence, nothing if there is none.

    Args:
        text: of docs/policy.md.
        tests: name of each test to where it is, as `known_tests` finds them.
    """
    table = [cells for cells in rows_of(text) if _ID.fullmatch(cells[0]) or cells[0] == "id"]
    found, faults = [], []
    for cells in table:
        if cells[0] == "id":
            faults += [] if cells == HEAD else [f"a head is {', '.join(cells)}"]
        elif len(cells) != len(HEAD):
            faults.append(f"{cells[0]} has {len(cells)} cells")
        else:
            found.append(Row(cells[0], cells[1], cells[2], cells[3], tuple(_TEST.findall(cells[4]))))
    return [*faults, *_clauses(found), *(fault for row in found for fault in _row(row, tests)), *_everywhere(found)]


def _clauses(rows: Iterable[Row]) -> Iterator[str]:
    counted = Counter(row.id for row in rows)
    wanted = [clause + letter for clause in CLAUSES for letter in ascii_lowercase[: PROMISES.get(clause, 0)] or ("",)]
    yield from (f"{one} has no row" for one in wanted if not counted[one])
    yield from (f"{one} has {number} rows" for one, number in counted.items() if number > 1)
    yield from (f"{one} is no clause" for one in counted if one not in wanted)


def _row(row: Row, tests: Mapping[str, tuple[Found, ...]]) -> Iterator[str]:
    empty = [name for name, cell in zip(HEAD[1:4], (row.clause, row.works, row.company), strict=True) if not cell]
    yield from (f"{row.id} does not say: {name}" for name in empty)
    if re.match(r"(?i)(partly|not yet)\b", row.works):
        yield f"{row.id} is not done"
    if not row.tests:
        yield f"{row.id} names no test"
    for test in row.tests:
        if not (places := tests.get(test, ())):
            yield f"{row.id} names {test}, which does not exist"
        elif not any(place.tried for place in places):
            yield f"{row.id} names {test}, which a change does not run"


def _everywhere(rows: Iterable[Row]) -> Iterator[str]:
    named = Counter(test for row in rows for test in set(row.tests))
    yield from (f"{test} is named for {number} rows" for test, number in named.items() if number > MOST_ROWS)


def known_tests(folder: Path) -> dict[str, tuple[Found, ...]]:
    """Every test function beneath a folder by its name, read and not run."""
    found: dict[str, tuple[Found, ...]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        all_of_it = _marks(_assigned(tree, "pytestmark"))
        inside = (node for part in tree.body if isinstance(part, ast.ClassDef) for node in part.body)
        for node in (*tree.body, *inside):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                tried = not (_marks(node.decorator_list) | all_of_it) & NOT_TRIED
                found[node.name] = (*found.get(node.name, ()), Found(path.name, tried))
    return found


def _assigned(tree: ast.Module, name: str) -> list[ast.expr]:
    return [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name for one in node.targets)
    ]


def _marks(nodes: Iterable[ast.expr]) -> set[str]:
    """The names x of every `pytest.mark.x` in decorators, alone or in a list."""
    return {
        part.attr
        for node in nodes
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Attribute) and part.value.attr == "mark"
    }


def not_run(text: str, ran: Iterable[str]) -> list[str]:
    """The tests that the page names and that have not passed in a run."""
    passed = {line.rpartition("::")[2].partition("[")[0].strip() for line in ran}
    return sorted({test for cells in rows_of(text) for test in _TEST.findall(cells[-1])} - passed)


if __name__ == "__main__":
    page = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    missing = not_run(page, Path(sys.argv[1]).read_text(encoding="utf-8").splitlines())
    sys.stdout.write("".join(f"did not run: {test}\n" for test in missing))
    sys.exit(1 if missing else 0)
