"""What the door asks of the rest of the program; every call returns at once, answers come through `Door.post`."""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.flow.actions import Action, Method


def _forget(*_asked: object) -> None:
    return


@dataclass(frozen=True, slots=True)
class DoorPorts:
    """Callables, all called on the Qt thread; the first argument `attempt` is what the answer must carry.

    Args:
        start_looking: (attempt, claimed) recognise, or verify the one person with this id; answers Guided, FaceDecided.
        stop_looking: () rest.
        check_pin: (attempt, code, pin); answers PinAccepted, PinRefused or SaveFailed.
        look_up: (attempt, person, method); answers Resolved or SaveFailed.
        save: (attempt, person, action, method); answers Committed or SaveFailed.
        save_correction: (attempt, event_id, person, action, method); answers Committed or SaveFailed.
        save_dispute: (attempt, event_id, person); answers Committed or SaveFailed.
        check_health: () try whether the fault has passed; answers Repaired or nothing.
        start_scanning: (attempt) read QR codes and look at nobody; answers BadgeSeen, until stop_looking.
        check_badge: (attempt, text); answers BadgeAccepted, BadgeRefused or SaveFailed.
        check_holder_pin: (attempt, person, pin); answers PinAccepted, PinRefused or SaveFailed.
        show_slip: (text, language) let somebody look at the slip of a trip.
        remember_language: (person, language) their language at this door from now on.
    """

    start_looking: Callable[[int, str | None], None]
    stop_looking: Callable[[], None]
    check_pin: Callable[[int, str, str], None]
    look_up: Callable[[int, str, Method], None]
    save: Callable[[int, str, Action, Method], None]
    save_correction: Callable[[int, str, str, Action, Method], None]
    save_dispute: Callable[[int, str, str], None]
    check_health: Callable[[], None]
    remember_language: Callable[[str, str], None] = _forget
    start_scanning: Callable[[int], None] = _forget
    check_badge: Callable[[int, str], None] = _forget
    check_holder_pin: Callable[[int, str, str], None] = _forget
    show_slip: Callable[[str, str], None] = _forget
