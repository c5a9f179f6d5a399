"""`kiosk models liveness-test | liveness-card`: measures this camera against fake faces; refuses made-up pictures."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from kiosk import config
from kiosk.cli.opening import progress
from kiosk.config import Config
from kiosk.store.files import replace_file
from kiosk.vision import honesty, packs
from kiosk.vision.camera import Camera, open_camera
from kiosk.vision.honesty import PEOPLE, SPECIES, Card, Counts, Shown
from kiosk.vision.pipeline import Pipeline
from kiosk.vision.recogniser import Networks
from kiosk.vision.self_test import present

REHEARSED: Final = "liveness-rehearsal.json"
"""Where a rehearsal's card lies: never in the place of a real one."""
ASKED: Final = {
    PEOPLE: "A person, each time another if you can: stand before the camera as at the door",
    "print": "A photograph of a face on paper, hand-held: flat, bent, near, far",
    "phone": "A photograph of a face on a phone",
    "tablet": "A photograph of a face on a tablet or a laptop",
    "replay": "A film of a face on a phone or a tablet",
}
NO_LIVE_CAMERA: Final = (
    "A self-test needs a live camera (v4l:PATH): pictures from a file say nothing about it. "
    "To try the procedure only, add --rehearsal; its card is never used by a door."
)
TOO_FEW: Final = "No card was written: neither people nor attacks may all go unseen."
NO_CARD: Final = "There is no card: this camera was not tested against fake faces. `kiosk models liveness-test`"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    test = commands.add_parser("liveness-test", help="measure this camera against fake faces, guided")
    test.add_argument("--camera", metavar="SPEC", help="another camera than the configured one")
    test.add_argument("--species", type=_species, default=SPECIES, help=f"of {','.join(SPECIES)}; all of them")
    test.add_argument("--presentations", type=_number, default=20, metavar="N", help="of people, and of each species")
    card = commands.add_parser("liveness-card", help="what the self-test of this camera found")
    for verb, do in ((test, _test), (card, _show)):
        verb.add_argument("--config", type=Path, required=True, help="kiosk.toml")
        verb.add_argument("--rehearsal", action="store_true", help="the procedure only; never used by a door")
        verb.add_argument("--json", action="store_true", help="answer as one JSON object on standard output")
        verb.set_defaults(do=do)


def _species(text: str) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(text.split(",")))
    if not set(chosen) <= set(SPECIES):
        raise argparse.ArgumentTypeError(f"species are {', '.join(SPECIES)}")
    return chosen


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < honesty.LEAST:
        raise argparse.ArgumentTypeError(f"at least {honesty.LEAST} presentations")
    return int(text)


def _test(given: argparse.Namespace) -> int:
    loaded = config.load(given.config)
    source: str = given.camera or loaded.camera.source
    if not given.rehearsal and not source.startswith("v4l:"):
        sys.stderr.write(f"{NO_LIVE_CAMERA}\n")
        return 1
    pack = packs.load(loaded.models, loaded.recognition.pack)
    fused = "liveness-minifas" in pack.sessions
    pipeline = Pipeline(pack, fused=fused)
    with closing(open_camera(source)) as camera:
        ask = _rehearse if given.rehearsal else _wait
        shown = presented(camera, pipeline, (PEOPLE, *given.species), given.presentations, ask)
    card = judged(shown, loaded, source, pack, rehearsal=given.rehearsal)
    if card is None:
        sys.stderr.write(f"{TOO_FEW}\n")
        return 1
    replace_file(_place(loaded, rehearsal=given.rehearsal), honesty.text(card).encode())
    return _answer(given, card)


def presented(
    camera: Camera, networks: Networks, kinds: Iterable[str], count: int, ask: Callable[[str], None]
) -> list[Shown]:
    """Ask for `count` presentations of each kind and look at them, one by one."""
    shown = []
    for kind in kinds:
        sys.stderr.write(f"{ASKED[kind]}.\n")
        with progress(kind, count) as bar:
            for number in range(1, count + 1):
                ask(f"{kind}, {number} of {count}: ready? Press Enter ... ")
                shown.append(Shown(kind, present(camera, networks)))
                bar.update()
    return shown


def judged(
    shown: Sequence[Shown], loaded: Config, source: str, pack: packs.LoadedPack, *, rehearsal: bool
) -> Card | None:
    """Choose this camera's bounds on half of what was shown and count the other half; None when too little was seen."""
    choosing, counting = honesty.halves(shown)
    try:
        bounds = honesty.choose(choosing)
    except ValueError:
        return None
    return Card(
        made_on=datetime.now(ZoneInfo(loaded.device.zone)).date(),
        camera=source,
        pack=pack.pack.name,
        files=honesty.used(pack),
        fused="liveness-minifas" in pack.sessions,
        rehearsal=rehearsal,
        attack=bounds.attack,
        bona_fide=bounds.bona_fide,
        counts=honesty.counted(counting, bounds),
    )


def _wait(prompt: str) -> None:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    if not sys.stdin.readline():
        raise EOFError


def _rehearse(prompt: str) -> None:
    sys.stderr.write(f"{prompt}(rehearsal)\n")


def _place(loaded: Config, *, rehearsal: bool) -> Path:
    return loaded.data / (REHEARSED if rehearsal else honesty.FILE)


def _show(given: argparse.Namespace) -> int:
    card = honesty.read(_place(config.load(given.config), rehearsal=given.rehearsal))
    if card is None:
        sys.stderr.write(f"{NO_CARD}\n")
        return 1
    return _answer(given, card)


def _answer(given: argparse.Namespace, card: Card) -> int:
    if given.json:
        found = {**json.loads(honesty.text(card)), "rates": {kind: rates(kind, each) for kind, each in _rows(card)}}
        sys.stdout.write(f"{json.dumps(found, sort_keys=True)}\n")
    else:
        sys.stdout.write("\n".join(_sentences(card)) + "\n")
    return 0


def _rows(card: Card) -> Iterable[tuple[str, Counts]]:
    return card.counts.items()


def rates(kind: str, counts: Counts) -> dict[str, Mapping[str, Any]]:
    """Each rate of one kind with its exact 95 % bounds, by name."""
    return {
        each.name: {"k": each.k, "n": each.n, "rate": each.k / each.n, "low": each.low, "high": each.high}
        for each in honesty.rated(kind, counts)
    }


def _sentences(card: Card) -> Iterable[str]:
    kind = "REHEARSAL, never used by a door: " if card.rehearsal else ""
    yield f"{kind}fake-face self-test of {card.camera}, {card.made_on.isoformat()}, pack {card.pack}."
    yield "A self-test by the owner: no conformance to ISO/IEC 30107 is claimed. Ranges are exact 95 % bounds."
    for name, counts in _rows(card):
        told = "; ".join(
            f"{rate.upper() if rate in {'apcer', 'bpcer'} else rate.replace('_', ' ')} {each['k']} of {each['n']} "
            f"({100 * each['low']:.1f} to {100 * each['high']:.1f} %)"
            for rate, each in rates(name, counts).items()
        )
        yield f"{name.replace('_', ' '):10} {told}"
    yield "Networks: " + ", ".join(f"{file} {digest[:12]}" for file, digest in asdict(card)["files"].items())
