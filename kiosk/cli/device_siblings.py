"""`kiosk device siblings`: other devices this one believes; refuses to add one by hand: headquarters signs for them."""

import argparse

from kiosk.cli.opening import answer, examined, options
from kiosk.store import told
from wire.message import Sibling


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    parser = acts.add_parser("siblings", help="the company's other devices, and whether they are believed")
    options(parser).set_defaults(do=_siblings)


def _siblings(given: argparse.Namespace) -> int:
    with examined(given) as store:
        found = sorted(told.every(store, Sibling), key=lambda each: each.device)
    rows = [{"device": each.device, "public": each.public, "trust": each.trust.value} for each in found]
    lines = [f"{each.device:<20}{each.trust.value:<10}{each.public}" for each in found]
    answer(given, {"siblings": rows}, "\n".join(lines) or "Headquarters has told of no other device.")
    return 0
