"""`kiosk store backup | restore`: copies for the organisation, and back; refuses a key on the command line."""

import argparse
import functools
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from kiosk import clock
from kiosk.cli import opening, store_keys
from kiosk.faults import Fault, FaultCode
from kiosk.rights import media
from kiosk.store.backup import Made, backup
from kiosk.store.backup_manifest import Kind, Manifest
from kiosk.store.files import reason
from kiosk.store.restore import Newer, Restored, restore
from kiosk.store.restore_check import Checked, check

_KEY: Final = re.compile(r"\s*([0-9a-fA-F]{64})\s*")
_KEY_LIMIT: Final = 200


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    save = opening.options(
        acts.add_parser("backup", help="seal a copy for the organisation; the door goes on meanwhile")
    )
    which = save.add_mutually_exclusive_group()
    which.add_argument(
        "--offsite", action="store_true", help="only the copy that sync carries away: never a face in it"
    )
    which.add_argument("--onsite", action="store_true", help="only the copy that stays in the house")
    save.set_defaults(do=_backup)
    back = acts.add_parser("restore", help="make a store out of a backup, or (--check) look whether one could")
    back.add_argument("file", type=Path, metavar="FILE", help="the backup")
    back.add_argument(
        "--identity", type=Path, required=True, metavar="FILE", help="the organisation's age identity file, mode 0600"
    )
    back.add_argument(
        "--check", action="store_true", help="the drill: open everything in it, on any machine, and keep nothing"
    )
    back.add_argument(
        "--device-key",
        type=Path,
        metavar="FILE",
        help="refuse any device's backup but this one's: 64 hexadecimal digits",
    )
    back.add_argument(
        "--erasures",
        type=Path,
        nargs="+",
        default=[],
        metavar="PATH",
        help="certificates of erasure, or directories of them: erased again before the store can open",
    )
    back.add_argument(
        "--hq-export", type=Path, metavar="FILE", help="of kiosk-hq export --device: go on where headquarters is"
    )
    opening.options(back, required=False)
    store_keys.first_options(back)
    back.set_defaults(do=functools.partial(_restore, back))


def _backup(given: argparse.Namespace) -> int:
    config = opening.configured(given)
    kinds = [Kind.OFFSITE] if given.offsite else [Kind.ONSITE] if given.onsite else _configured(config.storage.onsite)
    made: list[Made] = []
    faults: list[Fault] = []
    with opening.opened(given) as store:
        for kind in kinds:
            try:
                if kind is Kind.ONSITE and config.onsite is not None:
                    media.fit_for_backup(store, config.onsite, removable=media.is_removable(config.onsite))
                with opening.steps("entries") as step:
                    made.append(backup(store, config, kind, step=step))
            except Fault as fault:  # the other one may have room
                faults.append(fault)
    if faults:
        raise faults[0]
    found = {"backups": [_made(each) for each in made]}
    sentences = [
        f"{each.manifest.kind.value}: {each.path}, {each.size} bytes,"
        f" {each.manifest.size} entries{', with references' if each.manifest.templates else ''}."
        for each in made
    ]
    opening.answer(given, found, "\n".join(sentences))
    return 0


def _configured(onsite: str) -> list[Kind]:
    return [Kind.OFFSITE, *([Kind.ONSITE] if onsite else [])]


def _made(each: Made) -> dict[str, Any]:
    return {
        **_manifest(each.manifest),
        "file": str(each.path),
        "bytes": each.size,
        "sha256": each.sha256.hex(),
        "removed": each.removed,
    }


def _manifest(manifest: Manifest) -> dict[str, Any]:
    return {
        "kind": manifest.kind.value,
        "device": manifest.device,
        "device_public": manifest.device_public.hex(),
        "store": manifest.store,
        "generation": manifest.generation,
        "entries": manifest.size,
        "created_at": manifest.created_at,
        "references_included": manifest.templates,
    }


