"""Runs the same networks through insightface's FaceAnalysis and through our code; refuses to let insightface download.

`FaceAnalysis` gets a folder that exists; only for one that does not would it look elsewhere. insightface is imported
when a comparison is asked for, and not before: it costs two seconds and 100 MB.
"""

import importlib
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime

from kiosk.vision import peer_networks
from kiosk.vision.align import aligned
from kiosk.vision.arrays import Floats, Image
from kiosk.vision.detect import DetectedFace
from kiosk.vision.embed import Embedder, Embedding
from kiosk.vision.manifest import Colour, Layout, ModelFile
from kiosk.vision.scrfd import Scrfd
from kiosk.vision.session import THREADS, Session

SPACE: Final = "same-signature"
_DETECT: Final = ModelFile("det.onnx", "detect", 0, "", Layout(640, 480, Colour.RGB, 127.5, 1 / 128))
_EMBED: Final = ModelFile("rec.onnx", "embed", 0, "", Layout(112, 112, Colour.RGB, 127.5, 1 / 127.5))
_CPU: Final = 0
"""insightface would replace a session's options for a number below 0."""


@dataclass(frozen=True, slots=True)
class Peers:
    """The contenders; each takes an H x W x 3 uint8 BGR frame and gives its one face's embedding.

    Attributes:
        ours: our code: detector, five landmarks, embedding.
        theirs: FaceAnalysis with the same two networks.
        stock: FaceAnalysis with its usual five: also 106 and 68 landmarks, gender and age.
    """

    ours: Callable[[Image], Embedding]
    theirs: Callable[[Image], Floats]
    stock: Callable[[Image], Floats]


@contextmanager
def peers(face: DetectedFace) -> Iterator[Peers]:
    """Make networks of InsightFace's signature that find `face`, and both ways to run them.

    Args:
        face: a face of the 640x480 frames that will be shown.
    """
    box = np.array([face.box.x1, face.box.y1, face.box.x2, face.box.y2], np.float32)
    detect, embed = peer_networks.detector(box, face.landmarks), peer_networks.recogniser()
    scrfd, embedder = Scrfd(Session(detect, _DETECT)), Embedder(Session(embed, _EMBED), SPACE)
    with tempfile.TemporaryDirectory(prefix="ambang-bench-") as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # insightface calls what its own dependencies deprecate
        two, five = Path(made, "two"), Path(made, "five")
        extra = {
            "2d106.onnx": peer_networks.landmarks_2d,
            "3d68.onnx": peer_networks.landmarks_3d,
            "ga.onnx": peer_networks.gender_and_age,
        }
        for folder in (two, five):
            folder.mkdir()
            (folder / "det.onnx").write_bytes(detect)
            (folder / "rec.onnx").write_bytes(embed)
        for name, make in extra.items():
            (five / name).write_bytes(make())
        yield Peers(lambda image: _ours(scrfd, embedder, image), _analysis(two), _analysis(five))


def _ours(scrfd: Scrfd, embedder: Embedder, image: Image) -> Embedding:
    found = scrfd.detect(image)
    return embedder.embed(aligned(image, found[0].landmarks))


def _analysis(folder: Path) -> Callable[[Image], Floats]:
    """Make a FaceAnalysis of the networks in a folder, with our options for ONNX Runtime: one thread a network."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    app: Any = importlib.import_module("insightface.app").FaceAnalysis(
        str(folder), providers=["CPUExecutionProvider"], sess_options=options
    )
    app.prepare(_CPU, det_size=(640, 640))
    return lambda image: np.asarray(app.get(image)[0].embedding, np.float32)


def faiss_search(rows: Floats) -> Callable[[Floats], int] | None:
    """Return faiss's exact inner-product search over N x D float32 rows, or none where faiss is not installed."""
    try:
        faiss: Any = importlib.import_module("faiss")
    except ImportError:
        return None
    faiss.omp_set_num_threads(THREADS)
    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(rows)
    return lambda probe: int(index.search(probe[None], 1)[1][0, 0])


def plain_search(rows: Floats) -> Callable[[Floats], int]:
    """Return what one writes first: numpy's float64, people in rows, N x D of unit length."""
    table = rows.astype(np.float64)
    return lambda probe: int((table @ probe.astype(np.float64)).argmax())
