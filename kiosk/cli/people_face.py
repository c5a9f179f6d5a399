"""`kiosk people mode` and `minor`: how somebody's own face is used, and who is under age; refuses without a login."""

import argparse

from kiosk.cli.desk import DESK, acting, acting_options
from kiosk.cli.opening import answer, configured, opened
from kiosk.cli.persons import person_of, person_option
from kiosk.rights import minors
from kiosk.store import face_mode
from kiosk.store.face_mode import FaceMode, strictest

_HOLDS = {
    "identification": "found among all",
    "roster": "found among those who are expected",
    "verification": "compared after code and PIN alone",
    "off": "not used",
}


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add both verbs."""
    mode = person_option(acting_options(acts.add_parser("mode", help="how a person wants their own face used")))
    mode.add_argument("mode", choices=[each.value for each in FaceMode], help="site: as this site does with everybody")
    mode.set_defaults(do=_mode)
    minor = person_option(acting_options(acts.add_parser("minor", help="whether a person is under age: then no face")))
    minor.add_argument("minor", choices=("on", "off"))
    minor.set_defaults(do=_minor)


def _mode(given: argparse.Namespace) -> int:
    mode = FaceMode(given.mode)
    holds = strictest(configured(given).recognition.mode, mode)
    with opened(given) as store:
        login = acting(given, store, DESK)
        face_mode.set_mode(store, person_of(store, given.person).id, mode, by=login.account)
    said = f"{given.person}: {mode}. At this door a face of theirs is {_HOLDS[holds]}."
    answer(given, {"code": given.person, "mode": mode.value, "holds": holds}, said)
    return 0


def _minor(given: argparse.Namespace) -> int:
    minor = given.minor == "on"
    with opened(given) as store:
        login = acting(given, store, DESK)
        done = minors.mark(store, person_of(store, given.person).id, minor=minor, by=login.account)
    erased = "" if done is None else " The face is erased."
    said = f"{given.person} is {'' if minor else 'not '}marked as under age.{erased}"
    found = {"code": given.person, "minor": minor, "erased": done is not None}
    answer(given, found | {"certificate": str(done.certificate) if done and done.certificate else ""}, said)
    return 0
