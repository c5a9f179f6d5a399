"""`kiosk privacy exports`: the register of evidence that left the house; refuses to forget one that is still out."""

import argparse
from typing import Any

from kiosk.cli import desk, paper
from kiosk.cli.opening import answer, configured, opened
from kiosk.cli.persons import person_of
from kiosk.faults import Fault, FaultCode
from kiosk.rights import dates, evidence_documents, exports
from kiosk.store import Store


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    verb = acts.add_parser("exports", help="evidence that was handed out: receipts, letters, and whether it is gone")
    what = verb.add_subparsers(required=True, metavar="WHAT")
    desk.acting_options(what.add_parser("list", help="the register")).set_defaults(do=_list)
    for name, do, text in (
        ("receipt", _receipt, "print the receipt again"),
        ("letter", _letter, "what a person concerned is told"),
    ):
        one = paper.document_options(desk.acting_options(what.add_parser(name, help=text)))
        one.add_argument("--export", required=True, metavar="ID")
        one.set_defaults(do=do)
        if name == "letter":
            one.add_argument("--person", required=True, metavar="CODE", help="employee code of the person")
    for name, do, text in (
        ("told", _told, "the people concerned have been told"),
        ("tell", _tell, "the law forbids telling no longer"),
        ("destroyed", _destroyed, "the receiver has confirmed that it is gone, or the medium was wiped"),
    ):
        one = desk.acting_options(what.add_parser(name, help=text))
        one.add_argument("--export", required=True, metavar="ID")
        one.set_defaults(do=do)


def _list(given: argparse.Namespace) -> int:
    zone = configured(given).device.zone
    with opened(given) as store:
        desk.acting(given, store, desk.READERS)
        found, now = exports.listed(store), store.now_ms()
    rows: list[dict[str, Any]] = [
        {
            "id": one.id,
            "state": one.state,
            "to": one.export.wanted.requester,
            "scope": one.export.wanted.scope.value,
            "entries": one.export.entries,
            "people": len(one.export.people),
            "made": dates.day(one.at, zone),
            "expires": dates.day(one.expires, zone),
            "late": one.late(now),
            "to_tell": one.to_tell,
            "not_told": one.export.wanted.not_told,
            "sealed_sha256": one.export.sealed_sha256,
        }
        for one in found
    ]
    lines = [
        f"{row['id']}  {row['state']:<11}until {row['expires']}{' (late)' if row['late'] else ''}  {row['to']}:"
        f" {row['entries']} entries of {row['people']} people{_to_tell(row['to_tell'])}"
        for row in rows
    ]
    answer(given, {"exports": rows}, "\n".join(lines) or "No evidence was handed out.")
    return 0


def _to_tell(number: int) -> str:
    return f", {number} to tell" if number else ""


def _receipt(given: argparse.Namespace) -> int:
    company, zone = desk.of_company(given), configured(given).device.zone
    with opened(given) as store:
        desk.acting(given, store, desk.DESK)
        listed = exports.one(store, given.export)
        export = listed.export
        names = (_name(store, export.first), _name(store, export.second))
    paper.hand_out(given, evidence_documents.receipt(listed, company, names, zone, given.language))
    return 0


def _letter(given: argparse.Namespace) -> int:
    company, zone = desk.of_company(given), configured(given).device.zone
    with opened(given) as store:
        desk.acting(given, store, desk.DESK)
        listed = exports.one(store, given.export)
        person = person_of(store, given.person)
        open_to_them = exports.may_tell(store, listed)
    if person.id not in listed.export.people:
        raise Fault(FaultCode.PERSON_UNKNOWN, "not in this export")
    if not open_to_them:
        raise Fault(FaultCode.DESK_REFUSED, "the law forbids telling: kiosk privacy exports tell, once it does not")
    paper.hand_out(given, evidence_documents.letter(listed, company, person.name, zone, given.language))
    return 0


def _told(given: argparse.Namespace) -> int:
    with opened(given) as store:
        number = exports.told(store, given.export, desk.acting(given, store, desk.DESK).account)
    answer(given, {"told": number}, f"Told: {number}.")
    return 0


def _tell(given: argparse.Namespace) -> int:
    with opened(given) as store:
        number = exports.tell_now(store, given.export, desk.acting(given, store, desk.OFFICER).account)
    answer(given, {"to_tell": number}, f"To tell: {number}. It stands in their answers from now on.")
    return 0


def _destroyed(given: argparse.Namespace) -> int:
    with opened(given) as store:
        exports.destroyed(store, given.export, desk.acting(given, store, desk.DESK).account)
    answer(given, {"export": given.export}, "Noted: it is gone.")
    return 0


def _name(store: Store, account: str) -> str:
    return next((each.record.name for each in store.admins.all() if each.id == account), account)
