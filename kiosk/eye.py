"""Joins the recogniser to the door: outcomes become flow events; refuses to let a vector or a score out."""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from datetime import date
from typing import Final, assert_never

from kiosk.config import Config
from kiosk.faults import Fault, FaultCode
from kiosk.flow import events as ev
from kiosk.vision import honesty, packs
from kiosk.vision.arrays import Floats, Image
from kiosk.vision.camera import Camera, open_camera
from kiosk.vision.challenge import Demand
from kiosk.vision.gallery import Gallery, Match, MatchDecision, NearMatch, NoMatch, NoMatchReason, ReferenceLike
from kiosk.vision.honesty import Card
from kiosk.vision.known import must_enrol_again
from kiosk.vision.liveness import Policy
from kiosk.vision.pipeline import Pipeline
from kiosk.vision.quality import Instruction
from kiosk.vision.recogniser import CameraBack, CameraLost, Decision, Guidance, Outcome, Recogniser, Watcher

LOG: Final = logging.getLogger("ambang.eye")

INSTRUCTIONS: Final = {
    Instruction.NO_FACE: ev.Instruction.LOOK_HERE,
    Instruction.ONE_PERSON: ev.Instruction.ONE_PERSON,
    Instruction.CLOSER: ev.Instruction.CLOSER,
    Instruction.BACK: ev.Instruction.BACK,
    Instruction.LEFT: ev.Instruction.LEFT,
    Instruction.RIGHT: ev.Instruction.RIGHT,
    Instruction.MORE_LIGHT: ev.Instruction.MORE_LIGHT,
    Instruction.LOOK_HERE: ev.Instruction.LOOK_HERE,
    Instruction.HOLD_STILL: ev.Instruction.HOLD_STILL,
    Instruction.BLINK: ev.Instruction.BLINK,
    Instruction.TURN_LEFT: ev.Instruction.TURN_LEFT,
    Instruction.TURN_RIGHT: ev.Instruction.TURN_RIGHT,
}
# The ring around the face fills once the face is right and only time is missing.
_PROGRESS: Final = {ev.Instruction.HOLD_STILL: 0.7}


