"""`kiosk models import`: models from a folder, without a network; refuses every byte the manifest lacks."""

import argparse
from pathlib import Path

from kiosk.cli.models import say, where
from kiosk.cli.models_fetch import fetch, from_directory
from kiosk.vision.manifest import find, packs


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    parser = where(commands.add_parser("import", help="install from a folder, without a network"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("pack", nargs="?")
    parser.set_defaults(do=_import)


def _import(given: argparse.Namespace) -> int:
    folder: Path = given.folder
    if not folder.is_dir():
        say(f"{folder} is not a folder.")
        return 1
    done = 0
    for pack in packs(given.manifest) if given.pack is None else [find(given.pack, given.manifest)]:
        there = [folder / file.name for file in pack.files] + [folder / pack.name / file.name for file in pack.files]
        if given.pack is None and not any(path.is_file() for path in there):
            continue
        fetch(pack, given.models, pack.files, [from_directory(folder)], say)
        say(f"{pack.name} is installed and verified.")
        done += 1
    if not done:
        say("There is no model file in that folder that this program knows.")
    return 0 if done else 1
