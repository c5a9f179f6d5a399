"""Makes networks of mangled bytes, in a process of its own that may crash; prints how many were refused."""

import resource
import sys
from pathlib import Path

import numpy as np

from kiosk.faults import Fault
from kiosk.vision.manifest import Colour, Decoder, Layout, ModelFile
from kiosk.vision.session import Session
from kiosk.vision.signature import fits

MEMORY = 2 << 30
ENDS = 700
"""Bytes at either end of the file in which its structure lies; between them are weights."""
FILE = ModelFile("a.onnx", "embed", 0, "", Layout(112, 112, Colour.RGB, 0.0, 1.0), Decoder.VECTOR)


def main(path: Path, count: int) -> int:
    whole, rng, refused = path.read_bytes(), np.random.default_rng(6), 0
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for _ in range(count):
        broken = bytearray(whole)
        start = int(rng.choice([0, len(whole) - ENDS])) + int(rng.integers(ENDS))
        for place in (start, start + 1 + int(rng.integers(40))):
            broken[min(place, len(whole) - 1)] = int(rng.integers(256))
        try:
            fits(Session(bytes(broken), FILE), FILE, 128)
        except Fault:
            refused += 1
    return refused


if __name__ == "__main__":
    sys.stdout.write(f"{main(Path(sys.argv[1]), int(sys.argv[2]))}\n")
