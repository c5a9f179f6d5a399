"""Every vector is read alike by wire and by a second reader that shares no code with it."""

import json
import re
import types
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import independent_messages
import independent_reader
import pytest
import wire_samples
import wire_vectors

from wire import badge, batch, canonical, certificate, checkpoint, event, message, receipt, sealed, slip, spine
from wire.batch import ROWS_LIMIT
from wire.checkpoint import NOTE_LIMIT
from wire.errors import BrokenChain, FormatError
from wire.event import CLEAR_LIMIT, Action, ClockState, Decision, Method, NoticeKind, TripReason
from wire.slip import Direction

Given: TypeAlias = dict[str, Any]
PATHS = sorted(wire_vectors.ROOT.glob("*/*.json"))
VECTORS: list[Given] = [json.loads(path.read_text()) for path in PATHS]
FORMATS = {"canonical", "sealed", "event", "spine", "checkpoint", "batch", "receipt", "badge", "slip", "certificate"}
FORMATS |= {"message"}


def read_canonical(given: Given) -> Given:
    data = given["text"].encode("utf-8", "surrogatepass")
    return {"canonical": canonical.encode(canonical.decode(data)).decode()}


def read_sealed(given: Given) -> Given:
    blob, where = bytes.fromhex(given["blob"]), given["context"]
    context = sealed.Context(**{**where, "model": bytes.fromhex(where["model"])})
    plaintext = sealed.unseal(bytes.fromhex(given["key"]), blob, context)
    head = sealed.header(blob)
    return {"algorithm": head.algorithm, "kid": head.kid.hex(), "plaintext": plaintext.hex()}


def said(one: event.Event, device: str) -> Given:
    whole: Given = json.loads(event.clear(one, device))
    return {
        "device": device,
        "type": whole["type"],
        "id": one.event_id,
        "occurred_at": one.occurred_at,
        "data": whole["data"],
    }


def read_event(given: Given) -> Given:
    if "clear" in given:
        return said(*event.parse(given["clear"].encode()))
    got = event.from_cloudevent(given["cloudevent"])
    assert event.to_cloudevent(got) == given["cloudevent"]
    commitment = spine.commitment(got.salt, got.clear).hex()
    return {**said(got.event, got.device), "seq": got.seq, "clear": got.clear.decode(), "commitment": commitment}


def read_spine(given: Given) -> Given:
    names = ("commitment", "body_digest", "h")
    rows = [spine.SpineRow(row["seq"], *(bytes.fromhex(row[name]) for name in names)) for row in given["rows"]]
    before = bytes.fromhex(given["h_prev"]) if "h_prev" in given else spine.genesis(given["device"])
    return {"head": spine.verify(rows, before, given.get("first_seq", 1)).hex()}


def read_checkpoint(given: Given) -> Given:
    keys = {name: bytes.fromhex(public) for name, public in given["keys"].items()}
    found, names = checkpoint.read(given["note"], keys)
    return {"device": found.device, "size": found.size, "head": found.head.hex(), "verified": sorted(names)}


def read_batch(given: Given) -> Given:
    found = batch.decode(given["body"].encode())
    assert batch.decode(batch.encode(found)) == found
    ids = [one.event.event_id for one in found.events]
    last = found.rows[-1]
    return {
        "device": found.device,
        "batch": found.batch,
        "first": found.rows[0].seq,
        "head": last.h.hex(),
        "events": ids,
    }


def read_receipt(given: Given) -> Given:
    if "reply" in given:
        keys = (bytes.fromhex(given[name]) for name in ("hq_public", "device_public"))
        found, note = receipt.read_reply(given["reply"].encode(), given["hq_name"], *keys)
        more = {"size": checkpoint.unverified(note).size}
    else:
        found, more = receipt.read(given["receipt"], bytes.fromhex(given["public"])), {}
    return {
        "batch": found.batch,
        "acked": list(found.acked),
        "generation": found.generation,
        "time": found.time,
        **more,
    }


def keys_of(given: Given) -> dict[bytes, bytes]:
    return {bytes.fromhex(name): bytes.fromhex(public) for name, public in given["keys"].items()}


def read_badge(given: Given) -> Given:
    found = badge.read(given["token"], keys_of(given), given["now"])
    return {"badge_id": found.badge_id.hex(), "key_id": found.key_id.hex(), "expires_at": found.expires_at}


def read_slip(given: Given) -> Given:
    found = slip.read(given["token"], keys_of(given), given["now"])
    return {
        "slip_id": found.slip_id.hex(),
        "key_id": found.key_id.hex(),
        "direction": found.direction.value,
        "issued_at": found.issued_at,
        "destination": found.destination,
    }


