"""`kiosk models budget`: how many wrong people a year to expect at this door; refuses to name one."""

import argparse
import json
import sys
from typing import Any, Final

from kiosk.cli import site_gallery
from kiosk.cli.models import number
from kiosk.evaluation.budget import DAYS, IMPOSTORS, PUNCHES_A_PERSON, Advice, Budget, Span, Use, budget, rounded
from kiosk.evaluation.tail import FEWEST

MOST_PUNCHES: Final = 1_000_000
"""A day: more than one door can record."""
_ADVICE = {
    Advice.IDENTIFICATION: "This door may recognise faces without a PIN: less than one wrong person in five years.",
    Advice.UNPROVED: (
        "Less than one wrong person in five years is expected, but too few people are enrolled to be sure of it. "
        "Verification (PIN first, then the face) is on the safe side."
    ),
    Advice.UNKNOWN: (
        "Nothing can be said of this door: too few people are enrolled. "
        "Verification (PIN first, then the face) is on the safe side."
    ),
    Advice.VERIFICATION: (
        "More than one wrong person in five years: use verification (PIN first, then the face), a roster that narrows "
        "who is expected, or a higher threshold (`kiosk models calibrate`)."
    ),
}


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb and its options."""
    text = "how many wrong people a year to expect at this door"
    verb = site_gallery.options(commands.add_parser("budget", help=text, description=text))
    verb.add_argument(
        "--punches-a-day",
        type=_punches,
        metavar="N",
        help=f"all people together (default: {PUNCHES_A_PERSON} for each person)",
    )
    verb.add_argument(
        "--impostors",
        type=_share,
        default=IMPOSTORS,
        metavar="SHARE",
        help="share of punches that the right person cannot win: a stranger, one for a colleague, one whose own face "
        f"is refused (default: {IMPOSTORS})",
    )
    verb.add_argument("--days", type=_days, default=DAYS, metavar="N", help=f"a year (default: {DAYS})")
    verb.set_defaults(do=_do)


def _do(given: argparse.Namespace) -> int:
    site = site_gallery.read(given)
    punches = given.punches_a_day or float(PUNCHES_A_PERSON * len(site.persons))
    found = budget(site.persons, site.accept, Use(punches, given.impostors, given.days))
    sys.stdout.write(json.dumps(_table(found)) + "\n" if given.json else "\n".join(_lines(found)) + "\n")
    return 0


def _table(found: Budget) -> dict[str, Any]:
    return {
        "people": found.people,
        "threshold": found.threshold,
        "punches_a_day": found.use.punches,
        "impostors": found.use.impostors,
        "days": found.use.days,
        "attempts_a_year": found.use.attempts,
        "comparisons": found.comparisons,
        "reached": found.reached,
        "fpir": found.fpir,
        "fpir_bound": found.fpir_bound,
        "fpir_bound_without_fit": found.free_bound,
        "wrong_accepts_a_year": found.a_year,
        "wrong_accepts_a_year_bound": found.a_year_bound,
        "wrong_accepts_a_year_if_every_punch": found.every_punch,
        "advice": found.advice.value,
    }


def _lines(found: Budget) -> list[str]:
    use = found.use
    lines = [
        f"{found.people} people with a face, {found.comparisons} comparisons of one with another (each left out of the",
        f"site's centre in turn), {found.reached} of them at {found.threshold:.2f} or above.",
        f"{use.punches:g} punches a day on {use.days:g} days; {100 * use.impostors:g} in a hundred are impostor",
        f"attempts (assumed): {use.attempts:.0f} a year.",
    ]
    if found.fpir is None:
        lines += [
            f"With fewer than {FEWEST} people nothing can be fitted. An impostor attempt is accepted at most",
            f"{found.fpir_bound:.0%} of the time (95 %): that promises nothing.",
        ]
    else:
        lines += [
            f"An impostor attempt is accepted {found.fpir:.2g} of the time; at most {found.fpir_bound:.2g} (95 %,",
            f"fitted tail), at most {found.free_bound:.2g} (95 %, counted people only).",
            f"Wrong accepts a year: {found.a_year:.2g} expected, at most {found.a_year_bound:.2g} (95 %).",
            f"Expect one wrong person in {years(found.a_year)} (at least {years(found.a_year_bound)} at 95 %).",
            f"If every single punch were an impostor attempt: {found.every_punch:.2g} a year.",
        ]
    return [*lines, _ADVICE[found.advice]]


def years(a_year: float | None) -> str:
    """Say how long one event takes at a rate a year."""
    span = Span.of(a_year)
    if span.years is not None:
        return f"{rounded(span.years)} years"
    return "more than 1000 years" if span.days is None else f"{rounded(span.days)} days"


def _punches(text: str) -> float:
    value = number(text)
    if not 0 < value <= MOST_PUNCHES:
        raise argparse.ArgumentTypeError(f"must be above 0 and at most {MOST_PUNCHES:,}")
    return value


def _days(text: str) -> float:
    value = number(text)
    if not 0 < value <= 366:  # noqa: PLR2004 - a leap year
        raise argparse.ArgumentTypeError("must be above 0 and at most 366")
    return value


def _share(text: str) -> float:
    value = number(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("must lie in 0..1")
    return value
