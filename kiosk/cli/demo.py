"""`kiosk demo`: the whole way on throw-away data, from a face at the door to HQ; refuses to praise itself."""

import argparse
import dataclasses
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Final

from kiosk.cli import demo_office as office
from kiosk.cli.demo_office import PEOPLE, Office
from kiosk.cli.run import log_to
from kiosk.faults import Fault, FaultCode
from kiosk.store import roots
from kiosk.vision.film import STRANGERS, SampleFilm, Segment, script
from kiosk.vision.sample_camera import SampleCamera

if TYPE_CHECKING:
    from kiosk.screens.assembly import Assembly
    from kiosk.screens.autopilot import Autopilot, Plan

SETTLE_S: Final = 2.0  # from the window's first frame to the film's first
PIN_VISIT_S: Final = 6.0
DELIVERED_WITHIN_S: Final = 30.0
DAY_S: Final = 86_400
REHEARSALS: Final = ("swapped-templates", "dead-hq")


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked on the command line; rehearse names a fault to show that the checker finds it, or is empty."""

    headless: bool
    seconds: float
    json: Path | None
    keep: Path | None
    rehearse: str
    log_level: str


def main(argv: list[str]) -> int:
    """Run the demo; 0 when everything was as it must be, 1 when the checker found something wrong."""
    options = _options(argv)
    if options.headless:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        os.environ["QT_QUICK_BACKEND"] = "software"
    else:
        _need_display()
    with _directory(options.keep) as data, ExitStack() as stack:
        logs = data / "logs"
        logs.mkdir()
        log_to(stack.enter_context((logs / "kiosk.log").open("a", encoding="utf-8")), options.log_level)
        return _play(options, data, stack)


def _play(options: Options, data: Path, stack: ExitStack) -> int:
    _say("Demonstration: its own impact assessment is none, and counts on throw-away data alone.")
    _say("A new HQ, a new device, five made-up people ...")
    film = SampleFilm(script(empty_s=PIN_VISIT_S))
    config, told = office.found(data)
    faces = office.plans_of(PEOPLE)
    if options.rehearse == "swapped-templates":
        first, second = list(faces)[:2]
        faces |= {first: faces[second], second: faces[first]}
    enrolled = office.enrol(config, film, faces)
    ready = data / "hq.address"
    level = ("--log-level", options.log_level)
    serve = ("serve", "--data", data / "hq", "--port", "0", "--ready-file", ready, *level)
    hq = stack.enter_context(office.running(data / "logs" / "hq.log", "hq", *serve))
    place = office.connect(config, told, office.ready(ready, hq))
    run = ("run", "--config", place.sync_toml, *level)
    stack.enter_context(office.running(data / "logs" / "sync.log", "sync", *run))
    if options.rehearse == "dead-hq":
        hq.kill()
    address = office.ready(ready, hq) if hq.poll() is None else "dead"
    _say(f"HQ's page: {address}   name: {office.VISITOR}   password: {place.password}")

    with _undisturbed():
        from kiosk.screens import autopilot  # noqa: PLC0415 - Qt reads the platform when it is loaded
        from kiosk.screens.assembly import assemble, overlaid, run_on  # noqa: PLC0415 - as above

        t0 = time.monotonic() + SETTLE_S
        provider = roots.of(config.state)

        def built() -> "Assembly":
            return assemble(overlaid(config, provider), provider, lambda: SampleCamera(film, t0))

    if not options.headless:
        _say("Touch a button and the people of the film walk up. PINs: " + _pins())
        return run_on(built)
    with _undisturbed():
        kiosk = built()
    plans = _plans(film, t0, options.seconds)
    _say(f"{len(plans)} visits, {plans[-1].to_s - time.monotonic():.0f} s ...")
    if (pilot := autopilot.drive(kiosk, plans)) is None:
        raise Fault(FaultCode.DEMO_FAILED, "the app ended before the last visit")
    return _judge(options, place, pilot, kiosk, enrolled)


def _judge(options: Options, place: Office, pilot: "Autopilot", kiosk: "Assembly", enrolled: int) -> int:
    """Let another process compare the onlooker's notes with HQ's rows, and print what it found."""
    visits, export = place.config.data / "visits.json", place.config.data / "export.json"
    visits.write_text(json.dumps([dataclasses.asdict(turn) for turn in pilot.turns]), encoding="utf-8")
    expected = sum(turn.shown == "recorded" for turn in pilot.turns)
    until = time.monotonic() + (DELIVERED_WITHIN_S if options.rehearse != "dead-hq" else 0)
    while True:
        export.write_text(office.command("hq", "export", "--data", place.hq, "--json"), encoding="utf-8")
        if len(json.loads(export.read_text(encoding="utf-8"))["events"]) >= expected or time.monotonic() > until:
            break
        time.sleep(0.5)
    checker = [sys.executable, "-m", "kiosk.cli.demo_check", str(visits), str(export)]
    checked = subprocess.run(checker, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    if not checked.stdout:
        raise Fault(FaultCode.DEMO_FAILED, "the checker did not answer")
    verdict = json.loads(checked.stdout)
    result = {"people_enrolled": enrolled, **verdict, **_figures(pilot, kiosk)}
    if options.json is not None:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    _say(json.dumps(result, indent=1))
    for sentence in verdict["wrong"]:
        _say(f"WRONG: {sentence}")
    return checked.returncode


def _figures(pilot: "Autopilot", kiosk: "Assembly") -> Mapping[str, object]:
    """Return what the run measured on this machine."""
    passed = sorted(kiosk.eye.decided_after_s) if kiosk.eye is not None else []
    cuts = quantiles(passed, n=20, method="inclusive") if len(passed) > 1 else []
    decided = {"p50": round(cuts[9] * 1000, 1), "p95": round(cuts[18] * 1000, 1)} if cuts else {}
    return {
        "frame_to_decision_ms": {**decided, "decisions": len(passed)},
        "preview_fps": round(pilot.preview_fps, 1),
        "peak_rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def _plans(film: SampleFilm, t0: float, seconds: float) -> "list[Plan]":
    """Lay the film's segments over the clock, as often as they fit into `seconds`, at least once."""
    rounds = max(1, int(seconds // film.duration_s))
    return [
        plan
        for turn in range(rounds)
        for segment in film.segments
        if (plan := _plan(segment, t0 + turn * film.duration_s, ("in", "out")[turn % 2])) is not None
    ]


def _plan(segment: Segment, start: float, action: str) -> "Plan | None":
    from kiosk.screens.autopilot import Plan  # noqa: PLC0415 - as above

    begins, ends = start + segment.start_s, start + segment.end_s
    if segment.subject is None:
        if segment.end_s - segment.start_s < PIN_VISIT_S:
            return None
        cast = next(each for each in PEOPLE if each.subject is None)
        return Plan("pin", cast.code, begins, begins + 0.2, ends, action, cast.pin)
    who = next((each.code for each in PEOPLE if each.subject == segment.subject), None)
    kind = "stranger" if segment.subject in STRANGERS else "face"
    return Plan(kind, who, begins, start + segment.best_from_s, ends, action)


def _need_display() -> None:
    """Try in another process whether a window can be opened: where none can, Qt ends the process that asks.

    Raises:
        Fault: NO_DISPLAY, with Qt's own reason.
    """
    trial = "from kiosk.screens import app; app.application()"
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    tried = subprocess.run([sys.executable, "-c", trial], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if not named or tried.returncode != 0:
        raise Fault(FaultCode.NO_DISPLAY, next(iter(tried.stderr.splitlines()), "") if named else "")


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let an order to stop wait until the block ends.

    It raises wherever Python happens to be, and C code that has called Python may swallow that. Seen once: the tracer
    that measures coverage did, kept its lock, and the demonstration stood still. Nothing like it was seen without it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _directory(keep: Path | None) -> Iterator[Path]:
    """Give a private directory that is deleted afterwards, or the one to keep."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="ambang-demo-") as made:
            yield Path(made)
        return
    keep.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(keep.iterdir()):
        raise Fault(FaultCode.STORE_EXISTS, keep.name)
    yield keep.resolve()


def _options(argv: list[str]) -> Options:
    parser = argparse.ArgumentParser(prog="kiosk demo", description="Try everything on throw-away data.")
    parser.add_argument("--headless", action="store_true", help="no window; people of the film act by themselves")
    parser.add_argument("--seconds", type=float, default=0, help="headless: play the film as often as fits; else once")
    parser.add_argument("--json", type=Path, help="headless: where the counts go")
    parser.add_argument("--keep", type=Path, help="an empty directory for the data, kept afterwards")
    parser.add_argument(
        "--rehearse", choices=REHEARSALS, default="", help="break one thing, to see that the checker finds it"
    )
    parser.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING"))
    options = Options(**vars(parser.parse_args(argv)))
    if not 0 <= options.seconds <= DAY_S:
        parser.error(f"--seconds must lie between 0 and {DAY_S}")
    if not options.headless and (options.json or options.seconds or options.rehearse):
        parser.error("--json, --seconds and --rehearse need --headless")
    if options.json is not None:
        options.json.touch()  # a place that cannot be written is said now, not after the film
    return options


def _pins() -> str:
    return ", ".join(f"{each.code} / {each.pin}" for each in PEOPLE)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
