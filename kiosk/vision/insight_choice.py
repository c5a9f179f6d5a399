"""Chooses from a directory of InsightFace models a detector and a recogniser; refuses whatever guesses what people are.

The kinds are told apart as insightface's own router does it, by inputs and outputs, but read from the file's bytes: no
network is made of a file that nobody has looked at yet.
"""

import hashlib
import importlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kiosk.vision.known import INSIGHTFACE
from kiosk.vision.manifest import MOST_BYTES, MOST_PIXELS, Colour, Decoder, Layout, ModelFile
from kiosk.vision.onnx_file import Face, OnnxRefused, check, faces
from kiosk.vision.packs import bounded

ATTRIBUTES: Final = re.compile(r"gender|emotion|expression|attribute|ethnic|(?<![a-z])(age|race)(?![a-z])")
"""Names of networks that guess age, gender, race or mood: never installed, whatever they look like."""
DETECTOR_OUTPUTS: Final = {9, 15}
DETECTOR_SIZE: Final = (640, 480)
"""Of a detector that takes any size: the frames of the kiosk, and a multiple of its largest stride."""
DETECTOR_MEAN: Final = (127.5, 128.0)
RECOGNISER_SIZE: Final = 112
LEAST_DIMENSION: Final = 64
"""A network with fewer numbers is no recogniser: it answers a question about the person."""
MOST_DIMENSION: Final = 4096
_ATTRIBUTE_SIZE: Final = 96
_LANDMARK_SIZE: Final = 192
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.onnx")
_MOST_MANIFEST: Final = 1 << 20
_GRANT: Final = range(10, 501)


class NotChosen(Exception):  # noqa: N818 - reads as what happened
    """The directory holds no pack that could be imported; its text is a sentence for the person who asked."""


@dataclass(frozen=True, slots=True)
class Found:
    """One network of the directory that is wanted: its bytes, and how it is spoken to."""

    file: ModelFile
    data: bytes = field(repr=False)
    dimension: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """What will be installed, and what will not: file name to the reason."""

    detector: Found
    recogniser: Found
    left_out: Mapping[str, str]

    @property
    def space(self) -> str:
        """The embedding space: the recogniser's bytes and how a picture is laid out for them."""
        file = self.recogniser.file
        return f"insightface-{file.sha256[:16]}-rgb-{file.layout.mean:g}-{1 / file.layout.scale:g}-umeyama5"


def choose(folder: Path) -> Choice:
    """Read a directory of InsightFace models, one file after the other, and choose.

    Raises:
        NotChosen: without exactly one detector with five landmarks and one recogniser, or for a file that is no model,
            reaches outside itself, or is not what the package's own manifest says.
        OSError: when it cannot be read.
    """
    left_out: dict[str, str] = {}
    detectors: list[Found] = []
    recognisers: list[Found] = []
    for path, stated in _files(folder):
        if ATTRIBUTES.search(path.stem.lower()):
            left_out[path.name] = "it guesses what people are"
            continue
        data = _read(path, stated.get("sha256"))
        found = "it is no file, or larger than any face network" if data is None else _found(path.name, data, stated)
        if isinstance(found, str):
            left_out[path.name] = found
        else:
            (detectors if found.file.role == "detect" else recognisers).append(found)
    for what, of in (("detector with five landmarks", detectors), ("recogniser", recognisers)):
        if len(of) != 1:
            names = ", ".join(each.file.name for each in of)
            raise NotChosen(f"One {what} is needed, and there {'are several: ' + names if of else 'is none'}.")
    return Choice(detectors[0], recognisers[0], left_out)


def granted(text: str) -> str:
    """Return the grant as it is kept. Raises NotChosen for what is no sentence."""
    text = " ".join(text.split())
    if len(text) not in _GRANT or not text.isprintable():
        raise NotChosen("Say who granted what, in 10 to 500 characters.")
    return text


def description(choice: Choice, grant: str, day: str) -> str:
    """Write the imported pack down in the manifest's form.

    Args:
        choice: what is installed.
        grant: from `granted`.
        day: of the import, YYYY-MM-DD.
    """
    head = {
        "name": INSIGHTFACE,
        "kind": "pack",
        "title": f"InsightFace models: {choice.detector.file.name}, {choice.recogniser.file.name}",
        "licence": "as granted, see below",
        "provenance": f"Imported on {day}. Stated grant: {grant}",
        "grant": grant,
        "granted_on": day,
        "left_out": sorted(choice.left_out),
        "embedding_space": choice.space,
        "dimension": choice.recogniser.dimension,
        "metric": "cosine",
        "git": "",
    }
    rule = {
        "accept": 0.50,
        "near": 0.43,
        "margin": 0.05,
        "population": "not measured with these weights: the values of the default pack",
        "error_rate": "not measured here; run `kiosk models evaluate` and `calibrate` on this site",
    }
    lines = ["# Written by `kiosk models import`; whoever changes it changes what may be loaded.", "[[pack]]"]
    lines += [*_pairs(head), "", "[pack.thresholds]", *_pairs(rule)]
    for each in (choice.detector.file, choice.recogniser.file):
        lines += ["", "[[pack.file]]", *_pairs(_entry(each))]
    return "\n".join(lines) + "\n"


def _entry(file: ModelFile) -> dict[str, Any]:
    layout = file.layout
    return {
        "name": file.name,
        "role": file.role,
        "decoder": file.decoder.value,
        "bytes": file.size,
        "sha256": file.sha256,
        "size": [layout.width, layout.height],
        "colour": layout.colour.value,
        "mean": layout.mean,
        "scale": layout.scale,
    }


