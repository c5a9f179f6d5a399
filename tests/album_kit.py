"""Photographs of the film's eight people as LFW keeps its own: folders of 250x250 JPEG files, made at run time."""

import functools
from pathlib import Path

import cv2
import numpy as np

from kiosk.vision.arrays import Image
from kiosk.vision.film import SUBJECTS, Pose, placed
from kiosk.vision.film_people import figure
from kiosk.vision.film_scene import HEIGHT, WIDTH, entrance


@functools.cache
def photographs(subject: str, count: int, difficulty: float = 1.0) -> tuple[Image, ...]:
    """Pictures of a person nearer and farther, leaning, in other light, out of focus and with noise.

    Args:
        subject: one of the film's.
        count: how many; the first ones do not depend on it.
        difficulty: 0 is sharp and clean, 1.5 loses one in twenty at a threshold of 0.50.
    """
    dice = np.random.default_rng(SUBJECTS.index(subject))
    scene, person = entrance(), figure(subject)
    found = []
    for _ in range(count):
        x, y = WIDTH / 2 + dice.normal(0, 15), HEIGHT / 2 - 15 + dice.normal(0, 10)
        image = placed(scene, person, Pose(x, y, dice.uniform(0.35, 0.9), dice.uniform(-14, 14)))
        blur = difficulty * dice.uniform(0.4, 1.2)
        if blur > 0.3:
            image = np.asarray(cv2.GaussianBlur(image, (0, 0), blur), np.uint8)
        cast = 1 + 0.12 * difficulty * dice.uniform(-1, 1, 3)
        light = image * (dice.uniform(0.6, 1.2) * cast) + dice.normal(0, 4 + 2 * difficulty, image.shape)
        found.append(np.clip(light, 0, 255).astype(np.uint8)[100:350, 195:445].copy())
    return tuple(found)


def album(root: Path, pictures: int, difficulty: float = 1.0) -> Path:
    """Write one folder a person, with files named like those of LFW."""
    for subject in SUBJECTS:
        folder = root / subject
        folder.mkdir(parents=True)
        for number, image in enumerate(photographs(subject, pictures, difficulty), 1):
            cv2.imwrite(str(folder / f"{subject}_{number:04d}.jpg"), image, [cv2.IMWRITE_JPEG_QUALITY, 92])
    return root


def lfw_list(path: Path, pictures: int, folds: int, pairs: int) -> Path:
    """Write a list in the form of LFW's pairs.txt over an album: folds of mated and as many non-mated pairs."""
    numbers = range(1, pictures + 1)
    mated = [(who, i, j) for i in numbers for j in numbers if i < j for who in SUBJECTS]
    others = [(a, i, b, j) for i in numbers for j in numbers for a in SUBJECTS for b in SUBJECTS if a < b]
    dice = np.random.default_rng(5)
    lines = [f"{folds}\t{pairs}"]
    some = [dice.choice(len(each), folds * pairs, replace=False) for each in (mated, others)]
    for fold in range(folds):
        part = slice(fold * pairs, (fold + 1) * pairs)
        lines += ["\t".join(str(word) for word in mated[k]) for k in some[0][part]]
        lines += ["\t".join(str(word) for word in others[k]) for k in some[1][part]]
    path.write_text("\n".join([*lines, ""]))
    return path
