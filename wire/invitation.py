"""The invitation of a device to its headquarters, and the proof that it is the device; refuses a second spelling."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Final

from wire import checks
from wire.errors import FormatError, UnknownFormat
from wire.signing import SigningKey, verify

PREFIX: Final = "AI1"
TOKEN_SIZE: Final = 16  # 128 bits, from the system's random numbers
PIN_SIZE: Final = 32
LENGTH_LIMIT: Final = 512
_DOMAIN: Final = b"\0ambang-enrol-v1\0"
_PARTS: Final = 5
_ADDRESS: Final = re.compile(
    r"https://(?P<host>[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:]{2,45}\])(?P<port>:[0-9]{1,5})?"
)
_PORTS: Final = range(1, 65_536)


@dataclass(frozen=True, slots=True)
class Invitation:
    """What headquarters hands out once, typed or as a QR code.

    Args:
        url: `https://` and a host in lower case, perhaps a port; nothing after it.
        device: whom it is for.
        token: 16 random bytes, good once and not for long.
        pin: SHA-256 of headquarters' CA certificate in DER, 32 bytes.
    """

    url: str
    device: str
    token: bytes = field(repr=False)
    pin: bytes

    def __post_init__(self) -> None:
        address(self.url)
        checks.device(self.device)
        checks.exact(self.token, "token", TOKEN_SIZE)
        checks.exact(self.pin, "pin", PIN_SIZE)

    @property
    def host(self) -> str:
        """The host alone, without brackets: what must stand in the register of recipients."""
        found = _ADDRESS.fullmatch(self.url)
        return found["host"].strip("[]") if found else ""


def address(url: str) -> str:
    """Return an address in the one form that an invitation may hold. Raises FormatError."""
    found = _ADDRESS.fullmatch(url) if isinstance(url, str) else None
    if found is None:
        raise FormatError("invitation: the address is not https://host or https://host:port in lower case")
    port = found["port"]
    if port and (int(port[1:]) not in _PORTS or str(int(port[1:])) != port[1:]):
        raise FormatError("invitation: port")
    return url


def write(invitation: Invitation) -> str:
    """Return the line: `AI1,address,device,token,pin`, the last two in base64url."""
    token, pin = checks.to_base64url(invitation.token), checks.to_base64url(invitation.pin)
    return f"{PREFIX},{invitation.url},{invitation.device},{token},{pin}"


def read(line: str) -> Invitation:
    """Read what `write` wrote, and no other spelling of it.

    Raises:
        UnknownFormat: no invitation, or of another version.
        FormatError: anything else.
    """
    if not line.startswith(f"{PREFIX},"):
        raise UnknownFormat("invitation: prefix")
    parts = line.split(",") if len(line) <= LENGTH_LIMIT else []
    if len(parts) != _PARTS:
        raise FormatError("invitation: length, or number of parts")
    return Invitation(parts[1], parts[2], checks.base64url(parts[3]), checks.base64url(parts[4]))


def prove(device: str, token: bytes, tls_key: bytes, key: SigningKey) -> bytes:
    """The device's ledger key vouches for its TLS key: a signature of 64 bytes.

    Args:
        device: device id.
        token: of the invitation, 16 bytes.
        tls_key: SHA-256 of the public key of the certificate request (SubjectPublicKeyInfo in DER), 32 bytes.
        key: the ledger's signing key.
    """
    return key.sign(_statement(device, token, tls_key))


def check(device: str, token: bytes, tls_key: bytes, public: bytes, proof: bytes) -> None:
    """Raise BadSignature unless the 32-byte key `public` has made this proof; FormatError for another size."""
    verify(public, proof, _statement(device, token, tls_key))


def _statement(device: str, token: bytes, tls_key: bytes) -> bytes:
    """Every part has one length only, or ends where the next domain byte stands: a device id holds no zero byte."""
    checks.exact(token, "token", TOKEN_SIZE)
    checks.exact(tls_key, "TLS key", hashlib.sha256().digest_size)
    return _DOMAIN + checks.device(device).encode() + b"\0" + token + tls_key
