"""Embeds many photographs on all cores; refuses to hold more of them at a time than are being looked at."""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from kiosk.evaluation.cache import Cache
from kiosk.faults import Fault, FaultCode
from kiosk.vision import photograph, pictures
from kiosk.vision.arrays import Floats
from kiosk.vision.pipeline import Pipeline

AHEAD: Final = 3
"""Photographs that wait for each thread."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was found in one file.

    Attributes:
        vector: float32[D] of unit length, or none.
        refused: why the file is no picture, or "".
        digest: SHA-256 of its bytes, or b"".
        seconds: that it took, or 0 when it was known.
    """

    vector: Floats | None = field(repr=False)
    refused: str = ""
    digest: bytes = b""
    seconds: float = 0.0


def embed(
    paths: Sequence[Path],
    make: Callable[[], Pipeline],
    cache: Cache,
    jobs: int,
    step: Callable[[], None] = lambda: None,
) -> Mapping[Path, Seen]:
    """Embed the one face of each photograph; the result does not depend on the number of threads or their order.

    ONNX Runtime and OpenCV leave Python's lock while they work, so threads keep all cores busy.

    Args:
        paths: files, each once.
        make: makes the pack's networks, once a thread.
        cache: what is known already, and where new embeddings go as soon as they are there.
        jobs: threads, at least 1.
        step: is called after each photograph.

    Raises:
        Fault: of the models.
    """
    idle: SimpleQueue[Pipeline] = SimpleQueue()
    for _ in range(min(jobs, max(len(paths), 1))):
        idle.put(make())

    def look(path: Path) -> Seen:
        pipeline = idle.get()
        try:
            return _look(path, pipeline, cache)
        finally:
            idle.put(pipeline)

    found: dict[Path, Seen] = {}
    queue = iter(paths)
    running: dict[Future[Seen], Path] = {}
    with ThreadPoolExecutor(jobs, thread_name_prefix="look") as threads:
        try:
            while _fill(running, threads, look, islice(queue, jobs * AHEAD - len(running))):
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    path, seen = running.pop(done), done.result()
                    if seen.digest and seen.digest not in cache:
                        cache.put(seen.digest, seen.vector)
                    found[path] = seen
                    step()
        finally:
            threads.shutdown(wait=True, cancel_futures=True)
    return {path: found[path] for path in paths}


def _fill(
    running: dict[Future[Seen], Path],
    threads: ThreadPoolExecutor,
    look: Callable[[Path], Seen],
    more: Iterable[Path],
) -> int:
    for path in more:
        running[threads.submit(look, path)] = path
    return len(running)


def _look(path: Path, pipeline: Pipeline, cache: Cache) -> Seen:
    began = time.perf_counter()
    try:
        data = pictures.contents(path)
        digest = hashlib.sha256(data).digest()
        if digest in cache:
            return Seen(cache.get(digest), digest=digest)
        image = pictures.decoded(data)
    except Fault as fault:
        if fault.code is not FaultCode.PICTURE_REFUSED:
            raise
        return Seen(None, refused=fault.detail)
    probe = photograph.probe(pipeline, image)
    return Seen(None if probe is None else probe.vector, digest=digest, seconds=time.perf_counter() - began)
