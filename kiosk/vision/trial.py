"""Runs one challenge over the frames of the face that matched; refuses to turn a refusal into a match."""

from dataclasses import dataclass, field
from typing import Final

from kiosk.vision import challenge
from kiosk.vision.challenge import Act, Answer, Challenge, Chance, Demand, Seen
from kiosk.vision.evidence import SAME_FACE, Finding, Look
from kiosk.vision.gallery import NearMatch, NoMatch, NoMatchReason
from kiosk.vision.liveness import Bounds, Layer, Liveness, Opinion, Policy, Verdict, allows
from kiosk.vision.presentation import Appearance, judge
from kiosk.vision.quality import Instruction

ASKED: Final = {
    Act.BLINK: Instruction.BLINK,
    Act.TURN_LEFT: Instruction.TURN_LEFT,
    Act.TURN_RIGHT: Instruction.TURN_RIGHT,
}
STRANGE: Final = 0.30
"""Cosine below which no turn of the head explains the difference: somebody else does the act. Heads that the tests draw
keep 0.57 or more up to 35 degrees, 0.40 at 40 (measured); of two people of the film most pairs lie below."""
_MOST_FRAMES: Final = 150


@dataclass(frozen=True, slots=True)
class Rule:
    """When this door asks for an act, and what decides which.

    Attributes:
        demand: of whom. policy: what verdicts may do here. bounds: of the score. chance: chooses the act.
    """

    demand: Demand = Demand.UNDECIDED
    policy: Policy = Policy.CLEAR_ATTACK
    bounds: Bounds = field(default_factory=Bounds)
    chance: Chance = challenge.SYSTEM

    def asks(self, finding: Finding) -> bool:
        """Whether an act is asked for: only of a face that matched, and that was not refused already."""
        verdict = finding.liveness.verdict
        undecided = verdict is Verdict.UNDECIDED
        if finding.match is None or not (undecided or allows(self.policy, verdict)):
            return False
        if self.demand is Demand.ALWAYS:
            return True
        return self.demand is Demand.UNDECIDED and self.policy is Policy.ENFORCE and undecided


class Trial:
    """One challenge; the act is chosen when it is made.

    Args:
        rule: of this door.
        finding: the match that waits for the act.
        last: the frame on which it was found.
        closed: probability that the eyes were closed on it, NaN when unknown.
        yaw: as `Quality.yaw`, on it.
    """

    def __init__(self, rule: Rule, finding: Finding, last: Look, closed: float, yaw: float) -> None:
        self._rule = rule
        self._finding = finding
        self._probe = last.embedding
        self._before = last.appearance
        self._frames: list[Appearance] = []
        self._end: Finding | None = None
        self._challenge: Challenge = challenge.asked(last.taken_at, yaw, closed, rule.chance)

    @property
    def instruction(self) -> Instruction:
        """What the screen asks."""
        return ASKED[self._challenge.act]

    def without(self, now: float) -> Finding | None:
        """Take a frame into account that shows no face, or two."""
        return self._step(None, now)

    def add(self, look: Look, yaw: float, closed: float) -> Finding | None:
        """Take a frame into account, and return the finding once the challenge has ended."""
        if look.appearance is not None and len(self._frames) < _MOST_FRAMES:
            self._frames.append(look.appearance)
        cosine = float(look.embedding.vector @ self._probe.vector)
        seen = Seen(look.taken_at, yaw, closed, alike=cosine >= SAME_FACE, strange=cosine < STRANGE)
        return self._step(seen, look.taken_at)

    def _step(self, seen: Seen | None, now: float) -> Finding | None:
        if self._end is None:
            after = challenge.step(self._challenge, seen, now)
            if isinstance(after, Challenge):
                self._challenge = after
            else:
                self._end = self._ended(after)
        return self._end

    def _ended(self, answer: Answer) -> Finding:
        before = self._finding.liveness
        frames = self._frames if self._before is None else [self._before, *self._frames]
        during = judge(frames, frames, self._rule.bounds)
        refusals = [each for each in during.opinions if each.verdict in (Verdict.ATTACK, Verdict.INPUT_REJECTED)]
        refused = bool(refusals) and self._rule.policy is not Policy.SIGNAL
        passed = answer is Answer.PASSED and not refused
        act = Opinion(Layer.CHALLENGE, Verdict.BONA_FIDE if passed else Verdict.UNDECIDED)
        if passed and self._finding.match is not None:
            # The one thing that an act may lift is doubt; what only a signal may say is recorded as it was.
            if refusals or before.verdict is not Verdict.UNDECIDED:
                return Finding(self._finding.match, Liveness.of(before.score, (*before.opinions, act, *refusals)))
            return Finding(self._finding.match, Liveness(before.score, Verdict.BONA_FIDE, (*before.opinions, act)))
        liveness = Liveness.of(before.score, (*before.opinions, act, *refusals))
        attack = refused and liveness.verdict is Verdict.ATTACK
        return Finding(NoMatch(NoMatchReason.ATTACK) if attack else NearMatch(), liveness)
