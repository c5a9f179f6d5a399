"""Archives as an attacker would spell them: each starts from a good backup and changes one thing."""

import copy
import hashlib
import io
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage
from backup_kit import ORGANISATION, Contents, canonical, opened

from wire.signing import SigningKey

BLOCK = 512


@dataclass
class Forge:
    """A good backup taken apart, with the device's own key at hand: what is changed can be signed again.

    Attributes:
        manifest: as an object.
        members: name and content, without the manifest, in order.
        key: signs the manifest.
        domain: stands before what is signed.
    """

    manifest: dict[str, Any]
    members: list[tuple[str, bytes]]
    key: SigningKey
    domain: bytes = b"\0ambang-backup-v1\0"
    signature: bytes | None = None
    spelled: bytes | None = field(default=None, repr=False)

    def content(self, name: str) -> bytes:
        return dict(self.members)[name]

    def put(self, name: str, content: bytes, *, honest: bool = True) -> None:
        """Another content for a member; an honest manifest says so."""
        self.members = [(each, content if each == name else old) for each, old in self.members]
        if honest:
            for member in self.manifest["members"]:
                if member["name"] == name:
                    member |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}

    def change_records(self, *statements: str, file: str = "records.db") -> None:
        """Run SQL in the database of the backup, as somebody with the organisation's key and the device's could."""
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(self.content(file))
            for statement in statements:
                database.execute(statement)
            database.commit()
            self.put(file, bytes(database.serialize()))

    def manifest_file(self) -> bytes:
        if self.spelled is not None:
            return self.spelled
        signature = self.signature
        if signature is None:
            signature = self.key.sign(self.domain + canonical(self.manifest))
        return canonical({"manifest": self.manifest, "sig": signature.hex()})

    def parts(self) -> list[bytes]:
        """Header, content, padding of each member, then the end."""
        parts: list[bytes] = []
        for name, content in [("manifest.json", self.manifest_file()), *self.members]:
            parts += [head(name, len(content)), content, bytes(-len(content) % BLOCK)]
        return [*parts, bytes(2 * BLOCK)]

    def plain(self) -> bytes:
        return b"".join(self.parts())


def taken_apart(sealed: Path, key: SigningKey) -> Forge:
    found: Contents = opened(sealed)
    return Forge(copy.deepcopy(found.manifest), list(found.members.items())[1:], key)


def seal(plain: bytes, path: Path) -> Path:
    path.write_bytes(pyrage.encrypt(plain, [ORGANISATION.to_public()]))
    return path


def head(name: str, size: int, *, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o600) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size, entry.type, entry.linkname, entry.mode = size, kind, link, mode
    return entry.tobuf(tarfile.USTAR_FORMAT)


def with_checksum(header: bytes) -> bytes:
    """A header whose own checksum fits whatever was changed in it."""
    empty = header[:148] + b" " * 8 + header[156:]
    return empty[:148] + b"%06o\0 " % sum(empty) + empty[156:]


KEY, RECORDS = 3, 6  # where the headers of store.key and records.db stand among the parts


def _at(place: int, header: Callable[[Forge], bytes]) -> Callable[[Forge], bytes]:
    def spell(forge: Forge) -> bytes:
        parts = forge.parts()
        parts[place] = header(forge)
        return b"".join(parts)

    return spell


def _before(place: int, *extra: bytes) -> Callable[[Forge], bytes]:
    def spell(forge: Forge) -> bytes:
        parts = forge.parts()
        return b"".join([*parts[:place], *extra, *parts[place:]])

    return spell


def _order(*places: int) -> Callable[[Forge], bytes]:
    def spell(forge: Forge) -> bytes:
        parts = forge.parts()
        return b"".join([b"".join(parts[place : place + 3]) for place in places] + parts[-1:])

    return spell


def _cut(less: int) -> Callable[[Forge], bytes]:
    return lambda forge: forge.plain()[:-less]


def _more(extra: bytes) -> Callable[[Forge], bytes]:
    return lambda forge: forge.plain() + extra


def _flipped_padding(forge: Forge) -> bytes:
    parts = forge.parts()
    parts[KEY + 2] = parts[KEY + 2][:-1] + b"\1"
    return b"".join(parts)


def _base_256(forge: Forge) -> bytes:
    header = head("records.db", len(forge.content("records.db")))
    return with_checksum(header[:124] + b"\x80" + bytes(3) + (1 << 40).to_bytes(8, "big") + header[136:])


def _pax(name: str, **fields: str) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.pax_headers = fields
    entry.size = 32
    return entry.tobuf(tarfile.PAX_FORMAT)[:-BLOCK]


def _gzipped(forge: Forge) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("bomb"))
    return packed.getvalue() + forge.plain()


