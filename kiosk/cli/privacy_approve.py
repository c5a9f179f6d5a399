"""`kiosk privacy approve | contract`: the officer's agreement, and technicians' contracts; refuses one of nobody."""

import argparse
from typing import Any, Final

from kiosk.cli import desk
from kiosk.cli.opening import answer, opened
from kiosk.cli.persons import account_of, person_of
from kiosk.rights import approvals, contracts, dates
from kiosk.rights.approvals import ForExport, ForRole, Matter
from kiosk.store import papers
from kiosk.store.approval import Role
from kiosk.store.papers import PaperKind

_ROLES: Final = [role.value for role in Role]


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    approve = acts.add_parser("approve", help="the officer agrees: to a role for somebody, or to an export")
    what = approve.add_subparsers(required=True, metavar="WHAT")
    role = desk.acting_options(what.add_parser("role", help="somebody may get an account of a role"))
    role.add_argument("--account", required=True, metavar="NAME", help="of the account, as it will log in")
    role.add_argument("--role", required=True, choices=_ROLES)
    role.add_argument("--reason", required=True, metavar="TEXT", help="why they need it")
    role.set_defaults(do=_role)
    export = desk.acting_options(what.add_parser("export", help="personal data may leave the device in a file"))
    export.add_argument("--person", metavar="CODE", help="employee code of whom it is about; none: everybody")
    export.add_argument("--receiver", required=True, metavar="TEXT", help="who gets it")
    export.add_argument("--reason", required=True, metavar="TEXT", help="why")
    export.set_defaults(do=_export)
    shown = desk.acting_options(what.add_parser("list", help="every approval, and whether it was used"))
    shown.set_defaults(do=_list)
    back = desk.acting_options(what.add_parser("withdraw", help="take back what nobody has used"))
    back.add_argument("--approval", required=True, metavar="ID")
    back.set_defaults(do=_withdraw)
    _add_contracts(acts)


def _add_contracts(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    contract = acts.add_parser("contract", help="of technicians: without one in force they cannot log in")
    what = contract.add_subparsers(required=True, metavar="WHAT")
    new = desk.acting_options(what.add_parser("add", help="a technician's contract"))
    new.add_argument("--account", required=True, metavar="NAME", help="the technician's account")
    new.add_argument("--company", required=True, metavar="TEXT", help="with whom it was made")
    new.add_argument("--reference", required=True, metavar="TEXT", help="under which the signed paper is kept")
    new.add_argument("--until", required=True, type=desk.day, metavar="DATE", help="its last day, YYYY-MM-DD")
    new.set_defaults(do=_contract)
    end = desk.acting_options(what.add_parser("end", help="end it now"))
    end.add_argument("--account", required=True, metavar="NAME", help="the technician's account")
    end.set_defaults(do=_end)
    desk.acting_options(what.add_parser("list", help="every contract that was not ended")).set_defaults(do=_contracts)


def _role(given: argparse.Namespace) -> int:
    with opened(given) as store:
        officer = desk.acting(given, store, desk.OFFICER)
        found = approvals.approve(store, ForRole(given.account, Role(given.role), given.reason), officer)
    sentence = f"{given.account} may get an account as {given.role}, once, within 30 days.\nApproval: {found}"
    answer(given, {"approval": found}, sentence)
    return 0


def _export(given: argparse.Namespace) -> int:
    with opened(given) as store:
        officer = desk.acting(given, store, desk.OFFICER)
        subject = "" if given.person is None else person_of(store, given.person).id
        found = approvals.approve(store, ForExport(subject, given.receiver, given.reason), officer)
    whom = "everybody" if given.person is None else given.person
    answer(given, {"approval": found}, f"One export about {whom}, within 30 days.\nApproval: {found}")
    return 0


def _list(given: argparse.Namespace) -> int:
    with opened(given) as store:
        desk.acting(given, store, desk.READERS)
        now, rows = store.now_ms(), list[dict[str, Any]]()
        for each in papers.find(store, PaperKind.APPROVAL):
            if each.content is not None:
                ended = each.state == approvals.GRANTED and (each.due_at or 0) <= now
                said = approvals.spelled(approvals.read(each.content))
                rows.append(
                    {"id": each.id, "state": approvals.EXPIRED if ended else each.state, "at": each.created_at, **said}
                )
    lines = [f"{row['id']}  {row['state']:<10}{dates.day(row['at'])}  {_matter(row)}" for row in rows]
    answer(given, {"approvals": rows}, "\n".join(lines) or "Nothing was approved.")
    return 0


def _matter(row: dict[str, Any]) -> str:
    found: Matter = approvals.read({name: row[name] for name in row if name not in {"id", "state", "at"}})
    if isinstance(found, ForRole):
        return f"{found.name} as {found.role.value}: {found.reason}"
    return f"export about {found.subject or 'everybody'} to {found.receiver}: {found.reason}"


def _withdraw(given: argparse.Namespace) -> int:
    with opened(given) as store:
        approvals.withdraw(store, given.approval, desk.acting(given, store, desk.OFFICER))
    answer(given, {"approval": given.approval}, "It is taken back.")
    return 0


def _contract(given: argparse.Namespace) -> int:
    with opened(given) as store:
        by = desk.acting(given, store, desk.DESK)
        account = account_of(store, given.account)
        made = contracts.contract(account.id, given.company, given.reference, dates.ends(given.until))
        found = contracts.file(store, made, by)
    answer(given, {"contract": found}, f"{given.account} may work on the device until {given.until}.")
    return 0


def _end(given: argparse.Namespace) -> int:
    with opened(given) as store:
        by = desk.acting(given, store, desk.DESK)
        number = contracts.end(store, account_of(store, given.account).id, by)
    answer(given, {"ended": number}, f"Ended: {number}. {given.account} cannot log in any more.")
    return 0


def _contracts(given: argparse.Namespace) -> int:
    with opened(given) as store:
        desk.acting(given, store, desk.READERS)
        now, names = store.now_ms(), {each.id: each.record.name for each in store.admins.all()}
        found = contracts.running(store)
    rows = [
        {
            "account": one.account,
            "name": names.get(one.account, ""),
            "company": one.company,
            "reference": one.reference,
            "until": dates.day(one.until - 1),
            "in_force": one.until > now,
        }
        for one in found
    ]
    lines = [
        f"{row['name'] or row['account']:<32}{row['until']}  {row['company']}, {row['reference']}"
        f"{'' if row['in_force'] else '  (has run out)'}"
        for row in rows
    ]
    answer(given, {"contracts": rows}, "\n".join(lines) or "There is no contract.")
    return 0
