"""What a change on the screen does to the impact assessment, and who must agree; refuses a dangerous one by one person.

A change that makes a setting of the assessment weaker than what was signed turns the face off until the officer has
signed again (policy E11). It is shown before anybody says yes.
"""

from dataclasses import dataclass
from typing import Final

from kiosk.config import Config
from kiosk.faults import Fault, FaultCode
from kiosk.rights import company, release
from kiosk.rights.assessment_acts import last_signed
from kiosk.rights.release import Covered, Release
from kiosk.rights.scope import Running, scope_of, weaker
from kiosk.store import Store, overlay
from kiosk.store.approval import Approved, LoggedIn, Role
from kiosk.store.overlay import SHARE, Value

MAY: Final = frozenset({Role.ADMIN})
AGREE: Final = frozenset({Role.ADMIN, Role.DPO})
"""Who may be the second of two."""
MODE, THRESHOLD = "recognition.mode", "recognition.threshold"
ABOVE: Final = 0.20
"""So far above the pack's default a threshold may go: beyond, hardly anybody is recognised any more."""
_ALWAYS_TWO: Final = frozenset({MODE})


@dataclass(frozen=True, slots=True)
class Safe:
    """Between which scores a pack's threshold may be set, and its default; in ten-thousandths.

    Attributes:
        least: the score from which the pack asks for the PIN: beneath it, it says nothing.
        default: two people agree to anything lower.
        most: see `ABOVE`.
    """

    least: int
    default: int
    most: int

    @classmethod
    def of(cls, near: float, accept: float) -> "Safe":
        """From the thresholds that the pack's table states."""
        return cls(round(near * SHARE), round(accept * SHARE), round(min(accept + ABOVE, 0.95) * SHARE))


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change would do.

    Attributes:
        before: whether faces may be used with what holds now.
        after: the same with the change.
        weaker: names of the assessment's settings that become weaker than they are now.
        two: whether two people must agree.
    """

    before: Release
    after: Release
    weaker: tuple[str, ...]
    two: bool

    @property
    def locks(self) -> bool:
        """Whether the face is turned off by it."""
        return isinstance(self.before, Covered) and not isinstance(self.after, Covered)


def effect(store: Store, config: Config, key: str, value: Value, safe: Safe | None) -> Effect:
    """What a change would do; nothing is written.

    Args:
        store: open.
        config: kiosk.toml, with or without the overlay.
        key: of the setting.
        value: in words.
        safe: of the pack that is used; None where there is none.

    Raises:
        Fault: SETTING_REFUSED: no such value, or out of the pack's safe range; PRIVACY_INVALID.
    """
    now = overlay.running(store, config)
    after = overlay.with_value(now, key, value)
    low = key == THRESHOLD and _low(int(value[0]), safe)
    known = company.load(config.data / company.FILE)
    scopes = [scope_of(Running(each, known), store.security_level) for each in (now, after)]
    before = release.released(store, config)
    if isinstance(before, Covered) and before.demonstration:
        then: Release = before
    else:
        then = release.covers(last_signed(store), scopes[1])
    lost = weaker(*scopes)
    changed = overlay.value_of(now, key) != overlay.value_of(after, key)
    return Effect(before, then, lost, changed and (key in _ALWAYS_TWO or bool(lost) or low))


def change(  # noqa: PLR0913, PLR0917 - who, what, and with whom
    store: Store, config: Config, key: str, value: Value, safe: Safe | None, login: LoggedIn, agreed: Approved | None
) -> Config:
    """Keep another value; returns what runs from the next start on.

    Raises:
        Fault: APPROVAL_MISSING: it takes two people; as `effect` and `overlay.change`.
    """
    found = effect(store, config, key, value, safe)
    if found.two and (agreed is None or agreed.first != login.account):
        raise Fault(FaultCode.APPROVAL_MISSING, key)
    second = "" if agreed is None else agreed.second
    return overlay.change(store, config, key, value, by=login.account, second=second)


def _low(score: int, safe: Safe | None) -> bool:
    """Whether a threshold is below the pack's default. Raises Fault SETTING_REFUSED out of the safe range."""
    if safe is None or not safe.least <= score <= safe.most:
        raise Fault(FaultCode.SETTING_REFUSED, "out of the safe range of the pack")
    return score < safe.default
