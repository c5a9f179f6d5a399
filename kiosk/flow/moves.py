"""The moves that several screens of a check-in share; refuses to start the camera where faces are off or paused."""

from dataclasses import replace

from kiosk.faults import FaultCode
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow import states
from kiosk.flow.actions import Button, Method
from kiosk.flow.states import (
    Badge,
    BadgeRule,
    Idle,
    Looking,
    NotRecognised,
    OutOfService,
    PadReason,
    PinPad,
    Resolving,
    Saving,
    Standing,
    State,
)

Step = tuple[State, tuple[ef.Effect, ...]]


def home(standing: Standing, now: float) -> Step:
    """Return the first screen, or what is broken."""
    if standing.broken is not None:
        return OutOfService(standing, standing.broken, now + states.HEALTH_EVERY_S), ()
    return Idle(standing), ()


def leaves(event: ev.Event, until: float, now: float) -> bool:
    """Say whether the person or the time ends a screen."""
    return isinstance(event, ev.CancelTapped) or (isinstance(event, ev.Tick) and now >= until)


def pad(standing: Standing, button: Button | None, now: float, reason: PadReason = PadReason.ASKED) -> PinPad:
    """Return the PIN pad."""
    return PinPad(standing, button, now + states.PAD_S, reason)


def recent(standing: Standing, now: float) -> Standing:
    """Forget the refusals that no longer count."""
    return replace(standing, refused_at=tuple(at for at in standing.refused_at if now - at < states.PAUSE_WINDOW_S))


def refuse(standing: Standing, now: float) -> Standing:
    """Remember that a face was refused, whatever the reason; every answer under way becomes stale."""
    return replace(standing.next(), refused_at=(*standing.refused_at, now))


def paused(standing: Standing) -> bool:
    """Say whether faces are paused: three were refused within 30 s."""
    return len(standing.refused_at) >= states.PAUSE_REFUSALS


def look(standing: Standing, button: Button | None, now: float, failures: int = 0) -> Step:
    """Look at the person who tapped an action, or ask for their PIN where it comes first or no face can be seen."""
    standing = recent(standing, now)
    if button is None or not standing.face:
        return pad(standing, button, now), ()
    if standing.blind is not None:
        return pad(standing, button, now, PadReason.BLIND), ()
    if paused(standing):
        return pad(standing, button, now, PadReason.PAUSED), ()
    if standing.verify:
        return replace(pad(standing, button, now), verify=True), ()
    standing = standing.next()
    return Looking(standing, button, now + states.LOOK_S, failures), (ef.StartLooking(standing.attempt),)


def badges(standing: Standing) -> bool:
    """Say whether this site asks for badges at all."""
    return standing.badge is not BadgeRule.OFF


def scan(standing: Standing, button: Button | None, now: float, *, verify: bool = False) -> Step:
    """Read codes, or ask for the PIN where none can be read or too many were refused just now."""
    standing = recent(standing.next(), now)
    if standing.blind in states.CAMERA_FAULTS:
        return pad(standing, button, now, PadReason.BLIND), ()
    if paused(standing):
        return pad(standing, button, now, PadReason.PAUSED), ()
    return Badge(standing, button, now + states.BADGE_S, verify=verify), (ef.StartScanning(standing.attempt),)


def resolve(  # noqa: PLR0913 - a question is its parts
    standing: Standing,
    person: str,
    button: Button | None,
    method: Method,
    now: float,
    *,
    by_pin: bool = False,
    proved: Method = Method.PIN,
) -> Step:
    """Ask for the name and the last action of somebody who is known."""
    standing = standing.next()
    state = Resolving(standing, person, button, method, now + states.ANSWER_S, by_pin, proved)
    return state, (ef.LookUp(standing.attempt, person, method),)


def refused(standing: Standing, button: Button | None, now: float, failures: int) -> NotRecognised:
    """Return the screen that says the same words for every cause."""
    return NotRecognised(standing, button, now + states.REFUSED_S, failures)


def out(standing: Standing, fault: FaultCode, now: float, pending: Saving | None = None) -> OutOfService:
    """Return the screen that says what is broken."""
    return OutOfService(replace(standing, broken=fault), fault, now + states.HEALTH_EVERY_S, pending)
