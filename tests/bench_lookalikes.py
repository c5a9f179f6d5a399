"""How long comparing everybody with everybody takes, and how many newcomers are like somebody; a benchmark, no test.

`python tests/bench_lookalikes.py`
"""

import math
import resource
import sys
import time

import numpy as np
from test_gallery import office
from vision_kit import SPACE, Kept, probe

from kiosk.vision import lookalikes
from kiosk.vision.gallery import Gallery
from kiosk.vision.lookalikes import Likeness

NEWCOMERS = 200
DIMENSION = 512


def wilson(hits: int, tried: int) -> tuple[float, float]:
    """95% interval of a share; the upper bound is the rule of three at zero."""
    if not hits:
        return 0.0, 3 / tried
    z, share = 1.96, hits / tried
    middle = (share + z * z / (2 * tried)) / (1 + z * z / tried)
    half = z * math.sqrt(share * (1 - share) / tried + z * z / (4 * tried * tried)) / (1 + z * z / tried)
    return middle - half, middle + half


def newcomers(people: int, spread: float, rounds: int) -> None:
    counts = dict.fromkeys(Likeness, 0)
    for seed in range(rounds):
        everybody = office(people + NEWCOMERS, 0.151, spread, seed=1000 * people + seed)
        kept = [Kept(f"p{i}", vector) for i, vector in enumerate(everybody[:people])]
        gallery = Gallery.build(kept, SPACE, everybody.shape[1])
        for new in everybody[people:]:
            scores = gallery.scores(probe(new))
            counts[lookalikes.resemblance(gallery.persons, scores, "", gallery.alike).likeness] += 1
    tried = rounds * NEWCOMERS
    said = ", ".join(
        "{} {:.2%} ({:.2%} to {:.2%})".format(each, counts[each] / tried, *wilson(counts[each], tried))
        for each in (Likeness.DUPLICATE, Likeness.WOLF)
    )
    sys.stdout.write(f"{people} people, spread {spread}, {tried} newcomers: {said}\n")


def comparing(people: int) -> None:
    rows = np.random.default_rng(2).standard_normal((people, DIMENSION)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    columns = np.ascontiguousarray(rows.T)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took = []
    for _ in range(5):
        began = time.perf_counter()
        lookalikes.alike(columns, lookalikes.ALIKE)
        took.append(time.perf_counter() - began)
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    sys.stdout.write(f"{people} people: {min(took):.3f} to {max(took):.3f} s, {more:.0f} MiB more\n")


if __name__ == "__main__":
    for count in (500, 10_000):
        comparing(count)
    for width in (0.10, 0.12):
        for count, times in ((20, 25), (100, 25), (500, 10), (2_000, 5)):
            newcomers(count, width, times)
