"""`kiosk people`: who may use this device; refuses a PIN on the command line, where others could read it."""

import argparse
import functools
import sys
from pathlib import Path

from kiosk import clock, config
from kiosk.cli import people_enrol
from kiosk.cli.opening import phrase, typed
from kiosk.store import Store, roots


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
    shown = acts.add_parser("list", help="everybody, by code")
    enrol = acts.add_parser("enrol", help="enrol a person's face, with their consent")
    people_enrol.add_options(enrol)
    for each in (add, shown):
        each.add_argument("--config", type=Path, required=True, help="kiosk.toml")
    options = parser.parse_args(argv)
    if options.act == "enrol":
        return people_enrol.main(options)
    loaded = config.load(options.config)
    read_clock = functools.partial(clock.read, loaded.device.zone)
    store = Store.open(loaded.state, roots.of(loaded.state, ask=phrase), clock=read_clock, places=loaded.anchors)
    try:
        return _add(store, options) if options.act == "add" else _list(store)
    finally:
        store.close()


def _add(store: Store, options: argparse.Namespace) -> int:
    pin = None if options.without_pin else _asked()
    store.people.add(options.code, options.name, language=options.language, pin=pin)
    sys.stdout.write(f"{options.code} is added.\n")
    return 0


def _asked() -> str:
    """Ask for the PIN twice on a terminal, or read one line when there is none."""
    while (pin := typed("PIN: ")) != (typed("The same PIN again: ") if sys.stdin.isatty() else pin):
        sys.stderr.write("They differ; please try again.\n")
    return pin


def _list(store: Store) -> int:
    for person in store.people.all():
        marks = ", ".join(
            word
            for word, holds in (
                ("face", person.has_face),
                ("PIN", person.has_pin),
                ("restricted", person.restricted),
            )
            if holds
        )
        sys.stdout.write(f"{person.code:<16}{person.name:<32}{marks}\n")
    return 0
