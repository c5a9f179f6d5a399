"""Turns, scales and moves a face to where the embedding network expects it; refuses shear and mirror images."""

from typing import Final

import cv2
import numpy as np

from kiosk.vision.arrays import Floats, Image

SIZE: Final = 112
TEMPLATE: Final = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)
"""5 x 2 pixels in a 112x112 picture: the ArcFace template (recognition.md, exact processing)."""


def similarity(landmarks: Floats, template: Floats = TEMPLATE) -> Floats:
    """Return the 2 x 3 float32 similarity that carries `landmarks` onto `template` with least squared error.

    This is Umeyama's estimate (IEEE PAMI 13(4), 1991) in its closed form for the plane, where rotation and scale are
    one complex number: a = sum(conj(p) q) / sum(|p|^2) over centred points. A reflection cannot come out of it.

    Args:
        landmarks: 5 x 2 float32 pixels.
        template: 5 x 2 float32 pixels.
    """
    p_mean, q_mean = landmarks.mean(axis=0), template.mean(axis=0)
    p, q = landmarks - p_mean, template - q_mean
    spread = max(float((p * p).sum()), 1e-9)
    cos = float((p * q).sum()) / spread
    sin = float((p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]).sum()) / spread
    x = float(q_mean[0]) - cos * float(p_mean[0]) + sin * float(p_mean[1])
    y = float(q_mean[1]) - sin * float(p_mean[0]) - cos * float(p_mean[1])
    return np.array([[cos, -sin, x], [sin, cos, y]], np.float32)


def aligned(image: Image, landmarks: Floats) -> Image:
    """Cut the face with these 5 x 2 landmarks out of a BGR picture: 112 x 112 x 3 BGR, black where the picture ends."""
    return np.asarray(cv2.warpAffine(image, similarity(landmarks), (SIZE, SIZE), borderValue=0), np.uint8)
