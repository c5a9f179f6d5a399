"""Whether a roster may take people from the door by itself, or an administrator is asked; refuses to guess a reason."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FIFTH: Final = 5
"""One in so many may leave without an administrator's yes (20 %)."""
DAY_LEAST: Final = 5
"""From so many within a day on, several small rosters count like one."""
DAY_MS: Final = 86_400_000


class Why(StrEnum):
    """Why a roster is held."""

    EVERYONE = "everyone"
    MORE_THAN_A_FIFTH = "more_than_a_fifth"
    MORE_THAN_A_FIFTH_IN_A_DAY = "more_than_a_fifth_in_a_day"


@dataclass(frozen=True, slots=True)
class Loss:
    """What a roster would take away.

    Attributes:
        known: people of the roster who may use the door, or are suspended, before it.
        removed: how many of them it removes.
        lately: how many were removed within the last day before it, without an administrator's yes.
    """

    known: int
    removed: int
    lately: int = 0


def objection(loss: Loss) -> Why | None:
    """Why an administrator has to agree first; None if nobody has to.

    One single person may always leave, unless nobody would be left: in an office of four that is more than a fifth,
    and somebody who has left must not wait for an administrator to be kept out.
    """
    if loss.removed and loss.removed >= loss.known:
        return Why.EVERYONE
    if loss.removed > 1 and loss.removed * FIFTH > loss.known:
        return Why.MORE_THAN_A_FIFTH
    return Why.MORE_THAN_A_FIFTH_IN_A_DAY if loss.removed and many_in_a_day(loss) else None


def objection_of_enrolled(loss: Loss) -> Why | None:
    """The same question about those alone who have a face or a PIN here, which no roster can give anybody.

    Else names that were brought only to make the number larger would let everybody who is real go. One single person
    may leave, also the only one.
    """
    if loss.removed > 1 and loss.removed * FIFTH > loss.known:
        return Why.MORE_THAN_A_FIFTH
    return Why.MORE_THAN_A_FIFTH_IN_A_DAY if loss.removed and many_in_a_day(loss) else None


def many_in_a_day(loss: Loss) -> bool:
    """Whether what goes now and what went lately is more than a fifth, though each for itself may be less."""
    day = loss.removed + loss.lately
    return day >= DAY_LEAST and day * FIFTH > loss.known + loss.lately
