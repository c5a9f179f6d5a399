"""`kiosk models`: recognition models, and what they are worth; refuses to load more than the one verb needs."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from kiosk.cli.models_fetch import SOURCES, Source
from kiosk.faults import Fault, FaultCode
from kiosk.vision.known import DEFAULT, INSIGHTFACE, default_directory
from kiosk.vision.manifest import MANIFEST, packs

FILES: Final = {
    "list": "models_list",
    "verify": "models_list",
    "fetch": "models_install",
    "import": "models_import",
    "evaluate": "models_evaluate",
    "budget": "models_budget",
    "calibrate": "models_calibrate",
    "bench": "models_bench",
    "liveness-test": "models_liveness",
    "liveness-card": "models_liveness",
}
"""Verb to the file of its family: `add(commands)` gives its verbs their options and `set_defaults(do=...)`.

`do` gets the parsed words, with `models` (where models are installed), `manifest` and `sources` filled in, and returns
the exit code. Only the named verb's file is loaded, so that what fetches from a network never loads a store."""
SENTENCES: Final = {
    FaultCode.MODEL_FETCH_FAILED: (
        "The model could not be fetched. On a machine with a network run `kiosk models fetch`, "
        "or copy its files here and run `kiosk models import FOLDER`."
    ),
    FaultCode.MODEL_ALTERED: "A model file is not the one that this program knows. It was refused.",
    FaultCode.MODEL_UNFIT: "A model file is another kind of network than this program expects. It was refused.",
    FaultCode.MODEL_MISSING: "A model file is missing. Run `kiosk models fetch`.",
    FaultCode.MODEL_UNKNOWN: "There is no model pack of that name. `kiosk models list` shows what there is.",
    FaultCode.DISK_FAILED: "The model folder cannot be written.",
}
LIVENESS: Final = ("liveness-test", "liveness-card")


def main(argv: Sequence[str], sources: Sequence[Source] = SOURCES, manifest: Path = MANIFEST) -> int:
    """Run one of the commands.

    Args:
        argv: what follows `kiosk models`.
        sources: where `fetch` looks; tests have their own.
        manifest: which manifest; tests have their own.

    Returns:
        0 when it is done, 1 when it could not be done, 2 for a command that does not exist.

    Raises:
        Fault: what is not about models; `kiosk` says it.
    """
    try:
        given = _parser(argv).parse_args(argv)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 2
    given.models = getattr(given, "models", None) or default_directory()
    given.manifest, given.sources = manifest, sources
    try:
        code: int = given.do(given)
    except Fault as fault:
        if fault.code not in SENTENCES:
            raise
        say(sentence(fault.code, given), error=getattr(given, "json", False))
        return 1
    return code


def sentence(code: FaultCode, given: argparse.Namespace) -> str:
    """What to say of a fault: of a pack that is not installed or is none, by which command that is mended."""
    pack = getattr(given, "pack", None)
    if code is FaultCode.MODEL_MISSING and pack and pack != DEFAULT:
        return f"A model file of {pack} is missing. Run `kiosk models fetch {pack}`."
    if code is FaultCode.MODEL_UNKNOWN and pack == INSIGHTFACE:
        return f"{pack} is not imported. Run `kiosk models import FOLDER {pack} --grant TEXT`."
    if code is FaultCode.MODEL_UNKNOWN and any(each.addon and each.name == pack for each in packs(given.manifest)):
        return f"{pack} is an add-on, which works beside a pack and not alone."
    return SENTENCES[code]


def where(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add `--models DIR` to a verb."""
    parser.add_argument("--models", type=Path, metavar="DIR", help="where models are installed")
    return parser


def number(text: str) -> float:
    """A number of the command line. Raises ArgumentTypeError in words."""
    try:
        return float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"must be a number, which {text!r} is not") from error


def say(sentence: str, *, error: bool = False) -> None:
    """Speak to the person who gave the command; on standard error where standard output is for JSON."""
    print(sentence, file=sys.stderr if error else sys.stdout, flush=True)


def _parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk models", description="Recognition models, and what they are worth.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="VERB")
    file = FILES.get(argv[0]) if argv else None
    for name in [file] if file else dict.fromkeys(FILES.values()):
        importlib.import_module(f"kiosk.cli.{name}").add(commands)
    return parser
