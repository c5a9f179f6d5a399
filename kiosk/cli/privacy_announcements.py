"""`kiosk privacy announcements` and `marketing`: what a person wants to be shown; refuses to take silence for a yes."""

import argparse

from kiosk.cli.opening import answer, opened, options
from kiosk.cli.persons import person_of, person_option
from kiosk.rights import preferences
from kiosk.rights.purposes import Purpose


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    for purpose, text in (
        (Purpose.ANNOUNCEMENTS, "whether a person wants announcements about work; yes until they decline"),
        (Purpose.MARKETING, "whether a person wants greetings, invitations and offers; no until they ask for them"),
    ):
        parser = person_option(options(acts.add_parser(purpose.value, help=text)))
        wish = parser.add_mutually_exclusive_group()
        wish.add_argument("--on", dest="on", action="store_const", const=True, help="they want them")
        wish.add_argument("--off", dest="on", action="store_const", const=False, help="they do not")
        parser.set_defaults(do=_prefer, purpose=purpose)


def _prefer(given: argparse.Namespace) -> int:
    purpose: Purpose = given.purpose
    with opened(given) as store:
        person = person_of(store, given.person)
        changed = given.on is not None and preferences.prefer(store, person.id, purpose, on=given.on)
        wants = preferences.wanted(store, person.id, purpose)
    found = {"code": given.person, "purpose": purpose.value, "wants": wants, "changed": changed}
    answer(given, found, f"{given.person} {'wants' if wants else 'does not want'} {purpose.value}.")
    return 0
