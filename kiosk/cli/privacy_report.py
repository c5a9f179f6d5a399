"""`kiosk privacy review-report | events`: how well the device is guarded; refuses numbers that point at somebody."""

import argparse
from typing import Final

from kiosk.cli import desk, paper
from kiosk.cli.opening import answer, opened
from kiosk.rights import machine, quarter, quarter_measures, review_report, staff
from kiosk.rights.quarter import Quarter
from kiosk.store import LocalKind
from wire import checks

_SHOWN: Final = frozenset(quarter_measures.ATTACKS)


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    report = paper.document_options(
        desk.acting_options(acts.add_parser("review-report", help="the quarter's review, to be signed"))
    )
    report.add_argument("--quarter", type=_quarter, metavar="YYYY-Qn", help="which (default: the one that goes on)")
    report.add_argument("--file", action="store_true", help="keep what was looked at in the desk's papers")
    report.set_defaults(do=_report)
    events = desk.acting_options(acts.add_parser("events", help="what may be an attack, one line each"))
    events.add_argument("--quarter", type=_quarter, metavar="YYYY-Qn", help="which (default: the one that goes on)")
    events.set_defaults(do=_events)


def _quarter(text: str) -> Quarter:
    try:
        return quarter.read(text)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from wrong


def _report(given: argparse.Namespace) -> int:
    company = desk.of_company(given)
    with opened(given) as store:
        by = desk.acting(given, store, desk.READERS)
        found = quarter_measures.look(store, company, given.quarter or quarter.of(store.now_ms()), machine.seen())
        store.append_local(LocalKind.VIEWED, {"list": "review", "by": by.account})
        if given.file:
            review_report.file(store, found, by)
    paper.hand_out(given, review_report.report(found, given.language))
    return 0


def _events(given: argparse.Namespace) -> int:
    with opened(given) as store:
        by = desk.acting(given, store, desk.READERS)
        months = (given.quarter or quarter.of(store.now_ms())).months
        found = [act for act in staff.acts(store, months) if act.kind in _SHOWN]
        store.append_local(LocalKind.VIEWED, {"list": "events", "by": by.account})
    rows = [
        {"entry": act.seq, "at": checks.moment_to_text(act.at), "kind": act.kind, "detail": dict(act.detail)}
        for act in found
    ]
    lines = [
        f"{checks.moment_to_text(act.at)}  {act.seq:>8}  {act.kind:<20}"
        f"{', '.join(f'{name} {value}' for name, value in act.detail)}"
        for act in found
    ]
    answer(given, {"events": rows}, "\n".join(lines) or "Nothing of that kind happened in this quarter.")
    return 0
