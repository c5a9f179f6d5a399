"""The last things that the device did, out of the ledger; refuses to open more of it than is shown."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from kiosk.store.ledger import month
from wire.errors import FormatError
from wire.spine import SALT_SIZE

if TYPE_CHECKING:
    from kiosk.store import Store

_MONTHS: Final = 2


@dataclass(frozen=True, slots=True)
class LocalAct:
    """One act: its number in the ledger, its kind, when, and ids and counts that belong to it."""

    seq: int
    kind: str
    at: int
    detail: Mapping[str, str | int]


def last(store: "Store", most: int) -> tuple[LocalAct, ...]:
    """The last `most` acts of this month and the one before, newest first; one that does not open is left out.

    Raises:
        Fault: as any reading of the store.
    """
    found: list[LocalAct] = []
    with store.database.read():
        for period in _months(store.now_ms()):
            for number in range(store.ledger.count("", period) - 1, -1, -1):
                if len(found) == most:
                    return tuple(found)
                body = store.ledger.body("", period, number)
                if body is not None and (act := _opened(store, body, period)) is not None:
                    found.append(act)
    return tuple(found)


def _months(now_ms: int) -> tuple[str, ...]:
    first = datetime.fromtimestamp(now_ms / 1000, UTC).replace(day=1)
    before = first - timedelta(days=1)
    return month(now_ms), month(int(before.timestamp() * 1000))


def _opened(store: "Store", body: tuple[int, bytes], period: str) -> LocalAct | None:
    try:
        plain = store.ledger.plain(*body, "", period)
    except FormatError:
        return None
    if plain is None:
        return None
    said: dict[str, Any] = json.loads(plain[SALT_SIZE:])
    return LocalAct(body[0], str(said["kind"]), int(said["occurred_at"]), dict(said["detail"]))
