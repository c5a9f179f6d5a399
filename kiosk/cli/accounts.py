"""`kiosk accounts`: who may administer this device; refuses a password on the command line."""

import argparse
import importlib
from typing import Final

# As in `kiosk store`.
FAMILIES: Final[tuple[str, ...]] = ("accounts_begin", "accounts_keep")


def main(argv: list[str]) -> int:
    """`kiosk accounts VERB ...`: returns 0 when all is well, 1 when a check failed. Raises Fault."""
    parser = argparse.ArgumentParser(prog="kiosk accounts", description="Who may administer this device.")
    acts = parser.add_subparsers(required=True, metavar="VERB")
    for family in FAMILIES:
        importlib.import_module(f"kiosk.cli.{family}").add(acts)
    given = parser.parse_args(argv)
    code: int = given.do(given)
    return code
