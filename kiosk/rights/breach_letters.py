"""Drafts what the authority and the people are told of a breach; refuses to soften it, and to name anybody.

For the authority the five items of GDPR Art. 33(3) and the policy, for the people Art. 34(2) in plain words; UU PDP
27/2022 Art. 46(2) wants what was revealed, when and how, and what is done, which both hold.
"""

from typing import Final

from kiosk.rights.breach import Case, Category, Chance, Gravity, Harm, Reading, Whom, owed
from kiosk.rights.breach_acts import Kept
from kiosk.rights.breach_words import Said
from kiosk.rights.company import Company
from kiosk.rights.document import Block, Bullets, Document, Facts, Heading, Paragraph, Signatures

_ADVICE: Final = (Category.FACE, Category.PIN, Category.ATTENDANCE)


def draft(kept: Kept, known: Company, whom: Whom, language: str, zone: str, now_ms: int) -> Document:  # noqa: PLR0913, PLR0917
    """A draft for a human to read, change and send: the device sends nothing.

    Args:
        kept: the case.
        known: privacy.toml.
        whom: authority or people.
        language: two letters.
        zone: of the door.
        now_ms: when it is drafted, ms UTC.
    """
    said = Said(language, zone)
    blocks = _authority(kept, known, said, now_ms) if whom is Whom.AUTHORITY else _persons(kept.case, known, said)
    if kept.case.drill:
        blocks.insert(0, Paragraph(said("drill_letter"), strong=True))
    return Document(
        kind=f"breach-{whom}",
        language=language,
        title=said(f"letter_{whom}"),
        subtitle=said("letter_from", company=known.controller.name or said("blank"), when=said.time(now_ms)),
        made_at=now_ms,
        confidential=True,
        footer=said("letter_footer", id=kept.paper.id),
        blocks=tuple(blocks),
        data={"case": kept.paper.id, "whom": whom.value, "law": kept.case.law, "due_at": kept.case.due_at},
    )


def _authority(kept: Kept, known: Company, said: Said, now_ms: int) -> list[Block]:
    case, found = kept.case, kept.case.exposure
    happened, known_at = said.time(case.happened_at), said.time(case.discovered_at)
    times = ((said("fact_happened"), happened), (said("fact_discovered"), known_at))
    blocks: list[Block] = [
        Paragraph(said("letter_to", name=known.authority.name or said("blank"))),
        Paragraph(said(f"letter_law_{case.law}")),
        Heading(said("item1")),
        Paragraph(said.happened(case)),
        *((Paragraph(case.what),) if case.what else ()),
        Facts(times),
        Heading(said("item2")),
        Paragraph(said("concerned", count=found.concerned)),
        Bullets(tuple(said.held(each) for each in found.held if each.people) or (said("nothing_held"),)),
        Paragraph(said.reading(case)),
        Paragraph(said.faces(case)),
        Heading(said("item3")),
        _contact(known, said),
        Heading(said("item4")),
        Paragraph(_gravity(case, said)),
        *_harms(case, said),
        Heading(said("item5")),
        _measures(case, said),
    ]
    standing = owed(case, Whom.AUTHORITY, now_ms)
    if standing.late:
        late = next((each.why_late for each in case.told if each.whom is Whom.AUTHORITY), "")
        blocks += [Heading(said("item_late")), Paragraph(late or said("late_blank"), strong=True)]
    blocks.append(Paragraph(said("letter_more")))
    blocks.append(Signatures((said("letter_signs"),)))
    return blocks


def _persons(case: Case, known: Company, said: Said) -> list[Block]:
    found = case.exposure
    there = [each.category for each in found.held if each.people and each.category is not Category.ACCOUNT]
    advice = [said(f"advice.{each}") for each in _ADVICE if each in there]
    return [
        Paragraph(said("dear")),
        Heading(said("plain_what")),
        Paragraph(said("plain_sentence", what=said.happened(case), when=said.time(case.happened_at))),
        Heading(said("plain_data")),
        Paragraph(said("plain_held")),
        Bullets(tuple(said(f"category.{each}") for each in there) or (said("nothing_held"),)),
        Paragraph(said(f"plain_reading.{found.reading}"), strong=found.reading is Reading.READABLE),
        *((Paragraph(said("plain_face")),) if Category.FACE in there else ()),
        Heading(said("plain_means")),
        *(_harms(case, said) or (Paragraph(_gravity(case, said)),)),
        Heading(said("plain_done")),
        _measures(case, said),
        Heading(said("plain_you")),
        Bullets((*advice, said("advice.ask"))),
        Heading(said("plain_contact")),
        _contact(known, said),
        Paragraph(said("plain_complain", name=known.authority.name or said("blank"))),
    ]


def _gravity(case: Case, said: Said) -> str:
    return said("not_assessed") if case.verdict is None else said.gravity(case.verdict.gravity)


def _harms(case: Case, said: Said) -> tuple[Block, ...]:
    if case.verdict is None or case.verdict.gravity in {Gravity.FALSE_ALARM, Gravity.UNLIKELY}:
        return ()
    named = [each.harm for each in case.verdict.harms if each.chance is not Chance.NO]
    if case.exposure.reading is Reading.READABLE and case.exposure.faces and Harm.FACE_FOR_EVER not in named:
        named.insert(0, Harm.FACE_FOR_EVER)
    return (Bullets(tuple(said(f"harm.{each}") for each in named)),) if named else ()


def _measures(case: Case, said: Said) -> Block:
    return Bullets(case.measures) if case.measures else Paragraph(said("measures_blank"), strong=True)


def _contact(known: Company, said: Said) -> Block:
    officer, blank = known.officer, said("blank")
    return Facts(
        (
            (said("contact_officer"), officer.name or blank),
            (said("contact_email"), officer.email or blank),
            (said("contact_phone"), officer.phone or blank),
            (
                said("contact_company"),
                ", ".join(filter(None, (known.controller.name, known.controller.address))) or blank,
            ),
        )
    )
