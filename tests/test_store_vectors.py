"""Every vector of what the store seals is read alike by the store and by a second reader without code of ours."""

import hmac
import itertools
import json
import types
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import store_reader
import store_vectors

from kiosk.faults import Fault
from kiosk.store import anchor
from kiosk.store.database import StoreDatabase
from kiosk.store.keys import KeyKind, KeyRing, kek
from kiosk.store.roots import PassphraseRootKey, PiOtpRootKey, pi_otp, tpm2
from kiosk.store.rotation import orthonormal
from kiosk.store.vault import Cost, Place, Vault, blind_index, kid, tag
from wire.errors import FormatError
from wire.sealed import header

Given: TypeAlias = dict[str, Any]
PATHS = sorted(store_vectors.ROOT.glob("*/*.json"))
VECTORS: list[Given] = [json.loads(path.read_text()) for path in PATHS]
NAMES = [f"{path.parent.name}-{path.stem}" for path in PATHS]
LEAST = 60


def octets(given: Given, name: str) -> bytes:
    return bytes.fromhex(given[name])


def read_record(given: Given, _: StoreDatabase) -> Given:
    parts = dict(given["place"])
    store, model = parts.pop("store"), octets(parts, "model")
    place, key, blob = Place(**{**parts, "model": model}), octets(given, "key"), octets(given, "blob")
    plaintext = Vault(store).unseal(key, blob, place)
    head = header(blob)
    return {
        "algorithm": head.algorithm,
        "own_name": head.kid == kid(key, place.row),
        "plaintext": plaintext.hex(),
    }


def read_ring(given: Given, database: StoreDatabase) -> Given:
    """The real tables, opened as the store opens them."""
    with database.write():
        database.run("DELETE FROM keys")
        database.run("DELETE FROM store")
        epochs = (given["kek_epoch"], given["store_key_epoch"])
        database.run(
            "INSERT INTO store (only_one, store_id, device_id, device_public, kek_epoch, store_key_epoch, generation,"
            " created_at) VALUES (1, ?, '0123456789abcdef', zeroblob(32), ?, ?, 0, 0)",
            given["store"],
            *epochs,
        )
        for wrap in given["wraps"]:
            database.run(
                "INSERT INTO keys (kind, epoch, wrapped, row_version, wrapped_by, created_at)"
                " VALUES ('store', ?, ?, ?, ?, 0)",
                wrap["epoch"],
                octets(wrap, "wrapped"),
                wrap["row_version"],
                wrap["wrapped_by"],
            )
    ring = KeyRing(database, Vault(given["store"]), lambda: 0)
    ring.unlock(octets(given, "root"))
    said: Given = {"store_keys": [key.hex() for _, key in sorted(ring.store_keys._keys.items(), reverse=True)]}
    if (asked := given.get("key")) is None:
        return said
    slot = (KeyKind(asked["kind"]), asked["person"], asked["period"], asked["epoch"])
    key = ring.opened(slot, octets(asked, "wrapped"), asked["row_version"], octets(asked, "binding"))
    return {**said, "key": key.hex()}


def read_rotation(given: Given, _: StoreDatabase) -> Given:
    turn = orthonormal(octets(given, "key"), model=given["model"], epoch=given["epoch"], dim=given["dim"])
    return {"matrix": [[f"{number:+.9f}" for number in row] for row in turn.tolist()]}


def read_anchor(given: Given, _: StoreDatabase) -> Given:
    state = anchor.decode(given["content"].encode(), octets(given, "key"))
    if state is None:
        raise Refused("anchor_lost")
    return {name: getattr(state, name) for name in ("store", "generation", "size", "head", "kek_epoch", "lockouts")}


