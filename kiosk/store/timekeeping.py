"""Keeps what is known of the wall clock from one process to the next, and writes steps down; refuses to judge them."""

from typing import TYPE_CHECKING, Final

from kiosk.clock import STEP_MS, Bearings, Watch
from kiosk.store.acts import LocalKind

if TYPE_CHECKING:
    from kiosk.store import Store

_BOOT: Final = "clock/boot"
_OFFSET: Final = "clock/offset_ms"
_SET_AT: Final = "clock/set_at_ms"
_ERROR: Final = "clock/error_ms"
_NEVER: Final = -1
# Corrections by a server that are smaller are not worth a write.
_WORTH_A_WRITE_MS: Final = STEP_MS // 4


def known(store: "Store") -> Bearings | None:
    """What was remembered of the wall clock when something about it was last written down."""
    rows = store.database.rows("SELECT name, value FROM watermarks WHERE name LIKE 'clock/%'")
    found = {str(name): int(value) for name, value in rows}
    if not {_BOOT, _OFFSET, _SET_AT, _ERROR} <= found.keys():
        return None
    set_at = None if found[_SET_AT] == _NEVER else found[_SET_AT]
    return Bearings(found[_BOOT], found[_OFFSET], set_at, found[_ERROR])


def notice(store: "Store", watch: Watch) -> int:
    """Look at the clocks, and write down every step since the last time, with what to remember; returns how many.

    Costs two reads of the clocks while nothing has happened.

    Raises:
        Fault: DISK_FULL, DISK_FAILED, STORE_BUSY; the steps are written down the next time.
    """
    watch.take_up(known(store))
    watch()
    bearings, steps = watch.remembered()
    if bearings is None or not (steps or _moved(known(store), bearings)):
        return 0
    with store.database.write():
        for step in steps:
            detail = {"by_ms": step.by_ms, "by": "server" if step.by_server else "unknown"}
            store.append_local(LocalKind.CLOCK_STEPPED, detail)
        set_at = _NEVER if bearings.set_at_ms is None else bearings.set_at_ms
        values = {
            _BOOT: bearings.boot,
            _OFFSET: bearings.offset_ms,
            _SET_AT: set_at,
            _ERROR: bearings.error_ms,
        }
        for name, value in values.items():
            store.database.run("INSERT OR REPLACE INTO watermarks (name, value) VALUES (?, ?)", name, value)
    watch.told(len(steps))
    return len(steps)


def _moved(before: Bearings | None, now: Bearings) -> bool:
    if before is None or (before.boot, before.error_ms) != (now.boot, now.error_ms):
        return True
    return abs(before.offset_ms - now.offset_ms) > _WORTH_A_WRITE_MS
