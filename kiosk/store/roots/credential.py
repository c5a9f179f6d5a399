"""The `credential` provider: systemd hands the root key to the service; refuses to call a key on the card safe."""

import base64
import binascii
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.files import reason
from kiosk.store.roots.contract import SecurityLevel
from kiosk.store.roots.description import Fields, Shape, checked, invalid
from wire.sealed import KEY_SIZE

KIND: Final = "credential"
NAME: Final = "ambang-root"
DIRECTORY: Final = "CREDENTIALS_DIRECTORY"
_SHAPE: Final[Shape] = {"name": str, "sealed": str}
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# The first 16 bytes of what `systemd-creds encrypt` writes name the key it took (systemd, src/shared/creds-util.h):
# the TPM's alone, with or without a signed PCR policy, or the TPM's and the host's together.
_BY_TPM: Final = frozenset(
    bytes.fromhex(each)
    for each in (
        "0c7cc07b117645919c4b0bea08bc20fe",
        "faf7eb9341e3412ca1a436f95a29362f",
        "93a894094874449090caf2fc93cab553",
        "af4950a849134eb1a73846304ff30c05",
    )
)
# No TPM at all: the host's key, the same for one user, and no key.
_WITHOUT_TPM: Final = frozenset(
    bytes.fromhex(each)
    for each in (
        "5a1c6a86df9d4096b1d5a65e0862f19a",
        "55b9ed1d38594d43a8319d2ebb332ac6",
        "058469daf6f54324800549da0f8ea2fb",
    )
)
_HEAD: Final = 24  # characters of base64 that hold those 16 bytes


class CredentialRootKey:
    """The `credential` provider: 32 raw bytes in $CREDENTIALS_DIRECTORY.

    Args:
        name: name of the credential.
        sealed: the encrypted file that systemd decrypts it from ("" if it lies there in the clear, or nobody says so);
            only looked at to tell by which key it is encrypted.
    """

    def __init__(self, name: str = NAME, sealed: str = "") -> None:
        if not _PLAIN_NAME.fullmatch(name):
            raise invalid("name of the credential")
        self.name = name
        self.sealed = sealed

    @classmethod
    def described(cls, fields: Fields) -> "CredentialRootKey":
        """The provider that root.json describes. Raises Fault CONFIG_INVALID."""
        found = checked(fields, _SHAPE)
        return cls(found["name"], found["sealed"])

    @property
    def security_level(self) -> SecurityLevel:
        """HARDWARE if `sealed` is there and encrypted by a TPM; else WEAK: systemd's host key lies on the same card."""
        try:
            with Path(self.sealed).open("rb") as file:
                by_tpm = _key_named(file.read(_HEAD)) in _BY_TPM
        except OSError:
            return SecurityLevel.WEAK
        return SecurityLevel.HARDWARE if by_tpm else SecurityLevel.WEAK

    def describe(self) -> Mapping[str, str]:
        """The name of the credential, and where its encrypted file lies."""
        return {"provider": KIND, "name": self.name, "sealed": self.sealed}

    def obtain(self) -> bytes:
        """The key that systemd has handed over; this provider cannot make one."""
        return self.read()

    def read(self) -> bytes:
        """Read the credential; anything but 32 bytes is refused."""
        directory = os.environ.get(DIRECTORY)
        if not directory:
            raise Fault(FaultCode.KEY_MISSING, f"{self.name}: no ${DIRECTORY}")
        try:
            with (Path(directory) / self.name).open("rb") as file:
                key = file.read(KEY_SIZE + 1)
        except FileNotFoundError:
            raise Fault(FaultCode.KEY_MISSING, self.name) from None
        except OSError as error:
            raise Fault(FaultCode.KEY_UNREADABLE, f"{self.name}: {reason(error)}") from error
        if len(key) != KEY_SIZE:
            raise Fault(FaultCode.KEY_UNREADABLE, f"{self.name}: not {KEY_SIZE} bytes")
        return key

    def forget(self) -> bool:
        """Nothing: the credential is systemd's, and an administrator deletes it there."""
        return False


def needs_no_tpm(encrypted: bytes) -> bool:
    """Whether this encrypted credential is known to open without a TPM, whatever `systemd-creds` was asked for."""
    return _key_named(encrypted[:_HEAD]) in _WITHOUT_TPM


def _key_named(head: bytes) -> bytes:
    try:
        return base64.b64decode(head, validate=True)[:16]
    except binascii.Error:
        return b""
