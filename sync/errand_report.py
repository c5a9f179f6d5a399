"""Tells headquarters how this device does, every 15 minutes and when something changed; refuses to tell of a person."""

import logging
from importlib.metadata import version
from pathlib import Path
from typing import Final

from sync import surroundings, tls_key
from sync.errand import JSON, Desk, NotDone, random_hex
from sync.replies import Kind, Refusal
from wire import report
from wire.errors import FormatError
from wire.report import Delivery, Report, Welfare

LOOK_MS: Final = 60_000
EVERY_MS: Final = 900_000
REQUEST: Final = "report"
SALT_SIZE: Final = 16
UPDATED: Final = (
    Path("/var/lib/apt/periodic/unattended-upgrades-stamp"),
    Path("/var/lib/apt/periodic/upgrade-stamp"),
    Path("/var/lib/dpkg/status"),
)
_log = logging.getLogger("ambang.sync")


class Reports:
    """Looks once a minute; sends if something that stays has changed, and every 15 minutes in any case."""

    name = "report"
    every_ms = LOOK_MS

    def run(self, desk: Desk, now_ms: int) -> None:
        """Report if it is time. Raises NotDone."""
        welfare = _welfare(desk)
        told = _drawn_up(desk, welfare, now_ms)
        lasting = _lasting(told)
        memory = desk.memory
        if memory.get("reported") == lasting and 0 <= now_ms - memory.number("reported_at") < EVERY_MS:
            return
        answer = desk.send("POST", "/v1/reports", report.encode(told), {"Content-Type": JSON}, now_ms)
        if answer != {"stored": True}:
            raise NotDone(Refusal(Kind.UNKNOWN, "reply_invalid"))
        memory.keep(reported=lasting, reported_at=now_ms, network=told.network)


def _drawn_up(desk: Desk, welfare: Welfare | None, now_ms: int) -> Report:
    exchange, memory = desk.exchange, desk.memory
    for name, size in (("installation", report.INSTALLATION_SIZE), ("network_salt", SALT_SIZE)):
        if memory.get(name) is None:
            memory.keep_all({name: random_hex(size)})
    status, waiting, oldest = exchange.status(), exchange.unsettled(), exchange.oldest_waiting()
    network = surroundings.digest(bytes.fromhex(memory.get("network_salt") or ""))
    reasons = sorted(exchange.set_aside().items())[: report.REASONS_LIMIT]
    try:
        return Report(
            device=desk.settings.device,
            installation=memory.get("installation") or "",
            at=now_ms,
            version=version("ambang"),
            delivery=Delivery(status.state.value),
            detail=status.detail,
            waiting=waiting.events,
            oldest=None if oldest is None else max(0, now_ms - oldest),
            dead=dict(reasons),
            certificate_until=tls_key.life(desk.settings.hq.certificate).ends,
            system_updated=_system_updated(),
            network=network,
            network_changed=memory.get("network") not in (None, network),
            welfare=welfare,
        )
    except (OSError, ValueError) as error:
        raise NotDone(Refusal(Kind.CONFIG, "certificate_unusable")) from error


def _lasting(told: Report) -> str:
    """What of a report is news when it changes: not ages and counts that move all the time."""
    level = None if told.welfare is None else told.welfare.security_level
    parts = (
        told.version,
        told.delivery,
        told.detail,
        sorted(told.dead.items()),
        told.certificate_until,
        told.network,
        level,
    )
    return repr(parts)


def _welfare(desk: Desk) -> Welfare | None:
    """The kiosk's last word; an older one is kept in memory."""
    rows = desk.requests(REQUEST)
    for row in reversed(rows):
        try:
            found = report.decode_welfare(row.body)
        except FormatError:
            _log.error("a request of the kiosk is no report: dropped")
            continue
        desk.memory.keep(welfare=report.encode_welfare(found).decode())
        break
    if rows:
        desk.exchange.answered([row.id for row in rows])
    kept = desk.memory.get("welfare")
    return None if kept is None else report.decode_welfare(kept.encode())


def _system_updated() -> int | None:
    """When the packages of the operating system last changed, ms since 1970, by the first file that can be asked."""
    for path in UPDATED:
        try:
            return int(path.stat().st_mtime * 1000)
        except OSError:
            continue
    return None
