"""Reads models/manifest.toml into packs; refuses a manifest with unknown or missing words."""

import math
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from kiosk.faults import Fault, FaultCode

MANIFEST: Final = Path(__file__).resolve().parents[2] / "models" / "manifest.toml"
"""Beside the package `kiosk`, in a checkout and when installed."""
MOST_BYTES: Final = 512 << 20
"""Of one file; the largest recogniser that InsightFace publishes has about 260 MB."""
MOST_PIXELS: Final = 1 << 22
"""Of the picture that a network is given."""


class Colour(StrEnum):
    """The order of channels that a network was trained on; frames are BGR."""

    BGR = "bgr"
    RGB = "rgb"
    GREY_SWAPPED = "grey-swapped"
    """0.114 R + 0.587 G + 0.299 B: the weights of BGR2GRAY on data that was RGB, as the pack was trained."""


class Decoder(StrEnum):
    """What reads a network's answers; with it goes what the network's inputs and outputs must be (signature.py)."""

    NONE = "none"
    FR_DETECT = "fr_detect"
    """Scores and decoded boxes of the default pack's detector."""
    FR_LANDMARK = "fr_landmark"
    """68 points of the default pack."""
    YUNET = "yunet"
    """cls, obj, bbox and kps of three strides."""
    LOGITS = "logits"
    """Two or more logits."""
    VECTOR = "vector"
    """An embedding of the pack's dimension."""
    SCRFD = "scrfd"
    """insightface's SCRFD and RetinaFace detectors with five landmarks, through its own class."""
    ARCFACE = "arcface"
    """insightface's embeddings, through its own class, which is hard-wired RGB."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a picture is laid out for a network: `(x - mean) * scale`, NCHW float32."""

    width: int
    height: int
    colour: Colour
    mean: float
    scale: float


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a pack: its name, its role, the bytes that it must be, and how it is spoken to."""

    name: str
    role: str
    size: int
    sha256: str
    layout: Layout
    decoder: Decoder = Decoder.NONE
    git: str = ""
    """Where this file lies, when it is not where the pack's other files are."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores of the decision, site-centred mean of 3 frames, and the population that they were set at."""

    accept: float
    near: float
    margin: float
    population: str
    error_rate: str


@dataclass(frozen=True, slots=True)
class NpmSource:
    """An npm package that holds the files in `folder`; integrity as the registry states it (sha512-base64)."""

    package: str
    version: str
    integrity: str
    folder: str


@dataclass(frozen=True, slots=True)
class Pack:
    """A set of networks that work together, or an add-on to one (`addon`, dimension 0, no thresholds).

    Attributes:
        serves: names of the packs that an add-on is for; empty for all.
        git: https URL with `{name}` for the file; empty where the pack is published nowhere that we may fetch from.
    """

    name: str
    addon: bool
    default: bool
    title: str
    licence: str
    provenance: str
    embedding_space: str
    dimension: int
    thresholds: Thresholds | None
    files: tuple[ModelFile, ...]
    npm: NpmSource | None
    git: str
    serves: tuple[str, ...] = ()


@cache
def packs(path: Path = MANIFEST) -> tuple[Pack, ...]:
    """Read every pack of the manifest, once.

    Raises:
        Fault: MODEL_UNKNOWN when the manifest is missing or malformed.
    """
    return read(path)


def read(path: Path) -> tuple[Pack, ...]:
    """Read every pack that a file of the manifest's form describes.

    Raises:
        Fault: MODEL_UNKNOWN when it is missing or malformed.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))["pack"]
        return tuple(_pack(table) for table in tables)
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise Fault(FaultCode.MODEL_UNKNOWN, path.name) from error


def find(name: str, path: Path = MANIFEST) -> Pack:
    """Return the pack called `name`.

    Raises:
        Fault: MODEL_UNKNOWN when there is none.
    """
    for pack in packs(path):
        if pack.name == name:
            return pack
    raise Fault(FaultCode.MODEL_UNKNOWN, name)


def _pack(table: dict[str, Any]) -> Pack:
    addon = {"pack": False, "addon": True}[table["kind"]]
    return Pack(
        name=table["name"],
        addon=addon,
        default=table.get("default", False),
        title=table["title"],
        licence=table["licence"],
        provenance=table["provenance"],
        embedding_space="" if addon else table["embedding_space"],
        dimension=0 if addon else table["dimension"],
        thresholds=None if addon else Thresholds(**table["thresholds"]),
        files=tuple(_file(entry) for entry in table["file"]),
        npm=NpmSource(**table["npm"]) if "npm" in table else None,
        git=table["git"],
        serves=tuple(table.get("serves", ())),
    )


def _file(table: dict[str, Any]) -> ModelFile:
    width, height = table["size"]
    layout = Layout(width, height, Colour(table["colour"]), float(table["mean"]), float(table["scale"]))
    name, sha256, size = table["name"], table["sha256"], table["bytes"]
    sound = (
        Path(name).name == name and name.endswith(".onnx"),
        len(bytes.fromhex(sha256)) == 32,  # noqa: PLR2004 - SHA-256
        type(size) is int and 0 <= size <= MOST_BYTES,
        type(width) is int and type(height) is int and min(width, height) > 0 and width * height <= MOST_PIXELS,
        math.isfinite(layout.mean) and math.isfinite(layout.scale) and layout.scale > 0,
    )
    if not all(sound):
        raise ValueError(name)
    decoder = Decoder(table.get("decoder", Decoder.NONE))
    return ModelFile(name, table["role"], size, sha256, layout, decoder, table.get("git", ""))
