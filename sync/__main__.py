"""`kiosk-sync`: run the daemon, send once, show how it stands, enrol the device; refuses a second daemon."""

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

from sync import dead_command, enrolling, showing
from sync.assembly import Work, line_of, work_of
from sync.config import Hq, Settings, SettingsError, read
from sync.errands import Errands, run_all
from sync.exchange import Exchange, ExchangeAbsent, ExchangeError, State
from sync.heartbeat import notify
from sync.line import Line

POLL_S: Final = 0.5
WAIT_S: Final = 5.0
_log = logging.getLogger("ambang.sync")


def now_ms() -> int:
    """The wall clock, ms since 1970."""
    return time.time_ns() // 1_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 not delivered or not possible, 2 wrong settings or usage, 3 another daemon runs."""
    chosen = _parser().parse_args(enrolling.joined(sys.argv[1:] if arguments is None else arguments))
    logging.basicConfig(level=chosen.log_level, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # it quotes addresses and what servers say
    try:
        if chosen.command == "enrol-device":
            return enrolling.enrol(chosen, now_ms)
        return _act(read(chosen.config), chosen)
    except BlockingIOError:
        sys.stderr.write(
            "another kiosk-sync is already running here, and does this by itself; stop it first, or wait\n"
        )
        return 3
    except (SettingsError, ExchangeError) as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, SettingsError) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk-sync", description="Delivers attendance, exactly once.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("run", "deliver until told to stop"),
        ("once", "deliver what is waiting now, then end"),
        ("status", "say how the delivery stands, as JSON"),
        ("preflight", "ask the server whether it could take events; sends none"),
        ("dead", "events that are set aside: list, retry, map, approve, correct, export, discard"),
        ("errands", "fetch messages, report, carry certificates and backups, once"),
        ("enrol-device", "make the device's TLS key and a certificate request, or follow an invitation"),
    ):
        command = commands.add_parser(name, help=text)
        if name == "enrol-device":
            enrolling.options(command)
        for one in dead_command.options(command) if name == "dead" else [command]:
            one.add_argument("--config", type=Path, required=True, metavar="sync.toml")
            one.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING"))
            one.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _act(settings: Settings, chosen: argparse.Namespace) -> int:
    match chosen.command:
        case "run":
            return run(settings)
        case "once":
            return once(settings, as_json=chosen.json)
        case "status":
            return showing.show(settings, now_ms())
        case "preflight":
            return showing.preflight(settings, now_ms(), as_json=chosen.json)
        case "dead":
            return dead_command.act(settings, chosen, now_ms())
    return errands(settings)


def run(settings: Settings) -> int:
    """Deliver until SIGTERM or SIGINT; what is under way is cut, and resumed by the next start."""
    stopping = threading.Event()
    beside = Errands(settings, now_ms) if isinstance(settings.target, Hq) else None
    with _alone(settings), _line(settings) as line:

        def stop(_number: int, _frame: object) -> None:
            stopping.set()
            for one in (line, beside):
                if one is not None:
                    one.stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        if beside is not None:
            beside.start()
        notify("READY=1")
        while not stopping.is_set():
            notify("WATCHDOG=1")
            try:
                with (
                    closing(Exchange.open(settings.exchange)) as exchange,
                    work_of(settings, exchange, line, now_ms) as work,
                ):
                    while not stopping.is_set() and not exchange.replaced():
                        _round(work, beside, stopping)
            except ExchangeAbsent:
                stopping.wait(POLL_S)
            except ExchangeError as error:
                _log.error("%s: %s", type(error).__name__, error)
                stopping.wait(WAIT_S)
        notify("STOPPING=1")
        if beside is not None:
            beside.stop()
            beside.join()
    return 0


def _round(work: Work, beside: Errands | None, stopping: threading.Event) -> None:
    notify("WATCHDOG=1")
    more = work.delivery.step()
    work.do_chores(now_ms())
    if beside is not None:
        if more:
            beside.nudge()
        beside.check()
    if not more:
        stopping.wait(POLL_S)


def once(settings: Settings, *, as_json: bool = False) -> int:
    """Deliver what waits now; 0 if all of it is with the recipient, else 1."""
    with (
        _alone(settings),
        _line(settings) as line,
        closing(Exchange.open(settings.exchange)) as exchange,
        work_of(settings, exchange, line, now_ms) as work,
    ):
        work.delivery.hurry()
        while work.delivery.step():
            pass
        work.do_chores(now_ms())
        left, status = exchange.unsettled(), work.delivery.status
        if as_json:
            said = {"waiting": left.events, "parked": left.parked, "state": status.state, "detail": status.detail}
            sys.stdout.write(json.dumps(said, indent=1) + "\n")
        else:
            sys.stdout.write(f"waiting {left.events}, {status.state} {status.detail}".rstrip() + "\n")
        return 0 if left.events == 0 and status.state in (State.OK, State.STARTING) else 1


def errands(settings: Settings) -> int:
    """Run every errand once: messages, reports, certificates, backups; 0 if all are done, else 1."""
    with _alone(settings):
        failed = run_all(settings, now_ms())
    sys.stdout.write("".join(f"{name}: {detail}\n" for name, detail in failed.items()) or "all done\n")
    return 1 if failed else 0


@contextmanager
def _line(settings: Settings) -> Iterator[Line | None]:
    line = line_of(settings)
    try:
        yield line
    finally:
        if line is not None:
            line.close()


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