def read_certificate(given: Given) -> Given:
    data = given["file"].encode()
    found = certificate.read(data, bytes.fromhex(given["public"]))
    said: Given = json.loads(data)
    del said["sig"]
    assert found == certificate.read(certificate.sign(found, wire_samples.KEY), wire_samples.KEY.public)
    return said


def read_message(given: Given) -> Given:
    found = message.decode(given["text"].encode())
    if given["public"]:
        message.check(found, bytes.fromhex(given["public"]))
    assert message.decode(message.encode(found)) == found
    whole: Given = json.loads(message.encode(found))
    del whole["sig"]
    return whole


WIRE: dict[str, Callable[[Given], Given]] = {
    "canonical": read_canonical,
    "sealed": read_sealed,
    "event": read_event,
    "spine": read_spine,
    "checkpoint": read_checkpoint,
    "batch": read_batch,
    "receipt": read_receipt,
    "badge": read_badge,
    "slip": read_slip,
    "certificate": read_certificate,
    "message": read_message,
}


def wire_says(vector: Given) -> tuple[str, Given | None]:
    try:
        return "ok", WIRE[vector["format"]](vector["input"])
    except BrokenChain as broken:
        return f"BrokenChain {broken.seq}", None
    except FormatError as refused:
        return type(refused).__name__, None


def reader_says(vector: Given, reader: types.ModuleType = independent_reader) -> tuple[str, Given | None]:
    readers = wire_samples.READERS | reader.READERS
    try:
        return "ok", readers[vector["format"]](vector["input"])
    except (independent_reader.Refused, getattr(reader, "Refused", independent_reader.Refused)) as refused:
        return refused.kind, None


def expected(vector: Given) -> tuple[str, Given | None]:
    return vector["expect"], vector.get("output")


def test_the_vectors_are_there_and_most_are_bad() -> None:
    good = Counter(vector["format"] for vector in VECTORS if vector["expect"] == "ok")
    bad = Counter(vector["format"] for vector in VECTORS if vector["expect"] != "ok")
    assert set(good) == set(bad) == FORMATS
    assert min(good.values()) >= 3
    assert min(bad.values()) >= 5


def test_the_files_are_what_the_script_writes_today() -> None:
    assert {path: path.read_text() for path in PATHS} == wire_vectors.files()


@pytest.mark.parametrize("vector", VECTORS, ids=[f"{path.parent.name}-{path.stem}" for path in PATHS])
def test_both_readers_say_what_the_vector_expects(vector: Given) -> None:
    assert wire_says(vector) == expected(vector)
    assert reader_says(vector) == expected(vector)


def test_the_second_reader_imports_nothing_of_ours() -> None:
    source = Path(independent_reader.__file__).read_text()
    imported = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    assert len(imported) > 5
    assert not [line for line in imported if line.split()[1].split(".")[0] in {"wire", "kiosk", "sync", "hq"}]


