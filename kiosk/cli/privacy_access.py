"""`kiosk privacy access` and `copy`: what the device keeps about one person; refuses it to anybody not identified."""

import argparse
from pathlib import Path

from kiosk.cli.desk import OFFICER, acting, acting_options, of_company
from kiosk.cli.opening import answer, opened
from kiosk.cli.paper import document_options, hand_out
from kiosk.cli.persons import person_of, person_option
from kiosk.config import LANGUAGES
from kiosk.rights import request_acts, sealed_copy
from kiosk.rights.access import access
from kiosk.rights.access_reader import Reader
from kiosk.rights.holdings import holdings
from kiosk.rights.sealed_copy import Handed
from kiosk.store import LocalKind
from wire import checks


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    said = "everything kept about a person, once their identity is checked"
    shown = person_option(document_options(acting_options(acts.add_parser("access", help=said))))
    shown.set_defaults(do=_access)
    said = "the same as one sealed file, to take along or to send"
    copy = person_option(acting_options(acts.add_parser("copy", help=said)))
    copy.add_argument("--out", required=True, type=Path, metavar="FILE", help="new PDF file; its name names nobody")
    copy.add_argument("--to", default="", metavar="RECIPIENT", help="directly to a recipient of privacy.toml")
    copy.add_argument("--language", choices=LANGUAGES, default="en", help="of the document (default: en)")
    copy.set_defaults(do=_copy)


def _access(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = acting(given, store, OFFICER)
        person = person_of(store, given.person).id
        filed = request_acts.answerable(store, person, sealed_copy.RIGHTS)
        store.append_local(
            LocalKind.VIEWED, {"list": "access", "person": person, "paper": filed.id, "by": login.account}
        )
        hand_out(given, access(holdings(store, person), Reader(of_company(given), given.language, filed.id)))
        return 0


def _copy(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = acting(given, store, OFFICER)
        found = sealed_copy.hand_copy(
            store,
            person_of(store, given.person).id,
            given.out,
            of_company(given),
            login,
            language=given.language,
            recipient=given.to,
        )
    answer(given, _as_json(found), "\n".join(_said(found, given.to)))
    return 0


def _as_json(found: Handed) -> dict[str, object]:
    return {
        "file": str(found.file),
        "bytes": found.size,
        "sha256": found.digest,
        "expires": checks.moment_to_text(found.expires_at),
        "request": found.request,
        "export": found.export,
        "passphrase": found.passphrase,
    }


def _said(found: Handed, recipient: str) -> list[str]:
    whom = recipient or "the person"
    return [
        f"{found.file}: confidential, {found.size} bytes, sealed; it may go by e-mail to {whom}.",
        f"SHA-256: {found.digest}",
        f"Passphrase: {found.passphrase}",
        "It is shown this once and kept nowhere. Give it by another way than the file: by telephone, or in person.",
        f"Delete what you keep of the file by {checks.moment_to_text(found.expires_at)[:10]}.",
        f"Then close the request: kiosk privacy requests answer {found.request}",
    ]
