"""A day at an office: hundreds of made-up people and the film's real ones walk up, and every refusal has a gate."""

import itertools
import queue
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from kiosk.evaluation.intervals import Rate, independent
from kiosk.evaluation.made_up import OFFICE, Population, Sitting
from kiosk.vision.arrays import Floats
from kiosk.vision.camera import Frame
from kiosk.vision.embed import Embedding
from kiosk.vision.evidence import Evidence, Finding, Look
from kiosk.vision.film import ENROLLED, SUBJECTS, SampleFilm, Segment, script
from kiosk.vision.gallery import Gallery, Match, MatchDecision, NearMatch, NoMatch, NoMatchReason
from kiosk.vision.liveness import Bounds, Policy
from kiosk.vision.pipeline import Pipeline
from kiosk.vision.recogniser import Decision, Guidance, Outcome, Recogniser
from kiosk.vision.sample_camera import SampleCamera

FRAMES = 18
"""Frames of a made-up walk-up, 0.1 s apart: a refusal waits for 1.5 s of them."""
STEP_S = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A reference as the store gives it."""

    person: str
    vector: Floats
    model: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One way to decide: centred or not, and from which score."""

    centred: bool
    threshold: float

    @property
    def name(self) -> str:
        return f"{'centred' if self.centred else 'plain'} {self.threshold:.2f}"


SETTINGS = (
    Setting(centred=True, threshold=0.50),
    Setting(centred=False, threshold=0.50),
    Setting(centred=False, threshold=0.55),
    Setting(centred=True, threshold=0.60),
)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What happened to the walk-ups of one kind under one setting.

    Attributes:
        accepted: recorded as the right person; for strangers there is none.
        wrong: recorded as somebody else: FPIR for strangers.
        gates: what kept the others from being recorded without a PIN.
    """

    walk_ups: int
    accepted: int
    wrong: int
    gates: Mapping[str, int]

    @property
    def fpir(self) -> Rate:
        return independent(self.wrong, self.walk_ups)

    @property
    def fnir(self) -> Rate:
        """Not recorded as the right person without a PIN."""
        return independent(self.walk_ups - self.accepted, self.walk_ups)


@dataclass(frozen=True, slots=True)
class Spreads:
    """Mean and standard deviation of non-mated scores, not centred, and how many."""

    mean: float
    deviation: float
    comparisons: int


@dataclass(frozen=True, slots=True)
class Office:
    """Everybody: made-up and real people enrolled, and the population that strangers come from."""

    population: Population
    made_up: Floats = field(repr=False)
    real: Mapping[str, Floats] = field(repr=False)
    space: str

    def gallery(self, setting: Setting) -> Gallery:
        kept = [Kept(f"made-up {i}", row, self.space) for i, row in enumerate(self.made_up)]
        kept += [Kept(name, row, self.space) for name, rows in self.real.items() for row in rows]
        near = setting.threshold - 0.07
        dimension = self.made_up.shape[1]
        centred, threshold = setting.centred, setting.threshold
        return Gallery.build(kept, self.space, dimension, centred=centred, threshold=threshold, near=near)

    def spread(self) -> Spreads:
        """Of the made-up people among themselves."""
        return spread_of(self.made_up, self.made_up)

    def against_real(self) -> Spreads:
        """Of the made-up people against the real ones."""
        return spread_of(self.made_up, unit(np.array([rows.mean(axis=0) for rows in self.real.values()])))


def spread_of(rows: Floats, others: Floats) -> Spreads:
    scores = rows @ others.T
    if rows is others:
        scores = scores[np.triu_indices(len(rows), 1)]
    return Spreads(float(scores.mean()), float(scores.std()), int(scores.size))


def unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


def office(real: Mapping[str, Floats], people: int, space: str, random: np.random.Generator) -> Office:
    """Make up `people` who could belong with the real ones; only the film's enrolled are enrolled of those."""
    centres = unit(np.array([rows.mean(axis=0) for rows in real.values()]))
    population = Population.about(centres, OFFICE, random)
    enrolled = {name: rows for name, rows in real.items() if name in ENROLLED}
    return Office(population, population.draw(people, random), enrolled, space)


