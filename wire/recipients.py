"""The register of recipients as the kiosk publishes it to sync; refuses one that could be read in two ways."""

from dataclasses import dataclass
from typing import Final

from wire import canonical, checks
from wire.errors import FormatError, UnknownFormat

FORMAT: Final = "ambang.recipients.v1"
REQUEST: Final = "recipients"
"""The kind of the request in the exchange; the newest one of this kind counts."""
SIZE_LIMIT: Final = 4096
"""Bytes; a request of the exchange holds no more."""
DIGEST_SIZE: Final = 32
_NAME_CHARACTERS, _NAME_BYTES, _HOST_CHARACTERS, _GROUND_CHARACTERS = 120, 240, 253, 40


@dataclass(frozen=True, slots=True)
class Listed:
    """One recipient, as far as sync has to know it.

    Attributes:
        name: of the organisation, 1 to 120 characters.
        host: where it is reached, in small letters; "" for a folder.
        ground: on what a transfer rests; "" if there is none, and then nothing is sent.
    """

    name: str
    host: str
    ground: str

    def __post_init__(self) -> None:
        checks.text(self.name, "recipient", least=1, most=_NAME_CHARACTERS, most_bytes=_NAME_BYTES)
        checks.text(self.host, "host", most=_HOST_CHARACTERS, most_bytes=_HOST_CHARACTERS)
        checks.text(self.ground, "ground", most=_GROUND_CHARACTERS)
        if self.host != self.host.lower():
            raise FormatError("host: not in small letters")


@dataclass(frozen=True, slots=True)
class Register:
    """Everybody who may receive something; `digest`: SHA-256 of the whole register, as the kiosk keeps it."""

    digest: bytes
    recipients: tuple[Listed, ...]

    def __post_init__(self) -> None:
        checks.exact(self.digest, "digest", DIGEST_SIZE)

    def admits(self, name: str, host: str) -> bool:
        """Whether something may be sent there: by the host, or by the name where there is none."""
        return any(
            bool(each.ground) and (each.host == host.lower() if host else not each.host and each.name == name)
            for each in self.recipients
        )


def encode(register: Register) -> bytes:
    """The bytes of the request. Raises FormatError: more than 4,096 of them."""
    listed = [{"name": each.name, "host": each.host, "ground": each.ground} for each in register.recipients]
    data = canonical.encode({"format": FORMAT, "digest": register.digest.hex(), "recipients": listed})
    if len(data) > SIZE_LIMIT:
        raise FormatError("recipients: too many")
    return data


def decode(data: bytes) -> Register:
    """Read a request.

    Raises:
        UnknownFormat: another kind or version.
        FormatError: anything else.
    """
    value = canonical.decode_canonical(data, limit=SIZE_LIMIT)
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise UnknownFormat("recipients: format")
    found = canonical.fields(value, {"format": str, "digest": str, "recipients": list})
    shape: dict[str, type | tuple[type, ...]] = {"name": str, "host": str, "ground": str}
    return Register(
        checks.hex_bytes(found["digest"], DIGEST_SIZE),
        tuple(Listed(**canonical.fields(each, shape)) for each in found["recipients"]),
    )