def read_root(given: Given, _: StoreDatabase) -> Given:
    if given["how"] == "passphrase":
        cost = Cost(given["memory_kib"], given["passes"], given["lanes"])
        provider = PassphraseRootKey(octets(given, "salt"), cost, octets(given, "check"), lambda: str(given["phrase"]))
        return {"key": provider.read().hex()}
    if given["how"] == "tpm2":
        return {"key": tpm2.joined(octets(given, "sealed"), octets(given, "kept")).hex()}
    PiOtpRootKey(given["salt"])
    return {"key": hmac.digest(octets(given, "otp"), pi_otp.message(given["salt"]), "sha256").hex()}


class Refused(Exception):  # noqa: N818 - as in the second reader
    """An answer that is no exception in the store itself."""


STORE: dict[str, Callable[[Given, StoreDatabase], Given]] = {
    "record": read_record,
    "ring": read_ring,
    "kek": lambda given, _: {"kek": kek(octets(given, "root"), given["store"], given["epoch"]).hex()},
    "kid": lambda given, _: {"kid": kid(octets(given, "key"), given["row"]).hex()},
    "tag": lambda given, _: {"tag": tag(octets(given, "key"), given["number"]).hex()},
    "index": lambda given, _: {"index": blind_index(octets(given, "key"), given["code"]).hex()},
    "rotation": read_rotation,
    "anchor": read_anchor,
    "root": read_root,
}


def store_says(vector: Given, database: StoreDatabase) -> tuple[str, Given | None]:
    try:
        return "ok", STORE[vector["format"]](vector["input"], database)
    except FormatError as refused:
        return type(refused).__name__, None
    except Fault as fault:
        return fault.code.value, None
    except Refused as refused:
        return str(refused), None


def reader_says(vector: Given, reader: types.ModuleType = store_reader) -> tuple[str, Given | None]:
    try:
        return "ok", reader.READERS[vector["format"]](vector["input"])
    except reader.Refused as refused:
        return refused.kind, None


def expected(vector: Given) -> tuple[str, Given | None]:
    return vector["expect"], vector.get("output")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreDatabase]:
    database = StoreDatabase.create(tmp_path_factory.mktemp("vectors"))
    yield database
    database.close()


def test_at_least_sixty_vectors_are_there_of_every_format_and_most_are_bad() -> None:
    assert len(PATHS) >= LEAST
    assert {vector["format"] for vector in VECTORS} == set(STORE) == set(store_reader.READERS)
    expectations = Counter(vector["expect"] for vector in VECTORS)
    assert len(VECTORS) - expectations["ok"] >= LEAST
    assert set(expectations) == {
        "ok",
        "Tampered",
        "UnknownFormat",
        "FormatError",
        "key_wrong",
        "store_tampered",
        "store_damaged",
        "anchor_lost",
        "passphrase_wrong",
        "config_invalid",
    }


def test_the_files_are_what_the_script_writes_today() -> None:
    assert {path: path.read_text() for path in PATHS} == store_vectors.files()


@pytest.mark.parametrize("vector", VECTORS, ids=NAMES)
def test_the_store_and_the_second_reader_say_what_the_vector_expects(vector: Given, database: StoreDatabase) -> None:
    assert store_says(vector, database) == expected(vector)
    assert reader_says(vector) == expected(vector)


def test_two_store_keys_with_one_name_are_both_tried(database: StoreDatabase) -> None:
    """Four bytes are no proof: among 100,000 keys there is such a pair."""
    row, seen = "record/9f2c41d07a3be586/2026-11/1", dict[bytes, bytes]()
    for number in itertools.count():
        new = store_vectors.noise(f"key {number}")
        if (old := seen.setdefault(kid(new, row), new)) != new:
            break
    wraps = [
        store_vectors.wrap_of_store_key(kek(store_vectors.ROOT_KEY, store_vectors.STORE, 2), new, 2, 1, 2),
        store_vectors.wrap_of_store_key(new, old, 1, 2, 2),
    ]
    for key in (new, old):
        asked = store_vectors.wrapped(store_vectors.MONTH, by=key)
        assert read_ring(store_vectors.ring(wraps, asked), database)["store_keys"] == [new.hex(), old.hex()]


