"""Times a pack stage by stage and against its peers, in turn within one run; refuses to compare times of two runs.

Other work on the machine changes every figure. So all contenders take turns, the order reversed each round, and what is
printed beside the times is their ratio.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from kiosk.faults import Fault, FaultCode
from kiosk.vision.arrays import Floats, Image
from kiosk.vision.detect import Box, DetectedFace, Detector
from kiosk.vision.embed import Embedding
from kiosk.vision.film import SUBJECTS, SampleFilm, script
from kiosk.vision.gallery import Gallery
from kiosk.vision.landmarks import Landmarks
from kiosk.vision.liveness import LivenessNet, MiniFas, surroundings
from kiosk.vision.packs import LoadedPack
from kiosk.vision.peer import faiss_search, peers, plain_search
from kiosk.vision.pipeline import Pipeline
from kiosk.vision.session import Session, stretched, tensor
from kiosk.vision.yunet import YuNet

LEAST: Final = 10
"""Rounds at least, however long they take."""
WARM: Final = 3
"""Rounds that are not counted: caches and memory are filled."""
MANY: Final = 10_000
"""People of the second gallery that matchers are timed on (recognition.md, targets)."""
FRAMES: Final = 6
"""Frames of different people that a stage sees in turn."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one thing took: milliseconds, over `rounds` rounds."""

    name: str
    p50_ms: float
    p95_ms: float
    rounds: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """Our time over a peer's, in the same rounds: of the medians and of the 95th percentiles."""

    ours: str
    peer: str
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Bench:
    """What was measured.

    Attributes:
        pack: its name.
        people: in the gallery.
        stages: the parts, then `whole`: frame to decision.
        frames_per_s: whole frames a second, one after the other.
        cpu_ms: processor time of a whole frame, the median: what other work on the machine changes least.
        load: the machine's load average over the last minute when the stages were done; above the number of its cores,
            every time here is longer than it need be.
        overhead: share of that processor time which is not spent inside ONNX Runtime, 0..1.
        memory_mib: peak of the process, before any peer was loaded.
        peers: timings of the contenders. ratios: ours over theirs.
        remarks: what could not be compared, and with what weights.
    """

    pack: str
    people: int
    stages: tuple[Timing, ...]
    frames_per_s: float
    cpu_ms: float
    load: float
    overhead: float
    memory_mib: float
    peers: tuple[Timing, ...]
    ratios: tuple[Ratio, ...]
    remarks: tuple[str, ...]


def bench(
    loaded: LoadedPack, people: int, seconds: float, *, peer: bool, each: Callable[[str], None] = lambda _: None
) -> Bench:
    """Measure everything.

    Args:
        loaded: the pack.
        people: in the gallery of the decision.
        seconds: for each of the measurements, of which there are up to five.
        peer: whether to compare with insightface, numpy and faiss.
        each: told the name of every measurement when it begins.

    Raises:
        Fault: MODEL_MISSING when the pack cannot recognise, MODEL_ALTERED when it finds no face on the film.
    """
    pipeline = Pipeline(loaded)
    each("stages")
    frames, faces = _seen(pipeline)
    gallery, rows = _made_up(people, pipeline.pack.embedding_space, pipeline.pack.dimension)
    calls = _stages(loaded, pipeline, frames, faces, gallery)
    networks = _networks(loaded, frames[0], faces[0].box, pipeline.quality(frames[0], faces[0])[1])
    stages = in_turn(calls, seconds)
    whole = float(np.median(stages["whole"]))
    busy = in_turn({"networks": networks, "whole": calls["whole"]}, seconds / 2, clock=time.process_time)
    cpu, load, memory = float(np.median(busy["whole"])), os.getloadavg()[0], peak_mib()
    timings, ratios, remarks = list[Timing](), list[Ratio](), list[str]()
    if peer:
        each("insightface")
        remarks.append(
            "FaceAnalysis cannot run this pack's files: both sides run networks of the same signature and size as "
            "buffalo_s, made here with random weights, one thread a network, 640x480 frames, detector at 640."
        )
        with peers(faces[0]) as rivals:
            image = frames[0]
            took = in_turn(
                {
                    "ours, detect + embed": lambda _: rivals.ours(image),
                    "FaceAnalysis, the same two": lambda _: rivals.theirs(image),
                    "FaceAnalysis, its usual five": lambda _: rivals.stock(image),
                },
                2 * seconds,
            )
        timings += _timings(took)
        ratios += _ratios(took)
        for count in dict.fromkeys((people, MANY)):
            each(f"match {count}")
            took, said = _matchers(count, gallery if count == people else None, rows, seconds / 2)
            timings += _timings(took)
            ratios += _ratios(took)
            remarks += [] if said in remarks else [said] if said else []
    return Bench(
        pipeline.pack.name,
        people,
        tuple(_timings(stages)),
        1000 / whole,
        cpu,
        load,
        1 - float(np.median(busy["networks"])) / cpu,
        memory,
        tuple(timings),
        tuple(ratios),
        tuple(remarks),
    )


