"""Runs a noun whose verbs lie in files of their own; refuses to load those of verbs that nobody has asked for."""

import argparse
import importlib
from collections.abc import Mapping


def run(noun: str, description: str, families: Mapping[str, tuple[str, ...]], argv: list[str]) -> int:
    """`kiosk NOUN VERB ...`.

    Args:
        noun: as it is typed.
        description: of it, for `--help`.
        families: the verbs of each file beside this one (tested); its `add(acts)` gives each verb its options and
            `set_defaults(do=...)`.
        argv: what follows the noun.

    Returns:
        What the verb returns: 0 when all is well, 1 when a check failed.

    Raises:
        Fault: what the verb raises.
    """
    parser = argparse.ArgumentParser(prog=f"kiosk {noun}", description=description)
    acts = parser.add_subparsers(required=True, metavar="VERB")
    asked = [family for family, verbs in families.items() if argv and argv[0] in verbs]
    for family in asked or families:
        importlib.import_module(f"kiosk.cli.{family}").add(acts)
    given = parser.parse_args(argv)
    code: int = given.do(given)
    return code