def made_up_day(
    at: Office, settings: Sequence[Setting], walk_ups: int, sitting: Sitting, random: np.random.Generator
) -> dict[str, dict[str, Outcomes]]:
    """`walk_ups` by people who are enrolled and as many by strangers, the same ones for every setting."""
    galleries = {setting.name: at.gallery(setting) for setting in settings}
    found: dict[str, dict[str, list[tuple[str | None, MatchDecision | None]]]] = {
        name: {"enrolled": [], "strangers": []} for name in galleries
    }
    for number in random.integers(0, len(at.made_up), walk_ups):
        frames = at.population.frames(at.made_up[number], sitting, FRAMES, random)
        for name, gallery in galleries.items():
            found[name]["enrolled"].append((f"made-up {number}", decided(gallery, frames)))
    for stranger in at.population.draw(walk_ups, random):
        frames = at.population.frames(stranger, sitting, FRAMES, random)
        for name, gallery in galleries.items():
            found[name]["strangers"].append((None, decided(gallery, frames)))
    return {name: {kind: counted(each) for kind, each in kinds.items()} for name, kinds in found.items()}


def decided(gallery: Gallery, frames: Floats) -> MatchDecision | None:
    """Let the product's own evidence weigh the frames; none when they never suffice."""
    evidence = Evidence(gallery, Policy.CLEAR_ATTACK, Bounds())
    for number, frame in enumerate(frames):
        finding: Finding | None = evidence.add(Look(number * STEP_S, Embedding(frame, gallery.model), 0.9))
        if finding is not None:
            return finding.decision
    return None


def counted(walk_ups: Sequence[tuple[str | None, MatchDecision | None]]) -> Outcomes:
    accepted = wrong = 0
    gates: Counter[str] = Counter()
    for person, decision in walk_ups:
        if isinstance(decision, Match):
            accepted += decision.person == person
            wrong += decision.person != person
        else:
            gates[gate(decision)] += 1
    return Outcomes(len(walk_ups), accepted, wrong, dict(gates))


def gate(decision: MatchDecision | None) -> str:
    """What stood between a walk-up and its record."""
    if decision is None:
        return "quality or no face"
    if isinstance(decision, NearMatch):
        return "look-alike: PIN" if getattr(decision, "lookalike", False) else "near: PIN"
    if isinstance(decision, NoMatch):
        return "liveness" if decision.reason is NoMatchReason.ATTACK else str(decision.reason.value)
    return "none"


def portraits(pipeline: Pipeline, film: SampleFilm) -> dict[str, Floats]:
    """The references of the film's eight people: 4 x D each."""
    found = {}
    for subject in SUBJECTS:
        images = film.portrait(subject)
        found[subject] = np.array(
            [pipeline.analyse(each, pipeline.detect(each)[0]).embedding.vector for each in images]
        )
    return found


def film_sitting(pipeline: Pipeline, film: SampleFilm, references: Mapping[str, Floats]) -> Sitting:
    """How the frames of the film's people lie about their references, as `made_up.SAME_DAY` states it."""
    mated, alike, each_mean = list[float](), list[float](), list[float]()
    for segment in (each for each in film.segments if each.subject):
        probes = []
        for t in np.arange(segment.start_s, segment.best_to_s, 0.2):
            image = film.frame_at(float(t))
            for face in pipeline.detect(image)[:1]:
                quality, crop = pipeline.quality(image, face)
                if quality.defect is None:
                    probes.append(pipeline.embed(crop).vector)
        rows = np.array(probes)
        centre = unit(references[str(segment.subject)].mean(axis=0))
        mated += list(rows @ centre)
        each_mean.append(float((rows @ centre).mean()))
        alike += list((rows @ rows.T)[np.triu_indices(len(rows), 1)])
    return Sitting(float(np.mean(mated)), float(np.std(mated)), float(np.mean(alike)))


