"""`kiosk store accept`: two administrators accept a store that its anchors refuse; refuses a password as an option."""

import argparse

from kiosk.cli.asking import password
from kiosk.cli.opening import answer, examined, options
from kiosk.faults import Fault
from kiosk.store import Store
from kiosk.store.acceptance import REFUSALS, accept


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    parser = acts.add_parser(
        "accept",
        help="take a store that its anchors refuse for the newest there is: two administrators",
    )
    parser.add_argument("--first", metavar="NAME", help="account of an administrator; the password is asked for")
    parser.add_argument("--second", metavar="NAME", help="account of another administrator")
    parser.add_argument(
        "--alone",
        action="store_true",
        help="there are not two administrators: only where the root key lies beside the store; stands in the ledger",
    )
    options(parser).set_defaults(do=_accept)


def _accept(given: argparse.Namespace) -> int:
    with examined(given) as store:
        refused = _refusal(store)
        if refused is None:
            answer(given, {"accepted": False}, "The anchors know nothing newer; there is nothing to accept.")
            return 0
        names = [name for name in (given.first, given.second) if name is not None]
        people = accept(store, [(name, password(name)) for name in names], why=refused.code, alone=given.alone)
        answer(
            given,
            {"accepted": True, "why": refused.code.value, "people": people},
            f"This store is the newest there is from now on; {people} administrators said so.",
        )
    return 0


def _refusal(store: Store) -> Fault | None:
    try:
        store.anchor.check()
    except Fault as fault:
        if fault.code not in REFUSALS:
            raise
        return fault
    return None
