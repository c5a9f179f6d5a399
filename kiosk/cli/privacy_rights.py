"""`kiosk privacy rights` and `form`: what a person may ask for, and a form to ask with; refuses to ask who wants it."""

import argparse

from kiosk.cli.desk import of_company
from kiosk.cli.opening import opened, options
from kiosk.cli.paper import document_options, hand_out
from kiosk.rights import request_letters
from kiosk.rights.request_letters import Letterhead
from kiosk.rights.requests import Right
from kiosk.rights.rights_index import rights


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    index = document_options(options(acts.add_parser("rights", help="every right on one page, and what does it")))
    index.set_defaults(do=_rights)
    form = document_options(options(acts.add_parser("form", help="a form to ask with, to print")))
    form.add_argument("--right", required=True, choices=list(Right), help="what is asked for")
    form.set_defaults(do=_form)


def _rights(given: argparse.Namespace) -> int:
    with opened(given) as store:
        hand_out(given, rights(of_company(given), given.language, store.device_id, store.now_ms()))
    return 0


def _form(given: argparse.Namespace) -> int:
    with opened(given) as store:
        now = store.clock()
        head = Letterhead(of_company(given), given.language, "", store.device_id, now.clock.zone, now.wall_ms)
        hand_out(given, request_letters.form(head, Right(given.right)))
    return 0
