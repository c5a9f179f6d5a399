"""The second reader's part for messages, written from docs/formats.md alone; it imports nothing of ours."""

import re
from collections.abc import Callable
from typing import Any

from independent_reader import DEVICE, TOP, Read, need, plain, proven, read_json, shape, spell, unhex

LATEST = 253402300799999
STRINGS = {
    "announcement": "id id_text en_text nl_text",
    "sibling": "device public trust",
    "departure": "ref code parting device",
}


def message(given: dict[str, Any]) -> dict[str, Any]:
    value = read_json(given["text"].encode(), 1 << 20)
    device, number, issued_at, kind, body, sig = shape(
        value, device=str, number=int, issued_at=int, kind=str, body=dict, sig=str
    )
    need(kind in BODIES, "UnknownFormat")
    need(re.fullmatch(DEVICE, device) and 0 <= number <= TOP and 0 <= issued_at <= LATEST)
    signature = unhex(sig, 64) if sig else b""
    BODIES[kind](body)
    said = {name: value[name] for name in value if name != "sig"}
    if given["public"]:
        need(signature, "BadSignature")
        proven(bytes.fromhex(given["public"]), signature, b"\0ambang-message-v1\0" + spell(said).encode())
    return said


def roster(body: Read) -> None:
    version, _, part, parts, people = shape(body, version=int, full=bool, part=int, parts=int, people=list)
    need(1 <= version <= TOP and 1 <= parts <= 64 and 1 <= part <= parts and len(people) <= 1600)
    fields: dict[str, type] = dict.fromkeys(("ref", "code", "name", "standing", "language", "shift"), str)
    for one in people:
        ref, code, name, standing, language, shift = shape(one, **fields)
        for text, least in ((ref, 1), (code, 1), (name, 1), (shift, 0)):
            plain(text, least, 64, 128)
        need(standing in ("active", "suspended", "left") and language in ("", "id", "en", "nl"))
    for field in ("ref", "code"):
        need(len({one[field] for one in people}) == len(people))


def policy(body: Read) -> None:
    version, shifts = shape(body, version=int, shifts=list)
    need(1 <= version <= TOP and len(shifts) <= 512)
    for one in shifts:
        own_id, name, begins, ends, place = shape(one, id=str, name=str, begins=int, ends=int, place=str)
        for text, least in ((own_id, 1), (name, 1), (place, 0)):
            plain(text, least, 64, 128)
        need(0 <= begins <= 1439 and 0 <= ends <= 1439)
    need(len({one["id"] for one in shifts}) == len(shifts))


def announcement(body: Read) -> None:
    texts: dict[str, type] = dict.fromkeys(STRINGS["announcement"].split(), str)
    rest = {key: value for key, value in body.items() if key != "marketing"}
    need("marketing" not in body or body["marketing"] is True)
    own_id, *sentences, begins, ends = shape(rest, **texts, begins=int, ends=int)
    plain(own_id, 1, 64, 128)
    for text in sentences:
        plain(text, 0, 280, 1120)
    need(0 <= begins <= LATEST and 0 <= ends <= LATEST)


def trip(body: Read) -> None:
    slip, _, reference = shape(body, slip=str, approved=bool, reference=str)
    unhex(slip, 8)
    plain(reference, 0, 64, 128)


def sibling(body: Read) -> None:
    device, public, trust = shape(body, **dict.fromkeys(STRINGS["sibling"].split(), str))
    need(re.fullmatch(DEVICE, device) and trust in ("trusted", "revoked"))
    unhex(public, 32)


def departure(body: Read) -> None:
    ref, code, parting, device = shape(body, **dict.fromkeys(STRINGS["departure"].split(), str))
    plain(ref, 0, 64, 128)
    plain(code, 1, 64, 128)
    need(parting in ("consent_withdrawn", "erased") and re.fullmatch(DEVICE, device))


BODIES: dict[str, Callable[[Read], None]] = {
    reader.__name__: reader for reader in (roster, policy, announcement, trip, sibling, departure)
}
READERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"message": message}
