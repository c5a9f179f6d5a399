"""Recomputes an exported ledger from its file alone, with nothing of ours: hashlib, json, and Ed25519."""

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def recomputed(path: Path, headquarters: Mapping[str, bytes]) -> tuple[int, int]:
    """How many entries, and how many of them headquarters has signed for. Raises ValueError at whatever is wrong."""
    with path.open(encoding="utf-8") as lines:
        head = json.loads(next(lines))
        device, public = head["device"], bytes.fromhex(head["public"])
        heads = [hashlib.sha256(b"\0ambang-genesis-v1\0" + device.encode()).digest()]
        signed_to = size = 0
        for line in lines:
            found = json.loads(line)
            if "seq" in found:
                heads.append(_linked(heads[-1], len(heads), found))
                continue
            size = found["size"]
            if size >= len(heads):
                raise ValueError(f"checkpoint of {size} without its entry")
            _signed(found["checkpoint"], device, size, heads[size], {f"ambang/{device}": public})
            if found["countersigned"] is not None:
                _signed(found["countersigned"], device, size, heads[size], {f"ambang/{device}": public, **headquarters})
                signed_to = size
    if not head["size"] == size == len(heads) - 1:
        raise ValueError("the last checkpoint does not cover all")
    return size, signed_to


def _linked(head: bytes, seq: int, row: Mapping[str, object]) -> bytes:
    parts = [bytes.fromhex(str(row[name])) for name in ("commitment", "body_digest")]
    made = hashlib.sha256(b"\0ambang-ledger-v1\0" + head + seq.to_bytes(8, "big") + b"".join(parts)).digest()
    if row["seq"] != seq or row["h"] != made.hex():
        raise ValueError(f"entry {seq}")
    return made


def _signed(note: str, device: str, size: int, head: bytes, keys: Mapping[str, bytes]) -> None:
    """The note says this of this ledger, and every one of `keys` has signed it."""
    text, _, signatures = note.partition("\n\n")
    if text != f"ambang/{device}\n{size}\n{base64.b64encode(head).decode()}":
        raise ValueError(f"checkpoint of {size}")
    by_name = dict(line.removeprefix("\u2014 ").split(" ") for line in signatures.splitlines())
    for name, public in keys.items():
        token = base64.b64decode(by_name[name])
        Ed25519PublicKey.from_public_bytes(public).verify(token[4:], f"{text}\n".encode())
