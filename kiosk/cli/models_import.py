"""`kiosk models import`: models from a folder, without a network; refuses unknown bytes and ungranted weights."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kiosk.cli.models import say, where
from kiosk.cli.models_fetch import fetch, from_directory, install
from kiosk.faults import Fault, FaultCode
from kiosk.vision.insight_choice import Choice, NotChosen, choose, description, granted
from kiosk.vision.known import DESCRIPTION, INSIGHTFACE
from kiosk.vision.manifest import Pack, find, packs, read

GRANT: Final = (
    "InsightFace publishes its weights for non-commercial research only. At the door of a company they need a grant, "
    "from InsightFace or whoever owns the weights. If there is one, state it, and it is kept with the pack: "
    'kiosk models import FOLDER insightface --grant "who granted what, and when"'
)
TRIAL_S: Final = 300


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    parser = where(commands.add_parser("import", help="install from a folder, without a network"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("pack", nargs="?", help="one pack; `insightface` for any folder of InsightFace models")
    parser.add_argument("--pack", dest="named", metavar="PACK", help="the same")
    parser.add_argument("--grant", metavar="TEXT", help="on what grant InsightFace's weights are used here")
    parser.set_defaults(do=_import)


def _import(given: argparse.Namespace) -> int:
    folder: Path = given.folder
    name: str | None = given.named or given.pack
    if not folder.is_dir():
        say(f"{folder} is not a folder.")
        return 1
    if name == INSIGHTFACE:
        return _insightface(folder, given.grant, given.models)
    done = 0
    for pack in packs(given.manifest) if name is None else [find(name, given.manifest)]:
        if name is None and not _offers(folder, pack, given.manifest):
            continue
        fetch(pack, given.models, pack.files, [from_directory(folder)], say)
        say(f"{pack.name} is installed and verified.")
        done += 1
    if not done:
        say("There is no model file in that folder that this program knows.")
        if name is None and any(folder.glob("*.onnx")):
            say(f"If they are InsightFace's: kiosk models import FOLDER {INSIGHTFACE} --grant TEXT")
    return 0 if done else 1


def _offers(folder: Path, pack: Pack, manifest: Path) -> bool:
    """Whether a folder holds a pack: all of its files, or one that no other pack has as well."""
    there = [
        file for file in pack.files if any((place / file.name).is_file() for place in (folder, folder / pack.name))
    ]
    hashes = Counter(file.sha256 for each in packs(manifest) for file in each.files)
    return len(there) == len(pack.files) or any(hashes[file.sha256] == 1 for file in there)


def _insightface(folder: Path, grant: str | None, models: Path) -> int:
    if not (grant or "").strip():
        say(GRANT)
        return 1
    try:
        choice = choose(folder)
        text = description(choice, granted(grant or ""), f"{datetime.now(UTC):%Y-%m-%d}")
        for name, reason in choice.left_out.items():
            say(f"  {name} is left out: {reason}.")
        _try(choice, text, models)
    except NotChosen as reason:
        say(f"{reason} Nothing was installed.")
        return 1
    _put(choice, text, models)
    say(f"{INSIGHTFACE} is installed and verified: {choice.detector.file.name}, {choice.recogniser.file.name}.")
    say(f'To use it: pack = "{INSIGHTFACE}" under [recognition] in kiosk.toml.')
    say("Faces enrolled with another pack are then not recognised; `kiosk people list` marks who must enrol again.")
    return 0


def _try(choice: Choice, text: str, models: Path) -> None:
    """Load and run the pack in a process of its own before it is installed. Raises NotChosen, or Fault DISK_FAILED."""
    size = choice.detector.file.size + choice.recogniser.file.size
    try:
        models.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=models, prefix=".trial-") as place:
            _put(choice, text, Path(place))
            command = [sys.executable, "-P", "-m", "kiosk.cli.models_trial", place, INSIGHTFACE, str(size)]
            subprocess.run(command, check=True, capture_output=True, timeout=TRIAL_S)  # noqa: S603 - our own program
    except subprocess.SubprocessError as error:
        raise NotChosen(
            "The models do not load and run as InsightFace's do, or want more memory or time than they may."
        ) from error
    except OSError as error:
        raise Fault(FaultCode.DISK_FAILED, INSIGHTFACE) from error


def _put(choice: Choice, text: str, models: Path) -> None:
    """Write both files, then the description by one rename, then remove what it does not name. Raises DISK_FAILED."""
    target = models / INSIGHTFACE / DESCRIPTION
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=target.parent, prefix=".new-", delete=False
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new = Path(file.name)
    except OSError as error:
        raise Fault(FaultCode.DISK_FAILED, INSIGHTFACE) from error
    try:
        (pack,) = read(new)
        install(pack, models, {each.file.name: each.data for each in (choice.detector, choice.recogniser)})
        new.chmod(0o644)
        new.replace(target)
        for old in set(target.parent.glob("*.onnx")) - {target.parent / each.name for each in pack.files}:
            old.unlink()
    except OSError as error:
        raise Fault(FaultCode.DISK_FAILED, INSIGHTFACE) from error
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)
