"""Certificates of erasure: listed, checked and read; refuses to call genuine what the device has not signed."""

import hashlib
from dataclasses import dataclass
from typing import Final

from kiosk.pages.page import At, Desk, Page, Show
from kiosk.pages.privacy.document import blocks
from kiosk.pages.privacy.leaf import Leaf, nothing
from kiosk.pages.privacy.who import reads
from kiosk.pages.sheet import Block, Line, Row
from kiosk.rights import disposal
from kiosk.store.erasure import Erasure, open_erasures
from kiosk.store.proofs import certificates
from wire import certificate
from wire.certificate import Certificate
from wire.errors import FormatError

MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Found:
    """One file: its name without its ending, digest, and what it says; None where its signature does not fit."""

    id: str
    digest: str
    said: Certificate | None


def page(desk: Desk) -> Page:
    """Every certificate, the newest first, and every erasure that is not done."""
    reads(desk)
    store = desk.store
    found = tuple(_found(name, data, store.device_public) for name, data in certificates(store, MOST))
    return listed(found, tuple(open_erasures(store.database, store.intents)))


def _found(name: str, data: bytes, public: bytes) -> Found:
    digest = hashlib.sha256(data).hexdigest()
    try:
        return Found(name, digest, certificate.read(data, public))
    except FormatError:
        return Found(name, digest, None)


def listed(found: tuple[Found, ...], waiting: tuple[Erasure, ...]) -> Leaf:
    """The page of these certificates."""
    rows = sorted(found, key=lambda each: 0 if each.said is None else -each.said.finished)

    def draw(at: At) -> tuple[Block, ...]:
        shown = tuple(_row(at, each) for each in rows)
        return (*(_open(at, each) for each in waiting), *nothing(at, shown, "officer.certificates.none"))

    return Leaf(
        "officer.certificates", "dpo.section.certificates", draw, tuple((each.id, Show(one(each))) for each in rows)
    )


def _open(at: At, each: Erasure) -> Line:
    scope = at.say(f"officer.certificates.{each.scope}")
    key = "officer.certificates.waits" if each.waiting else "officer.certificates.goes_on"
    return Line(at.say(key, what=scope, day=at.spell.day(each.began), number=each.waiting), warn=True, icon="warning")


def _row(at: At, each: Found) -> Row:
    if each.said is None:
        return Row(each.id, each.id, mark=at.say("dpo.not_genuine"))
    what = at.say(f"officer.certificates.{each.said.scope}")
    return Row(each.id, what, at.spell.when(each.said.finished), at.say("dpo.genuine"))


def one(each: Found) -> Leaf:
    """What one says, after its signature was checked."""

    def draw(at: At) -> tuple[Block, ...]:
        if each.said is None:
            return (Line(at.say("officer.certificates.altered"), strong=True, warn=True, icon="warning"),)
        command = f"kiosk privacy certificate print {each.id}.json --device-key FILE --pdf FILE"
        return (
            Line(at.say("officer.certificates.checked"), icon="done"),
            *blocks(disposal.printed(each.said, each.digest, {}, at.language)),
            Line(at.say("dpo.on_paper")),
            Line(command),
        )

    return Leaf("dpo.certificate", "officer.certificates.one", draw, icon="shield")
