"""Loads installed models from the very bytes that were verified; refuses a byte that the manifest does not name."""

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.vision.manifest import MANIFEST, ModelFile, Pack, find, packs
from kiosk.vision.session import Session

DEFAULT: Final = "faceplugin"


class FileState(StrEnum):
    """What lies where a model should be."""

    OK = "ok"
    MISSING = "missing"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """A pack with its networks in memory, and those of the add-ons that are installed.

    Attributes:
        pack: what the manifest says.
        sessions: one for each role, for example `embed`.
    """

    pack: Pack
    sessions: Mapping[str, Session]


def default_directory() -> Path:
    """Where models are installed unless somebody says otherwise: inside the virtual environment that runs us."""
    return Path(sys.prefix) / "share" / "ambang" / "models"


def path_of(models: Path, pack: Pack, file: ModelFile) -> Path:
    """Where a pack's file is installed."""
    return models / pack.name / file.name


def verified(path: Path, file: ModelFile) -> bytes:
    """Read a file and return its bytes when they are the manifest's.

    Raises:
        Fault: MODEL_MISSING or MODEL_ALTERED, with the file's name.
    """
    try:
        if path.stat().st_size != file.size:
            raise Fault(FaultCode.MODEL_ALTERED, file.name)
        data = path.read_bytes()
    except OSError as error:
        raise Fault(FaultCode.MODEL_MISSING, file.name) from error
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise Fault(FaultCode.MODEL_ALTERED, file.name)
    return data


def states(models: Path, pack: Pack) -> dict[str, FileState]:
    """Tell for each file of a pack whether it is installed and whole; reads every byte."""
    found: dict[str, FileState] = {}
    for file in pack.files:
        try:
            verified(path_of(models, pack, file), file)
        except Fault as fault:
            found[file.name] = FileState.MISSING if fault.code is FaultCode.MODEL_MISSING else FileState.ALTERED
        else:
            found[file.name] = FileState.OK
    return found


def load(models: Path | None = None, name: str = DEFAULT, manifest: Path = MANIFEST) -> LoadedPack:
    """Load a pack, and every add-on whose files are installed.

    Args:
        models: the folder of `default_directory`, or another.
        name: which pack.
        manifest: which manifest; tests have their own.

    Raises:
        Fault: MODEL_UNKNOWN, MODEL_MISSING or MODEL_ALTERED. A missing add-on is no fault, an altered one is.
    """
    models = default_directory() if models is None else models
    pack = find(name, manifest)
    if pack.addon:
        raise Fault(FaultCode.MODEL_UNKNOWN, name)
    wanted = [pack, *(addon for addon in packs(manifest) if addon.addon and _installed(models, addon))]
    sessions = {
        file.role: Session(verified(path_of(models, each, file), file), file) for each in wanted for file in each.files
    }
    return LoadedPack(pack, sessions)


def _installed(models: Path, pack: Pack) -> bool:
    return all(path_of(models, pack, file).exists() for file in pack.files)
