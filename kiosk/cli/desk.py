"""What every command of the data-protection desk shares: who acts, for which company; refuses whoever may not."""

import argparse
from collections.abc import Collection

from kiosk.cli.asking import password
from kiosk.cli.opening import configured, options
from kiosk.rights import company, dates
from kiosk.rights.acting import DESK, OFFICER, READERS, need
from kiosk.rights.company import Company
from kiosk.store import Store
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.logins import logged_in

__all__ = ["DESK", "OFFICER", "READERS", "acting", "acting_options", "day", "of_company", "someone"]


def acting_options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add what `opening.options` does, and `--by NAME`: the account that acts; its password is asked for."""
    parser.add_argument("--by", required=True, metavar="NAME", help="account that acts; its password is asked for")
    return options(parser)


def acting(given: argparse.Namespace, store: Store, roles: Collection[Role]) -> LoggedIn:
    """Who acts, by name and password.

    Raises:
        Fault: LOGIN_REFUSED, ACCOUNT_LOCKED; DESK_REFUSED: an account of another role, or one that must change its
            password first.
    """
    return someone(store, given.by, roles)


def someone(store: Store, name: str, roles: Collection[Role]) -> LoggedIn:
    """Log somebody in who must have one of these roles, a technician under a contract. Raises as `acting`."""
    login = logged_in(store, name, password(name))
    need(store, login, roles)
    return login


def of_company(given: argparse.Namespace) -> Company:
    """privacy.toml beside kiosk.toml. Raises Fault PRIVACY_INVALID, CONFIG_INVALID."""
    return company.load(configured(given).data / company.FILE)


def day(text: str) -> str:
    """A day that somebody has typed, YYYY-MM-DD; for argparse."""
    try:
        dates.ends(text)
    except (ValueError, OverflowError) as wrong:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: YYYY-MM-DD") from wrong
    return text
