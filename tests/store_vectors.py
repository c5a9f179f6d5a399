"""Writes tests/vectors: `python tests/store_vectors.py`. The formats are final, so a run must change no file.

A case is {"name", "format", "input", "expect", "output"}: expect is "ok", or the class of the error or the code of the
fault; output is what a reader must find and stands only beside "ok". Names are made up.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeAlias

import store_reader

from kiosk.store import anchor
from kiosk.store.keys import KeyKind, Slot, place_of
from kiosk.store.roots import passphrase
from kiosk.store.store_key import kek
from kiosk.store.vault import Cost, Place, Vault, digest, kid, padded, stretch
from wire import sealed

ROOT = Path(__file__).parent / "vectors"
Case: TypeAlias = dict[str, Any]
STORE, OTHER_STORE = "0123456789abcdef" * 2, "fedcba9876543210" * 2
BUDI, SRI = "9f2c41d07a3be586", "1b7e02c94d6fa835"
BASIS = digest(b"the consent of Budi")


def noise(label: str, size: int = 32) -> bytes:
    """Bytes that look random and are the same in every run."""
    return b"".join(digest(f"{label} {part}".encode()) for part in range(-(-size // 32)))[:size]


ROOT_KEY, STORE_KEY, OLD_STORE_KEY = noise("root"), noise("store key"), noise("old store key")


def good(form: str, name: str, given: Case) -> Case:
    output = store_reader.READERS[form](given)
    return {"name": name, "format": form, "input": given, "expect": "ok", "output": output}


def bad(form: str, name: str, expect: str, given: Case) -> Case:
    return {"name": name, "format": form, "input": given, "expect": expect}


def seal(key: bytes, plaintext: bytes, place: Place, algorithm: int, store: str = STORE) -> bytes:
    """As the vault does, but for the nonce, which is the same in every run."""
    head = b"AB" + bytes((1, algorithm)) + kid(key, place.row)
    nonce = noise(f"nonce {place} {algorithm}", 12)
    return sealed._seal(key, head, nonce, plaintext, Vault(store)._context(place))


def flipped(blob: bytes, at: int) -> bytes:
    at %= len(blob)
    return blob[:at] + bytes((blob[at] ^ 1,)) + blob[at + 1 :]


# Records -----

REFERENCE = Place("template", "sealed", "5a0c77e1f2b93d48", BUDI, 1, digest(b"faceplugin/fr_feature/1"))
PROFILE = Place("people", "profile", BUDI, BUDI, 3)
RECORDS = {
    "reference-of-a-face": (REFERENCE, b"REF1" + noise("vector", 396), 1),
    "profile": (PROFILE, padded(b'{"code":"K-0042","name":"Budi Santoso"}', least=192), 1),
    "consent": (Place("bases", "record", "00d1c2b3a4958677", BUDI), padded(b'{"kind":"consent"}'), 1),
    "entry-of-a-person": (Place("bodies", "sealed", "17", BUDI), noise("salt", 16) + b'{"type":"check_in"}', 1),
    "entry-of-the-device": (Place("bodies", "sealed", "18"), noise("salt", 16) + b'{"kind":"started"}', 1),
    "secret-of-a-person": (Place("accounts", "secret", BUDI, BUDI, 2), padded(noise("stretched pin", 60)), 1),
    "nothing-sealed": (PROFILE, b"", 1),
    "chacha20-poly1305": (PROFILE, b"another cipher", 2),
    "aes-256-gcm-siv": (PROFILE, b"the cipher of wrapped keys", 3),
}


def given_record(blob: bytes, place: Place, *, key: bytes = ROOT_KEY, store: str = STORE) -> Case:
    where = {**asdict(place), "model": place.model.hex(), "store": store}
    return {"key": key.hex(), "blob": blob.hex(), "place": where}


def record_cases() -> list[Case]:
    made = {name: (seal(ROOT_KEY, text, place, algorithm), place) for name, (place, text, algorithm) in RECORDS.items()}
    blob, here = made["reference-of-a-face"]
    profile, there = made["profile"]
    body, entry = made["entry-of-a-person"]
    moved = {
        "another-table": replace(here, table="people"),
        "another-column": replace(here, column="profile"),
        "another-row": replace(here, row="5a0c77e1f2b93d49"),
        "another-person": replace(here, person=SRI),
        "no-person": replace(here, person=""),
        "another-model": replace(here, model=digest(b"faceplugin/fr_feature/2")),
        "no-model": replace(here, model=b""),
        "older-schema": replace(here, schema=0),
        "newer-schema": replace(here, schema=2),
        "newer-row-version": replace(here, version=2),
        "parts-shifted": replace(here, table="templates", column="ealed"),
    }
    sizes = {"empty": 0, "magic-alone": 2, "header-alone": 8, "without-a-tag": 20, "a-byte-below-the-least": 35}
    strange = {"magic": b"AC" + blob[2:], "version-0": blob[:2] + b"\0" + blob[3:]}
    strange |= {"version-2": blob[:2] + b"\2" + blob[3:], "algorithm-0": blob[:3] + b"\0" + blob[4:]}
    strange |= {"algorithm-4": blob[:3] + b"\4" + blob[4:]}
    altered = {
        "algorithm-swapped": blob[:3] + b"\3" + blob[4:],
        "name-of-the-key-altered": flipped(blob, 4),
        "nonce-altered": flipped(blob, 8),
        "first-bit-flipped": flipped(blob, 20),
        "middle-bit-flipped": flipped(blob, len(blob) // 2),
        "last-bit-flipped": flipped(blob, -1),
        "cut-by-one": blob[:-1],
        "cut-to-the-least": blob[:36],
        "longer-by-one": blob + b"\0",
        "two-records-joined": blob + body,
    }
    return [
        *(good("record", name, given_record(*each)) for name, each in made.items()),
        *(bad("record", name, "Tampered", given_record(blob, place)) for name, place in moved.items()),
        bad("record", "another-store", "Tampered", given_record(blob, here, store=OTHER_STORE)),
        bad("record", "older-row-version", "Tampered", given_record(profile, replace(there, version=2))),
        bad("record", "entry-in-the-place-of-another", "Tampered", given_record(body, replace(entry, row="16"))),
        *(bad("record", name, "FormatError", given_record(blob[:size], here)) for name, size in sizes.items()),
        *(bad("record", name, "UnknownFormat", given_record(each, here)) for name, each in strange.items()),
        *(bad("record", name, "Tampered", given_record(each, here)) for name, each in altered.items()),
        bad("record", "another-key", "Tampered", given_record(blob, here, key=STORE_KEY)),
        bad("record", "key-of-31-bytes", "FormatError", given_record(blob, here, key=ROOT_KEY[:31])),
    ]


# Keys -----


def wrap_of_store_key(above: bytes, key: bytes, epoch: int, version: int, wrapped_by: int) -> Case:
    place = Place("keys", "wrapped", f"store///{epoch}", version=version)
    blob = seal(above, key, place, 3)
    return {"epoch": epoch, "wrapped": blob.hex(), "row_version": version, "wrapped_by": wrapped_by}


def ring(wraps: list[Case], asked: Case | None = None, **other: object) -> Case:
    newest = max((wrap["epoch"] for wrap in wraps), default=1)
    by = next((wrap["wrapped_by"] for wrap in wraps if wrap["epoch"] == newest), 1)
    given = {"store": STORE, "root": ROOT_KEY.hex(), "kek_epoch": by, "store_key_epoch": newest, "wraps": wraps}
    return given | ({} if asked is None else {"key": asked}) | other


def wrapped(slot: Slot, *, version: int = 1, binding: bytes = b"", by: bytes = STORE_KEY) -> Case:
    kind, person, period, epoch = slot
    blob = seal(by, noise(f"key {slot}"), place_of(slot, version, binding), 3)
    named = {"kind": kind.value, "person": person, "period": period, "epoch": epoch}
    return {**named, "row_version": version, "binding": binding.hex(), "wrapped": blob.hex()}


BIOMETRIC: Slot = (KeyKind.BIOMETRIC, BUDI, "", 1)
MONTH: Slot = (KeyKind.RECORD, BUDI, "2026-11", 1)


def ring_cases() -> list[Case]:
    one = [wrap_of_store_key(kek(ROOT_KEY, STORE, 1), STORE_KEY, 1, 1, 1)]
    newest = wrap_of_store_key(kek(ROOT_KEY, STORE, 2), STORE_KEY, 2, 1, 2)
    two = [newest, wrap_of_store_key(STORE_KEY, OLD_STORE_KEY, 1, 2, 2)]
    bound, month = wrapped(BIOMETRIC, binding=BASIS), wrapped(MONTH)
    cut, strange = bytes.fromhex(month["wrapped"]), bytes.fromhex(month["wrapped"])

    def asks(name: str, asked: Case, wraps: list[Case] | None = None) -> Case:
        return good("ring", name, ring(one if wraps is None else wraps, asked))

    def refuses(name: str, expect: str, asked: Case, wraps: list[Case] | None = None) -> Case:
        return bad("ring", name, expect, ring(one if wraps is None else wraps, asked))

    def altered(name: str, expect: str, change: Callable[[bytes], bytes], which: int = 0) -> Case:
        wraps = [dict(wrap) for wrap in two]
        wraps[which]["wrapped"] = change(bytes.fromhex(wraps[which]["wrapped"])).hex()
        return bad("ring", name, expect, ring(wraps))

    planted = wrap_of_store_key(noise("nobody"), noise("planted"), 3, 1, 3)
    older = wrapped(MONTH, by=OLD_STORE_KEY)
    under_the_kek = wrap_of_store_key(kek(ROOT_KEY, STORE, 2), OLD_STORE_KEY, 1, 2, 2)
    return [
        good("ring", "store-key", ring(one)),
        good("ring", "two-store-keys-in-a-rotation", ring(two)),
        good("ring", "a-newer-wrap-that-is-not-in-use", ring([*two, planted], store_key_epoch=2, kek_epoch=2)),
        asks("key-of-a-profile", wrapped((KeyKind.PROFILE, BUDI, "", 1))),
        asks("biometric-key-bound-to-the-consent", bound),
        asks("record-key-of-a-person-and-month", month),
        asks("device-key-of-a-month", wrapped((KeyKind.DEVICE, "", "2026-11", 1))),
        asks("rotation-key-of-a-model-and-epoch", wrapped((KeyKind.ROTATION, "", "faceplugin/fr_feature/1", 2))),
        asks("pepper", wrapped((KeyKind.PEPPER, "", "", 1), version=7)),
        asks("wrapped-by-the-newer-of-two", month, two),
        asks("wrapped-by-the-older-of-two", older, two),
        bad("ring", "root-key-of-another-device", "key_wrong", ring(one, root=noise("another root").hex())),
        bad("ring", "root-key-of-zeros", "key_wrong", ring(one, root=bytes(32).hex())),
        bad("ring", "another-store", "key_wrong", ring(one, store=OTHER_STORE)),
        bad("ring", "another-kek-epoch", "key_wrong", ring([{**one[0], "wrapped_by": 2}])),
        bad("ring", "kek-epoch-of-another-row", "store_damaged", ring(one, kek_epoch=2)),
        bad("ring", "store-key-gone", "store_damaged", ring([], month)),
        bad(
            "ring", "store-key-of-an-older-epoch-alone", "store_damaged", ring(two[1:], store_key_epoch=2, kek_epoch=2)
        ),
        bad("ring", "another-row-version-of-the-store-key", "store_tampered", ring([{**one[0], "row_version": 2}])),
        altered("store-key-under-another-name", "key_wrong", lambda blob: flipped(blob, 5)),
        altered("store-key-altered", "store_tampered", lambda blob: flipped(blob, 30)),
        altered("store-key-cut", "store_tampered", lambda blob: blob[:35]),
        altered("store-key-of-another-version", "store_tampered", lambda blob: blob[:2] + b"\2" + blob[3:]),
        altered("older-store-key-altered", "store_tampered", lambda blob: flipped(blob, -1), 1),
        bad("ring", "older-store-key-under-the-root-key", "store_tampered", ring([newest, under_the_kek])),
        refuses("biometric-key-with-an-altered-consent", "Tampered", {**bound, "binding": digest(b"no").hex()}),
        refuses("biometric-key-without-a-consent", "Tampered", {**bound, "binding": ""}),
        refuses("biometric-key-of-another-person", "Tampered", {**bound, "person": SRI}),
        refuses("record-key-of-another-month", "Tampered", {**month, "period": "2026-12"}),
        refuses("record-key-of-another-person", "Tampered", {**month, "person": SRI}),
        refuses("record-key-as-a-profile-key", "Tampered", {**month, "kind": "profile"}),
        refuses("record-key-of-another-epoch", "Tampered", {**month, "epoch": 2}),
        refuses("record-key-of-another-row-version", "Tampered", {**month, "row_version": 2}),
        refuses("wrapped-by-a-store-key-that-is-gone", "Tampered", older),
        refuses("wrapped-by-a-store-key-of-neither", "Tampered", wrapped(MONTH, by=noise("none")), two),
        refuses("wrapped-key-cut", "FormatError", {**month, "wrapped": cut[:35].hex()}),
        refuses("wrapped-key-of-another-version", "UnknownFormat", {**month, "wrapped": (b"AB\2" + strange[3:]).hex()}),
    ]


def derived_cases() -> list[Case]:
    def kek_of(name: str, root: bytes, store: str, epoch: int) -> Case:
        return good("kek", name, {"root": root.hex(), "store": store, "epoch": epoch})

    def index(name: str, code: str) -> Case:
        return good("index", name, {"key": noise("index").hex(), "code": code})

    def matrix(name: str, model: str, epoch: int, dim: int) -> Case:
        return good("rotation", name, {"key": noise("turn").hex(), "model": model, "epoch": epoch, "dim": dim})

    return [
        kek_of("first-epoch", ROOT_KEY, STORE, 1),
        kek_of("second-epoch", ROOT_KEY, STORE, 2),
        kek_of("another-store", ROOT_KEY, OTHER_STORE, 1),
        kek_of("another-root-key", STORE_KEY, STORE, 1),
        *(good("kid", f"row-{row}", {"key": ROOT_KEY.hex(), "row": row}) for row in ("17", "18", BUDI)),
        *(good("tag", f"entry-{at}", {"key": ROOT_KEY.hex(), "number": at}) for at in (0, 1, 255, 256, 2**53)),
        good("tag", "entry-0-of-another-month", {"key": STORE_KEY.hex(), "number": 0}),
        index("capitals", "K-0042"),
        index("small-letters", "k-0042"),
        index("composed", "caf\N{LATIN SMALL LETTER E WITH ACUTE}-1"),
        index("decomposed", "cafe\N{COMBINING ACUTE ACCENT}-1"),
        index("another-code", "K-0043"),
        matrix("three-numbers", "golden/1", 1, 3),
        matrix("eight-numbers", "golden/1", 1, 8),
        matrix("another-epoch", "golden/1", 2, 3),
        matrix("another-model", "golden/2", 1, 3),
    ]


# Beside the database -----


def anchor_cases() -> list[Case]:
    key = noise("anchor")
    state = anchor.State(STORE, 12, 640, noise("head").hex(), 2, 1)
    new = anchor.State(STORE, 0, 0, "00" * 32, 1, 0)
    whole = anchor.encode(state, key).decode()
    body, code, _ = whole.split("\n")

    def given(content: str, opener: bytes = key) -> Case:
        return {"key": opener.hex(), "content": content}

    def signed(text: str) -> Case:
        return given(f"{text}\n{anchor._mac(text.encode(), key).decode()}\n")

    def lost(name: str, content: Case) -> Case:
        return bad("anchor", name, "anchor_lost", content)

    return [
        good("anchor", "whole", given(whole)),
        good("anchor", "of-a-new-store", given(anchor.encode(new, key).decode())),
        lost("generation-altered", given(whole.replace('"generation":12', '"generation":13'))),
        lost("another-key", given(whole, ROOT_KEY)),
        lost("code-altered", given(f"{body}\n{'0' if code[0] != '0' else '1'}{code[1:]}\n")),
        lost("code-in-capitals", given(f"{body}\n{code.upper()}\n")),
        lost("code-gone", given(f"{body}\n")),
        lost("no-last-line-feed", given(whole[:-1])),
        lost("another-line", given(f"{whole}\n")),
        lost("empty", given("")),
        lost("another-format", signed(body.replace("anchor.v1", "anchor.v2"))),
        lost("a-field-too-many", signed(body.replace("{", '{"a":1,', 1))),
        lost("a-field-too-few", signed(body.replace('"lockouts":1,', ""))),
        lost("a-field-twice", signed(body.replace("{", '{"lockouts":1,', 1))),
        lost("text-for-a-number", signed(body.replace('"size":640', '"size":"640"'))),
        lost("true-for-one", signed(body.replace('"lockouts":1', '"lockouts":true'))),
    ]


def root_cases() -> list[Case]:
    salt = noise("salt", 16)
    costs = {"memory_kib": 64, "passes": 1, "lanes": 1}
    check = passphrase.check_of(stretch("seven grey herons at dawn", salt, b"", Cost(**costs))).hex()
    typed = {"how": "passphrase", "phrase": "seven grey herons at dawn", "salt": salt.hex(), "check": check, **costs}
    halves = {"how": "tpm2", "sealed": noise("sealed").hex(), "kept": noise("kept").hex()}
    board = {"how": "pi-otp", "otp": noise("otp").hex(), "salt": salt.hex()}
    return [
        good("root", "passphrase", typed),
        bad("root", "passphrase-with-a-capital", "passphrase_wrong", {**typed, "phrase": "Seven grey herons at dawn"}),
        bad("root", "passphrase-with-another-salt", "passphrase_wrong", {**typed, "salt": noise("no", 16).hex()}),
        bad("root", "passphrase-at-another-cost", "passphrase_wrong", {**typed, "passes": 2}),
        good("root", "both-halves-of-a-tpm", halves),
        good("root", "another-half-kept", {**halves, "kept": noise("other").hex()}),
        good("root", "board", board),
        good("root", "another-board", {**board, "otp": noise("other").hex()}),
        bad("root", "board-without-a-salt", "config_invalid", {**board, "salt": ""}),
    ]


def cases() -> list[Case]:
    made = (record_cases, ring_cases, derived_cases, anchor_cases, root_cases)
    return [case for make in made for case in make()]


def files() -> dict[Path, str]:
    """Path of each vector to its text; two vectors of one name are a mistake."""
    written = [(ROOT / case["format"] / f"{case['name']}.json", json.dumps(case, indent=1) + "\n") for case in cases()]
    assert len(dict(written)) == len(written), "a name twice"
    return dict(written)


if __name__ == "__main__":
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
