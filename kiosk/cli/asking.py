"""Asks for passwords and codes: unseen on a terminal, else one line of standard input each; refuses anything else."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from kiosk import words
from kiosk.cli.opening import typed
from kiosk.faults import Fault, FaultCode


def password(name: str) -> str:
    """The password of an account."""
    return typed(f"Password of {name}: ")


def pin() -> str:
    """The PIN of a person who is there."""
    return typed("PIN: ")


def code() -> str:
    """A one-time code."""
    return typed("One-time code: ")


def new_password(name: str) -> str:
    """A password that is being chosen; on a terminal typed twice, until both are the same."""
    chosen = typed(f"New password of {name}: ")
    while sys.stdin.isatty() and typed("The same again: ") != chosen:
        sys.stderr.write("They differ; please try again.\n")
        chosen = typed(f"New password of {name}: ")
    return chosen


def speak(line: str) -> None:
    """Speak to whoever is there: on standard error, so that an answer in JSON stays one."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def repeated(question: str, expected: str) -> bool:
    """Whether somebody types what they mean once more."""
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip() == expected


@contextmanager
def explained() -> Iterator[None]:
    """Say what is wrong with a new password, a sentence for each reason, before the Fault goes on."""
    try:
        yield
    except Fault as fault:
        if fault.code is FaultCode.PASSWORD_UNFIT:
            for reason in fault.detail.split(", "):
                sys.stderr.write(f"{words.say('en', f'password.{reason}')}\n")
        raise
