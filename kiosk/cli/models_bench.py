"""`kiosk models bench`: how long recognition takes here, beside its peers; refuses to open a store."""

import argparse
import dataclasses
import json
import sys
from typing import Final

from tqdm import tqdm

from kiosk.cli.models import number, where
from kiosk.vision.bench import Bench, Timing, bench
from kiosk.vision.packs import DEFAULT, load

PEOPLE: Final = 500
SECONDS: Final = 6.0
TARGETS: Final = {"FaceAnalysis, the same two": 0.95}
"""Ratio of medians that must not be exceeded (recognition.md, targets)."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb and its options."""
    text = "how long recognition takes on this machine"
    verb = where(commands.add_parser("bench", help=text, description=text))
    verb.add_argument("pack", nargs="?", default=DEFAULT)
    verb.add_argument("--people", type=_count, default=PEOPLE, metavar="N", help=f"in the gallery (default: {PEOPLE})")
    verb.add_argument(
        "--seconds", type=_seconds, default=SECONDS, metavar="S", help=f"for each measurement (default: {SECONDS:g})"
    )
    verb.add_argument(
        "--peer",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="beside insightface's FaceAnalysis, plain numpy and faiss",
    )
    verb.add_argument("--json", action="store_true", help="one JSON object on standard output")
    verb.set_defaults(do=_do)


def _do(given: argparse.Namespace) -> int:
    loaded = load(given.models, given.pack, given.manifest)
    with tqdm(total=4 if given.peer else 1, unit="part", leave=False, disable=None, file=sys.stderr) as bar:

        def each(name: str) -> None:
            bar.set_description(name)
            bar.update(0 if name == "stages" else 1)

        found = bench(loaded, given.people, given.seconds, peer=given.peer, each=each)
    sys.stdout.write(json.dumps(dataclasses.asdict(found)) + "\n" if given.json else "\n".join(lines(found)) + "\n")
    return 0


def lines(found: Bench) -> list[str]:
    """Say what was measured as a table."""
    table = [f"{found.pack}, {found.people} people            p50        p95"]
    table += [_row(each) for each in found.stages]
    table += [
        f"{found.frames_per_s:.1f} frames a second, one after the other.",
        f"Processor time of a whole frame {found.cpu_ms:.1f} ms, {found.overhead:.0%} of it outside ONNX Runtime.",
        f"Load average of the machine {found.load:.1f}.",
        f"Peak memory {found.memory_mib:.0f} MiB (this process, film and gallery included).",
    ]
    if found.peers:
        table += ["", *(_row(each) for each in found.peers), "", "In turns, in one run: our time over theirs"]
        for each in found.ratios:
            most = TARGETS.get(each.peer)
            met = "" if most is None else f"  target {most:.2f}: {'met' if each.p50 <= most else 'MISSED'}"
            table.append(f"  {each.ours} / {each.peer}: {each.p50:.2f} of the median, {each.p95:.2f} of the p95{met}")
    return [*table, *found.remarks]


def _row(each: Timing) -> str:
    return f"  {each.name:<30}{each.p50_ms:8.2f} ms{each.p95_ms:8.2f} ms   {each.rounds} rounds"


def _count(text: str) -> int:
    value = int(text) if text.isdecimal() else 0
    if not 1 <= value <= 100_000:  # noqa: PLR2004 - beyond, the figures would be of another product
        raise argparse.ArgumentTypeError("must be a whole number in 1..100000")
    return value


def _seconds(text: str) -> float:
    value = number(text)
    if not 0 <= value <= 3600:  # noqa: PLR2004 - an hour is long enough
        raise argparse.ArgumentTypeError("must lie in 0..3600")
    return value
