"""`kiosk store set-aside`: clear the place of a store that cannot be used; refuses to delete any of it."""

import argparse
import sys

from kiosk.cli.opening import answer, configured, options
from kiosk.faults import Fault, FaultCode
from kiosk.store import Store


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    parser = options(
        acts.add_parser(
            "set-aside",
            help="move a store that cannot be used into a directory of its own, so that a backup can be restored",
        )
    )
    parser.add_argument("--yes", action="store_true", help="do not ask again")
    parser.set_defaults(do=_set_aside)


def _set_aside(given: argparse.Namespace) -> int:
    state = configured(given).state
    if not given.yes:
        sys.stderr.write("Stop the kiosk first. Nothing is deleted, and nobody can check in until a store is there\n")
        sys.stderr.write("again. Type set-aside: ")
        sys.stderr.flush()
        if sys.stdin.readline().strip() != "set-aside":
            sys.stderr.write("That was something else. Nothing was moved.\n")
            return 1
    if not state.is_dir() or (aside := Store.set_aside(state)) is None:
        raise Fault(FaultCode.STORE_MISSING, state.name)
    answer(given, {"aside": str(aside)}, f"The store lies in {aside} now, with its journals. Certificates stayed.")
    return 0
