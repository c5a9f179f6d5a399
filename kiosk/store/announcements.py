"""What is announced at the door now; refuses what is over, not yet to be said, or not for everybody."""

from typing import TYPE_CHECKING

from kiosk.store import told
from wire.message import Announcement

if TYPE_CHECKING:
    from kiosk.store import Store


def current(store: "Store") -> Announcement | None:
    """The announcement for the first screen; of several the one that began last.

    Everybody reads that screen: what is marked as marketing never stands there.
    """
    found = [each for each in running(store) if not each.marketing]
    return found[-1] if found else None


def running(store: "Store") -> list[Announcement]:
    """Everything whose time it is, marketing too, in the order in which it began; for the screen of a known person.

    Whom it may be shown to is told by `kiosk.rights.preferences`.
    """
    now = store.now_ms()
    found = [each for each in told.every(store, Announcement) if each.begins <= now < each.ends]
    return sorted(found, key=lambda each: (each.begins, each.id))
