"""Loads installed models from the very bytes that were verified; refuses a byte that no list names."""

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from kiosk.faults import Fault, FaultCode
from kiosk.vision import insight
from kiosk.vision.known import DEFAULT, default_directory, find
from kiosk.vision.manifest import MANIFEST, Decoder, ModelFile, Pack, packs
from kiosk.vision.session import Session
from kiosk.vision.signature import fits

__all__ = [
    "DEFAULT",
    "FileState",
    "LoadedPack",
    "bounded",
    "default_directory",
    "find",
    "load",
    "path_of",
    "states",
    "verified",
]


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
        insight: insightface's own object for each role that has one.
    """

    pack: Pack
    sessions: Mapping[str, Session]
    insight: Mapping[str, Any] = field(default_factory=dict)


def path_of(models: Path, pack: Pack, file: ModelFile) -> Path:
    """Where a pack's file is installed."""
    return models / pack.name / file.name


def verified(path: Path, file: ModelFile) -> bytes:
    """Read a file once and return its bytes when they are the list's; nothing is read past the size it must have.

    A link to the file is as good as the file: what counts are the bytes, and they are not read a second time.

    Raises:
        Fault: MODEL_MISSING or MODEL_ALTERED, with the file's name.
    """
    try:
        data = bounded(path, file.size)
    except ValueError as error:
        raise Fault(FaultCode.MODEL_ALTERED, file.name) from error
    except OSError as error:
        raise Fault(FaultCode.MODEL_MISSING, file.name) from error
    if len(data) != file.size or hashlib.sha256(data).hexdigest() != file.sha256:
        raise Fault(FaultCode.MODEL_ALTERED, file.name)
    return data


def bounded(path: Path, most: int) -> bytes:
    """Read a file of at most `most` bytes; a pipe or a device is not waited for.

    Raises:
        ValueError: when it is larger, or no file.
        OSError: when it cannot be read.
    """
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_size > most:
            raise ValueError(path.name)
        data = file.read(most + 1)
    if len(data) > most:  # it grew meanwhile
        raise ValueError(path.name)
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
    """Load a pack, and every add-on that serves it and whose files are installed.

    Args:
        models: the folder of `default_directory`, or another.
        name: which pack.
        manifest: which manifest; tests have their own.

    Raises:
        Fault: MODEL_UNKNOWN, MODEL_MISSING, MODEL_ALTERED or MODEL_UNFIT. A missing add-on is no fault, an altered one
            is.
    """
    models = default_directory() if models is None else models
    pack = find(models, name, manifest)
    if pack.addon:
        raise Fault(FaultCode.MODEL_UNKNOWN, name)
    addons = [each for each in packs(manifest) if each.addon and (not each.serves or name in each.serves)]
    sessions: dict[str, Session] = {}
    classes: dict[str, Any] = {}
    for each in (pack, *(addon for addon in addons if _installed(models, addon))):
        for file in each.files:
            data = verified(path_of(models, each, file), file)
            session = sessions[file.role] = Session(data, file)
            fits(session, file, pack.dimension)
            if file.decoder in {Decoder.SCRFD, Decoder.ARCFACE}:
                classes[file.role] = insight.own_class(session, file, data)
    return LoadedPack(pack, sessions, classes)


def _installed(models: Path, pack: Pack) -> bool:
    return all(path_of(models, pack, file).exists() for file in pack.files)
