"""Writes wire/vectors: `python tests/wire_vectors.py`. The formats are final, so a run must change no file.

A case is {"name", "format", "input", "expect", "output"}: expect is "ok" or the class of the error (with the first bad
seq for a broken chain); output is what a reader must find and stands only beside "ok". Names are made up.
"""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from wire_samples import (
    DEVICE,
    HQ,
    HQ_NAME,
    KEY,
    OTHER,
    Case,
    bad,
    event_id,
    events,
    good,
    ledger,
    noise,
)
from wire_vectors_certificate import certificate_cases
from wire_vectors_message import message_cases
from wire_vectors_sent import badge_cases, batch_cases, receipt_cases, slip_cases

from wire import checkpoint, event, sealed, spine

TAKEN_BACK = "consent_withdrawn"
ROOT = Path(__file__).parent.parent / "wire" / "vectors"


def canonical_cases() -> list[Case]:
    def ok(name: str, text: str) -> Case:
        return good("canonical", name, {"text": text})

    def no(name: str, text: str) -> Case:
        return bad("canonical", name, "FormatError", {"text": text})

    rfc = r'{"\u20ac":"Euro","\r":"CR","\ufb33":"Dalet","1":"One","\ud83d\ude00":"Smiley","\u0080":"C","\u00f6":"o"}'
    return [
        ok("keys-sorted-by-utf16-units", rfc),
        ok("strings-escaped-as-rfc8785", r'["\u000f\n\u0008\t\f\r\"\\\/\u007f\u00e9\u2028"]'),
        ok("integers-to-the-limit", "[9007199254740991, -9007199254740991, 0]"),
        ok("eight-levels", "[[[[[[[[1]]]]]]]]"),
        ok("scalars-and-white-space", ' {"b" : [true, false, null],\n"a":"" } '),
        no("float", "[1.0]"),
        no("exponent", "[1e3]"),
        no("negative-zero", "[-0]"),
        no("nan", "[NaN]"),
        no("integer-beyond-the-limit", "[9007199254740992]"),
        no("duplicate-key", r'{"a":1,"\u0061":2}'),
        no("nine-levels", "[[[[[[[[[1]]]]]]]]]"),
        no("half-a-surrogate-pair", r'["\ud800"]'),
        no("byte-order-mark", "\ufeff{}"),
        no("raw-control-character", '["\n"]'),
        no("more-after-the-end", "{} {}"),
        no("empty", ""),
    ]


def sealed_cases() -> list[Case]:
    key, kid = noise("sealing key", 32), b"EXCH"
    here = sealed.Context(DEVICE, "outbox", "event", "17")
    there = sealed.Context(DEVICE, "people", "name", "3", person="9f2c", schema=2, version=7, model=noise("model", 32))

    def given(blob: bytes, where: sealed.Context = here, opener: bytes = key) -> Case:
        names = ("store", "table", "column", "row", "person", "schema", "version")
        context = {name: getattr(where, name) for name in names} | {"model": where.model.hex()}
        return {"key": opener.hex(), "blob": blob.hex(), "context": context}

    def make(algorithm: int, plaintext: bytes, where: sealed.Context) -> bytes:
        head = b"AB" + bytes((1, algorithm)) + kid
        return sealed._seal(key, head, noise(f"nonce {algorithm}", 12), plaintext, where)

    blob = make(1, b"Budi Santoso".ljust(64, b"\0"), here)
    moved = {
        "another-row": replace(here, row="18"),
        "another-person": replace(here, person="9f2c"),
        "another-schema": replace(here, schema=2),
        "another-model": replace(here, model=b"\0"),
        "parts-shifted": replace(here, table="outboxe", column="vent"),
    }
    return [
        good("sealed", "aes-256-gcm", given(blob)),
        good("sealed", "chacha20-poly1305", given(make(2, b"secret", there), there)),
        good("sealed", "aes-256-gcm-siv", given(make(3, b"secret", there), there)),
        good("sealed", "empty", given(make(1, b"", here))),
        *(bad("sealed", name, "Tampered", given(blob, where)) for name, where in moved.items()),
        bad("sealed", "another-key", "Tampered", given(blob, opener=noise("other", 32))),
        bad("sealed", "kid-altered", "Tampered", given(blob[:4] + b"EXCI" + blob[8:])),
        bad("sealed", "algorithm-swapped", "Tampered", given(blob[:3] + b"\2" + blob[4:])),
        bad("sealed", "last-bit-flipped", "Tampered", given(blob[:-1] + bytes((blob[-1] ^ 1,)))),
        bad("sealed", "cut-by-one", "Tampered", given(blob[:-1])),
        bad("sealed", "too-short", "FormatError", given(blob[:35])),
        bad("sealed", "magic", "UnknownFormat", given(b"AC" + blob[2:])),
        bad("sealed", "version", "UnknownFormat", given(blob[:2] + b"\2" + blob[3:])),
        bad("sealed", "algorithm", "UnknownFormat", given(blob[:3] + b"\4" + blob[4:])),
    ]


