"""`kiosk people still-right`: whom to ask once a year, and that they have answered; refuses to guess an answer."""

import argparse
from typing import Any

from kiosk.cli import desk
from kiosk.cli.opening import answer, configured, opened
from kiosk.cli.persons import person_of, person_option
from kiosk.rights import accuracy, accuracy_kept, dates
from kiosk.store import LocalKind
from wire import checks


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    parser = acts.add_parser("still-right", help="ask once a year whether code, name and language are still right")
    verbs = parser.add_subparsers(required=True, metavar="ACT")
    listing = desk.acting_options(verbs.add_parser("list", help="whom to ask, who has waited longest first"))
    listing.set_defaults(do=_list)
    said_so = verbs.add_parser("confirm", help="a person says that it is still right")
    confirm = person_option(desk.acting_options(said_so))
    confirm.set_defaults(do=_confirm)


def _list(given: argparse.Namespace) -> int:
    with opened(given) as store:
        desk.acting(given, store, desk.READERS)
        found = accuracy.to_ask(accuracy_kept.known(store), store.now_ms())
        store.append_local(LocalKind.VIEWED, {"list": "still_right", "people": len(found)})
        zone = configured(given).device.zone
        rows: list[dict[str, Any]] = [{"code": each.code, "last": checks.moment_to_text(each.last)} for each in found]
        lines = [f"{each.code:<16}{dates.minute(each.last, zone)}" for each in found]
        answer(given, {"people": rows}, "\n".join(lines) or "Everybody was asked within the last twelve months.")
    return 0


def _confirm(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = desk.acting(given, store, desk.DESK)
        paper = accuracy_kept.confirm(store, person_of(store, given.person).id, by=login.account)
        answer(given, {"paper": paper}, "It is written down that this is still right.")
    return 0
