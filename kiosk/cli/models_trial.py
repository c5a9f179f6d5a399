"""Loads and runs an imported pack once, in a process of its own with little memory and time; refuses to need more."""

import resource
import sys
from pathlib import Path
from typing import Final

MEMORY: Final = 2 << 30
"""Bytes of addresses for the libraries; OpenCV, ONNX Runtime and insightface take under 1 GiB."""
MEMORY_PER_BYTE: Final = 8
"""Copies of the weights that are held at once while a network is made: the file, what is parsed, what is laid out."""
SECONDS: Final = 120


def main(argv: list[str]) -> int:
    """Try the pack NAME in MODELS, whose files have BYTES together; returns 0 when it loads and runs.

    Raises:
        Fault: MODEL_ALTERED or MODEL_UNFIT. A network that asks for too much ends the process.
    """
    models, name, size = Path(argv[0]), argv[1], int(argv[2])
    memory = MEMORY + MEMORY_PER_BYTE * size
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    import numpy as np  # noqa: PLC0415 - after the limits

    from kiosk.vision.align import SIZE  # noqa: PLC0415
    from kiosk.vision.ready import ready  # noqa: PLC0415

    pipeline = ready(models, name)
    noise = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)
    pipeline.detect(noise)
    pipeline.embed(noise[:SIZE, :SIZE])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
