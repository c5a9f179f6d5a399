"""How a device comes to its headquarters with an invitation; refuses any authority but the one that was pinned."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sync import tls_key
from sync.backends.hq import explained
from sync.config import MAX_FILE, SettingsError
from sync.errand import JSON
from sync.exchange import Exchange
from sync.exchange import Message as Row
from sync.replies import Kind, Refusal, classify, retry_after
from sync.transport import Answer, NotDelivered, Transport
from wire import canonical, checks, invitation
from wire.errors import FormatError
from wire.invitation import Invitation
from wire.signing import KEY_SIZE, SIGNATURE_SIZE

TLS_KEY: Final = "tls_key"
REQUEST: Final = "invitation"
HASH_SIZE: Final = 32
_OK: Final = 200
_PATHS: Final = ("ca", "certificate", "key")
_FILES: Final = {"ca": "ca.pem", "certificate": "tls.pem", "key": "tls.key"}


@dataclass(frozen=True, slots=True)
class Draft:
    """What must stand in sync.toml before a device is enrolled; paths are absolute, `host` is the registered one."""

    device: str
    host: str
    exchange: Path
    ca: Path
    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Asked:
    """What the kiosk has signed: which invitation it follows, its public key (32 bytes), the proof (64 bytes)."""

    row: int
    invitation: Invitation
    public: bytes
    proof: bytes


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Headquarters' signer name and its public key (32 bytes)."""

    url: str
    name: str
    public: bytes


def draft(path: Path) -> Draft:
    """Read what is needed of a sync.toml whose [hq] is not filled in yet.

    Raises:
        SettingsError: unreadable, or device, exchange, journal or the recipient's host is missing.
    """
    table = _table(path)
    folder = path.resolve().parent
    found = {name: table.get(name) for name in ("device", "exchange", "journal")}
    recipient = table.get("recipient")
    host = recipient.get("host") if isinstance(recipient, dict) else None
    for name, value in (*found.items(), ("recipient.host", host)):
        if not isinstance(value, str) or not value.strip():
            raise SettingsError(f"{name} must be filled in")
    hq = table.get("hq", {})
    beside = (folder / str(found["journal"])).parent
    paths = {name: hq.get(name) or str(beside / _FILES[name]) for name in _PATHS} if isinstance(hq, dict) else {}
    if not all(isinstance(value, str) for value in paths.values()) or not paths:
        raise SettingsError("[hq]: ca, certificate and key must be paths")
    try:
        device = checks.device(str(found["device"]))
    except FormatError as error:
        raise SettingsError("device has not the form of one") from error
    files = {name: folder / value for name, value in paths.items()}
    return Draft(device, str(host).lower(), folder / str(found["exchange"]), **files)


def publish(exchange: Exchange, wanted: Draft) -> bytes:
    """Tell the kiosk which TLS key it may vouch for: its fingerprint, 32 bytes, which is returned.

    Raises:
        OSError, ValueError, TypeError: there is no such key.
    """
    fingerprint = tls_key.fingerprint(wanted.key)
    exchange.inbox_add(TLS_KEY, canonical.encode({"device": wanted.device, "key": fingerprint.hex()}))
    return fingerprint


def asked(rows: Sequence[Row], device: str, fingerprint: bytes, line: str | None = None) -> Asked | None:
    """The newest request of the kiosk that vouches for this TLS key, and for this invitation if one is named."""
    for row in reversed(rows):
        try:
            names = ("invitation", "tls_key", "public", "proof")
            found = canonical.fields(canonical.decode(row.body), dict.fromkeys(names, str))
            read = invitation.read(found["invitation"])
            public = checks.hex_bytes(found["public"], KEY_SIZE)
            proof = checks.hex_bytes(found["proof"], SIGNATURE_SIZE)
            invitation.check(device, read.token, fingerprint, public, proof)
        except FormatError:
            continue
        if read.device == device and line in (None, found["invitation"]):
            return Asked(row.id, read, public, proof)
    return None


