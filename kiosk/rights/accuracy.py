"""Whether what is kept is still right: whom to ask, whom to offer a new enrolment; pure, and refuses to mark anybody.

GDPR Article 5(1)(d); policy E7.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from kiosk.rights.dates import DAY_MS, day, minute
from kiosk.rights.document import Block, Document, Grid, Heading, Paragraph
from kiosk.words import say

ASK_AFTER_MS: Final = 365 * DAY_MS
"""A person is asked once a year."""
MONTH_MS: Final = 30 * DAY_MS
AGED_MONTHS: Final = 24
"""Faces change: a reference older than this is offered to be taken anew."""
ROSTER_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody, and when what is kept of them was last said or confirmed (ms UTC)."""

    person: str
    code: str = field(repr=False)
    last: int


@dataclass(frozen=True, slots=True)
class Offer:
    """Somebody who may want to enrol again; `taken_at`: of the newest reference, ms UTC, None: of another model."""

    code: str = field(repr=False)
    taken_at: int | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What is to be looked at.

    Attributes:
        ask: whom to ask, who has waited longest first.
        offers: whom to offer a new enrolment, by code.
        months: from what age of a reference on.
        roster_at: when the last list of people came, ms UTC; None if none ever did.
    """

    ask: tuple[Known, ...]
    offers: tuple[Offer, ...]
    months: int
    roster_at: int | None


def to_ask(people: Iterable[Known], now: int) -> tuple[Known, ...]:
    """Whom to ask whether it is still right: whose data nobody has said or confirmed for a year (`now`: ms UTC)."""
    return tuple(sorted((each for each in people if now - each.last > ASK_AFTER_MS), key=lambda each: each.last))


def offers(
    newest: Mapping[str, int], again: Collection[str], codes: Mapping[str, str], months: int, now: int
) -> tuple[Offer, ...]:
    """Whom to offer a new enrolment.

    Args:
        newest: when the newest reference of each person was taken, ms UTC, by random id.
        again: whose references are of another model than the one in use.
        codes: employee codes by random id.
        months: from what age on, of 30 days each.
        now: ms UTC.
    """
    aged = {person: at for person, at in newest.items() if now - at > months * MONTH_MS}
    found = [Offer(codes[person], None if person in again else aged[person]) for person in {*aged, *again} & set(codes)]
    return tuple(sorted(found, key=lambda each: each.code))


def stale(roster_at: int | None, now: int) -> bool:
    """Whether the list of people is older than a week (both ms UTC)."""
    return roster_at is not None and now - roster_at > ROSTER_DAYS * DAY_MS


def report(found: Accuracy, language: str, device: str, zone: str, now: int) -> Document:
    """What is to be looked at, as a document; codes alone, no names."""

    def tell(key: str, **values: str | int) -> str:
        return say(language, f"accuracy.{key}", **values)

    blocks: list[Block] = [Heading(tell("asked_heading"), 2)]
    if found.ask:
        rows = tuple((each.code, day(each.last, zone)) for each in found.ask)
        blocks += [Paragraph(tell("asked_text")), Grid((tell("code"), tell("last")), rows)]
    else:
        blocks.append(Paragraph(tell("asked_none")))
    blocks.append(Heading(tell("enrol_heading"), 2))
    if found.offers:
        rows = tuple(
            (
                each.code,
                tell("model")
                if each.taken_at is None
                else tell("age", at=day(each.taken_at, zone), months=found.months),
            )
            for each in found.offers
        )
        blocks += [Paragraph(tell("again")), Grid((tell("code"), tell("why")), rows, (0.3, 0.7))]
    else:
        blocks.append(Paragraph(tell("enrol_none", months=found.months)))
    blocks.append(Heading(tell("roster_heading"), 2))
    if found.roster_at is None:
        blocks.append(Paragraph(tell("roster_none")))
    else:
        old = stale(found.roster_at, now)
        text = tell("roster_stale" if old else "roster_fresh", at=day(found.roster_at, zone), days=ROSTER_DAYS)
        blocks.append(Paragraph(text, strong=old))
    return Document(
        kind="accuracy",
        language=language,
        title=tell("title"),
        subtitle=tell("subtitle", at=minute(now, zone)),
        made_at=now,
        confidential=True,
        footer=tell("footer", device=device),
        blocks=tuple(blocks),
        data={
            "ask": [{"code": each.code, "last": each.last} for each in found.ask],
            "offers": [{"code": each.code, "taken_at": each.taken_at} for each in found.offers],
            "months": found.months,
            "roster_at": found.roster_at,
            "roster_stale": stale(found.roster_at, now),
        },
    )
