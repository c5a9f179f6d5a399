"""Runs a provider's program with fixed arguments, without a shell and not for ever; refuses to log what it answers."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from kiosk.faults import Fault, FaultCode

PATIENCE_S: Final = 30.0
_ENVIRONMENT: Final[Mapping[str, str]] = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C",
    "TSS2_LOG": "all+none",  # what the TPM's library thinks of each command; its last word is enough
}
_LAST_WORDS: Final = 120


def run(argv: Sequence[str], given: bytes = b"", *, patience_s: float = PATIENCE_S) -> bytes:
    """What the program writes to standard output.

    Args:
        argv: the program, by its name or whole path, and its arguments; no secret among them.
        given: its standard input.
        patience_s: after so long it is killed.

    Raises:
        Fault: PROVIDER_FAILED: it is not there, does not end, or ends with an error; with its last words.
    """
    name = Path(argv[0]).name
    try:
        ended = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            argv, input=given, capture_output=True, timeout=patience_s, env=_ENVIRONMENT, check=False
        )
    except FileNotFoundError:
        raise Fault(FaultCode.PROVIDER_FAILED, f"{name} is not installed") from None
    except OSError as error:
        raise Fault(FaultCode.PROVIDER_FAILED, f"{name} cannot be started") from error
    except subprocess.TimeoutExpired as error:
        raise Fault(FaultCode.PROVIDER_FAILED, f"{name} gave no answer in {patience_s:g} s") from error
    if ended.returncode != 0:
        said = ended.stderr.decode(errors="replace").strip().splitlines()
        last = "".join(letter for letter in said[-1] if letter.isprintable())[:_LAST_WORDS] if said else ""
        raise Fault(FaultCode.PROVIDER_FAILED, f"{name} ended with {ended.returncode}: {last}".removesuffix(": "))
    return ended.stdout
