"""`kiosk models list | verify`: what there is and whether it is whole; refuses to call an altered file installed."""

import argparse
import json
from pathlib import Path
from typing import Any

from kiosk.cli.models import say, sentence, where
from kiosk.faults import FaultCode
from kiosk.vision.known import INSIGHTFACE, find, known
from kiosk.vision.manifest import Pack
from kiosk.vision.packs import FileState, states


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    shown = where(commands.add_parser("list", help="what there is, and what is installed"))
    shown.add_argument("--json", action="store_true", help="one JSON object on standard output")
    shown.set_defaults(do=_list)
    verify = where(commands.add_parser("verify", help="compare every installed byte with what this program knows"))
    verify.add_argument("pack", nargs="?")
    verify.set_defaults(do=_verify)


def _list(given: argparse.Namespace) -> int:
    there = known(given.models, given.manifest)
    if given.json:
        say(json.dumps({"models": str(given.models), "packs": [_row(given.models, pack) for pack in there]}))
        return 0
    for pack in there:
        found = states(given.models, pack).values()
        state = "installed" if all(each is FileState.OK for each in found) else "not installed"
        state = "ALTERED" if FileState.ALTERED in found else state
        megabytes = sum(file.size for file in pack.files) / 1e6
        kind = "add-on" if pack.addon else "pack"
        say(f"{pack.name:12} {kind:7} {state:14} {megabytes:5.1f} MB  {pack.licence}")
        say(f"{'':12} {pack.title}")
        if pack.name == INSIGHTFACE:
            say(f"{'':12} {pack.provenance}")
    if INSIGHTFACE not in {pack.name for pack in there}:
        say(f"{INSIGHTFACE:12} pack    not imported             weights non-commercial without a grant")
        say(f"{'':12} any folder of InsightFace models: kiosk models import FOLDER {INSIGHTFACE} --grant TEXT")
    say(f"Models are installed in {given.models}")
    return 0


def _row(models: Path, pack: Pack) -> dict[str, Any]:
    files = {name: state.value for name, state in states(models, pack).items()}
    return {"name": pack.name, "addon": pack.addon, "licence": pack.licence, "title": pack.title, "files": files}


def _verify(given: argparse.Namespace) -> int:
    wrong: set[FileState] = set()
    for pack in _asked(given):
        found = states(given.models, pack)
        if given.pack is None and not pack.default and set(found.values()) == {FileState.MISSING}:
            continue
        for file, state in found.items():
            say(f"{pack.name}/{file}: {state.value}")
            wrong |= {state} - {FileState.OK}
    if not wrong:
        say("Every file is the one that this program knows.")
    else:
        say(sentence(FaultCode.MODEL_MISSING if wrong == {FileState.MISSING} else FaultCode.MODEL_ALTERED, given))
    return 1 if wrong else 0


def _asked(given: argparse.Namespace) -> tuple[Pack, ...]:
    if given.pack is None:
        return known(given.models, given.manifest)
    return (find(given.models, given.pack, given.manifest),)
