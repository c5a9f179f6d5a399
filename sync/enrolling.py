"""`kiosk-sync enrol-device`: by hand with a request, or with an invitation; refuses to send before the pin fits."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from sync import provisioning, tls_key
from sync.config import SettingsError
from sync.exchange import Exchange, ExchangeAbsent
from sync.exchange import Message as Row
from sync.provisioning import Asked, Draft, Enrolled
from sync.transport import NotDelivered
from wire import checks, invitation
from wire.errors import FormatError
from wire.invitation import Invitation

WAIT_S: Final = 300
POLL_S: Final = 0.5
_SPELLED: Final = ("--token", "--pin")
_SENTENCES: Final = {
    "host_not_registered": "The invitation leads to a host that is not the registered recipient in sync.toml.",
    "pin_does_not_fit": "Whoever answers there is not who made this invitation: its authority does not fit the pin."
    " Nothing was sent. Ask headquarters, and look who stands in between.",
    "hq_invitation_refused": "Headquarters refuses this invitation: it is wrong, used or over, or its device is known"
    " by another key. Ask for a new one.",
}


def options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--invitation", metavar="TEXT", help="the line under the QR code, AI1,...")
    parser.add_argument("--url", help="or its parts: address,")
    parser.add_argument("--token", help="token,")
    parser.add_argument("--pin", help="and pin")
    parser.add_argument(
        "--wait", type=int, default=WAIT_S, metavar="S", help="how long to wait for the kiosk's word, in seconds"
    )


def joined(arguments: Sequence[str]) -> list[str]:
    """The same arguments, but a token or pin that begins with a dash is no option."""
    made: list[str] = []
    for argument in arguments:
        if made and made[-1] in _SPELLED:
            made[-1] = f"{made[-1]}={argument}"
        else:
            made.append(argument)
    return made


def enrol(chosen: argparse.Namespace, now_ms: Callable[[], int]) -> int:
    """Make the TLS key if there is none; follow an invitation if one is given or the kiosk has passed one on.

    Returns:
        0 enrolled, or the certificate request written; 1 not enrolled.

    Raises:
        SettingsError: sync.toml, the invitation or a file cannot be used.
        ExchangeError: the exchange cannot be used.
    """
    wanted = provisioning.draft(chosen.config)
    line = _line(chosen, wanted.device)
    try:
        request = tls_key.make_request(wanted.key, wanted.device)
        found = _asked(wanted, tls_key.fingerprint(wanted.key), line, chosen.wait)
        if found is None and line is not None:
            sys.stderr.write(f"The kiosk has not vouched for this device within {chosen.wait} s; nothing was sent.\n")
            return 1
        if found is None:
            file = wanted.certificate.with_suffix(".csr")
            file.write_bytes(request)
            sys.stdout.write(f"{file}\n")
            return 0
        return _follow(chosen.config, wanted, found, now_ms)
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(f"{wanted.key.name}: {error}") from error


def _line(chosen: argparse.Namespace, device: str) -> str | None:
    parts = (chosen.url, chosen.token, chosen.pin)
    try:
        if chosen.invitation is not None:
            read = invitation.read(chosen.invitation)
        elif any(part is not None for part in parts):
            if None in parts:
                raise SettingsError("--url, --token and --pin belong together")
            read = Invitation(chosen.url, device, checks.base64url(chosen.token), checks.base64url(chosen.pin))
        else:
            return None
    except FormatError as error:
        raise SettingsError(f"That is no invitation, or not all of it ({error}).") from error
    if read.device != device:
        raise SettingsError("The invitation is for another device than the one in sync.toml.")
    return invitation.write(read)


def _asked(wanted: Draft, fingerprint: bytes, line: str | None, wait_s: int) -> Asked | None:
    """The kiosk's word: it lies in the exchange already, or it is waited for if there is an invitation; None without.

    Raises:
        SettingsError: an invitation, and no exchange that the kiosk could answer in.
    """
    try:
        exchange = Exchange.open(wanted.exchange)
    except ExchangeAbsent:
        if line is not None:
            raise SettingsError(
                "There is no exchange yet: start the kiosk first, it has to vouch for this device."
            ) from None
        return None
    with closing(exchange):
        found = provisioning.asked(_rows(exchange), wanted.device, fingerprint, line)
        if found is None:
            provisioning.publish(exchange, wanted)
        if found is not None or line is None:
            return found
        sys.stderr.write(f"Now on the kiosk: kiosk device enrol --invitation {line}\n")
        end = time.monotonic() + wait_s
        while time.monotonic() < end:
            time.sleep(POLL_S)
            if (found := provisioning.asked(_rows(exchange), wanted.device, fingerprint, line)) is not None:
                return found
    return None


def _rows(exchange: Exchange) -> list[Row]:
    found: list[Row] = []
    while rows := exchange.requests(found[-1].id if found else 0):
        found += rows
    return [row for row in found if row.kind == provisioning.REQUEST]


def _follow(config: Path, wanted: Draft, request: Asked, now_ms: Callable[[], int]) -> int:
    try:
        done = provisioning.enrol(wanted, request, now_ms())
    except NotDelivered as error:
        detail = error.refusal.detail
        sys.stderr.write(f"{_SENTENCES.get(detail, 'Not enrolled; try again.')} ({detail})\n")
        return 1
    with closing(Exchange.open(wanted.exchange)) as exchange:
        exchange.answered([request.row])
    sys.stdout.write("\n".join(_told(config, wanted, done)) + "\n")
    return 0


def _told(config: Path, wanted: Draft, done: Enrolled) -> list[str]:
    try:
        tls_key.replace(config, provisioning.complete(config, wanted, done).encode(), config.stat().st_mode & 0o777)
        said = [f"Enrolled at {done.name}. {config} is complete."]
    except (OSError, SettingsError):
        said = [f"Enrolled at {done.name}. {config} may not be changed from here: put this there", ""]
        said += provisioning.section(wanted, done)
    headquarters = ["[headquarters]", f'name = "{done.name}"', f'public = "{done.public.hex()}"']
    return [*said, "", "And in kiosk.toml:", *headquarters]
