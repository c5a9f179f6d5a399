"""Dead letters and what a person may do about them; refuses to touch an event that is not set aside."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from sync.amend import Amendment
from sync.audit import Act
from sync.exchange import Exchange
from sync.packing import open_event
from wire.errors import FormatError
from wire.event import Delivered, Event, to_cloudevent

UNAMENDED: Final = Amendment()
MARK: Final = "Attendance of people: keep it closed, and delete it once it is handled."


class NotPossible(Exception):  # noqa: N818 - reads as the condition it names
    """The act cannot be done; the message says why and what to do, without anybody's code."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One event that is set aside.

    Args:
        event_id: its UUIDv7.
        reason: why, one word.
        detail: a plain code, "" if there is none.
        tries: how often it was sent.
        since: when it was set aside, ms since 1970.
        event: as the kiosk handed it over, with its proof; None where it is gone or does not open.
        about: the event that it is about, if that was kept.
        amendment: what a person has decided so far.
    """

    event_id: str
    reason: str
    detail: str
    tries: int
    since: int
    event: Delivered | None = None
    about: Event | None = None
    amendment: Amendment = UNAMENDED


class Letters(Protocol):
    """The dead letters of one delivery."""

    def all(self) -> tuple[Letter, ...]:
        """Every letter, oldest first."""
        ...

    def retry(self, event_id: str, act: Act, now_ms: int) -> None:
        """Try it again. Raises NotPossible."""
        ...

    def amend(self, event_id: str, amendment: Amendment, act: Act, now_ms: int) -> None:
        """Change it as a person has decided, and try it again. Raises NotPossible."""
        ...

    def hand(self, event_ids: Sequence[str], act: Act, now_ms: int) -> None:
        """A person has taken these over: they are settled. Raises NotPossible: one of them is no dead letter."""
        ...


class Opener:
    """Opens what the exchange holds of an event.

    Args:
        device: whose ledger it is.
        key: the exchange key, 32 bytes.
        exchange: where it lies.
    """

    def __init__(self, device: str, key: bytes, exchange: Exchange) -> None:
        self._device = device
        self._key = key
        self._exchange = exchange

    def event(self, event_id: str) -> Delivered | None:
        """The event; None where it is gone or does not open."""
        row = self._exchange.find(event_id)
        if row is None:
            return None
        try:
            return open_event(self._device, self._key, row.seq, row.commitment, event_id, row.sealed)
        except FormatError:
            return None


def export(path: Path, device: str, letters: Sequence[Letter], now_ms: int) -> None:
    """Write letters into a new file for a person (0600), durable on return; seq and salt prove each one.

    Raises:
        NotPossible: the file is there already, or cannot be written.
    """
    content = {
        "confidential": MARK,
        "device": device,
        "made_at": now_ms,
        "events": [
            {
                "id": one.event_id,
                "reason": one.reason,
                "detail": one.detail,
                "event": None if one.event is None else to_cloudevent(one.event),
            }
            for one in letters
        ],
    }
    data = json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except FileExistsError as error:
        raise NotPossible(f"{path.name} is there already: name a new file") from error
    except OSError as error:
        raise NotPossible(f"{path.name} cannot be written: {error.strerror}") from error
