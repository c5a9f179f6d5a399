"""`kiosk store stats`: how much there is and how safe it is, in numbers; refuses to show a name or a code."""

import argparse
import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from kiosk.cli import opening
from kiosk.store import backup
from kiosk.store.stats import Anchored, Signed, Stats, stats

_KIB: Final = 1024


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    parser = acts.add_parser("stats", help="counts, sizes, keys, anchors, checkpoints and backups; no name or code")
    opening.options(parser).set_defaults(do=_stats)


def _stats(given: argparse.Namespace) -> int:
    config = opening.configured(given)
    with opening.examined(given) as store:
        found, late = stats(store), [kind.value for kind in backup.overdue(store, config)]
    opening.answer(given, _plain(found) | {"backups_overdue": late}, "\n".join(_lines(found, late)))
    return 0


def _plain(found: Stats) -> dict[str, Any]:
    anchors = [{"place": str(anchor.place), "behind": anchor.behind} for anchor in found.anchors]
    return {**dataclasses.asdict(found), "anchors": anchors}


def _lines(found: Stats, late: list[str]) -> list[str]:
    counts = found.counts
    acts = ", ".join(f"{count} {kind}" for kind, count in found.open_intents.items()) or "none"
    backups = ", ".join(f"{kind} {_moment(at)}" for kind, at in sorted(found.backups.items())) or "none yet"
    backups += f"; OVERDUE: {', '.join(late)}" if late else ""
    lines = {
        "People": f"{counts['people']}, {counts['restricted']} restricted, {counts['pins']} with a PIN",
        "From headquarters": _told(counts),
        "Faces": f"{counts['faces']} people, {counts['references']} references",
        "Administrators": str(counts["administrators"]),
        "Ledger": f"{counts['entries']} entries, {counts['bodies']} bodies, the oldest of {found.oldest_body or '-'}",
        "Undelivered": str(counts["undelivered"]),
        "Checkpoint": _signed(found.checkpoint, counts["checkpoints"]),
        "Counter-signed": _signed(found.countersigned),
        "Keys": f"{counts['keys']}, store key epoch {found.store_key_epoch}, root key epoch {found.kek_epoch}",
        "Root key": f"security level {found.security_level}",
        "Generation": str(found.generation),
        "Quarantined": str(counts["quarantined"]),
        "Open acts": acts,
        "Last backup": backups,
        "Last sweep": found.swept or "none yet",
    }
    lines |= {f"Anchor {number}": _anchor(anchor) for number, anchor in enumerate(found.anchors, 1)}
    lines |= {name: f"{-(-size // _KIB)} KiB" for name, size in found.files.items()}
    lines["Free for new rows"] = f"{found.free // _KIB} KiB inside the two databases, before they grow"
    return [f"{name:<20}{value}" for name, value in lines.items()]


def _told(counts: Mapping[str, int]) -> str:
    held = counts["rosters_held"] + counts["departures_held"]
    waits = "; WAITS FOR AN ADMINISTRATOR: kiosk people roster show" if held else ""
    return (
        f"{counts['suspended']} people suspended, {counts['leaving']} being erased, "
        f"{counts['messages_refused']} messages refused{waits}"
    )


def _anchor(anchor: Anchored) -> str:
    if anchor.behind is None:
        return f"{anchor.place}: LOST"
    state = "as new as the store" if anchor.behind == 0 else f"{anchor.behind} generations behind"
    return f"{anchor.place}: {'NEWER than the store' if anchor.behind < 0 else state}"


def _signed(signed: Signed, kept: int | None = None) -> str:
    if signed.at is None:
        return "none yet"
    return f"{signed.size} entries, {_moment(signed.at)}" + ("" if kept is None else f"; {kept} kept")


def _moment(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"