def event_cases() -> list[Case]:
    clear = {name: event.clear(one, DEVICE).decode() for name, one in events().items()}
    whole = json.loads(clear["check-in"])
    whole["data"] |= {"seq": 17, "salt": noise("salt", 16).hex()}

    def clear_with(name: str, expect: str, old: str, new: str, of: str = "check-in") -> Case:
        assert clear[of].count(old) == 1, (name, old)
        return bad("event", name, expect, {"clear": clear[of].replace(old, new)})

    def whole_with(name: str, change: Callable[[Case], object]) -> Case:
        altered: Case = copy.deepcopy(whole)
        change(altered)
        return bad("event", name, "FormatError", {"cloudevent": altered})

    bare = clear["trip"].replace("Pasang pintu", "").replace("SPD/2026/001", "").replace("CC-12", "")
    time = "2026-01-01T00:00:00.001Z"
    return [
        *(good("event", name, {"clear": text}) for name, text in clear.items()),
        *(
            good("event", f"notice-{word.replace('_', '-')}", {"clear": clear["notice"].replace(TAKEN_BACK, word)})
            for word in ("restricted", "restriction_lifted", "attendance_restricted", "attendance_released")
        ),
        clear_with("notice-unknown", "FormatError", TAKEN_BACK, "attendance_docked", of="notice"),
        good("event", "cloudevent", {"cloudevent": whole}),
        clear_with("unknown-type", "UnknownFormat", "checkin.v1", "checkin.v2"),
        clear_with("unknown-cloudevents-version", "UnknownFormat", '"1.0"', '"1.1"'),
        clear_with("white-space", "FormatError", '"id":', '"id": '),
        clear_with("escaped-where-none-is-needed", "FormatError", '"in"', r'"\u0069n"'),
        clear_with("unknown-field", "FormatError", '"method"', '"matched":1,"method"'),
        clear_with("missing-field", "FormatError", '"method":"face",', ""),
        clear_with("template-smuggled-as-site", "FormatError", "Kantor Jakarta", "A" * 65),
        clear_with("unknown-action", "FormatError", '"in"', '"lunch"'),
        clear_with("claimed-but-not-typed-so", "FormatError", '"face"', '"claimed"'),
        clear_with("time-without-ms", "FormatError", time, "2026-01-01T00:00:00Z"),
        clear_with("time-with-offset", "FormatError", time, "2026-01-01T07:00:00.001+07:00"),
        clear_with("time-leap-second", "FormatError", time, "2026-01-01T00:00:60.001Z"),
        clear_with("time-no-such-day", "FormatError", time, "2026-02-29T00:00:00.001Z"),
        clear_with("time-before-1970", "FormatError", time, "1969-12-31T23:59:59.999Z"),
        clear_with("id-not-version-7", "FormatError", event_id(1), "7d4f3c1e-5b2a-4c6d-8e9f-0a1b2c3d4e5f"),
        clear_with("id-upper-case", "FormatError", event_id(1), event_id(1).upper()),
        clear_with("code-empty", "FormatError", '"K-0042"', '""'),
        clear_with("code-with-control", "FormatError", '"K-0042"', r'"K\u0000"'),
        clear_with("code-that-turns-direction", "FormatError", '"K-0042"', '"K\u202e42"'),
        clear_with("code-with-outer-space", "FormatError", '"K-0042"', '"K-0042 "'),
        clear_with("code-beyond-128-bytes", "FormatError", '"K-0042"', '"' + "\u20ac" * 43 + '"'),
        clear_with("zone-form", "FormatError", "Asia/Jakarta", "../etc/passwd"),
        clear_with("source-not-a-device", "FormatError", "urn:ambang:device:", "urn:ambang:door:"),
        clear_with("device-form", "FormatError", "device:door-1", "device:-door"),
        clear_with("boottime-negative", "FormatError", "86400000", "-1"),
        clear_with("uncertainty-a-boolean", "FormatError", '"uncertainty_s":1', '"uncertainty_s":true'),
        clear_with("correction-without-action", "FormatError", '"action":"out",', "", of="corrected"),
        clear_with("correction-about-itself", "FormatError", event_id(1), event_id(5), of="corrected"),
        clear_with("dispute-about-itself", "FormatError", event_id(1), event_id(3), of="disputed"),
        good("event", "trip-with-a-destination-alone", {"clear": bare}),
        clear_with("trip-without-destination", "FormatError", '"Kantor Cabang Bandung"', '""', of="trip"),
        clear_with("trip-of-no-reason", "FormatError", '"worksite"', '""', of="trip"),
        clear_with("trip-for-a-reason-on-no-list", "FormatError", '"worksite"', '"holiday"', of="trip"),
        clear_with("trip-about-itself", "FormatError", event_id(2), event_id(8), of="trip"),
        clear_with("trip-about-nothing", "FormatError", event_id(2), "", of="trip"),
        clear_with("trip-with-coordinates", "FormatError", '"note"', '"latitude":"-6.2","note"', of="trip"),
        clear_with("trip-with-a-site", "FormatError", '"worksite",', '"worksite","site":"",', of="trip"),
        clear_with("trip-with-a-long-destination", "FormatError", "Kantor Cabang Bandung", "K" * 49, of="trip"),
        clear_with("trip-with-a-long-note", "FormatError", "Pasang pintu", "p" * 65, of="trip"),
        clear_with("trip-with-a-long-reference", "FormatError", "SPD/2026/001", "1" * 33, of="trip"),
        clear_with("trip-with-a-long-cost-centre", "FormatError", "CC-12", "1" * 25, of="trip"),
        clear_with("trip-with-a-heavy-note", "FormatError", "Pasang pintu", "\u20ac" * 43, of="trip"),
        clear_with("trip-too-long-in-all", "FormatError", r"\"" * 32, r"\"" * 33, of="trip-full"),
        clear_with("amendment-about-itself", "FormatError", event_id(1), event_id(6), of="amended"),
        clear_with("amendment-about-nothing", "FormatError", event_id(1), "", of="amended"),
        clear_with("amendment-adds-to-an-event", "FormatError", '"time","person"', '"added","person"', of="amended"),
        clear_with(
            "amendment-decision-on-no-list", "FormatError", '"time","person"', '"approved","person"', of="amended"
        ),
        clear_with("amendment-without-decision", "FormatError", '"decision":"time",', "", of="amended"),
        clear_with("amendment-with-a-reason", "FormatError", '"person"', '"note":"ill","person"', of="amended"),
        clear_with("amendment-decided-as-text", "FormatError", "1767312000000", '"1767312000000"', of="amended"),
        clear_with("amendment-decided-before-1970", "FormatError", "1767312000000", "-1", of="amended"),
        clear_with("amendment-of-no-action", "FormatError", '"action":"in"', '"action":""', of="amended"),
        whole_with("seq-zero", lambda one: one["data"].update(seq=0)),
        whole_with("salt-upper-case", lambda one: one["data"].update(salt=one["data"]["salt"].upper())),
        whole_with("salt-short", lambda one: one["data"].update(salt="00")),
        whole_with("salt-missing", lambda one: one["data"].pop("salt")),
        whole_with("extension-attribute", lambda one: one.update(subject="K-0042")),
    ]


