"""Looks at the newest frame until an attempt has its decision; refuses to decide about two faces at once."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeAlias

from kiosk.faults import Fault
from kiosk.vision import micro_motion
from kiosk.vision.arrays import Image
from kiosk.vision.camera import Camera, Frame
from kiosk.vision.capture import LOST_AFTER_S, Capture
from kiosk.vision.challenge import Demand
from kiosk.vision.detect import Box, DetectedFace, several
from kiosk.vision.embed import Embedding
from kiosk.vision.evidence import Evidence, Finding, Look
from kiosk.vision.gallery import Gallery, Match, MatchDecision
from kiosk.vision.liveness import Bounds, Liveness, Policy, complete
from kiosk.vision.presentation import Appearance
from kiosk.vision.quality import Instruction, Quality
from kiosk.vision.track import Sight
from kiosk.vision.trial import Rule, Trial

LOG: Final = logging.getLogger("ambang.vision")
GUIDE_EVERY_S: Final = 0.4
"""An instruction stays at least so long, so that a person can read it."""


@dataclass(frozen=True, slots=True)
class Guidance:
    """What to ask of the person in front, for this attempt; said when it changes."""

    attempt: int
    instruction: Instruction


@dataclass(frozen=True, slots=True)
class Decision:
    """The end of an attempt.

    Attributes:
        attempt: the number given to `look`.
        decision: who, or why nobody.
        frame_to_decision_s: seconds from the last frame leaving the camera to this.
        liveness: of the frames that decided; already AND-ed into the decision.
    """

    attempt: int
    decision: MatchDecision
    frame_to_decision_s: float
    liveness: Liveness


@dataclass(frozen=True, slots=True)
class CameraLost:
    """No usable frame for 2.5 s; it is being opened again."""


@dataclass(frozen=True, slots=True)
class CameraBack:
    """Frames come again."""


Outcome: TypeAlias = Guidance | Decision | CameraLost | CameraBack
Watcher: TypeAlias = "Callable[[Networks | None, Frame], bool]"
"""Looks at one frame for something else than a decision, with the networks if there are any; true when it is over."""


class Networks(Protocol):
    """What the recogniser needs of a pipeline; `pipeline.Pipeline` says what each gives."""

    def detect(self, image: Image) -> tuple[DetectedFace, ...]:
        """Find faces, largest first."""

    def place(self, image: Image, box: Box) -> DetectedFace:
        """Place the landmarks of the face that is in a box."""

    def quality(self, image: Image, face: DetectedFace) -> tuple[Quality, Image]:
        """Measure a face and cut it out, aligned."""

    def embed(self, crop: Image) -> Embedding:
        """Embed an aligned face."""

    def liveness(self, image: Image, face: DetectedFace) -> float:
        """Give the probability of a live face, NaN when unknown."""

    def eyes_closed(self, image: Image, face: DetectedFace) -> float:
        """Give the probability of closed eyes, NaN when unknown."""


class Recogniser:
    """Two threads: one reads the camera, one looks at its newest frame while an attempt runs.

    Args:
        camera_factory: opens the camera; called again whenever it was lost.
        pipeline: the networks, or none when the model is missing: then there is a preview and no decision.
        gallery: against whom; may be replaced by `set_gallery`.
        on_frame: gets every frame for the preview, on the camera's thread; must return at once and not write into it.
        on_outcome: gets every outcome, on one of the threads; must return at once.
        policy: what a liveness verdict may do.
        bounds: where liveness scores become verdicts.
        demand: of whom a random act is asked.
        lost_after_s: tests wait less.
    """

    def __init__(  # noqa: PLR0913 - each is a seam of its own
        self,
        camera_factory: Callable[[], Camera],
        pipeline: Networks | None,
        gallery: Gallery | None,
        on_frame: Callable[[Frame], None],
        on_outcome: Callable[[Outcome], None],
        *,
        policy: Policy = Policy.CLEAR_ATTACK,
        bounds: Bounds | None = None,
        demand: Demand = Demand.UNDECIDED,
        lost_after_s: float = LOST_AFTER_S,
    ) -> None:
        self._pipeline = pipeline
        self._gallery = gallery
        self._claimable = gallery
        self._on_frame = on_frame
        self._on_outcome = on_outcome
        self._policy = policy
        self._bounds = bounds or Bounds()
        self._rule = Rule(demand, policy, self._bounds)
        self._wake = threading.Condition()
        self._newest: Frame | None = None
        self._number: int | None = None
        self._claimed: str | None = None
        self._attempt: _Attempt | None = None
        self._watcher: Watcher | None = None
        self._stopping = False
        self._capture = Capture(
            camera_factory,
            self._frame,
            lambda: on_outcome(CameraLost()),
            lambda: on_outcome(CameraBack()),
            lost_after_s,
        )
        self._thread = threading.Thread(target=self._run, name="ambang-recogniser", daemon=True)

    def start(self) -> None:
        """Open the camera and start both threads."""
        with self._wake:
            if self._number is None:
                self._capture.idle()
        self._capture.start()
        self._thread.start()

    def look(self, attempt: int, claimed: str | None = None) -> None:
        """Begin an attempt; a running one ends without a decision.

        Args:
            attempt: comes back with every outcome.
            claimed: the id of the one person to compare with, who gave code and PIN; none to look for anybody.
        """
        with self._wake:
            self._forget()
            self._number, self._claimed = attempt, claimed
            self._capture.hurry()
            self._wake.notify()

    def attend(self, number: int, watcher: Watcher) -> None:
        """Give every newest frame to a watcher, on the recogniser's thread, until it says that it is over.

        Args:
            number: of the attempt, which ends the one before.
            watcher: must return within the time of a frame; a Fault that it raises leaves that frame out.
        """
        with self._wake:
            self._forget()
            self._number, self._watcher = number, watcher
            self._capture.hurry()
            self._wake.notify()

    def rest(self) -> None:
        """End the attempt without a decision, and forget what was seen; the preview goes on."""
        with self._wake:
            self._forget()

    def set_gallery(self, gallery: Gallery | None, claimable: Gallery | None = None) -> None:
        """Use another gallery, at once: a decision under way starts over with it.

        Args:
            gallery: among whom somebody is looked for.
            claimable: with whom a person is compared who gave code and PIN, where those are more; else the same.
        """
        with self._wake:
            self._gallery, self._claimable = gallery, gallery if claimable is None else claimable
            self._attempt = None

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Stop both threads and close the camera; false when a camera's driver hangs and its thread was left behind."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        ended = self._capture.stop(timeout_s)
        self._thread.join(timeout_s)
        return ended and not self._thread.is_alive()

    def _frame(self, frame: Frame) -> None:
        self._on_frame(frame)
        with self._wake:
            if self._number is not None:
                self._newest = frame
                self._wake.notify()

    def _forget(self) -> None:
        """No frame and no probe outlives its attempt."""
        self._number, self._claimed, self._attempt, self._newest, self._watcher = None, None, None, None, None
        self._capture.idle()

    def _against(self) -> Gallery | None:
        """Against whom the attempt compares."""
        if self._claimed is None or self._claimable is None:
            return self._gallery
        return self._claimable.claimed(self._claimed)

    def _next(self) -> "tuple[_Attempt | Watcher, Frame] | None":
        """Wait for the newest frame that somebody wants; none when it is time to stop."""
        with self._wake:
            while not self._stopping:
                # No name here may hold an attempt while this waits: what it saw must end with it.
                if self._newest is not None and self._wanted() is not None:
                    return self._taken()
                self._wake.wait()
            return None

    def _taken(self) -> "tuple[_Attempt | Watcher, Frame] | None":
        wanted, frame, self._newest = self._wanted(), self._newest, None
        return None if wanted is None or frame is None else (wanted, frame)

    def _wanted(self) -> "_Attempt | Watcher | None":
        """Who wants the next frame: a watcher, or an attempt once there is a gallery."""
        if self._watcher is not None or self._number is None or self._pipeline is None:
            return self._watcher
        gallery = self._against()
        if self._attempt is None and gallery is not None:
            self._attempt = _Attempt(self._number, Evidence(gallery, self._policy, self._bounds), self._rule)
        return self._attempt if gallery is not None else None

    def _run(self) -> None:
        while self._looked():
            pass

    def _looked(self) -> bool:
        """Look at one frame; false when it is time to stop."""
        given = self._next()
        if given is None:
            return False
        wanted, frame = given
        try:
            if isinstance(wanted, _Attempt):
                self._tried(wanted, frame)
            elif wanted(self._pipeline, frame):
                self._over(wanted)
        except Fault as fault:
            LOG.warning("a frame was left out: %s", fault.code.value)
        return True

    def _tried(self, attempt: "_Attempt", frame: Frame) -> None:
        if self._pipeline is None:
            return
        outcome = attempt.step(self._pipeline, frame)
        if isinstance(outcome, Decision):
            outcome = attempt.sure(self._pipeline, frame, outcome)
        if outcome is not None and self._still(attempt, ends=isinstance(outcome, Decision)):
            self._on_outcome(outcome)

    def _over(self, watcher: Watcher) -> None:
        with self._wake:
            if self._watcher is watcher:
                self._forget()

    def _still(self, attempt: "_Attempt", *, ends: bool) -> bool:
        """Whether an outcome is still wanted; one that ends the attempt also stops the looking."""
        with self._wake:
            wanted = self._attempt is attempt
            if wanted and ends:
                self._forget()
            return wanted


class _Attempt:
    """One attempt's evidence and the instruction shown last; used by the recogniser's thread alone."""

    def __init__(self, number: int, evidence: Evidence, rule: Rule) -> None:
        self.number = number
        self._evidence = evidence
        self._sight = Sight()
        self._rule = rule
        self._trial: Trial | None = None
        self._said: Instruction | None = None
        self._said_at = 0.0

    def step(self, pipeline: Networks, frame: Frame) -> Guidance | Decision | None:
        """Look at one frame."""
        faces = self._sight.faces(pipeline, frame, detect=self._evidence.ripe(frame.taken_at))
        instruction = counted(faces)
        if self._trial is not None:
            return self._tried(self._trial, pipeline, frame, faces if instruction is None else ())
        if instruction is not None:
            return self._nobody(instruction, frame)
        quality, crop = pipeline.quality(frame.image, faces[0])
        if quality.defect is not None:
            return self._say(quality.defect, frame.taken_at)
        look = looked(pipeline, frame, faces[0], crop)
        finding = self._evidence.add(look)
        if finding is None:
            return self._say(Instruction.HOLD_STILL if look.seen.complete else Instruction.BACK, frame.taken_at)
        if self._rule.asks(finding):
            closed = pipeline.eyes_closed(frame.image, faces[0])
            self._trial = Trial(self._rule, finding, look, closed, quality.yaw)
            self._said = None
            return self._say(self._trial.instruction, frame.taken_at)
        return self._decided(finding, frame)

    def _nobody(self, instruction: Instruction, frame: Frame) -> Guidance | Decision | None:
        """Begin again without a face; whoever takes an attack away is answered at once, and it counts."""
        if (finding := self._evidence.attacked) is not None:
            return self._decided(finding, frame)
        self._evidence.clear()
        return self._say(instruction, frame.taken_at)

    def _tried(
        self, trial: Trial, pipeline: Networks, frame: Frame, faces: tuple[DetectedFace, ...]
    ) -> Guidance | Decision | None:
        """Look at one frame of a challenge; a face that turns is not asked to look here."""
        if faces:
            quality, crop = pipeline.quality(frame.image, faces[0])
            closed = pipeline.eyes_closed(frame.image, faces[0])
            finding = trial.add(looked(pipeline, frame, faces[0], crop), quality.yaw, closed)
        else:
            finding = trial.without(frame.taken_at)
        return self._say(trial.instruction, frame.taken_at) if finding is None else self._decided(finding, frame)

    def _decided(self, finding: Finding, frame: Frame) -> Decision:
        return Decision(self.number, finding.decision, time.monotonic() - frame.taken_at, finding.liveness)

    def sure(self, pipeline: Networks, frame: Frame, decision: Decision) -> Guidance | Decision | None:
        """Let a match stand if the detector, too, sees the one face in its frame, else begin anew; a refusal stands."""
        faces = self._sight.confirmed(pipeline, frame) if isinstance(decision.decision, Match) else None
        if faces is not None:
            self._evidence.clear()
            self._trial = None
            return self._say(counted(faces) or Instruction.HOLD_STILL, frame.taken_at)
        passed = time.monotonic() - frame.taken_at
        LOG.info("attempt %d ended as %s after %.0f ms", self.number, type(decision.decision).__name__, passed * 1000)
        return replace(decision, frame_to_decision_s=passed)

    def _say(self, instruction: Instruction, now: float) -> Guidance | None:
        if instruction is self._said or (self._said is not None and now - self._said_at < GUIDE_EVERY_S):
            return None
        self._said, self._said_at = instruction, now
        return Guidance(self.number, instruction)


def looked(pipeline: Networks, frame: Frame, face: DetectedFace, crop: Image) -> Look:
    """Take from a usable frame what a decision needs of it; pixels are left behind."""
    seen = appearance(pipeline, frame, face, crop)
    return Look(frame.taken_at, pipeline.embed(crop), seen.score, seen)


def appearance(pipeline: Networks, frame: Frame, face: DetectedFace, crop: Image) -> Appearance:
    """Take from a usable frame what the layers against attacks compare."""
    points = face.points if face.points.any() else None  # not every detector places 68
    score, whole = pipeline.liveness(frame.image, face), complete(frame.image, face.box)
    return Appearance(frame.taken_at, score, micro_motion.trace(crop), points, whole)


def counted(faces: tuple[DetectedFace, ...]) -> Instruction | None:
    """Ask for a face when there is none, for one person when there are two."""
    if not faces:
        return Instruction.NO_FACE
    return Instruction.ONE_PERSON if several(faces) else None
