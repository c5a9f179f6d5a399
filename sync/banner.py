"""How worried the door should look; refuses to stay green while anything waits for a person."""

from typing import Final

from sync.entries import Level, State
from sync.exchange import Exchange

AMBER_AFTER_MS: Final = 4 * 3_600_000
RED_AFTER_MS: Final = 3 * 86_400_000
RED_DISK: Final = 0.80


def level(*, oldest_ms: int | None, dead: int, config: bool, disk: float) -> Level:
    """The level of the banner.

    Args:
        oldest_ms: age of the oldest event that waits to be sent; None if none waits.
        dead: how many events are set aside.
        config: whether a person must repair something before anything is sent.
        disk: used share of the disk, 0 to 1.
    """
    age = oldest_ms or 0
    if config or age > RED_AFTER_MS or disk > RED_DISK:
        return Level.RED
    return Level.AMBER if dead or age > AMBER_AFTER_MS else Level.GREEN


def worry(exchange: Exchange, state: State, disk: float, now_ms: int) -> Level:
    """The level, from what waits in the exchange."""
    oldest = exchange.oldest_waiting(set_aside=False)
    return level(
        oldest_ms=None if oldest is None else now_ms - oldest,
        dead=exchange.unsettled().parked,
        config=state is State.CONFIG,
        disk=disk,
    )
