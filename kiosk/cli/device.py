"""`kiosk device`: this device and others; refuses what it is not asked."""

import argparse

from kiosk.cli import device_siblings


def main(argv: list[str]) -> int:
    """`kiosk device siblings`: returns 0. Raises Fault as opening a store does."""
    parser = argparse.ArgumentParser(prog="kiosk device", description="This device and the others of the company.")
    acts = parser.add_subparsers(required=True, metavar="VERB")
    device_siblings.add(acts)
    given = parser.parse_args(argv)
    code: int = given.do(given)
    return code