def _pairs(table: Mapping[str, Any]) -> list[str]:
    """Write TOML: a JSON string, number or list is one, for text without control characters."""
    return [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items()]


def _files(folder: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Give each model file, and what the package's own manifest says of it where there is one (version 2)."""
    package = importlib.import_module("insightface.model_zoo.package_manifest")
    manifest = folder / package.MODEL_PACKAGE_MANIFEST
    try:
        if manifest.exists():
            bounded(manifest, _MOST_MANIFEST)
        if manifest.exists() and package.has_model_package_manifest(folder):
            for task in package.load_model_package(folder).tasks.values():
                yield task.path, {"task": task.task, "sha256": task.sha256, **task.metadata}
            return
    except (ValueError, TypeError, FileNotFoundError, RecursionError) as error:
        raise NotChosen("The package's manifest.json is not understood.") from error
    yield from ((path, {}) for path in sorted(folder.glob("*.onnx")))


def _read(path: Path, sha256: str | None) -> bytes | None:
    """Read a file that is a model and no danger; none for one that is too large, or no file."""
    if _NAME.fullmatch(path.name) is None:
        raise NotChosen("A model file has a name that is not plain letters and digits.")
    try:
        data = bounded(path, MOST_BYTES)
        check(data)
    except OnnxRefused as error:
        raise NotChosen(f"{path.name} is refused: {error}.") from error
    except ValueError:
        return None
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise NotChosen(f"{path.name} is not what the package's manifest.json says.")
    return data


def _found(name: str, data: bytes, stated: Mapping[str, Any]) -> Found | str:
    """Tell what a network is for, or why it is left out."""
    try:
        face = faces(data)
    except OnnxRefused as error:
        raise NotChosen(f"{name} is refused: {error}.") from error
    if stated.get("task") == "verification":
        return "the program does not use it"
    if len(face.outputs) >= 5:  # noqa: PLR2004 - insightface's router
        return _detector(name, data, face, stated)
    sizes = face.inputs[0].shape[2:] if face.inputs else ()
    if sizes == (_ATTRIBUTE_SIZE, _ATTRIBUTE_SIZE):
        return "it guesses what people are"
    if sizes == (_LANDMARK_SIZE, _LANDMARK_SIZE):
        return "the detector's five landmarks are enough"
    return _recogniser(name, data, face, stated)


def _recogniser(name: str, data: bytes, face: Face, stated: Mapping[str, Any]) -> Found | str:
    sizes = [each.shape[2:] for each in face.inputs]
    dimension = face.outputs[0].shape[-1] if len(face.outputs) == 1 and face.outputs[0].shape else None
    if sizes != [(RECOGNISER_SIZE, RECOGNISER_SIZE)] or dimension is None:
        return f"it is no face recogniser of {RECOGNISER_SIZE} x {RECOGNISER_SIZE} pixels"
    if not LEAST_DIMENSION <= dimension <= MOST_DIMENSION:
        return "it guesses what people are" if dimension < LEAST_DIMENSION else "its embedding is too long"
    mean, deviation = _stated(stated) or normalisation(face)
    layout = Layout(RECOGNISER_SIZE, RECOGNISER_SIZE, Colour.RGB, mean, 1 / deviation)
    return Found(_file(name, "embed", data, layout, Decoder.ARCFACE), data, dimension)


def normalisation(face: Face) -> tuple[float, float]:
    """Mean and deviation of a recogniser, as insightface reads them off the first eight nodes' names.

    One that begins with a subtraction and a multiplication (made with MXNet) does both itself.
    """
    first = face.nodes[:8]
    inside = all(any(name.startswith(words) for name in first) for words in (("Sub", "_minus"), ("Mul", "_mul")))
    return (0.0, 1.0) if inside else (127.5, 127.5)


def _detector(name: str, data: bytes, face: Face, stated: Mapping[str, Any]) -> Found | str:
    if len(face.outputs) not in DETECTOR_OUTPUTS:
        return "a detector without five landmarks"
    height, width = face.inputs[0].shape[2:4] if len(face.inputs) == 1 and len(face.inputs[0].shape) > 3 else (0, 0)  # noqa: PLR2004
    if width is None or height is None or width * height == 0:
        width, height = DETECTOR_SIZE
    if width * height > MOST_PIXELS:
        return "a detector for larger pictures than a camera gives"
    mean, deviation = _stated(stated) or DETECTOR_MEAN
    layout = Layout(width, height, Colour.RGB, mean, 1 / deviation)
    return Found(_file(name, "detect", data, layout, Decoder.SCRFD), data)


def _stated(stated: Mapping[str, Any]) -> tuple[float, float] | None:
    """Mean and deviation of the package's manifest: none given, or "embedded" in the network itself."""
    preprocessing = stated.get("preprocessing")
    if preprocessing is None:
        return None
    if isinstance(preprocessing, str):
        return 0.0, 1.0
    return float(preprocessing["mean"]), float(preprocessing["std"])


def _file(name: str, role: str, data: bytes, layout: Layout, decoder: Decoder) -> ModelFile:
    """Name a file after its bytes too, so that another import never writes over what is in use."""
    sha256 = hashlib.sha256(data).hexdigest()
    return ModelFile(f"{name.removesuffix('.onnx')}-{sha256[:8]}.onnx", role, len(data), sha256, layout, decoder)
