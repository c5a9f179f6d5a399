"""`kiosk privacy correct`: what people want corrected, and what a human decides; refuses to decide without a reason."""

import argparse
from typing import Any

from kiosk.cli import desk
from kiosk.cli.correction_lines import as_json, letterhead, line, moment
from kiosk.cli.opening import answer, configured, opened, options, typed
from kiosk.cli.paper import document_options, hand_out
from kiosk.cli.persons import person_of, person_option
from kiosk.faults import Fault, FaultCode
from kiosk.rights import correction_letters, recipients_of_corrections, rectification
from kiosk.rights.correction import Field, Missing, ProfileWrong, Subject, Wrong
from kiosk.rights.document import Document
from kiosk.rights.rectification import Accept, Adjust, Asked, Desk, Refuse, Verdict
from kiosk.rights.requests import ByPin, BySight, How, Seen
from kiosk.store import LocalKind, PinAccepted, Store
from wire.event import Action

_ACTIONS = [one.value for one in Action]


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    parser = acts.add_parser("correct", help="what is wrong or missing: ask, decide, answer")
    verbs = parser.add_subparsers(required=True, metavar="ACT")
    ask = options(verbs.add_parser("ask", help="write down what a person wants corrected"))
    asking_options(ask)
    wanted = ask.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--event", metavar="ID", help="the entry that is wrong")
    wanted.add_argument("--missing", action="store_true", help="something is missing: --action and --time say what")
    wanted.add_argument("--name", metavar="NAME", help="the name should be this")
    wanted.add_argument("--speaks", choices=rectification.LANGUAGES, help="the language should be this")
    _act_options(ask)
    ask.set_defaults(do=_ask)
    listing = desk.acting_options(verbs.add_parser("list", help="every matter: what is open first"))
    listing.set_defaults(do=_list)
    decide = desk.acting_options(verbs.add_parser("decide", help="decide what a person has asked for"))
    decide.add_argument("--id", required=True, metavar="ID", help="of the matter")
    verdict = decide.add_mutually_exclusive_group(required=True)
    verdict.add_argument("--accept", action="store_true", help="as the person asked")
    verdict.add_argument("--adjust", action="store_true", help="otherwise: --action, --time, or both say how")
    verdict.add_argument("--refuse", action="store_true", help="it stays as it is")
    _act_options(decide)
    decide.add_argument("--reason", default="", metavar="TEXT", help="for the person")
    decide.set_defaults(do=_decide)
    letter = document_options(desk.acting_options(verbs.add_parser("answer", help="the answer for the person")))
    letter.add_argument("--id", required=True, metavar="ID", help="of the matter")
    letter.set_defaults(do=_answer)
    own = desk.acting_options(verbs.add_parser("statement", help="keep the person's own view beside the decision"))
    own.add_argument("--id", required=True, metavar="ID", help="of the matter")
    own.add_argument("--text", required=True, metavar="TEXT", help="in the person's own words")
    own.set_defaults(do=_statement)


def asking_options(parser: argparse.ArgumentParser) -> None:
    """Who asks: `--person`, `--text`, `--how`, and `--by` with `--seen`, or the person's own PIN."""
    person_option(parser)
    parser.add_argument("--text", default="", metavar="TEXT", help="in the person's own words")
    parser.add_argument("--how", choices=list(How), default=How.SHELL, help="how it arrived (default: shell)")
    parser.add_argument(
        "--by", metavar="NAME", help="account that writes it down; without it the person's PIN is asked"
    )
    parser.add_argument("--seen", choices=list(Seen), help="with --by: the document that the account has seen")


