"""One person before the camera, from the first pose to the trial, frame by frame; refuses a trial of too few shots."""

from dataclasses import dataclass, field, replace

from kiosk.vision import enrolment
from kiosk.vision.embed import Embedding
from kiosk.vision.enrolment import LEAST, PROBES, Capturing, Prompt, Seen, Shot, Trying


@dataclass(frozen=True, slots=True, eq=False)
class Sitting:
    """Under way: the poses first, then the fresh looks of the trial."""

    capturing: Capturing
    trying: Trying | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Sat:
    """It is over.

    Attributes:
        shots: of all poses.
        probes: fresh looks for the trial, PROBES of them or none.
    """

    shots: tuple[Shot, ...] = field(repr=False)
    probes: tuple[Embedding, ...] = field(repr=False)


def begin(now: float, *, glasses: bool = False) -> Sitting:
    """Begin; `now` is when the first frame was taken, monotonic seconds."""
    return Sitting(enrolment.begin(now, glasses=glasses))


def step(state: Sitting, seen: Seen, now: float) -> tuple[Sitting, Prompt] | Sat:
    """Answer one frame: the next state and what to say, or what there is at the end."""
    if state.trying is None:
        capturing, prompt = enrolment.step(state.capturing, seen, now)
        if prompt is not None:
            return replace(state, capturing=capturing), prompt
        if len(capturing.shots) < LEAST:
            return Sat(capturing.shots, ())
        return Sitting(capturing, Trying(now)), Prompt(None)
    trying, prompt = enrolment.step_trial(state.trying, seen, now)
    if prompt is not None:
        return replace(state, trying=trying), prompt
    return Sat(state.capturing.shots, trying.found if len(trying.found) == PROBES else ())
