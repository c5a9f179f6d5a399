"""`kiosk screens`: a picture of every screen in every language and layout; shows made-up people only."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from kiosk import words


def main(argv: Sequence[str]) -> int:
    """Write the pictures and return 0; a wrong option ends with argparse's 2."""
    layouts = ("landscape", "portrait")
    parser = argparse.ArgumentParser(prog="kiosk screens", description="Render every screen to PNG.")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write one picture a screen")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="one PNG with all of them, small")
    parser.add_argument("--language", default=",".join(words.LANGUAGES), help="comma separated: id,en,nl")
    parser.add_argument("--layout", default=",".join(layouts), help="comma separated: landscape,portrait")
    parser.add_argument("--light", action="store_true", help="the day colours")
    parser.add_argument("--large", action="store_true", help="larger type")
    parser.add_argument("--pages", action="store_true", help="not the check-in, only what stands beside it")
    parser.add_argument("--only", default="", metavar="NAMES", help="comma separated: what a screen's name begins with")
    chosen = parser.parse_args(argv)
    if chosen.out is None and chosen.sheet is None:
        parser.error("say where to: --out DIR or --sheet FILE")
    languages, wanted = tuple(chosen.language.split(",")), tuple(chosen.layout.split(","))
    if not set(languages) <= set(words.LANGUAGES):
        parser.error(f"languages are {', '.join(words.LANGUAGES)}")
    if not set(wanted) <= set(layouts):
        parser.error(f"layouts are {', '.join(layouts)}")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_QUICK_BACKEND", "software")
    from kiosk.screens import pictures  # noqa: PLC0415 - Qt reads the platform from the environment when it is loaded

    only = tuple(filter(None, chosen.only.split(",")))
    which = pictures.Wanted(languages, wanted, chosen.light, chosen.large, chosen.pages, only)
    if chosen.out is not None:
        written = sum(1 for _ in pictures.render(chosen.out, which))
        print(f"{written} pictures in {chosen.out}")  # noqa: T201 - a command speaks on its terminal
    if chosen.sheet is not None:
        try:
            shown = pictures.sheet(chosen.sheet, which)
        except ValueError as unfit:
            parser.error(str(unfit))
        print(f"{shown} screens on {chosen.sheet}")  # noqa: T201 - as above
    return 0
