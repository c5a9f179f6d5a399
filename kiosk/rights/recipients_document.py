"""The register of recipients as a document; refuses to leave out why somebody receives nothing."""

from typing import Any

from kiosk import words
from kiosk.rights.company import Company
from kiosk.rights.document import Block, Document, Grid, Paragraph
from kiosk.rights.recipients import Standing, digest, register
from kiosk.rights.saying import either, footer, listed


def grid(language: str, found: tuple[Standing, ...]) -> Grid:
    """Each recipient with its category and host, purposes, data, country, ground with evidence, and state."""
    rows = tuple(
        (
            ", ".join(part for part in (each.recipient.name, each.recipient.category, each.recipient.host) if part),
            listed(language, "registers.short", each.recipient.purposes),
            listed(language, "registers.fields", each.recipient.fields),
            either(language, each.recipient.country),
            ", ".join(part for part in (ground(language, each), each.recipient.evidence, each.recipient.date) if part),
            _state(language, each),
        )
        for each in found
    )
    names = ("name", "purposes", "fields", "country", "ground", "state")
    head = tuple(words.say(language, f"registers.recipients.{name}") for name in names)
    return Grid(head, rows, (2.4, 1.8, 1.8, 1.1, 2.2, 2.2))


def ground(language: str, each: Standing) -> str:
    """The ground in words, or "none"."""
    return listed(language, "registers.ground", [each.ground] if each.ground else [])


def _state(language: str, each: Standing) -> str:
    if each.admitted:
        return words.say(language, "registers.recipients.admitted")
    problems = listed(language, "registers.problem", each.problems)
    return words.say(language, "registers.recipients.refused", problems=problems)


def as_data(company: Company) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {
            "name": each.recipient.name,
            "category": each.recipient.category,
            "host": each.recipient.host,
            "purposes": list(each.recipient.purposes),
            "fields": list(each.recipient.fields),
            "country": each.recipient.country,
            "ground": each.ground,
            "evidence": each.recipient.evidence,
            "date": each.recipient.date,
            "outside": each.outside,
            "admitted": each.admitted,
            "problems": list(each.problems),
        }
        for each in register(company)
    ]


def document(language: str, company: Company, device: str, now_ms: int, *, bound: bool) -> Document:
    """The register in one language; `bound`: whether sync goes by it."""

    def say(key: str) -> str:
        return words.say(language, f"registers.recipients.{key}")

    found = register(company)
    blocks: list[Block] = [Paragraph(say("intro") if bound else say("unset"), strong=not bound)]
    blocks.append(grid(language, found) if found else Paragraph(say("nobody"), strong=True))
    blocks.append(Paragraph(say("remote")))
    return Document(
        kind="recipients",
        language=language,
        title=say("title"),
        subtitle=company.controller.name,
        made_at=now_ms,
        confidential=False,
        footer=footer(language, device),
        blocks=tuple(blocks),
        data={"bound": bound, "digest": digest(company).hex(), "recipients": as_data(company)},
    )
