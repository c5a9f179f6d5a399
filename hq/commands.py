"""What the commands of `kiosk-hq` share; refuses a file that cannot be read with a sentence."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hq.refusals import Refused


def command(
    nouns: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    act: Callable[[argparse.Namespace], int | None],
    text: str,
) -> argparse.ArgumentParser:
    """A parser with `--data` that runs `act`, which returns the exit status, or None for 0."""
    parser = nouns.add_parser(name, help=text)
    parser.set_defaults(command=act)
    parser.add_argument("--data", required=True, type=Path, help="HQ's data directory")
    return parser


def read_file(path: Path) -> bytes:
    """The whole file. Raises Refused."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"{path} cannot be read.") from error


def tell(options: argparse.Namespace, found: Mapping[str, Any], sentences: str) -> None:
    """Write the result: one JSON object with `--json`, or sentences for people."""
    sys.stdout.write(f"{json.dumps(dict(found), ensure_ascii=False)}\n" if options.json else f"{sentences}\n")
