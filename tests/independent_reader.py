"""A second reader of every format, written from docs/formats.md alone; it imports nothing of ours.

`READERS[format](input)` returns what the bytes say as plain JSON values, or raises `Refused` with the kind of refusal.
"""

import base64
import datetime as dt
import hashlib
import json
import re
import struct
from collections.abc import Callable
from typing import Any, TypeAlias

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV, ChaCha20Poly1305

Read: TypeAlias = Any  # whatever json.loads gives; checked by `shape` before use

TOP, LAST_MOMENT = 9007199254740991, 253402300799999
ID7 = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
ANY_ID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
DEVICE = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
ACTIONS = ["in", "out", "break_start", "break_end", "overtime_start", "overtime_end", "trip_leave", "trip_return"]
DECISIONS = ["added", "action", "time", "annulled", "confirmed"]
REASONS = ["client", "worksite", "training", "meeting", "delivery", "errand", "other"]
TRIP = {"destination": 48, "note": 64, "reference": 32, "cost_centre": 24}
NOTICES = "enrolled erased restricted consent_withdrawn restriction_lifted attendance_restricted attendance_released"
HIDDEN = [
    *((0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x200F), (0x2028, 0x202E)),
    *((0x2060, 0x206F), (0xD800, 0xDFFF), (0xFDD0, 0xFDEF), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFF), (0xE0000, 0xE007F)),
]


class Refused(Exception):  # noqa: N818 - what happened, not whose fault
    """`kind` is the name of the error class that the format promises."""

    def __init__(self, kind: str = "FormatError") -> None:
        super().__init__(kind)
        self.kind = kind


def need(condition: object, kind: str = "FormatError") -> None:
    if not condition:
        raise Refused(kind)


# JSON --------------------------------------------------------------------------------------------------------------


def read_json(data: bytes, limit: int = 1 << 20) -> Read:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        need(len({key for key, _ in pairs}) == len(pairs))
        return dict(pairs)

    def no(_: str) -> Read:
        raise Refused

    def whole(digits: str) -> int:
        need(len(digits) < 18 and digits != "-0" and abs(int(digits)) <= TOP)
        return int(digits)

    need(len(data) <= limit)
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=once, parse_float=no, parse_constant=no, parse_int=whole
        )
    except (ValueError, RecursionError):
        raise Refused from None
    spell(value)
    return value


def spell(value: Read, room: int = 8) -> str:
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return spell_text(value)
    need(room)
    if isinstance(value, list):
        return "[" + ",".join(spell(item, room - 1) for item in value) + "]"
    keys = sorted(value, key=lambda key: struct.unpack(f">{len(units(key)) // 2}H", units(key)))
    return "{" + ",".join(spell_text(key) + ":" + spell(value[key], room - 1) for key in keys) + "}"


def units(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def spell_text(text: str) -> str:
    short = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}
    out = ""
    for char in text:
        number = ord(char)
        need(not 0xD800 <= number <= 0xDFFF)
        out += short.get(number) or (f"\\u{number:04x}" if number < 32 else char)
    return '"' + out + '"'


def shape(value: Read, **kinds: type) -> list[Any]:
    need(type(value) is dict and set(value) == set(kinds))
    need(all(type(value[name]) is kind for name, kind in kinds.items()))
    return [value[name] for name in kinds]


def unhex(text: str, size: int) -> bytes:
    need(re.fullmatch(f"[0-9a-f]{{{2 * size}}}", text))
    return bytes.fromhex(text)


def unbase64(text: str, size: int) -> bytes:
    need(re.fullmatch("[A-Za-z0-9+/]*={0,2}", text) and len(text) % 4 == 0)
    data = base64.b64decode(text)
    need(len(data) == size and base64.b64encode(data) == text.encode())
    return data