EVIL = b"x" * 32
# What is wrong with the row of files, and what is said about it.
SPELLINGS: dict[str, tuple[Callable[[Forge], bytes], str]] = {
    "a member that nobody knows": (_before(KEY, head("notes.txt", 32), EVIL, bytes(480)), "member 1: unknown"),
    "a way out of the directory": (_at(KEY, lambda _: head("../store.key", 32)), "member 1: unknown"),
    "an absolute name": (_at(RECORDS, lambda f: head("/records.db", len(f.content("records.db")))), "2: unknown"),
    "a name with a terminal's escape": (_at(KEY, lambda _: head("\x1b[2J", 32)), "member 1: unknown"),
    "the manifest twice": (_order(0, 0, KEY, RECORDS), "member 1: a member twice"),
    "the store key twice": (_order(0, KEY, KEY, RECORDS), "member 2: a member twice"),
    "records before the key": (_order(0, RECORDS, KEY), "member 1: in another order"),
    "the manifest last": (_order(KEY, RECORDS, 0), "member 0: in another order"),
    "no manifest": (_order(KEY, RECORDS), "member 0: in another order"),
    "no records": (_order(0, KEY), "member 2: missing"),
    "nothing at all": (lambda _: bytes(2 * BLOCK), "member 0: missing"),
    "no byte at all": (lambda _: b"", "it ends too early"),
    "a symbolic link": (_at(KEY, lambda _: head("store.key", 32, kind=b"2", link="/etc/shadow")), "1: a link"),
    "a hard link": (_at(RECORDS, lambda _: head("records.db", 0, kind=b"1", link="store.key")), "2: a link"),
    "a character device": (_at(RECORDS, lambda _: head("records.db", 0, kind=b"3")), "2: a link or another special"),
    "a pipe": (_at(RECORDS, lambda _: head("records.db", 0, kind=b"6")), "2: a link or another special"),
    "a directory": (_at(RECORDS, lambda _: head("records.db", 0, kind=b"5")), "member 2: unknown"),
    "a sparse file": (_at(RECORDS, lambda _: head("records.db", 512, kind=b"S")), "2: a link or another special"),
    "a contiguous file": (
        _at(RECORDS, lambda f: head("records.db", len(f.content("records.db")), kind=b"7")),
        "2: a link or another special",
    ),
    "an extended header": (_before(RECORDS, _pax("records.db", path="../evil")), "member 2: unknown"),
    "a long name": (_before(KEY, head("././@LongLink", 32, kind=b"L"), EVIL, bytes(480)), "member 1: unknown"),
    "a larger size in the header": (_at(RECORDS, lambda _: head("records.db", 1 << 32)), "member 2: of another size"),
    "a smaller size in the header": (_at(RECORDS, lambda _: head("records.db", 512)), "member 2: of another size"),
    "a size that is not octal": (_at(RECORDS, _base_256), "member 2: of another size"),
    "a wrong checksum of a header": (
        _at(KEY, lambda _: head("store.key", 32).replace(b"0600", b"0700")),
        "1: a header of another kind",
    ),
    "a program that runs as its owner": (_at(KEY, lambda _: head("store.key", 32, mode=0o4755)), "1: a header of an"),
    "something in the padding": (_flipped_padding, "store.key: something in its padding"),
    "cut in a member": (_cut(4096), "it ends too early"),
    "cut before the end": (_cut(2 * BLOCK), "it ends too early"),
    "half an end": (_cut(BLOCK), "it ends too early"),
    "a byte after the end": (_more(b"\0"), "something after the end"),
    "an archive after the end": (lambda f: f.plain() + f.plain(), "something after the end"),
    "a member after the last": (_before(-1, head("records.db", 0)), "something after the last member"),
    "something packed": (_gzipped, "member 0: unknown"),
}


def _said(**changed: object) -> Callable[[Forge], None]:
    return lambda forge: forge.manifest.update(changed)


def _signed_by_another(forge: Forge) -> None:
    forge.key = SigningKey.generate()


def _signed_for_another_use(forge: Forge) -> None:
    forge.domain = b"\0ambang-erasure-v1\0"


def _unsigned(forge: Forge) -> None:
    forge.signature = bytes(64)


def _respelled(change: Callable[[bytes], bytes]) -> Callable[[Forge], None]:
    def forged(forge: Forge) -> None:
        forge.spelled = change(forge.manifest_file())

    return forged


def _member_said(number: int, **changed: object) -> Callable[[Forge], None]:
    return lambda forge: forge.manifest["members"][number].update(changed)


def _one_more_member(forge: Forge) -> None:
    extra = {"name": "templates.db", "size": 32, "sha256": hashlib.sha256(EVIL).hexdigest()}
    forge.manifest["members"].append(extra)
    forge.members.append(("templates.db", EVIL))


def _one_less_member(forge: Forge) -> None:
    del forge.manifest["members"][0], forge.members[0]


def _another_content(name: str) -> Callable[[Forge], None]:
    def forged(forge: Forge) -> None:
        old = forge.content(name)
        forge.put(name, old[:-1] + bytes([old[-1] ^ 1]), honest=False)

    return forged


