"""The vectors of the certificate of erasure."""

import json
from typing import Any

from wire_samples import CLOCK, DEVICE, HQ, HQ_NAME, KEY, NOW_MS, OTHER, Case, bad, good, ledger, noise

from wire import canonical, certificate, checkpoint
from wire.certificate import CLASSES, Certificate, Level, Limit, Place, Scope, Searched
from wire.signing import SigningKey

DOMAIN = b"\0ambang-erasure-v1\0"


def sample(scope: Scope = Scope.PERSON, *, size: int = 5) -> Certificate:
    """A certificate of a made-up erasure; entry 4 records it, and the checkpoint covers `size` entries."""
    rows = ledger(size)
    classes = CLASSES[scope]
    return Certificate(
        id=noise("erasure", 8).hex(),
        device=DEVICE,
        scope=scope,
        subject="" if scope is Scope.EVERYTHING else noise("person", 8).hex(),
        seq=4,
        checkpoint=checkpoint.sign(checkpoint.Checkpoint(DEVICE, size, rows[-1].h), KEY),
        began=NOW_MS,
        finished=NOW_MS + 1_234,
        clock=CLOCK.state,
        destroyed=dict(zip(classes, range(1, len(classes) + 1), strict=True)),
        searched={place: Searched(number, 4096 * number) for number, place in enumerate(Place)},
        pieces=42,
        root_key=Level.HARDWARE,
        limits=(Limit.EARLIER_COPIES, Limit.FLASH, Limit.MEMORY),
    )


def certificate_cases() -> list[Case]:
    def given(text: str, public: bytes = KEY.public) -> Case:
        return {"file": text, "public": public.hex()}

    def ok(name: str, what: Certificate) -> Case:
        return good("certificate", name, given(certificate.sign(what, KEY).decode()))

    def no(name: str, expect: str, text: str, public: bytes = KEY.public) -> Case:
        return bad("certificate", name, expect, given(text, public))

    text = certificate.sign(sample(), KEY).decode()
    cosigned = checkpoint.cosign(sample().checkpoint, HQ_NAME, HQ)
    foreign = checkpoint.sign(checkpoint.Checkpoint(DEVICE, 5, ledger(5)[-1].h), OTHER)
    elsewhere = checkpoint.sign(checkpoint.Checkpoint("door-2", 5, ledger(5, "door-2")[-1].h), KEY)
    early = checkpoint.sign(checkpoint.Checkpoint(DEVICE, 3, ledger(3)[-1].h), KEY)

    def resigned(key: SigningKey = KEY, **change: object) -> str:
        """The same with other values, signed as if they were right."""
        said: dict[str, Any] = {**json.loads(text), **change}
        del said["sig"]
        said["sig"] = key.sign(DOMAIN + canonical.encode(said)).hex()
        return canonical.encode(said).decode() + "\n"

    whole = json.loads(text)
    destroyed, searched = whole["destroyed"], whole["searched"]
    without = {name: value for name, value in whole.items() if name != "sig"}
    bare = KEY.sign(canonical.encode(without)).hex()
    return [
        ok("face", sample(Scope.FACE)),
        ok("person", sample()),
        ok("everything", sample(Scope.EVERYTHING, size=4)),
        good("certificate", "counter-signed-checkpoint", given(resigned(checkpoint=cosigned))),
        good("certificate", "no-limits", given(resigned(limits=[]))),
        no("another-device-s-key", "BadSignature", text, OTHER.public),
        no("signed-by-another-key", "BadSignature", resigned(OTHER)),
        no("signed-without-the-domain", "BadSignature", text.replace(whole["sig"], bare)),
        no("count-altered", "BadSignature", text.replace('"references":2', '"references":3')),
        no("a-limit-dropped", "BadSignature", text.replace('"flash",', "")),
        no("checkpoint-by-another-key", "BadSignature", resigned(checkpoint=foreign)),
        no("checkpoint-of-another-device", "FormatError", resigned(checkpoint=elsewhere)),
        no("checkpoint-before-the-entry", "FormatError", resigned(checkpoint=early)),
        no("another-version", "UnknownFormat", resigned(format="ambang.erasure.v2")),
        no("no-format", "UnknownFormat", "{}\n"),
        no("no-object", "UnknownFormat", "[]\n"),
        no("no-line-feed", "FormatError", text[:-1]),
        no("two-line-feeds", "FormatError", text + "\n"),
        no("white-space", "FormatError", text.replace('"began":', '"began": ')),
        no("too-long", "FormatError", resigned(device="x" * 16_000)),
        no("something-was-found", "FormatError", resigned(found=1)),
        no("a-class-missing", "FormatError", resigned(destroyed={**destroyed, "pins": None})),
        no("a-class-of-another-scope", "FormatError", resigned(destroyed={**destroyed, "files": 1})),
        no("a-count-negative", "FormatError", resigned(destroyed={**destroyed, "pins": -1})),
        no("a-count-a-boolean", "FormatError", resigned(destroyed={**destroyed, "pins": True})),
        no("a-place-missing", "FormatError", resigned(searched={"state": searched["state"]})),
        no("a-place-with-a-name", "FormatError", resigned(searched={**searched, "budi": searched["state"]})),
        no("a-limit-unknown", "FormatError", resigned(limits=["none"])),
        no("a-limit-twice", "FormatError", resigned(limits=["flash", "flash"])),
        no("limits-out-of-order", "FormatError", resigned(limits=["memory", "flash"])),
        no("everything-with-a-subject", "FormatError", resigned(scope="everything")),
        no("a-person-without-a-subject", "FormatError", resigned(subject="")),
        no("a-name-as-subject", "FormatError", resigned(subject="Budi Santoso")),
        no("an-unknown-scope", "FormatError", resigned(scope="name")),
        no("an-unknown-level", "FormatError", resigned(root_key="strong")),
        no("entry-zero", "FormatError", resigned(seq=0)),
        no("time-beyond-9999", "FormatError", resigned(finished=253_402_300_800_000)),
        no("unknown-field", "FormatError", resigned(name="Budi")),
        no("signature-short", "FormatError", text.replace(whole["sig"], whole["sig"][2:])),
        no("signature-upper-case", "FormatError", text.replace(whole["sig"], whole["sig"].upper())),
    ]
