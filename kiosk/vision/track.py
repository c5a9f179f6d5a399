"""Follows one face between detections by its landmarks; refuses one that jumped, changed or was not detected lately."""

from dataclasses import dataclass, field
from typing import Final, Protocol

import cv2
import numpy as np

from kiosk.vision.arrays import Floats, Image
from kiosk.vision.camera import Frame
from kiosk.vision.detect import Box, DetectedFace, several
from kiosk.vision.motion import moved, thumbnail

DETECT_EVERY_S: Final = 0.2
"""The detector looks at the whole frame at least so often while a face is followed: with one frame of delay a second
face is seen within 0.3 s."""
LOOK_EVERY_S: Final = 0.5
"""And so often while nobody is there and nothing moves."""
LEAST_SIZE: Final = 32.0
"""Pixels of a followed box."""
MOST_MOVE: Final = 0.15
"""Of the box's size, from one frame to the next."""
MOST_STRETCH: Final = 0.12
"""Change of the distance between the eyes from one frame to the next. Standing people of the film: below 0.05."""
LEAST_ALIKE: Final = 0.9
"""Correlation of the face's patch with the last frame's. Measured on the film's eight people at 20 frames a second:
the same one standing, at least 0.996; another one at the same place, at most 0.60; nobody any more, at most 0.22."""
PATCH: Final = 32
_FLAT: Final = 1e-3


class Finder(Protocol):
    """What finds faces; `pipeline.Pipeline` says what each gives."""

    def detect(self, image: Image) -> tuple[DetectedFace, ...]:
        """Find faces, largest first."""

    def place(self, image: Image, box: Box) -> DetectedFace:
        """Place the landmarks of the face that is in a box."""


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """A face that the detector saw a moment ago. RAM only.

    Attributes:
        face: its landmarks in the last frame, and the box that they ask for.
        patch: 32 x 32 float32, the box's picture without its mean, of unit length.
        shift: from the middle of the 68 points to that of the box, x and y, over the points' spread.
        ratio: half the box's height over the points' spread.
        detected_at: seconds, when the detector last saw it.
    """

    face: DetectedFace
    patch: Floats = field(repr=False)
    shift: tuple[float, float]
    ratio: float
    detected_at: float


def begun(image: Image, face: DetectedFace, now: float) -> Track | None:
    """Begin with a face that the detector found at `now` seconds; none when its picture or its points are flat."""
    patch = _patch(image, face.box)
    if patch is None or not face.points.any():  # not every detector's landmarks are 68
        return None
    x, y, spread = _spread(face.points)
    if not spread > _FLAT:
        return None
    box = face.box
    shift = (box.centre[0] - x) / spread, (box.centre[1] - y) / spread
    return Track(face, patch, shift, (box.y2 - box.y1) / 2 / spread, now)


def followed(track: Track, image: Image, found: DetectedFace) -> Track | None:
    """Follow a face into the next frame.

    Args:
        track: from the frame before.
        image: the frame, H x W x 3 BGR.
        found: the landmarks that were placed on it in the track's box.

    Returns:
        The track, its box moved with the points, or none when that cannot be the same face in plain view.
    """
    if not (np.isfinite(found.points).all() and np.isfinite(found.landmarks).all()):
        return None
    box = _box(track, found.points, image)
    if box is None or not _plausible(track.face, found, box):
        return None
    patch = _patch(image, box)
    if patch is None or not float((patch * track.patch).sum()) >= LEAST_ALIKE:
        return None
    face = DetectedFace(box, found.landmarks, found.points)
    return Track(face, patch, track.shift, track.ratio, track.detected_at)


