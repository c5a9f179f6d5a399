"""`kiosk privacy evidence | verify-evidence`: for a court, by two people; refuses more than is asked."""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

from kiosk.cli import desk, opening, paper
from kiosk.cli.persons import person_of
from kiosk.cli.privacy_certificate import public_key
from kiosk.rights import dates, evidence, evidence_act, evidence_documents, evidence_proof, strict
from kiosk.rights.evidence import Scope
from kiosk.rights.evidence_act import Target
from kiosk.rights.evidence_proof import Proved
from kiosk.store import backup_box
from kiosk.store.files import refused
from wire import checks
from wire.errors import FormatError

_WRONG: Final = 1


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    verb = acts.add_parser("evidence", help="the officer and an administrator hand evidence out, with a receipt")
    whom = verb.add_mutually_exclusive_group(required=True)
    whom.add_argument("--person", metavar="CODE", help="employee code of whom it is about")
    whom.add_argument("--period", action="store_true", help="everybody's in the period")
    for name, text in (
        ("requester", "who asks: court, authority, counsel"),
        ("ground", "why: order, case number, claim"),
        ("cited-law", "which law obliges or allows it"),
    ):
        verb.add_argument(f"--{name}", required=True, metavar="TEXT", help=text)
    verb.add_argument("--scope", required=True, choices=[scope.value for scope in Scope])
    verb.add_argument(
        "--from", dest="first_day", required=True, type=desk.day, metavar="DATE", help="first day, YYYY-MM-DD"
    )
    verb.add_argument("--to", dest="last_day", required=True, type=desk.day, metavar="DATE", help="last day")
    verb.add_argument("--medium", required=True, metavar="ID", help="in the register: kiosk privacy media list")
    verb.add_argument("--at", required=True, type=opening.directory, metavar="DIR", help="where it is plugged in")
    verb.add_argument("--seal-for", required=True, metavar="AGE1...", help="public key (age) of the receiver")
    verb.add_argument(
        "--not-told", default="", metavar="TEXT", help="the law that forbids telling the people concerned, and why"
    )
    verb.add_argument("--first", required=True, metavar="NAME", help="the officer or an administrator")
    verb.add_argument("--second", required=True, metavar="NAME", help="the other of the two")
    paper.document_options(opening.options(verb)).set_defaults(do=_evidence)
    check = acts.add_parser("verify-evidence", help="check evidence; works on any machine")
    check.add_argument("file", type=Path, metavar="FILE", help="evidence.json, the package, or the sealed file")
    check.add_argument("--device-key", type=Path, required=True, metavar="FILE", help="64 hexadecimal digits")
    check.add_argument("--identity", type=Path, metavar="FILE", help="the receiver's age identity, for a sealed file")
    check.add_argument("--json", action="store_true", help="answer as one JSON object on standard output")
    check.set_defaults(do=_verify)


def _evidence(given: argparse.Namespace) -> int:
    company, zone = desk.of_company(given), opening.configured(given).device.zone
    period = dates.begins(given.first_day, zone), dates.ends(given.last_day, zone)
    demand = evidence.wanted(given.requester, given.ground, given.cited_law, Scope(given.scope), period)
    target = Target(given.medium, given.at, given.seal_for, company.periods.exports_days, zone, given.language)
    with opening.opened(given) as store:
        first = desk.someone(store, given.first, desk.DESK)
        second = desk.someone(store, given.second, desk.DESK)
        evidence_act.two(first, second)
        subject = "" if given.person is None else person_of(store, given.person).id
        demand = evidence.about(demand, subject, given.not_told)
        listed = evidence_act.hand_out(store, demand, target, first, second)
        document = evidence_documents.receipt(listed, company, (given.first, given.second), zone, given.language)
    paper.hand_out(given, document)
    return 0


def _verify(given: argparse.Namespace) -> int:
    try:
        data = evidence_act.unpacked(_opened(given.file, given.identity))
        found = evidence_proof.read(data, public_key(given.device_key))
    except FormatError as wrong:
        opening.answer(given, {"genuine": False, "reason": str(wrong)}, "")
        sys.stderr.write(f"kiosk: This evidence is not genuine ({wrong})\n")
        return _WRONG
    opening.answer(
        given,
        {
            "genuine": True,
            "export": found.id,
            "device": found.device,
            "entries": len(found.entries),
            "signed_by": list(found.signed_by),
            "wanted": strict.plain(found.wanted),
        },
        "\n".join(_sentences(found)),
    )
    return 0


def _sentences(found: Proved) -> list[str]:
    first, last = (checks.moment_to_text(each) for each in (found.wanted.first, found.wanted.last))
    return [
        "This evidence is genuine.",
        f"Device {found.device} has signed for each of its {len(found.entries)} entries ({found.wanted.scope}).",
        f"Made for {found.wanted.requester}: {found.wanted.ground} ({found.wanted.cited_law}).",
        f"Asked for: {first} to {last}. That nothing of it was left out, it does not prove.",
    ]


def _opened(path: Path, identity: Path | None) -> bytes:
    try:
        if identity is None:
            with path.open("rb") as file:
                return file.read(evidence_proof.LIMIT + 1)
        with path.open("rb") as sealed, tempfile.TemporaryFile() as plain:
            backup_box.open_sealed(sealed, plain, backup_box.read_identity(identity))
            plain.seek(0)
            return plain.read(evidence_proof.LIMIT + 1)
    except OSError as error:
        raise refused(path, error) from error
