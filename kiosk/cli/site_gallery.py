"""Opens the store for a verb that weighs this site's own gallery; refuses to hand on a name."""

import argparse
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kiosk import clock
from kiosk.cli import opening
from kiosk.evaluation import site
from kiosk.faults import Fault, FaultCode
from kiosk.store import Store, overlay, roots
from kiosk.vision.arrays import Floats
from kiosk.vision.known import find
from kiosk.vision.manifest import Thresholds


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """What is enrolled at this door.

    Attributes:
        references: the last five of each person, turned by the store; a person's key is a number that means nothing.
        persons: N x D float32 of unit length, one a person.
        accept: the threshold that this door uses.
        default: the pack's thresholds.
    """

    references: Mapping[str, Sequence[Floats]] = field(repr=False)
    persons: Floats = field(repr=False)
    accept: float
    default: Thresholds


def options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add `--data`, `--config` and `--json` to a verb."""
    return opening.options(parser)


def read(given: argparse.Namespace) -> Site:
    """Read the references that may be matched now; people under restriction are left out, as at the door.

    Raises:
        Fault: what the configuration, the manifest and the store raise.
    """
    loaded = opening.configured(given)
    pack = find(loaded.models or given.models, loaded.recognition.pack, given.manifest)
    if pack.thresholds is None:
        raise Fault(FaultCode.MODEL_UNKNOWN, pack.name)
    read_clock = functools.partial(clock.read, loaded.device.zone)
    store = Store.open(
        loaded.state, roots.of(loaded.state, ask=opening.phrase), clock=read_clock, places=loaded.anchors
    )
    try:
        loaded = overlay.running(store, loaded)
        found = site.of(store.templates.references(), pack)
    finally:
        store.close()
    return Site(found.references, found.persons, loaded.recognition.threshold, pack.thresholds)
