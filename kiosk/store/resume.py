"""Goes on with what a crash or a wait has left open; refuses to skip an act because another one cannot go on yet."""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault
from kiosk.store import erasure, renew, roster_apply, rotate
from kiosk.store.intents import Intent, IntentKind

if TYPE_CHECKING:
    from kiosk.store import Store

_log = logging.getLogger("ambang.store")
# Takes one open act as far as it can go now; closes the intent when it is done.
ACTS: Final[Mapping[IntentKind, "Callable[[Store, Intent], None]"]] = {
    IntentKind.ERASE_FACE: erasure.go_on,
    IntentKind.ERASE_PERSON: erasure.go_on,
    IntentKind.APPLY_ROSTER: roster_apply.resume,
    IntentKind.RENEW_TEMPLATES: renew.resume,
    IntentKind.ROTATE_KEYS: rotate.resumed,
}


def resume(store: "Store") -> int:
    """Go on with every open act; returns how many are still open (they wait for something, or cannot be done now).

    A roster comes first: erasures may take long. And it comes again after them, for whoever it brings back.
    """
    found = store.intents.all_open()
    rosters = [intent for intent in found if intent.kind is IntentKind.APPLY_ROSTER]
    for intent in (*rosters, *(each for each in found if each not in rosters)):
        _go_on(store, intent)
    for intent in rosters:
        if store.intents.find(intent.kind) is not None:
            _go_on(store, intent)
    return len(store.intents.all_open())


def _go_on(store: "Store", intent: Intent) -> None:
    if (act := ACTS.get(intent.kind)) is None:
        return
    try:
        act(store, intent)
    except Fault as fault:
        _log.error("%s cannot go on now: %s", intent.kind.value, fault.code)
