"""How often drawn attacks pass each layer: `python tests/bench_attacks.py [N] [SPECIES,...] [FILE]`; a benchmark.

Everything here is *synthetic*: it is never entered in a camera's honesty card, and says nothing about a real camera.
FILE gets one line of JSON a presentation; what it holds already is not drawn again.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attacks_kit import SPECIES, Presentation, presentation
from attacks_seen import answers, obeying, watch
from living_kit import live_face, live_frame, sway
from test_vision_addons import SHARED
from vision_kit import installed

from kiosk.vision import micro_motion, planarity
from kiosk.vision.challenge import Act, Answer
from kiosk.vision.film import SUBJECTS
from kiosk.vision.honesty import exact
from kiosk.vision.liveness import Bounds, Layer, MiniFas, Verdict
from kiosk.vision.manifest import find
from kiosk.vision.pipeline import Pipeline
from kiosk.vision.presentation import judge
from kiosk.vision.session import Session

KINDS = ("people", "obeying", *SPECIES)
LONG = 50  # so many of each kind are also shown for 4 s, and asked for every act


def main(count: int, kinds: tuple[str, ...], file: Path) -> None:
    pipeline = with_minifas()
    done = {(each["kind"], each["seed"]) for each in lines(file)}
    with file.open("a", encoding="utf-8") as out:
        for seed in range(count):
            for kind in kinds:
                if (kind, seed) not in done:
                    out.write(f"{json.dumps(one(pipeline, kind, seed))}\n")
                    out.flush()
    sys.stdout.write(table(lines(file)))


def with_minifas() -> Pipeline:
    """The installed pack, with the second attack detector where it is at hand."""
    pipeline, pack = installed(), find("minifas")
    path = SHARED / pack.files[0].name
    if pipeline._minifas is None and path.exists():
        pipeline._minifas = MiniFas(Session(path.read_bytes(), pack.files[0]))
    return pipeline


def one(pipeline: Pipeline, kind: str, seed: int) -> dict[str, Any]:
    """Everything that is counted about one presentation."""
    if kind == "obeying":
        act = tuple(Act)[seed % len(Act)]
        return {"kind": kind, "seed": seed, "acts": told({act: answers(pipeline, obeying(seed, act), 0.1)[0][act]})}
    made = presentation(kind, seed) if kind != "people" else alive(seed)
    watched = watch(pipeline, made.frames(), made.victim)
    whole = judge(watched.frames, watched.frames, Bounds())
    first = judge(watched.frames[:3], watched.frames[:3], Bounds())
    acts, period = answers(pipeline, made.frame_at) if seed < LONG else ({}, None)
    views = [each.points for each in watched.frames if each.points is not None]
    traces = [each.trace for each in watched.frames if each.trace is not None]
    turn = planarity.widest(views) if len(views) > 1 else None
    return {
        "kind": kind,
        "seed": seed,
        "usable": len(watched.frames),
        "matches": watched.matches,
        "score": whole.score,
        "fused": sorted(watched.fused)[len(watched.fused) // 2] if watched.fused else None,
        "whole": {each.layer.value: each.verdict.value for each in whole.opinions},
        "first": {each.layer.value: each.verdict.value for each in first.opinions},
        "acts": told(acts),
        **({"period": period} if seed < LONG else {}),
        "still": micro_motion.stillness(traces) if len(traces) > 1 else None,
        "turn": None if turn is None else [turn.yaw, turn.stretch, turn.residual],
    }


def alive(seed: int) -> Presentation:
    """A made-up person who lives and does nothing in particular."""
    who, pose, face = SUBJECTS[seed % len(SUBJECTS)], sway(seed), live_face(seed)
    return Presentation("people", who, seed, lambda t: live_frame(who, pose(t), face(t), t))


def told(acts: Mapping[Act, Answer | None]) -> dict[str, str | None]:
    return {act.value: answer and answer.value for act, answer in acts.items()}


def lines(file: Path) -> list[dict[str, Any]]:
    """What was measured so far."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def table(found: list[dict[str, Any]]) -> str:
    """A line a kind: how many pass each layer, exact 95 % bounds in per cent."""
    layers = (Layer.SCORE, Layer.MOTION, Layer.GEOMETRY)
    heads = ["n", "matches", *(f"{each.value} lets pass" for each in layers), "all, 3 frames"]
    heads += [
        "all, 1.65 s",
        "all but score",
        "bona fide by all",
        "loop lets pass, 4 s",
        "an act done",
        "all, 4 s, and the act",
    ]
    text = f"| *synthetic* | {' | '.join(heads)} |\n|{'---|' * (len(heads) + 1)}\n"
    for kind in KINDS:
        rows = [each for each in found if each["kind"] == kind]
        text += f"| {kind} | {' | '.join([str(len(rows)), *_cells(rows, layers)])} |\n" if rows else ""
    return text


def _cells(rows: list[dict[str, Any]], layers: tuple[Layer, ...]) -> list[str]:
    asked = [answer for each in rows for answer in each["acts"].values() if answer is not None]
    acts = share(sum(answer == "passed" for answer in asked), len(asked))
    if "whole" not in rows[0]:
        return [*["-"] * (len(layers) + 6), acts, "-"]
    long = [each for each in rows if "period" in each]
    unscored = [{k: v for k, v in each["whole"].items() if k != Layer.SCORE.value} for each in rows]
    counts = [
        sum(each["matches"] for each in rows),
        *(sum(each["whole"].get(layer.value) != Verdict.ATTACK.value for each in rows) for layer in layers),
        sum(passes(each["first"]) for each in rows),
        sum(passes(each["whole"]) for each in rows),
        sum(passes(each) for each in unscored),
        sum(set(each["whole"].values()) == {Verdict.BONA_FIDE.value} for each in rows),
    ]
    cells = [share(count, len(rows)) for count in counts]
    both = sum(
        passes(each["whole"]) and each["period"] is None and answer == "passed"
        for each in long
        for answer in each["acts"].values()
    )
    return [*cells, share(sum(each["period"] is None for each in long), len(long)), acts, share(both, len(asked))]


def passes(opinions: dict[str, str]) -> bool:
    """Whether the default policy would let a match stand."""
    return not {Verdict.ATTACK.value, Verdict.INPUT_REJECTED.value} & set(opinions.values())


def share(k: int, n: int) -> str:
    if not n:
        return "-"
    low, high = exact(k, n)
    return f"{k}/{n} ({100 * low:.0f}-{100 * high:.0f} %)"


if __name__ == "__main__":
    given = [*sys.argv[1:], *["150", ",".join(KINDS), "attacks.jsonl"][len(sys.argv) - 1 :]]
    main(int(given[0]), tuple(given[1].split(",")), Path(given[2]))
