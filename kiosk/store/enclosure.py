"""Writes down that something was plugged in or out, or that the case was opened (policy KK8); refuses to say what.

Where the kernel shows neither USB ports nor a switch on the case, nothing is written and nothing claimed.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.store.acts import LocalKind
from kiosk.store.vault import digest

if TYPE_CHECKING:
    from kiosk.store import Store

USB: Final = Path("/sys/bus/usb/devices")
HWMON: Final = Path("/sys/class/hwmon")
_PLUGGED: Final = "enclosure/usb"
_OPEN: Final = "enclosure/open"
_SWITCH: Final = "intrusion*_alarm"  # Documentation/hwmon/sysfs-interface.rst: 1 once the case was opened
_NAME: Final = 16


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen at one moment.

    Attributes:
        plugged: a short digest for each USB device: port, vendor and product.
        open: whether a switch says that the case is or was open; None where there is no switch.
    """

    plugged: frozenset[str]
    open: bool | None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to write down."""

    kind: LocalKind
    detail: dict[str, str | int]


def look(usb: Path = USB, hwmon: Path = HWMON) -> Seen:
    """Read what the kernel shows; what cannot be read is not there."""
    plugged = {
        digest(" ".join((each.name, _word(each / "idVendor"), _word(each / "idProduct"))).encode()).hex()[:_NAME]
        for each in _within(usb, "*")
        if (each / "idVendor").exists()
    }
    switches = [_word(path) for place in _within(hwmon, "hwmon*") for path in _within(place, _SWITCH)]
    return Seen(frozenset(plugged), any(word == "1" for word in switches) if switches else None)


def changes(before: Seen | None, now: Seen) -> tuple[Change, ...]:
    """What has changed since the last look; the first look changes nothing but an open case."""
    found = []
    if before is not None and before.plugged != now.plugged:
        counts = {"added": len(now.plugged - before.plugged), "removed": len(before.plugged - now.plugged)}
        found.append(Change(LocalKind.USB_CHANGED, dict(counts)))
    if now.open and not (before is not None and before.open):
        found.append(Change(LocalKind.CASE_OPENED, {}))
    return tuple(found)


def notice(store: "Store", seen: Seen) -> int:
    """Compare with what was seen last, also by an earlier process, and write down what changed; returns how much.

    Raises:
        Fault: as any writing to the store; it is written down the next time.
    """
    before = _remembered(store)
    if seen == before:
        return 0
    found = changes(before, seen)
    with store.database.write():
        for change in found:
            store.append_local(change.kind, change.detail)
        values = {_PLUGGED: " ".join(sorted(seen.plugged)), _OPEN: "" if seen.open is None else str(int(seen.open))}
        for name, value in values.items():
            store.database.run(
                "INSERT INTO settings (name, value, changed_at, changed_by) VALUES (?1, ?2, ?3, '') ON CONFLICT (name)"
                " DO UPDATE SET value = ?2, changed_at = ?3, row_version = row_version + 1",
                *(name, value, store.now_ms()),
            )
    return len(found)


def _remembered(store: "Store") -> Seen | None:
    rows = store.database.rows("SELECT name, value FROM settings WHERE name IN (?, ?)", _PLUGGED, _OPEN)
    known = {str(name): str(value) for name, value in rows}
    if _PLUGGED not in known:
        return None
    said = known.get(_OPEN, "")
    return Seen(frozenset(known[_PLUGGED].split()), None if not said else said == "1")


def _within(place: Path, pattern: str) -> list[Path]:
    try:
        return sorted(place.glob(pattern))
    except OSError:
        return []


def _word(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")[:16].strip()
    except OSError:
        return ""
