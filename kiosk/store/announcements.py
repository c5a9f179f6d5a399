"""What is announced at the door now; refuses what is over, or not yet to be said."""

from typing import TYPE_CHECKING

from kiosk.store import told
from wire.message import Announcement

if TYPE_CHECKING:
    from kiosk.store import Store


def current(store: "Store") -> Announcement | None:
    """The announcement whose time it is; of several the one that began last."""
    now = store.now_ms()
    running = [each for each in told.every(store, Announcement) if each.begins <= now < each.ends]
    return max(running, key=lambda each: (each.begins, each.id), default=None)
