"""Promise: what runs the networks keeps no id of the device, and tells its maker nothing."""

import os
import re
import subprocess
import sys
from pathlib import Path

import onnxruntime
from onnx_kit import model

ROOT = Path(__file__).parents[1]
LOAD = """
import sys
{first}
import onnxruntime
onnxruntime.InferenceSession(open(sys.argv[1], "rb").read(), providers=["CPUExecutionProvider"])
"""


def left_at_home(place: Path, first: str) -> list[str]:
    """The files in a new home after a network was loaded."""
    home = place / "home"
    home.mkdir()
    (place / "model.onnx").write_bytes(model())
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    program = [sys.executable, "-c", LOAD.format(first=first), str(place / "model.onnx")]
    subprocess.run(program, check=True, env=environment)
    return sorted(path.name for path in home.rglob("*") if path.is_file())


def test_the_runtime_of_the_networks_leaves_no_id_and_no_note_of_what_it_did(tmp_path: Path) -> None:
    assert left_at_home(tmp_path, "import kiosk.vision") == []


def test_without_our_word_the_runtime_would(tmp_path: Path) -> None:
    """What the test above would find: it calibrates its bar."""
    version = tuple(int(part) for part in onnxruntime.__version__.split(".")[:2])
    assert ("deviceid" in left_at_home(tmp_path, "")) == (version >= (1, 32))


def test_nothing_can_load_the_runtime_before_that_word_is_given() -> None:
    files = [
        path
        for path in ROOT.glob("kiosk/**/*.py")
        if re.search(r"^\s*(import|from) (onnxruntime|insightface)", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert files
    assert {path.relative_to(ROOT).parts[:2] for path in files} == {("kiosk", "vision")}
