"""Says whether faces may be processed at all: only under a signed impact assessment (policy E11); refuses a guess.

GDPR Art. 35(1) and UU PDP 27/2022 Art. 34 want the assessment before the processing. Without one the kiosk is a PIN
clock, in which nothing else is missing.
"""

from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from kiosk.config import Config
from kiosk.faults import Fault
from kiosk.rights import company, strict
from kiosk.rights.scope import Running, Setting, scope_of, weaker
from kiosk.store import Store, overlay, papers
from kiosk.store.papers import Paper, PaperKind
from wire.errors import FormatError

SIGNED: Final = "signed"
DEMONSTRATION: Final = "demonstration"
UNREADABLE: Final = ("privacy.toml",)


@dataclass(frozen=True, slots=True)
class Covered:
    """Faces may be processed; `assessment`: id of the paper, `demonstration`: on throw-away data alone."""

    assessment: str
    demonstration: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """What was signed does not cover the settings of now: their names (`scope_of`), or privacy.toml as a whole."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """Nobody has signed an assessment that releases the face."""


Release: TypeAlias = Covered | Changed | Missing


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed: the paper's id and the settings it was for."""

    paper: str
    scope: tuple[Setting, ...]


def covers(signed: Signed | None, now: tuple[Setting, ...]) -> Release:
    """Whether a signature is for these settings, or for weaker ones."""
    if signed is None:
        return Missing()
    keys = weaker(signed.scope, now)
    return Changed(keys) if keys else Covered(signed.paper)


def released(store: Store, config: Config) -> Release:
    """Whether faces may be processed on this store with this configuration and the privacy.toml of now.

    A demonstration counts only where nobody has an account yet: the first administrator ends it.
    """
    found = papers.find(store, PaperKind.ASSESSMENT, person="", open_only=True)
    shown = next((each for each in found if each.state == DEMONSTRATION), None)
    if shown is not None and store.database.row("SELECT 1 FROM accounts WHERE role <> 'employee'") is None:
        return Covered(shown.id, demonstration=True)
    try:
        known = company.load(config.data / company.FILE)
    except Fault:
        return Changed(UNREADABLE)
    return covers(signed_of(found), now(store, Running(config, known)))


def now(store: Store, running: Running) -> tuple[Setting, ...]:
    """The settings of this store as they are: kiosk.toml, and over it what was changed on the screen."""
    return scope_of(replace(running, config=overlay.running(store, running.config)), store.security_level)


def signed_of(found: tuple[Paper, ...]) -> Signed | None:
    """The newest paper among these that is signed and releases the face."""
    for each in reversed(found):
        if each.state == SIGNED and each.content is not None:
            try:
                return Signed(each.id, strict.read(tuple[Setting, ...], each.content.get("scope")))
            except FormatError:
                return None
    return None


def demonstrate(store: Store) -> None:
    """Let the demonstration recognise its made-up people, with a paper that says what it is.

    No command does this: it is for a store with throw-away data.
    """
    papers.put(store, PaperKind.ASSESSMENT, {"scope": [], "demonstration": True}, state=DEMONSTRATION)
