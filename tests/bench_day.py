"""The sample day, by hand: `python tests/bench_day.py [--people 500] [--walk-ups 1000] [--rounds 2] [--json]`.

Made-up people walk up through the product's own evidence and gallery, the film's people through camera, networks and
recogniser; then the times, and the ratios to the peers. A benchmark; tests/test_bench_day.py is its short form.
"""

import argparse
import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from sample_day import (
    SETTINGS,
    Outcomes,
    RealDay,
    film_sitting,
    idle_share,
    made_up_day,
    office,
    portraits,
    real_day,
)

from kiosk.cli.models_bench import lines
from kiosk.evaluation.budget import Use, budget
from kiosk.evaluation.intervals import Rate
from kiosk.evaluation.made_up import ANOTHER_DAY, Sitting
from kiosk.vision.bench import bench
from kiosk.vision.film import SUBJECTS, SampleFilm, script
from kiosk.vision.packs import load
from kiosk.vision.pipeline import Pipeline


def main(people: int, walk_ups: int, rounds: int, seconds: float, *, as_json: bool) -> None:
    say = sys.stderr.write
    random = np.random.default_rng(2026)
    loaded = load()
    pipeline = Pipeline(loaded)
    film = SampleFilm(script(SUBJECTS, ()))
    say("portraits\n")
    real = portraits(pipeline, film)
    sitting = film_sitting(pipeline, film, real)
    at = office(real, people, pipeline.pack.embedding_space, random)
    gallery = at.gallery(SETTINGS[0])
    say(f"the film, {rounds} times\n")
    days = [real_day(pipeline, gallery, script(SUBJECTS, ()), after_s=0.2 + 0.6 * n / rounds) for n in range(rounds)]
    say("idle\n")
    busy = os.getloadavg()[0]
    idle, memory = idle_share(pipeline, gallery, 8.0), _memory(people)
    say(f"{walk_ups} walk-ups of made-up people and as many of strangers, twice\n")
    sittings = {"frames as on the film": sitting, "frames of another day": ANOTHER_DAY}
    made = {name: made_up_day(at, SETTINGS, walk_ups, each, random) for name, each in sittings.items()}
    say("times\n")
    timed = bench(loaded, people, seconds, peer=True)
    year = budget(np.ascontiguousarray(at.made_up), 0.50, Use(4.0 * people))
    table: dict[str, Any] = {
        "people": people,
        "among_made_up": dataclasses.asdict(at.spread()),
        "made_up_against_real": dataclasses.asdict(at.against_real()),
        "film_sitting": dataclasses.asdict(sitting),
        "made_up": {name: {key: _table(each) for key, each in day.items()} for name, day in made.items()},
        "real": _real(days),
        "idle_share": idle,
        "peak_mib": memory,
        "load": busy,
        "wrong_accepts_a_year": year.a_year,
        "wrong_accepts_a_year_bound": year.a_year_bound,
        "bench": dataclasses.asdict(timed),
    }
    if as_json:
        sys.stdout.write(json.dumps(table, indent=1) + "\n")
        return
    sys.stdout.write("\n".join([*_lines(table, sittings), "", *lines(timed)]) + "\n")


def _memory(people: int) -> float:
    """Peak of a process that holds film, pack and gallery, and nothing of this day."""
    command = [sys.executable, "-m", "kiosk", "models", "bench", "--people", str(people), "--seconds", "0", "--no-peer"]
    done = subprocess.run([*command, "--json"], check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout)["memory_mib"])


def _table(day: Mapping[str, Outcomes]) -> dict[str, Any]:
    enrolled, strangers = day["enrolled"], day["strangers"]
    return {
        "walk_ups": enrolled.walk_ups,
        "fpir": _rate(strangers.fpir),
        "fnir": _rate(enrolled.fnir),
        "taken_for_another": _rate(enrolled.fpir),
        "gates_of_enrolled": dict(enrolled.gates),
        "gates_of_strangers": dict(strangers.gates),
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {"value": rate.value, "ci": [rate.low, rate.high], "events": rate.events, "trials": rate.trials}


def _real(days: list[RealDay]) -> dict[str, Any]:
    passed = [each for day in days for each in day.frame_to_decision_ms]
    waited = [each for day in days for each in day.look_to_decision_s]
    results: dict[str, list[str]] = {}
    for day in days:
        for who, result in day.results:
            results.setdefault(who, []).append(result)
    return {
        "walk_ups": sum(len(day.results) for day in days),
        "wrong": sum(day.wrong for day in days),
        "results": results,
        "instructions": {key: sum(day.said.get(key, 0) for day in days) for key in {k for d in days for k in d.said}},
        "frame_to_decision_ms": {"p50": float(np.median(passed)), "p95": float(np.percentile(passed, 95))},
        "look_to_decision_s": {"p50": float(np.median(waited)), "p95": float(np.percentile(waited, 95))},
        "preview_frames_a_second": [day.preview for day in days],
    }


def _lines(table: Mapping[str, Any], sittings: Mapping[str, Sitting]) -> list[str]:
    among, across, real = table["among_made_up"], table["made_up_against_real"], table["real"]
    said = [
        f"{table['people']} made-up people and four real ones enrolled; non-mated scores, plain:",
        f"  made-up people {among['mean']:.3f} +- {among['deviation']:.3f} ({among['comparisons']} comparisons)",
        f"  made-up and real {across['mean']:.3f} +- {across['deviation']:.3f} ({across['comparisons']} comparisons)",
    ]
    for name, day in table["made_up"].items():
        each = sittings[name]
        said += ["", f"{name}: mated {each.mean:.3f} +- {each.deviation:.3f}, in one walk-up {each.agreement:.3f}"]
        for setting, rates in day.items():
            said += [
                f"  {setting:<14} FPIR {_shown(rates['fpir'])}  FNIR {_shown(rates['fnir'])}",
                f"{'':17}taken for another {_shown(rates['taken_for_another'])}",
                f"{'':17}gates: enrolled {rates['gates_of_enrolled']}, strangers {rates['gates_of_strangers']}",
            ]
    year, bound = table["wrong_accepts_a_year"], table["wrong_accepts_a_year_bound"]
    decision, look = real["frame_to_decision_ms"], real["look_to_decision_s"]
    preview = ", ".join(f"{each:.1f}" for each in real["preview_frames_a_second"])
    return [
        *said,
        "",
        f"real people: {real['walk_ups']} walk-ups, {real['wrong']} wrong",
        *(f"  {who:<10} {', '.join(results)}" for who, results in real["results"].items()),
        f"  instructions: {real['instructions']}",
        f"frame to decision p50 {decision['p50']:.0f} ms, p95 {decision['p95']:.0f} ms",
        f"look to decision p50 {look['p50']:.2f} s, p95 {look['p95']:.2f} s",
        f"preview while recognising {preview} frames a second",
        f"idle {100 * table['idle_share']:.1f} % of a core; peak memory {table['peak_mib']:.0f} MiB",
        f"load average of the machine meanwhile {table['load']:.1f}",
        f"wrong accepts a year by the budget: {year:.2g}, at most {bound:.2g} (95 %)",
    ]


def _shown(rate: Mapping[str, Any]) -> str:
    low, high = rate["ci"]
    return f"{100 * rate['value']:.2f} % ({100 * low:.2f} to {100 * high:.2f})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The sample day.")
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--walk-ups", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    main(given.people, given.walk_ups, given.rounds, given.seconds, as_json=given.json)
