"""Files as cameras: bad pictures are left out, an end is an end, and a device that is not there is a fault."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from vision_kit import number_of, numbered

from kiosk.faults import Fault, FaultCode
from kiosk.vision.arrays import Image
from kiosk.vision.camera import Frame, open_camera
from kiosk.vision.file_camera import FileCamera
from kiosk.vision.v4l_camera import STALE_S


def pictures(folder: Path, count: int) -> None:
    for i in range(count):
        cv2.imwrite(str(folder / f"{i:03}.png"), numbered(i))


def test_a_folder_is_played_in_the_order_of_its_names_and_begins_again(tmp_path: Path) -> None:
    pictures(tmp_path, 3)
    (tmp_path / "notes.txt").write_text("not a picture")
    camera = FileCamera(tmp_path, fps=200)
    assert [number_of(camera.read(0.5).image) for _ in range(5)] == [0, 1, 2, 0, 1]
    camera.close()


def test_a_bad_picture_is_left_out_and_counted(tmp_path: Path) -> None:
    pictures(tmp_path, 2)
    (tmp_path / "000a.png").write_bytes(b"no picture at all")
    camera = FileCamera(tmp_path, fps=200)
    assert [number_of(camera.read(0.5).image) for _ in range(2)] == [0, 1]
    assert camera.skipped == 1
    camera.close()


def test_a_folder_of_bad_pictures_only_is_a_lost_camera(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture at all")
    camera = FileCamera(tmp_path, fps=200)
    with pytest.raises(Fault) as caught:
        camera.read(0.5)
    assert caught.value.code is FaultCode.CAMERA_LOST
    camera.close()


def test_the_end_of_a_folder_is_the_end_unless_it_begins_again(tmp_path: Path) -> None:
    pictures(tmp_path, 1)
    camera = FileCamera(tmp_path, fps=200, loop=False)
    camera.read(0.5)
    with pytest.raises(Fault):
        camera.read(0.5)


def test_a_video_is_played_at_its_own_speed(tmp_path: Path) -> None:
    path = tmp_path / "walk.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 50.0, (640, 480))
    for i in range(4):
        writer.write(numbered(i * 40))
    writer.release()
    camera = open_camera(f"file:{path}")
    began = time.monotonic()
    seen = [camera.read(0.5) for _ in range(6)]
    assert time.monotonic() - began >= 5 / 50 - 0.02
    assert [round(number_of(each.image) / 40) for each in seen] == [0, 1, 2, 3, 0, 1]
    camera.close()
    camera.close()


def test_what_is_not_there_is_a_lost_camera(tmp_path: Path) -> None:
    (tmp_path / "broken.avi").write_bytes(b"no video")
    (tmp_path / "empty").mkdir()
    for spec in (f"file:{tmp_path}/nothing", f"file:{tmp_path}/broken.avi", f"file:{tmp_path}/empty"):
        with pytest.raises(Fault) as caught:
            open_camera(spec)
        assert caught.value.code is FaultCode.CAMERA_LOST
    with pytest.raises(Fault) as caught:
        open_camera("v4l:/dev/v4l/by-id/nothing-there")
    assert caught.value.code is FaultCode.CAMERA_LOST


class OneBuffer:
    """What OpenCV gives of a driver with one buffer: the picture that was taken when the one before was fetched."""

    def __init__(self, *_: object) -> None:
        self.opened = True
        self.held = time.monotonic()
        self.broken = False

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self.opened

    def set(self, *_: object) -> bool:
        return True

    def grab(self) -> bool:
        self.fetched, self.held = self.held, time.monotonic()
        return True

    def read(self) -> tuple[bool, Image]:
        if self.broken:
            raise cv2.error("a torn stream")
        self.grab()
        return True, np.full((480, 640, 3), 90, np.uint8)

    def release(self) -> None:
        self.opened = False


def test_a_usb_camera_gives_no_picture_from_before_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = OneBuffer()
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: driver)
    camera = open_camera("v4l:/dev/v4l/by-id/usb-camera")
    for pause_s in (0.0, 0.25, 0.0):
        time.sleep(pause_s)
        asked = time.monotonic()
        frame = camera.read(0.5)
        assert driver.fetched > asked - STALE_S
        assert frame.taken_at >= asked
    camera.close()
    assert not driver.opened


def test_a_usb_camera_whose_stream_is_torn_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = OneBuffer()
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: driver)
    camera = open_camera("v4l:/dev/v4l/by-id/usb-camera")
    driver.broken = True
    with pytest.raises(Fault) as caught:
        camera.read(0.5)
    assert caught.value.code is FaultCode.CAMERA_LOST


def test_a_frame_does_not_print_its_picture() -> None:
    assert "array" not in repr(Frame(np.zeros((480, 640, 3), np.uint8), 1.0))
