"""Fetches what headquarters says and lays it before the kiosk; refuses an answer whole if one message is not right."""

import logging
from dataclasses import dataclass
from typing import Final

from sync.config import secret
from sync.errand import Desk, NotDone
from sync.replies import Kind, Refusal
from wire import canonical, enclosed, message
from wire.errors import FormatError
from wire.message import Message, Roster

EVERY_MS: Final = 60_000
AT_ONCE: Final = 20
ROUNDS: Final = 20
DAY_MS: Final = 86_400_000
DAY_BYTES: Final = 64 << 20
"""So much is laid before the kiosk in a day: even headquarters cannot fill its disk."""
INBOX: Final = "message"
_log = logging.getLogger("ambang.sync")


@dataclass(frozen=True, slots=True)
class Known:
    """How far this device is: the number of the last message, and the version of its newest roster."""

    number: int
    version: int


def read(value: object, device: str, public: bytes, known: Known) -> tuple[tuple[Message, ...], Known]:
    """Read an answer; nothing of it counts unless all of it is right.

    Args:
        value: the decoded body.
        device: whose messages these must be.
        public: headquarters' key, 32 bytes.
        known: how far this device is.

    Returns:
        The messages, and how far it is with them.

    Raises:
        FormatError: another device, a number that does not grow, a roster older than one before, a signature that does
            not fit, or no answer at all.
    """
    found = canonical.fields(value, {"messages": list})["messages"]
    if len(found) > AT_ONCE:
        raise FormatError("messages: more than were asked for")
    read_ones: list[Message] = []
    for each in found:
        one = message.from_json(each)
        if one.device != device or one.number <= known.number:
            raise FormatError("messages: another device, or not the next number")
        message.check(one, public)
        version = known.version
        if isinstance(one.content, Roster):
            if one.content.version < version:
                raise FormatError("messages: a roster from before")
            version = one.content.version
        known = Known(one.number, version)
        read_ones.append(one)
    return tuple(read_ones), known


class Messages:
    """Every minute, and after a receipt."""

    name = "messages"
    every_ms = EVERY_MS

    def run(self, desk: Desk, now_ms: int) -> None:
        """Fetch until there is no more. Raises NotDone; an answer that is not right changes nothing."""
        _seal_what_is_open(desk)
        known = self._known(desk)
        for _ in range(ROUNDS):
            path = f"/v1/messages?after={known.number}&limit={AT_ONCE}"
            answer = desk.send("GET", path, None, {}, now_ms)
            try:
                found, after = read(answer, desk.settings.device, desk.settings.hq.public, known)
            except FormatError as error:
                raise NotDone(Refusal(Kind.CONFIG, "messages_refused")) from error
            if not found:
                return
            self._hand_over(desk, found, known, now_ms)
            known = after

    def _known(self, desk: Desk) -> Known:
        """What was handed over must still lie there: a new exchange gets everything again, and the kiosk knows it."""
        memory = desk.memory
        known = Known(memory.number("message"), memory.number("roster"))
        if known.number and not _lies_there(desk, memory.number("message_row"), known.number):
            _log.info("the exchange is another one: messages are fetched again")
            return Known(0, 0)
        return known

    def _hand_over(self, desk: Desk, found: tuple[Message, ...], known: Known, now_ms: int) -> None:
        memory = desk.memory
        version = known.version
        for one in found:
            encoded = message.encode(one)
            _spend(desk, len(encoded), now_ms)
            if isinstance(one.content, Roster):
                version = one.content.version
            try:
                closed = enclosed.closed(_key(desk), one.device, encoded)
            except FormatError as error:
                raise NotDone(Refusal(Kind.CONFIG, "messages_refused")) from error
            row = desk.exchange.inbox_add(INBOX, closed)
            memory.keep(message=one.number, message_row=row, roster=version)  # dying before it, the kiosk gets it twice
        _log.info("messages handed over=%d last=%d", len(found), found[-1].number)


def _spend(desk: Desk, size: int, now_ms: int) -> None:
    """Count what today has brought. Raises NotDone beyond a day's share."""
    day, memory = now_ms // DAY_MS, desk.memory
    spent = memory.number("message_bytes") if memory.number("message_day") == day else 0
    if spent + size > DAY_BYTES:
        raise NotDone(Refusal(Kind.CONFIG, "messages_too_many"))
    memory.keep(message_day=day, message_bytes=spent + size)


def _seal_what_is_open(desk: Desk) -> None:
    """Once: what a version before this one has laid there in clear. The kiosk reads it again, which is harmless."""
    if desk.memory.get("inbox_sealed") is not None:
        return
    after = 0
    while rows := desk.exchange.inbox(after, 1):  # up to 1 MiB each: one at a time
        after, body = rows[0].id, rows[0].body
        if rows[0].kind == INBOX and enclosed.is_open(body):
            desk.exchange.inbox_change(after, enclosed.closed(_key(desk), desk.settings.device, body))
    desk.memory.keep(inbox_sealed=1)


def _key(desk: Desk) -> bytes:
    return secret(desk.settings.exchange_key)


def _lies_there(desk: Desk, row: int, number: int) -> bool:
    found = desk.exchange.inbox(row - 1, 1)
    if not found or found[0].id != row or found[0].kind != INBOX:
        return False
    try:
        return message.decode(enclosed.opened(_key(desk), desk.settings.device, found[0].body)).number == number
    except FormatError:
        return False
