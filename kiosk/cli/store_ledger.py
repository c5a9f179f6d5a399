"""`kiosk store verify-ledger`, `export-ledger`: is the log still the log; refuses to mend what it finds."""

import argparse
import dataclasses
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from kiosk.cli import opening
from kiosk.store import Store, outbox
from kiosk.store.audit import audit
from kiosk.store.bodies import open_all
from kiosk.store.export import export as write
from kiosk.store.files import refused
from kiosk.store.promises import Signer
from kiosk.store.witnesses import witnesses
from wire.checkpoint import NOTE_LIMIT
from wire.errors import BrokenChain, FormatError


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The verbs `verify-ledger` and `export-ledger`."""
    verify = acts.add_parser(
        "verify-ledger", help="check every entry, checkpoint and counter-signature; names the first that is wrong"
    )
    opening.options(verify)
    verify.add_argument("--bodies", action="store_true", help="also open every sealed body that still has a key")
    verify.add_argument(
        "--note",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a checkpoint from elsewhere that must agree: a note, or what kiosk-hq export --device gives",
    )
    verify.set_defaults(do=_verify)
    export = acts.add_parser("export-ledger", help="write chain and checkpoints to a file for an auditor; no event")
    opening.options(export)
    export.add_argument("file", type=Path, metavar="FILE", help="a new file of JSON lines: docs/formats.md")
    export.set_defaults(do=_export)


def _verify(given: argparse.Namespace) -> int:
    headquarters = opening.configured(given).headquarters.keys
    notes = [_read(path) for path in given.note]
    with opening.examined(given) as store:
        signer = Signer(store.device_id, store.device_public, headquarters)
        found: dict[str, Any] = {"entries": store.ledger.size(), "countersigned_to": outbox.countersigned(store)}
        found |= {"countersignatures_checked": bool(headquarters), "notes": len(notes)}
        found |= {"well": False, "first_bad": None, "why": None}
        try:
            found |= _checked(store, signer, notes, bodies=given.bodies)
        except BrokenChain as broken:
            found |= {"first_bad": broken.seq, "why": broken.reason}
            opening.answer(given, found, f"The ledger is broken: entry {broken.seq} {broken.reason}.")
        except FormatError:
            found["why"] = "a given note is not a checkpoint that this device has signed"
            opening.answer(given, found, f"The ledger was not verified: {found['why']}.")
        else:
            found["well"] = not any(found.get(name) for name in ("anchors_lost", "missing", "stranded"))
            opening.answer(given, found, "\n".join(_sentences(found)))
    return 0 if found["well"] else 1


def _export(given: argparse.Namespace) -> int:
    with opening.opened(given) as store, opening.progress("entries", store.ledger.size()) as bar:
        entries = write(store, given.file, step=bar.update)
    opening.answer(given, {"entries": entries}, f"{entries} entries and their checkpoints are in {given.file.name}.")
    return 0


def _checked(store: Store, signer: Signer, notes: list[str], *, bodies: bool) -> dict[str, int]:
    """What was verified. Raises BrokenChain with the first entry that is wrong, FormatError for a foreign note."""
    outside = witnesses(store, signer, notes)
    found, wrong = {"anchors": outside.anchors, "anchors_lost": outside.lost}, []
    try:
        with opening.progress("entries", store.ledger.size()) as bar:
            audited = audit(store.database, signer, outside.promises, step=bar.update)
        found |= {"bodies": audited.walked.bodies, "checkpoints": audited.checkpoints}
        found["countersigned"] = audited.countersigned
    except BrokenChain as broken:
        wrong.append(broken)
    if bodies:  # an entry that was made to follow again is found by its body, often before the next checkpoint
        try:
            with opening.progress("bodies", found.get("bodies")) as bar:
                opened = open_all(store, step=bar.update)
            found |= dataclasses.asdict(opened)
        except BrokenChain as broken:
            wrong.append(broken)
    if wrong:
        raise min(wrong, key=lambda each: each.seq)
    return found


def _sentences(found: dict[str, Any]) -> list[str]:
    whole = f"The ledger is whole: {found['entries']} entries, {found['bodies']} bodies"
    sentences = [
        f"{whole}, {found['checkpoints']} checkpoints.",
        f"Headquarters has counter-signed the first {found['countersigned_to']} entries.",
    ]
    if "opened" in found:
        sentences.append(f"{found['opened']} bodies were opened, {found['without_key']} have no key any more.")
        if found["missing"]:
            sentences.append(f"In {found['missing']} months of a person a body was taken away while its key is there.")
        if found["stranded"]:
            sentences.append(f"{found['stranded']} events neither wait for headquarters nor has it signed for them.")
    if not found["countersignatures_checked"]:
        sentences.append("The key of headquarters is not configured: its signatures were not checked.")
    if found["anchors_lost"]:
        lost = f"{found['anchors_lost']} of {found['anchors']} rollback anchors are missing or altered"
        sentences.append(f"{lost}: here nothing tells whether entries were cut off the end.")
    return sentences


def _read(path: Path) -> str:
    """The note in a file, or in the first line of what headquarters has exported."""
    try:
        with path.open("rb") as file:
            text = file.read(4 * NOTE_LIMIT).decode(errors="replace")
    except OSError as error:
        raise refused(path, error) from error
    with suppress(ValueError):
        found = json.loads(text.partition("\n")[0])
        return str(found["checkpoint"]) if isinstance(found, dict) and "checkpoint" in found else text
    return text
