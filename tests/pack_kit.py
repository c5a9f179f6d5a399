"""Model directories of every kind of pack, filled with the small networks of tiny_networks."""

import hashlib
import re
from functools import cache
from pathlib import Path

from tiny_networks import attributes, recogniser, scrfd, sface, yunet

from kiosk.vision.manifest import MANIFEST, find
from kiosk.vision.packs import path_of

GRANT = "InsightFace, licence 12 of 2026, for this office"


@cache
def buffalo() -> dict[str, bytes]:
    """What lies in a directory like buffalo_s."""
    return {
        "det_500m.onnx": scrfd(),
        "w600k_mbf.onnx": recogniser(),
        "genderage.onnx": attributes(),
        "1k3d68.onnx": attributes(192, 3309),
        "2d106det.onnx": attributes(192, 212),
    }


def directory(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files into a new folder."""
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def zoo(place: Path, embed: bytes | None = None, detect: bytes | None = None) -> tuple[Path, Path]:
    """The pack `opencv-zoo` as the manifest describes it, of small networks: its models folder and its manifest."""
    pack = find("opencv-zoo")
    data = {"embed": embed or sface(), "detect": detect or yunet()}
    text = MANIFEST.read_text("utf-8")
    start = text.index('name = "opencv-zoo"')
    for file in pack.files:
        made = data[file.role]
        target = path_of(place, pack, file)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(made)
        head, tail = text[: text.index(file.name, start)], text[text.index(file.name, start) :]
        tail = re.sub(r"bytes = \d+", f"bytes = {len(made)}", tail, count=1)
        text = head + re.sub(r'sha256 = "\w+"', f'sha256 = "{hashlib.sha256(made).hexdigest()}"', tail, count=1)
    manifest = place / "manifest.toml"
    manifest.write_text(text)
    return place, manifest