class Sight:
    """The faces in the frames of one attempt: detected, or followed in between. One thread uses it."""

    def __init__(self) -> None:
        self._track: Track | None = None
        self._nobody: tuple[float, Floats] | None = None
        self._followed = False
        self._shape: tuple[int, ...] = ()

    def faces(self, finder: Finder, frame: Frame, *, detect: bool = False) -> tuple[DetectedFace, ...]:
        """Return the faces in a frame, largest first.

        Args:
            finder: the networks.
            frame: the next one.
            detect: let the detector see it in any case, because it may decide.
        """
        if frame.image.shape != self._shape:  # a box of another picture may lie outside of this one
            self._shape, self._track, self._nobody = frame.image.shape, None, None
        track = self._track
        self._followed = False
        if track is not None and not detect and 0 <= frame.taken_at - track.detected_at < DETECT_EVERY_S:
            self._track = followed(track, frame.image, finder.place(frame.image, track.face.box))
            if self._track is not None:
                self._followed = True
                return (self._track.face,)
        return self._detected(finder, frame)

    def confirmed(self, finder: Finder, frame: Frame) -> tuple[DetectedFace, ...] | None:
        """Let the detector see the frame that `faces` was just asked about, before a decision is said.

        A decision that nobody expected costs a detection more than an expected one.

        Returns:
            The faces in it, or none where the detector saw this very frame, or now sees the one that was followed.
        """
        if self._track is None or not self._followed:
            return None
        face = self._track.face
        found = self._detected(finder, frame)
        if found and not several(found) and _near(face.box, found[0].box):
            return None
        return found

    def _detected(self, finder: Finder, frame: Frame) -> tuple[DetectedFace, ...]:
        if self._nobody is not None and _still_nobody(*self._nobody, frame):
            return ()
        faces = finder.detect(frame.image)
        # Only somebody alone is followed: with others in the picture the detector sees every frame.
        self._track = begun(frame.image, faces[0], frame.taken_at) if len(faces) == 1 else None
        self._nobody = None if faces else (frame.taken_at, thumbnail(frame.image))
        return faces


def _still_nobody(seen_at: float, view: Floats, frame: Frame) -> bool:
    return 0 <= frame.taken_at - seen_at < LOOK_EVERY_S and not moved(view, thumbnail(frame.image))


def _plausible(before: DetectedFace, found: DetectedFace, box: Box) -> bool:
    marks = found.landmarks
    inside = (
        (marks[:, 0] > box.x1).all()
        and (marks[:, 0] < box.x2).all()
        and (marks[:, 1] > box.y1).all()
        and (marks[:, 1] < box.y2).all()
    )
    stretch = _eyes(found) / max(_eyes(before), 1.0)
    moved_by = max(abs(a - b) for a, b in zip(box.centre, before.box.centre, strict=True))
    return bool(inside) and abs(stretch - 1) <= MOST_STRETCH and moved_by <= MOST_MOVE * before.box.size


def _eyes(face: DetectedFace) -> float:
    left, right = face.landmarks[0], face.landmarks[1]
    return float(np.hypot(right[0] - left[0], right[1] - left[1]))


def _near(one: Box, other: Box) -> bool:
    """Whether two boxes are of one face: the middle of the second lies well inside the first."""
    return max(abs(a - b) for a, b in zip(one.centre, other.centre, strict=True)) < one.size / 4


def _spread(points: Floats) -> tuple[float, float, float]:
    """The middle of N x 2 points, x and y, and their root mean square distance from it."""
    middle = points.mean(axis=0)
    away = points - middle
    return float(middle[0]), float(middle[1]), float(np.sqrt((away * away).sum(axis=1).mean()))


def _box(track: Track, points: Floats, image: Image) -> Box | None:
    """Move the square with its points, clamped to the frame; none when too little of it is left."""
    x, y, spread = _spread(points)
    height, width = image.shape[:2]
    half = track.ratio * spread
    x, y = x + track.shift[0] * spread, y + track.shift[1] * spread
    box = Box(
        max(x - half, 0.0),
        max(y - half, 0.0),
        min(x + half, width - 1.0),
        min(y + half, height - 1.0),
        track.face.box.score,
    )
    return box if min(box.x2 - box.x1, box.y2 - box.y1) >= LEAST_SIZE else None


def _patch(image: Image, box: Box) -> Floats | None:
    """Shrink a box's picture to 32 x 32 grey, its mean out, of unit length; none where nothing is on it."""
    cut = image[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)]
    small = cv2.cvtColor(cv2.resize(cut, (PATCH, PATCH), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    grey = small.astype(np.float32)
    grey -= grey.mean()
    length = float(np.sqrt((grey * grey).sum()))
    return np.asarray(grey / np.float32(length), np.float32) if length > PATCH else None
