"""Joins a pack's networks: a frame becomes faces, a face what a decision needs; refuses to remember either."""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import cv2

from kiosk.faults import Fault, FaultCode
from kiosk.vision.align import aligned
from kiosk.vision.arrays import Image
from kiosk.vision.detect import Box, DetectedFace, Detector
from kiosk.vision.embed import Embedder, Embedding
from kiosk.vision.eyes import EyeNet
from kiosk.vision.insight import ArcFace, Scrfd
from kiosk.vision.landmarks import Landmarks
from kiosk.vision.liveness import LivenessNet, MiniFas
from kiosk.vision.manifest import Decoder
from kiosk.vision.packs import LoadedPack
from kiosk.vision.quality import Quality, measure
from kiosk.vision.session import THREADS
from kiosk.vision.yunet import YuNet

LOG: Final = logging.getLogger("ambang.vision")
Finder: TypeAlias = Callable[[Image], tuple[DetectedFace, ...]]
"""From an H x W x 3 uint8 BGR picture to its faces, largest first."""


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """Everything about one face that outlives its frame. RAM only.

    Attributes:
        quality: what was measured.
        liveness: probability of a live face, 0..1, fused over the detectors there are; NaN without any.
        embedding: the probe.
    """

    quality: Quality
    liveness: float = field(repr=False)
    embedding: Embedding


class Pipeline:
    """The networks of a pack, ready. Used by one thread at a time.

    Args:
        loaded: from `packs.load`.
        fused: use the add-on minifas for liveness where it is installed. Its scores are this camera's own, so only a
            device whose self-test set its bounds may say so.

    Raises:
        Fault: MODEL_MISSING when the pack has no detector, landmarks or embedding.
    """

    def __init__(self, loaded: LoadedPack, *, fused: bool = False) -> None:
        sessions = loaded.sessions
        if loaded.pack.thresholds is None or "embed" not in sessions:
            raise Fault(FaultCode.MODEL_MISSING, loaded.pack.name)
        # OpenCV's pool wins nothing on pictures this small, and waits for a core that others use (docs/speed.md).
        cv2.setNumThreads(THREADS)
        self.pack = loaded.pack
        self.thresholds = loaded.pack.thresholds
        self._landmarks = Landmarks(sessions["landmark"]) if "landmark" in sessions else None
        self._find = _finder(loaded, self._landmarks)
        self._embedder = (
            ArcFace(loaded.insight["embed"], self.pack.embedding_space)
            if "embed" in loaded.insight
            else Embedder(sessions["embed"], self.pack.embedding_space)
        )
        self._liveness = LivenessNet(sessions["liveness"]) if "liveness" in sessions else None
        self._eyes = EyeNet(sessions["eye"]) if "eye" in sessions else None
        minifas = sessions.get("liveness-minifas") if fused else None
        self._minifas = MiniFas(minifas) if minifas else None
        LOG.info("pack %s ready with %d networks", self.pack.name, len(sessions))

    def detect(self, image: Image) -> tuple[DetectedFace, ...]:
        """Find the faces of an H x W x 3 uint8 BGR picture with their landmarks, largest first.

        Each has five landmarks; the 68 points come with the default pack alone (`DetectedFace.points`).
        """
        return self._find(image)

    def place(self, image: Image, box: Box) -> DetectedFace:
        """Place the landmarks of the face that is in `box`, which lies in the picture and has at least one pixel.

        Raises:
            Fault: MODEL_MISSING: this pack has no 68 points, so that nobody is followed (`track.begun`).
        """
        if self._landmarks is None:
            raise Fault(FaultCode.MODEL_MISSING, self.pack.name)
        return self._landmarks.place(image, box)

    def quality(self, image: Image, face: DetectedFace) -> tuple[Quality, Image]:
        """Measure a face, and return with it the 112 x 112 x 3 BGR crop that `embed` wants."""
        crop = aligned(image, face.landmarks)
        return measure(image, face, crop), crop

    def embed(self, crop: Image) -> Embedding:
        """Embed an aligned crop."""
        return self._embedder.embed(crop)

    def liveness(self, image: Image, face: DetectedFace) -> float:
        """Return the probability of a live face, 0..1, or NaN when the pack cannot tell.

        With minifas the logit is `d + 0.5 logit(p)` (recognition.md, presentation attacks), and `d` where the pack has
        no network of its own.
        """
        score = math.nan if self._liveness is None else self._liveness.score(image, face.box)
        if self._minifas is None:
            return score
        logit = self._minifas.difference(image, face.box)
        if not math.isnan(score):
            bounded = min(max(score, 1e-6), 1 - 1e-6)
            logit += 0.5 * math.log(bounded / (1 - bounded))
        return 1 / (1 + math.exp(-max(min(logit, 50.0), -50.0)))

    def eyes_closed(self, image: Image, face: DetectedFace) -> float:
        """Return the probability that both eyes are closed, 0..1, or NaN when the pack cannot tell."""
        return math.nan if self._eyes is None else self._eyes.closed(image, face)

    def analyse(self, image: Image, face: DetectedFace) -> Analysis:
        """Measure, embed and judge one face."""
        quality, crop = self.quality(image, face)
        return Analysis(quality, self.liveness(image, face), self.embed(crop))


def _finder(loaded: LoadedPack, landmarks: Landmarks | None) -> Finder:
    """Choose what finds faces: the pack's detector; for one with 68 points, YuNet's boxes where it is installed."""
    sessions = loaded.sessions
    decoder = next((file.decoder for file in loaded.pack.files if file.role == "detect"), Decoder.NONE)
    if decoder is Decoder.SCRFD:
        return Scrfd(loaded.insight["detect"]).faces
    if decoder is Decoder.YUNET:
        return YuNet(sessions["detect"]).faces
    if decoder is not Decoder.FR_DETECT or landmarks is None:
        raise Fault(FaultCode.MODEL_MISSING, loaded.pack.name)
    yunet = sessions.get("detect-yunet")
    boxes = YuNet(yunet).detect if yunet else Detector(sessions["detect"]).detect
    return lambda image: tuple(landmarks.place(image, box) for box in boxes(image))
