"""What a provider of the device root key must do; refuses to let any other part know where the key comes from."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol


class SecurityLevel(StrEnum):
    """What a thief needs besides the memory card: WEAK nothing, PASSPHRASE the words, HARDWARE this very board."""

    WEAK = "weak"
    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a level
    HARDWARE = "hardware"


class RootKey(Protocol):
    """Where the device root key comes from."""

    @property
    def security_level(self) -> SecurityLevel:
        """What this provider protects against; shown on screen and to HQ."""
        ...

    def describe(self) -> Mapping[str, str | int]:
        """What `roots.of` needs to find this very key again, no secret in it; "provider" names the kind."""
        ...

    def obtain(self) -> bytes:
        """The 32 bytes for a new store: the key that is there, or a new one. Raises Fault KEY_UNREADABLE."""
        ...

    def read(self) -> bytes:
        """The 32 bytes. Raises Fault KEY_MISSING, KEY_UNREADABLE, PASSPHRASE_WRONG or PROVIDER_FAILED."""
        ...

    def forget(self) -> bool:
        """Destroy the secret after a change to another one; False if copies of it may go on opening old stores."""
        ...
