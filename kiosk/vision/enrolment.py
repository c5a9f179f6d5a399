"""Chooses the references of a new person and tries them; refuses what is too little, not one face, or near many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, TypeAlias

import numpy as np

from kiosk.config import Recognition
from kiosk.vision.arrays import Floats
from kiosk.vision.embed import Embedding
from kiosk.vision.gallery import REFERENCES_A_PERSON, Gallery, Match, ReferenceLike, mean_embedding
from kiosk.vision.lookalikes import Likeness, Resemblance, resemblance
from kiosk.vision.manifest import Pack
from kiosk.vision.quality import Instruction, Quality

POSE_S: Final = 6.0
"""Seconds that a pose is asked for; one that does not come is left out: not everybody can turn their head."""
GLASSES_S: Final = 4.0
"""Seconds to take glasses off, or to put them on, before the camera takes pictures."""
LOOKED: Final = 8
"""Usable frames of a pose of which the best are kept; a little over a second at the rate of a small computer."""
BEST: Final = 3
"""Shots kept of each pose."""
LEAST: Final = 3
"""Fewer shots of one face make no reference: the measured error rates are those of a mean of three."""
TURNED: Final = 0.25
"""Least yaw of a turned head (see Quality.yaw), from this person's own straight look."""
TURNED_MOST: Final = 0.90
FRONTAL: Final = 0.40
"""Most yaw of a face that looks into the camera: the sample film's six frontal people lie within 0.33 (measured)."""
SELF_SIMILAR: Final = 0.55
"""Least cosine, not centred, of a shot and the mean of the others. Measured on the sample film: at least 0.89 for one
person's frames while walking up, below 0.45 for two people's."""
PROBES: Final = 3
"""Fresh frames of the trial, as many as must agree at the door."""
TRIAL_S: Final = 6.0
"""Seconds for three good frames of the trial; without them there is no trial, and nobody is enrolled."""


class Pose(StrEnum):
    """What the person is asked for, in this order; left and right are their own."""

    FRONTAL = "frontal"
    LEFT = "left"
    RIGHT = "right"
    GLASSES = "glasses"

    def fits(self, yaw: float, straight: float) -> bool:
        """Say whether a head turned so far is in this pose, for somebody whose straight look measures `straight`."""
        match self:
            case Pose.LEFT:
                return TURNED <= yaw - straight <= TURNED_MOST
            case Pose.RIGHT:
                return TURNED <= straight - yaw <= TURNED_MOST
            case _:
                return abs(yaw) <= FRONTAL


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One good picture of a face, without the picture. RAM only."""

    embedding: Embedding = field(repr=False)
    quality: Quality


@dataclass(frozen=True, slots=True)
class Prompt:
    """What to say to the person now.

    Attributes:
        pose: what they are asked for; none in the trial.
        instruction: the one defect of the last picture, or none.
        progress: how far the pose is, 0 to 1.
    """

    pose: Pose | None
    instruction: Instruction | None = None
    progress: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Capturing:
    """A guided capture under way.

    Attributes:
        plan: the poses still to come, the one asked for first.
        since: when it was asked for, monotonic seconds.
        taken: usable shots of this pose, best first.
        seen: how many usable frames of this pose there were.
        shots: what is kept of the poses before.
        missed: poses that did not come.
    """

    plan: tuple[Pose, ...]
    since: float
    taken: tuple[Shot, ...] = ()
    seen: int = 0
    shots: tuple[Shot, ...] = ()
    missed: tuple[Pose, ...] = ()

    @property
    def straight(self) -> float:
        """Yaw of the best straight look so far: no face measures exactly 0."""
        return self.shots[0].quality.yaw if self.shots and Pose.FRONTAL not in self.missed else 0.0


Seen: TypeAlias = Instruction | Shot
"""One frame: the defect that makes it useless, or a shot."""


def begin(now: float, *, glasses: bool = False) -> Capturing:
    """Begin a capture: straight, left, right, and with glasses the other way if asked for."""
    poses = tuple(pose for pose in Pose if glasses or pose is not Pose.GLASSES)
    return Capturing(poses, now)


def step(state: Capturing, seen: Seen, now: float) -> tuple[Capturing, Prompt | None]:
    """Answer one frame.

    Args:
        state: with a plan that is not empty.
        seen: what the frame gave.
        now: monotonic seconds, when the frame was taken.

    Returns:
        The next state, whose plan is empty when the capture is over, and what to say; nothing when it is over.
    """
    pose, instruction = state.plan[0], seen if isinstance(seen, Instruction) else None
    waits = pose is Pose.GLASSES and now - state.since < GLASSES_S
    if isinstance(seen, Shot) and not waits and pose.fits(seen.quality.yaw, state.straight):
        best = sorted((*state.taken, seen), key=lambda shot: -shot.quality.goodness)[:BEST]
        state = replace(state, taken=tuple(best), seen=state.seen + 1)
    allowed = POSE_S + (GLASSES_S if pose is Pose.GLASSES else 0.0)
    if state.seen >= LOOKED or now - state.since >= allowed:
        missed = state.missed if state.taken else (*state.missed, pose)
        state = Capturing(state.plan[1:], now, shots=(*state.shots, *state.taken), missed=missed)
    if not state.plan:
        return state, None
    return state, Prompt(state.plan[0], instruction, state.seen / LOOKED)


@dataclass(frozen=True, slots=True, eq=False)
class Trying:
    """The fresh looks of a trial under way.

    Attributes:
        since: when the first was asked for, monotonic seconds.
        found: the good ones.
    """

    since: float
    found: tuple[Embedding, ...] = field(default=(), repr=False)


def step_trial(state: Trying, seen: Seen, now: float) -> tuple[Trying, Prompt | None]:
    """Answer one frame of a trial; there is nothing to say once there are enough looks, or no time is left."""
    if isinstance(seen, Shot):
        state = replace(state, found=(*state.found, seen.embedding))
    if len(state.found) >= PROBES or now - state.since >= TRIAL_S:
        return state, None
    return state, Prompt(None, seen if isinstance(seen, Instruction) else None, len(state.found) / PROBES)


class Refusal(StrEnum):
    """Why nobody was enrolled; each asks for another picture."""

    TOO_FEW = "too_few"
    WOLF = "wolf"
    TRIAL = "trial"


@dataclass(frozen=True, slots=True, eq=False)
class Enrolled:
    """Who can be enrolled.

    Attributes:
        shots: 3 to 5 diverse references, the best first.
        set_aside: how many were not like the others.
        resemblance: a duplicate is for a human to judge before anything is stored.
    """

    shots: tuple[Shot, ...]
    set_aside: int
    resemblance: Resemblance


@dataclass(frozen=True, slots=True)
class Site:
    """By what the trial decides: the pack's space and dimension, the store's rotation, the site's scores."""

    model: str
    dimension: int
    rotation: Floats | None = field(default=None, repr=False)
    threshold: float = 0.50
    near: float = 0.43
    margin: float = 0.05

    @classmethod
    def of(cls, pack: Pack, rotation: Floats | None, rule: Recognition) -> "Site":
        """The site with this pack and these settings."""
        return cls(pack.embedding_space, pack.dimension, rotation, rule.threshold, rule.near, rule.margin)


