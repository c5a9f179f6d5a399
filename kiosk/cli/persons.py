"""How a command names a person: by employee code; refuses a code that nobody has."""

import argparse

from kiosk.faults import Fault, FaultCode
from kiosk.store import Person, Store


def person_option(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add `--person CODE`."""
    parser.add_argument("--person", required=True, metavar="CODE", help="employee code")
    return parser


def person_of(store: Store, given: argparse.Namespace) -> Person:
    """The person of `--person`. Raises Fault PERSON_UNKNOWN."""
    found = store.people.by_code(given.person)
    if found is None:
        raise Fault(FaultCode.PERSON_UNKNOWN)
    return found


def code_of(store: Store, person_id: str) -> str:
    """The employee code of somebody; "" once they are erased."""
    try:
        return store.people.get(person_id).code if person_id else ""
    except Fault as fault:
        if fault.code is not FaultCode.PERSON_UNKNOWN:
            raise
        return ""
