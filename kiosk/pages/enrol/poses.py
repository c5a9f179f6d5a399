"""The pages of an enrolment, posed with made-up people and words; refuses anybody who exists."""

from typing import Final

import kiosk.pages.enrol.first as first_pages
from kiosk import words
from kiosk.flow.events import Instruction as Asked
from kiosk.pages.common import Told
from kiosk.pages.enrol.agreeing import Agreement, Declined, ShownNotice, Welcome, WholeNotice
from kiosk.pages.enrol.capturing import Capture, NoCamera, Refused
from kiosk.pages.enrol.case import Case, Face, Need, Without
from kiosk.pages.enrol.deciding import Alike, Decision
from kiosk.pages.enrol.done import Done, ShownBadge, ShownReceipt, Way
from kiosk.pages.enrol.finishing import OwnPin
from kiosk.pages.enrol.password import Password
from kiosk.pages.enrol.person import Chosen
from kiosk.pages.page import Back, Measured, Stay
from kiosk.pages.posed import ANI, Posed
from kiosk.rights.document import Bullets, Heading
from kiosk.rights.editions import Edition, Text
from kiosk.rights.enrolling import Receipt
from kiosk.store import Consent
from kiosk.store.badges import Issued
from kiosk.vision.enrolment import Enrolled, Pose, Prompt, Refusal
from kiosk.vision.lookalikes import Likeness, Resemblance
from kiosk.vision.quality import Instruction

_NUMBER: Final = "5c0ffee05c0ffee0"


def poses() -> tuple[Posed, ...]:
    """Each page, and each of its faces that looks different."""
    start = first_pages.first()
    siti = Case("5171", "Siti Rahmawati", "KTR-2017", Need.FIRST, has_pin=False, has_face=False, by=ANI, start=start)
    long = Case(
        "5172", "Muhammadinejad Wicaksono", "KTR-2018", Need.AGAIN, has_pin=True, has_face=True, by=ANI, start=start
    )
    minor = Case(
        *("5173", "Budi Santoso", "KTR-2019", Need.FIRST),
        has_pin=False,
        has_face=False,
        by=ANI,
        start=start,
        without=Without.MINOR,
    )
    edition, agreed = _edition(), Consent("2026-08-03-3fa9c1d2", "id", 0, ANI.name)
    face = Face(agreed, Enrolled((), 0, Resemblance(Likeness.DUPLICATE, _NUMBER)), alike=True)
    dark = Measured(31.0, None, Asked.MORE_LIGHT)
    listed = tuple(
        first_pages.Listed(each.person, each.name, each.code, each.need, each.has_pin) for each in (siti, long)
    )
    them, done = siti.themselves, Done(siti, Way.FACE, Receipt(_NUMBER, "3f" * 32), badge=True)
    return (
        Posed("enrol-start", start, ANI),
        Posed("enrol-start-person", first_pages.first("5171"), ANI),
        Posed("enrol-people", first_pages.People("found", listed, 80), ANI),
        Posed("enrol-nobody", first_pages.People("due", (), 0), ANI),
        Posed("enrol-search", first_pages.Search(), ANI, typed="sit"),
        Posed("enrol-untrained", Told("enrolling.untrained.title", "enrolling.untrained.line", icon="warning"), ANI),
        Posed("enrol-chosen", Chosen(long), ANI),
        Posed("enrol-chosen-minor", Chosen(minor), ANI),
        Posed("enrol-welcome", Welcome(long), long.themselves),
        Posed("enrol-notice", ShownNotice(siti, edition), them),
        Posed("enrol-whole", WholeNotice(edition), them),
        Posed("enrol-agree", Agreement(long, edition, frozenset({"read"})), long.themselves),
        Posed("enrol-agree-early", Agreement(siti, edition, early=True), them),
        Posed("enrol-declined", Declined(long, edition.label), long.themselves),
        Posed("enrol-capture", Capture(siti, agreed, Prompt(Pose.LEFT, None, 0.6), Measured(110.0, 0.61, None)), them),
        Posed("enrol-capture-dark", Capture(siti, agreed, Prompt(Pose.FRONTAL, Instruction.MORE_LIGHT), dark), them),
        Posed(
            "enrol-capture-still",
            Capture(siti, agreed, Prompt(None, Instruction.HOLD_STILL, 0.3), Measured(140.0, 0.3, Asked.HOLD_STILL)),
            them,
        ),
        Posed("enrol-no-camera", NoCamera(siti, agreed), them),
        *(Posed(f"enrol-refused-{why.value}", Refused(siti, agreed, why), them) for why in Refusal),
        Posed("enrol-alike", Alike(siti, face), them),
        Posed("enrol-password", Password(ANI, lambda _: Stay()), them, typed="kopi"),
        Posed("enrol-decision", Decision(long, face), long.themselves),
        Posed("enrol-same", Told("enrolling.same.title", "enrolling.same.line", icon="person", then=Back()), them),
        Posed("enrol-pin", OwnPin(siti, edition.label, Face(agreed, face.found)), them),
        Posed("enrol-pin-alike", OwnPin(long, edition.label, face), long.themselves),
        Posed("enrol-pin-alone", OwnPin(siti, edition.label), them),
        Posed("enrol-done", done, them),
        Posed("enrol-done-pin", Done(long, Way.PIN), long.themselves),
        Posed("enrol-badge", ShownBadge(Issued("A" * 115, 1_785_700_000_000), done), them),
        Posed("enrol-receipt", ShownReceipt(Receipt(_NUMBER, "3f" * 32)), them),
    )


def _edition() -> Edition:
    """The notice as a company that does not exist would publish it, with the lengths of a real one."""
    return Edition(
        label="2026-08-03-3fa9c1d2",
        digest="3f" * 32,
        controller="PT Contoh Sejahtera",
        contact="Ibu Lestari, dpo@contoh.example",
        approver="Direksi",
        effective="2026-08-03",
        review="2027-08-03",
        effective_at=0,
        published_at=0,
        texts=tuple(_text(language) for language in words.LANGUAGES),
    )


def _text(language: str) -> Text:
    named: dict[str, str | int] = {
        "company": "PT Contoh Sejahtera",
        "officer": "Ibu Lestari",
        "email": "dpo@contoh.example",
        "authority": "Lembaga PDP",
        "days": 30,
    }
    short = ("who", "face", "tap", "refuse", "ask", "complain")
    agreed = ("what", "where", "long", "free", "back")
    return Text(
        language,
        words.say(language, "notice.title"),
        (
            Heading(words.say(language, "notice.in_short")),
            Bullets(tuple(words.say(language, f"notice.short.{each}", **named) for each in short)),
            Heading(words.say(language, "notice.item.consent")),
            Bullets(tuple(words.say(language, f"notice.consent.{each}", **named) for each in agreed)),
        ),
    )
