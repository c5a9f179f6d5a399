"""The privacy notice in one language, short and full, out of the running configuration; refuses nothing: gaps are said.

A version of it is the digest of what it says in all three languages; who approved it and from when stands beside it.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from kiosk.rights import notice_rights, notice_what
from kiosk.rights.document import Block, Bullets, Heading
from kiosk.rights.notice_source import Source
from kiosk.rights.notice_words import Voice

Item: TypeAlias = Callable[[Source, Voice], tuple[Block, ...]]
ITEMS: Final[dict[str, Item]] = {
    "who": notice_what.who,
    "purposes": notice_what.purposes,
    "interests": notice_what.interests,
    "categories": notice_what.categories,
    "recipients": notice_what.recipients,
    "transfers": notice_what.transfers,
    "retention": notice_what.retention,
    "rights": notice_rights.rights,
    "withdrawal": notice_rights.withdrawal,
    "complaint": notice_rights.complaint,
    "duty": notice_rights.duty,
    "decisions": notice_rights.decisions,
    "sources": notice_rights.sources,
    "bystanders": notice_rights.bystanders,
}
"""The twelve of GDPR Articles 13 and 14 (policy E12), then sources (KK3) and bystanders (KK4)."""
SHORT_LIMIT: Final = 900
"""Characters of the short layer at most, so that it fits on a screen and into a QR code."""


def short(source: Source, language: str) -> tuple[str, ...]:
    """The first layer: who, why, that no picture is kept or sent, how to refuse, whom to ask."""
    company, voice = source.company, Voice(language, source.company)
    seen = ("face", "tap", "refuse") if source.faces else ("pin",)
    return (
        voice.say("short.who", company=company.controller.name),
        *(voice.say(f"short.{key}") for key in seen),
        voice.officer("short.ask"),
        voice.say("short.complain", authority=company.authority.name),
    )


def full(source: Source, language: str) -> tuple[Block, ...]:
    """Both layers, item by item, and what somebody agrees to who gives their face."""
    voice = Voice(language, source.company)
    blocks: list[Block] = [Heading(voice.say("in_short")), Bullets(short(source, language))]
    for name, item in ITEMS.items():
        blocks += [Heading(voice.say(f"item.{name}")), *item(source, voice)]
    if agreed := notice_rights.consent(source, voice):
        blocks += [Heading(voice.say("item.consent")), *agreed]
    return tuple(blocks)