def test_the_second_reader_imports_nothing_of_ours() -> None:
    source = Path(store_reader.__file__).read_text()
    imported = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    assert len(imported) > 5
    assert not [line for line in imported if line.split()[1].split(".")[0] in {"wire", "kiosk", "sync", "hq"}]


# One small break of the second reader each; the vectors must notice it, or they prove nothing.
BREAKS = [
    ("need(len(blob) >= 36", "need(len(blob) >= 35"),
    ('blob[:3] == b"AB\\x01"', 'blob[:2] == b"AB"'),
    ("blob[3] in CIPHERS", "True"),
    ('need(len(key) == 32, "FormatError")', "pass"),
    ("blob[:8] + bound(place)", "bound(place)"),
    *((f'"{part}"', '"column"') for part in ("store", "row", "person")),
    ('struct.pack(">Q", place["schema"])', 'struct.pack(">Q", 1)'),
    ('struct.pack(">Q", place["version"])', 'struct.pack(">Q", 1)'),
    ('bytes.fromhex(place["model"])', 'b""'),
    ('struct.pack(">I", len(part)) + part', "part"),
    ("ambang/kid/v1", "ambang/kid/v2"),
    ("ambang/kek/v1/{epoch}", "ambang/kek/v1/1"),
    ('"model": binding}', '"model": ""}'),
    ('wrap["epoch"] <= given["store_key_epoch"]', "True"),
    ('wraps[0]["wrapped_by"] == given["kek_epoch"]', "True"),
    ('need(whole, "store_damaged")', "pass"),
    ("opened(found[-1], blob, key_place", "opened(found[0], blob, key_place"),
    ('wrap is not wraps[0] or kid == name_of_key(found[0], row), "key_wrong"', 'True, "key_wrong"'),
    ("if name_of_key(key, row) == kid] or keys[:1]", "]"),
    ("ambang/entry/v1", "ambang/entry/v2"),
    ('struct.pack(">Q", given["number"])', 'struct.pack("<Q", given["number"])'),
    ("[:16].hex()}", "[:15].hex()}"),
    ('given["code"].upper()', 'given["code"]'),
    ('unicodedata.normalize("NFC", given["code"].upper())', 'given["code"].upper()'),
    ("ambang/rotation/v1/{given['epoch']}", "ambang/rotation/v1/1"),
    ('given["model"].encode()', 'b""'),
    ("word >> 11", "word >> 12"),
    ("[radius * math.cos(angle), radius * math.sin(angle)]", "[radius * math.sin(angle), radius * math.cos(angle)]"),
    ('content.count(b"\\n") == 2 and content.endswith(b"\\n")', 'content.count(b"\\n") in (1, 2)'),
    ("ambang/anchor/v1", "ambang/anchor/v2"),
    ("len(value) == len(pairs) and", ""),
    ("set(value) == set(ANCHOR)", "set(value) >= set(ANCHOR)"),
    ("type(value[name]) is kind", "isinstance(value[name], kind)"),
    ('need(value["format"] == "ambang.anchor.v1", lost)', "pass"),
    ('need(given["check"] == check, "passphrase_wrong")', "pass"),
    ('"iterations": given["passes"]', '"iterations": 1'),
    ("ambang/root/tpm2/v1", "ambang/root/tpm2/v2"),
    ("ambang/root/pi-otp/v1", "ambang/root/pi-otp/v2"),
]


@pytest.mark.parametrize(("whole", "broken"), BREAKS)
def test_a_broken_reader_is_noticed(whole: str, broken: str) -> None:
    source = Path(store_reader.__file__).read_text()
    assert whole in source
    reader = types.ModuleType("broken_reader")
    exec(compile(source.replace(whole, broken), "broken_reader", "exec"), reader.__dict__)  # noqa: S102 - our own text
    assert any(disagrees(vector, reader) for vector in VECTORS)


def disagrees(vector: Given, reader: types.ModuleType) -> bool:
    try:
        return reader_says(vector, reader) != expected(vector)
    except (ArithmeticError, LookupError, TypeError, ValueError):  # a break may also make the reader fall over
        return True
