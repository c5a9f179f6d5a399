"""`kiosk`: hands each noun to its file in cli/; refuses with a title and what to do, never with a traceback."""

import importlib
import locale
import os
import signal
import sys
from importlib.metadata import version
from typing import Final

from kiosk import words
from kiosk.faults import Fault

NOUNS: Final = {
    "run": "start the time clock at the door",
    "demo": "try everything: sample camera, embedded HQ, throw-away data",
    "people": "who may use this device: add, list, enrol a face",
    "store": "what this device keeps: create, check, rotate, backup, restore, ...",
    "privacy": "erase, and prove it",
    "accounts": "who may administer this device",
    "device": "let headquarters know this device, and which others it believes",
    "models": "face recognition models: list, fetch, verify, import",
    "screens": "draw every screen to PNG files",
}
FAULT: Final = 2
INTERRUPTED: Final = 128 + signal.SIGINT
STOPPED: Final = 128 + signal.SIGTERM


def main(argv: list[str] | None = None) -> int:
    """Run `kiosk NOUN ...`.

    Returns:
        What the noun's file returns: 0 when all is well, 1 when a check failed, 2 for a fault, a wrong call or
        a file that the system refuses, 130 and 143 when it was interrupted or told to stop.
    """
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        sys.stdout.write(_usage())
        return 0
    if arguments[0] in {"-V", "--version"}:
        sys.stdout.write(f"ambang {version('ambang')}\n")
        return 0
    noun, *rest = arguments
    if noun not in NOUNS:
        sys.stderr.write(f"kiosk: there is no {noun!r}\n\n{_usage()}")
        return FAULT
    # Whatever was started must be ended: an order to stop leaves through every `finally`.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(STOPPED))
    return _do(noun, rest)


def _do(noun: str, rest: list[str]) -> int:
    """Let the noun's file work; what the world did to it becomes a sentence and an exit code."""
    # Before numpy is loaded: on busy cores the threads of one product wait for each other longer than it takes (17 ms
    # instead of 1.3 ms for 10,000 people, measured on two cores).
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        result: int = importlib.import_module(f"kiosk.cli.{noun}").main(rest)
    except Fault as fault:
        language = _language()
        detail = f" ({fault.detail})" if fault.detail else ""
        title, hint = (words.say(language, f"fault.{fault.code}.{part}") for part in ("title", "hint"))
        sys.stderr.write(f"kiosk: {title}{detail}\n{hint}\n")
        return FAULT
    except OSError as refused:
        place = f"{refused.filename}: " if refused.filename else ""
        sys.stderr.write(f"kiosk: {place}{refused.strerror or refused}\n")
        return FAULT
    except (KeyboardInterrupt, EOFError):
        return INTERRUPTED
    return result


def _usage() -> str:
    nouns = "".join(f"  {noun:<10}{text}\n" for noun, text in NOUNS.items())
    return f"usage: kiosk NOUN ...\n\n{nouns}\n`kiosk NOUN --help` tells more.\n"


def _language() -> str:
    """The shell's language if we speak it, else English."""
    spoken = (os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or "en")[:2]
    return spoken if spoken in words.LANGUAGES else "en"


if __name__ == "__main__":
    sys.exit(main())
