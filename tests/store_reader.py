"""A second reader of what the store seals, written from docs/storage.md alone; it imports nothing of ours.

`READERS[format](input)` returns what is found as plain JSON values, or raises `Refused` with the kind of refusal.
"""

import hmac
import json
import math
import re
import struct
import unicodedata
from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV, ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

Read: TypeAlias = dict[str, Any]
CIPHERS: dict[int, Any] = {1: AESGCM, 2: ChaCha20Poly1305, 3: AESGCMSIV}


class Refused(Exception):  # noqa: N818 - what happened, not whose fault
    """`kind` is the class of the error, or the code of the fault, that docs/storage.md promises."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def need(condition: object, kind: str) -> None:
    if not condition:
        raise Refused(kind)


def mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, sha256)


def hkdf(secret: bytes, salt: bytes, info: str) -> bytes:
    return mac(mac(salt or bytes(32), secret), info.encode() + b"\x01")


def name_of_key(key: bytes, row: str) -> bytes:
    return mac(key, b"ambang/kid/v1\0" + row.encode())[:4]


# Sealed records -----


def bound(place: Read) -> bytes:
    parts = [place[name].encode() for name in ("store", "table", "column", "row", "person")]
    parts += [struct.pack(">Q", place["schema"]), struct.pack(">Q", place["version"]), bytes.fromhex(place["model"])]
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def head_of(blob: bytes) -> tuple[int, bytes]:
    need(len(blob) >= 36, "FormatError")
    need(blob[:3] == b"AB\x01" and blob[3] in CIPHERS, "UnknownFormat")
    return blob[3], blob[4:8]


def opened(key: bytes, blob: bytes, place: Read) -> bytes:
    algorithm, _ = head_of(blob)
    need(len(key) == 32, "FormatError")
    try:
        plaintext: bytes = CIPHERS[algorithm](key).decrypt(blob[8:20], blob[20:], blob[:8] + bound(place))
    except InvalidTag:
        raise Refused("Tampered") from None
    return plaintext


def read_record(given: Read) -> Read:
    key, blob = bytes.fromhex(given["key"]), bytes.fromhex(given["blob"])
    plaintext = opened(key, blob, given["place"])
    algorithm, kid = head_of(blob)
    return {
        "algorithm": algorithm,
        "own_name": kid == name_of_key(key, given["place"]["row"]),
        "plaintext": plaintext.hex(),
    }


# Keys -----


def key_place(store: str, name: str, person: str, version: int, binding: str) -> Read:
    place = {"store": store, "table": "keys", "column": "wrapped", "row": name, "person": person}
    return {**place, "schema": 1, "version": version, "model": binding}


def kek_of(root: bytes, store: str, epoch: int) -> bytes:
    return hkdf(root, store.encode(), f"ambang/kek/v1/{epoch}")


def read_kek(given: Read) -> Read:
    return {"kek": kek_of(bytes.fromhex(given["root"]), given["store"], given["epoch"]).hex()}


def store_keys(given: Read) -> list[bytes]:
    """Newest first: the newest under the KEK, each older one under the one after it."""
    wraps = sorted(given["wraps"], key=lambda wrap: -int(wrap["epoch"]))
    wraps = [wrap for wrap in wraps if wrap["epoch"] <= given["store_key_epoch"]]
    whole = wraps and wraps[0]["epoch"] == given["store_key_epoch"] and wraps[0]["wrapped_by"] == given["kek_epoch"]
    need(whole, "store_damaged")
    found = [kek_of(bytes.fromhex(given["root"]), given["store"], given["kek_epoch"])]
    for wrap in wraps:
        blob, row = bytes.fromhex(wrap["wrapped"]), f"store///{wrap['epoch']}"
        try:
            _, kid = head_of(blob)
            need(wrap is not wraps[0] or kid == name_of_key(found[0], row), "key_wrong")
            found.append(opened(found[-1], blob, key_place(given["store"], row, "", wrap["row_version"], "")))
        except Refused as refused:
            raise refused if refused.kind == "key_wrong" else Refused("store_tampered") from None
    return found[1:]


def read_ring(given: Read) -> Read:
    keys = store_keys(given)
    said: Read = {"store_keys": [key.hex() for key in keys]}
    if (asked := given.get("key")) is None:
        return said
    blob = bytes.fromhex(asked["wrapped"])
    row = f"{asked['kind']}/{asked['person']}/{asked['period']}/{asked['epoch']}"
    place = key_place(given["store"], row, asked["person"], asked["row_version"], asked["binding"])
    _, kid = head_of(blob)
    mine = [key for key in keys if name_of_key(key, row) == kid] or keys[:1]
    return {**said, "key": opened(mine[0], blob, place).hex()}


# What is found without being written down -----


def read_kid(given: Read) -> Read:
    return {"kid": name_of_key(bytes.fromhex(given["key"]), given["row"]).hex()}


def read_tag(given: Read) -> Read:
    message = b"ambang/entry/v1\0" + struct.pack(">Q", given["number"])
    return {"tag": mac(bytes.fromhex(given["key"]), message)[:16].hex()}


def read_index(given: Read) -> Read:
    code = unicodedata.normalize("NFC", given["code"].upper())
    return {"index": mac(bytes.fromhex(given["key"]), b"ambang/code/v1\0" + code.encode()).hex()}


# The turn of references -----


def normal_numbers(key: bytes, count: int) -> list[float]:
    """Box-Muller over ChaCha20: 53 bits a number, cosine before sine."""
    stream = Cipher(ChaCha20(key, bytes(16)), mode=None).encryptor().update(bytes(8 * count))
    words = [word >> 11 for word in struct.unpack(f"<{count}Q", stream)]
    found: list[float] = []
    for first, second in zip(words[::2], words[1::2], strict=True):
        radius, angle = math.sqrt(-2.0 * math.log((first + 1) / 2**53)), 2.0 * math.pi * second / 2**53
        found += [radius * math.cos(angle), radius * math.sin(angle)]
    return found


def read_rotation(given: Read) -> Read:
    """Gram-Schmidt, twice for the digits: the QR decomposition whose R has a positive diagonal."""
    size = given["dim"]
    key = hkdf(bytes.fromhex(given["key"]), given["model"].encode(), f"ambang/rotation/v1/{given['epoch']}/{size}")
    numbers = normal_numbers(key, size * size + size * size % 2)
    columns: list[list[float]] = []
    for column in range(size):
        rest = [numbers[row * size + column] for row in range(size)]
        for unit in (*columns, *columns):
            along = sum(a * b for a, b in zip(rest, unit, strict=True))
            rest = [a - along * b for a, b in zip(rest, unit, strict=True)]
        length = math.sqrt(sum(a * a for a in rest))
        columns.append([a / length for a in rest])
    return {"matrix": [[f"{columns[column][row]:+.9f}" for column in range(size)] for row in range(size)]}


# Beside the database -----

ANCHOR = {"format": str, "store": str, "generation": int, "size": int, "head": str, "kek_epoch": int, "lockouts": int}


def read_anchor(given: Read) -> Read:
    lost = "anchor_lost"
    content = given["content"].encode()
    need(content.count(b"\n") == 2 and content.endswith(b"\n"), lost)
    body, code, _ = content.split(b"\n")
    need(code == mac(bytes.fromhex(given["key"]), b"ambang/anchor/v1\0" + body).hex().encode(), lost)
    pairs: list[tuple[str, Any]] = json.loads(body, object_pairs_hook=list)
    value = dict(pairs)
    need(len(value) == len(pairs) and set(value) == set(ANCHOR), lost)
    need(all(type(value[name]) is kind for name, kind in ANCHOR.items()), lost)
    need(value["format"] == "ambang.anchor.v1", lost)
    return {name: value[name] for name in ANCHOR if name != "format"}


def read_root(given: Read) -> Read:
    if given["how"] == "passphrase":
        phrase = unicodedata.normalize("NFKC", given["phrase"]).encode()
        costs = {"iterations": given["passes"], "lanes": given["lanes"], "memory_cost": given["memory_kib"]}
        key = Argon2id(salt=bytes.fromhex(given["salt"]), length=32, **costs).derive(phrase)
        check = hkdf(key, b"", "ambang/root-check/v1")[:16].hex()
        need(given["check"] == check, "passphrase_wrong")
        return {"key": key.hex()}
    if given["how"] == "tpm2":
        return {"key": hkdf(bytes.fromhex(given["sealed"]), bytes.fromhex(given["kept"]), "ambang/root/tpm2/v1").hex()}
    need(re.fullmatch("[0-9a-f]{32}", given["salt"]), "config_invalid")
    message = b"ambang/root/pi-otp/v1\0" + bytes.fromhex(given["salt"])
    return {"key": mac(bytes.fromhex(given["otp"]), message).hex()}


READERS: dict[str, Callable[[Read], Read]] = {
    "record": read_record,
    "ring": read_ring,
    "kek": read_kek,
    "kid": read_kid,
    "tag": read_tag,
    "index": read_index,
    "rotation": read_rotation,
    "anchor": read_anchor,
    "root": read_root,
}
