"""`kiosk privacy recipients-told`: who was told of an erasure and has confirmed it; refuses to forget who has not."""

import argparse

from kiosk.cli.desk import OFFICER, READERS, acting, acting_options
from kiosk.cli.opening import answer, opened
from kiosk.rights import recipients_told
from kiosk.rights.recipients_told import OPEN, Telling, Told
from wire import checks


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    noun = acts.add_parser("recipients-told", help="who was told of an erasure or a correction, and has confirmed it")
    verbs = noun.add_subparsers(required=True, metavar="ACT")
    shown = acting_options(verbs.add_parser("list", help="what is still open comes first"))
    shown.set_defaults(do=_list)
    for verb, state, summary in (
        ("told", Told.TOLD, "a human has told them"),
        ("confirmed", Told.CONFIRMED, "they have confirmed it"),
        ("disproportionate", Told.DISPROPORTIONATE, "telling them takes too much; say why"),
    ):
        settled = verbs.add_parser(verb, help=summary)
        settled.add_argument("paper", metavar="ID", help="of the line in the list")
        if state is Told.DISPROPORTIONATE:
            settled.add_argument("--reason", required=True, help="why; the person may ask for it")
        acting_options(settled).set_defaults(do=_settle, state=state, reason="")


def _list(given: argparse.Namespace) -> int:
    with opened(given) as store:
        acting(given, store, READERS)
        found = sorted(recipients_told.every(store), key=lambda each: each.state not in OPEN)
    lines = [_line(each) for each in found]
    answer(given, {"recipients": [_as_json(each) for each in found]}, "\n".join(lines) or "Nobody had to be told.")
    return 0


def _settle(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = acting(given, store, OFFICER)
        found = recipients_told.settle(store, given.paper, given.state, login, reason=given.reason)
    answer(given, _as_json(found), _line(found))
    return 0


def _as_json(found: Telling) -> dict[str, object]:
    return {
        "id": found.id,
        "recipient": found.recipient,
        "about": found.about,
        "subject": found.subject,
        "state": found.state.value,
        "since": checks.moment_to_text(found.changed_at),
        "reason": found.reason,
    }


def _line(found: Telling) -> str:
    since = checks.moment_to_text(found.changed_at)[:10]
    state = found.state.value.replace("_", " ")
    return f"{found.id}  {since}  {state:<17}{found.about:<15}{found.subject:<18}{found.recipient}"
