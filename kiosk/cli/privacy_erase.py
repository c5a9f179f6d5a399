"""`kiosk privacy erase` and `status`: forget a face, a person, everything; refuses to erase by a slip of a finger."""

import argparse
import functools
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from kiosk import clock
from kiosk.cli.asking import repeated
from kiosk.cli.desk import OFFICER, acting, of_company
from kiosk.cli.opening import answer, configured, examined, opened, options
from kiosk.cli.persons import person_of
from kiosk.cli.privacy_certificate import sentences
from kiosk.clock import Reading
from kiosk.config import Config
from kiosk.faults import Fault
from kiosk.rights import approvals, decommission, erasure_request, holds
from kiosk.rights.decommission import Outstanding
from kiosk.store import Store
from kiosk.store.database import StoreDatabase
from kiosk.store.erasure import Erasure, erase_face, erase_person, open_erasures
from kiosk.store.erasure_everything import Decommissioned, erase_everything, erase_everything_without_key
from kiosk.store.erasure_keyless import erase_without_key, locked
from kiosk.store.intents import IntentKind, Intents
from wire import certificate, checks
from wire.certificate import Scope

_EVERYTHING: Final = "everything"


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    erase = options(acts.add_parser("erase", help="erase a face, a person, or everything on this device"))
    whom = erase.add_mutually_exclusive_group(required=True)
    whom.add_argument("--person", metavar="CODE", help="employee code")
    whom.add_argument("--id", metavar="ID", help="random id of a person, 16 hexadecimal digits")
    whom.add_argument("--everything", action="store_true", help="take the device out of use; stop kiosk and sync first")
    erase.add_argument("--face", action="store_true", help="only the face; the PIN goes on working")
    erase.add_argument(
        "--hand-over", type=Path, metavar="FILE", help="new file for attendance that headquarters has not signed for"
    )
    erase.add_argument("--certificate", type=Path, metavar="FILE", help="with --everything: new file for its proof")
    erase.add_argument("--without-key", action="store_true", help="the root key is lost: delete rows and wrapped keys")
    erase.add_argument(
        "--although-open", action="store_true", help="with --everything: although requests, holds or cases are open"
    )
    erase.add_argument("--request", metavar="ID", help="the request that this answers; --by says for whom you act")
    erase.add_argument("--by", metavar="NAME", help="with --request: account of the officer; its password is asked for")
    erase.add_argument("--yes", action="store_true", help="do not ask again")
    erase.set_defaults(do=_erase, refuse=erase.error)
    status = options(acts.add_parser("status", help="erasures that are not done, and what they wait for"))
    status.set_defaults(do=_status)


def _erase(given: argparse.Namespace) -> int:
    if (sentence := _contradiction(given)) is not None:
        given.refuse(sentence)
    if given.everything and not _seen(given):
        return 1
    if not given.yes and not _sure(given):
        sys.stderr.write("That was something else. Nothing was erased.\n")
        return 1
    if given.everything:
        _everything(given)
    else:
        _one(given)
    return 0


def _contradiction(given: argparse.Namespace) -> str | None:
    """What is wrong with a call that argparse has let through."""
    certified, handing = given.certificate is not None, given.hand_over is not None
    answers = given.request is not None
    rules = (
        (given.without_key and given.person is not None, "--without-key needs --id: nobody can look up a code"),
        (given.without_key and handing, "--hand-over needs the root key"),
        (given.without_key and certified, "without the root key nobody can sign a certificate"),
        (given.face and (given.everything or handing), "--face is about one face, and about no attendance"),
        (given.without_key and answers, "without the root key no request can be answered"),
        (given.everything and answers, "a request is about one person"),
        (answers != (given.by is not None), "--request and --by go together"),
        (certified and not given.everything, "only --everything needs a place for its certificate"),
        (given.although_open and not given.everything, "--although-open is about --everything"),
        (given.everything and not certified and not given.without_key, "--everything needs --certificate FILE"),
    )
    return next((sentence for holds, sentence in rules if holds), None)


def _seen(given: argparse.Namespace) -> bool:
    """List what is open on the device; whether it may go although it is. A store that does not open has no list."""
    try:
        with closing(StoreDatabase.open(configured(given).state)) as database:
            found = decommission.outstanding(database)
    except Fault:
        return True  # what hinders is said by whoever erases
    sys.stderr.write("".join(f"{line}\n" for line in _open_on_it(found)))
    if not found.forbids or given.although_open:
        return True
    sys.stderr.write("Nothing was erased. Close them first, or say --although-open.\n")
    return False


def _open_on_it(found: Outstanding) -> list[str]:
    return [
        f"Requests of people that nobody has answered: {found.requests}",
        f"Legal holds: {found.holds}",
        f"Breach cases that are open: {found.cases}",
        f"Attendance records that headquarters has not signed for: {found.undelivered}",
    ]


