"""What a person gets in hand about a restriction or an objection, and the table of purposes; refuses to guess."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kiosk import words
from kiosk.rights import dates
from kiosk.rights.company import Company
from kiosk.rights.document import Block, Bullets, Document, Facts, Grid, Heading, Paragraph
from kiosk.rights.objection import Effect, Objected, Outcome
from kiosk.rights.purposes import Purpose
from kiosk.rights.restriction import Restriction

_OPEN: Final = "assessed"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every document of this kind needs.

    Attributes:
        company: who answers.
        language: two letters.
        zone: IANA name of the site's zone, for the dates.
        now_ms: when it is made, ms UTC.
    """

    company: Company
    language: str
    zone: str
    now_ms: int


def of_objection(one: Objected, paper: str, sheet: Sheet, *, code: str, due_at: int | None) -> Document:
    """The answer to an objection: what stopped, what was decided and why, and where to complain.

    Args:
        one: the objection.
        paper: its id.
        sheet: who answers, and how.
        code: employee code of the person.
        due_at: by when it is answered, ms UTC; None if it is.
    """
    language, zone = sheet.language, sheet.zone

    def say(key: str, **values: str) -> str:
        return words.say(language, f"objection.{key}", **values)

    outcome = one.outcome or _OPEN
    facts = [
        (say("person"), code),
        (say("number"), paper),
        (say("about"), words.say(language, f"registers.purpose.{one.purpose}")),
        (say("received"), dates.day(one.received_at, zone)),
    ]
    if one.decided_at:
        facts.append((say("decided"), dates.day(one.decided_at, zone)))
    elif due_at is not None:
        facts.append((say("due"), dates.minute(due_at, zone)))
    blocks: list[Block] = [
        Facts(tuple(facts)),
        Heading(say("you_said"), 2),
        Paragraph(one.why),
        Heading(say("at_once"), 2),
        Paragraph(say(f"effect_{one.effect}")),
        Heading(say("outcome"), 2),
        Paragraph(_decision(one, outcome, language), strong=True),
    ]
    if one.outcome == Outcome.OVERRIDDEN.value:
        blocks += [Heading(say("ground"), 2), Paragraph(one.ground)]
        if one.restriction:
            blocks.append(Paragraph(say("still_restricted")))
    blocks += _complaint(sheet.company, language)
    data = {**one.encode(), "id": paper, "person": code}
    return _made("objection", sheet, say("title"), blocks, data)


def _decision(one: Objected, outcome: str, language: str) -> str:
    if outcome == Outcome.UPHELD.value and one.effect is Effect.FACE_STOPPED:
        return words.say(language, "objection.outcome_upheld_face")
    return words.say(language, f"objection.outcome_{outcome}")


def of_restriction(one: Restriction, paper: str, sheet: Sheet, *, code: str) -> Document:
    """What a restriction does; once the person is told of its lifting, that notice."""
    company, language, zone = sheet.company, sheet.language, sheet.zone

    def say(key: str, **values: str) -> str:
        return words.say(language, f"restriction.{key}", **values)

    facts = [(say("person"), code), (say("number"), paper), (say("since"), dates.day(one.received_at, zone))]
    blocks: list[Block] = [Facts(tuple(facts)), Heading(say("you_said"), 2), Paragraph(one.why)]
    blocks += [Heading(say("means"), 2), Paragraph(say(f"means_{one.purpose}"))]
    if one.lifted_at:
        blocks.append(Paragraph(say("lifted", day=dates.day(one.lifted_at, zone)), strong=True))
    elif one.told_at:
        blocks += [
            Heading(say("lifting"), 2),
            Paragraph(say("lifting_text", day=dates.minute(one.lift_at, zone)), strong=True),
            Bullets((say("may_object"), *_officer(company, language))),
        ]
    blocks += _complaint(company, language)
    title = say("title_lifting") if one.told_at and not one.lifted_at else say("title")
    return _made("restriction", sheet, title, blocks, {**one.encode(), "id": paper, "person": code})


def of_purposes(objected: Mapping[Purpose, int], sheet: Sheet) -> Document:
    """Every purpose there may be: whether it is carried on, on what ground, and how many people object to it.

    Args:
        objected: how many people object, by purpose; a count, and nobody's name.
        sheet: whose purposes, and how.
    """
    company, language = sheet.company, sheet.language

    def say(key: str) -> str:
        return words.say(language, f"basis.{key}")

    rows, data = [], []
    for purpose in Purpose:
        rule = company.rule(purpose)
        basis = "" if rule is None else rule.basis.value
        count = objected.get(purpose, 0)
        rows.append(
            (
                words.say(language, f"registers.purpose.{purpose}"),
                say("on" if rule is not None else "off"),
                words.say(language, f"registers.basis.{basis}") if basis else "",
                "" if rule is None else rule.interest,
                str(count),
            )
        )
        data.append(
            {"purpose": purpose.value, "on": rule is not None, "basis": basis, "ground": "" if rule is None else
             rule.interest, "objections": count}
        )  # fmt: skip
    head = tuple(say(f"head_{name}") for name in ("purpose", "state", "basis", "ground", "objections"))
    blocks: list[Block] = [Grid(head, tuple(rows), (3, 1, 2, 2.6, 1.4)), Paragraph(say("closed_list"))]
    blocks.append(Paragraph(say("conduct_on" if company.rule(Purpose.CONDUCT) is not None else "conduct_off")))
    return _made("purposes", sheet, say("title"), blocks, {"purposes": data})


def _complaint(company: Company, language: str) -> list[Block]:
    named = company.authority.contact or words.say(language, "objection.authority_missing")
    return [
        Heading(words.say(language, "objection.complain"), 2),
        Paragraph(words.say(language, "objection.complain_text", authority=named)),
    ]


def _officer(company: Company, language: str) -> tuple[str, ...]:
    officer = company.officer
    if not officer.name:
        return ()
    return (words.say(language, "restriction.may_ask", name=officer.name, email=officer.email),)


def _made(kind: str, sheet: Sheet, title: str, blocks: list[Block], data: Mapping[str, object]) -> Document:
    company, confidential = sheet.company.controller.name, kind != "purposes"
    return Document(kind, sheet.language, title, company, sheet.now_ms, confidential, company, tuple(blocks), data)
