"""Memory while people come and go: it stays where it was, and what a default pack does not need is never loaded."""

import gc
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sight_kit import Counting, Table, enrolled, standing
from vision_kit import installed

from kiosk.vision.gallery import Match

ROOT = Path(__file__).resolve().parents[1]


def resident_mib() -> float:
    """Memory of this process that no file stands behind."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("RssAnon:")[1].split()[0]) / 1024


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_memory_is_flat_over_many_decisions(rounds: Callable[[int, int], int]) -> None:
    table = Table(Counting(), enrolled("astronaut", "t1-2"))
    frames = standing("astronaut", 3)

    def decide(times: int) -> None:
        for _ in range(times):
            table.look()
            decision = table.show(frames)
            assert decision is not None
            assert isinstance(decision.decision, Match)

    decide(15)
    gc.collect()
    before = resident_mib()
    decide(rounds(80, 10_000))
    gc.collect()
    assert resident_mib() - before < 4


def test_the_running_path_loads_nothing_that_only_other_packs_or_the_film_need() -> None:
    installed()
    code = (
        "import sys, numpy as np\n"
        "from kiosk.vision.packs import load\n"
        "from kiosk.vision.pipeline import Pipeline\n"
        "from kiosk.vision import recogniser, v4l_camera\n"
        "Pipeline(load()).detect(np.full((480, 640, 3), 90, np.uint8))\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules} | {n for n in sys.modules if 'film' in n}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "onnxruntime" in loaded
    heavy = {"insightface", "skimage", "scipy", "onnx", "sklearn", "matplotlib", "PIL", "requests", "PySide6"}
    assert loaded.isdisjoint(heavy | {"kiosk.vision.film", "kiosk.vision.film_people"})