def asked(given: argparse.Namespace, store: Store) -> Asked:
    """How somebody asks, and how they were made sure of.

    Raises:
        Fault: REQUEST_REFUSED: a wrong PIN, or nobody has seen a document; as `desk.someone`.
    """
    now = store.clock()
    if given.by is None:
        found = store.accounts.check_pin(given.person, typed("PIN: "), now.wall_ms, now.clock.boottime_ms)
        if not isinstance(found, PinAccepted):
            raise Fault(FaultCode.REQUEST_REFUSED, f"the PIN does not fit; the next try counts after {found.wait_s} s")
        return Asked(given.text, How(given.how), ByPin(now.wall_ms, ""))
    login = desk.someone(store, given.by, desk.DESK)
    rectification.need(given.seen is not None, "--seen: which document of the person was seen?")
    return Asked(given.text, How(given.how), BySight(Seen(given.seen), now.wall_ms, login.account))


def _act_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--action", choices=_ACTIONS, help="what it should be")
    parser.add_argument("--time", type=moment, metavar="2026-10-01T07:58:00+07:00", help="when it should be")


def _ask(given: argparse.Namespace) -> int:
    with opened(given) as store:
        company, person = desk.of_company(given), person_of(store, given.person).id
        filed = rectification.ask(store, person, _subject(given), asked(given, store), company)
        answer(given, as_json(store, filed), line(given, store, company, filed))
    return 0


def _subject(given: argparse.Namespace) -> Subject:
    action = None if given.action is None else Action(given.action)
    if given.event is not None:
        return Wrong(given.event, action, given.time)
    if given.name is not None:
        return ProfileWrong(Field.NAME, given.name)
    if given.speaks is not None:
        return ProfileWrong(Field.LANGUAGE, given.speaks)
    if action is None or given.time is None:
        raise Fault(FaultCode.REQUEST_REFUSED, "--missing needs --action and --time")
    return Missing(action, given.time)


def _list(given: argparse.Namespace) -> int:
    with opened(given) as store:
        desk.acting(given, store, desk.READERS)
        company = desk.of_company(given)
        rectification.keep_up(store, company)
        found = rectification.every(store)
        store.append_local(LocalKind.VIEWED, {"list": "corrections", "matters": len(found)})
        rows: list[dict[str, Any]] = [as_json(store, each) for each in found]
        lines = [line(given, store, company, each) for each in found]
        answer(given, {"matters": rows}, "\n".join(lines) or "Nobody has asked for a correction.")
    return 0


def _decide(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = desk.acting(given, store, desk.DESK)
        company = desk.of_company(given)
        acting = Desk(company, login, configured(given).device.site)
        filed = rectification.decide(store, given.id, _verdict(given), given.reason, acting)
        answer(given, as_json(store, filed), line(given, store, company, filed))
    return 0


def _verdict(given: argparse.Namespace) -> Verdict:
    changes = given.action is not None or given.time is not None
    rectification.need(given.adjust or not changes, "--action and --time belong to --adjust")
    if given.accept:
        return Accept()
    return Adjust(None if given.action is None else Action(given.action), given.time) if given.adjust else Refuse()


def _answer(given: argparse.Namespace) -> int:
    with opened(given) as store:
        desk.acting(given, store, desk.DESK)
        hand_out(given, letter(given, store, given.id))
    return 0


def letter(given: argparse.Namespace, store: Store, matter_id: str) -> Document:
    """The answer of one matter, in `--language`. Raises Fault PAPER_UNKNOWN; REQUEST_REFUSED: it is not decided."""
    company = desk.of_company(given)
    rectification.keep_up(store, company)
    filed = rectification.get(store, matter_id)
    matter = filed.matter
    if matter is None or matter.ruling is None:
        raise Fault(FaultCode.REQUEST_REFUSED, "the person is erased" if matter is None else "it is not decided yet")
    told = recipients_of_corrections.tellings(store, filed.id)
    head = letterhead(given, store, company, filed.person, given.language)
    return correction_letters.answer(head, filed.id, matter, matter.ruling, told)


def _statement(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = desk.acting(given, store, desk.DESK)
        filed = rectification.state_own_view(store, given.id, given.text, by=login.account)
        answer(given, as_json(store, filed), "The statement is kept beside the decision.")
    return 0