# One small break of the second reader each; the vectors must notice it, or they prove nothing.
BREAKS = [
    ("need(len({key for key, _ in pairs}) == len(pairs))", "pass"),
    ('digits != "-0"', "True"),
    ("abs(int(digits)) <= TOP", "True"),
    ("def spell(value: Read, room: int = 8)", "def spell(value: Read, room: int = 9)"),
    ("key=lambda key: struct.unpack", "key=lambda key: key or struct.unpack"),
    ("set(value) == set(kinds)", "set(value) >= set(kinds)"),
    ("type(value[name]) is kind", "isinstance(value[name], kind)"),
    ("[0-9a-f]{{{2 * size}}}", "[0-9a-fA-F]{{{2 * size}}}"),
    ("and base64.b64encode(data) == text.encode()", ""),
    ("need(not any(low <=", "need(True or not any(low <="),
    ('not text.endswith(" ")', "True"),
    ("len(text.encode()) <= most_bytes", "True"),
    ('raise Refused("BadSignature") from None', "return"),
    ("need(len(blob) >= 36)", "need(len(blob) >= 35)"),
    ("version == 1 and", ""),
    ('struct.pack(">I", len(part)) + part', "part"),
    ("bound = blob[:8]", 'bound = blob[:4] + b"EXCH"'),
    ("need(spell(value).encode() == clear)", "pass"),
    ('need(spec == "1.0", "UnknownFormat")', "pass"),
    ("need(second >= 0)", "pass"),
    ("word != own_id", "True"),
    ("0 <= rest.pop() <= 253402300799999", "rest.pop() is not None"),
    ('(rest[1] == "added") == (rest[2] == "")', "True"),
    ('"annulled", "confirmed"]', '"annulled", "confirmed", "approved"]'),
    ("0 <= boottime <= TOP", "boottime <= TOP"),
    ('text == "destination", most', "0, most"),
    ('"destination": 48', '"destination": 49'),
    ('"note": 64', '"note": 65'),
    ('"reference": 32', '"reference": 33'),
    ('"cost_centre": 24', '"cost_centre": 25'),
    ("most, 2 * most)", "most, 4 * most)"),
    ("for text in texts) <= 216", "for text in texts) <= 218"),
    ('"errand", "other"]', '"errand", "other", "holiday"]'),
    ("1 <= seq <= TOP and type(salt)", "type(salt)"),
    (r"\0ambang-event-v1\0", r"\0ambang-event-v2\0"),
    (r"\0ambang-genesis-v1\0", r"\0ambang-genesis-v2\0"),
    (r"\0ambang-ledger-v1\0", r"\0ambang-ledger-v2\0"),
    (r"\0ambang-badge-v1\0", r"\0ambang-badge-v2\0"),
    (r"\0ambang-slip-v1\0", r"\0ambang-slip-v2\0"),
    ('need(row["seq"] == place, f"BrokenChain {place}")', "pass"),
    ('need(row["h"] == head.hex(), f"BrokenChain {place}")', "pass"),
    ('need("ambang/" + said["device"] in good, "BadSignature")', "pass"),
    (r'b"\n\x01"', r'b"\n\x04"'),
    ('need(text.count("\\n") == 2)', 'text = "\\n".join(text.split("\\n")[:3])'),
    ('"0|[1-9][0-9]{0,15}"', '"[0-9]{1,16}"'),
    ("int(size) <= TOP", "True"),
    ('need(size != "0" or', "need(True or"),
    ("need(name not in signatures)", "pass"),
    ("need(1 <= len(signatures) <= 8)", "pass"),
    ("1 <= len(rows) <= 512", "len(rows) <= 512"),
    ("1 <= len(rows) <= 512", "1 <= len(rows)"),
    ("need(seq == first + place,", "need(True,"),
    ("need(seq > 1 or", "need(True or"),
    ('"size": last, "head": head.hex()}', '"size": last, "head": note_parts(note)[0]["head"]}'),
    ('one["device"] == device and', ""),
    ('need(one["commitment"] == commitments[one["seq"]]', "need(True"),
    ("order == sorted(set(order)) and", ""),
    ('need(given["hq_name"] in signed["verified"], "BadSignature")', "pass"),
    ("len(set(map(str, acked))) == len(acked)", "True"),
    ("need(base64.urlsafe_b64encode(data).decode()", "need(True or base64.urlsafe_b64encode(data).decode()"),
    ("need(len(data) == 84)", "need(len(data) >= 84)"),
    ("need(end <= 253402300799)", "pass"),
    ('given["now"] < end', 'given["now"] <= end'),
    ("direction in (1, 2)", "direction in (1, 2, 3)"),
    ("issued <= 253402300799", "True"),
    ('given["now"] < issued + 90 * 86400', 'given["now"] <= issued + 90 * 86400'),
    ("issued - 3600 <=", "issued - 3601 <="),
    (r"\0ambang-erasure-v1\0", r"\0ambang-erasure-v2\0"),
    ('need(spell(value).encode() + b"\\n" == data)', "pass"),
    ('value.get("format") == "ambang.erasure.v1"', 'str(value.get("format")).startswith("ambang.erasure.v")'),
    ('and value["found"] == 0', ""),
    ('0 if value["scope"] == "everything" else 8', 'len(value["subject"]) // 2'),
    ("need(all(0 <= count <= TOP for", "need(all(count <= TOP for"),
    ('need(value["limits"] == [limit', 'need([limit for limit in LIMITS if limit in value["limits"]] == [limit'),
    ('1 <= value["seq"] <= said["size"]', '1 <= value["seq"]'),
    ('checkpoint({"note": value["checkpoint"]', 'str({"note": value["checkpoint"]'),
    ('0 <= value["finished"] <= 253402300799999', '0 <= value["finished"]'),
]