def in_turn(
    contenders: Mapping[str, Callable[[int], object]], seconds: float, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Call every contender once a round with the round's number, in turning order: milliseconds of each round."""
    took: dict[str, list[float]] = {name: [] for name in contenders}
    order = list(contenders.items())
    began = time.perf_counter()
    number = -WARM
    while number < LEAST or time.perf_counter() - began < seconds:
        for name, call in order if number % 2 else reversed(order):
            start = clock()
            call(number)
            if number >= 0:
                took[name].append(1000 * (clock() - start))
        number += 1
    return took


def peak_mib() -> float:
    """Return the most memory that this program ever held, MiB.

    From the kernel's own high-water mark: `getrusage` also counts what the program held that started this one.
    """
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def _timings(took: Mapping[str, Sequence[float]]) -> list[Timing]:
    return [
        Timing(name, float(np.median(each)), float(np.percentile(each, 95)), len(each)) for name, each in took.items()
    ]


def _ratios(took: Mapping[str, Sequence[float]]) -> list[Ratio]:
    """The first contender over each of the others."""
    ours, *others = _timings(took)
    return [Ratio(ours.name, each.name, ours.p50_ms / each.p50_ms, ours.p95_ms / each.p95_ms) for each in others]


def _seen(pipeline: Pipeline) -> tuple[list[Image], list[DetectedFace]]:
    """Frames of the film with people who stand before the door, and the face on each."""
    film = SampleFilm(script(SUBJECTS[:FRAMES], ()))
    standing = [each for each in film.segments if each.kind == "walk_up"]
    frames = [film.frame_at((each.best_from_s + each.best_to_s) / 2) for each in standing]
    found = [(frame, pipeline.detect(frame)) for frame in frames]
    kept = [(frame, faces[0]) for frame, faces in found if faces]
    if not kept:
        raise Fault(FaultCode.MODEL_ALTERED, pipeline.pack.name)
    return [frame for frame, _ in kept], [face for _, face in kept]


def _stages(
    loaded: LoadedPack,
    pipeline: Pipeline,
    frames: Sequence[Image],
    faces: Sequence[DetectedFace],
    gallery: Gallery,
) -> dict[str, Callable[[int], object]]:
    sessions = loaded.sessions
    crops = [pipeline.quality(frame, face)[1] for frame, face in zip(frames, faces, strict=True)]
    probes = [pipeline.embed(crop) for crop in crops]
    some: Callable[[int], int] = lambda number: number % len(frames)  # noqa: E731 - shorter than three lines
    stages: dict[str, Callable[[int], object]] = {}
    pack_detector = {"detect", "landmark"} <= sessions.keys()
    if pack_detector:
        yunet = sessions.get("detect-yunet")
        detector = YuNet(yunet) if yunet else Detector(sessions["detect"])
        landmarks = Landmarks(sessions["landmark"])
        stages["detect"] = lambda n: detector.detect(frames[some(n)])
        stages["landmarks"] = lambda n: landmarks.place(frames[some(n)], faces[some(n)].box)
    else:
        stages["detect with landmarks"] = lambda n: pipeline.detect(frames[some(n)])
    stages["align and measure"] = lambda n: pipeline.quality(frames[some(n)], faces[some(n)])
    stages["embed"] = lambda n: pipeline.embed(crops[some(n)])
    if "liveness" in sessions:
        live = LivenessNet(sessions["liveness"])
        stages["liveness"] = lambda n: live.score(frames[some(n)], faces[some(n)].box)
    if "liveness-minifas" in sessions:
        minifas = MiniFas(sessions["liveness-minifas"])
        stages["minifas"] = lambda n: minifas.difference(frames[some(n)], faces[some(n)].box)
    stages["match"] = lambda n: gallery.decide(probes[some(n)])
    stages["whole"] = lambda n: decided(pipeline, gallery, frames[some(n)])
    return stages


def decided(pipeline: Pipeline, gallery: Gallery, image: Image) -> object:
    """Do everything that one usable frame costs, decision included."""
    face = pipeline.detect(image)[0]
    _, crop = pipeline.quality(image, face)
    probe = pipeline.embed(crop)
    pipeline.liveness(image, face)
    return gallery.decide(probe)


def _networks(loaded: LoadedPack, image: Image, box: Box, crop: Image) -> Callable[[int], object]:
    """Run the networks of the whole alone, on tensors that are ready."""
    sessions = loaded.sessions
    x1, y1, x2, y2 = int(box.x1), int(box.y1), int(box.x2), int(box.y2)
    finder = "detect-yunet" if "detect-yunet" in sessions else "detect"
    inputs = {finder: image, "landmark": image[y1:y2, x1:x2], "embed": crop, "liveness": surroundings(image, box)}
    ready = [(sessions[role], _tensor(sessions[role], each)) for role, each in inputs.items() if role in sessions]
    return lambda _: [session.run(blob) for session, blob in ready]


def _tensor(session: Session, image: Image) -> Floats:
    return tensor(stretched(image, session.layout.width, session.layout.height), session.layout)


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """One stored reference."""

    person: str
    vector: Floats
    model: str


def _made_up(people: int, space: str, dimension: int) -> tuple[Gallery, Floats]:
    """Make a gallery of random people with a rotation, as the store gives it, and its rows."""
    random = np.random.default_rng(2)
    rows = random.standard_normal((people, dimension), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    turn = np.asarray(np.linalg.qr(random.standard_normal((dimension, dimension)))[0], np.float32)
    kept = [_Kept(str(number), row, space) for number, row in enumerate(rows)]
    return Gallery.build(kept, space, dimension, rotation=turn), rows


def _matchers(
    count: int, gallery: Gallery | None, rows: Floats, seconds: float
) -> tuple[dict[str, list[float]], str | None]:
    if gallery is None:
        gallery, rows = _made_up(count, "made-up", 512)
    probes = [Embedding(row, gallery.model) for row in rows[:64]]
    built, plain, faiss = gallery, plain_search(rows), faiss_search(rows)
    contenders: dict[str, Callable[[int], object]] = {
        f"our match, {count}": lambda n: built.decide(probes[n % len(probes)]),
        f"numpy float64, {count}": lambda n: plain(probes[n % len(probes)].vector),
    }
    if faiss is None:
        return in_turn(contenders, seconds), "faiss is not installed."
    search = faiss
    contenders[f"faiss IndexFlatIP, {count}"] = lambda n: search(probes[n % len(probes)].vector)
    return in_turn(contenders, seconds), None
