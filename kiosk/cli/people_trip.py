"""`kiosk people trip` and `slip`: the details of a business trip, its signed slip; refuses whoever may not see it."""

import argparse

from kiosk.cli.desk import DESK, acting, acting_options, of_company
from kiosk.cli.opening import answer, configured, opened, options
from kiosk.cli.paper import document_options, hand_out
from kiosk.cli.persons import person_of, person_option
from kiosk.rights import trip_slip, trips
from kiosk.rights.trips import Checked, Said
from kiosk.store import LocalKind, Person, Store
from kiosk.store.standing import Standing
from wire import checks, slip
from wire.event import TripReason

_REASONS = tuple(reason.value for reason in TripReason)


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the acts."""
    told = _which(acting_options(acts.add_parser("trip", help="write down where a business trip goes, and what for")))
    told.add_argument("--destination", required=True, metavar="TEXT", help="where to, at most 48 characters")
    told.add_argument("--reason", required=True, choices=_REASONS, help="what for")
    told.add_argument("--note", default="", metavar="TEXT", help="more about it, at most 64 characters")
    told.add_argument("--reference", default="", metavar="TEXT", help="number of the order, at most 32 characters")
    told.add_argument("--cost-centre", default="", metavar="TEXT", help="who pays, at most 24 characters")
    told.set_defaults(do=_told)
    verbs = acts.add_parser("slip", help="the signed slip of a business trip").add_subparsers(
        required=True, metavar="VERB"
    )
    printed = _which(document_options(acting_options(verbs.add_parser("print", help="the slip, to be handed over"))))
    printed.set_defaults(do=_printed)
    verified = options(verbs.add_parser("verify", help="check a slip of this device or a sibling; needs no network"))
    verified.add_argument("token", help="the text of its QR code (AS1...)")
    verified.set_defaults(do=_verified)


def _which(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add whose trip and which one."""
    person_option(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--event", metavar="ID", help="entry of the leaving or returning")
    which.add_argument("--latest", action="store_true", help="the last one within 90 days")
    return parser


def _standing(store: Store, person: Person, given: argparse.Namespace) -> Standing:
    return trips.latest(store, person.id) if given.latest else trips.one(store, person.id, given.event)


def _told(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = acting(given, store, DESK)
        person = person_of(store, given.person)
        standing = _standing(store, person, given)
        said = Said(given.destination, TripReason(given.reason), given.note, given.reference, given.cost_centre)
        event = trips.describe(store, person.id, standing, said, by=login.account)
    found = {"event": event.event_id, "refers_to": event.refers_to, "slip": slip.id_of(event.refers_to).hex()}
    answer(given, found, f"Written down. The slip of this trip is {found['slip']}.")
    return 0


def _printed(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = acting(given, store, DESK)
        person, device = person_of(store, given.person), configured(given).device
        standing = _standing(store, person, given)
        token = trips.slip_of(store, standing)
        checked = trips.verify(store, token)
        paper = trip_slip.Paper(
            given.language, device.zone, device.site, store.now_ms(), of_company(given).controller.name
        )
        store.append_local(LocalKind.VIEWED, {"list": "trip_slip", "person": person.id, "by": login.account})
        hand_out(given, trip_slip.page(paper, person, standing, token, checked))
    return 0


def _verified(given: argparse.Namespace) -> int:
    with opened(given) as store:
        checked = trips.verify(store, given.token)
    answer(given, _as_json(checked), _sentences(checked))
    return 0


def _as_json(checked: Checked) -> dict[str, object]:
    read, decided = checked.slip, checked.decided
    return {
        "slip": read.slip_id.hex(),
        "direction": read.direction.value,
        "issued_at": checks.moment_to_text(read.issued_at * 1000),
        "good_until": checks.moment_to_text((read.issued_at + slip.VALID_S) * 1000),
        "destination": read.destination,
        "device": checked.device,
        "approved": None if decided is None else decided.approved,
        "reference": "" if decided is None else decided.reference,
    }


def _sentences(checked: Checked) -> str:
    found, decided = _as_json(checked), checked.decided
    way = "Left for" if found["direction"] == "leave" else "Back from"
    said = "not known here" if decided is None else "approved" if decided.approved else "not approved"
    return (
        f"Genuine: slip {found['slip']}, signed by device {checked.device}.\n"
        f"{way} a business trip{': ' if checked.slip.destination else ''}{checked.slip.destination}, "
        f"{found['issued_at']}. Good until {found['good_until']}.\n"
        f"Decision: {said}{f' ({decided.reference})' if decided is not None and decided.reference else ''}."
    )