def spine_cases() -> list[Case]:
    def spelled(rows: tuple[spine.SpineRow, ...]) -> list[Case]:
        names = ("commitment", "body_digest", "h")
        return [{"seq": row.seq} | {name: getattr(row, name).hex() for name in names} for row in rows]

    rows, foreign = ledger(5), ledger(5, "door-2")
    forged = spine.link(rows[1].h, 3, noise("forged", 32), rows[2].body_digest)
    wrong = {
        "removed-middle": ("BrokenChain 3", (*rows[:2], *rows[3:])),
        "duplicate": ("BrokenChain 3", (*rows[:2], rows[1], *rows[2:])),
        "swapped": ("BrokenChain 2", (rows[0], rows[2], rows[1], *rows[3:])),
        "splice-from-another-device": ("BrokenChain 3", (*rows[:2], *foreign[2:])),
        "of-another-device": ("BrokenChain 1", foreign),
        "altered-commitment": ("BrokenChain 3", (*rows[:2], replace(rows[2], commitment=noise("x", 32)), *rows[3:])),
        "altered-digest": ("BrokenChain 3", (*rows[:2], replace(rows[2], body_digest=noise("x", 32)), *rows[3:])),
        "re-hashed-in-the-middle": ("BrokenChain 4", (*rows[:2], forged, *rows[3:])),
        "another-number": ("BrokenChain 3", (*rows[:2], replace(rows[2], seq=9), *rows[3:])),
        "starts-late": ("BrokenChain 1", rows[1:]),
    }
    tail: Case = {"device": DEVICE, "h_prev": rows[1].h.hex(), "first_seq": 3, "rows": spelled(rows[2:])}
    return [
        good("spine", "empty", {"device": DEVICE, "rows": []}),
        good("spine", "five", {"device": DEVICE, "rows": spelled(rows)}),
        good("spine", "from-the-middle", tail),
        *(bad("spine", name, expect, {"device": DEVICE, "rows": spelled(r)}) for name, (expect, r) in wrong.items()),
    ]


