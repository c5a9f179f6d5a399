"""The `pi-otp` provider: an HMAC under the Raspberry Pi's own key; refuses an answer that is not 32 bytes."""

import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.roots.command import run
from kiosk.store.roots.contract import SecurityLevel
from kiosk.store.roots.description import Fields, Shape, checked, invalid
from wire.sealed import KEY_SIZE

KIND: Final = "pi-otp"
# https://github.com/raspberrypi/utils/tree/master/rpifwcrypto: `hmac --in FILE --key-id ID` writes the 32 bytes of
# HMAC-SHA256(key in OTP, FILE), for at most 2,048 bytes, to standard output. Key 1 is the device's own.
COMMAND: Final = "/usr/bin/rpi-fw-crypto"
KEY_ID: Final = 1
_LABEL: Final = b"ambang/root/pi-otp/v1\0"
_SHAPE: Final[Shape] = {"command": str, "key_id": int, "salt": str}
_SALT: Final = re.compile(r"[0-9a-f]{32}")
_MOST_KEYS: Final = 256


class PiOtpRootKey:
    """The `pi-otp` provider: the firmware computes the root key from a key in one-time memory, and does not show it.

    Args:
        salt: 32 hexadecimal digits; each salt gives another root key.
        command: the whole path of rpi-fw-crypto.
        key_id: which key, as `rpi-fw-crypto get-num-otp-keys` counts.
    """

    def __init__(self, salt: str, command: str = COMMAND, key_id: int = KEY_ID) -> None:
        if not _SALT.fullmatch(salt) or not 0 <= key_id < _MOST_KEYS or not Path(command).is_absolute():
            raise invalid("salt, key_id or command")
        self._salt = salt
        self._command = command
        self._key_id = key_id

    @classmethod
    def fresh(cls, command: str = COMMAND, key_id: int = KEY_ID) -> "PiOtpRootKey":
        """A provider with a new salt."""
        return cls(secrets.token_hex(16), command, key_id)

    @classmethod
    def described(cls, fields: Fields) -> "PiOtpRootKey":
        """The provider that root.json describes. Raises Fault CONFIG_INVALID."""
        found = checked(fields, _SHAPE)
        return cls(found["salt"], found["command"], found["key_id"])

    @property
    def security_level(self) -> SecurityLevel:
        """HARDWARE: this very board; without secure boot whoever has the board can ask it, too."""
        return SecurityLevel.HARDWARE

    def describe(self) -> Mapping[str, str | int]:
        """The salt, the program and the number of the key."""
        return {"provider": KIND, "command": self._command, "key_id": self._key_id, "salt": self._salt}

    def obtain(self) -> bytes:
        """The same as `read`: the board has its key already."""
        return self.read()

    def read(self) -> bytes:
        """Ask the firmware. Raises Fault PROVIDER_FAILED: no such program, no key in the memory, no answer."""
        argv = [self._command, "hmac", "--in", "/dev/stdin", "--key-id", str(self._key_id)]
        key = run(argv, message(self._salt))
        if len(key) != KEY_SIZE:
            raise Fault(FaultCode.PROVIDER_FAILED, f"{Path(self._command).name} answered {len(key)} bytes")
        return key

    def forget(self) -> bool:
        """Nothing: one-time memory cannot be changed, and the board computes the old key again whenever it is asked."""
        return False


def message(salt: str) -> bytes:
    """What the board is asked to compute the HMAC of, 38 bytes."""
    return _LABEL + bytes.fromhex(salt)
