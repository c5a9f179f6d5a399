"""Weighs the frames of one attempt until they make a decision; refuses to decide on fewer than three that agree."""

from collections import deque
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from kiosk.vision.embed import Embedding
from kiosk.vision.gallery import Gallery, Match, MatchDecision, NearMatch, NoMatch, NoMatchReason, mean_embedding
from kiosk.vision.liveness import Bounds, Liveness, Policy, Verdict, allows
from kiosk.vision.presentation import Appearance, judge

AGREE: Final = 3
"""Frames in a row whose best person is the same (recognition.md, decision), and which show one face."""
SAME_FACE: Final = 0.50
"""Least cosine, not centred, of two frames' probes that may be one person's. Within 1.5 s the sample film's frames of
one person stay above 0.81, those of two people below 0.45 (measured)."""
WINDOW_S: Final = 1.5
"""Seconds within which they agree; a refusal waits for so long, in case a better frame comes."""
REMEMBERED_S: Final = 8.0
"""Seconds of one face in which a film that comes round again is looked for: as long as the door looks."""


@dataclass(frozen=True, slots=True)
class Look:
    """One usable frame: when it was taken, its probe, its liveness (0..1, NaN without). RAM only.

    Attributes:
        appearance: what the other layers compare; none where only the score speaks.
    """

    taken_at: float
    embedding: Embedding
    liveness: float
    appearance: Appearance | None = None

    @property
    def seen(self) -> Appearance:
        """What the layers judge: at least the score."""
        return self.appearance or Appearance(self.taken_at, self.liveness)


@dataclass(frozen=True, slots=True)
class Finding:
    """A decision with the liveness, of the very frames that decided, that was AND-ed into it.

    Attributes:
        match: what the decision was before that, if it was a match: a challenge may yet let it stand.
    """

    decision: MatchDecision
    liveness: Liveness
    match: Match | None = None


class Evidence:
    """The usable frames of one attempt, at most 1.5 s old.

    Args:
        gallery: against whom.
        policy: what a liveness verdict may do.
        bounds: where liveness scores become verdicts.
    """

    def __init__(self, gallery: Gallery, policy: Policy, bounds: Bounds) -> None:
        self._gallery = gallery
        self._policy = policy
        self._bounds = bounds
        self._looks: deque[tuple[Look, str]] = deque()
        self._whole: deque[Appearance] = deque()
        self._first: float | None = None
        self._attack: Liveness | None = None

    @property
    def attacked(self) -> Finding | None:
        """What an attack that was seen in this attempt makes of it: no later frame lifts it, and no other face."""
        return None if self._attack is None else Finding(NoMatch(NoMatchReason.ATTACK), self._attack)

    def add(self, look: Look) -> Finding | None:
        """Add a usable frame, and return the finding when there is one.

        A match stands as soon as three frames agree. Anything less is said only once 1.5 s of usable frames went by.

        Raises:
            GalleryRefused: when the probe must not be compared.
        """
        self._first = look.taken_at if self._first is None else self._first
        nearest = self._gallery.nearest(look.embedding)
        if nearest is None:
            return Finding(NoMatch(NoMatchReason.EMPTY), self._bounds.judge([look.liveness]))
        if self._looks and not _alike(self._looks[-1][0].embedding, look.embedding):
            self._whole.clear()
        self._whole.append(look.seen)
        while look.taken_at - self._whole[0].taken_at > REMEMBERED_S:
            self._whole.popleft()
        self._looks.append((look, nearest.person if nearest.clear else ""))
        while look.taken_at - self._looks[0][0].taken_at > WINDOW_S:
            self._looks.popleft()
        ended = look.taken_at - self._first >= WINDOW_S and len(self._looks) >= AGREE
        finding = self._weigh(ended=ended)
        return finding if ended or isinstance(finding.decision, Match) else None

    def ripe(self, now: float) -> bool:
        """Whether a frame taken at `now` seconds is likely to decide: the third one, or the end of the wait."""
        late = self._first is not None and now - self._first >= WINDOW_S
        return late or len(self._looks) == AGREE - 1

    def clear(self) -> None:
        """Forget every frame, but no attack: the person may have changed."""
        self._looks.clear()
        self._whole.clear()
        self._first = None

    def _weigh(self, *, ended: bool) -> Finding:
        """Decide on what was seen; only a match, or what will be said, is worth the layers' time."""
        newest = self._looks[-1][1]
        agreeing = self._agreeing()
        if len(agreeing) < AGREE:
            return Finding(NoMatch(NoMatchReason.UNKNOWN), self._bounds.judge([]))
        decision = self._gallery.decide(mean_embedding([look.embedding for look in agreeing]))
        if not newest and isinstance(decision, Match | NearMatch):
            decision = NoMatch(NoMatchReason.AMBIGUOUS)
        match = decision if isinstance(decision, Match) else None
        if match is None and not ended:
            return Finding(decision, self._bounds.judge([]))
        liveness = judge([look.seen for look in reversed(agreeing)], self._whole, self._bounds)
        if match is None or allows(self._policy, liveness.verdict):
            return self.attacked or Finding(decision, liveness, match)
        if liveness.verdict is Verdict.ATTACK:
            self._attack = self._attack or liveness
        return self.attacked or Finding(NearMatch(), liveness, match)

    def _agreeing(self) -> list[Look]:
        """The newest frames in a row, newest first, that have one best person and show one face."""
        newest, person = self._looks[-1]
        return [
            look
            for look, _ in takewhile(
                lambda pair: pair[1] == person and _alike(pair[0].embedding, newest.embedding), reversed(self._looks)
            )
        ]


def _alike(one: Embedding, other: Embedding) -> bool:
    return float(one.vector @ other.vector) >= SAME_FACE
