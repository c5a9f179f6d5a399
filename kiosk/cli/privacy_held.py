"""`kiosk privacy held`: data of people who have left, for security and fraud alone; refuses to show it unrecorded."""

import argparse

from kiosk.cli.desk import OFFICER, acting, acting_options
from kiosk.cli.opening import answer, opened
from kiosk.rights import held_class
from kiosk.rights.held_class import Shown
from wire import checks
from wire.event import Amendment, CheckIn, Correction, Dispute, Event, Notice, TripDetails


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    family = acts.add_parser("held", help="data of people who have left: for security and fraud alone")
    verbs = family.add_subparsers(required=True, metavar="ACT")
    listed = acting_options(verbs.add_parser("list", help="who has left and is still here, by random id, and why"))
    listed.set_defaults(do=_list)
    show = acting_options(verbs.add_parser("show", help="read it; that you did is filed"))
    show.add_argument("--person", required=True, metavar="ID", help="random id, as `held list` shows it")
    show.add_argument("--purpose", required=True, metavar="PURPOSE", help="security or fraud")
    show.add_argument("--why", required=True, metavar="TEXT", help="the occasion")
    show.set_defaults(do=_show)


def _list(given: argparse.Namespace) -> int:
    with opened(given) as store:
        acting(given, store, OFFICER)
        found = held_class.everybody(store)
    rows = [{"id": each.person, "why": each.why.value, "entries": each.entries} for each in found]
    lines = [f"{each.person}  {each.entries} entries, {each.why.value}" for each in found]
    answer(given, {"held": rows}, "\n".join(lines) or "Nobody who has left is still here.")
    return 0


def _show(given: argparse.Namespace) -> int:
    purpose = held_class.of_purpose(given.purpose)
    with opened(given) as store:
        login = acting(given, store, OFFICER)
        shown = held_class.show(store, given.person, purpose, given.why, login.account)
    answer(given, _as_json(shown), "\n".join(_sentences(shown)))
    return 0


def _as_json(shown: Shown) -> dict[str, object]:
    person = shown.person
    events = [
        {"at": checks.moment_to_text(event.occurred_at), "what": _what(event), "event": event.event_id}
        for event in shown.events
    ]
    return {"reading": shown.paper, "id": person.id, "code": person.code, "name": person.name, "events": events}


def _sentences(shown: Shown) -> list[str]:
    return [
        f"CONFIDENTIAL. Reading {shown.paper} is on file.",
        f"{shown.person.code}  {shown.person.name}",
        *(f"{checks.moment_to_text(event.occurred_at)}  {_what(event)}" for event in shown.events),
    ]


def _what(event: Event) -> str:
    match event:
        case CheckIn() | Correction() | Amendment():
            return event.action.value
        case Dispute():
            return "disputed"
        case Notice():
            return event.kind.value
        case TripDetails():
            return "trip_details"
