"""How small, blurred, dark and tilted a badge may be: `python tests/bench_qr.py`, for the tables of docs/badges.md."""

import statistics
import sys
import time
from itertools import product

from code_kit import held, nothing

from kiosk.vision import qr
from wire import badge, slip
from wire.badge import Badge
from wire.signing import SigningKey, key_id
from wire.slip import Direction, Slip

KEY = SigningKey.from_bytes(bytes(range(32)))
BADGE = badge.issue(Badge(b"\x07" * 8, key_id(KEY.public), 1_900_000_000), KEY)
SLIP = slip.issue(
    Slip(b"\x07" * 8, key_id(KEY.public), Direction.LEAVE, 1_800_000_000, "Kantor Cabang Bandung TX"), KEY
)
LONGEST = BADGE + "x" * (qr.MOST - len(BADGE))
ANGLES = tuple(range(0, 360, 15))
SIDES = (100, 120, 140, 160, 200, 260)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def share(text: str, side: int, **seen: float) -> str:
    """Of 24 angles, how many were read."""
    read = sum(qr.read(held(text, side, angle=angle, **seen)) == text for angle in ANGLES)  # type: ignore[arg-type]
    return f"{read}/{len(ANGLES)}"


def table(name: str, head: tuple[int, ...], rows: dict[str, list[str]]) -> None:
    say(f"\n| {name} | " + " | ".join(f"{side} px" for side in head) + " |")
    say("|---" * (len(head) + 1) + "|")
    for label, cells in rows.items():
        say(f"| {label} | " + " | ".join(cells) + " |")


def milliseconds(picture: object, times: int = 60) -> str:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        qr.read(picture)  # type: ignore[arg-type]
        taken.append((time.perf_counter() - start) * 1000)
    return f"{statistics.median(taken):.1f} ms, slowest {max(taken):.1f}"


def main() -> None:
    """Print."""
    texts = {f"badge ({len(BADGE)})": BADGE, f"longest slip ({len(SLIP)})": SLIP, f"{len(LONGEST)} characters": LONGEST}
    table("length", SIDES, {name: [share(text, side) for side in SIDES] for name, text in texts.items()})
    for name, values in (
        ("blur", (0.5, 1.0, 1.5, 2.0, 2.5)),
        ("light", (0.5, 0.2, 0.1, 0.06)),
        ("tilt", (0.2, 0.4, 0.6)),
    ):
        rows = {str(value): list[str]() for value in values}
        for value, side in product(values, SIDES):
            rows[str(value)].append(share(BADGE, side, **{name: value}))
        table(name, SIDES, rows)
    say(f"\na badge of 260 px: {milliseconds(held(BADGE))}; no code: {milliseconds(nothing())}")
    say(f"1280 x 960, no code: {milliseconds(nothing((1280, 960)))}")


if __name__ == "__main__":
    main()
