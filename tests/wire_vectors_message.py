"""The vectors of messages from headquarters to a device."""

import json
from collections.abc import Callable
from dataclasses import replace

from wire_samples import DEVICE, HQ, NOW_MS, OTHER, Case, bad, good

from wire import canonical, message
from wire.message import (
    Announcement,
    Content,
    Departure,
    Entry,
    Message,
    Parting,
    Policy,
    Roster,
    Shift,
    Sibling,
    Standing,
    Trip,
    Trust,
)

PEOPLE = (
    Entry("HR-EMP-00042", "K-0042", "Budi Santoso", Standing.ACTIVE, "id", "day"),
    Entry("HR-EMP-00043", 'K/\u00e9 "7"', "S\u00e3o Wahyuni", Standing.SUSPENDED),
    Entry("HR-EMP-00044", "K-0044", "Sri", Standing.LEFT, "nl", ""),
)
CONTENTS: dict[str, Content] = {
    "roster": Roster(7, full=True, part=1, parts=2, people=PEOPLE),
    "roster-of-nobody": Roster(2**53 - 1, full=False, part=64, parts=64, people=()),
    "policy": Policy(3, (Shift("day", "Pagi", 480, 1020, "Kantor Jakarta"), Shift("night", "Malam", 1320, 360))),
    "announcement": Announcement("rapat", NOW_MS, NOW_MS + 3_600_000, "Rapat \u2013 lantai 2", "Meeting", ""),
    "greeting": Announcement("lebaran", NOW_MS, NOW_MS + 1, "Selamat Idulfitri", "", "", marketing=True),
    "trip": Trip("0123456789abcdef", approved=True, reference="HR-ATT-00007"),
    "sibling": Sibling("door-2", OTHER.public.hex(), Trust.REVOKED),
    "departure": Departure("HR-EMP-00042", "K-0042", Parting.CONSENT_WITHDRAWN, "door-2"),
    "departure-by-code": Departure("", "K-0042", Parting.ERASED, DEVICE),
}


def signed(content: Content) -> Message:
    return message.sign(Message(DEVICE, 12, NOW_MS, content), HQ)


def given(found: Message, public: str = HQ.public.hex()) -> Case:
    return {"text": message.encode(found).decode(), "public": public}


def spoiled(name: str, kind: str, change: Callable[[Case], object], expect: str = "FormatError") -> Case:
    """A message whose body was changed by whoever signed it: only its form is wrong."""
    value = json.loads(message.encode(signed(CONTENTS[kind])))
    del value["sig"]
    change(value)
    value["sig"] = HQ.sign(message.DOMAIN + canonical.encode(value)).hex()
    return bad("message", name, expect, {"text": json.dumps(value, ensure_ascii=False), "public": HQ.public.hex()})


def body(vector: str, kind: str, **change: object) -> Case:
    return spoiled(vector, kind, lambda value: value["body"].update(change))


def person(vector: str, **change: object) -> Case:
    return spoiled(vector, "roster", lambda value: value["body"]["people"][0].update(change))


def planted(field: str) -> Case:
    return person(f"a-person-with-{field.replace('_', '-')}", **{field: "x"})


def again(**change: object) -> Callable[[Case], object]:
    def add(value: Case) -> None:
        people = value["body"]["people"]
        people.append({**people[0], "ref": "R-9", "code": "K-9", **change})

    return add


def message_cases() -> list[Case]:
    usual = signed(CONTENTS["roster"])
    text = message.encode(usual).decode()
    unsigned = Message(DEVICE, 0, NOW_MS, CONTENTS["roster"])
    loud = json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    naked = replace(usual, signature=HQ.sign(message.encode(replace(usual, signature=b""))))
    shifts = [{"id": f"{number}", "name": "N", "begins": 0, "ends": 0, "place": ""} for number in range(513)]
    return [
        *(good("message", name, given(signed(content))) for name, content in CONTENTS.items()),
        good("message", "not-signed", given(unsigned, "")),
        good("message", "another-spelling", {"text": loud, "public": HQ.public.hex()}),
        bad("message", "not-signed-where-it-must-be", "BadSignature", given(unsigned)),
        bad("message", "signed-by-another", "BadSignature", given(message.sign(usual, OTHER))),
        bad("message", "of-another-device", "BadSignature", given(replace(usual, device="door-9"))),
        bad("message", "another-number", "BadSignature", given(replace(usual, number=13))),
        bad("message", "another-time", "BadSignature", given(replace(usual, issued_at=NOW_MS + 1))),
        bad("message", "signed-without-domain", "BadSignature", given(naked)),
        bad("message", "signature-short", "FormatError", {"text": text.replace('"sig":"', '"sig":"00'), "public": ""}),
        bad("message", "no-object", "FormatError", {"text": "[]", "public": ""}),
        spoiled("an-order-on-no-list", "trip", lambda value: value.update(kind="command"), "UnknownFormat"),
        spoiled("the-body-of-another-kind", "trip", lambda value: value.update(kind="sibling")),
        spoiled("a-field-more", "trip", lambda value: value.update(order="now")),
        spoiled("a-number-below-nought", "trip", lambda value: value.update(number=-1)),
        spoiled("a-device-with-a-slash", "trip", lambda value: value.update(device="door/1")),
        spoiled("a-time-beyond-9999", "trip", lambda value: value.update(issued_at=253_402_300_800_000)),
        body("version-nought", "roster", version=0),
        body("part-nought", "roster", part=0),
        body("a-part-beyond-the-parts", "roster", part=3),
        body("sixty-five-parts", "roster", parts=65),
        body("full-a-number", "roster", full=1),
        body("too-many-shifts", "policy", shifts=shifts),
        body("a-shift-twice", "policy", shifts=[shifts[0], shifts[0]]),
        body("a-shift-after-midnight", "policy", shifts=[{**shifts[0], "ends": 1_440}]),
        body("a-policy-without-a-version", "policy", version=0),
        body("an-announcement-too-long", "announcement", en_text="x" * 281),
        body("an-announcement-that-turns-direction", "announcement", en_text="x\u202ey"),
        body("an-announcement-without-an-id", "announcement", id=""),
        body("an-announcement-before-1970", "announcement", begins=-1),
        body("a-mark-that-marks-nothing", "announcement", marketing=False),
        body("a-mark-that-is-a-word", "announcement", marketing="yes"),
        body("a-slip-in-capitals", "trip", slip="0123456789ABCDEF"),
        body("a-slip-short", "trip", slip="0123"),
        body("approved-a-word", "trip", approved="yes"),
        body("a-key-short", "sibling", public="00"),
        body("a-trust-on-no-list", "sibling", trust="maybe"),
        body("a-parting-on-no-list", "departure", parting="dismissed"),
        body("a-departure-of-nobody", "departure", code=""),
        body("a-departure-from-no-device", "departure", device=""),
        person("a-standing-on-no-list", standing="fired"),
        person("a-language-on-no-list", language="de"),
        person("a-person-without-a-name", name=""),
        person("a-person-without-a-reference", ref=""),
        person("a-name-with-an-outer-space", name=" Budi"),
        person("a-code-of-65", code="x" * 65),
        spoiled("a-person-without-a-shift", "roster", lambda value: value["body"]["people"][0].pop("shift")),
        spoiled("a-reference-twice", "roster", again(ref=PEOPLE[0].ref)),
        spoiled("a-code-twice", "roster", again(code=PEOPLE[0].code)),
        *(planted(field) for field in ("religion", "marital_status", "health", "embedding")),
    ]
