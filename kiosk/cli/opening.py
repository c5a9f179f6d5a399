"""What every command on a store shares: where it is, how it answers, how progress looks; refuses to guess a place."""

import argparse
import getpass
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tqdm import tqdm

from kiosk import clock, config
from kiosk.config import Config
from kiosk.faults import Fault, FaultCode
from kiosk.rights.plain_text import harmless
from kiosk.store import Store, roots, timekeeping

CONFIG = "kiosk.toml"


def options(parser: argparse.ArgumentParser, *, required: bool = True) -> argparse.ArgumentParser:
    """Add `--data DIR` (holds kiosk.toml and state/), `--config FILE` and `--json` to a verb."""
    place = parser.add_mutually_exclusive_group(required=required)
    place.add_argument(
        "--data", type=directory, metavar="DIR", help="data directory: kiosk.toml, if there is one, and state/"
    )
    place.add_argument("--config", type=Path, metavar="FILE", help="kiosk.toml")
    parser.add_argument("--json", action="store_true", help="answer as one JSON object on standard output")
    return parser


def directory(text: str) -> Path:
    """A place that somebody has named: an empty word, from a variable that was never set, is none."""
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError("a directory has a name")
    return Path(text)


def configured(given: argparse.Namespace) -> Config:
    """The configuration that `--data` or `--config` points at. Raises Fault CONFIG_INVALID."""
    if given.config is not None:
        return config.load(given.config)
    file: Path = given.data / CONFIG
    return config.load(file) if file.exists() else Config(data=given.data.resolve())


@contextmanager
def opened(given: argparse.Namespace) -> Iterator[Store]:
    """The open store of a command; closed when the block ends. Raises Fault as `Store.open` does."""
    store = _opened(configured(given), anchored=True)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def examined(given: argparse.Namespace) -> Iterator[Store]:
    """The store as it lies there, also when its anchors refuse it; nothing is signed when the block ends.

    Raises:
        Fault: as `Store.open` does, but for STORE_ROLLED_BACK and ANCHOR_LOST.
    """
    store = refused(configured(given))
    try:
        yield store
    finally:
        store.database.close()


def refused(loaded: Config) -> Store:
    """Open a store also when its anchors refuse it; who opens it closes it. Raises Fault as `examined`."""
    return _opened(loaded, anchored=False)


def _opened(loaded: Config, *, anchored: bool) -> Store:
    watch = clock.Watch(loaded.device.zone)
    provider = roots.of(loaded.state, ask=phrase)
    store = Store.open(loaded.state, provider, clock=watch, places=loaded.anchors, anchored=anchored)
    watch.take_up(timekeeping.known(store))  # what was noticed of the clock; the kiosk writes steps down
    return store


def answer(given: argparse.Namespace, found: Mapping[str, Any], sentences: str) -> None:
    """Write the result: one JSON object, or sentences for people, in which nothing acts on the terminal."""
    sys.stdout.write(f"{json.dumps(dict(found), sort_keys=True) if given.json else harmless(sentences)}\n")


def phrase() -> str:
    """The passphrase of a store: typed on a terminal, unseen; else the next line of standard input, "" at its end."""
    return typed("Passphrase of this store: ")


def new_phrase() -> str:
    """A passphrase that is being chosen; on a terminal typed twice. Raises Fault PASSWORD_UNFIT if the two differ."""
    chosen = typed("New passphrase: ")
    if sys.stdin.isatty() and typed("The same again: ") != chosen:
        raise Fault(FaultCode.PASSWORD_UNFIT, "typed differently the second time")
    return chosen


def typed(prompt: str) -> str:
    """A secret: unseen on a terminal, else the next line of standard input; "" at its end and for what is no text."""
    try:
        return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    except UnicodeDecodeError:
        return ""  # fits no secret, as any other mistake in typing


@contextmanager
def steps(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that is told how many of how many are done."""
    with progress(what) as bar:

        def step(done: int, every: int) -> None:
            bar.total = every
            bar.update(done - bar.n)

        yield step


def progress(what: str, total: int | None = None) -> "tqdm[Any]":
    """A bar on standard error, on a terminal alone, once it takes longer than a second."""
    return tqdm(desc=what, total=total, delay=1, disable=None, leave=False, file=sys.stderr, dynamic_ncols=True)
