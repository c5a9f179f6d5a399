"""The motion gate: an empty door is still in any light, somebody who comes in is not, and a picture is not kept."""

import numpy as np
import pytest
from vision_kit import everybody

from kiosk.vision.film import SUBJECTS
from kiosk.vision.motion import moved, thumbnail


def test_an_empty_door_is_still_whatever_the_light_and_the_noise_do() -> None:
    views = [thumbnail(everybody().frame_at(everybody().segments[-1].start_s + i / 10)) for i in range(29)]
    assert not any(moved(one, other) for one in views for other in views)
    first = everybody().frame_at(everybody().segments[-1].start_s)
    assert not moved(thumbnail(first), thumbnail(np.clip(first.astype(np.int16) + 20, 0, 255).astype(np.uint8)))


@pytest.mark.parametrize("who", SUBJECTS)
def test_somebody_who_comes_in_is_motion_from_the_first_frame_on(who: str) -> None:
    walk = next(each for each in everybody().segments if each.subject == who)
    nobody = thumbnail(everybody().frame_at(everybody().segments[-1].start_s))
    for after_s in (0.0, 0.1, 0.5):
        assert moved(nobody, thumbnail(everybody().frame_at(walk.start_s + after_s)))


def test_what_is_no_number_has_moved() -> None:
    view = thumbnail(everybody().frame_at(everybody().segments[-1].start_s))
    for odd in (np.nan, np.inf, -np.inf):
        other = view.copy()
        other[3, 4] = odd
        assert moved(view, other)
        assert moved(other, view)


def test_pictures_of_any_size_have_the_same_few_cells() -> None:
    for height, width in ((240, 320), (480, 640), (481, 643), (720, 1280)):
        view = thumbnail(np.full((height, width, 3), 90, np.uint8))
        assert view.shape == (30, 40)
        assert view.dtype == np.float32
        assert not view.any()