def judge(
    person: str, shots: Sequence[Shot], probes: Sequence[Embedding], known: Iterable[ReferenceLike], site: Site
) -> Enrolled | Refusal:
    """Choose references among shots and try them.

    Args:
        person: id of the one who is enrolled; an earlier enrolment of theirs does not count.
        shots: as taken.
        probes: fresh looks at the same person, none of them among the shots.
        known: everybody's references as the store gives them, turned.
        site: see Site.
    """
    kept = alike_among_themselves(shots)
    if len(kept) < LEAST or not probes:
        return Refusal.TOO_FEW
    chosen = diverse(kept, REFERENCES_A_PERSON)
    others = [reference for reference in known if reference.person != person]
    template = mean_embedding([shot.embedding for shot in chosen])
    before = _gallery(others, site)
    found = resemblance(before.persons, before.scores(template), person, before.alike)
    if found.likeness is Likeness.WOLF:
        return Refusal.WOLF
    new = [_Turned(person, _turned(shot.embedding.vector, site.rotation), site.model) for shot in chosen]
    if not recognised(_gallery([*others, *new], site), person, probes):
        return Refusal.TRIAL
    return Enrolled(chosen, len(shots) - len(kept), found)


def alike_among_themselves(shots: Sequence[Shot]) -> tuple[Shot, ...]:
    """Set aside, one after the other, the shot least like the mean of the others, until all are alike."""
    kept = list(shots)
    while len(kept) > 1:
        vectors = np.stack([shot.embedding.vector for shot in kept])
        rest = vectors.sum(axis=0) - vectors
        lengths = np.maximum(np.linalg.norm(rest, axis=1), np.float32(1e-6))
        likeness = (vectors * rest).sum(axis=1) / lengths
        worst = int(likeness.argmin())
        if likeness[worst] >= SELF_SIMILAR:
            break
        del kept[worst]
    return tuple(kept)


def diverse(shots: Sequence[Shot], most: int) -> tuple[Shot, ...]:
    """Choose up to `most` shots: the best first, then always the one farthest from all chosen."""
    order = sorted(shots, key=lambda shot: -shot.quality.goodness)
    vectors = np.stack([shot.embedding.vector for shot in order])
    chosen = [0]
    nearest = vectors @ vectors[0]
    while len(chosen) < min(most, len(order)):
        nearest[chosen] = 2.0
        chosen.append(int(nearest.argmin()))
        nearest = np.maximum(nearest, vectors @ vectors[chosen[-1]])
    return tuple(order[i] for i in chosen)


def recognised(gallery: Gallery, person: str, probes: Sequence[Embedding]) -> bool:
    """Say whether fresh probes agree on this person and their mean matches; a look-alike is tried beside their PIN."""
    tried = gallery.claimed(person) if person in gallery.lookalikes else gallery
    best = {None if nearest is None else nearest.person for nearest in map(tried.nearest, probes)}
    decision = tried.decide(mean_embedding(probes))
    return best == {person} and isinstance(decision, Match) and decision.person == person


@dataclass(frozen=True, slots=True, eq=False)
class _Turned:
    person: str
    vector: Floats = field(repr=False)
    model: str


def _gallery(references: Iterable[ReferenceLike], site: Site) -> Gallery:
    return Gallery.build(
        references,
        site.model,
        site.dimension,
        rotation=site.rotation,
        threshold=site.threshold,
        near=site.near,
        margin=site.margin,
    )


def _turned(vector: Floats, rotation: Floats | None) -> Floats:
    return vector if rotation is None else np.ascontiguousarray(rotation @ vector, np.float32)
