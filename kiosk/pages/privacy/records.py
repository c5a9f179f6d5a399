"""The registers as pages to read: processing, recipients, data, purposes, accuracy; refuses to make them up."""

import hashlib
import json

from kiosk.pages.page import At, Desk, Page
from kiosk.pages.privacy.document import Made, drawn
from kiosk.pages.privacy.leaf import Leaf, opening
from kiosk.pages.privacy.menu import menu
from kiosk.pages.privacy.who import of_company, reads
from kiosk.pages.sheet import Block, Fact, Line
from kiosk.rights import company, dictionary, measures, objecting, recipients_document, register
from kiosk.rights.basis_documents import Sheet, of_purposes
from kiosk.vision.known import in_use


def page() -> Leaf:
    """Which of them to read."""
    return menu(
        "proofs.records",
        "dpo.section.records",
        ("processing", opening(processing)),
        ("purposes", opening(purposes)),
        ("recipients", opening(recipients)),
        ("data", opening(data)),
    )


def processing(desk: Desk) -> Page:
    """Records of processing, from what really runs."""
    reads(desk)
    store, config, of, now = desk.store, desk.config, of_company(desk), desk.store.now_ms()
    found = in_use(config)
    measured = measures.measured(store, config, measures.pack_of(config, "" if found is None else found.licence))
    site, device = config.device.site, store.device_id
    return _read(
        "processing",
        lambda language: register.document(language, of, measured, device=device, site=site, now_ms=now),
        "kiosk privacy register --language {language} --pdf FILE",
        now,
    )


def recipients(desk: Desk) -> Page:
    """Who may receive data, and who receives nothing and why."""
    reads(desk)
    of, bound = of_company(desk), (desk.config.data / company.FILE).is_file()
    device, now = desk.store.device_id, desk.store.now_ms()
    return _read(
        "recipients",
        lambda language: recipients_document.document(language, of, device, now, bound=bound),
        "kiosk privacy recipients --language {language} --pdf FILE",
        now,
    )


def data(desk: Desk) -> Page:
    """Every column that is kept."""
    reads(desk)
    of, device, now = of_company(desk), desk.store.device_id, desk.store.now_ms()
    return _read(
        "data",
        lambda language: dictionary.document(language, of, device, now),
        "kiosk privacy data --language {language} --pdf FILE",
        now,
    )


def purposes(desk: Desk) -> Page:
    """Every purpose, its basis, and how many object."""
    reads(desk)
    of, zone, now = of_company(desk), desk.config.device.zone, desk.store.now_ms()
    counted = objecting.counted(desk.store)
    return _read(
        "purposes",
        lambda language: of_purposes(counted, Sheet(of, language, zone, now)),
        "kiosk privacy purposes --language {language} --pdf FILE",
        now,
    )


def _read(key: str, made: Made, command: str, now: int) -> Leaf:
    """A register with the digest of what it says, and how it gets on paper."""

    def draw(at: At) -> tuple[Block, ...]:
        found = made(at.language)
        digest = hashlib.sha256(json.dumps(dict(found.data), sort_keys=True, default=str).encode()).hexdigest()
        return (
            Fact(at.say("proofs.records.as_of"), at.spell.when(now)),
            Fact(at.say("proofs.records.digest"), digest[:32]),
            *drawn(made)(at),
            Line(at.say("dpo.on_paper")),
            Line(command.format(language=at.language)),
        )

    return Leaf(f"proofs.records.{key}", f"proofs.records.{key}", draw, icon="paper")
