"""`kiosk-sync status` and `preflight`: how the delivery stands, and whether it could work; refuses to send an event."""

import json
import sys
from contextlib import closing
from typing import Any

from sync.assembly import backend_of, disk_used, line_of
from sync.banner import worry
from sync.config import Hq, Settings, backend_word, secret
from sync.contract import BackendDown, BackendMisconfigured, Health, Remark
from sync.exchange import Exchange
from sync.journal import Journal
from sync.preflight import asked_for
from sync.punch_journal import PunchJournal
from sync.punches import Dead, Paused


def show(settings: Settings, now_ms: int) -> int:
    """Print one JSON object about queue, status, schedule and dead letters."""
    with closing(Exchange.open(settings.exchange)) as exchange:
        status, waiting = exchange.status(), exchange.unsettled()
        oldest = exchange.oldest_waiting(set_aside=False)
        said: dict[str, Any] = {
            "backend": backend_word(settings.target),
            "state": status.state,
            "detail": status.detail,
            "level": worry(exchange, status.state, disk_used(settings.journal), now_ms),
            "last_ack_ms": status.last_ack_ms,
            "waiting": waiting.events,
            "oldest_seq": waiting.oldest_seq,
            "oldest_pending_s": None if oldest is None else max(0, now_ms - oldest) // 1000,
            "parked": waiting.parked,
            "dead": waiting.parked,
            "countersigned": exchange.countersigned(),
        }
        said |= _of_batches(settings) if isinstance(settings.target, Hq) else _of_punches(settings)
    sys.stdout.write(json.dumps(said, indent=1) + "\n")
    return 0


def _of_batches(settings: Settings) -> dict[str, Any]:
    with closing(Journal.open(settings.journal, settings.device, secret(settings.exchange_key))) as journal:
        plan = journal.plan()
        return {
            "next_attempt_at": plan.next_attempt_at,
            "failures": plan.attempts,
            "letters": [{"event": one.event_id, "reason": one.reason, "tries": one.tries} for one in journal.letters()],
            "attempts": [
                {"batch": batch, "sent_at": sent, "ended_at": ended, "outcome": outcome}
                for batch, sent, ended, outcome in journal.attempts()
            ],
        }


def _of_punches(settings: Settings) -> dict[str, Any]:
    with closing(PunchJournal.open(settings.journal, settings.device, secret(settings.exchange_key))) as journal:
        line = journal.line()
        return {
            "next_attempt_at": line.next_attempt_at,
            "failures": 0 if isinstance(line, Paused) else line.attempts,
            "sentence": line.sentence if isinstance(line, Paused) else "",
            "events": journal.counts(),
            "letters": [
                {"event": one.event_id, "reason": one.track.state.why, "tries": one.track.state.attempt}
                for one in journal.dead()
                if isinstance(one.track.state, Dead)
            ],
        }


def preflight(settings: Settings, now_ms: int, *, as_json: bool) -> int:
    """Ask the backend whether it could take events; 0 if it could, else 1."""
    line = line_of(settings)
    try:
        health = asked_for(settings, backend_of(settings, line), line, now_ms)
    except BackendDown as error:
        health = Health(
            (Remark(error.detail, "It cannot be reached now. Events wait here and are not lost.", blocks=True),)
        )
    except BackendMisconfigured as error:
        health = Health((Remark(error.detail, error.sentence, blocks=True),))
    finally:
        if line is not None:
            line.close()
    if as_json:
        remarks = [{"code": one.code, "sentence": one.sentence, "blocks": one.blocks} for one in health.remarks]
        sys.stdout.write(json.dumps({"usable": health.usable, "remarks": remarks}, indent=1, ensure_ascii=False) + "\n")
    else:
        for one in health.remarks:
            sys.stdout.write(f"{'stops' if one.blocks else 'warns'}: {one.code}: {one.sentence}\n")
        sys.stdout.write("events can be sent\n" if health.usable else "no event can be sent now\n")
    return 0 if health.usable else 1