def _another_key(forge: Forge) -> None:
    forge.put("store.key", EVIL)


def _no_database(forge: Forge) -> None:
    forge.put("records.db", b"y" * 8192)


def _half_a_database(forge: Forge) -> None:
    forge.put("records.db", forge.content("records.db")[:20_480])


def _sql(*statements: str) -> Callable[[Forge], None]:
    return lambda forge: forge.change_records(*statements)


def _less_ledger(forge: Forge) -> None:
    forge.change_records(
        "DELETE FROM undelivered WHERE seq = (SELECT max(seq) FROM spine)",
        "DELETE FROM bodies WHERE seq = (SELECT max(seq) FROM spine)",
        "DELETE FROM spine WHERE seq = (SELECT max(seq) FROM spine)",
    )


OTHER = "fdb0cf8b1e38a9bda9b48b6a9cb6ae4e0ea7e5b3a9e8f4bb3d36d5bcd1a0f3aa"
# What is wrong with what the files say, and what is said about it; signed by the device unless it says otherwise.
STATEMENTS: dict[str, tuple[Callable[[Forge], None], str]] = {
    "signed by another device": (_signed_by_another, "the signature does not fit"),
    "signed for another use": (_signed_for_another_use, "the signature does not fit"),
    "not signed": (_unsigned, "the signature does not fit"),
    "a manifest with spaces": (_respelled(lambda text: text.replace(b":", b": ")), "not the canonical spelling"),
    "a manifest with a key twice": (_respelled(lambda text: text[:-1] + b',"sig":"00"}'), "duplicate key"),
    "a manifest that is no JSON": (_respelled(lambda _: b"{" * 200), "not strict JSON"),
    "a manifest that is too long": (
        _respelled(lambda text: text + b" " * 20_000),
        "member 0: a header of another kind",
    ),
    "another format": (_said(format="ambang.backup.v2"), "another format"),
    "another kind": (_said(kind="elsewhere"), "another kind"),
    "one field more": (_said(comment="hello"), "unknown field"),
    "a size that is a text": (_said(size="19"), "wrong type: size"),
    "a date beyond the calendar": (_said(created_at=2**52), "out of range"),
    "another head": (_said(head=OTHER), "the checkpoint is of another ledger"),
    "another number of entries": (_said(size=7), "the checkpoint is of another ledger"),
    "references in an off-site copy": (_one_more_member, "another list of members"),
    "a copy without its key": (_one_less_member, "another list of members"),
    "a member larger than any": (_member_said(1, size=8**11), "out of range"),
    "a member of no size": (_member_said(1, size=0), "out of range"),
    "a key of another size": (_member_said(0, size=33), "out of range"),
    "another name of a member": (_member_said(1, name="../records.db"), "another list of members"),
    "a store key with one bit changed": (_another_content("store.key"), "store.key: another content"),
    "records with one bit changed": (_another_content("records.db"), "records.db: another content"),
    "another store key": (_another_key, "store_tampered: signing key"),
    "another epoch of the store key": (_said(store_key_epoch=2), "of another epoch"),
    "another generation": (_said(generation=999), "another store than the manifest says"),
    "another store": (_said(store="0" * 32), "of another store"),
    "records that are no database": (_no_database, "store_foreign"),
    "half of the records": (_half_a_database, "store_damaged"),
    "a trigger": (_sql("CREATE TRIGGER t AFTER INSERT ON spine BEGIN SELECT 1; END"), "store_foreign"),
    "a view": (_sql("CREATE VIEW v AS SELECT 1"), "store_foreign"),
    "one table more": (_sql("CREATE TABLE more (x)"), "store_foreign"),
    "another version of the tables": (_sql("PRAGMA user_version = 2"), "store_foreign"),
    "a row without the one it belongs to": (_sql("DELETE FROM people"), "foreign_key_check"),
    "an entry altered": (_sql("UPDATE spine SET commitment = randomblob(32) WHERE seq = 5"), "broken: entry 5"),
    "an entry taken out": (
        _sql(
            "DELETE FROM undelivered WHERE seq = 5",
            "DELETE FROM bodies WHERE seq = 5",
            "DELETE FROM spine WHERE seq = 5",
        ),
        "broken: entry 5",
    ),
    "the last entry taken away": (_less_ledger, "another ledger than the manifest says"),
    "a checkpoint that nobody signed": (
        _sql("INSERT INTO checkpoints (size, note, created_at) VALUES (3, 'ambang', 1)"),
        "broken: entry 3",
    ),
    "another device's key in the store": (
        _sql("UPDATE store SET device_public = randomblob(32)"),
        "another store than the",
    ),
    "the signing key taken away": (_sql("DELETE FROM keys WHERE kind = 'signing'"), "store_damaged"),
    "another wrapped signing key": (
        _sql("UPDATE keys SET wrapped = zeroblob(68) WHERE kind = 'signing'"),
        "store_tampered",
    ),
}
