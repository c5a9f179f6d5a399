"""`kiosk-sync`: run the daemon, send once, show how it stands, make the device's key; refuses a second daemon."""

import argparse
import fcntl
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from sync import enrolling
from sync.backends.hq import HqBackend
from sync.config import Settings, SettingsError, read, secret
from sync.daemon import Daemon
from sync.errands import Errands, run_all
from sync.exchange import Exchange, ExchangeAbsent, ExchangeError, State
from sync.heartbeat import notify
from sync.journal import Journal
from sync.line import Line

POLL_S: Final = 0.5
WAIT_S: Final = 5.0
_log = logging.getLogger("ambang.sync")


def now_ms() -> int:
    """The wall clock, ms since 1970."""
    return time.time_ns() // 1_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 not delivered, 2 wrong settings, 3 another daemon runs."""
    parser = argparse.ArgumentParser(prog="kiosk-sync", description="Delivers attendance to HQ, exactly once.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("run", "deliver until told to stop"),
        ("once", "deliver what is waiting now, then end"),
        ("status", "say how the delivery stands, as JSON"),
        ("errands", "fetch messages, report, carry certificates and backups, once"),
        ("enrol-device", "make the device's TLS key and a certificate request, or follow an invitation"),
    ):
        command = commands.add_parser(name, help=text)
        if name == "enrol-device":
            enrolling.options(command)
        command.add_argument("--config", type=Path, required=True, metavar="sync.toml")
        command.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING"))
    chosen = parser.parse_args(enrolling.joined(sys.argv[1:] if arguments is None else arguments))
    logging.basicConfig(level=chosen.log_level, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # it quotes addresses and what servers say
    acts = {"run": run, "once": once, "status": show, "errands": errands}
    try:
        if chosen.command == "enrol-device":
            return enrolling.enrol(chosen, now_ms)
        return acts[chosen.command](read(chosen.config))
    except BlockingIOError:
        sys.stderr.write("another kiosk-sync is already running here\n")
        return 3
    except (SettingsError, ExchangeError) as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, SettingsError) else 1


def run(settings: Settings) -> int:
    """Deliver until SIGTERM or SIGINT; what is under way is cut, and resumed by the next start."""
    stopping = threading.Event()
    beside = Errands(settings, now_ms)
    with _alone(settings), closing(Line(settings.hq, settings.recipient.host)) as line:

        def stop(_number: int, _frame: object) -> None:
            stopping.set()
            line.stop()
            beside.stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        beside.start()
        notify("READY=1")
        while not stopping.is_set():
            notify("WATCHDOG=1")
            try:
                with closing(Exchange.open(settings.exchange)) as exchange, _journal(settings) as journal:
                    daemon = _daemon(settings, exchange, journal, line)
                    while not stopping.is_set() and not exchange.replaced():
                        notify("WATCHDOG=1")
                        if daemon.step():
                            beside.nudge()
                        else:
                            stopping.wait(POLL_S)
                        beside.check()
            except ExchangeAbsent:
                stopping.wait(POLL_S)
            except ExchangeError as error:
                _log.error("%s: %s", type(error).__name__, error)
                stopping.wait(WAIT_S)
        notify("STOPPING=1")
        beside.stop()
        beside.join()
    return 0


def once(settings: Settings) -> int:
    """Deliver what waits now; 0 if HQ has receipted all of it, else 1."""
    with (
        _alone(settings),
        closing(Line(settings.hq, settings.recipient.host)) as line,
        closing(Exchange.open(settings.exchange)) as exchange,
        _journal(settings) as journal,
    ):
        daemon = _daemon(settings, exchange, journal, line)
        daemon.hurry()
        while daemon.step():
            pass
        left = exchange.unsettled()
        sys.stdout.write(f"waiting {left.events}, {daemon.status.state} {daemon.status.detail}".rstrip() + "\n")
        return 0 if left.events == 0 and daemon.status.state in (State.OK, State.STARTING) else 1


def show(settings: Settings) -> int:
    """Print one JSON object about queue, status, schedule, dead letters and the latest attempts."""
    with closing(Exchange.open(settings.exchange)) as exchange, _journal(settings) as journal:
        status, waiting, plan = exchange.status(), exchange.unsettled(), journal.plan()
        sys.stdout.write(
            json.dumps(
                {
                    "state": status.state,
                    "detail": status.detail,
                    "last_ack_ms": status.last_ack_ms,
                    "waiting": waiting.events,
                    "oldest_seq": waiting.oldest_seq,
                    "parked": waiting.parked,
                    "countersigned": exchange.countersigned(),
                    "next_attempt_at": plan.next_attempt_at,
                    "failures": plan.attempts,
                    "letters": [
                        {"event": one.event_id, "reason": one.reason, "tries": one.tries} for one in journal.letters()
                    ],
                    "attempts": [
                        {"batch": batch, "sent_at": sent, "ended_at": ended, "outcome": outcome}
                        for batch, sent, ended, outcome in journal.attempts()
                    ],
                },
                indent=1,
            )
            + "\n"
        )
    return 0


def errands(settings: Settings) -> int:
    """Run every errand once: messages, reports, certificates, backups; 0 if all are done, else 1."""
    with _alone(settings):
        failed = run_all(settings, now_ms())
    sys.stdout.write("".join(f"{name}: {detail}\n" for name, detail in failed.items()) or "all done\n")
    return 1 if failed else 0


def _daemon(settings: Settings, exchange: Exchange, journal: Journal, line: Line) -> Daemon:
    return Daemon(
        settings.device,
        secret(settings.exchange_key),
        exchange=exchange,
        journal=journal,
        backend=HqBackend(settings.hq, settings.device_public, line.transport),
        clock=now_ms,
    )


@contextmanager
def _journal(settings: Settings) -> Iterator[Journal]:
    with closing(Journal.open(settings.journal, settings.device, secret(settings.exchange_key))) as journal:
        yield journal


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold a lock beside the journal. Raises BlockingIOError while another daemon holds it."""
    lock = os.open(settings.journal.with_suffix(".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(lock)


if __name__ == "__main__":
    sys.exit(main())