def checkpoint_cases() -> list[Case]:
    rows, own = ledger(5), "ambang/" + DEVICE
    keys = {own: KEY.public.hex(), HQ_NAME: HQ.public.hex()}
    note = checkpoint.sign(checkpoint.Checkpoint(DEVICE, 5, rows[-1].h), KEY)
    both = checkpoint.cosign(note, HQ_NAME, HQ)
    many = both
    for number in range(6):
        many = checkpoint.cosign(many, f"witness-{number}", OTHER)

    def ok(name: str, text: str) -> Case:
        return good("checkpoint", name, {"note": text, "keys": keys})

    def no(name: str, expect: str, text: str, known: Case = keys) -> Case:
        return bad("checkpoint", name, expect, {"note": text, "keys": known})

    head = note.split("\n")[2]
    line = note.split("\n")[4]
    resigned = checkpoint.sign(checkpoint.Checkpoint(DEVICE, 5, rows[-1].h), OTHER)
    return [
        ok("own-signature", note),
        ok("counter-signed", both),
        ok("empty-ledger", checkpoint.sign(checkpoint.Checkpoint(DEVICE, 0, spine.genesis(DEVICE)), KEY)),
        ok("unknown-signers-passed-over", many),
        no("size-altered", "BadSignature", note.replace("\n5\n", "\n6\n")),
        no("re-signed-by-another-key", "BadSignature", resigned),
        no("hq-signature-altered", "BadSignature", both[:-8] + ("A" if both[-8] != "A" else "B") + both[-7:]),
        no("only-hq-signed", "BadSignature", both.replace(line + "\n", "")),
        no("own-key-not-given", "BadSignature", both, {HQ_NAME: HQ.public.hex()}),
        no("empty-ledger-of-another-head", "FormatError", note.replace("\n5\n", "\n0\n")),
        no("size-with-leading-zero", "FormatError", note.replace("\n5\n", "\n05\n")),
        no("size-beyond-the-limit", "FormatError", note.replace("\n5\n", "\n9007199254740992\n")),
        no("extension-line", "FormatError", note.replace("\n\n", "\nmore\n\n")),
        no("head-short", "FormatError", note.replace(head, head[4:])),
        no("head-with-loose-bits", "FormatError", note.replace(head, head[:-2] + chr(ord(head[-2]) + 1) + "=")),
        no("origin", "FormatError", note.replace("ambang/door-1\n", "example/door-1\n")),
        no("hyphen-for-dash", "FormatError", note.replace("\u2014", "-")),
        no("signed-twice-by-one-name", "FormatError", note + line + "\n"),
        no("nine-signatures", "FormatError", many + line.replace(own, "witness-9") + "\n"),
        no("no-signature", "FormatError", note.split("\u2014")[0]),
        no("no-last-newline", "FormatError", note[:-1]),
        no("carriage-returns", "FormatError", note.replace("\n", "\r\n")),
    ]


def cases() -> list[Case]:
    made = (canonical_cases, sealed_cases, event_cases, spine_cases, checkpoint_cases, batch_cases, receipt_cases)
    return [case for make in (*made, badge_cases, slip_cases, certificate_cases, message_cases) for case in make()]


def files() -> dict[Path, str]:
    """Path of each vector to its text; two vectors of one name are a mistake."""
    written = [(ROOT / case["format"] / f"{case['name']}.json", json.dumps(case, indent=1) + "\n") for case in cases()]
    assert len(dict(written)) == len(written), "a name twice"
    return dict(written)


if __name__ == "__main__":
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
