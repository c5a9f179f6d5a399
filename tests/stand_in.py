"""Cameras that show people of the sample film: one by the clock, whom a test may exchange, and one without waiting."""

import time

from vision_kit import everybody

from kiosk.faults import Fault, FaultCode
from kiosk.vision.arrays import Image
from kiosk.vision.camera import Frame


class StandIn:
    """A camera before which somebody of the film stands and sways until a test says who comes next."""

    def __init__(self, who: str) -> None:
        self.who = who

    def read(self, timeout_s: float) -> Frame:
        time.sleep(min(timeout_s, 0.04))
        now = time.monotonic()
        return Frame(standing(self.who, now), now)

    def close(self) -> None:
        return


class Hasty:
    """The same without waiting: each frame is taken a step after the last one, and it ends after so many seconds."""

    def __init__(self, who: str, step_s: float = 0.25, lasts_s: float = 60.0) -> None:
        self.who, self.now, self.step_s, self.lasts_s = who, 0.0, step_s, lasts_s

    def read(self, timeout_s: float) -> Frame:
        del timeout_s
        self.now += self.step_s
        if self.now > self.lasts_s:
            raise Fault(FaultCode.CAMERA_LOST)
        return Frame(standing(self.who, self.now), self.now)

    def close(self) -> None:
        return


def standing(who: str, now: float) -> Image:
    segment = next(each for each in everybody().segments if each.subject == who)
    return everybody().frame_at(segment.best_from_s + now % (segment.best_to_s - segment.best_from_s))
