"""`kiosk privacy restrict`: begin, tell, lift, list; refuses to lift what the person was not told of."""

import argparse
from typing import Final

from kiosk.cli.desk import DESK, OFFICER, READERS, acting, acting_options, day
from kiosk.cli.opening import answer, configured, opened
from kiosk.cli.paper import document_options, hand_out
from kiosk.cli.persons import code_of, person_of, person_option
from kiosk.cli.sheets import sheet
from kiosk.rights import dates, restriction
from kiosk.rights.basis_documents import of_restriction
from kiosk.rights.restriction import Restricted, Restriction
from kiosk.store import LocalKind, Store, held
from wire import checks

_DAYS: Final = 3


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb and what it can do."""
    parser = acts.add_parser("restrict", help="restrict the face or the attendance of a person; lift it again")
    verbs = parser.add_subparsers(required=True, metavar="ACT")
    begin = person_option(document_options(acting_options(verbs.add_parser("begin", help="from now on"))))
    begin.add_argument("--purpose", required=True, choices=[each.value for each in Restricted])
    begin.add_argument("--why", required=True, metavar="TEXT", help="what the person says")
    begin.set_defaults(do=_begin)
    tell = document_options(acting_options(verbs.add_parser("tell", help="the notice before it is lifted")))
    tell.add_argument("--id", required=True, metavar="ID", help="of the restriction: kiosk privacy restrict list")
    tell.add_argument("--on", type=day, metavar="DAY", help=f"YYYY-MM-DD (default: in {_DAYS} days)")
    tell.add_argument("--agreed", action="store_true", help="the person wants it lifted themselves: at once")
    tell.set_defaults(do=_tell)
    lift = acting_options(verbs.add_parser("lift", help="end it; what was held goes its way"))
    lift.add_argument("--id", required=True, metavar="ID")
    lift.set_defaults(do=_lift)
    acting_options(verbs.add_parser("list", help="what is in force, and how much is held")).set_defaults(do=_list)


def _begin(given: argparse.Namespace) -> int:
    loaded = configured(given)
    with opened(given) as store:
        login, person = acting(given, store, DESK), person_of(store, given.person)
        purpose = Restricted(given.purpose)
        made = restriction.begin(store, person.id, purpose, given.why, by=login.account, site=loaded.device.site)
        _, one = restriction.read(store, made)
        document = of_restriction(one, made, sheet(given, store.now_ms()), code=person.code)
    hand_out(given, document)
    return 0


def _tell(given: argparse.Namespace) -> int:
    loaded = configured(given)
    zone = loaded.device.zone
    with opened(given) as store:
        login = acting(given, store, OFFICER)
        now = store.now_ms()
        on = given.on or dates.day(now + _DAYS * dates.DAY_MS, zone)
        at = None if given.agreed else dates.begins(on, zone)
        one = restriction.tell(store, given.id, at, by=login.account)
        paper, _ = restriction.read(store, given.id)
        document = of_restriction(one, given.id, sheet(given, now), code=code_of(store, paper.person))
    hand_out(given, document)
    return 0


def _lift(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = acting(given, store, OFFICER)
        released = restriction.lift(store, given.id, by=login.account, site=configured(given).device.site)
    answer(given, {"id": given.id, "released": released}, f"It is lifted. {released} held check-ins go their way now.")
    return 0


def _list(given: argparse.Namespace) -> int:
    with opened(given) as store:
        acting(given, store, READERS)
        found = [(paper, one) for paper, one in restriction.every(store) if not one.lifted_at]
        store.append_local(LocalKind.VIEWED, {"list": "restrictions", "people": len({p.person for p, _ in found})})
        rows = [_row(store, paper.id, paper.person, one) for paper, one in found]
    lines = [
        f"{row['id']}  {row['person']:<16}{row['purpose']:<12}since {row['since']}  {row['state']}  held: {row['held']}"
        for row in rows
    ]
    answer(given, {"restrictions": rows}, "\n".join(lines) or "Nothing is restricted.")
    return 0


def _row(store: Store, paper: str, person: str, one: Restriction) -> dict[str, str | int]:
    waits = held.count(store.database, person) if one.purpose is Restricted.ATTENDANCE else 0
    state = f"may be lifted from {checks.moment_to_text(one.lift_at)}" if one.told_at else "in force"
    return {
        "id": paper,
        "person": code_of(store, person),
        "purpose": one.purpose.value,
        "since": checks.moment_to_text(one.received_at),
        "state": state,
        "held": waits,
    }
