"""`kiosk privacy recipients-told`: who was told of an erasure and has confirmed it; refuses to forget who has not."""

import argparse

from kiosk.cli.desk import DESK, OFFICER, READERS, acting, acting_options, of_company
from kiosk.cli.opening import answer, opened
from kiosk.cli.paper import document_options, hand_out
from kiosk.rights import recipients_told
from kiosk.rights.recipient_letter import recipient_letter
from kiosk.rights.recipients_told import OPEN, Telling, Told
from kiosk.rights.request_letters import Letterhead
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

    letter = verbs.add_parser("letter", help="what they are asked on paper, to sign and send back")
    letter.add_argument("paper", metavar="ID", help="of the line in the list")
    document_options(acting_options(letter)).set_defaults(do=_letter)


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


def _letter(given: argparse.Namespace) -> int:
    with opened(given) as store:
        acting(given, store, DESK)
        telling, now = recipients_told.get(store, given.paper), store.clock()
        head = Letterhead(of_company(given), given.language, "", store.device_id, now.clock.zone, now.wall_ms)
        hand_out(given, recipient_letter(head, telling))
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
