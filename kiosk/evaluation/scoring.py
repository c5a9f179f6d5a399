"""Compares many probes with one gallery at once, as the door's gallery does; refuses to be another arithmetic."""

import numpy as np

from kiosk.vision.arrays import Floats
from kiosk.vision.gallery import SHRINK


def unit_rows(rows: Floats) -> Floats:
    """Scale each row of a float32 table to unit length; a row without direction stays zero."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, np.float32(1e-9)), np.float32)


def templates(references: Floats, person: "np.ndarray[tuple[int], np.dtype[np.intp]]", count: int) -> Floats:
    """Average the references of each person and scale to unit length: count x D float32.

    Args:
        references: M x D float32, unit rows.
        person: M indices, 0..count-1, each with a reference.
        count: how many people.
    """
    total = np.zeros((count, references.shape[1]), np.float32)
    np.add.at(total, person, references)
    return unit_rows(total)


def scores(gallery: Floats, probes: Floats, *, centred: bool) -> Floats:
    """Compare M probes with N people: M x N float32, cosines, site-centred if asked for.

    `m = N/(N+5) * mean(gallery)`, `score = cos(p - m, g - m)` (recognition.md, site centring), the same figures as
    `vision.gallery.Gallery.scores` gives one probe at a time.

    Args:
        gallery: N x D float32, one unit row a person.
        probes: M x D float32, unit rows.
        centred: subtract the site's own mean.
    """
    if centred and len(gallery):
        count = len(gallery)
        mean = gallery.mean(axis=0) * np.float32(count / (count + SHRINK))
        gallery, probes = unit_rows(gallery - mean), unit_rows(probes - mean)
    return np.asarray(probes @ gallery.T, np.float32)
