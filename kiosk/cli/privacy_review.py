"""`kiosk privacy review`: what a human must look at, how it came about, what they decide; refuses to do it silently."""

import argparse
from typing import Any

from kiosk.cli import desk, privacy_correct
from kiosk.cli.correction_lines import as_json, letterhead, line
from kiosk.cli.opening import answer, configured, opened, options
from kiosk.cli.paper import document_options, hand_out
from kiosk.cli.persons import person_of
from kiosk.config import Config
from kiosk.rights import explanation, human_review, own_acts, rectification
from kiosk.rights.correction import Doubted
from kiosk.rights.correction_letters import act
from kiosk.rights.explanation import Machine
from kiosk.rights.human_review import Annul, Confirm, Pending, Reassign, Verdict
from kiosk.rights.rectification import Desk
from kiosk.store import LocalKind, Store
from kiosk.vision.known import in_use
from wire import checks

_READERS = desk.READERS | human_review.REVIEWERS


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    parser = acts.add_parser("review", help="claimed and disputed records: a human decides")
    verbs = parser.add_subparsers(required=True, metavar="ACT")
    ask = options(verbs.add_parser("ask", help="a person wants a human to look at an entry"))
    privacy_correct.asking_options(ask)
    ask.add_argument("--event", required=True, metavar="ID", help="the entry")
    ask.set_defaults(do=_ask)
    listing = desk.acting_options(verbs.add_parser("list", help="what waits for a human, oldest first"))
    listing.add_argument("--all", action="store_true", help=f"not only the last {human_review.DAYS} days")
    listing.set_defaults(do=_list)
    show = document_options(desk.acting_options(verbs.add_parser("show", help="the explanation card of an entry")))
    show.add_argument("--id", required=True, metavar="ID", help="of the entry")
    show.set_defaults(do=_show)
    decide = desk.acting_options(verbs.add_parser("decide", help="decide about an entry"))
    decide.add_argument("--id", required=True, metavar="ID", help="of the entry")
    verdict = decide.add_mutually_exclusive_group(required=True)
    verdict.add_argument("--confirm", action="store_true", help="it stands as recorded")
    verdict.add_argument("--annul", action="store_true", help="it does not count")
    verdict.add_argument("--reassign", metavar="CODE", help="it was this person's")
    decide.add_argument("--reason", required=True, metavar="TEXT", help="for the person; it names nobody else")
    decide.set_defaults(do=_decide)


def _ask(given: argparse.Namespace) -> int:
    with opened(given) as store:
        company, person = desk.of_company(given), person_of(store, given.person).id
        asked = privacy_correct.asked(given, store)
        filed = rectification.ask(store, person, Doubted(given.event), asked, company)
        answer(given, as_json(store, filed), line(given, store, company, filed))
    return 0


def _list(given: argparse.Namespace) -> int:
    with opened(given) as store:
        desk.acting(given, store, _READERS)
        found = human_review.pending(store, days=None if given.all else human_review.DAYS)
        store.append_local(LocalKind.VIEWED, {"list": "reviews", "records": len(found)})
        zone = configured(given).device.zone
        rows = [_row(store, each) for each in found]
        lines = [_line(store, each, zone) for each in found]
        answer(given, {"records": rows}, "\n".join(lines) or "Nothing waits for a human.")
    return 0


def _row(store: Store, each: Pending) -> dict[str, Any]:
    return {
        "entry": each.standing.event.event_id,
        "code": store.people.get(each.person).code,
        "why": each.why.value,
        "action": each.standing.action.value,
        "time": checks.moment_to_text(each.standing.at),
        "matter": each.matter,
    }


def _line(store: Store, each: Pending, zone: str) -> str:
    what = act("en", each.standing.action, each.standing.at, zone)
    asked = f"  asked: {each.matter}" if each.matter else ""
    code = store.people.get(each.person).code
    return f"{each.standing.event.event_id}  {each.why:<8}  {code:<12}  {what}{asked}"


def _show(given: argparse.Namespace) -> int:
    with opened(given) as store:
        desk.acting(given, store, _READERS)
        person = human_review.holder(store, given.id)
        standing = own_acts.one(store, person, given.id)
        head = letterhead(given, store, desk.of_company(given), person, given.language)
        store.append_local(LocalKind.VIEWED, {"list": "explanation", "records": 1})
        hand_out(given, explanation.card(head, standing, machine(configured(given))))
    return 0


def machine(loaded: Config) -> Machine:
    """How this door recognises faces today, from its configuration and the description of its pack."""
    recognition = loaded.recognition
    found = in_use(loaded)
    thresholds = None if found is None else found.thresholds
    if thresholds is None or recognition.threshold != thresholds.accept:
        return explanation.machine_of(recognition)
    return explanation.machine_of(recognition, thresholds.error_rate, thresholds.population)


def _decide(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = desk.acting(given, store, human_review.REVIEWERS)
        company = desk.of_company(given)
        acting = Desk(company, login, configured(given).device.site)
        found = human_review.decide(store, given.id, _verdict(given, store), given.reason, acting)
        rows = [as_json(store, each) for each in found]
        answer(given, {"matters": rows}, "\n".join(line(given, store, company, each) for each in found))
    return 0


def _verdict(given: argparse.Namespace, store: Store) -> Verdict:
    if given.reassign is not None:
        return Reassign(person_of(store, given.reassign).id)
    return Confirm() if given.confirm else Annul()
