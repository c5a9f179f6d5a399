"""Files as cameras: bad pictures are left out, an end is an end, and a device that is not there is a fault."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from vision_kit import number_of, numbered

from kiosk.faults import Fault, FaultCode
from kiosk.vision.camera import Frame, open_camera
from kiosk.vision.file_camera import FileCamera


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


def test_a_frame_does_not_print_its_picture() -> None:
    assert "array" not in repr(Frame(np.zeros((480, 640, 3), np.uint8), 1.0))
