"""`kiosk models evaluate`: measures a pack on photographs in files; refuses to read a store or a device's folder."""

import argparse
import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from tqdm import tqdm

from kiosk.evaluation import cache, det, evaluate, naming, pairs, report
from kiosk.evaluation.all_pairs import Step
from kiosk.evaluation.by_group import gaps
from kiosk.evaluation.cache import Cache
from kiosk.evaluation.embedding import Seen, embed
from kiosk.evaluation.naming import refused
from kiosk.evaluation.open_set import SIZES, SPLITS
from kiosk.evaluation.report import Report, Timing
from kiosk.faults import Fault, FaultCode
from kiosk.vision import drawing, packs
from kiosk.vision.manifest import MANIFEST
from kiosk.vision.manifest import packs as packs_of
from kiosk.vision.packs import LoadedPack
from kiosk.vision.pipeline import Pipeline

MOST_COUNT: Final = 100_000
_CORES: Final = len(os.sched_getaffinity(0))
LOOKING: Final = 2
"""Of the way in which a photograph is looked at; another number makes older embeddings another cache."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb and its options."""
    text = "measure error rates on photographs"
    parser = commands.add_parser("evaluate", help=text, description=text)
    parser.add_argument("--pack", default=packs.DEFAULT, metavar="P", help=f"which pack; {packs.DEFAULT} unless given")
    parser.add_argument("--models", type=Path, metavar="DIR", help="where models are installed")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--people", type=_path, metavar="DIR", help="one folder a person, each with their photographs")
    what.add_argument("--pairs", type=_path, metavar="FILE", help="a CSV `a,b,same[,group][,fold]`, or LFW's pairs.txt")
    parser.add_argument(
        "--root", type=_path, metavar="DIR", help="where the pictures of --pairs are; beside it unless given"
    )
    parser.add_argument(
        "--groups", type=_path, metavar="FILE", help="a CSV `name,group`: error rates by group, and the gaps"
    )
    parser.add_argument("--sizes", type=_sizes, default=SIZES, metavar="N,N", help="galleries of the open set")
    parser.add_argument("--splits", type=_count, default=SPLITS, metavar="N", help="how often each gallery is drawn")
    parser.add_argument("--json", action="store_true", help="answer as one JSON object on standard output")
    parser.add_argument("--out", type=_path, metavar="DIR", help="also write report.json, det.png and det.svg there")
    keeping = parser.add_mutually_exclusive_group()
    keeping.add_argument(
        "--cache", type=_path, metavar="DIR", help="where embeddings are kept, sealed, for the next run"
    )
    keeping.add_argument("--no-cache", action="store_true", help="keep no embedding")
    parser.add_argument(
        "--forget", action="store_true", help="delete the kept embeddings and their key, afterwards or alone"
    )
    parser.add_argument("--jobs", type=_jobs, default=_CORES, metavar="N", help=f"threads; at most {_CORES} here")
    parser.set_defaults(do=do)


def do(given: argparse.Namespace) -> int:
    """Evaluate, and return the exit code: 0 when it is done, 1 when it cannot be, 2 for a call without a subject.

    Args:
        given: the options; `models` and `manifest` may be missing.

    Raises:
        Fault: of the models.
    """
    try:
        return _done(given)
    except Fault as fault:
        if fault.code is not FaultCode.EVALUATION_REFUSED:
            raise
        _complain(fault.detail)
        return 1


def _done(given: argparse.Namespace) -> int:
    if given.people is None and given.pairs is None:
        if given.forget and not given.no_cache:
            return _forget(given.cache or cache.place())
        _complain("Give --people DIR or --pairs FILE.")
        return 2
    found, folder = _evaluated(given)
    sys.stdout.write(f"{json.dumps(report.as_json(found)) if given.json else report.as_text(found)}\n")
    sys.stdout.flush()
    if given.out is not None:
        _write(given.out, found)
    if given.forget and folder is not None:
        return _forget(folder, quiet=given.json)
    if folder is not None and not given.json:
        sys.stdout.write(
            f"The embeddings are kept, sealed, in {folder}; `kiosk models evaluate --forget` deletes them.\n"
        )
    return 0


def _evaluated(given: argparse.Namespace) -> tuple[Report, Path | None]:
    """The report, and where the embeddings are kept, if they are."""
    people = naming.people(given.people) if given.people is not None else None
    listed = pairs.read(given.pairs, given.root) if given.pairs is not None else ()
    paths = people.pictures if people else tuple(dict.fromkeys(side for pair in listed for side in (pair.a, pair.b)))
    names = people.names if people else tuple(path.parent.name for path in paths)
    groups = naming.groups(given.groups, dict.fromkeys(names)) if given.groups is not None else None
    if given.out is not None:
        _tried(given.out, given.people)
    manifest: Path = getattr(given, "manifest", MANIFEST)
    loaded = packs.load(given.models, given.pack, manifest)
    pipelines = [Pipeline(loaded)]

    def make() -> Pipeline:
        """The networks that are there already, then others: each is used by one thread at a time."""
        return pipelines.pop() if pipelines else Pipeline(packs.load(given.models, given.pack, manifest))

    threshold = pipelines[0].thresholds.accept
    began = time.monotonic()
    space = fingerprint(loaded, manifest)
    looking = _bar("Looking at photographs", len(paths))
    with _kept(given, space, loaded.pack.dimension) as (kept, folder), looking as bar:
        seen = embed(paths, make, kept, given.jobs, bar.update)
    seconds = time.monotonic() - began
    if people is not None:
        with _bars() as progress:
            measured = evaluate.of_people(
                people, seen, groups, threshold, sizes=given.sizes, splits=given.splits, progress=progress
            )
    else:
        measured = evaluate.of_pairs(listed, seen, groups, threshold)
    found = Report(
        pack=loaded.pack.name,
        space=loaded.pack.embedding_space,
        detector="yunet" if "detect-yunet" in loaded.sessions else f"{loaded.pack.name}'s own",
        photographs=measured.photographs,
        verification=measured.verification,
        open_set=measured.open_set,
        groups=measured.groups,
        gaps=tuple(gaps(measured.groups)),
        notes=measured.notes,
        timing=_timing(seen, seconds, given.jobs),
    )
    return found, folder


