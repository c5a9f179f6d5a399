"""Writes an evaluation as one JSON object and as a table for people; refuses to leave out a bound."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kiosk.evaluation.by_group import Gap, GroupRate
from kiosk.evaluation.intervals import Rate, independent
from kiosk.evaluation.measure import Curve, Figure, Verification
from kiosk.evaluation.open_set import Cell

CURVE_POINTS = 60


@dataclass(frozen=True, slots=True)
class Photographs:
    """What was looked at.

    Attributes:
        images: files, each once. faces_found: in how many of them a face was.
        unreadable: path and reason of each file that is no picture.
        without_face: paths of pictures without a face.
        alike: files whose bytes are also those of another file.
        people: how many, in a folder of people. pairs: how many, in a list. pairs_without: those that lack a face.
    """

    images: int
    faces_found: int
    unreadable: tuple[tuple[str, str], ...] = ()
    without_face: tuple[str, ...] = ()
    alike: int = 0
    people: int = 0
    pairs: int = 0
    pairs_without: int = 0

    @property
    def failed(self) -> Rate:
        """Failure-to-acquire rate: files in which no face was found, for whatever reason."""
        return independent(self.images - self.faces_found, self.images)


@dataclass(frozen=True, slots=True)
class Timing:
    """How long it took: seconds in all, photographs newly embedded, milliseconds a photograph on one thread."""

    seconds: float
    embedded: int
    jobs: int
    p50_ms: float
    p95_ms: float

    @property
    def per_second(self) -> float:
        """Photographs a second over all threads, of those newly embedded."""
        return self.embedded / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was measured."""

    pack: str
    space: str
    detector: str
    photographs: Photographs
    verification: Verification = field(repr=False)
    open_set: tuple[Cell, ...] = field(repr=False)
    groups: tuple[GroupRate, ...]
    gaps: tuple[Gap, ...]
    notes: tuple[str, ...]
    timing: Timing


def as_json(report: Report) -> dict[str, Any]:
    """One object; rates are 0..1, `ci` holds both 95 % bounds."""
    seen, of = report.photographs, report.verification
    return {
        "pack": report.pack,
        "embedding_space": report.space,
        "detector": report.detector,
        "images": seen.images,
        "faces_found": seen.faces_found,
        "failure_to_acquire": _rate(seen.failed),
        "unreadable": [{"file": file, "reason": reason} for file, reason in seen.unreadable],
        "without_face": list(seen.without_face),
        "identical_files": seen.alike,
        "people": seen.people,
        "pairs": seen.pairs,
        "pairs_without_face": seen.pairs_without,
        "verification": {
            "mated": of.mated,
            "non_mated": of.non_mated,
            "auc": of.auc.value,
            "auc_ci": _both(of.auc),
            "eer": of.eer.value,
            "eer_ci": _both(of.eer),
            "accuracy_10fold": None if of.accuracy is None else of.accuracy.mean,
            "accuracy_10fold_standard_error": None if of.accuracy is None else of.accuracy.error,
            "folds": 0 if of.accuracy is None else of.accuracy.folds,
            "tar_at_fmr": {
                each.name: {"tar": each.tar.value, "threshold": each.threshold, "ci": list(each.tar.interval)}
                for each in of.operating
            },
            "not_shown": list(of.untold),
            "at_threshold": {"threshold": of.threshold, "fmr": _rate(of.fmr), "fnmr": _rate(of.fnmr)},
            "det": _curve(of.curve),
        },
        "open_set": [_cell(cell) for cell in report.open_set],
        "groups": [
            {"group": each.group, "measure": each.measure, "setting": each.setting, **_rate(each.rate)}
            for each in report.groups
        ],
        "gaps": [
            {
                "measure": each.measure,
                "setting": each.setting,
                "best": each.best,
                "worst": each.worst,
                "gap": each.value,
                "ci": [each.low, each.high],
            }
            for each in report.gaps
        ],
        "notes": list(report.notes),
        "timing": {
            "seconds": round(report.timing.seconds, 3),
            "embedded": report.timing.embedded,
            "jobs": report.timing.jobs,
            "per_second": round(report.timing.per_second, 2),
            "p50_ms": round(report.timing.p50_ms, 2),
            "p95_ms": round(report.timing.p95_ms, 2),
        },
    }


def as_text(report: Report) -> str:
    """A table for people."""
    seen = report.photographs
    lines = [
        f"Pack {report.pack}, detector {report.detector}",
        _what(seen),
        f"Failure to acquire: {_percent(seen.failed)}",
    ]
    if seen.pairs_without:
        lines.append(f"{seen.pairs_without:,} pairs lack a face; they count as non-matches.")
    lines += _listed("Not a picture", [f"{file} ({reason})" for file, reason in seen.unreadable])
    lines += _listed("No face found", seen.without_face)
    lines += [*report.notes, "", *_verification(report.verification)]
    if report.open_set:
        lines += ["", *_open_set(report.open_set)]
    if report.groups:
        lines += ["", "By group", *(f"  {_group(each)}" for each in report.groups)]
        lines += [f"  {_gap(each)}" for each in report.gaps]
    lines += ["", _timing(report.timing)]
    return "\n".join(lines)


