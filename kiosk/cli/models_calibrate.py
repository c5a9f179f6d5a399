"""`kiosk models calibrate`: this site's own threshold from its own gallery; refuses to edit root's kiosk.toml."""

import argparse
import json
import sys
from typing import Any

from kiosk.cli import site_gallery
from kiosk.cli.models import number
from kiosk.evaluation.calibration import HIGHEST, TARGET, Calibration, Outcome, calibrate
from kiosk.evaluation.tail import FEWEST


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb and its options."""
    text = "this site's own threshold, from the people enrolled here"
    verb = site_gallery.options(commands.add_parser("calibrate", help=text, description=text))
    verb.add_argument(
        "--target",
        type=_rate,
        default=TARGET,
        metavar="FPIR",
        help=f"share of strangers' searches that may be accepted (default: {TARGET})",
    )
    verb.add_argument("--write", action="store_true", help="print the lines to put into kiosk.toml, and nothing else")
    verb.set_defaults(do=_do)


def _do(given: argparse.Namespace) -> int:
    site = site_gallery.read(given)
    found = calibrate(site.references, site.default, given.target)
    if given.json:
        sys.stdout.write(json.dumps(_table(found)) + "\n")
    else:
        lines = _toml(found) if given.write else [*_lines(found, site.accept), "", *_toml(found)]
        sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _table(found: Calibration) -> dict[str, Any]:
    own = found.own
    return {
        "people": found.people,
        "comparisons": found.comparisons,
        "target_fpir": found.target,
        "outcome": found.outcome.value,
        "estimated": found.estimated,
        "assured": found.assured,
        "threshold": found.threshold,
        "near": found.near,
        "margin": found.margin,
        "own_below": None if own is None else own.value,
        "own_below_ci": None if own is None else [own.low, own.high],
        "own_references": 0 if own is None else own.trials,
    }


def _lines(found: Calibration, in_use: float) -> list[str]:
    lines = [
        f"{found.people} people with a face, {found.comparisons} comparisons of one with another (each left out of the",
        "site's centre in turn).",
        f"Asked for: at most {found.target:g} of strangers' searches accepted, with 95 % confidence.",
    ]
    if found.estimated is not None and found.assured is not None:
        met, assured = _score(found.estimated), _score(found.assured)
        lines.append(f"Expected to be met from {met} on, with 95 % confidence from {assured} on.")
    lines.append(_said(found))
    if found.own is not None:
        own = found.own
        lines += [
            f"Of {own.trials} references of people enrolled here, {own.value:.1%} ({own.low:.1%} to {own.high:.1%})",
            f"score below {found.threshold:.2f} against their person's other ones; they were taken at one enrolment,",
            "so a door does worse.",
        ]
    if in_use != found.threshold:
        lines.append(f"This door uses {in_use:.2f} now.")
    return lines


def _said(found: Calibration) -> str:
    match found.outcome:
        case Outcome.TOO_FEW:
            fewest = f" (nothing is fitted below {FEWEST})" if found.estimated is None else ""
            return f"Too few people are enrolled to calibrate{fewest}: the pack's {found.threshold:.2f} stays."
        case Outcome.DEFAULT_HOLDS:
            return f"The pack's {found.threshold:.2f} meets that here: nothing to change."
        case Outcome.RAISED:
            return f"This site needs {found.threshold:.2f}; more of people's own punches will ask for the PIN."
        case Outcome.OUT_OF_REACH:
            return (
                f"No threshold up to {HIGHEST:.2f} meets that here: the pack's {found.threshold:.2f} stays. Use "
                "verification (PIN first, then the face), or a roster that narrows who is expected."
            )


def _score(value: float) -> str:
    return f"{value:.2f}" if value < 1 else "no threshold"


def _toml(found: Calibration) -> list[str]:
    return [
        "# kiosk.toml",
        "[recognition]",
        f"threshold = {found.threshold:.2f}",
        f"near = {found.near:.2f}",
        f"margin = {found.margin:.2f}",
    ]


def _rate(text: str) -> float:
    value = number(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError("must lie between 0 and 1")
    return value