def plain(text: str, least: int, most: int, most_bytes: int) -> None:
    need(least <= len(text) <= most)
    need(not any(low <= ord(char) <= high for char in text for low, high in HIDDEN))
    need(not text.startswith(" ") and not text.endswith(" ") and len(text.encode()) <= most_bytes)


def proven(public: bytes, signature: bytes, message: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        raise Refused("BadSignature") from None


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


# The formats -------------------------------------------------------------------------------------------------------


def canonical(given: dict[str, Any]) -> dict[str, Any]:
    return {"canonical": spell(read_json(given["text"].encode("utf-8", "surrogatepass")))}


def sealed(given: dict[str, Any]) -> dict[str, Any]:
    key, blob, where = bytes.fromhex(given["key"]), bytes.fromhex(given["blob"]), given["context"]
    need(len(blob) >= 36)
    magic, version, algorithm, kid, nonce = struct.unpack(">2sBB4s12s", blob[:20])
    need(magic == b"AB" and version == 1 and algorithm in (1, 2, 3), "UnknownFormat")
    parts = [where[name].encode() for name in ("store", "table", "column", "row", "person")]
    parts += [struct.pack(">Q", where["schema"]), struct.pack(">Q", where["version"]), bytes.fromhex(where["model"])]
    bound = blob[:8] + b"".join(struct.pack(">I", len(part)) + part for part in parts)
    cipher: Any = {1: AESGCM, 2: ChaCha20Poly1305, 3: AESGCMSIV}[algorithm](key)
    try:
        plaintext = cipher.decrypt(nonce, blob[20:], bound)
    except InvalidTag:
        raise Refused("Tampered") from None
    return {"algorithm": algorithm, "kid": kid.hex(), "plaintext": plaintext.hex()}


def event(given: dict[str, Any]) -> dict[str, Any]:
    if "clear" in given:
        clear = given["clear"].encode()
        value = read_json(clear, 972)
        need(spell(value).encode() == clear)
        return event_fields(value)
    return delivered(given["cloudevent"])


def delivered(value: Read) -> dict[str, Any]:
    envelope = dict(zip(ENVELOPE, shape(value, **ENVELOPE), strict=True))
    data = dict(envelope["data"])
    seq, salt = data.pop("seq", None), data.pop("salt", None)
    need(type(seq) is int and 1 <= seq <= TOP and type(salt) is str)
    clear = {**envelope, "data": data}
    said = event_fields(clear)
    commitment = sha(b"\0ambang-event-v1\0", unhex(salt, 16), spell(clear).encode())
    return {**said, "seq": seq, "clear": spell(clear), "commitment": commitment.hex()}


ENVELOPE: dict[str, type] = dict.fromkeys(("specversion", "id", "source", "type", "time"), str) | {"data": dict}


def event_fields(value: Read) -> dict[str, Any]:
    spec, own_id, source, kind, time, data = shape(value, **ENVELOPE)
    need(spec == "1.0", "UnknownFormat")
    found = re.fullmatch(f"urn:ambang:device:({DEVICE})", source)
    need(found and re.fullmatch(ID7, own_id))
    when = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\.([0-9]{3})Z", time)
    try:
        second = dt.datetime.strptime(when[1] + "+0000", "%Y-%m-%dT%H:%M:%S%z").timestamp() if when else -1
    except ValueError:
        raise Refused from None
    need(second >= 0)
    choices: dict[str, dict[str, list[str]]] = {
        "com.ambang.checkin.v1": {"action": ACTIONS, "method": ["face", "pin", "badge"]},
        "com.ambang.claimed.v1": {"action": ACTIONS, "method": ["claimed"]},
        "com.ambang.corrected.v1": {"action": ACTIONS, "method": ["face", "pin", "badge", "claimed"], "refers_to": []},
        "com.ambang.disputed.v1": {"refers_to": []},
        "com.ambang.notice.v1": {"kind": NOTICES.split()},
        "com.ambang.amended.v1": {"action": ACTIONS, "decision": DECISIONS, "refers_to": []},
        "com.ambang.trip.v1": {"reason": REASONS, "refers_to": []},
    }
    need(kind in choices, "UnknownFormat")
    texts = TRIP if kind == "com.ambang.trip.v1" else {"site": 64}
    kinds: dict[str, type] = {"person": str, "clock": dict, **dict.fromkeys([*choices[kind], *texts], str)}
    amended: dict[str, type] = {"decided_at": int} if "decision" in kinds else {}
    person, clock, *rest = shape(data, **kinds, **amended)
    need(not amended or (0 <= rest.pop() <= 253402300799999 and (rest[1] == "added") == (rest[2] == "")))
    for word, allowed in zip(rest, choices[kind].values(), strict=False):
        need(word in allowed if allowed else (amended and not word) or (re.fullmatch(ID7, word) and word != own_id))
    plain(person, 1, 64, 128)
    for text, most in texts.items():
        plain(data[text], text == "destination", most, 2 * most)
    need(sum(len(spell_text(data[text]).encode()) - 2 for text in texts) <= 216)
    zone, boottime, boot, state, doubt = shape(
        clock, zone=str, boottime_ms=int, boot_id=str, state=str, uncertainty_s=int
    )
    need(re.fullmatch("[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*", zone) and len(zone) <= 64 and 0 <= doubt < 2**31)
    need(0 <= boottime <= TOP and re.fullmatch(ANY_ID, boot) and state in ("synced", "unsynced", "stepped"))
    moment = int(second) * 1000 + int(when[2] if when else 0)
    return {"device": found[1] if found else "", "type": kind, "id": own_id, "occurred_at": moment, "data": data}


def spine(given: dict[str, Any]) -> dict[str, Any]:
    first = given.get("first_seq", 1)
    head = (
        bytes.fromhex(given["h_prev"]) if "h_prev" in given else sha(b"\0ambang-genesis-v1\0", given["device"].encode())
    )
    for place, row in enumerate(given["rows"], first):
        need(row["seq"] == place, f"BrokenChain {place}")
        head = chain(head, place, bytes.fromhex(row["commitment"]), bytes.fromhex(row["body_digest"]))
        need(row["h"] == head.hex(), f"BrokenChain {place}")
    return {"head": head.hex()}


def chain(head: bytes, seq: int, commitment: bytes, body_digest: bytes) -> bytes:
    return sha(b"\0ambang-ledger-v1\0", head, struct.pack(">Q", seq), commitment, body_digest)


def checkpoint(given: dict[str, Any]) -> dict[str, Any]:
    said, text, signatures = note_parts(given["note"])
    good = []
    for name, token in signatures.items():
        public = bytes.fromhex(given["keys"].get(name, ""))
        if public and token[:4] == sha(name.encode(), b"\n\x01", public)[:4]:
            proven(public, token[4:], text.encode())
            good.append(name)
    need("ambang/" + said["device"] in good, "BadSignature")
    return {**said, "verified": sorted(good)}


def note_parts(note: str) -> tuple[dict[str, Any], str, dict[str, bytes]]:
    need(len(note) <= 4096 and "\n\n" in note and note.endswith("\n"))
    text, tail = note.split("\n\n", 1)
    need(text.count("\n") == 2)
    origin, size, head = text.split("\n")
    need(re.fullmatch(f"ambang/{DEVICE}", origin) and re.fullmatch("0|[1-9][0-9]{0,15}", size) and int(size) <= TOP)
    device = origin.split("/")[1]
    need(size != "0" or unbase64(head, 32) == sha(b"\0ambang-genesis-v1\0", device.encode()))
    signatures: dict[str, bytes] = {}
    for line in tail[:-1].split("\n"):
        found = re.fullmatch("\u2014 ([A-Za-z0-9][A-Za-z0-9._/-]{0,127}) ([A-Za-z0-9+/=]+)", line)
        need(found)
        name, token = found.groups() if found else ("", "")
        need(name not in signatures)
        signatures[name] = unbase64(token, 68)
    need(1 <= len(signatures) <= 8)
    return {"device": device, "size": int(size), "head": unbase64(head, 32).hex()}, text + "\n", signatures


def batch(given: dict[str, Any]) -> dict[str, Any]:
    device, own_id, h_prev, rows, note, events = shape(
        read_json(given["body"].encode()), device=str, batch=str, h_prev=str, spine=list, checkpoint=str, events=list
    )
    need(re.fullmatch(DEVICE, device) and re.fullmatch(ANY_ID, own_id) and 1 <= len(rows) <= 512)
    head, first = unhex(h_prev, 32), 0
    commitments = {}
    for place, row in enumerate(rows):
        seq, committed, digest = shape(row, seq=int, commitment=str, body_digest=str)
        first = first or seq
        need(1 <= seq <= TOP)
        need(seq == first + place, f"BrokenChain {first + place}")
        need(seq > 1 or head == sha(b"\0ambang-genesis-v1\0", device.encode()), "BrokenChain 1")
        head = chain(head, seq, unhex(committed, 32), unhex(digest, 32))
        commitments[seq] = committed
    last = first + len(rows) - 1
    need(note_parts(note)[0] == {"device": device, "size": last, "head": head.hex()}, f"BrokenChain {last}")
    said = [delivered(one) for one in events]
    for one in said:
        need(one["device"] == device and one["seq"] in commitments)
        need(one["commitment"] == commitments[one["seq"]], f"BrokenChain {one['seq']}")
    order = [one["seq"] for one in said]
    need(order == sorted(set(order)) and len({one["id"] for one in said}) == len(said))
    return {
        "device": device,
        "batch": own_id,
        "first": first,
        "head": head.hex(),
        "events": [one["id"] for one in said],
    }


def receipt(given: dict[str, Any]) -> dict[str, Any]:
    if "reply" not in given:
        return receipt_fields(given["receipt"], bytes.fromhex(given["public"]))
    value, note = shape(read_json(given["reply"].encode(), 1 << 16), receipt=dict, checkpoint=str)
    hq = bytes.fromhex(given["hq_public"])
    said = receipt_fields(value, hq)
    own = "ambang/" + note_parts(note)[0]["device"]
    signed = checkpoint({"note": note, "keys": {own: given["device_public"], given["hq_name"]: hq.hex()}})
    need(given["hq_name"] in signed["verified"], "BadSignature")
    return {**said, "size": signed["size"]}


def receipt_fields(value: Read, public: bytes) -> dict[str, Any]:
    own_id, acked, generation, time, sig = shape(value, batch=str, acked=list, generation=int, time=int, sig=str)
    need(re.fullmatch(ANY_ID, own_id) and len(acked) <= 512 and len(set(map(str, acked))) == len(acked))
    need(all(type(one) is str and re.fullmatch(ID7, one) for one in acked))
    need(0 <= generation <= TOP and 0 <= time <= 253402300799999)
    said = {name: value[name] for name in value if name != "sig"}
    proven(public, unhex(sig, 64), spell(said).encode())
    return said


def token_bytes(token: str, prefix: str) -> bytes:
    need(token[:3] == prefix, "UnknownFormat")
    need(re.fullmatch("[A-Za-z0-9_-]*", text := token[3:]) and len(text) % 4 != 1)
    data = base64.urlsafe_b64decode(text + "==")
    need(base64.urlsafe_b64encode(data).decode().rstrip("=") == text)
    return data


def badge(given: dict[str, Any]) -> dict[str, Any]:
    data = token_bytes(given["token"], "AB1")
    need(len(data) == 84)
    own_id, issuer, end = struct.unpack(">8s4sQ", data[:20])
    need(end <= 253402300799)
    need(issuer.hex() in given["keys"], "BadSignature")
    proven(bytes.fromhex(given["keys"][issuer.hex()]), data[20:], b"\0ambang-badge-v1\0" + data[:20])
    need(given["now"] < end, "Expired")
    return {"badge_id": own_id.hex(), "key_id": issuer.hex(), "expires_at": end}


def slip(given: dict[str, Any]) -> dict[str, Any]:
    data = token_bytes(given["token"], "AS1")
    need(85 <= len(data) <= 109)
    body = data[:-64]
    own_id, issuer, direction, issued = struct.unpack(">8s4sBQ", body[:21])
    need(issuer.hex() in given["keys"], "BadSignature")
    proven(bytes.fromhex(given["keys"][issuer.hex()]), data[-64:], b"\0ambang-slip-v1\0" + body)
    need(direction in (1, 2) and issued <= 253402300799)
    try:
        destination = body[21:].decode("utf-8")
    except UnicodeDecodeError:
        raise Refused from None
    plain(destination, 0, 24, 24)
    need(issued - 3600 <= given["now"] < issued + 90 * 86400, "Expired")
    named = {"slip_id": own_id.hex(), "key_id": issuer.hex(), "direction": ["", "leave", "return"][direction]}
    return {**named, "issued_at": issued, "destination": destination}


def certificate(given: dict[str, Any]) -> dict[str, Any]:
    data = given["file"].encode()
    need(len(data) <= 16384 and data.endswith(b"\n"))
    value = read_json(data[:-1])
    need(spell(value).encode() + b"\n" == data)
    need(type(value) is dict and value.get("format") == "ambang.erasure.v1", "UnknownFormat")
    texts = dict.fromkeys(("format", "id", "device", "scope", "subject", "checkpoint", "clock", "root_key", "sig"), str)
    numbers = dict.fromkeys(("seq", "began", "finished", "pieces", "found"), int)
    shape(value, **texts, **numbers, destroyed=dict, searched=dict, limits=list)
    need(value["scope"] in DESTROYED and value["clock"] in ("synced", "unsynced", "stepped"))
    need(value["root_key"] in ("weak", "passphrase", "hardware") and value["found"] == 0)
    unhex(value["id"], 8)
    unhex(value["subject"], 0 if value["scope"] == "everything" else 8)
    counts = shape(value["destroyed"], **dict.fromkeys(DESTROYED[value["scope"]].split(), int))
    for searched in shape(value["searched"], state=dict, exchange=dict, offsite=dict, other=dict):
        counts += shape(searched, files=int, bytes=int)
    need(all(0 <= count <= TOP for count in (*counts, value["pieces"])))
    need(0 <= value["began"] <= 253402300799999 and 0 <= value["finished"] <= 253402300799999)
    need(value["limits"] == [limit for limit in LIMITS if limit in value["limits"]])
    said = note_parts(value["checkpoint"])[0]
    need(said["device"] == value["device"] and 1 <= value["seq"] <= said["size"])
    signed = {name: value[name] for name in value if name != "sig"}
    proven(bytes.fromhex(given["public"]), unhex(value["sig"], 64), DOMAIN + spell(signed).encode())
    checkpoint({"note": value["checkpoint"], "keys": {"ambang/" + value["device"]: given["public"]}})
    return signed


DOMAIN = b"\0ambang-erasure-v1\0"
FACE = "biometric_keys references quarantined_copies "
PERSON = FACE + "record_keys profile_keys profiles pins consent_records attendance_delivered attendance_handed_over "
DESTROYED = {"face": FACE, "person": PERSON}
DESTROYED["everything"] = PERSON + "other_keys device_records store_keys files root_keys"
LIMITS = ["earlier_copies", "backups", "flash", "memory", "headquarters", "rewritten", "unreadable", "notice_waits"]
LIMITS += ["code_unknown", "files_remain", "records_wait"]
FORMATS = (canonical, sealed, event, spine, checkpoint, batch, receipt, badge, slip, certificate)
READERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {reader.__name__: reader for reader in FORMATS}