def _sure(given: argparse.Namespace) -> bool:
    expected: str = _EVERYTHING if given.everything else given.person or given.id
    what = "the word everything" if given.everything else "it"
    return repeated(f"This cannot be undone. Type {what} again: ", expected)


def _one(given: argparse.Namespace) -> None:
    if given.without_key:
        loaded = configured(given)
        scope = Scope.FACE if given.face else Scope.PERSON
        found: Erasure | None = erase_without_key(loaded.state, given.id, _clock(loaded), scope=scope)
    else:
        with opened(given) as store:
            person_id = given.id if given.person is None else person_of(store, given.person).id
            _answered(given, store, person_id)
            if given.hand_over is not None:
                approvals.use_for_export(store, person_id)
            found = (
                erase_face(store, person_id)
                if given.face
                else erase_person(store, person_id, hand_over=given.hand_over)
            )
    if found is None:
        answer(given, {"scope": Scope.FACE.value, "nothing": True}, "There is no face to erase.")
    else:
        answer(given, _as_json(found), "\n".join(_said(found)))


def _answered(given: argparse.Namespace, store: Store, person_id: str) -> None:
    """Answer the request that asks for it, before the person goes. Raises Fault LEGAL_HOLD, and as the desk does."""
    if given.request is not None:
        kind = IntentKind.ERASE_FACE if given.face else IntentKind.ERASE_PERSON
        login = acting(given, store, OFFICER)
        erasure_request.begin(store, person_id, kind, given.request, of_company(given), login)
    elif not given.face:
        holds.let_go(store, person_id)


def _said(found: Erasure) -> list[str]:
    if found.certificate is not None:
        signed = certificate.unverified(found.certificate.read_bytes())
        return [*sentences(signed), f"Certificate: {found.certificate}"]
    if found.waiting:
        return [
            "Key, references and PIN are gone; this person is neither matched nor admitted.",
            f"The rest waits until headquarters has signed for {found.waiting} attendance records.",
            "With the root key, `--hand-over FILE` writes them into a file for a human instead.",
        ]
    return ["Rows and keys are gone. Ledger entry and certificate are made at the next start with the root key."]


def _everything(given: argparse.Namespace) -> None:
    loaded = configured(given)
    if given.without_key:
        found = erase_everything_without_key(loaded.state, loaded.anchors, loaded.onsite)
    else:
        with examined(given) as store:
            if given.hand_over is not None:
                approvals.use_for_export(store, "")
            holds.let_go(store)
            found = erase_everything(store, given.certificate, handed=given.hand_over, onsite=loaded.onsite)
    answer(
        given,
        {
            "scope": Scope.EVERYTHING.value,
            "files": found.files,
            "root_key_destroyed": found.root_key_destroyed,
            "certificates": found.certificates,
            "left": list(found.left),
            "certificate": None if given.certificate is None else str(given.certificate),
        },
        "\n".join(_told(found, given.certificate)),
    )


def _told(found: Decommissioned, signed: Path | None) -> list[str]:
    lines = [f"Every key and {found.files} files are gone; this device keeps nothing any more."]
    if not found.root_key_destroyed:
        lines.append("Earlier copies of the files still open for whoever has the old root key.")
    if found.left:
        lines.append(f"Not the kiosk's own, and still there: {', '.join(found.left)}")
    if signed is None:
        return [*lines, "There is no certificate: without the root key nobody could sign one."]
    return [*lines, f"Certificate: {signed}", f"Earlier certificates beside it: {found.certificates}"]


def _status(given: argparse.Namespace) -> int:
    loaded = configured(given)
    with closing(StoreDatabase.open(loaded.state)) as database:  # needs no root key
        found = open_erasures(database, Intents(locked(database, _clock(loaded))))
    lines = [
        f"{checks.moment_to_text(each.began)}  {each.scope.value:<10} {each.person:<16}  waits for {_reason(each)}"
        for each in found
    ]
    answer(given, {"open": [_as_json(each) for each in found]}, "\n".join(lines) or "No erasure is open.")
    return 0


def _reason(found: Erasure) -> str:
    if found.waiting:
        return f"headquarters to sign for {found.waiting} attendance records, or (with the root key) --hand-over FILE"
    return "`kiosk privacy erase --everything` again" if found.scope is Scope.EVERYTHING else "the next start"


def _as_json(found: Erasure) -> dict[str, object]:
    return {
        "id": found.id,
        "scope": found.scope.value,
        "person": found.person,
        "began": checks.moment_to_text(found.began),
        "certificate": None if found.certificate is None else str(found.certificate),
        "waiting": found.waiting,
    }


def _clock(loaded: Config) -> Callable[[], Reading]:
    return functools.partial(clock.read, loaded.device.zone)
