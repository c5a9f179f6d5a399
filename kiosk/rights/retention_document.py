"""Retention as documents: the schedule, and what a sweep would do; refuses to hide what is held."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from kiosk import words
from kiosk.rights.company import Company, Periods
from kiosk.rights.document import Block, Document, Grid, Paragraph
from kiosk.rights.retention import Line
from kiosk.rights.saying import day_of, footer
from kiosk.rights.schedule import DataClass

_RULES: Final[dict[DataClass, str]] = {
    DataClass.ATTENDANCE: "from_month",
    DataClass.ATTENDANCE_KEYS: "from_month",
    DataClass.REQUESTS: "from_closed",
    DataClass.BREACHES: "from_closed",
    DataClass.PROOFS: "from_closed",
    DataClass.CONSENT: "from_ended",
    DataClass.CERTIFICATES: "from_made",
    DataClass.EXPORTS: "from_made",
    DataClass.ATTEMPTS: "from_counted",
}


def period_of(language: str, data_class: DataClass, periods: Periods) -> str:
    """How long a class is kept, in words."""
    months = {
        DataClass.ATTENDANCE: periods.attendance,
        DataClass.ATTENDANCE_KEYS: periods.attendance,
        DataClass.REQUESTS: periods.requests,
        DataClass.BREACHES: periods.breaches,
        DataClass.PROOFS: periods.proofs,
        DataClass.CONSENT: periods.proofs,
        DataClass.CERTIFICATES: periods.proofs,
    }
    if data_class in months:
        return words.say(language, "registers.months", number=months[data_class])
    if data_class is DataClass.EXPORTS:
        return words.say(language, "registers.days", number=periods.exports_days)
    return words.say(language, "registers.kept.one_day")


def grid(language: str, periods: Periods) -> Grid:
    """The schedule, class by class."""

    def say(key: str) -> str:
        return words.say(language, f"registers.{key}")

    rows = tuple(
        (
            say(f"class.{each}"),
            period_of(language, each, periods),
            say(f"retention.{_RULES[each]}"),
        )
        for each in DataClass
    )
    return Grid(tuple(say(f"retention.{key}") for key in ("class", "period", "rule")), rows, (3.0, 1.2, 3.0))


def schedule(  # noqa: PLR0913 - what the device knows, by keyword
    language: str, company: Company, device: str, now_ms: int, *, holds: int, everybody: bool, last: int, decided: bool
) -> Document:
    """What is kept for how long.

    Args:
        language: two letters.
        company: of privacy.toml.
        device: device id.
        now_ms: ms UTC.
        holds: legal holds in force.
        everybody: whether one of them is on everything.
        last: ordinal of the day of the last sweep by itself, or 0.
        decided: whether there is a privacy.toml.
    """

    def say(key: str, **values: str | int) -> str:
        return words.say(language, f"registers.retention.{key}", **values)

    blocks: list[Block] = [Paragraph(say("intro") if decided else say("unset"), strong=not decided)]
    blocks += [grid(language, company.periods), Paragraph(say("leavers")), Paragraph(say("holds", number=holds))]
    blocks += [Paragraph(say("everybody"), strong=True)] if everybody else []
    blocks.append(Paragraph(say("last", day=day_of(language, last))))
    return Document(
        kind="retention",
        language=language,
        title=say("title"),
        subtitle=company.controller.name,
        made_at=now_ms,
        confidential=False,
        footer=footer(language, device),
        blocks=tuple(blocks),
        data={"periods": asdict(company.periods), "holds": holds, "everybody": everybody, "decided": decided},
    )


def preview(language: str, lines: Sequence[Line], company: Company, device: str, now_ms: int) -> Document:
    """What a sweep would delete now, and what is held and why."""

    def say(key: str) -> str:
        return words.say(language, f"registers.{key}")

    rows = tuple(
        (say(f"class.{line.data_class}"), line.period, str(line.going), str(line.held), str(line.waiting))
        for line in lines
    )
    head = tuple(say(f"retention.{key}") for key in ("class", "month", "going", "held", "waiting"))
    table: Block = Grid(head, rows, (3.0, 1.0, 1.0, 1.0, 1.5)) if rows else Paragraph(say("retention.nothing"))
    return Document(
        kind="retention_preview",
        language=language,
        title=say("retention.preview_title"),
        subtitle=company.controller.name,
        made_at=now_ms,
        confidential=False,
        footer=footer(language, device),
        blocks=(table,),
        data={
            "lines": [
                {
                    "class": line.data_class.value,
                    "month": line.period,
                    "going": line.going,
                    "held": line.held,
                    "waiting": line.waiting,
                }
                for line in lines
            ]
        },
    )