@pytest.mark.parametrize(("whole", "broken"), BREAKS)
def test_a_broken_reader_is_noticed(whole: str, broken: str) -> None:
    source = Path(independent_reader.__file__).read_text()
    assert whole in source
    reader = types.ModuleType("broken_reader")
    exec(compile(source.replace(whole, broken), "broken_reader", "exec"), reader.__dict__)  # noqa: S102 - our own text
    assert any(disagrees(vector, reader) for vector in VECTORS)


MESSAGE_BREAKS = [
    ('need(kind in BODIES, "UnknownFormat")', 'need(kind in BODIES or kind == "command")'),
    ("0 <= number <= TOP and", "number <= TOP and"),
    ("0 <= issued_at <= LATEST", "0 <= issued_at"),
    ('need(signature, "BadSignature")', "need(signature)"),
    (r"\0ambang-message-v1\0", r"\0ambang-message-v2\0"),
    ("need(1 <= version <= TOP and 1 <= parts", "need(1 <= parts"),
    ("1 <= parts <= 64", "1 <= parts"),
    ("1 <= part <= parts", "part <= parts"),
    ("1 <= part <= parts", "1 <= part"),
    ('("", "id", "en", "nl")', '("", "id", "en", "nl", "de")'),
    ('standing in ("active", "suspended", "left")', "standing"),
    ('for field in ("ref", "code"):', 'for field in ("ref",):'),
    ('for field in ("ref", "code"):', 'for field in ("code",):'),
    ("(ref, 1), (code, 1), (name, 1)", "(ref, 0), (code, 1), (name, 1)"),
    ("(ref, 1), (code, 1), (name, 1)", "(ref, 1), (code, 1), (name, 0)"),
    ("and len(shifts) <= 512", ""),
    ("need(1 <= version <= TOP and len(shifts)", "need(len(shifts)"),
    ("0 <= ends <= 1439", "0 <= ends"),
    ('need(len({one["id"] for one in shifts}) == len(shifts))', "pass"),
    ("plain(text, 0, 280, 1120)", "plain(text, 0, 281, 1120)"),
    ("plain(own_id, 1, 64, 128)", "plain(own_id, 0, 64, 128)"),
    ("need(0 <= begins <= LATEST and", "need(begins <= LATEST and"),
    ("unhex(slip, 8)", "slip"),
    ("unhex(public, 32)", "public"),
    ('and trust in ("trusted", "revoked")', ""),
    ("plain(code, 1, 64, 128)", "plain(code, 0, 64, 128)"),
    ('need(parting in ("consent_withdrawn", "erased") and', "need("),
    ("and re.fullmatch(DEVICE, device))\n\n\nBODIES", ")\n\n\nBODIES"),
]


@pytest.mark.parametrize(("whole", "broken"), MESSAGE_BREAKS)
def test_a_broken_reader_of_messages_is_noticed(whole: str, broken: str) -> None:
    source = Path(independent_messages.__file__).read_text()
    assert whole in source
    reader = types.ModuleType("broken_reader")
    exec(compile(source.replace(whole, broken), "broken_reader", "exec"), reader.__dict__)  # noqa: S102 - our own text
    assert any(disagrees(vector, reader) for vector in VECTORS if vector["format"] == "message")


def disagrees(vector: Given, reader: types.ModuleType) -> bool:
    try:
        return reader_says(vector, reader) != expected(vector)
    except (ArithmeticError, LookupError, TypeError, ValueError):  # a break may also make the reader fall over
        return True


def test_the_document_names_every_domain_type_choice_and_limit() -> None:
    text = (wire_vectors.ROOT.parent.parent / "docs" / "formats.md").read_text()
    readers = (independent_reader, independent_messages)
    source = "".join(Path(str(reader.__file__)).read_text() for reader in readers)
    domains = set(re.findall(r"\\0ambang-[a-z0-9-]+\\0", source))
    types_ = set(re.findall(r"com\.ambang\.[a-z0-9.]+", source))
    erasure = (certificate.Scope, certificate.Level, certificate.Place, certificate.Limit)
    told = (message.Standing, message.Parting, message.Trust)
    choices = {
        word.value
        for kind in (Action, Method, ClockState, NoticeKind, Decision, TripReason, Direction, *erasure, *told)
        for word in kind
    }
    choices |= set(message.KINDS)
    choices |= set(certificate.CLASSES[certificate.Scope.EVERYTHING]) | {certificate.FORMAT}
    limits = {str(limit) for limit in (CLEAR_LIMIT, ROWS_LIMIT, badge.LENGTH, slip.LENGTH_LIMIT, NOTE_LIMIT)}
    assert (len(domains), len(types_)) == (7, 7)
    assert not [word for word in domains | types_ | choices | limits if word not in text]
