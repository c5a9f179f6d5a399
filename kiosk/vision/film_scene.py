"""Draws the entrance before which the sample film plays; refuses anything that a detector could take for a face."""

import cv2
import numpy as np

from kiosk.vision.arrays import Floats, Image

WIDTH, HEIGHT = 640, 480


def entrance() -> Image:
    """Return an office entrance out of focus: 480 x 640 x 3 BGR."""
    rows = np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None, None]
    columns = np.linspace(0, 1, WIDTH, dtype=np.float32)[None, :, None]
    wall = np.array([168, 182, 190], np.float32) * (1.05 - 0.28 * rows - 0.22 * np.abs(columns - 0.4))
    scene = np.array(np.broadcast_to(wall, (HEIGHT, WIDTH, 3)), np.float32)
    floor = [(0, 480), (0, 420), (150, 360), (640, 360), (640, 480)]
    _fill(scene, floor, (92, 104, 116))
    _fill(scene, [(0, 0), (150, 0), (150, 360), (0, 420)], (150, 160, 166))
    _fill(scene, [(22, 60), (120, 70), (120, 362), (22, 400)], (96, 112, 132))
    _fill(scene, [(34, 84), (108, 90), (108, 220), (34, 226)], (206, 208, 200))
    _fill(scene, [(420, 40), (610, 40), (610, 250), (420, 250)], (120, 112, 104))
    _fill(scene, [(430, 50), (510, 50), (510, 240), (430, 240)], (226, 220, 206))
    _fill(scene, [(520, 50), (600, 50), (600, 240), (520, 240)], (220, 212, 196))
    _fill(scene, [(560, 300), (620, 300), (612, 372), (568, 372)], (70, 84, 104))
    for angle in range(-70, 71, 20):
        tip = (590 + int(60 * np.sin(np.radians(angle))), 300 - int(95 * np.cos(np.radians(angle))))
        cv2.line(scene, (590, 304), tip, (62, 104, 70), 9)
    _fill(scene, [(220, 120), (330, 120), (330, 200), (220, 200)], (196, 190, 176))
    _fill(scene, [(228, 128), (322, 128), (322, 192), (228, 192)], (170, 150, 120))
    soft = cv2.GaussianBlur(scene, (0, 0), 6)
    grain = np.random.default_rng(11).normal(0, 1.5, (HEIGHT, WIDTH, 1)).astype(np.float32)
    return np.asarray(np.clip(soft + grain, 0, 255), np.uint8)


def _fill(scene: Floats, corners: list[tuple[int, int]], bgr: tuple[int, int, int]) -> None:
    cv2.fillPoly(scene, [np.array(corners, np.int32)], bgr, lineType=cv2.LINE_AA)