def _restore(parser: argparse.ArgumentParser, given: argparse.Namespace) -> int:
    public = None if given.device_key is None else _public(given.device_key)
    if given.check:
        return _check(given, public)
    if given.data is None and given.config is None:
        parser.error("one of the arguments --data --config --check is required")
    config = opening.configured(given)
    with opening.steps("bytes") as step, opening.steps("entries") as entries:
        done = restore(
            given.file,
            given.identity,
            config.state,
            store_keys.first(config.state, given),
            clock=functools.partial(clock.read, config.device.zone),
            newer=Newer(given.erasures, given.hq_export, config.headquarters.keys),
            places=config.anchors,
            exchange_key=config.exchange_key,
            device_public=public,
            step=step,
            entries=entries,
        )
    found = {
        **_manifest(done.manifest),
        "entries_now": done.entries,
        "appended": done.appended,
        "erased_again": done.erased,
        "people": done.people,
        "references": done.references,
        "passed_over": list(done.passed_over),
        "device_key_checked": public is not None,
    }
    opening.answer(given, found, "\n".join(_told(done, trusted=public is not None)))
    return 0


def _told(done: Restored, *, trusted: bool) -> list[str]:
    said = [
        f"The store of device {done.manifest.device} is restored as of {_day(done.manifest)}.",
        f"{done.people} people, {done.manifest.size} entries, {done.references} references of faces.",
        f"{done.erased} erasures that are newer than the backup were done again.",
    ]
    said += [f"Not this device's certificate, or altered: {name}." for name in done.passed_over]
    if done.appended is None:
        said.append(
            "Headquarters was not asked (--hq-export). If it has newer entries of this device, it will refuse what"
            " comes now as another ledger, and erasures that only it knows of were not done again."
        )
    else:
        said.append(
            f"The ledger goes on where headquarters is: {done.appended} entries were added, without their content."
        )
    if not trusted:
        said.append("Whose backup it was, only the backup itself said (--device-key).")
    said.append("Do not let the old device go on: two devices with one ledger are a fork.")
    return said


def _check(given: argparse.Namespace, public: bytes | None) -> int:
    try:
        with opening.steps("bytes") as step, opening.steps("records") as records:
            done = check(given.file, given.identity, device_public=public, step=step, records=records)
    except Fault as fault:
        if fault.code is not FaultCode.BACKUP_REFUSED:
            raise
        opening.answer(given, {"well": False, "why": fault.detail}, f"This backup cannot be used: {fault.detail}.")
        return 1
    found = {**_manifest(done.manifest), **_counts(done), "device_key_checked": public is not None}
    opening.answer(given, found, "\n".join(_said(done, trusted=public is not None)))
    return 0 if done.well else 1


def _counts(done: Checked) -> Mapping[str, Any]:
    return {
        "well": done.well,
        "opened": dict(done.opened),
        "without_key": done.without_key,
        "damaged": done.damaged,
        "missing": done.missing,
        "set_aside": list(done.set_aside),
    }


def _said(done: Checked, *, trusted: bool) -> list[str]:
    manifest, opened = done.manifest, done.opened
    said = [
        f"{manifest.kind.value} backup of device {manifest.device}, {_day(manifest)}.",
        f"Its signature, its hashes and its ledger of {manifest.size} entries are good.",
        f"Opened: {opened['keys']} keys, {opened['profiles']} people, {opened['bases']} consent records.",
        f"Opened: {opened['pins']} PINs, {opened['templates']} references of faces, {opened['bodies']} entries.",
    ]
    if done.without_key:
        said.append(f"{done.without_key} entries have no key any more.")
    if not done.well:
        said.append(f"{done.damaged} records do not open; {done.missing} months lack an entry.")
    said += [f"Does not open: {each}" for each in done.set_aside]
    if not trusted:
        said.append("Whose backup it is, only the backup itself says (--device-key).")
    return said


def _day(manifest: Manifest) -> str:
    return f"{datetime.fromtimestamp(manifest.created_at / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def _public(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            found = _KEY.fullmatch(file.read(_KEY_LIMIT).decode("ascii", "replace"))
    except OSError as error:
        raise Fault(FaultCode.CONFIG_INVALID, f"{path.name}: {reason(error)}") from error
    if found is None:
        raise Fault(FaultCode.CONFIG_INVALID, f"{path.name}: not 64 hexadecimal digits")
    return bytes.fromhex(found[1])
