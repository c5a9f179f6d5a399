"""Items 1 to 7 of the notice (GDPR Articles 13, 14, UU PDP 27/2022 Article 21); refuses a class without its period."""

from dataclasses import fields
from typing import Final

from kiosk import words
from kiosk.rights import recipients as register
from kiosk.rights.company import Periods, PurposeRule
from kiosk.rights.document import Block, Bullets, Facts, Grid, Paragraph
from kiosk.rights.notice_source import Source, says_itself
from kiosk.rights.notice_words import BASES, FACE, PROOF, Voice
from kiosk.rights.purposes import LegalBasis, Purpose
from kiosk.store.columns import Column, Holds, Kept
from kiosk.store.schema import RECORDS, TEMPLATES
from wire.event import TRIP_FIELDS, CheckIn

_GROUNDS: Final = (register.EEA_GROUND, register.SAME_COUNTRY, *register.TRANSFER_GROUNDS)
_PARTS: Final = frozenset({Holds.PSEUDONYM, Holds.TECHNICAL})
"""These stand in every table, and go with what they belong to."""
_COLUMNS: Final = tuple(column for table in (*RECORDS, *TEMPLATES) for column in table.columns)


def who(source: Source, voice: Voice) -> tuple[Block, ...]:
    """Controller and officer."""
    controller, officer = source.company.controller, source.company.officer
    rows = (
        ("company", voice.filled(controller.name)),
        ("address", voice.filled(controller.address)),
        ("country", voice.filled(controller.country)),
        ("registration", controller.registration),
        ("email", controller.email),
        ("phone", controller.phone),
        ("officer", voice.filled(officer.name)),
        ("email", voice.filled(officer.email)),
        ("phone", officer.phone),
    )
    return (Facts(tuple((voice.say(f"who.{key}"), value) for key, value in rows if value)),)


def purposes(source: Source, voice: Voice) -> tuple[Block, ...]:
    """Each purpose and its ground; that there is no other."""
    rows = tuple((voice.say(f"purpose.{each.purpose}"), _ground(each, voice)) for each in source.rules)
    head = (voice.say("purpose.head"), voice.say("purpose.ground"))
    return Grid(head, rows), Paragraph(voice.say("purpose.closed"))


def interests(source: Source, voice: Voice) -> tuple[Block, ...]:
    """Each legitimate interest by name."""
    named = [each for each in source.rules if each.basis is LegalBasis.LEGITIMATE_INTERESTS]
    if not named:
        return (Paragraph(voice.say("none")),)
    rows = tuple(f"{voice.say(f'purpose.{each.purpose}')}: {_named(each, voice)}" for each in named)
    return Bullets(rows), Paragraph(voice.say("interest.weighed"))


def categories(source: Source, voice: Voice) -> tuple[Block, ...]:
    """Every class of the data dictionary with what it is for, what an event holds, and what is not collected."""
    head = (voice.say("data.head"), voice.say("data.why"))
    rows = tuple((voice.say(f"data.{holds}"), _joined(voice, "use", found)) for holds, found in _classes(source))
    held = ", ".join(voice.say(f"field.{each.name}") for each in fields(CheckIn))
    picture = (Paragraph(voice.say("data.picture")),) if source.faces else ()
    trip = ", ".join(voice.say(f"field.{name}") for name in TRIP_FIELDS)
    events = f"{voice.say('data.events', fields=held)} {voice.say('data.trips', fields=trip)}"
    told = (Paragraph(events), Paragraph(voice.say("data.not_collected")))
    return Grid(head, rows), *picture, *told


def recipients(source: Source, voice: Voice) -> tuple[Block, ...]:
    """Who receives what, where and on what ground."""
    named = register.register(source.company)
    never = (Paragraph(voice.say("recipient.never")),) if source.faces else ()
    if not named:
        return Paragraph(voice.say("recipient.unsure" if source.sends else "recipient.nobody")), *never
    head = tuple(voice.say(f"recipient.{key}") for key in ("name", "fields", "purposes", "where"))
    rows = tuple(
        (
            f"{each.recipient.name} ({each.recipient.category})",
            voice.filled(", ".join(each.recipient.fields)),
            _joined(voice, "purpose", each.recipient.purposes),
            _where(each, voice),
        )
        for each in named
    )
    return Grid(head, rows), *never


