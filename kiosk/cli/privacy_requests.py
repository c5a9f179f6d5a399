"""`kiosk privacy requests`: the register of what people have asked for; refuses to show names unasked."""

import argparse
from typing import Any

from kiosk.cli.asking import pin
from kiosk.cli.desk import DESK, OFFICER, READERS, acting, acting_options, day, of_company
from kiosk.cli.opening import answer, opened
from kiosk.cli.paper import document_options, hand_out
from kiosk.cli.persons import person_of
from kiosk.cli.request_lines import as_json, line, sentences
from kiosk.faults import Fault, FaultCode
from kiosk.rights import dates, request_acts, request_letters
from kiosk.rights.request_acts import Arrival
from kiosk.rights.request_letters import Letterhead
from kiosk.rights.requests import ErasureGround, Filed, How, RefusalGround, Right, Seen, State, in_order
from kiosk.store import LocalKind, Store
from kiosk.store.approval import LoggedIn


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    noun = acts.add_parser("requests", help="what people have asked for, and by when it is answered")
    verbs = noun.add_subparsers(required=True, metavar="ACT")

    shown = acting_options(verbs.add_parser("list", help="the register: what is overdue comes first"))
    shown.add_argument("--open", action="store_true", help="only what waits for an answer")
    shown.add_argument("--names", action="store_true", help="also names; that somebody looked stands in the ledger")
    shown.set_defaults(do=_list)

    filed = acting_options(verbs.add_parser("file", help="write down that a request has arrived"))
    whom = filed.add_mutually_exclusive_group(required=True)
    whom.add_argument("--person", metavar="CODE", help="employee code")
    whom.add_argument("--nobody", action="store_true", help="of somebody whom this device does not know")
    filed.add_argument("--right", required=True, choices=list(Right), help="what is asked for")
    filed.add_argument("--how", choices=[How.SHELL, How.FORM, How.LETTER], default=How.SHELL, help="how it arrived")
    filed.add_argument("--text", default="", help="in the person's own words")
    filed.add_argument("--received", metavar="DAY", type=day, help="when it arrived, YYYY-MM-DD; default: now")
    filed.add_argument("--ground", choices=list(ErasureGround), help="of an erasure")
    filed.set_defaults(do=_file)

    one = acting_options(_one(verbs, "show", "one request"))
    one.set_defaults(do=_show)

    identity = acting_options(_one(verbs, "identity", "make sure of the person, before any answer"))
    by = identity.add_mutually_exclusive_group(required=True)
    by.add_argument("--pin", action="store_true", help="the person types their PIN")
    by.add_argument("--seen", choices=list(Seen), help="the officer has seen such a document; never its number")
    identity.set_defaults(do=_identity)

    extend = acting_options(_one(verbs, "extend", "put the answer off, once, with a reason"))
    extend.add_argument("--days", type=int, required=True, metavar="N", help="by so many days")
    extend.add_argument("--reason", required=True, help="the person is told it")
    extend.set_defaults(do=_extend)

    charge = acting_options(_one(verbs, "charge", "ask for a fee, where the same was asked within twelve months"))
    charge.add_argument("--amount", required=True, help='in words, for example "50,000 rupiah"')
    charge.add_argument("--reason", required=True, help="the person is told it")
    charge.set_defaults(do=_charge)

    done = acting_options(_one(verbs, "answer", "close it as answered"))
    done.add_argument("--note", default="", help="what was done; the person reads it")
    done.set_defaults(do=_answer)

    refuse = acting_options(_one(verbs, "refuse", "close it as refused, with a reason"))
    refuse.add_argument("--ground", choices=list(RefusalGround), required=True, help="on what ground")
    refuse.add_argument("--reason", required=True, help="the person reads it")
    refuse.add_argument("--law", default="", help="the law that is the ground")
    refuse.set_defaults(do=_refuse)

    withdraw = acting_options(_one(verbs, "withdraw", "the person does not want it any more"))
    withdraw.set_defaults(do=_withdraw)

    letter = document_options(acting_options(_one(verbs, "letter", "what the person gets on paper about it")))
    letter.set_defaults(do=_letter)


