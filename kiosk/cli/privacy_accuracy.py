"""`kiosk privacy accuracy`: whether what is kept is still right; refuses to mark anybody."""

import argparse

from kiosk.cli import desk
from kiosk.cli.opening import configured, opened
from kiosk.cli.paper import document_options, hand_out
from kiosk.cli.people import embedding_space
from kiosk.rights import accuracy, accuracy_kept
from kiosk.rights.accuracy import Accuracy
from kiosk.store import LocalKind
from kiosk.vision.known import must_enrol_again


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    parser = document_options(desk.acting_options(acts.add_parser("accuracy", help="is what is kept still right?")))
    parser.add_argument(
        "--months",
        type=_months,
        default=accuracy.AGED_MONTHS,
        metavar="N",
        help=f"from what age of a reference on a new one is offered (default: {accuracy.AGED_MONTHS})",
    )
    parser.set_defaults(do=_accuracy)


def _accuracy(given: argparse.Namespace) -> int:
    with opened(given) as store:
        desk.acting(given, store, desk.READERS)
        loaded, now, people = configured(given), store.now_ms(), store.people.all()
        store.append_local(LocalKind.VIEWED, {"list": "accuracy", "people": len(people)})
        space = embedding_space(loaded)
        again = frozenset[str]() if space is None else must_enrol_again(store.templates.spaces(), space)
        codes = {each.id: each.code for each in people if each.state != "left"}
        found = Accuracy(
            ask=accuracy.to_ask(accuracy_kept.known(store), now),
            offers=accuracy.offers(accuracy_kept.newest_references(store), again, codes, given.months, now),
            months=given.months,
            roster_at=accuracy_kept.roster_at(store),
        )
        hand_out(given, accuracy.report(found, given.language, store.device_id, loaded.device.zone, now))
    return 0


def _months(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 120:  # noqa: PLR2004 - ten years
        raise argparse.ArgumentTypeError("1 to 120 months")
    return int(text)
