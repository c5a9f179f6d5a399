"""The vectors of what is sent or shown: batch, receipt, badge and slip."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from wire_samples import (
    DEVICE,
    HQ,
    HQ_NAME,
    KEY,
    NOW_MS,
    NOW_S,
    OTHER,
    Case,
    bad,
    good,
    noise,
    sample_batch,
    slip_token,
)

from wire import badge, batch, checkpoint, receipt, signing, slip
from wire.checks import base64url, to_base64url


def batch_cases() -> list[Case]:
    whole = sample_batch()
    text = batch.encode(whole).decode()
    later = batch.Batch(DEVICE, whole.batch, whole.rows[1].h, whole.rows[2:], whole.checkpoint, whole.events[1:])
    quiet = replace(whole, events=())

    def with_(name: str, expect: str, change: Callable[[Case], object]) -> Case:
        altered: Case = json.loads(text)
        change(altered)
        return bad("batch", name, expect, {"body": json.dumps(altered, ensure_ascii=False)})

    short = checkpoint.sign(checkpoint.Checkpoint(DEVICE, 3, whole.rows[2].h), KEY)
    fork = checkpoint.sign(checkpoint.Checkpoint(DEVICE, 4, noise("fork", 32)), KEY)
    return [
        good("batch", "whole", {"body": text}),
        good("batch", "from-the-middle", {"body": batch.encode(later).decode()}),
        good("batch", "spine-alone", {"body": batch.encode(quiet).decode()}),
        good("batch", "another-spelling", {"body": json.dumps(json.loads(text), indent=1)}),
        with_("genesis-of-another-device", "BrokenChain 1", lambda one: one.update(h_prev=noise("x", 32).hex())),
        with_("removed-middle", "BrokenChain 3", lambda one: one["spine"].pop(2)),
        with_("truncated", "BrokenChain 3", lambda one: (one["spine"].pop(), one["events"].pop())),
        with_("swapped", "BrokenChain 2", lambda one: one["spine"].insert(1, one["spine"].pop(2))),
        with_("altered-digest", "BrokenChain 4", lambda one: one["spine"][1].update(body_digest="00" * 32)),
        with_("checkpoint-of-another-size", "BrokenChain 4", lambda one: one.update(checkpoint=short)),
        with_("checkpoint-of-another-head", "BrokenChain 4", lambda one: one.update(checkpoint=fork)),
        with_("altered-event", "BrokenChain 1", lambda one: one["events"][0]["data"].update(action="out")),
        with_("altered-salt", "BrokenChain 3", lambda one: one["events"][1]["data"].update(salt="00" * 16)),
        with_(
            "event-of-another-device", "FormatError", lambda one: one["events"][0].update(source="urn:ambang:device:x")
        ),
        with_("event-without-its-row", "FormatError", lambda one: one["events"][0]["data"].update(seq=9)),
        with_("events-out-of-order", "FormatError", lambda one: one["events"].reverse()),
        with_("event-twice", "FormatError", lambda one: one["events"].append(one["events"][-1])),
        with_("unknown-event-type", "UnknownFormat", lambda one: one["events"][0].update(type="com.ambang.face.v1")),
        with_("unknown-field", "FormatError", lambda one: one.update(image="")),
        with_("unknown-field-in-a-row", "FormatError", lambda one: one["spine"][0].update(h="")),
        with_("vector-in-an-event", "FormatError", lambda one: one["events"][0]["data"].update(vector=[1])),
        with_("no-rows", "FormatError", lambda one: one.update(spine=[], events=[])),
        with_("too-many-rows", "FormatError", lambda one: one.update(spine=one["spine"] * 129, events=[])),
        with_("upper-case-hash", "FormatError", lambda one: one.update(h_prev=one["h_prev"].upper())),
    ]


def receipt_cases() -> list[Case]:
    whole = sample_batch()
    ids = tuple(one.event.event_id for one in whole.events)
    word = receipt.Receipt(whole.batch, ids, 3, NOW_MS)
    signed = receipt.sign(word, HQ)
    note = checkpoint.cosign(whole.checkpoint, HQ_NAME, HQ)
    public = HQ.public.hex()

    def answer(said: Any, text: str) -> Case:  # noqa: ANN401 - some are wrong on purpose
        body = receipt.reply(said, text).decode()
        return {"reply": body, "hq_name": HQ_NAME, "hq_public": public, "device_public": KEY.public.hex()}

    def no(name: str, expect: str, **change: object) -> Case:
        return bad("receipt", name, expect, {"receipt": {**signed, **change}, "public": public})

    empty = receipt.sign(replace(word, acked=()), HQ)
    forged = receipt.sign(word, KEY)
    cut = {name: value for name, value in signed.items() if name != "generation"}
    return [
        good("receipt", "whole", {"receipt": signed, "public": public}),
        good("receipt", "nothing-acked", {"receipt": empty, "public": public}),
        good("receipt", "reply", answer(signed, note)),
        no("another-batch", "BadSignature", batch="1b8f5c1d-2e3a-4b4c-9d5e-6f708192a3b4"),
        no("an-id-dropped", "BadSignature", acked=list(ids[:1])),
        no("generation-altered", "BadSignature", generation=4),
        no("signed-by-the-device", "BadSignature", sig=forged["sig"]),
        no("signature-upper-case", "FormatError", sig=str(signed["sig"]).upper()),
        no("signature-short", "FormatError", sig="00"),
        no("an-id-twice", "FormatError", acked=[ids[0], ids[0]]),
        no("an-id-of-another-version", "FormatError", acked=[whole.batch]),
        no("time-as-text", "FormatError", time="2026-01-01T00:00:00.000Z"),
        no("unknown-field", "FormatError", erase=True),
        bad("receipt", "missing-field", "FormatError", {"receipt": cut, "public": public}),
        bad("receipt", "reply-without-hq-on-the-note", "BadSignature", answer(signed, whole.checkpoint)),
        bad("receipt", "reply-signed-by-another", "BadSignature", answer(forged, note)),
    ]


def token_cases(form: str, prefix: str, tokens: dict[str, str], wrong: dict[str, tuple[str, str, int]]) -> list[Case]:
    """Cases that badge and slip share, around the token `usual`; `wrong` is name to (expect, token, now)."""
    keys = {signing.key_id(KEY.public).hex(): KEY.public.hex()}
    usual = tokens["usual"]
    data = base64url(usual.removeprefix(prefix))

    def no(name: str, expect: str, token: str, now: int = NOW_S, known: Case = keys) -> Case:
        return bad(form, name, expect, {"token": token, "keys": known, "now": now})

    return [
        *(good(form, name, {"token": token, "keys": keys, "now": NOW_S}) for name, token in tokens.items()),
        *(no(name, *given) for name, given in wrong.items()),
        no("unknown-issuer", "BadSignature", usual, known={}),
        no("another-key-of-that-id", "BadSignature", usual, known=dict.fromkeys(keys, OTHER.public.hex())),
        no("first-bit-flipped", "BadSignature", prefix + to_base64url(bytes((data[0] ^ 1,)) + data[1:])),
        no("signature-altered", "BadSignature", prefix + to_base64url(data[:-1] + bytes((data[-1] ^ 1,)))),
        no("another-version", "UnknownFormat", prefix[:2] + "2" + usual[3:]),
        no("lower-case-prefix", "UnknownFormat", usual.lower()),
        no("empty", "UnknownFormat", ""),
        no("prefix-alone", "FormatError", prefix),
        no("padded", "FormatError", usual + "="),
        no("standard-alphabet", "FormatError", prefix + "+/" + usual[5:]),
        no("new-line-after", "FormatError", usual + "\n"),
        no("white-space-inside", "FormatError", usual[:50] + " " + usual[51:]),
        no("not-ascii", "FormatError", usual[:-1] + "\u00e9"),
    ]


def badge_cases() -> list[Case]:
    issuer = signing.key_id(KEY.public)
    year = badge.Badge(noise("badge", 8), issuer, NOW_S + 31_536_000)
    last = badge.issue(replace(year, expires_at=NOW_S + 1), KEY)
    far = year.badge_id + issuer + (2**64 - 1).to_bytes(8, "big")
    usual = badge.issue(year, KEY)
    tokens = {"usual": usual, "last-second": last, "never": badge.issue(replace(year, expires_at=253_402_300_799), KEY)}
    wrong = {
        "expired-to-the-second": ("Expired", last, NOW_S + 1),
        "a-slip": ("UnknownFormat", slip_token(), NOW_S),
        "a-slip-renamed": ("FormatError", "AB1" + slip_token()[3:], NOW_S),
        "a-second-too-far": ("FormatError", "AB1" + to_base64url(far + KEY.sign(b"\0ambang-badge-v1\0" + far)), NOW_S),
        "signed-without-domain": ("BadSignature", "AB1" + to_base64url(far[:12] + bytes(8) + KEY.sign(far)), NOW_S),
        "cut-by-one": ("FormatError", usual[:-1], NOW_S),
        "longer-by-three-bytes": ("FormatError", usual + "AAAA", NOW_S),
    }
    return token_cases("badge", "AB1", tokens, wrong)


def slip_cases() -> list[Case]:
    usual = slip_token()
    body = base64url(usual[3:])[:-64]

    def signed(altered: bytes, domain: bytes = b"\0ambang-slip-v1\0") -> str:
        return "AS1" + to_base64url(altered + KEY.sign(domain + altered))

    tokens = {
        "usual": usual,
        "return-without-destination": slip_token(direction=slip.Direction.RETURN, destination=""),
        "destination-of-24-bytes": slip_token(destination="S\u00e3o Tom\u00e9 e Pr\u00edncipe.."),
        "issued-an-hour-ahead": slip_token(issued_at=NOW_S + 3_600),
        "last-second": slip_token(issued_at=NOW_S - 90 * 86_400 + 1),
    }
    wrong = {
        "ninety-days-old": ("Expired", slip_token(issued_at=NOW_S - 90 * 86_400), NOW_S),
        "issued-too-far-ahead": ("Expired", slip_token(issued_at=NOW_S + 3_601), NOW_S),
        "direction": ("FormatError", signed(body[:12] + b"\3" + body[13:]), NOW_S),
        "destination-not-utf8": ("FormatError", signed(body + b"\xff"), NOW_S),
        "destination-with-control": ("FormatError", signed(body + b"\n."), NOW_S),
        "destination-too-long": ("FormatError", signed(body + b"...."), NOW_S),
        "issued-after-9999": ("FormatError", signed(body[:13] + b"\xff" * 8), NOW_S),
        "signed-as-a-badge": ("BadSignature", signed(body, b"\0ambang-badge-v1\0"), NOW_S),
        "a-badge-renamed": ("FormatError", "AS1" + usual[3:110], NOW_S),
        "loose-bits": ("FormatError", slip_token(destination="")[:-1] + "B", NOW_S),
    }
    return token_cases("slip", "AS1", tokens, wrong)