class Eye:
    """Camera, model and gallery, seen from the door; without a model there is no face, and everything else works.

    Args:
        config: the kiosk's configuration.
        post: takes flow events from the recogniser's threads.
        show: takes every picture for the preview.
        camera: opens the camera; the configured one unless given.
        expected: who is expected now, asked when the references are read: ids, or None for everybody; in the mode
            "roster" nobody else is matched.
        apart: ids of those who are compared after code and PIN alone, asked at the same moment.
        faces: False loads no network: the camera then reads codes, and nobody can be looked at.
    """

    def __init__(  # noqa: PLR0913 - each is a seam of its own
        self,
        config: Config,
        *,
        post: Callable[[ev.Event], None],
        show: Callable[[Image], None],
        camera: Callable[[], Camera] | None = None,
        expected: Callable[[], frozenset[str] | None] = lambda: None,
        apart: Callable[[], frozenset[str]] = frozenset,
        faces: bool = True,
    ) -> None:
        self._expected = expected
        self._apart = apart
        self._config = config
        self._post = post
        self._answer = post
        self._lost: Callable[[], object] = _nobody
        self._looking = False
        self._show = show
        self._pipeline, self._card, self._model_fault = _load(config) if faces else (None, None, None)
        self._unable: FaultCode | None = None
        self._camera_lost = False
        self._started = False
        self.decided_after_s: deque[float] = deque(maxlen=512)
        self._recogniser = Recogniser(
            camera or (lambda: open_camera(config.camera.source)),
            self._pipeline,
            None,
            lambda frame: self._preview(frame.image),
            self._outcome,
            policy=_policy(config, self._card),
            bounds=None if self._card is None else self._card.bounds,
            demand=Demand(config.recognition.challenge),
        )

    @property
    def liveness_tested(self) -> date | None:
        """The day of the self-test of this camera with these networks; None without one."""
        return None if self._card is None else self._card.made_on

    @property
    def space(self) -> tuple[str, int] | None:
        """The embedding space of the model and its dimension; None without a model."""
        return None if self._pipeline is None else (self._pipeline.pack.embedding_space, self._pipeline.pack.dimension)

    @property
    def sees(self) -> bool:
        """Whether the camera is open and gives pictures, as far as is known."""
        return self._started and not self._camera_lost

    def start(self) -> None:
        """Open the camera, once; a missing model is told at once, a missing camera within 3 s."""
        if self._started:
            return
        self._started = True
        if self._model_fault is not None:
            self._post(ev.FaceLost(self._model_fault))
        self._recogniser.start()

    def stop(self) -> None:
        """Close the camera and end both threads."""
        if self._started:
            self._recogniser.stop()

    def look(self, attempt: int, claimed: str | None = None, answer: Callable[[ev.Event], None] | None = None) -> None:
        """Recognise, or verify the one person who is claimed.

        Args:
            attempt: is in every answer.
            claimed: id of the one person who gave code and PIN; None for anybody.
            answer: takes the answers of this attempt; the door does unless given.
        """
        self._answer, self._lost, self._looking = answer or self._post, _nobody, True
        self._recogniser.look(attempt, claimed)

    def attend(self, attempt: int, watcher: Watcher, lost: Callable[[], object] | None = None) -> None:
        """Show the picture and give every newest frame to a watcher, until it says that it is over, or `rest`.

        Args:
            attempt: ends the one before.
            watcher: see `Recogniser.attend`.
            lost: is told, on a thread of the recogniser, when no picture comes any more.
        """
        self._lost, self._looking = lost or _nobody, True
        self._recogniser.attend(attempt, watcher)

    def rest(self) -> None:
        """Process nobody until the next look."""
        self._lost, self._looking = _nobody, False
        self._recogniser.rest()

    def enrol(self, references: Iterable[ReferenceLike], rotation: Floats | None) -> None:
        """Match against these references from now on."""
        if self._pipeline is None:
            return
        pack = self._pipeline.pack
        found, apart = list(references), self._apart()
        everybody = self._gallery(self._pipeline, found, rotation)
        # Who wants to be compared after code and PIN alone counts for nobody else's look: not even as a look-alike.
        among = [each for each in found if each.person not in apart]
        gallery = everybody if len(among) == len(found) else self._gallery(self._pipeline, among, rotation)
        LOG.info("gallery of %d, %d of them look-alikes", len(gallery.persons), len(gallery.lookalikes))
        if again := must_enrol_again(((each.person, each.model) for each in found), pack.embedding_space):
            LOG.warning("%d enrolled with another pack must enrol again: kiosk people list", len(again))
        self._recogniser.set_gallery(gallery, everybody)
        if self._unable is not None:
            self._unable = None
            self._post(ev.FaceLost(FaultCode.CAMERA_LOST) if self._camera_lost else ev.FaceBack())

    def _gallery(self, pipeline: Pipeline, found: Iterable[ReferenceLike], rotation: Floats | None) -> Gallery:
        rule = self._config.recognition
        return Gallery.build(
            found,
            pipeline.pack.embedding_space,
            pipeline.pack.dimension,
            rotation=rotation,
            threshold=rule.threshold,
            near=rule.near,
            margin=rule.margin,
            only=self._expected() if rule.mode == "roster" else None,
        )

    def unable(self, fault: FaultCode) -> None:
        """Match against nobody from now on: the references cannot be used, and some may have been erased meanwhile."""
        LOG.error("no references: %s", fault)
        self._unable = fault
        self._recogniser.set_gallery(None)
        self._post(ev.FaceLost(fault))

    def _preview(self, image: Image) -> None:
        if self._looking:
            self._show(image)

    def _outcome(self, outcome: Outcome) -> None:
        match outcome:
            case Guidance(attempt, instruction):
                asked = INSTRUCTIONS[instruction]
                self._answer(ev.Guided(attempt, asked, _PROGRESS.get(asked, 0.0)))
            case Decision(attempt, decision, passed_s, _):
                self.decided_after_s.append(passed_s)
                self._answer(ev.FaceDecided(attempt, _told(decision)))
            case CameraLost():
                self._camera_lost = True
                self._lost()
                self._post(ev.FaceLost(FaultCode.CAMERA_LOST))
            case CameraBack():
                self._camera_lost = False
                fault = self._model_fault or self._unable
                self._post(ev.FaceBack() if fault is None else ev.FaceLost(fault))
            case _:
                assert_never(outcome)


def _nobody() -> None:
    return


def _told(decision: MatchDecision) -> ev.Matched | ev.Near | ev.NotMatched:
    match decision:
        case Match(person):
            return ev.Matched(person)
        case NearMatch(lookalike):
            return ev.Near(lookalike)
        case NoMatch(reason):
            return ev.NotMatched(nobody=reason is NoMatchReason.EMPTY)
        case _:
            assert_never(decision)


def _load(config: Config) -> tuple[Pipeline | None, Card | None, FaultCode | None]:
    try:
        loaded = packs.load(config.models, config.recognition.pack)
        card = _card(config, loaded)
        return Pipeline(loaded, fused=card is not None and card.fused), card, None
    except Fault as fault:
        LOG.warning("no face recognition: %s", fault.code)
        return None, None, fault.code


def _card(config: Config, loaded: packs.LoadedPack) -> Card | None:
    """The self-test's card, if it speaks of this camera and these networks."""
    try:
        card = honesty.read(config.data / honesty.FILE)
    except Fault:
        LOG.warning("the card of the self-test cannot be read")
        return None
    if card is None or card.fits(config.camera.source, loaded.pack.name, honesty.used(loaded)):
        return card
    LOG.warning("the card of the self-test is of another camera or other networks, or a rehearsal")
    return None


def _policy(config: Config, card: Card | None) -> Policy:
    """What the configuration asks for, if it can be had: nothing is enforced that was not measured."""
    wanted = Policy(config.recognition.liveness)
    if wanted is Policy.ENFORCE and card is None:
        LOG.warning("recognition.liveness = enforce needs a self-test of this camera: `kiosk models liveness-test`")
        return Policy.CLEAR_ATTACK
    return wanted
