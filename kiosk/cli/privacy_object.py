"""`kiosk privacy object`: file, decide, answer, list; refuses to override an objection without a written ground."""

import argparse

from kiosk.cli.desk import DESK, OFFICER, READERS, acting, acting_options, of_company
from kiosk.cli.opening import answer, configured, opened
from kiosk.cli.paper import document_options, hand_out
from kiosk.cli.persons import code_of, person_of, person_option
from kiosk.cli.sheets import sheet
from kiosk.rights import objecting
from kiosk.rights.basis_documents import of_objection
from kiosk.rights.document import Document
from kiosk.rights.objection import Outcome
from kiosk.rights.purposes import Purpose
from kiosk.store import LocalKind, Store
from wire import checks


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb and what it can do."""
    parser = acts.add_parser("object", help="an objection of a person to a purpose: file it, decide it")
    verbs = parser.add_subparsers(required=True, metavar="ACT")
    filed = person_option(document_options(acting_options(verbs.add_parser("file", help="what can stop, stops now"))))
    filed.add_argument("--purpose", required=True, choices=[each.value for each in Purpose])
    filed.add_argument("--why", required=True, metavar="TEXT", help="what the person says")
    filed.set_defaults(do=_file)
    decide = document_options(acting_options(verbs.add_parser("decide", help="the officer decides, in writing")))
    decide.add_argument("--id", required=True, metavar="ID")
    which = decide.add_mutually_exclusive_group(required=True)
    which.add_argument("--uphold", action="store_true", help="it holds")
    which.add_argument("--override", action="store_true", help="it does not, for the --ground")
    decide.add_argument("--ground", default="", metavar="TEXT", help="the compelling ground of an override")
    decide.set_defaults(do=_decide)
    again = document_options(acting_options(verbs.add_parser("answer", help="the answer to the person, once more")))
    again.add_argument("--id", required=True, metavar="ID")
    again.set_defaults(do=_answer)
    acting_options(verbs.add_parser("list", help="every objection that can be read")).set_defaults(do=_list)


def _file(given: argparse.Namespace) -> int:
    loaded, company = configured(given), of_company(given)
    with opened(given) as store:
        login, person = acting(given, store, DESK), person_of(store, given.person)
        filed = objecting.file(
            store, company, person.id, Purpose(given.purpose), given.why, by=login.account, site=loaded.device.site
        )
        document = _document(given, store, filed.id)
    hand_out(given, document)
    return 0


def _decide(given: argparse.Namespace) -> int:
    outcome = Outcome.UPHELD if given.uphold else Outcome.OVERRIDDEN
    with opened(given) as store:
        login = acting(given, store, OFFICER)
        site = configured(given).device.site
        objecting.decide(store, given.id, outcome, ground=given.ground, by=login.account, site=site)
        document = _document(given, store, given.id)
    hand_out(given, document)
    return 0


def _answer(given: argparse.Namespace) -> int:
    with opened(given) as store:
        acting(given, store, READERS)
        document = _document(given, store, given.id)
        store.append_local(LocalKind.VIEWED, {"list": "objection", "people": 1})
    hand_out(given, document)
    return 0


def _document(given: argparse.Namespace, store: Store, paper_id: str) -> Document:
    paper, one = objecting.read(store, paper_id)
    made = sheet(given, store.now_ms())
    return of_objection(one, paper_id, made, code=code_of(store, paper.person), due_at=paper.due_at)


def _list(given: argparse.Namespace) -> int:
    with opened(given) as store:
        acting(given, store, READERS)
        found = objecting.every(store)
        store.append_local(LocalKind.VIEWED, {"list": "objections", "people": len({p.person for p, _ in found})})
        rows = [
            {
                "id": paper.id,
                "person": code_of(store, paper.person),
                "purpose": one.purpose.value,
                "effect": one.effect.value,
                "outcome": one.outcome or "assessed",
                "due": "" if paper.due_at is None or one.outcome else checks.moment_to_text(paper.due_at),
            }
            for paper, one in found
        ]
    lines = [
        f"{row['id']}  {row['person']:<16}{row['purpose']:<18}{row['effect']:<14}{row['outcome']:<12}{row['due']}"
        for row in rows
    ]
    answer(given, {"objections": rows}, "\n".join(lines) or "Nobody objects.")
    return 0
