"""What an errand to headquarters is: time, line and memory; refuses to call anything done without an answer."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, Protocol

from sync.backends.hq import explained
from sync.config import Settings
from sync.errand_memory import Memory
from sync.exchange import Exchange
from sync.exchange import Message as Row
from sync.replies import Kind, Refusal, classify, retry_after
from sync.transport import NotDelivered, Transport
from wire import canonical
from wire.errors import FormatError

JSON: Final = "application/json"
WITHDRAWN: Final = "hq_certificate_withdrawn"
REQUESTS_AT_ONCE: Final = 100


class NotDone(Exception):  # noqa: N818 - reads as the condition it names
    """An errand is not done; its refusal says why, and when to try again."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.detail)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Desk:
    """What an errand works with; used by one thread.

    Args:
        settings: of sync.
        exchange: to and from the kiosk.
        memory: what was done already.
        transport: gives the line, or raises NotDelivered.
    """

    settings: Settings
    exchange: Exchange
    memory: Memory
    transport: Callable[[], Transport]

    def post(self, path: str, value: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
        """Send an object and read one. Raises NotDone."""
        return self.send("POST", path, canonical.encode(value), {"Content-Type": JSON}, now_ms)

    def send(
        self, method: str, path: str, body: bytes | BinaryIO | None, headers: Mapping[str, str], now_ms: int
    ) -> dict[str, Any]:
        """Send one request; returns the JSON object of a 200. Raises NotDone for anything else."""
        try:
            answer = self.transport().send(method, self.settings.hq.url + path, body, headers)
        except NotDelivered as error:
            raise NotDone(error.refusal) from error
        refusal = classify(answer.status, answer.content_type, retry_after(answer.retry_after, now_ms))
        if refusal is not None:
            raise NotDone(explained(refusal, answer.body))
        try:
            found = canonical.decode(answer.body)
        except FormatError as error:
            raise NotDone(Refusal(Kind.UNKNOWN, "reply_invalid")) from error
        if not isinstance(found, dict):
            raise NotDone(Refusal(Kind.UNKNOWN, "reply_invalid"))
        return found

    def requests(self, kind: str) -> list[Row]:
        """What the kiosk has asked for and nobody has answered, of one kind, oldest first."""
        found: list[Row] = []
        after = 0
        while rows := self.exchange.requests(after, REQUESTS_AT_ONCE):
            found += [row for row in rows if row.kind == kind]
            after = rows[-1].id
        return found


class Errand(Protocol):
    """One kind of errand."""

    name: str
    every_ms: int

    def run(self, desk: Desk, now_ms: int) -> None:
        """Do what is to be done. Raises NotDone; what was done before that stays done."""
        ...


def random_hex(size: int) -> str:
    """So many random bytes in hexadecimal."""
    return os.urandom(size).hex()
