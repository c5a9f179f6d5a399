"""`kiosk accounts first-code` and `add`: how an account begins; refuses a password on the command line."""

import argparse

from kiosk.cli import asking
from kiosk.cli.opening import answer, configured, opened, options
from kiosk.cli.persons import account_of
from kiosk.rights.approvals import grant
from kiosk.store.account_acts import begin, calibrate, first_start_code, reset
from kiosk.store.approval import Role
from kiosk.store.logins import logged_in


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    first = options(acts.add_parser("first-code", help="a one-time code: for the first account, or for one locked out"))
    first.add_argument("--name", metavar="NAME", help="of an account whose password is lost or locked; none: the first")
    first.set_defaults(do=_first_code)
    new = options(acts.add_parser("add", help="add an account; asks for the first code, or for your password"))
    new.add_argument("--name", required=True, metavar="NAME", help="of the new account, as it logs in")
    new.add_argument("--role", choices=[role.value for role in Role], default=Role.ADMIN.value)
    new.add_argument("--by", metavar="NAME", help="your account, an administrator's; none for the first account")
    new.set_defaults(do=_add, refuse=new.error)


def _first_code(given: argparse.Namespace) -> int:
    with opened(given) as store:
        if given.name is None:
            code = first_start_code(store)
            calibrate(store)
        else:
            code = reset(store, account_of(store, given.name).id, None)
    answer(given, {"code": code, "hours": 24}, f"{code}\nIt opens one account, once, within 24 hours.")
    return 0


def _add(given: argparse.Namespace) -> int:
    site, role = configured(given).device.site, Role(given.role)
    if given.by is None and role is not Role.ADMIN:
        given.refuse("the first account is an administrator's; say --by NAME for others")
    with opened(given) as store:
        if given.by is None:
            code, chosen = asking.code(), asking.new_password(given.name)
            with asking.explained():
                account = begin(store, code, given.name, chosen, site=site).account
            answer(given, {"account": account, "role": role.value}, f"{given.name} may log in now.")
        else:
            by = logged_in(store, given.by, asking.password(given.by))
            account, code = grant(store, given.name, role, by)
            answer(
                given,
                {"account": account, "role": role.value, "code": code, "hours": 24},
                f"{code}\nWith this code {given.name} sets a password within 24 hours: kiosk accounts password --code",
            )
    return 0
