"""`kiosk models fetch`: a pack from where it is published, then the add-ons; refuses every byte the manifest lacks."""

import argparse
from pathlib import Path

from kiosk.cli.models import say, where
from kiosk.cli.models_fetch import fetch, from_git
from kiosk.faults import Fault
from kiosk.vision.manifest import ModelFile, Pack, find, packs
from kiosk.vision.packs import DEFAULT, FileState, states


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    parser = where(commands.add_parser("fetch", help="get a pack from where it is published"))
    parser.add_argument("pack", nargs="?", default=DEFAULT)
    parser.set_defaults(do=_fetch)


def _fetch(given: argparse.Namespace) -> int:
    pack = find(given.pack, given.manifest)
    wanted = _wanted(pack, given.models)
    if wanted:
        fetch(pack, given.models, wanted, given.sources, say)
        say(f"{pack.name} is installed and verified.")
    else:
        say(f"{pack.name} is installed already, and every byte is right.")
    if pack.default and from_git in given.sources:
        _addons(given.models, given.manifest)
    return 0


def _addons(models: Path, manifest: Path) -> None:
    """Try the optional add-ons once; a pack works without them."""
    for addon in packs(manifest):
        wanted = _wanted(addon, models) if addon.addon else []
        if not wanted:
            continue
        try:
            fetch(addon, models, wanted, [from_git], lambda _: None)
        except Fault:
            say(f"The add-on {addon.name} ({addon.title}) is not installed; recognition works without it.")
        else:
            say(f"The add-on {addon.name} is installed and verified.")


def _wanted(pack: Pack, models: Path) -> list[ModelFile]:
    found = states(models, pack)
    return [file for file in pack.files if found[file.name] is not FileState.OK]
