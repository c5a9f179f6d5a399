"""Does what an administrator at the screen asks about the delivery, and tells how it went; refuses what is no such act.

The kiosk has asked for two passwords before it asks here. Who asked is known by account alone, and stands in the audit.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from sync import tls_key
from sync.audit import Act
from sync.contract import BackendDown, BackendMisconfigured, Health
from sync.exchange import Exchange
from sync.letters import Letters, NotPossible, export
from wire import asked, sending
from wire.asked import WORD, Asked, Wanted
from wire.errors import FormatError
from wire.sending import ANSWERS_MOST, CODES_MOST, Answer, Outcome, Preflight, Sending

LOOK_MS: Final = 60_000
_AT_ONCE: Final = 100
_log = logging.getLogger("ambang.sync")


@dataclass(frozen=True, slots=True)
class Means:
    """What acts are done with.

    Attributes:
        device: whose ledger it is.
        recipient: "hq", "frappe", "odoo" or "csv".
        letters: the dead letters of this delivery.
        health: asks the recipient whether it could take events; raises BackendDown, BackendMisconfigured.
        certificate: the device's TLS certificate; None where there is none.
        folder: where files for a person go.
    """

    device: str
    recipient: str
    letters: Letters
    health: Callable[[int], Health]
    certificate: Path | None
    folder: Path


class AskedChore:
    """Looks for requests whenever the kiosk has written something, and once a minute at the certificate.

    Args:
        exchange: where the kiosk asks and is told.
        means: what acts are done with.
    """

    def __init__(self, exchange: Exchange, means: Means) -> None:
        self._exchange, self._means = exchange, means
        self._seen: int | None = None
        self._looked_at: int | None = None
        self._said = _last(exchange, means.recipient)

    def step(self, now_ms: int) -> None:
        """Do what is asked. Raises ExchangeError."""
        version = self._exchange.version()
        late = self._looked_at is None or not 0 <= now_ms - self._looked_at < LOOK_MS
        if version == self._seen and not late:
            return
        self._seen = version
        said = self._said
        for row, wanted in _wanted(self._exchange):
            said = said if wanted is None else self._done(said, wanted, now_ms)
            self._exchange.answered([row])
        if late:
            self._looked_at = now_ms
            begins, ends = _life(self._means.certificate)
            said = replace(said, certificate_begins=begins, certificate_ends=ends)
        if said != self._said or late:
            self._tell(said)

    def _tell(self, said: Sending) -> None:
        """The exchange may be a new one, and another word of ours may lie there."""
        body, before = sending.encode(said), self._exchange.newest(sending.MESSAGE)
        if before is None or before.body != body:
            self._exchange.inbox_add(sending.MESSAGE, body, instead_of=() if before is None else (before.id,))
        self._said = said

    def _done(self, said: Sending, wanted: Asked, now_ms: int) -> Sending:
        if wanted.act is Wanted.PREFLIGHT:
            said = replace(said, preflight=_preflight(self._means, now_ms))
        outcome = _outcome(self._means, wanted, now_ms)
        _log.info("asked act=%s outcome=%s", wanted.act.value, outcome.value)
        answer = Answer(wanted.act, wanted.event, now_ms, outcome)
        return replace(said, answers=(*said.answers, answer)[-ANSWERS_MOST:])


def _outcome(means: Means, wanted: Asked, now_ms: int) -> Outcome:
    if wanted.act is Wanted.PREFLIGHT:
        return Outcome.DONE
    letter = next((one for one in means.letters.all() if one.event_id == wanted.event), None)
    if letter is None:
        return Outcome.GONE
    act = Act(wanted.act.value, wanted.by, wanted.second, reason="" if wanted.reason is None else wanted.reason.value)
    try:
        match wanted.act:
            case Wanted.RETRY:
                means.letters.retry(wanted.event, act, now_ms)
            case Wanted.HAND:
                export(means.folder / f"dead-{wanted.event}.json", means.device, [letter], now_ms)
                means.letters.hand([wanted.event], replace(act, act="export"), now_ms)
            case Wanted.DISCARD:
                means.letters.hand([wanted.event], act, now_ms)
    except NotPossible:
        return Outcome.REFUSED
    return Outcome.DONE


def _preflight(means: Means, now_ms: int) -> Preflight:
    try:
        health = means.health(now_ms)
    except (BackendDown, BackendMisconfigured) as error:
        return Preflight(now_ms, usable=False, codes=_codes([error.detail]))
    return Preflight(now_ms, health.usable, _codes([one.code for one in health.remarks]))


def _codes(found: list[str]) -> tuple[str, ...]:
    return tuple(code if WORD.fullmatch(code) else "unknown" for code in found[:CODES_MOST])


def _life(certificate: Path | None) -> tuple[int | None, int | None]:
    try:
        life = None if certificate is None else tls_key.life(certificate)
    except (OSError, ValueError):
        life = None
    return (None, None) if life is None else (life.begins, life.ends)


def _last(exchange: Exchange, recipient: str) -> Sending:
    """What was told before this start, if it was about this recipient."""
    found = exchange.newest(sending.MESSAGE)
    try:
        said = None if found is None else sending.decode(found.body)
    except FormatError:
        said = None
    return said if said is not None and said.recipient == recipient else Sending(recipient)


def _wanted(exchange: Exchange) -> list[tuple[int, Asked | None]]:
    found: list[tuple[int, Asked | None]] = []
    after = 0
    while rows := exchange.requests(after, _AT_ONCE):
        after = rows[-1].id
        for row in rows:
            if row.kind != asked.REQUEST:
                continue
            try:
                found.append((row.id, asked.decode(row.body)))
            except FormatError:
                _log.error("a request of the kiosk is no act: dropped")
                found.append((row.id, None))
    return found
