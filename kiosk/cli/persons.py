"""How a command names a person or an account: by code or name; refuses one that nobody has."""

import argparse

from kiosk.faults import Fault, FaultCode
from kiosk.store import Person, Store
from kiosk.store.admins import Account


def person_option(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add `--person CODE`."""
    parser.add_argument("--person", required=True, metavar="CODE", help="employee code")
    return parser


def person_of(store: Store, code: str) -> Person:
    """Who has this employee code. Raises Fault PERSON_UNKNOWN."""
    found = store.people.by_code(code)
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


def account_of(store: Store, name: str) -> Account:
    """The account that logs in with this name. Raises Fault ACCOUNT_UNKNOWN."""
    found = store.admins.by_name(name)
    if found is None:
        raise Fault(FaultCode.ACCOUNT_UNKNOWN)
    return found
