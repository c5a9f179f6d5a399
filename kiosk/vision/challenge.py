"""Asks for one act at random and says whether it came in time; refuses an act that another face did."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from random import SystemRandom
from typing import Final, Protocol, TypeAlias

LIMIT_S: Final = 4.0
"""Seconds for the act; with the 1.5 s before it fits into the 8 s that the door looks."""
REACTION_S: Final = 0.25
"""What begins sooner after the asking is no answer to it: nobody reads and moves faster."""
GONE_S: Final = 0.35
"""Seconds without a face after which somebody else may stand there."""
CLOSED: Final = 0.80
OPEN: Final = 0.35
"""Probability of closed eyes from which they are closed, and below which they are open; between, the last holds."""
BLINKS: Final = 2
"""One blink comes by itself every few seconds, in a film too; two within the limit seldom do."""
TURNED: Final = 0.30
"""Change of `Quality.yaw` that is a turn: 20 to 25 degrees of the heads that the tests draw (measured)."""
STRAIGHT: Final = 0.15
"""Change of `Quality.yaw` below which the head is where it was."""


class Act(StrEnum):
    """What is asked; left and right are the person's own."""

    BLINK = "blink"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"


class Demand(StrEnum):
    """When a site asks for an act (config recognition.challenge)."""

    NEVER = "never"
    UNDECIDED = "undecided"
    """Of those whom an enforced policy would otherwise send to their PIN."""
    ALWAYS = "always"
    """Of everybody who matches."""


class Answer(StrEnum):
    """How a challenge ended."""

    PASSED = "passed"
    TOO_LATE = "too_late"
    WRONG_WAY = "wrong_way"
    OTHER_FACE = "other_face"
    """The face went away, or one that does not look like the one that matched was there."""


class Chance(Protocol):
    """Where the choice comes from; `random.SystemRandom` at a door."""

    def choice(self, seq: tuple[Act, ...], /) -> Act:
        """Choose one."""


SYSTEM: Final[Chance] = SystemRandom()


@dataclass(frozen=True, slots=True)
class Seen:
    """One frame during a challenge.

    Attributes:
        taken_at: seconds. yaw: as `Quality.yaw`. closed: probability of closed eyes, NaN when unknown.
        alike: whether the probe looks like the face that matched; None where the frame has no probe.
        strange: whether it looks so little like it that no turn of the head explains it.
    """

    taken_at: float
    yaw: float
    closed: float
    alike: bool | None
    strange: bool = False


@dataclass(frozen=True, slots=True)
class Challenge:
    """An act that was asked for.

    Attributes:
        act: which.
        asked_at: when. yaw: where the head was then.
        half_acts: eyes that closed or opened, or a head that turned or came back: how many of these in their order.
        confirmed: whether the matched face was seen, looking as at first, since the last of them.
        seen_at: newest frame with a face.
    """

    act: Act
    asked_at: float
    yaw: float
    half_acts: int
    confirmed: bool
    seen_at: float

    @property
    def progress(self) -> float:
        """How much of the act is done, 0..1."""
        return min(1.0, self.half_acts / _needed(self.act))


Step: TypeAlias = Challenge | Answer


def asked(now: float, yaw: float, closed: float, chance: Chance = SYSTEM) -> Challenge:
    """Ask for an act by chance; never for a blink of eyes that look closed, or that nobody can see, before it."""
    turns = (Act.TURN_LEFT, Act.TURN_RIGHT)
    act = chance.choice((Act.BLINK, *turns) if closed < OPEN else turns)
    return Challenge(act, now, yaw, half_acts=0, confirmed=False, seen_at=now)


def step(challenge: Challenge, seen: Seen | None, now: float) -> Step:
    """Take one frame into account; `seen` is None when it shows no face or more than one.

    Returns:
        The challenge as it is now, or how it ended.
    """
    if now - challenge.seen_at > GONE_S:
        return Answer.OTHER_FACE
    if now - challenge.asked_at > LIMIT_S:
        return Answer.TOO_LATE
    if seen is None:
        return challenge
    turned = seen.yaw - challenge.yaw
    if seen.strange or (seen.alike is False and abs(turned) < TURNED):
        return Answer.OTHER_FACE
    if _wrong_way(challenge.act, turned):
        return Answer.WRONG_WAY
    current = replace(challenge, seen_at=now)
    if now - challenge.asked_at >= REACTION_S and _moves(challenge, seen, turned):
        current = replace(current, half_acts=challenge.half_acts + 1, confirmed=False)
    if seen.alike and abs(turned) < STRAIGHT:
        current = replace(current, confirmed=True)
    done = current.half_acts >= _needed(challenge.act)
    return Answer.PASSED if done and current.confirmed else current


def _needed(act: Act) -> int:
    return 2 * BLINKS if act is Act.BLINK else 2


def _moves(challenge: Challenge, seen: Seen, turned: float) -> bool:
    """Whether this frame completes the next half of the act."""
    away = challenge.half_acts % 2 == 0
    if challenge.act is Act.BLINK:
        return seen.closed >= CLOSED if away else seen.closed <= OPEN
    return abs(turned) >= TURNED if away else abs(turned) < STRAIGHT


def _wrong_way(act: Act, turned: float) -> bool:
    """A nose that goes to the image's right is a head that turns to its own left."""
    if abs(turned) < TURNED or math.isnan(turned):
        return False
    return act is Act.BLINK or (turned > 0) is not (act is Act.TURN_LEFT)
