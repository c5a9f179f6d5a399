"""`kiosk accounts list`, `password`, `unlock`, `remove`; refuses to show or to tell a password."""

import argparse
from datetime import UTC, datetime
from typing import Final

from kiosk.cli import asking
from kiosk.cli.opening import answer, configured, opened, options
from kiosk.cli.persons import account_of
from kiosk.rights import account_states, contracts
from kiosk.rights.account_states import AccountState, Known
from kiosk.store.account_acts import redeem, remove, reset, set_password, unlock
from kiosk.store.logins import logged_in

_STATES: Final = {
    AccountState.ACTIVE: "active",
    AccountState.MUST_CHANGE: "must change password",
    AccountState.WAITS: "waits for its code",
    AccountState.LOCKED: "locked",
    AccountState.NO_CONTRACT: "no contract in force",
}


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    options(acts.add_parser("list", help="every account: role, state, age of its password")).set_defaults(do=_list)
    changed = options(acts.add_parser("password", help="set another password, with the old one or a one-time code"))
    changed.add_argument("--name", required=True, metavar="NAME", help="the account")
    how = changed.add_mutually_exclusive_group()
    how.add_argument("--code", action="store_true", help="with a one-time code instead of the old password")
    how.add_argument("--reset", metavar="BY", help="make a one-time code for it, as the administrator BY")
    changed.set_defaults(do=_password)
    for verb, act, text in (
        ("unlock", _unlock, "end a lock, as another administrator"),
        ("remove", _remove, "remove an account; its id stays in the ledger"),
    ):
        parser = options(acts.add_parser(verb, help=text))
        parser.add_argument("--name", required=True, metavar="NAME", help="the account")
        parser.add_argument("--by", required=True, metavar="NAME", help="your account, an administrator's")
        parser.set_defaults(do=act)


def _list(given: argparse.Namespace) -> int:
    with opened(given) as store:
        rows = [_row(each) for each in account_states.every(store)]
    lines = [f"{row['name']:<32}{row['role']:<12}{row['state']:<22}{row['since'] or '-'}" for row in rows]
    answer(given, {"accounts": rows}, "\n".join(lines) or "There is no account. Begin with: kiosk accounts first-code")
    return 0


def _row(each: Known) -> dict[str, str]:
    since = f"{datetime.fromtimestamp(each.since / 1000, UTC):%Y-%m-%d}" if each.since else ""
    state = _STATES[each.state]
    return {"account": each.account, "name": each.name, "role": each.role.value, "state": state, "since": since}


def _password(given: argparse.Namespace) -> int:
    site = configured(given).device.site
    with opened(given) as store:
        if given.reset is not None:
            by = logged_in(store, given.reset, asking.password(given.reset))
            code = reset(store, account_of(store, given.name).id, by)
            answer(given, {"code": code, "hours": 24}, f"{code}\nThe old password is void from now on.")
            return 0
        if given.code:
            code, chosen = asking.code(), asking.new_password(given.name)
            with asking.explained():
                account = redeem(store, given.name, code, chosen, site=site).account
        else:
            login = logged_in(store, given.name, asking.password(given.name))
            contracts.need(store, login)
            chosen = asking.new_password(given.name)
            with asking.explained():
                account = set_password(store, login, chosen, site=site).account
        answer(given, {"account": account}, "The new password is in force.")
    return 0


def _unlock(given: argparse.Namespace) -> int:
    with opened(given) as store:
        by = logged_in(store, given.by, asking.password(given.by))
        account = account_of(store, given.name)
        unlock(store, account.id, by)
        answer(given, {"account": account.id}, f"{given.name} may log in, and has to set another password then.")
    return 0


def _remove(given: argparse.Namespace) -> int:
    with opened(given) as store:
        by = logged_in(store, given.by, asking.password(given.by))
        account = account_of(store, given.name)
        remove(store, account.id, by)
        answer(given, {"account": account.id}, f"{given.name} is removed.")
    return 0
