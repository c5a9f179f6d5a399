"""What is different between two versions of the notice, section by section; refuses to hide a line that went."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from kiosk.rights import blocks
from kiosk.rights.editions import Text


@dataclass(frozen=True, slots=True)
class Change:
    """One section in which something is different.

    Attributes:
        section: its heading.
        before: the lines that are gone.
        now: the lines that are new.
    """

    section: str
    before: tuple[str, ...]
    now: tuple[str, ...]


def changes(before: Text, after: Text) -> tuple[Change, ...]:
    """Every section that differs, in the order of the newer version; sections that are gone come last."""
    old, new = _sections(before), _sections(after)
    found = (_compared(section, old.get(section, ()), new.get(section, ())) for section in {**new, **old})
    return tuple(each for each in found if each.before or each.now)


def _sections(text: Text) -> dict[str, tuple[str, ...]]:
    return {heading: tuple(said.splitlines()) for heading, said in blocks.paragraphs(text.blocks)}


def _compared(section: str, before: tuple[str, ...], now: tuple[str, ...]) -> Change:
    gone: list[str] = []
    come: list[str] = []
    for kind, first, last, begin, end in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        if kind != "equal":
            gone += before[first:last]
            come += now[begin:end]
    return Change(section, tuple(gone), tuple(come))
