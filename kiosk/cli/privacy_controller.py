"""`kiosk privacy controller-change`: whether another company answers for the data now; refuses to go on as before."""

import argparse

from kiosk.cli import desk
from kiosk.cli.opening import answer, opened
from kiosk.faults import Fault, FaultCode
from kiosk.rights import controller
from kiosk.store import papers
from kiosk.store.papers import PaperKind

_STOPS = 1


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    text = "after a merger or a sale: is privacy.toml's controller that of the published notice?"
    desk.acting_options(acts.add_parser("controller-change", help=text)).set_defaults(do=_change)


def _change(given: argparse.Namespace) -> int:
    company = desk.of_company(given)
    with opened(given) as store:
        desk.acting(given, store, desk.READERS)
        found = papers.find(store, PaperKind.NOTICE, person="")
        row = store.database.row("SELECT count(DISTINCT person) FROM faces")
    named = next((str(each.content["controller"]) for each in reversed(found) if each.content), None)
    if named is None:
        raise Fault(FaultCode.PAPER_UNKNOWN, "no notice is published")
    now, faces = company.controller.name, 0 if row is None else int(row[0])
    stops = controller.controller_changed(named, controller.named(company.controller))
    sentences = [f"The published notice names {named}, and privacy.toml the same."]
    if stops:
        sentences = [
            f"The published notice names {named}, privacy.toml names {now}.",
            f"Publish a new notice: from its day on, no consent given to the other company carries a face ({faces}).",
            "The PIN works on. Every person is asked anew, and may say no.",
        ]
    answer(given, {"notice": named, "privacy_toml": now, "consent_stops": stops}, "\n".join(sentences))
    return _STOPS if stops else 0
