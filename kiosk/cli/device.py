"""`kiosk device`: this device, headquarters and siblings; refuses to vouch for a key that sync has not shown."""

import argparse
import sys
from contextlib import closing
from typing import Final

from kiosk.cli import device_siblings, opening
from kiosk.faults import Fault, FaultCode
from kiosk.store import LocalKind, Store, outbox
from kiosk.store.keys import KeyKind
from sync.exchange import Exchange, ExchangeError
from wire import canonical, checks, invitation
from wire.errors import FormatError
from wire.invitation import Invitation
from wire.signing import SigningKey

TLS_KEY: Final = "tls_key"
REQUEST: Final = "invitation"
_AT_ONCE: Final = 4  # a message may have 1 MiB


def main(argv: list[str]) -> int:
    """`kiosk device enrol ...`: returns 0 when all is well. Raises Fault."""
    parser = argparse.ArgumentParser(prog="kiosk device", description="This device and its headquarters.")
    acts = parser.add_subparsers(required=True, metavar="VERB")
    enrol = opening.options(acts.add_parser("enrol", help="vouch for this device, with an invitation of headquarters"))
    enrol.add_argument(
        "--invitation", required=True, metavar="TEXT", help="the line under the QR code, AI1,...; - reads one line"
    )
    enrol.set_defaults(do=_enrol)
    device_siblings.add(acts)
    given = parser.parse_args(argv)
    code: int = given.do(given)
    return code


def _enrol(given: argparse.Namespace) -> int:
    line = sys.stdin.readline(invitation.LENGTH_LIMIT + 2).strip() if given.invitation == "-" else given.invitation
    invited = _read(line)
    config = opening.configured(given)
    with opening.opened(given) as store:
        if invited.device != store.device_id:
            raise Fault(FaultCode.ENROLMENT_REFUSED, f"the invitation is for another device, not for {store.device_id}")
        try:
            with closing(outbox.open_exchange(config.exchange)) as exchange:
                key = _tls_key(exchange, store.device_id)
                exchange.request(REQUEST, _vouched(store, invited, line, key))
        except (ExchangeError, OSError) as error:
            raise Fault(
                FaultCode.ENROLMENT_REFUSED, "the exchange with sync cannot be used; start the kiosk first"
            ) from error
        store.append_local(LocalKind.CONFIGURED, {"sections": "invitation"})
    said = f"This device vouches for itself at {invited.url}. kiosk-sync enrol-device goes on from here."
    opening.answer(given, {"device": invited.device, "url": invited.url, "tls_key": key.hex()}, said)
    return 0


def _read(line: str) -> Invitation:
    try:
        return invitation.read(line)
    except FormatError as error:
        raise Fault(
            FaultCode.ENROLMENT_REFUSED, "that is no invitation, or not all of it: one begins with AI1 and a comma"
        ) from error


def _tls_key(exchange: Exchange, device: str) -> bytes:
    """The newest TLS key that sync has shown, as the hash of its public half. Raises Fault."""
    found: bytes | None = None
    after = 0
    while messages := exchange.inbox(after, _AT_ONCE):
        after = messages[-1].id
        for message in messages:
            if message.kind == TLS_KEY:
                found = _shown(message.body, device) or found
    if found is None:
        raise Fault(FaultCode.ENROLMENT_REFUSED, "sync has not shown its key: run kiosk-sync enrol-device first")
    return found


def _shown(body: bytes, device: str) -> bytes | None:
    try:
        said = canonical.fields(canonical.decode(body), {"device": str, "key": str})
        return checks.hex_bytes(said["key"], 32) if said["device"] == device else None
    except FormatError:
        return None


def _vouched(store: Store, invited: Invitation, line: str, key: bytes) -> bytes:
    signing = SigningKey.from_bytes(store.keys.need(KeyKind.SIGNING))
    proof = invitation.prove(invited.device, invited.token, key, signing)
    return canonical.encode(
        {"invitation": line, "tls_key": key.hex(), "public": signing.public.hex(), "proof": proof.hex()}
    )
