"""Where this device is plugged in, as one keyed hash: networks, gateway, kinds of interfaces; refuses to tell which."""

import hashlib
import hmac
from pathlib import Path
from typing import Final

ROUTES: Final = Path("/proc/net/route")
INTERFACES: Final = Path("/sys/class/net")
LIMIT: Final = 1 << 16
LOOPBACK: Final = "lo"
_COLUMNS: Final = 8


def digest(salt: bytes, routes: Path = ROUTES, interfaces: Path = INTERFACES) -> str:
    """HMAC-SHA-256 in hexadecimal over what is true of this place; equal as long as it is the same place.

    Args:
        salt: 16 random bytes that never leave the device: there are too few private networks to keep them secret.
        routes: the kernel's routing table (IPv4).
        interfaces: the kernel's network interfaces.
    """
    told = "\n".join([*_networks(routes), *_kinds(interfaces)])
    return hmac.new(salt, told.encode(), hashlib.sha256).hexdigest()


def _networks(routes: Path) -> list[str]:
    """Each network this device stands in, and its gateway: destination, gateway and mask, as the kernel spells them."""
    try:
        with routes.open(encoding="ascii", errors="replace") as file:
            lines = file.read(LIMIT).splitlines()[1:]
    except OSError:
        return []
    parts = [line.split() for line in lines]
    return sorted({f"{one[1]} {one[2]} {one[7]}" for one in parts if len(one) >= _COLUMNS and one[0] != LOOPBACK})


def _kinds(interfaces: Path) -> list[str]:
    """The kind of each interface (ARPHRD type, wireless or not); not its name, nor its address."""
    found = []
    try:
        names = sorted(each.name for each in interfaces.iterdir() if each.name != LOOPBACK)
    except OSError:
        return []
    for name in names:
        try:
            kind = (interfaces / name / "type").read_text(encoding="ascii")[:8].strip()
        except (OSError, UnicodeDecodeError):
            continue
        found.append(f"{kind} {'wireless' if (interfaces / name / 'wireless').exists() else 'wired'}")
    return sorted(found)
