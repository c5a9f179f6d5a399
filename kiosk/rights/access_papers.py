"""What the desk has written down about a person, in words; refuses to show the moment of an act as a number."""

from collections.abc import Iterator
from typing import Final, assert_never

from kiosk.rights import request_codec
from kiosk.rights.access_reader import Reader
from kiosk.rights.dates import day, minute
from kiosk.rights.document import Block, Grid, Heading, Paragraph
from kiosk.rights.holdings import Holdings, OwnPaper
from kiosk.rights.requests import Answered, ByPin, BySight, Outcome, Refused, Request, Right, Withdrawn
from kiosk.store.papers import PaperKind
from kiosk.words import say
from wire.errors import FormatError

_INNER: Final = 160
"""Longer values are cut here; the whole of them stands in access.json."""
_MOMENTS: Final = range(10**12, 10**13)
"""Milliseconds of the years 2001 to 2286."""


def papers_of(held: Holdings, reader: Reader) -> Iterator[Block]:
    """The part of the document about papers."""
    yield Heading(reader.say("papers"))
    if not held.papers:
        yield Paragraph(reader.say("no_papers"))
        return
    yield Paragraph(reader.say("papers_text"))
    rows = tuple(_paper(each, held.zone, reader) for each in held.papers)
    yield Grid(tuple(reader.say(f"head.{key}") for key in ("when", "what", "state", "written")), rows, (2, 3, 2, 6))


def _paper(paper: OwnPaper, zone: str, reader: Reader) -> tuple[str, ...]:
    what = reader.known("paper", paper.kind)
    right = paper.content.get("right")
    if paper.kind is PaperKind.REQUEST and right in set(Right):
        what = f"{what}: {say(reader.language, f'requests.rights.{right}')}"
    try:
        asked = request_codec.decode(paper.content) if paper.kind is PaperKind.REQUEST else None
    except FormatError:  # a matter of another command, with words of its own
        asked = None
    if asked is None:
        said = [
            f"{name}: {inner(reader, name, value, zone)}" for name, value in paper.content.items() if _filled(value)
        ]
        words = "; ".join(said)
    else:
        words = " ".join(part for part in _asked(asked, zone, reader) if part) or reader.say("asked.no_more")
    return day(paper.created_at, zone), what, reader.known("paper_state", paper.state), words


def _asked(asked: Request, zone: str, reader: Reader) -> Iterator[str]:
    def word(key: str, **values: str | int) -> str:
        return say(reader.language, f"requests.{key}", **values)

    if asked.ground is not None:
        yield f"{word(f'erasures.{asked.ground}')}."
    if asked.text:
        yield reader.say("asked.own_words", text=_cut(asked.text))
    match asked.identity:
        case ByPin(at):
            yield reader.say("asked.by_pin", day=day(at, zone))
        case BySight(document, at):
            yield reader.say("asked.by_sight", day=day(at, zone), document=word(f"seen.{document}"))
        case None:
            pass
        case _:
            assert_never(asked.identity)
    if asked.extension is not None:
        yield reader.say("asked.put_off", days=asked.extension.days, reason=_cut(asked.extension.reason))
    if asked.fee is not None:
        yield word("fee_text", amount=asked.fee.amount, reason=_cut(asked.fee.reason))
    yield from _ended(asked.outcome, reader.language)


def _ended(outcome: Outcome | None, language: str) -> Iterator[str]:
    match outcome:
        case Answered(note, certificate):
            yield _cut(note)
            if certificate:
                yield say(language, "requests.certificate", certificate=certificate)
        case Refused(ground, reason, law):
            yield say(language, f"requests.refusals.{ground}")
            yield " ".join(part for part in (_cut(reason), law) if part)
        case Withdrawn() | None:
            pass
        case _:
            assert_never(outcome)


def inner(reader: Reader, name: str, value: object, zone: str) -> str:
    """A value of a paper in one line; a moment as a date, an actor as a role."""
    match value:
        case dict():
            said = (f"{key} {inner(reader, key, each, zone)}" for key, each in value.items() if _filled(each))
            return _cut(", ".join(said))
        case list():
            return _cut(", ".join(inner(reader, name, each, zone) for each in value))
        case int() if value in _MOMENTS and not isinstance(value, bool) and (name == "at" or name.endswith("_at")):
            return minute(value, zone)
        case _:
            return _cut(reader.known("actor", str(value)))


def _filled(value: object) -> bool:
    return value is not None and value not in ("", 0, [], {})


def _cut(words: str) -> str:
    return words if len(words) <= _INNER else f"{words[:_INNER]} ..."
