"""Measured error rates for people to read, each with what it was measured on; refuses one without a bound."""

from kiosk import words
from kiosk.rights.document import Block, Grid, Heading, Paragraph
from kiosk.rights.measured import Gap, Measurement, Rate, percent


def blocks(found: tuple[Measurement, ...], language: str) -> tuple[Block, ...]:
    """What was measured, and what was not; `found` may be empty."""

    def said(key: str, **values: str | int) -> str:
        return words.say(language, f"assessment.{key}", **values)

    here = [each for each in found if each.rates or each.stated]
    shown: list[Block] = [Paragraph(said("bounds"))]
    for each in here:
        shown.append(Heading(said(f"source.{each.source}"), 2))
        shown.append(Paragraph(said("measured_on", what=each.on, date=each.date or said("no_date"))))
        if not each.counts:
            shown.append(Paragraph(said("does_not_count"), strong=True))
        if each.stated:
            shown.append(Paragraph(each.stated))
        if each.rates:
            head = (said("measure_head"), said("subject_head"), said("rate_head"))
            shown.append(Grid(head, tuple(_rate(one, language) for one in each.rates), (0.44, 0.22, 0.34)))
        if each.gaps:
            head = (said("measure_head"), said("groups_head"), said("gap_head"))
            shown.append(Grid(head, tuple(_gap(one, language) for one in each.gaps), (0.34, 0.32, 0.34)))
    there = {each.source for each in here if each.rates and each.counts}
    shown += [
        Paragraph(said(f"nothing.{source}"), strong=True)
        for source in ("gallery", "liveness", "evaluation")
        if source not in there
    ]
    return tuple(shown)


def _rate(rate: Rate, language: str) -> tuple[str, str, str]:
    comma = language != "en"
    low, high = percent(rate.low, comma=comma), percent(rate.high, comma=comma)
    values: dict[str, str | int] = {"low": low, "high": high, "events": rate.events, "trials": rate.trials}
    text = (
        words.say(language, "assessment.at_most", **values)
        if rate.value is None
        else words.say(language, "assessment.rate", value=percent(rate.value, comma=comma), **values)
    )
    name = words.table(language).get(f"assessment.rates.{rate.measure}", rate.measure)
    subject = words.table(language).get(f"assessment.subject.{rate.subject}", rate.subject)
    return name, subject or "-", text


def _gap(gap: Gap, language: str) -> tuple[str, str, str]:
    comma = language != "en"
    name = words.table(language).get(f"assessment.rates.{gap.measure}", gap.measure)
    values = {part: percent(getattr(gap, part), comma=comma) for part in ("value", "low", "high")}
    return name, f"{gap.best} - {gap.worst}", words.say(language, "assessment.gap", **values)
