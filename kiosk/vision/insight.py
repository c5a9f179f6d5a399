"""Speaks to InsightFace models through insightface's own classes; refuses its downloads and its choice of what to load.

insightface costs about a second and 100 MB to import, so it is imported when such a pack is loaded. Its classes get our
session, made of verified bytes with our options; `FaceAnalysis`, which takes every model of a folder, is never used.
"""

import importlib
import io
from typing import Any, Final

import numpy as np

from kiosk.vision.arrays import Floats, Image
from kiosk.vision.detect import NO_POINTS, DetectedFace, chosen_squares
from kiosk.vision.embed import Embedding, unit
from kiosk.vision.manifest import Decoder, ModelFile
from kiosk.vision.session import Session

SCORE: Final = 0.5
"""Least score of a face: insightface's own default."""
_TOUCHING: Final = 1.0
"""insightface has suppressed overlapping boxes already (0.4)."""
CPU: Final = 0
"""A number below 0 would make insightface build the session a second time."""


def own_class(session: Session, file: ModelFile, data: bytes) -> Any:  # noqa: ANN401 - insightface has no types
    """Return insightface's object for a network, working on our session.

    Args:
        session: made of `data`.
        file: with the layout that was found when it was imported; decoder SCRFD or ARCFACE.
        data: the verified bytes; the recogniser's class insists on reading the graph once more, and gets these.
    """
    zoo = importlib.import_module("insightface.model_zoo")
    if file.decoder is Decoder.SCRFD:
        # Without a file the class can make no further session, for no other size of picture.
        model = zoo.SCRFD(model_file=None, session=session.runtime, static_shape_sessions=False)
        model.prepare(CPU, input_size=(file.layout.width, file.layout.height), det_thresh=SCORE)
    else:
        model = zoo.ArcFaceONNX(model_file=io.BytesIO(data), session=session.runtime)
    model.input_mean, model.input_std = file.layout.mean, 1 / file.layout.scale
    wants_bytes = session.runtime.get_inputs()[0].type == "tensor(uint8)"
    model.input_dtype = np.uint8 if wants_bytes else np.float32
    return model


class Scrfd:
    """A detector with five landmarks of its own.

    Args:
        model: insightface's SCRFD, which reads RetinaFace's outputs too.
    """

    def __init__(self, model: Any) -> None:  # noqa: ANN401 - insightface has no types
        self._model = model

    def faces(self, image: Image) -> tuple[DetectedFace, ...]:
        """Find faces in an H x W x 3 BGR picture, largest first; no further points."""
        found, landmarks = self._model.detect(image)
        height, width = image.shape[:2]
        boxes, scores = np.asarray(found[:, :4], np.float32), np.asarray(found[:, 4], np.float32)
        return tuple(
            DetectedFace(box, np.asarray(landmarks[row], np.float32), NO_POINTS)
            for row, box in chosen_squares(boxes, scores, width, height, _TOUCHING)
            if np.isfinite(landmarks[row]).all()
        )


class ArcFace:
    """An embedding network. insightface hands it RGB, which is right for InsightFace's own weights and only for those.

    Args:
        model: insightface's ArcFaceONNX.
        space: the pack's embedding space.
    """

    def __init__(self, model: Any, space: str) -> None:  # noqa: ANN401 - insightface has no types
        self._model = model
        self._space = space

    def embed(self, aligned: Image) -> Embedding:
        """Embed an aligned face, 112 x 112 x 3 uint8 BGR.

        Raises:
            Fault: MODEL_ALTERED when the network answers with something that has no direction.
        """
        answer: Floats = self._model.get_feat(aligned)
        return unit(answer.ravel(), self._space)
