"""How long one probe takes against N people: `python tests/bench_match.py [N]`; a benchmark, no test."""

import sys
import time

import numpy as np

from kiosk.vision.embed import Embedding
from kiosk.vision.gallery import Gallery
from kiosk.vision.packs import load
from kiosk.vision.pipeline import Pipeline

ROUNDS = 400


class Kept:
    """One stored reference."""

    def __init__(self, person: str, vector: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]", model: str) -> None:
        self.person, self.vector, self.model = person, vector, model


def main(people: int) -> None:
    pack = Pipeline(load()).pack
    random = np.random.default_rng(2)
    rows = random.standard_normal((people, pack.dimension)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    turn = np.asarray(np.linalg.qr(random.standard_normal((pack.dimension, pack.dimension)))[0], np.float32)
    kept = [Kept(str(i), row, pack.embedding_space) for i, row in enumerate(rows)]
    gallery = Gallery.build(kept, pack.embedding_space, pack.dimension, rotation=np.ascontiguousarray(turn))
    took = []
    for i in range(ROUNDS):
        probe = Embedding(rows[i % people], pack.embedding_space)
        began = time.perf_counter()
        gallery.decide(probe)
        took.append(1000 * (time.perf_counter() - began))
    sys.stdout.write(f"{people} people: p50 {np.median(took):.2f} ms, p95 {np.percentile(took, 95):.2f} ms\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
