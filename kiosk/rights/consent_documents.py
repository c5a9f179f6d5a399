"""The consents of one person on paper: when, to what, before whom, and what became of them; refuses a word of blame."""

from typing import Final, assert_never

from kiosk.rights import dates, strict
from kiosk.rights.answers import SELF, About, Answer, Said
from kiosk.rights.consent import AskAgain, Current, Lapsed, Standing
from kiosk.rights.consents import Chapter, InForce, Renewed, TakenBack
from kiosk.rights.document import Block, Document, Grid, Heading, Paragraph
from kiosk.rights.notice_source import Source
from kiosk.rights.notice_words import Voice

_WIDE: Final = (2.4, 3.0, 1.6, 2.2, 4.0)
_NARROW: Final = (2.4, 5.0, 2.2)
_SAID: Final = {
    (About.NOTICE, Said.INFORMED): "informed",
    (About.CONSENT, Said.YES): "gave",
    (About.CONSENT, Said.NO): "took_back",
    (About.ANNOUNCEMENTS, Said.YES): "announcements_on",
    (About.ANNOUNCEMENTS, Said.NO): "announcements_off",
    (About.MARKETING, Said.YES): "marketing_on",
    (About.MARKETING, Said.NO): "marketing_off",
}


def told(  # noqa: PLR0913, PLR0917 - what stands on it
    source: Source, code: str, story: tuple[Chapter, ...], said: tuple[Answer, ...], language: str, now_ms: int
) -> Document:
    """All of it, oldest first.

    Args:
        source: the running configuration.
        code: employee code.
        story: their consents.
        said: their answers.
        language: two letters.
        now_ms: ms UTC.
    """
    voice, zone = Voice(language, source.company), source.config.device.zone
    blocks: list[Block] = [_consents(voice, zone, story) if story else Paragraph(voice.say("consents.none"))]
    if said:
        blocks += [Heading(voice.say("consents.answers")), _answers(voice, zone, said)]
    return Document(
        kind="consents",
        language=language,
        title=voice.say("consents.title"),
        subtitle=voice.say("consents.subtitle", code=code),
        made_at=now_ms,
        confidential=True,
        footer=voice.say("footer", device=source.device, site=source.config.device.site, version=_newest(story) or "-"),
        blocks=tuple(blocks),
        data={
            "code": code,
            "consents": [_row(each) for each in story],
            "answers": [strict.plain(each) for each in said],
        },
    )


def _consents(voice: Voice, zone: str, story: tuple[Chapter, ...]) -> Grid:
    head = tuple(voice.say(f"consents.{key}") for key in ("given", "version", "language", "witness", "standing"))
    rows = (
        (
            dates.minute(each.given.given_at, zone),
            each.given.text_version,
            each.given.language,
            _witness(voice, each.given.witness),
            _end(voice, zone, each.end),
        )
        for each in story
    )
    return Grid(head, tuple(rows), _WIDE)


def _answers(voice: Voice, zone: str, said: tuple[Answer, ...]) -> Grid:
    head = tuple(voice.say(f"consents.{key}") for key in ("at", "answer", "witness"))
    rows = (
        (
            dates.minute(each.at, zone),
            voice.say(f"consents.{_SAID[each.about, each.said]}", version=each.version),
            _witness(voice, each.witness),
        )
        for each in said
        if (each.about, each.said) in _SAID
    )
    return Grid(head, tuple(rows), _NARROW)


def _witness(voice: Voice, witness: str) -> str:
    return voice.say("consents.by_hand") if witness == SELF else witness


def _end(voice: Voice, zone: str, end: InForce | Renewed | TakenBack) -> str:
    match end:
        case InForce(standing):
            return _standing(voice, zone, standing)
        case Renewed(at):
            return f"{voice.say('consents.renewed')}, {dates.minute(at, zone)}"
        case TakenBack(at):
            return f"{voice.say('consents.withdrawn')}, {dates.minute(at, zone)}"
        case _:
            assert_never(end)


def _standing(voice: Voice, zone: str, standing: Standing) -> str:
    match standing:
        case Current():
            return voice.say("consents.current")
        case AskAgain(until):
            return voice.say("consents.ask_again", until=dates.minute(until, zone))
        case Lapsed():
            return voice.say("consents.lapsed")
        case _:
            assert_never(standing)


def _newest(story: tuple[Chapter, ...]) -> str:
    return story[-1].given.text_version if story else ""


def _row(each: Chapter) -> dict[str, object]:
    given = each.given
    row: dict[str, object] = {
        "version": given.text_version,
        "language": given.language,
        "given_at": given.given_at,
        "witness": given.witness,
    }
    match each.end:
        case InForce(standing):
            return row | {"now": "in_force", **_limit(standing)}
        case Renewed(at):
            return row | {"now": "renewed", "ended_at": at}
        case TakenBack(at):
            return row | {"now": "taken_back", "ended_at": at}
        case _:
            assert_never(each.end)


def _limit(standing: Standing) -> dict[str, object]:
    match standing:
        case Current():
            return {"standing": "current"}
        case AskAgain(until):
            return {"standing": "ask_again", "until": until}
        case Lapsed(since):
            return {"standing": "lapsed", "since": since}
        case _:
            assert_never(standing)
