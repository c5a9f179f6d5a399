"""What one version of a notice says that another did not, sentence by sentence; refuses nothing."""

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache
from typing import Final

from wire.notice import Words

_SENTENCES: Final = 200
"""Of one paragraph; a longer one is compared as a whole: anybody may ask, and comparing takes time."""
_ALL: Final = 2_000
"""Of one notice; of a longer one paragraphs are compared as a whole."""
_END: Final = re.compile(r"(?<=[.!?;:])\s+|\n")


class Change(StrEnum):
    """What happened to a sentence."""

    KEPT = "kept"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence and what happened to it."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A paragraph that is not what it was; `heading` is the newer one."""

    heading: str
    pieces: tuple[Piece, ...]


@lru_cache(maxsize=64)
def differences(before: Words, after: Words) -> tuple[Changed, ...]:
    """The paragraphs that changed, were added or removed, in the order of the newer version."""
    old, new = before.paragraphs, after.paragraphs
    most = _SENTENCES if max(_count(old), _count(new)) <= _ALL else 0
    found: list[Changed] = []
    if before.title != after.title:
        found.append(Changed("", tuple(_whole(before.title, after.title))))
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            found += _paragraphs(list(old[old_from:old_to]), list(new[new_from:new_to]), most)
    return tuple(found)


def _count(paragraphs: Iterable[tuple[str, str]]) -> int:
    return sum(len(_END.findall(text)) + 1 for _, text in paragraphs)


def _paragraphs(old: list[tuple[str, str]], new: list[tuple[str, str]], most: int) -> Iterator[Changed]:
    """Paragraphs of one heading are compared with each other; what is left was removed or added."""
    left: defaultdict[str, deque[str]] = defaultdict(deque)
    for heading, text in old:
        left[heading].append(text)
    for heading, text in new:
        before = left[heading].popleft() if left[heading] else None
        if before is None:
            yield Changed(heading, (Piece(Change.ADDED, text),))
        elif before != text:
            yield Changed(heading, tuple(_sentences(before, text, most)))
    for heading, texts in left.items():
        yield from (Changed(heading, (Piece(Change.REMOVED, text),)) for text in texts)


def _sentences(before: str, after: str, most: int) -> Iterator[Piece]:
    old, new = _END.split(before), _END.split(after)
    if max(len(old), len(new)) > most:
        yield from _whole(before, after)
        return
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece(Change.KEPT, " ".join(new[new_from:new_to]))
            continue
        if old_from < old_to:
            yield Piece(Change.REMOVED, " ".join(old[old_from:old_to]))
        if new_from < new_to:
            yield Piece(Change.ADDED, " ".join(new[new_from:new_to]))


def _whole(before: str, after: str) -> Iterator[Piece]:
    yield Piece(Change.REMOVED, before)
    yield Piece(Change.ADDED, after)