def _what(seen: Photographs) -> str:
    many = f"{seen.people:,} people" if seen.people else f"{seen.pairs:,} pairs"
    alike = f"; {seen.alike:,} files are copies of others" if seen.alike else ""
    return f"{seen.images:,} photographs ({many}), a face found in {seen.faces_found:,}{alike}"


def _listed(title: str, entries: Sequence[str], most: int = 10) -> list[str]:
    if not entries:
        return []
    more = [f"  and {len(entries) - most:,} more; --json names all"] if len(entries) > most else []
    return [f"{title}: {len(entries):,}", *(f"  {printable(entry)}" for entry in entries[:most]), *more]


def printable(text: str) -> str:
    """What a terminal can show of a file's name: nothing that moves its cursor, no half characters."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _verification(of: Verification) -> list[str]:
    lines = [
        f"Verification: {of.mated:,} mated, {of.non_mated:,} non-mated comparisons",
        f"  AUC       {of.auc.value:.5f}  (95%: {of.auc.low:.5f} to {of.auc.high:.5f})",
        f"  EER       {_figure(of.eer)}",
    ]
    if of.accuracy is not None:
        lines.append(
            f"  accuracy  {of.accuracy.mean:.4f} +- {of.accuracy.error:.4f} "
            f"(mean and standard error of {of.accuracy.folds} folds, each with the threshold of the others)"
        )
    lines += [
        f"  TAR at FMR {each.name}  {_percent(each.tar)}  threshold {each.threshold:.3f}" for each in of.operating
    ]
    lines += [f"  {sentence}" for sentence in of.untold]
    lines.append(f"  at the pack's threshold {of.threshold:.2f}: FMR {_percent(of.fmr)}, FNMR {_percent(of.fnmr)}")
    return lines


def _open_set(cells: Iterable[Cell]) -> list[str]:
    """Centring off and on side by side."""
    table: dict[tuple[int, int, float], dict[bool, Cell]] = {}
    for cell in cells:
        table.setdefault((cell.size, cell.frames, cell.threshold), {})[cell.centred] = cell
    column = f"{'FPIR':>8} {'95% bounds':>18} {'FNIR':>8} {'95% bounds':>18}"
    lines = [
        "Open set: strangers accepted (FPIR), own people not named (FNIR)",
        f"  {'':>4} {'':>6} {'':>9}  {'plain':^55}   {'site-centred':^55}",
        f"  {'N':>4} {'frames':>6} {'threshold':>9}  {column}   {column}",
    ]
    for (size, frames, threshold), both in table.items():
        sides = "   ".join(_side(both[centred]) for centred in (False, True) if centred in both)
        lines.append(f"  {size:>4} {frames:>6} {threshold:>9.2f}  {sides}")
    return lines


def _side(cell: Cell) -> str:
    return f"{_short(cell.fpir)} {_short(cell.fnir)}"


def _short(rate: Rate) -> str:
    bounds = f"{rate.low:.3%} to {rate.high:.3%}"
    return f"{rate.value:>8.3%} {bounds:>18}"


def _group(each: GroupRate) -> str:
    return f"{each.group:<16} {each.measure.upper():<5} {_percent(each.rate)}  ({each.setting})"


def _gap(each: Gap) -> str:
    return (
        f"gap {each.measure.upper():<5} {each.best} to {each.worst}: {each.value:.3%} "
        f"(95%: {each.low:.3%} to {each.high:.3%})  ({each.setting})"
    )


def _timing(timing: Timing) -> str:
    if not timing.embedded:
        return "Every embedding was known already."
    return (
        f"{timing.embedded:,} photographs embedded in {timing.seconds:.1f} s with {timing.jobs} threads: "
        f"{timing.per_second:.1f} a second; p50 {timing.p50_ms:.0f} ms, p95 {timing.p95_ms:.0f} ms"
    )


def _percent(rate: Rate) -> str:
    return f"{rate.value:.3%} (95%: {rate.low:.3%} to {rate.high:.3%}; {rate.events:,} of {rate.trials:,})"


def _figure(figure: Figure) -> str:
    return f"{figure.value:.3%} (95%: {figure.low:.3%} to {figure.high:.3%})"


def _rate(rate: Rate) -> dict[str, Any]:
    return {"rate": rate.value, "ci": list(rate.interval), "events": rate.events, "trials": rate.trials}


def _both(figure: Figure) -> list[float]:
    return [figure.low, figure.high]


def _cell(cell: Cell) -> dict[str, Any]:
    fpir, fnir = cell.fpir, cell.fnir
    return {
        "n": cell.size,
        "centred": cell.centred,
        "frames": cell.frames,
        "threshold": cell.threshold,
        "fpir": fpir.value,
        "fpir_ci": list(fpir.interval),
        "fnir": fnir.value,
        "fnir_ci": list(fnir.interval),
        "stranger_probes": fpir.trials,
        "own_probes": fnir.trials,
    }


def _curve(curve: Curve) -> list[dict[str, float]]:
    step = max(len(curve.threshold) // CURVE_POINTS, 1)
    points = zip(curve.threshold[::step], curve.fmr[::step], curve.fnmr[::step], strict=True)
    return [{"threshold": float(t), "fmr": float(fmr), "fnmr": float(fnmr)} for t, fmr, fnmr in points]
