"""Numbers of people that give nobody away (policy E2): counted together or not at all; refuses a small group.

Where one part of a whole is small, the other part and the whole would give it away by subtraction: then none is shown.
"""

from dataclasses import dataclass
from typing import Final

LEAST: Final = 5
"""A group of fewer people is never counted out."""


@dataclass(frozen=True, slots=True)
class Parts:
    """How many people there are, and of how many a property holds; None where that would point at somebody."""

    whole: int | None
    with_it: int | None
    without: int | None


def parts(whole: int, with_it: int) -> Parts:
    """Suppress what is small.

    Args:
        whole: how many people, 0 or more.
        with_it: of how many of them the property holds.
    """
    without = whole - with_it
    if whole < LEAST:
        return Parts(None, None, None)
    if min(with_it, without) < LEAST:  # also 0: that nobody, or everybody, has it is a word about each
        return Parts(whole, None, None)
    return Parts(whole, with_it, without)
