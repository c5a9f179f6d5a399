"""`kiosk run`: the app at the door; refuses to start without a configuration and without a display."""

import argparse
import logging
import os
import sys
from pathlib import Path
from typing import Final, TextIO

from kiosk import config
from kiosk.cli.opening import phrase
from kiosk.faults import Fault, FaultCode
from kiosk.screens.assembly import assemble, overlaid, run_on
from kiosk.store import SecurityLevel, roots

DISPLAYS: Final = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def main(argv: list[str]) -> int:
    """`kiosk run --config kiosk.toml`: returns the exit status; a fault of the store is shown on the screen, not here.

    Raises:
        Fault: CONFIG_INVALID; NO_DISPLAY, where Qt would end the process without a word of ours; PASSPHRASE_WRONG, or
            KEY_MISSING if a passphrase is needed and nothing was typed.
    """
    parser = argparse.ArgumentParser(prog="kiosk run", description="Start the time clock.")
    parser.add_argument("--config", type=Path, required=True, help="kiosk.toml")
    parser.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING"))
    options = parser.parse_args(argv)
    log_to(sys.stderr, options.log_level)
    loaded = config.load(options.config)
    if not any(os.environ.get(name) for name in DISPLAYS):
        raise Fault(FaultCode.NO_DISPLAY)
    provider = roots.of(loaded.state, ask=phrase)
    if provider.security_level is SecurityLevel.PASSPHRASE:
        provider.read()  # asked for here, before the screen is drawn; the store is opened later, on another thread
    return run_on(lambda: assemble(overlaid(loaded, provider), provider))


def log_to(stream: TextIO, level: str) -> None:
    """Send the log to a stream: ids, kinds, counts and durations, which is all that anybody logs."""
    logging.basicConfig(
        level=level,
        stream=stream,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        force=True,
    )
