"""`kiosk models`: lists, fetches, verifies and imports recognition models; refuses to open a store."""

import argparse
import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from kiosk.cli.models_fetch import SOURCES, Source, fetch, from_directory, from_git
from kiosk.faults import Fault, FaultCode
from kiosk.vision.manifest import MANIFEST, ModelFile, Pack, find, packs
from kiosk.vision.packs import DEFAULT, FileState, default_directory, states

SENTENCES: Final = {
    FaultCode.MODEL_FETCH_FAILED: (
        "The model could not be fetched. On a machine with a network run `kiosk models fetch`, "
        "or copy its files here and run `kiosk models import FOLDER`."
    ),
    FaultCode.MODEL_ALTERED: "A model file is not the one that this program knows. It was refused.",
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
    """
    if argv and argv[0] in LIVENESS:
        return _liveness(argv)
    parser = _parser()
    try:
        words = parser.parse_args(argv)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 2
    models: Path = words.models or default_directory()
    commands: dict[str, Callable[[], int]] = {
        "list": lambda: _list(models, manifest),
        "fetch": lambda: _fetch(find(words.pack, manifest), models, sources, manifest),
        "verify": lambda: _verify(words.pack, models, manifest),
        "import": lambda: _import(words.folder, words.pack, models, manifest),
    }
    try:
        return commands[words.command]()
    except Fault as fault:
        _say(SENTENCES.get(fault.code, str(fault)))
        return 1


def _liveness(argv: Sequence[str]) -> int:
    """The self-test writes into the data directory: its file is loaded for its own verbs alone."""
    parser = argparse.ArgumentParser(prog="kiosk models")
    importlib.import_module("kiosk.cli.models_liveness").add(parser.add_subparsers(required=True))
    try:
        given = parser.parse_args(argv)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 2
    code: int = given.do(given)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kiosk models",
        description="Recognition models: list, fetch, verify, import.",
        epilog="Against fake faces: `kiosk models liveness-test`, `kiosk models liveness-card`.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("list", "what there is, and what is installed"),
        ("fetch", "get a pack from where it is published"),
        ("verify", "compare every installed byte with what this program knows"),
        ("import", "install from a folder, without a network"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--models", type=Path, metavar="DIR", help="where models are installed")
        if name == "import":
            command.add_argument("folder", type=Path)
        if name != "list":
            command.add_argument("pack", nargs="?", default=DEFAULT if name == "fetch" else None)
    return parser


def _list(models: Path, manifest: Path) -> int:
    for pack in packs(manifest):
        found = states(models, pack).values()
        state = "installed" if all(each is FileState.OK for each in found) else "not installed"
        state = "ALTERED" if FileState.ALTERED in found else state
        megabytes = sum(file.size for file in pack.files) / 1e6
        kind = "add-on" if pack.addon else "pack"
        _say(f"{pack.name:12} {kind:7} {state:14} {megabytes:5.1f} MB  {pack.licence}")
        _say(f"{'':12} {pack.title}")
    _say(f"Models are installed in {models}")
    return 0


def _fetch(pack: Pack, models: Path, sources: Sequence[Source], manifest: Path) -> int:
    wanted = _wanted(pack, models)
    if wanted:
        fetch(pack, models, wanted, sources, _say)
        _say(f"{pack.name} is installed and verified.")
    else:
        _say(f"{pack.name} is installed already, and every byte is right.")
    if pack.default and from_git in sources:
        _addons(models, manifest)
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
            _say(f"The add-on {addon.name} ({addon.title}) is not installed; recognition works without it.")
        else:
            _say(f"The add-on {addon.name} is installed and verified.")


def _verify(name: str | None, models: Path, manifest: Path) -> int:
    wrong: set[FileState] = set()
    for pack in packs(manifest) if name is None else [find(name, manifest)]:
        found = states(models, pack)
        if name is None and not pack.default and set(found.values()) == {FileState.MISSING}:
            continue
        for file, state in found.items():
            _say(f"{pack.name}/{file}: {state.value}")
            wrong |= {state} - {FileState.OK}
    if not wrong:
        _say("Every file is the one that this program knows.")
    else:
        _say(SENTENCES[FaultCode.MODEL_MISSING if wrong == {FileState.MISSING} else FaultCode.MODEL_ALTERED])
    return 1 if wrong else 0


def _import(folder: Path, name: str | None, models: Path, manifest: Path) -> int:
    if not folder.is_dir():
        _say(f"{folder} is not a folder.")
        return 1
    done = 0
    for pack in packs(manifest) if name is None else [find(name, manifest)]:
        there = [folder / file.name for file in pack.files] + [folder / pack.name / file.name for file in pack.files]
        if name is None and not any(path.is_file() for path in there):
            continue
        fetch(pack, models, pack.files, [from_directory(folder)], _say)
        _say(f"{pack.name} is installed and verified.")
        done += 1
    if not done:
        _say("There is no model file in that folder that this program knows.")
    return 0 if done else 1


def _wanted(pack: Pack, models: Path) -> list[ModelFile]:
    found = states(models, pack)
    return [file for file in pack.files if found[file.name] is not FileState.OK]


def _say(sentence: str) -> None:
    print(sentence, flush=True)  # noqa: T201 - a command speaks to the person who gave it