@dataclass(frozen=True, slots=True)
class RealDay:
    """The film's people before the real camera, networks and recogniser.

    Attributes:
        results: for each walk-up who it was, and the person recorded or the gate.
        wrong: walk-ups recorded as somebody else.
        frame_to_decision_ms: of each decision. look_to_decision_s: of each attempt that had one.
        said: instructions given, counted.
        preview: frames a second while recognising.
    """

    results: tuple[tuple[str, str], ...]
    wrong: int
    frame_to_decision_ms: tuple[float, ...]
    look_to_decision_s: tuple[float, ...]
    said: Mapping[str, int]
    preview: float


def real_day(pipeline: Pipeline, gallery: Gallery, cut: Sequence[Segment], *, after_s: float = 0.8) -> RealDay:
    """Play a film once in real time; somebody taps `after_s` after each person appears."""
    film = SampleFilm(cut)
    outcomes: queue.Queue[tuple[float, Outcome]] = queue.Queue()
    shown: list[float] = []
    began = time.monotonic()
    recogniser = Recogniser(
        lambda: SampleCamera(film, t0=began),
        pipeline,
        gallery,
        lambda frame: shown.append(frame.taken_at),
        lambda outcome: outcomes.put((time.monotonic(), outcome)),
    )
    recogniser.start()
    results, passed, waited, looking = (
        list[tuple[str, str]](),
        list[float](),
        list[float](),
        list[tuple[float, float]](),
    )
    said: Counter[str] = Counter()
    for attempt, segment in enumerate(each for each in film.segments if each.subject):
        time.sleep(max(began + segment.start_s + after_s - time.monotonic(), 0))
        tapped = time.monotonic()
        recogniser.look(attempt)
        decision: MatchDecision | None = None
        while decision is None and (left := began + segment.end_s - 0.3 - time.monotonic()) > 0:
            try:
                at, outcome = outcomes.get(timeout=left)
            except queue.Empty:
                break
            match outcome:
                case Decision(number, made, passed_s, _) if number == attempt:
                    decision = made
                    passed.append(1000 * passed_s)
                    waited.append(at - tapped)
                case Guidance(_, instruction):
                    said[instruction.value] += 1
                case _:
                    pass
        recogniser.rest()
        looking.append((tapped, time.monotonic()))
        results.append((str(segment.subject), decision.person if isinstance(decision, Match) else gate(decision)))
    assert recogniser.stop()
    frames = sum(any(a <= at <= b for a, b in looking) for at in shown)
    seconds = sum(b - a for a, b in looking)
    wrong = sum(result in gallery.persons and result != who for who, result in results)
    return RealDay(tuple(results), wrong, tuple(passed), tuple(waited), dict(said), frames / seconds)


def idle_share(pipeline: Pipeline, gallery: Gallery, seconds: float) -> float:
    """CPU time of this process over time passed, while the camera plays to nobody and no attempt runs."""
    film = SampleFilm(script((SUBJECTS[0],), (), empty_s=seconds + 3))
    empty = film.segments[-1].start_s
    # A sensor never gives the very same picture twice, and a camera that does counts as lost.
    pictures = itertools.cycle([film.frame_at(empty + number / 30) for number in range(30)])
    ready = threading.Event()
    lost: list[object] = []

    class Still:
        """A camera whose pictures cost nothing to make: the film's drawing is not the kiosk's load."""

        def read(self, timeout_s: float) -> Frame:
            time.sleep(min(1 / 30, timeout_s))
            return Frame(next(pictures), time.monotonic())

        def close(self) -> None:
            """Nothing to let go."""

    def show(_: Frame) -> None:
        ready.set()

    recogniser = Recogniser(Still, pipeline, gallery, show, lost.append)
    recogniser.start()
    assert ready.wait(10)
    began, used = time.monotonic(), time.process_time()
    time.sleep(seconds)
    share = (time.process_time() - used) / (time.monotonic() - began)
    assert recogniser.stop()
    assert lost == [], "a camera that is opened again and again is no idle one"
    return share