def enrol(wanted: Draft, request: Asked, now_ms: int) -> Enrolled:
    """Fetch the authority, compare it with the pin, and only then send anything; the certificate is written last.

    Raises:
        NotDelivered: nobody answered, the authority is another one, or headquarters refused.
        OSError, ValueError, TypeError: key or certificate cannot be read or written.
    """
    host, url = request.invitation.host, request.invitation.url
    if host != wanted.host:
        raise NotDelivered(Refusal(Kind.CONFIG, "host_not_registered"))
    authority = _authority(host, url, request.invitation.pin, wanted.ca)
    beside = wanted.ca.with_name(f"{wanted.ca.name}.new")
    tls_key.replace(beside, authority, 0o444)
    body = {
        "device": wanted.device,
        "token": checks.to_base64url(request.invitation.token),
        "csr": tls_key.make_request(wanted.key, wanted.device).decode(),
        "public": request.public.hex(),
        "proof": request.proof.hex(),
    }
    line = Transport(frozenset({host}), beside, None, None)
    try:
        answer = line.post(f"{url}/v1/devices:enrol", canonical.encode(body), {"Content-Type": JSON})
    finally:
        line.close()
    found = _read(answer, now_ms)
    pair = tls_key.pair(found["certificate"].encode(), wanted.key, authority, wanted.device)
    beside.replace(wanted.ca)
    tls_key.replace(wanted.certificate, pair, 0o400)
    return Enrolled(url, found["name"], bytes.fromhex(found["public"]))


def complete(path: Path, wanted: Draft, done: Enrolled) -> str:
    """The text of sync.toml with its [hq] filled in; every other line stays as it is. Raises SettingsError."""
    text = path.read_text(encoding="utf-8")
    values = section(wanted, done)
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if line.strip().startswith("[")]
    begin = next((number for number in heads if lines[number].split("#")[0].strip() == "[hq]"), None)
    if begin is None:
        made = "\n".join([*lines, "", *values, ""])
    else:
        end = next((number for number in heads if number > begin), len(lines))
        kept = [line for line in lines[begin + 1 : end] if line.partition("=")[0].strip() not in _KEYS]
        while kept and not kept[-1].strip():
            kept.pop()
        made = "\n".join([*lines[:begin], *values, *kept, *([""] if end < len(lines) else []), *lines[end:], ""])
    right = {**tomllib.loads(text), "hq": tomllib.loads("\n".join(values))["hq"]}
    try:
        same = tomllib.loads(made) == right
    except tomllib.TOMLDecodeError:
        same = False
    if not same:
        raise SettingsError("[hq] of sync.toml is written in a way that is left to you")
    return made


def section(wanted: Draft, done: Enrolled) -> list[str]:
    """The lines of [hq] in sync.toml."""
    values = {
        "url": done.url,
        "name": done.name,
        "public": done.public.hex(),
        **{name: str(getattr(wanted, name)) for name in _PATHS},
    }
    return ["[hq]", *(f"{name} = {json.dumps(value)}" for name, value in values.items())]


_KEYS: Final = ("url", "name", "public", *_PATHS)


def _authority(host: str, url: str, pin: bytes, place: Path) -> bytes:
    line = Transport(frozenset({host}), place, None, None, unverified=True)
    try:
        answer = line.send("GET", f"{url}/ca.pem", None, {})
    finally:
        line.close()
    try:
        right = answer.status == _OK and len(answer.body) <= MAX_FILE and tls_key.pin(answer.body) == pin
    except ValueError:
        right = False
    if not right:
        raise NotDelivered(Refusal(Kind.CONFIG, "pin_does_not_fit"))
    return answer.body


def _read(answer: Answer, now_ms: int) -> dict[str, Any]:
    refusal = classify(answer.status, answer.content_type, retry_after(answer.retry_after, now_ms))
    if refusal is not None:
        raise NotDelivered(explained(refusal, answer.body))
    try:
        found = canonical.fields(canonical.decode(answer.body), dict.fromkeys(("certificate", "name", "public"), str))
        checks.hex_bytes(found["public"], KEY_SIZE)
        checks.text(found["name"], "name", least=1)
    except FormatError as error:
        raise NotDelivered(Refusal(Kind.UNKNOWN, "reply_invalid")) from error
    return found


def _table(path: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()
        if len(data) > MAX_FILE:
            raise SettingsError("sync.toml is too large")
        return tomllib.loads(data.decode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"sync.toml: {error}") from error
