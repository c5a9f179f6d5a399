"""The records of processing, made from what really runs; refuses to hide what the company has not filled in.

GDPR Article 30(1)(a) to (g); UU PDP 27/2022 Article 31.
"""

from dataclasses import asdict
from typing import Any, Final

from kiosk import words
from kiosk.rights import measures, recipients_document, retention_document
from kiosk.rights.company import Company, PurposeRule
from kiosk.rights.dictionary import lines
from kiosk.rights.document import Block, Bullets, Document, Facts, Grid, Heading, Paragraph
from kiosk.rights.measures import Measures
from kiosk.rights.purposes import LegalBasis, Purpose
from kiosk.rights.recipients import abroad
from kiosk.rights.recipients import register as registered
from kiosk.rights.saying import either, footer, listed
from kiosk.store.columns import Holds

NAMED: Final = frozenset({LegalBasis.LEGITIMATE_INTERESTS, LegalBasis.LEGAL_OBLIGATION, LegalBasis.PUBLIC_TASK})
"""Bases of which the interest, or the law, has to be named: GDPR Articles 6(3) and 13(1)(d)."""


def document(  # noqa: PLR0913 - what it is about, by keyword
    language: str, company: Company, found: Measures, *, device: str, site: str, now_ms: int
) -> Document:
    """The records in one language.

    Args:
        language: two letters.
        company: of privacy.toml.
        found: the measures as they are.
        device: device id.
        site: where it hangs.
        now_ms: ms UTC.
    """
    name = either(language, company.controller.name)
    return Document(
        kind="register",
        language=language,
        title=_say(language, "title"),
        subtitle=_say(language, "subtitle", company=name, device=device, site=site),
        made_at=now_ms,
        confidential=True,
        footer=footer(language, device),
        blocks=(
            *_head(language, company),
            *_who(language, company),
            *_why(language, company, found.mode),
            *_what(language),
            *_to_whom(language, company),
            Heading(_say(language, "retention")),
            retention_document.grid(language, company.periods),
            Paragraph(words.say(language, "registers.retention.leavers")),
            Heading(_say(language, "measures")),
            Paragraph(_say(language, "measures_intro")),
            Facts(measures.rows(language, found)),
        ),
        data=_data(company, found, device=device, site=site),
    )


def _say(language: str, key: str, **values: str) -> str:
    return words.say(language, f"registers.register.{key}", **values)


def _head(language: str, company: Company) -> tuple[Block, ...]:
    approval = company.approval
    facts = Facts(
        (
            (_say(language, "approver"), either(language, approval.approver)),
            (_say(language, "effective"), either(language, approval.effective)),
            (_say(language, "review"), either(language, approval.review)),
        )
    )
    lacking = company.missing()
    warning = (Paragraph(_say(language, "incomplete", keys=", ".join(lacking)), strong=True),) if lacking else ()
    return (Paragraph(_say(language, "law")), *warning, facts)


def _who(language: str, company: Company) -> tuple[Block, ...]:
    controller, officer, authority = company.controller, company.officer, company.authority
    processors = [each.name for each in company.recipients if each.category == "processor"]
    rows = (
        ("controller", " ".join(part for part in (controller.name, controller.registration) if part)),
        ("address", ", ".join(part for part in (controller.address, controller.country) if part)),
        ("contact", ", ".join(part for part in (controller.email, controller.phone) if part)),
        ("officer", officer.contact),
        ("authority", authority.contact),
    )
    facts = tuple((_say(language, key), either(language, value)) for key, value in rows)
    named = ", ".join(processors) or words.say(language, "registers.none")
    return (Heading(_say(language, "who")), Facts((*facts, (_say(language, "processors"), named))))


def _why(language: str, company: Company, mode: str) -> tuple[Block, ...]:
    done = _done(company, mode)
    rows = tuple(
        (
            words.say(language, f"registers.purpose.{rule.purpose}"),
            words.say(language, f"registers.basis.{rule.basis}"),
            either(language, rule.interest) if rule.basis in NAMED else rule.interest,
        )
        for rule in done
    )
    off = _off(company, mode)
    points = [_say(language, "testing"), _say(language, "research"), _say(language, "automated")]
    if off:
        points.append(_say(language, "off", purposes=listed(language, "registers.purpose", off)))
    head = tuple(_say(language, key) for key in ("purpose", "basis", "interest"))
    return (Heading(_say(language, "why")), Grid(head, rows, (3.0, 1.5, 2.0)), Bullets(tuple(points)))


def _done(company: Company, mode: str) -> tuple[PurposeRule, ...]:
    """What is really done: where no face is processed, the company's rule for faces is about nothing."""
    return tuple(rule for rule in company.purposes if rule.purpose is not Purpose.FACE_RECOGNITION or mode != "off")


def _off(company: Company, mode: str) -> list[Purpose]:
    done = {rule.purpose for rule in _done(company, mode)}
    return [purpose for purpose in Purpose if purpose not in done]


def _what(language: str) -> tuple[Block, ...]:
    tables: dict[str, dict[str, None]] = {}
    why: dict[str, dict[Purpose, None]] = {}
    for line in lines():
        tables.setdefault(line.holds, {})[line.table] = None
        why.setdefault(line.holds, {}).update(dict.fromkeys(line.purposes))
    rows = tuple(
        (
            words.say(language, f"registers.holds.{holds}"),
            listed(language, "registers.short", why[holds]),
            ", ".join(names),
        )
        for holds in Holds
        if (names := tables.get(holds.value))
    )
    head = tuple(_say(language, key) for key in ("data", "purpose", "where"))
    return (Heading(_say(language, "what")), Paragraph(_say(language, "people")), Grid(head, rows, (2.0, 3.0, 2.0)))


def _to_whom(language: str, company: Company) -> tuple[Block, ...]:
    found = registered(company)
    nobody = Paragraph(words.say(language, "registers.recipients.nobody"))
    outside = tuple(
        (
            each.recipient.name,
            each.recipient.country,
            recipients_document.ground(language, each),
            ", ".join(part for part in (each.recipient.evidence, each.recipient.date) if part) or "-",
        )
        for each in found
        if each.admitted and abroad(each.recipient.country, company.controller.country)
    )
    head = tuple(words.say(language, f"registers.recipients.{key}") for key in ("name", "country"))
    home = either(language, company.controller.country)
    none = Paragraph(_say(language, "no_transfers", home=home))
    return (
        Heading(_say(language, "recipients")),
        recipients_document.grid(language, found) if found else nobody,
        Heading(_say(language, "transfers")),
        Grid((*head, _say(language, "ground"), _say(language, "safeguard")), outside, (2.4, 1.1, 2.4, 2.4))
        if outside
        else none,
        Paragraph(words.say(language, "registers.recipients.remote")),
    )


def _data(company: Company, found: Measures, *, device: str, site: str) -> dict[str, Any]:
    return {
        "device": device,
        "site": site,
        "controller": asdict(company.controller),
        "officer": asdict(company.officer),
        "authority": asdict(company.authority),
        "approval": asdict(company.approval),
        "missing": list(company.missing()),
        "purposes": [
            {"purpose": rule.purpose.value, "basis": rule.basis.value, "interest": rule.interest}
            for rule in _done(company, found.mode)
        ],
        "off": [purpose.value for purpose in _off(company, found.mode)],
        "recipients": recipients_document.as_data(company),
        "periods": asdict(company.periods),
        "measures": measures.as_data(found),
    }
