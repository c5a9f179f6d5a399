"""The notice on paper: whole, what is different, the list of versions, the sign for the door, its QR code.

Refuses to show a draft as if it were published.
"""

from kiosk import words
from kiosk.rights import dates, editions, notice
from kiosk.rights.document import Block, Bullets, Code, Document, Facts, Grid, Heading, Paragraph
from kiosk.rights.editions import Edition
from kiosk.rights.notice_changes import changes
from kiosk.rights.notice_source import Source, gaps
from kiosk.rights.notice_words import Voice


def whole(source: Source, edition: Edition, language: str, now_ms: int, *, published: bool) -> Document:
    """One version; a draft says that it is one, and what it lacks."""
    voice, text = Voice(language, source.company), edition.text(language)
    dates = {"effective": edition.effective, "approver": edition.approver, "review": edition.review}
    head: list[Block] = []
    if not published:
        head.append(Paragraph(voice.say("draft"), strong=True))
        if missing := gaps(source):
            head.append(Paragraph(voice.say("gaps", keys=", ".join(missing)), strong=True))
    return Document(
        kind="notice",
        language=language,
        title=voice.say("title"),
        subtitle=voice.say("subtitle", version=edition.label, **dates),
        made_at=now_ms,
        confidential=False,
        footer=_footer(source, voice, edition.label),
        blocks=(*head, *text.blocks),
        data=editions.encode(edition) | {"published": published, "missing": [] if published else list(gaps(source))},
    )


def differences(source: Source, before: Edition, after: Edition, language: str, now_ms: int) -> Document:
    """What is different between two versions, in words that were and words that are."""
    voice = Voice(language, source.company)
    found = changes(before.text(language), after.text(language))
    blocks: list[Block] = [] if found else [Paragraph(voice.say("change.none"))]
    for each in found:
        blocks.append(Heading(each.section, 2))
        for key, lines in (("before", each.before), ("now", each.now)):
            if lines:
                blocks += [Paragraph(voice.say(f"change.{key}")), Bullets(lines)]
    rows = [{"section": each.section, "before": list(each.before), "now": list(each.now)} for each in found]
    return Document(
        kind="notice-changes",
        language=language,
        title=voice.say("title"),
        subtitle=voice.say("change.title", after=after.label, before=before.label),
        made_at=now_ms,
        confidential=False,
        footer=_footer(source, voice, after.label),
        blocks=tuple(blocks),
        data={"before": before.label, "after": after.label, "changes": rows},
    )


def versions(source: Source, found: tuple[Edition, ...], number: int | None, language: str, now_ms: int) -> Document:
    """Every version, the newest first; `number`: the place of the one in force, oldest is 0."""
    voice, zone = Voice(language, source.company), source.config.device.zone
    head = tuple(
        voice.say(f"list.{key}") for key in ("version", "state", "effective", "published", "approver", "review")
    )
    rows, data = [], []
    for at, each in reversed(list(enumerate(found))):
        state = _state(at, number)
        day = dates.day(each.published_at, zone)
        rows.append((each.label, voice.say(f"list.{state}"), each.effective, day, each.approver, each.review))
        days = {"effective": each.effective, "published_at": each.published_at, "review": each.review}
        data.append({"version": each.label, "state": state, "approver": each.approver, "digest": each.digest, **days})
    return Document(
        kind="notice-versions",
        language=language,
        title=voice.say("list.title"),
        subtitle=source.company.controller.name,
        made_at=now_ms,
        confidential=False,
        footer=_footer(source, voice, found[-1].label if found else ""),
        blocks=(Grid(head, tuple(rows)) if rows else Paragraph(voice.say("list.nothing")),),
        data={"versions": data},
    )


def sign(source: Source, edition: Edition, language: str, now_ms: int) -> Document:
    """The sign for the door, for whoever passes it (policy KK4): whose camera it is, and that it sleeps until a tap."""
    company, voice = source.company, Voice(language, source.company)
    seen = ("guests", "kept", "face") if source.faces else ("pin",)
    url = company.controller.notice_url
    blocks: list[Block] = [
        Heading(voice.say("sign.who", company=company.controller.name)),
        *(Heading(voice.say(f"sign.{key}")) for key in seen),  # large: it is read from a metre away
        Code(code(source, language), voice.say("sign.scan")),
        Paragraph(voice.say("sign.more", url=url) if url else voice.say("sign.here")),
        Facts(
            (
                (voice.say("sign.ask"), f"{voice.filled(company.officer.name)}, {voice.filled(company.officer.email)}"),
                (voice.say("sign.complain"), voice.filled(company.authority.name)),
            )
        ),
    ]
    return Document(
        kind="sign",
        language=language,
        title=voice.say("sign.title" if source.faces else "sign.clock"),
        subtitle=company.controller.name,
        made_at=now_ms,
        confidential=False,
        footer=_footer(source, voice, edition.label),
        blocks=tuple(blocks),
        data={"version": edition.label, "url": url, "code": code(source, language)},
    )


def agreed(edition: Edition, language: str) -> tuple[str, ...]:
    """The short layer, and what somebody agrees to who gives their face: what is said to them before they do."""
    made = edition.text(language).blocks
    lists = [each for each in made if isinstance(each, Bullets)]
    return (*lists[0].items, *lists[-1].items)


def in_short(edition: Edition, language: str) -> tuple[str, ...]:
    """The short layer alone."""
    return next(each.items for each in edition.text(language).blocks if isinstance(each, Bullets))


def asked(edition: Edition, language: str) -> tuple[str, ...]:
    """What somebody agrees to who gives their face; nothing where the face rests on no consent."""
    *_, heading, last = edition.text(language).blocks
    named = isinstance(heading, Heading) and heading.text == words.say(language, "notice.item.consent")
    return last.items if named and isinstance(last, Bullets) else ()


def code(source: Source, language: str) -> str:
    """What the QR code holds: the address of the notice, or its short layer where there is none."""
    return source.company.controller.notice_url or "\n".join(notice.short(source, language))


def qr(source: Source, edition: Edition, language: str, now_ms: int) -> Document:
    """The QR code alone."""
    voice, held = Voice(language, source.company), code(source, language)
    return Document(
        kind="notice-code",
        language=language,
        title=voice.say("title"),
        subtitle=source.company.controller.name,
        made_at=now_ms,
        confidential=False,
        footer=_footer(source, voice, edition.label),
        blocks=(Code(held, voice.say("sign.scan")),),
        data={"version": edition.label, "code": held},
    )


def _state(at: int, number: int | None) -> str:
    if at == number:
        return "in_force"
    return "coming" if number is None or at > number else "past"


def _footer(source: Source, voice: Voice, label: str) -> str:
    return voice.say("footer", device=source.device, site=source.config.device.site, version=label)
