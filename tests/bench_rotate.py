"""How long a rotation of the store key takes, and how long it keeps others waiting: `python tests/bench_rotate.py`."""

import sys
import tempfile
import time
from pathlib import Path

from store_kit import close_all, new_store

from kiosk.store import rotate
from kiosk.store.keys import KeyKind

PEOPLE = 10_000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = new_store(Path(folder) / "state")
        with store.database.write():
            for number in range(PEOPLE):
                for kind in (KeyKind.PROFILE, KeyKind.RECORD):
                    store.keys.make(kind, person=f"{number:016x}", period="2026-11" if kind is KeyKind.RECORD else "")
        waits, write = [], rotate._chunk

        def timed(*args: object) -> object:
            began = time.perf_counter()
            try:
                return write(*args)  # type: ignore[arg-type]
            finally:
                waits.append(time.perf_counter() - began)

        rotate._chunk = timed  # type: ignore[assignment]
        began = time.perf_counter()
        done = rotate.rotate(store)
        took = time.perf_counter() - began
        waits.sort()
        sys.stdout.write(
            f"{done.keys} keys in {took:.1f} s; {len(waits)} transactions, p50 {waits[len(waits) // 2] * 1000:.0f} ms,"
            f" longest {waits[-1] * 1000:.0f} ms before its commit\n"
        )
        close_all()


if __name__ == "__main__":
    main()
