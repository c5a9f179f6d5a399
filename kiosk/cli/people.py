"""`kiosk people`: who may use this device; refuses a PIN on the command line, where others could read it."""

import argparse
import sys
from collections.abc import Collection

from kiosk import config
from kiosk.cli import (
    opening,
    people_badge,
    people_enrol,
    people_face,
    people_informed,
    people_roster,
    people_shift,
    people_still_right,
    people_trip,
)
from kiosk.cli.opening import typed
from kiosk.store import LocalKind, Person, Store
from kiosk.vision.known import in_use, must_enrol_again
from wire import checks


def main(argv: list[str]) -> int:
    """`kiosk people add --code CODE --name NAME` asks for a PIN; `list`; `enrol` a face. Returns the exit code.

    Raises:
        Fault: what the configuration and the store raise.
    """
    parser = argparse.ArgumentParser(prog="kiosk people", description="Who may use this device.")
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    add = acts.add_parser("add", help="add a person; asks for a PIN of 6 digits or more")
    add.add_argument("--code", required=True, help="employee code, as the HR backend knows it")
    add.add_argument("--name", required=True, help="full name; the door shows the first name and an initial")
    add.add_argument(
        "--language", choices=config.LANGUAGES, default="id", help="in which the door speaks to them (default: id)"
    )
    add.add_argument("--without-pin", action="store_true", help="do not ask for a PIN")
    shown = acts.add_parser("list", help="everybody, by code; that somebody looked stands in the ledger")
    shown.add_argument("--ids", action="store_true", help="also the random id, by which erasing works without a key")
    enrol = acts.add_parser("enrol", help="enrol a person's face, with their consent")
    people_enrol.add_options(enrol)
    people_roster.add(acts)
    people_shift.add(acts)
    people_still_right.add(acts)
    people_face.add(acts)
    people_informed.add(acts)
    people_trip.add(acts)
    people_badge.add(acts)
    for each in (add, shown):
        opening.options(each)
    given = parser.parse_args(argv)
    if given.act == "enrol":
        return people_enrol.main(given)
    if given.act not in {"add", "list"}:
        code: int = given.do(given)
        return code
    with opening.opened(given) as store:
        return _add(store, given) if given.act == "add" else _list(store, given)


def _add(store: Store, given: argparse.Namespace) -> int:
    pin = None if given.without_pin else _asked()
    person = store.people.add(given.code, given.name, language=given.language, pin=pin)
    opening.answer(given, {"code": given.code, "id": person}, f"{given.code} is added.")
    return 0


def _asked() -> str:
    """Ask for the PIN twice on a terminal, or read one line when there is none."""
    while (pin := typed("PIN: ")) != (typed("The same PIN again: ") if sys.stdin.isatty() else pin):
        sys.stderr.write("They differ; please try again.\n")
    return pin


def _list(store: Store, given: argparse.Namespace) -> int:
    everybody, space = store.people.all(), embedding_space(opening.configured(given))
    people = [each for each in everybody if each.state != "left"]  # theirs is read for security and fraud alone
    left = len(everybody) - len(people)
    store.append_local(LocalKind.VIEWED, {"list": "people", "people": len(people)})
    again = frozenset[str]() if space is None else must_enrol_again(store.templates.spaces(), space)
    rows = [_row(each) | {"marks": _marks(each, again)} for each in people]
    lines = [
        f"{each.id + '  ' if given.ids else ''}{each.code:<16}{each.name:<32}{', '.join(_marks(each, again))}"
        for each in people
    ]
    lines += [f"{left} who have left are not shown: kiosk privacy held list."] if left else []
    opening.answer(given, {"people": rows, "left": left}, "\n".join(lines) or "Nobody yet.")
    return 0


def _row(person: Person) -> dict[str, object]:
    """Who somebody is, and who said so last: an administrator, or which version of the roster, and when."""
    return {
        "code": person.code,
        "name": person.name,
        "id": person.id,
        "source": person.source,
        "version": person.version,
        "told": checks.moment_to_text(person.told_at),
    }


def embedding_space(loaded: config.Config) -> str | None:
    """The embedding space of the pack that this door uses; none where it recognises no faces."""
    pack = in_use(loaded)
    return None if pack is None else pack.embedding_space


def _marks(person: Person, again: Collection[str]) -> list[str]:
    held = (
        ("face", person.face_used and person.id not in again),
        ("face of another pack: must enrol again", person.face_used and person.id in again),
        ("PIN", person.has_pin),
        ("check-ins held", person.held),
        ("suspended", person.state == "suspended"),
        ("not yet informed", person.source == "roster" and not person.informed and not person.has_face),
    )
    return [word for word, holds in held if holds]