@contextmanager
def _kept(given: argparse.Namespace, space: str, dimension: int) -> Iterator[tuple[Cache, Path | None]]:
    """The cache, and where it is. Where the usual place cannot be used, a sentence says so and nothing is kept."""
    with ExitStack() as stack:
        folder: Path | None = given.cache
        try:
            if folder is None and not given.no_cache:
                folder = cache.place()
            kept = stack.enter_context(cache.opened(folder, space, dimension))
        except Fault as fault:
            if given.cache is not None or fault.code is not FaultCode.EVALUATION_REFUSED:
                raise
            _complain(f"{fault.detail} This evaluation goes on and keeps none.")
            folder, kept = None, stack.enter_context(cache.opened(None, space, dimension))
        yield kept, folder


def fingerprint(loaded: LoadedPack, manifest: Path) -> str:
    """What an embedding depends on: the files of the pack and of a detector beside it, and the way of looking."""
    used = [*loaded.pack.files]
    for addon in packs_of(manifest):
        used += [file for file in addon.files if addon.addon and file.role in loaded.sessions]
    parts = [f"{file.role}:{file.sha256}" for file in used if not file.role.startswith(("liveness", "eye"))]
    return hashlib.sha256("|".join([str(LOOKING), loaded.pack.embedding_space, *sorted(parts)]).encode()).hexdigest()


def _timing(seen: Mapping[Path, Seen], seconds: float, jobs: int) -> Timing:
    took = [each.seconds for each in seen.values() if each.seconds > 0]
    p50, p95 = (float(v) * 1000 for v in np.percentile(took, [50, 95])) if took else (0.0, 0.0)
    return Timing(seconds, len(took), jobs, p50, p95)


@contextmanager
def _bars() -> Iterator[Callable[[str], Step]]:
    """Bars one after the other, each closed when the next begins."""
    with ExitStack() as stack:

        def progress(what: str) -> Step:
            stack.close()
            bar = stack.enter_context(_bar(what))

            def step(done: int, every: int) -> None:
                bar.total = every
                bar.update(done - bar.n)

            return step

        yield progress


def _bar(what: str, total: int | None = None) -> "tqdm[Any]":
    """A bar on standard error, on a terminal alone, once it takes longer than a second."""
    return tqdm(desc=what, total=total, delay=1, disable=None, leave=False, file=sys.stderr, dynamic_ncols=True)


def _tried(folder: Path, people: Path | None) -> None:
    """Make the folder of the report before the work begins, and see that it can be written."""
    naming.outside_a_device(folder)
    if people is not None and Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(people)):
        raise refused(f"{folder} lies in {people}, where it would be taken for a person; --out names another place.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"?")
    except OSError as error:
        raise refused(f"{folder} cannot be written: {error.strerror}.") from error


def _write(folder: Path, found: Report) -> None:
    plot = det.plot(found.verification, f"DET: {found.pack}, detector {found.detector}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(f"{json.dumps(report.as_json(found), indent=1)}\n", "utf-8")
        (folder / "det.svg").write_text(drawing.svg(plot), "utf-8")
        (folder / "det.png").write_bytes(drawing.png(plot))
    except OSError as error:
        raise refused(f"{folder} cannot be written: {error.strerror}.") from error


def _forget(folder: Path, *, quiet: bool = False) -> int:
    try:
        gone = cache.forget(folder)
    except OSError as error:
        _complain(f"{folder} cannot be deleted: {error.strerror}.")
        return 1
    if not quiet:
        sys.stdout.write(f"{gone} files of kept embeddings and keys are deleted.\n")
    return 0


def _complain(sentence: str) -> None:
    sys.stderr.write(f"{report.printable(sentence)}\n")


def _path(text: str) -> Path:
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError("a place has a name")
    return Path(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_COUNT:
        raise argparse.ArgumentTypeError(f"a number from 1 to {MOST_COUNT}")
    return int(text)


def _jobs(text: str) -> int:
    return min(_count(text), _CORES)


def _sizes(text: str) -> tuple[int, ...]:
    found = tuple(sorted({_count(word.strip()) for word in text.split(",")}))
    if found[0] < 2:  # noqa: PLR2004 - a second person makes it an identification
        raise argparse.ArgumentTypeError("a gallery has 2 people at least")
    return found
