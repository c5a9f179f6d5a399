"""Whether a consent still stands beside a newer notice; refuses to let one stand for a text nobody has seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from kiosk.rights import dates
from kiosk.rights.controller import controller_changed


@dataclass(frozen=True, slots=True)
class Published:
    """One published version, as far as a consent hangs on it.

    Attributes:
        label: its name.
        effective_at: from when it holds, ms UTC.
        controller: who answers for the data, as `controller.named` gives it.
    """

    label: str
    effective_at: int
    controller: str = ""


@dataclass(frozen=True, slots=True)
class Current:
    """It was given to the newest version, or none is published."""


@dataclass(frozen=True, slots=True)
class AskAgain:
    """There is a newer version; the face goes on until `until` (ms UTC) without an answer to it."""

    until: int


@dataclass(frozen=True, slots=True)
class Lapsed:
    """The newer version has waited too long: since `since` (ms UTC) nobody is matched on it; the PIN goes on."""

    since: int


Standing: TypeAlias = Current | AskAgain | Lapsed


def standing(
    text_version: str, published: Sequence[Published], given_at: int, now_ms: int, consent_days: int
) -> Standing:
    """Whether a consent still stands.

    Another controller ends the waiting: nobody has agreed to give their face to them (policy KK11).

    Args:
        text_version: what was agreed to; one that is not among `published` is older than all of them.
        published: every version, in the order in which they were published.
        given_at: when, ms UTC; whoever agreed to an old text after a new one held has the same days from then on.
        now_ms: ms UTC.
        consent_days: how long an answer may take.
    """
    until = limit(text_version, published, given_at, consent_days)
    if until is None:
        return Current()
    return AskAgain(until) if now_ms < until else Lapsed(until)


def limit(text_version: str, published: Sequence[Published], given_at: int, consent_days: int) -> int | None:
    """From when on a face is not used without an answer to the newer version, ms UTC; None: there is none newer."""
    known = [number for number, each in enumerate(published) if each.label == text_version]
    newer = published[known[-1] + 1 :] if known else published
    if not newer:
        return None
    waits = max(newer[0].effective_at, given_at) + consent_days * dates.DAY_MS
    since = published[known[-1] :] if known else ()
    others = [
        after.effective_at
        for before, after in pairwise(since)
        if controller_changed(before.controller, after.controller)
    ]
    return min([waits, *others])


def in_force(published: Sequence[Published], now_ms: int) -> int | None:
    """Which version holds now, by its place among `published`; None before the first one does."""
    begun = [number for number, each in enumerate(published) if each.effective_at <= now_ms]
    return begun[-1] if begun else None