def transfers(source: Source, voice: Voice) -> tuple[Block, ...]:
    """What leaves the country, or the European Economic Area, and what protects it there."""
    home = source.company.controller.country
    going = [each for each in register.register(source.company) if register.abroad(each.recipient.country, home)]
    if not going:
        return (Paragraph(voice.say("transfer.none_outside_eea" if home in register.EEA else "transfer.none")),)
    return (
        Bullets(
            tuple(
                voice.say(
                    "transfer.to",
                    name=each.recipient.name,
                    country=each.recipient.country,
                    ground=_transfer(each, voice),
                    evidence=each.recipient.evidence,
                    date=each.recipient.date,
                )
                for each in going
            )
        ),
    )


def retention(source: Source, voice: Voice) -> tuple[Block, ...]:
    """How long each class is kept; from the data dictionary and the periods of privacy.toml."""
    periods = _periods(source.company.periods)
    rows = []
    for holds, _ in _classes(source):
        kept = dict.fromkeys(each.kept for each in _mine(source) if each.holds is holds)
        how_long = "; ".join(voice.say(f"kept.{each}", **periods) for each in kept)
        if holds in _PARTS:
            how_long = voice.say("kept.belongs")
        rows.append((voice.say(f"data.{holds}"), how_long))
    head = (voice.say("data.head"), voice.say("kept.head"))
    return Grid(head, tuple(rows)), Paragraph(voice.say("kept.exports", **periods))


def _mine(source: Source) -> tuple[Column, ...]:
    """The columns in use; without faces nothing of one is ever written."""
    return tuple(each for each in _COLUMNS if source.faces or each.kept is not Kept.CONSENT)


def _classes(source: Source) -> tuple[tuple[Holds, tuple[str, ...]], ...]:
    """Each class with the purposes of its columns, in the order of the list."""
    mine = _mine(source)
    found = ((holds, tuple(dict.fromkeys(each.purpose for each in mine if each.holds is holds))) for holds in Holds)
    return tuple((holds, why) for holds, why in found if why)


def _joined(voice: Voice, family: str, keys: tuple[str, ...]) -> str:
    return voice.filled(", ".join(voice.say(f"{family}.{key}") for key in keys))


def _ground(rule: PurposeRule, voice: Voice) -> str:
    face = rule.purpose is Purpose.FACE_RECOGNITION
    gdpr, uu_pdp = BASES[rule.basis]
    if face and rule.basis is LegalBasis.CONSENT:
        return voice.say("ground.explicit", law=voice.law(f"{gdpr}, {FACE[0]}", f"{uu_pdp}, {FACE[1]}"))
    ground = voice.say(f"ground.{rule.basis}", law=voice.law(gdpr, uu_pdp))
    if rule.basis is LegalBasis.LEGITIMATE_INTERESTS or not (rule.interest or says_itself(rule)):
        return ground
    return voice.say("ground.named", ground=ground, which=_named(rule, voice))


def _named(rule: PurposeRule, voice: Voice) -> str:
    if says_itself(rule):
        return voice.say(f"interest.{rule.purpose}", law=voice.law(*PROOF))
    return voice.filled(rule.interest)


def _where(each: register.Standing, voice: Voice) -> str:
    ground, recipient = _transfer(each, voice), each.recipient
    if recipient.evidence:
        ground = voice.say("recipient.evidence", ground=ground, evidence=recipient.evidence, date=recipient.date)
    return voice.say("recipient.country", country=recipient.country, ground=ground)


def _transfer(each: register.Standing, voice: Voice) -> str:
    """The ground in words, filled in where the country is ground enough; one that is on no list as it was written."""
    ground = each.ground or each.recipient.ground
    return words.say(voice.language, f"notice.transfer.{ground}") if ground in _GROUNDS else voice.filled(ground)


def _periods(periods: Periods) -> dict[str, int]:
    return {each.name: getattr(periods, each.name) for each in fields(periods)}
