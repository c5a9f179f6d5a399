"""Goes on with what a crash or a wait has left open; refuses to skip an act because another one cannot go on yet."""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault
from kiosk.store import erasure, renew, rotate
from kiosk.store.intents import Intent, IntentKind

if TYPE_CHECKING:
    from kiosk.store import Store

_log = logging.getLogger("ambang.store")
# Takes one open act as far as it can go now; closes the intent when it is done.
ACTS: Final[Mapping[IntentKind, "Callable[[Store, Intent], None]"]] = {
    IntentKind.ERASE_FACE: erasure.go_on,
    IntentKind.ERASE_PERSON: erasure.go_on,
    IntentKind.RENEW_TEMPLATES: renew.resume,
    IntentKind.ROTATE_KEYS: rotate.resumed,
}


def resume(store: "Store") -> int:
    """Go on with every open act; returns how many are still open (they wait for something, or cannot be done now)."""
    for intent in store.intents.all_open():
        act = ACTS.get(intent.kind)
        if act is None:
            continue
        try:
            act(store, intent)
        except Fault as fault:
            _log.error("%s cannot go on now: %s", intent.kind.value, fault.code)
    return len(store.intents.all_open())
