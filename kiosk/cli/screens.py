"""`kiosk screens`: a picture of every state in every language and layout; shows made-up people only."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from kiosk import words


def main(argv: Sequence[str]) -> int:
    """Write the pictures and return 0; a wrong option ends with argparse's 2."""
    layouts = ("landscape", "portrait")
    parser = argparse.ArgumentParser(prog="kiosk screens", description="Render every screen to PNG.")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write the pictures")
    parser.add_argument("--language", default=",".join(words.LANGUAGES), help="comma separated: id,en,nl")
    parser.add_argument("--layout", default=",".join(layouts), help="comma separated: landscape,portrait")
    parser.add_argument("--light", action="store_true", help="the day colours")
    chosen = parser.parse_args(argv)
    languages, wanted = tuple(chosen.language.split(",")), tuple(chosen.layout.split(","))
    if not set(languages) <= set(words.LANGUAGES):
        parser.error(f"languages are {', '.join(words.LANGUAGES)}")
    if not set(wanted) <= set(layouts):
        parser.error(f"layouts are {', '.join(layouts)}")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_QUICK_BACKEND", "software")
    from kiosk.screens import pose  # noqa: PLC0415 - Qt reads the platform from the environment when it is loaded

    written = sum(1 for _ in pose.render(chosen.out, languages, wanted, light=chosen.light))
    print(f"{written} pictures in {chosen.out}")  # noqa: T201 - a command speaks on its terminal
    return 0
