"""`kiosk store`: what the device keeps, seen by a technician; refuses to show a name."""

import argparse
import importlib
from typing import Final

# One file for each family of verbs: `add(acts)` gives each verb its options and `set_defaults(do=...)`.
FAMILIES: Final[tuple[str, ...]] = (
    "store_keys",
    "store_check",
    "store_renew",
    "store_ledger",
    "store_stats",
    "store_accept",
    "store_aside",
    "store_backup",
)


def main(argv: list[str]) -> int:
    """`kiosk store VERB ...`: returns 0 when all is well, 1 when a check failed. Raises Fault."""
    parser = argparse.ArgumentParser(prog="kiosk store", description="What this device keeps, and how safe it is.")
    acts = parser.add_subparsers(required=True, metavar="VERB")
    for family in FAMILIES:
        importlib.import_module(f"kiosk.cli.{family}").add(acts)
    given = parser.parse_args(argv)
    code: int = given.do(given)
    return code
