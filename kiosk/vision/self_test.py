"""Looks at one presentation of the self-test as the door would; refuses frames that were taken before it was asked."""

from typing import Final

from kiosk.vision import micro_motion
from kiosk.vision.camera import Camera
from kiosk.vision.evidence import AGREE, WINDOW_S
from kiosk.vision.liveness import Bounds, Liveness
from kiosk.vision.presentation import Appearance, judge
from kiosk.vision.recogniser import Networks, appearance, counted

LIMIT_S: Final = 8.0
"""Seconds until nobody waits any longer: as long as the door looks."""
STALE: Final = 5
"""Frames that a driver may have kept from before."""


def present(camera: Camera, networks: Networks, *, limit_s: float = LIMIT_S) -> tuple[Liveness, ...]:
    """Read frames until 1.5 s of them were usable, and judge; nothing when there was no usable face in time.

    Returns:
        One judgement for each number of frames from three on, as the door makes them one after the other.

    Args:
        camera: gives frames with the seconds when they were taken.
        networks: the pack's.
        limit_s: how long to wait.

    Raises:
        Fault: CAMERA_LOST when the camera goes away.
    """
    for _ in range(STALE):
        frame = camera.read(1.0)
    began = frame.taken_at
    frames: list[Appearance] = []
    while frame.taken_at - began < limit_s:
        frame = camera.read(1.0)
        faces = networks.detect(frame.image)
        if counted(faces) is not None:
            frames.clear()
            continue
        quality, crop = networks.quality(frame.image, faces[0])
        if quality.defect is not None:
            continue
        frames.append(appearance(networks, frame, faces[0], crop))
        enough = len(frames) >= micro_motion.LEAST_FRAMES
        if enough and frame.taken_at - frames[0].taken_at >= WINDOW_S:
            ends = range(AGREE, len(frames) + 1)
            return tuple(judge(frames[:end], frames[:end], Bounds()) for end in ends)
    return ()
