"""Brings roster and shifts from a backend that sends no messages; refuses to let the inbox grow without end."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, Protocol

from sync.contract import Backend, BackendDown, BackendMisconfigured
from sync.delivery import LONGEST_WAIT_MS, PROBE_MS
from sync.exchange import Exchange
from sync.punch_journal import PunchJournal
from wire import enclosed
from wire.errors import FormatError
from wire.message import Message, Policy, Roster, decode, encode

ROSTER_MS: Final = 300_000
POLICY_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000
PARTS_MOST: Final = 64  # so many parts of changes, and everybody is asked for again: then the older ones go
KIND: Final = "message"
_log = logging.getLogger("ambang.sync")


class Chore(Protocol):
    """Something the loop does beside the delivery: called again and again, it decides itself whether it is time."""

    def step(self, now_ms: int) -> None:
        """Do what is due. Raises ExchangeError."""
        ...


class Pulls:
    """The roster every 5 min and a full one each night, the shifts each hour.

    Args:
        device: whom the messages are for.
        key: of the exchange, 32 bytes.
        exchange: takes them to the kiosk.
        journal: keeps the cursor.
        backend: who is asked.
        misconfigured: told what a person must repair.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what it stands between
        self,
        device: str,
        key: bytes,
        exchange: Exchange,
        journal: PunchJournal,
        backend: Backend,
        misconfigured: Callable[[BackendMisconfigured], None] = lambda _: None,
    ) -> None:
        self._device = device
        self._key = key
        self._exchange = exchange
        self._journal = journal
        self._backend = backend
        self._misconfigured = misconfigured
        self._roster_at = self._policy_at = 0

    def step(self, now_ms: int) -> None:
        """Ask for what is due; a server that is down or paused is asked again when it is due again."""
        try:
            if not 0 < self._roster_at - now_ms <= LONGEST_WAIT_MS:
                self._roster_at = now_ms + ROSTER_MS
                self._roster(now_ms)
            if not 0 < self._policy_at - now_ms <= LONGEST_WAIT_MS:
                self._policy_at = now_ms + POLICY_MS
                self._policy(now_ms)
        except BackendDown as error:
            _log.info("nothing pulled: outcome=%s", error.detail)
            self._policy_at = min(self._policy_at, now_ms + ROSTER_MS)
        except BackendMisconfigured as error:
            _log.error("nothing pulled: outcome=%s", error.detail)
            self._roster_at = self._policy_at = now_ms + PROBE_MS
            self._misconfigured(error)

    def _roster(self, now_ms: int) -> None:
        full_at = self._journal.number("roster_full_at")
        cursor = self._journal.text("roster_cursor") or ""
        held = self._held(Roster)
        stale = full_at is None or not 0 <= now_ms - full_at < DAY_MS or len(held) > PARTS_MOST
        lost = not held  # the exchange was made anew
        parts, after = self._backend.pull_roster("" if stale or lost else cursor, now_ms)
        if parts:
            full = all(part.full for part in parts)
            self._hand_over(parts, now_ms, [number for number, _ in held] if full else [])
            _log.info("roster parts=%d people=%d full=%s", len(parts), sum(len(one.people) for one in parts), full)
        # the cursor last: after a crash the same changes come again, which is harmless
        if stale or lost:
            self._journal.put("roster_full_at", now_ms)
        if after != cursor:
            self._journal.put("roster_cursor", after)

    def _policy(self, now_ms: int) -> None:
        policy = self._backend.pull_policy(now_ms)
        if policy is None:
            return
        held = self._held(Policy)
        if held and isinstance(held[-1][1], Policy) and held[-1][1].shifts == policy.shifts:
            return
        self._hand_over([policy], now_ms, [number for number, _ in held])

    def _hand_over(self, contents: Sequence[Roster | Policy], now_ms: int, instead_of: Sequence[int]) -> None:
        """The older ones go with the last of the new ones: a kiosk that reads in between finds one or the other."""
        mark = f"{KIND}_version_{type(contents[0]).__name__.lower()}"
        version = max(
            contents[0].version, (self._journal.number(mark) or 0) + 1
        )  # it grows, also with a clock set back
        self._journal.put(mark, version)
        for place, content in enumerate([replace(one, version=version) for one in contents], 1):
            body = enclosed.closed(self._key, self._device, encode(Message(self._device, 0, now_ms, content)))
            self._exchange.inbox_add(KIND, body, instead_of=instead_of if place == len(contents) else ())

    def _held(self, kind: type[Roster] | type[Policy]) -> list[tuple[int, Roster | Policy]]:
        """What of this kind lies in the inbox, unsigned as ours is, oldest first."""
        found: list[tuple[int, Roster | Policy]] = []
        after = 0
        while rows := self._exchange.inbox(after, 1):  # up to 1 MiB each: one at a time
            after = rows[0].id
            if rows[0].kind != KIND:
                continue
            try:
                message = decode(enclosed.opened(self._key, self._device, rows[0].body))
            except FormatError:
                continue
            if message.number == 0 and isinstance(message.content, kind):
                found.append((after, message.content))
        return found
