"""Gathers the error rates that were measured for this door, for its impact assessment; refuses one without a bound."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from kiosk.cli.models_liveness import rates as of_card
from kiosk.config import Config
from kiosk.evaluation import site
from kiosk.evaluation.budget import PUNCHES_A_PERSON, Use, budget
from kiosk.evaluation.calibration import calibrate
from kiosk.faults import Fault, FaultCode
from kiosk.rights import measured
from kiosk.rights.measured import Gap, Measurement, Rate, Source
from kiosk.store import Store, overlay
from kiosk.vision import honesty
from kiosk.vision.known import default_directory, find
from kiosk.vision.manifest import Pack

_LARGEST: Final = 16 * 1024 * 1024
_PARTS: Final = re.compile(r", (?=[A-Z])")


def gathered(store: Store, config: Config, report: Path | None) -> tuple[Measurement, ...]:
    """Everything that was measured for this configuration.

    Args:
        store: open.
        config: of this door.
        report: `report.json` of `kiosk models evaluate --out`, if there is one.

    Raises:
        Fault: EVALUATION_REFUSED: the report is none; CONFIG_INVALID: a damaged card of the self-test.
    """
    config = overlay.running(store, config)
    found = [*_card(config), *(() if report is None else (_report(report, config),))]
    try:
        pack = find(config.models or default_directory(), config.recognition.pack)
    except Fault:
        return tuple(found)  # without a known pack nobody is recognised, and nothing can be said of it
    return (*found, *_gallery(store, config, pack), *_stated(pack))


def _card(config: Config) -> tuple[Measurement, ...]:
    card = honesty.read(config.data / honesty.FILE)
    if card is None:
        return ()
    ours = not card.rehearsal and (card.camera, card.pack) == (config.camera.source, config.recognition.pack)
    rates = tuple(
        measured.rate(name, kind, each["rate"], each["low"], each["high"], each["k"], each["n"])
        for kind, counts in card.counts.items()
        if counts.presentations
        for name, each in of_card(kind, counts).items()
    )
    on = f"{card.camera}, {card.pack}"
    return (Measurement(Source.LIVENESS, on, card.made_on.isoformat(), ours, rates),)


def _gallery(store: Store, config: Config, pack: Pack) -> tuple[Measurement, ...]:
    """What `kiosk models budget` and `calibrate` work out from the people enrolled here."""
    if pack.thresholds is None:
        return ()
    here = site.of(store.templates.references(), pack)
    persons, threshold = here.persons, config.recognition.threshold
    if not len(persons):
        return ()
    found = budget(persons, threshold, Use(float(PUNCHES_A_PERSON * len(persons))))
    search = measured.rate(
        "fpir", "here", found.fpir, 0.0 if found.fpir is None else min(found.fpir, found.fpir_bound),
        found.fpir_bound, found.reached, found.comparisons,
    )  # fmt: skip
    own = calibrate(here.references, pack.thresholds).own
    rates = [search]
    if own is not None and threshold == pack.thresholds.accept:
        rates.append(measured.rate("own_below", "here", own.value, own.low, own.high, own.events, own.trials))
    on = f"N = {found.people}, {pack.name}, {threshold:.2f}"
    return (Measurement(Source.GALLERY, on, "", found.fpir is not None, tuple(rates)),)


def _stated(pack: Pack) -> tuple[Measurement, ...]:
    """What the pack's own table says; a figure that stands there without a bound is left out."""
    if pack.thresholds is None:
        return ()
    parts = _PARTS.split(pack.thresholds.error_rate)
    bounded = ", ".join(part for part in parts if "bound" in part or "%" not in part)
    said = ". ".join(each.rstrip(".") for each in (bounded, pack.provenance) if each)
    return (Measurement(Source.PACK, pack.thresholds.population, "", counts=False, stated=said),) if said else ()


def _report(path: Path, config: Config) -> Measurement:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST)
        table: dict[str, Any] = json.loads(data)
        return _evaluation(table, hashlib.sha256(data).hexdigest()[:16], config)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise Fault(FaultCode.EVALUATION_REFUSED, f"{path.name}: no report of kiosk models evaluate") from wrong


def _evaluation(table: Mapping[str, Any], digest: str, config: Config) -> Measurement:
    at = table["verification"]["at_threshold"]
    threshold = float(at["threshold"])
    rates = [
        _rate("fta", "", table["failure_to_acquire"]),
        _rate("fmr", f"{threshold:.2f}", at["fmr"]),
        _rate("fnmr", f"{threshold:.2f}", at["fnmr"]),
        *(_rate(str(each["measure"]), str(each["group"]), each) for each in table["groups"]),
    ]
    gaps = tuple(_gap(each) for each in table["gaps"])
    many = f"{int(table['images'])} / {int(table['people'])} ({table['pack']}, SHA-256 {digest})"
    ours = table["pack"] == config.recognition.pack and abs(threshold - config.recognition.threshold) < 0.005  # noqa: PLR2004
    return Measurement(Source.EVALUATION, many, "", ours, tuple(rates), gaps)


def _rate(measure: str, subject: str, table: Mapping[str, Any]) -> Rate:
    low, high = (float(each) for each in table["ci"])
    return measured.rate(measure, subject, float(table["rate"]), low, high, int(table["events"]), int(table["trials"]))


def _gap(table: Mapping[str, Any]) -> Gap:
    low, high = (float(each) for each in table["ci"])
    measure, setting, best, worst = (str(table[name]) for name in ("measure", "setting", "best", "worst"))
    return measured.gap(measure, setting, best, worst, (float(table["gap"]), low, high))
