"""The `kiosk` commands that the pages name, as words; refuses to run any: they are read and taken apart."""

import re
import shlex
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).parents[1] / "docs"
PAGES: Final = (
    "dpo", "notice", "basis", "requests", "corrections", "registers", "desk-people", "assessment", "breach",
    "documents", "trips", "policy", "admin", "hr", "limitations", "threat-model",
)  # fmt: skip
_FENCE: Final = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN: Final = re.compile(r"`(kiosk [^`]+)`")


def text(page: str) -> str:
    """One page of docs/."""
    return (DOCS / f"{page}.md").read_text(encoding="utf-8")


def blocks(page: str) -> tuple[str, ...]:
    """What stands in its code blocks."""
    return tuple(found[1] for found in _FENCE.finditer(text(page)))


def lines(page: str) -> tuple[str, ...]:
    """The commands of its code blocks, each on one line, as they are written there."""
    joined = (block.replace("\\\n", " ") for block in blocks(page))
    return tuple(line for block in joined for line in block.splitlines() if line.startswith("kiosk "))


def named(page: str) -> Iterator[str]:
    """The same, and every command that a sentence or a table names."""
    yield from (re.split(r"\s+#|(?<=\S)\s{3,}(?=[a-z])", line)[0] for line in lines(page))
    yield from (found[1].replace("\\|", "|") for found in _SPAN.finditer(_FENCE.sub("", text(page))))


def verb(command: str) -> tuple[str, ...]:
    """The words before the first that is an option, a place or a value: `kiosk privacy notice show`."""
    return tuple(takewhile(lambda word: re.fullmatch(r"[a-z][a-z-]*", word), command.replace(",", " ,").split()))


def options(command: str) -> frozenset[str]:
    """Every option that it names."""
    return frozenset(re.findall(r"(?<![\w-])--[a-z][a-z-]*", command))


def typed(line: str) -> list[str]:
    """A line as a shell hands it to the program, without the name of the program and what a `>` turns away."""
    words = shlex.split(line, comments=True)
    return words[1 : words.index(">") if ">" in words else None]
