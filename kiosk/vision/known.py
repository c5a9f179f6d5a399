"""Says which packs there are here, of the manifest and imported, and who needs another; refuses to load a network."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from kiosk.config import Config
from kiosk.faults import Fault, FaultCode
from kiosk.vision.manifest import MANIFEST, Pack, packs, read

DEFAULT: Final = "faceplugin"
INSIGHTFACE: Final = "insightface"
"""The pack that an administrator imports from a directory of InsightFace models, under their grant."""
DESCRIPTION: Final = "pack.toml"
"""Beside the files of an imported pack: what they must be, written when they were imported, in the manifest's form."""


def default_directory() -> Path:
    """Where models are installed unless somebody says otherwise: inside the virtual environment that runs us."""
    return Path(sys.prefix) / "share" / "ambang" / "models"


def known(models: Path, manifest: Path = MANIFEST) -> tuple[Pack, ...]:
    """Every pack of the manifest, and the one that was imported here, if there is one.

    Raises:
        Fault: MODEL_UNKNOWN when a description is malformed.
    """
    description = models / INSIGHTFACE / DESCRIPTION
    if not description.exists():
        return packs(manifest)
    imported = read(description)
    if [(pack.name, pack.addon, pack.default) for pack in imported] != [(INSIGHTFACE, False, False)]:
        raise Fault(FaultCode.MODEL_UNKNOWN, DESCRIPTION)
    return (*packs(manifest), *imported)


def find(models: Path, name: str, manifest: Path = MANIFEST) -> Pack:
    """Return the pack called `name`, of the manifest or imported.

    Raises:
        Fault: MODEL_UNKNOWN when there is none.
    """
    for pack in known(models, manifest):
        if pack.name == name:
            return pack
    raise Fault(FaultCode.MODEL_UNKNOWN, name)


def in_use(loaded: Config) -> Pack | None:
    """The pack of this door; none where it recognises no faces, or its description is not here."""
    if loaded.recognition.mode == "off":
        return None
    try:
        return find(loaded.models or default_directory(), loaded.recognition.pack)
    except Fault:
        return None


def must_enrol_again(references: Iterable[tuple[str, str]], space: str) -> frozenset[str]:
    """Tell whose face was enrolled with another pack, and not with the one in use.

    Args:
        references: of each reference its person's id and its embedding space.
        space: of the pack in use.
    """
    pairs = list(references)
    return frozenset({person for person, _ in pairs} - {person for person, model in pairs if model == space})
