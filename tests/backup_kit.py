"""An organisation with a key, devices that back up for it, and a reader of backups that shares no code with ours."""

import io
import json
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pyrage import x25519
from store_kit import DIM, MODEL, check_in, enrolled, face

from kiosk.config import Config, Storage
from kiosk.store import Consent, Store
from wire.event import Action

# A key that was made once for these tests; it opens nothing else.
ORGANISATION = x25519.Identity.generate()
RECIPIENT = str(ORGANISATION.to_public())


def config(data: Path, *, recipient: str = RECIPIENT, templates: bool = False, keep: int = 14) -> Config:
    storage = Storage(recipient=recipient, onsite="on-site", onsite_templates=templates, keep=keep)
    return Config(data=data, storage=storage)


def identity_file(directory: Path, identity: x25519.Identity = ORGANISATION, *, mode: int = 0o600) -> Path:
    """As age-keygen writes it."""
    path = directory / "organisation.key"
    path.write_text(f"# created: 2026-11-16T08:00:00+07:00\n# public key: {identity.to_public()}\n{identity}\n")
    path.chmod(mode)
    return path


@dataclass(frozen=True)
class Contents:
    """What a backup holds, read with other means: pyrage, tarfile, sqlite3."""

    manifest: dict[str, Any]
    signature: bytes
    members: dict[str, bytes] = field(repr=False)

    def rows(self, sql: str, file: str = "records.db") -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(self.members[file])
            return database.execute(sql).fetchall()

    @property
    def everything(self) -> bytes:
        return b"".join(self.members.values())


def opened(path: Path, identity: x25519.Identity = ORGANISATION) -> Contents:
    plain = pyrage.decrypt(path.read_bytes(), [identity])
    with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
        members = {entry.name: _content(archive, entry) for entry in archive}
    whole = json.loads(members["manifest.json"])
    signed = b"\0ambang-backup-v1\0" + canonical(whole["manifest"])
    device = Ed25519PublicKey.from_public_bytes(bytes.fromhex(whole["manifest"]["device_public"]))
    device.verify(bytes.fromhex(whole["sig"]), signed)
    return Contents(whole["manifest"], bytes.fromhex(whole["sig"]), members)


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(entry)
    assert file is not None
    return file.read()


def canonical(value: object) -> bytes:
    """RFC 8785 for what a manifest holds: ASCII keys, integers and text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def lived_in(store: Store, *, people: int = 3, days: int = 2) -> list[str]:
    """People with a face and a PIN, and what they did at the door."""
    found = [enrolled(store, f"E-{number:04d}", f"Person {number}") for number in range(people)]
    for _ in range(days):
        for number, person in enumerate(found):
            for action in (Action.IN, Action.OUT):
                store.ledger.append(check_in(store, action, code=f"E-{number:04d}"), person)
    return found


def enrol_again(store: Store, person: str, seed: int) -> None:
    consent = Consent(text_version="2026-1", language="id", given_at=store.now_ms(), witness="self")
    store.basis.enrol(person, consent, [face(person, seed, DIM, MODEL)])
