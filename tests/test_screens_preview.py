import gc
import resource
import threading
import weakref

import numpy as np
import pytest
import stage
from PySide6.QtGui import QImage

from kiosk.flow.actions import Button
from kiosk.flow.events import Instruction
from kiosk.flow.states import Idle, Looking, Standing
from kiosk.screens import pose, preview
from kiosk.screens.entry import Entry
from kiosk.screens.preview import Picture, PreviewItem, PreviewSource
from kiosk.screens.view import Around

LOOKING = Looking(Standing(), Button.IN, pose.NOW + 7, 0, Instruction.LOOK_HERE, 0.0)


def halves() -> Picture:
    """The left half blue, the right half red, as the camera sees them."""
    picture = np.zeros((480, 640, 3), np.uint8)
    picture[:, :320, 0], picture[:, 320:, 2] = 255, 255
    return picture


@pytest.mark.parametrize("ratio", [0.5, 0.76, 4 / 3, 2.5])
def test_the_picture_is_mirrored_and_cut_without_stretching(ratio: float) -> None:
    cut = preview.mirrored(halves(), ratio)
    assert cut.shape[1] / cut.shape[0] == pytest.approx(ratio, rel=0.01)
    assert cut.flags["C_CONTIGUOUS"]
    assert cut.flags["OWNDATA"]
    assert cut[0, 0].tolist() == [0, 0, 255]
    assert cut[0, -1].tolist() == [255, 0, 0]


def test_only_the_newest_picture_waits_however_many_threads_offer_one() -> None:
    source, woken = PreviewSource(), [0]
    source.arrived.connect(lambda: woken.__setitem__(0, woken[0] + 1))

    def offer(value: int) -> None:
        for _ in range(200):
            source.show(np.full((2, 2, 3), value, np.uint8))

    threads = [threading.Thread(target=offer, args=(value,)) for value in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert source.take() is not None
    assert source.take() is None
    source.show(np.zeros((2, 2, 3), np.uint8))
    source.clear()
    assert source.take() is None


def shown_colours(picture: QImage) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """What is left and right of the middle of the oval."""
    found = []
    for x in (370, 480):
        colour = picture.pixelColor(x, 240)
        found.append((colour.red(), colour.green(), colour.blue()))
    return found[0], found[1]


def test_the_window_shows_the_mirrored_picture_and_not_the_one_before() -> None:
    with stage.watched():
        shown = pose.Stage.open(pose.LAYOUTS["landscape"])
        shown.source.show(pose.silhouette())  # left over from somebody before
        shown.door.pose(LOOKING, Entry(), Around(), "id")
        pose.settle(60)
        assert shown.source.painted == 0
        shown.source.show(halves())
        pose.settle(60)
        assert shown.source.painted == 1
        left, right = shown_colours(shown.window.grabWindow())
        assert left[0] > 200
        assert right[2] > 200
        shown.close()


def test_hundreds_of_pictures_leave_memory_where_it_was_and_none_of_them_behind() -> None:
    with stage.watched():
        shown = pose.Stage.open(pose.LAYOUTS["landscape"])
        shown.door.pose(LOOKING, Entry(), Around(), "id")
        pose.settle(30)

        def play(pictures: int) -> None:
            for _ in range(pictures):
                shown.source.show(halves())
                pose.settle(1)

        play(150)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        play(900)
        gc.collect()
        grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert shown.source.painted > 100
        assert grown_kb < 30_000, "a texture that is not owned leaks 0.9 MB a picture"
        shown.door.pose(Idle(), Entry(), Around(), "id")
        pose.settle(30)
        shown.source.show(halves())
        painted = shown.source.painted
        pose.settle(30)
        assert shown.source.painted == painted
        shown.close()


def test_a_window_has_one_picture_and_keeps_none_of_anybody_whose_look_is_over() -> None:
    """What QML makes of a Python class PySide keeps for ever: with a picture in it, that would be a face in memory."""
    with stage.watched():
        shown = pose.Stage.open(pose.LAYOUTS["landscape"])
        kept: list[weakref.ref[Picture]] = []
        for look in range(12):
            picture = halves()
            kept.append(weakref.ref(picture))
            shown.door.pose(LOOKING, Entry(), Around(), "id")
            pose.settle(5)
            shown.source.show(picture)
            for _ in range(100):
                pose.settle(5)
                if shown.source.painted == look + 1:
                    break
            shown.door.pose(Idle(), Entry(), Around(), "id")
            pose.settle(20)
            del picture
        assert shown.source.painted == 12
        gc.collect()
        assert [each for each in kept if each() is not None] == []
        before = sum(isinstance(each, PreviewItem) for each in gc.get_objects())
        for _ in range(5):
            shown.door.pose(LOOKING, Entry(), Around(), "id")
            pose.settle(5)
            shown.door.pose(Idle(), Entry(), Around(), "id")
            pose.settle(5)
        assert sum(isinstance(each, PreviewItem) for each in gc.get_objects()) == before
        shown.close()


def test_a_preview_takes_another_source_or_none() -> None:
    with stage.watched():
        item, first, second = PreviewItem(), PreviewSource(), PreviewSource()
        item.setProperty("source", first)
        item.setProperty("source", second)
        assert item.property("source") is second
        item.setProperty("source", item)
        item.wake()