def _one(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", verb: str, summary: str
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(verb, help=summary)
    parser.add_argument("request", metavar="ID", help="of the request")
    return parser


def _list(given: argparse.Namespace) -> int:
    with opened(given) as store:
        by = acting(given, store, READERS).account
        now = store.now_ms()
        found = [each for each in in_order(request_acts.every(store), now) if not given.open or each.closed_at is None]
        store.append_local(
            LocalKind.VIEWED, {"list": "requests", "people": len({each.person for each in found}), "by": by}
        )
        people = [_who(store, each, names=given.names) for each in found]
        rows = [as_json(each, now) | who for each, who in zip(found, people, strict=True)]
        lines = [line(each, now, who) for each, who in zip(found, people, strict=True)]
    answer(given, {"requests": rows}, "\n".join(lines) or "No request.")
    return 0


def _file(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = acting(given, store, DESK)
        person = "" if given.nobody else person_of(store, given.person).id
        ground = None if given.ground is None else ErasureGround(given.ground)
        zone = store.clock().clock.zone
        received = None if given.received is None else max(0, dates.begins(given.received, zone))
        arrival = Arrival(Right(given.right), How(given.how), given.text, received, ground)
        filed = request_acts.file(store, person, arrival, of_company(given).clocks, by=login.account)
        return _told(given, store, filed)


def _show(given: argparse.Namespace) -> int:
    with opened(given) as store:
        by = acting(given, store, READERS).account
        filed = request_acts.get(store, given.request)
        store.append_local(LocalKind.VIEWED, {"list": "request", "paper": filed.id, "by": by})
        return _told(given, store, filed)


def _identity(given: argparse.Namespace) -> int:
    with opened(given) as store:
        if given.pin:
            login = acting(given, store, DESK)
            filed = request_acts.identify_by_pin(store, given.request, pin(), by=login.account)
        else:
            filed = request_acts.identify_by_sight(store, given.request, Seen(given.seen), _officer(given, store))
        return _told(given, store, filed)


def _extend(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login, clocks = _officer(given, store), of_company(given).clocks
        return _told(given, store, request_acts.extend(store, given.request, given.days, given.reason, clocks, login))


def _charge(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = _officer(given, store)
        return _told(given, store, request_acts.charge(store, given.request, given.amount, given.reason, login))


def _answer(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = _officer(given, store)
        return _told(given, store, request_acts.answer(store, given.request, given.note, login))


def _refuse(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login, ground = _officer(given, store), RefusalGround(given.ground)
        filed = request_acts.refuse(store, given.request, ground, given.reason, login, law=given.law)
        return _told(given, store, filed)


def _withdraw(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = acting(given, store, DESK)
        return _told(given, store, request_acts.withdraw(store, given.request, by=login.account))


def _letter(given: argparse.Namespace) -> int:
    with opened(given) as store:
        acting(given, store, DESK)
        filed = request_acts.get(store, given.request)
        if filed.request is None or filed.state is State.WITHDRAWN:
            raise Fault(FaultCode.REQUEST_REFUSED, "there is nobody to write to")
        now = store.clock()
        code = _who(store, filed, names=False)["person"]
        head = Letterhead(of_company(given), given.language, code, store.device_id, now.clock.zone, now.wall_ms)
        hand_out(given, request_letters.letter(head, filed))
        return 0


def _officer(given: argparse.Namespace, store: Store) -> LoggedIn:
    return acting(given, store, OFFICER)


def _who(store: Store, filed: Filed, *, names: bool) -> dict[str, str]:
    """Employee code, and the name only where it was asked for; "" for nobody known, and for whoever is erased."""
    if not filed.person or filed.request is None:
        return {"person": ""} | ({"name": ""} if names else {})
    person = store.people.get(filed.person)
    return {"person": person.code} | ({"name": person.name} if names else {})


def _told(given: argparse.Namespace, store: Store, filed: Filed) -> int:
    now, who = store.now_ms(), _who(store, filed, names=False)
    found: dict[str, Any] = as_json(filed, now, whole=True) | who
    answer(given, found, "\n".join(sentences(filed, now, who["person"])))
    return 0
