"""Whether what leaves would go through the air although a wire is plugged in (policy E22); refuses to guess.

The kernel's routing tables and interfaces are read each time: cables come and go.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sync.surroundings import INTERFACES, LIMIT, ROUTES

ROUTES_6: Final = Path("/proc/net/ipv6_route")
CODE: Final = "wireless_beside_wire"
_ETHERNET: Final = "1"  # ARPHRD_ETHER, wireless interfaces too
_UP: Final = "1"
_ANYWHERE: Final = "00000000"
_ANYWHERE_6: Final = "00000000000000000000000000000000"
_REJECT_6: Final = 0x0200  # RTF_REJECT, include/uapi/linux/route.h


@dataclass(frozen=True, slots=True)
class Link:
    """One interface of the machine's own: `wireless`, or a wire; `up` when there is somebody at the other end."""

    name: str
    wireless: bool
    up: bool


@dataclass(frozen=True, slots=True)
class Way:
    """One default route: through which interface, and at which metric; the smallest is taken."""

    link: str
    metric: int


def beside_a_wire(routes: Path = ROUTES, routes_6: Path = ROUTES_6, interfaces: Path = INTERFACES) -> bool:
    """Whether a default route in use leads through the air while a wire is up.

    Args:
        routes: the kernel's routing table, IPv4.
        routes_6: the same, IPv6.
        interfaces: the kernel's network interfaces.
    """
    links = tuple(_links(interfaces))
    return any(astray(links, tuple(ways)) for ways in (_ways(routes), _ways_6(routes_6)))


def astray(links: tuple[Link, ...], ways: tuple[Way, ...]) -> bool:
    """Whether the way that is taken is wireless although a wire is up; no way at all is not astray."""
    if not ways or not any(link.up and not link.wireless for link in links):
        return False
    taken = min(way.metric for way in ways)
    air = {link.name for link in links if link.wireless}
    return any(way.metric == taken and way.link in air for way in ways)


def _links(interfaces: Path) -> Iterable[Link]:
    """Interfaces with hardware behind them: bridges, tunnels and the like have no `device`."""
    try:
        found = sorted(each for each in interfaces.iterdir() if (each / "device").exists())
    except OSError:
        return
    for each in found:
        if _word(each / "type") == _ETHERNET:
            wireless = (each / "wireless").exists() or (each / "phy80211").exists()
            yield Link(each.name, wireless, _word(each / "carrier") == _UP)


def _ways(routes: Path) -> Iterable[Way]:
    for line in _lines(routes)[1:]:
        match line.split():
            case [link, where, _, _, _, _, metric, mask, *_] if (where, mask) == (_ANYWHERE, _ANYWHERE):
                yield Way(link, int(metric))


def _ways_6(routes: Path) -> Iterable[Way]:
    for line in _lines(routes):
        match line.split():
            case [where, "00", _, _, _, metric, _, _, flags, link] if where == _ANYWHERE_6 and link != "lo":
                if not int(flags, 16) & _REJECT_6:
                    yield Way(link, int(metric, 16))


def _lines(path: Path) -> list[str]:
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            return file.read(LIMIT).splitlines()
    except OSError:
        return []


def _word(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")[:16].strip()
    except (OSError, UnicodeDecodeError):
        return ""  # an interface that is down has no carrier to read
