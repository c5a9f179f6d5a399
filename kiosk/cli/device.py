"""`kiosk device`: what this device believes of others; refuses to add one by hand: headquarters signs for them."""

import argparse

from kiosk.cli.opening import answer, examined, options
from kiosk.store import told
from wire.message import Sibling


def main(argv: list[str]) -> int:
    """`kiosk device siblings`: returns 0. Raises Fault as opening a store does."""
    parser = argparse.ArgumentParser(prog="kiosk device", description="What this device believes of others.")
    acts = parser.add_subparsers(required=True, metavar="VERB")
    options(acts.add_parser("siblings", help="the company's other devices, and whether they are believed"))
    given = parser.parse_args(argv)
    with examined(given) as store:
        found = sorted(told.every(store, Sibling), key=lambda each: each.device)
    rows = [{"device": each.device, "public": each.public, "trust": each.trust.value} for each in found]
    lines = [f"{each.device:<20}{each.trust.value:<10}{each.public}" for each in found]
    answer(given, {"siblings": rows}, "\n".join(lines) or "Headquarters has told of no other device.")
    return 0
