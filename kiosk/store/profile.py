"""What is sealed of one person: code, name, language, shift, and where each came from; refuses any other field."""

from dataclasses import dataclass, field
from typing import Final

from kiosk.store.foundation import Foundation
from kiosk.store.keys import KeyKind
from kiosk.store.vault import Place, Vault, padded, unpadded
from wire import canonical

# Sealed profiles of short and long names are equally long.
_LEAST: Final = 320
_SHAPE: Final = {
    "code": str, "name": str, "language": str, "shift": str, "source": str, "version": int, "at": int,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profile:
    """One person's record, opened; name and code never show in a repr.

    Attributes:
        code: the employee code, 1 to 64 characters.
        name: 1 to 64 characters.
        language: two letters.
        shift: id of a shift, or "".
        source: who said so last, "admin" or "roster".
        version: of that roster; 0 for an administrator.
        at: when, ms UTC.
    """

    code: str = field(repr=False)
    name: str = field(repr=False)
    language: str
    shift: str = ""
    source: str = "admin"
    version: int = 0
    at: int = 0

    def encode(self) -> bytes:
        """Canonical JSON."""
        return canonical.encode({name: getattr(self, name) for name in _SHAPE})

    @classmethod
    def decode(cls, data: bytes) -> "Profile":
        """What `encode` made. Raises FormatError."""
        return cls(**canonical.fields(canonical.decode(data), _SHAPE))


def place(person_id: str, version: int) -> Place:
    """Where a profile lies."""
    return Place("people", "profile", person_id, person_id, version)


def seal(foundation: Foundation, person_id: str, profile: Profile, version: int) -> bytes:
    """Seal for one row version. Raises Fault PERSON_DAMAGED: the person's key is gone or altered."""
    key = foundation.keys.need(KeyKind.PROFILE, person=person_id)
    return foundation.vault.seal(key, padded(profile.encode(), least=_LEAST), place(person_id, version))


def unseal(vault: Vault, key: bytes, sealed: bytes, person_id: str, version: int) -> Profile:
    """Open a profile. Raises ValueError."""
    return Profile.decode(unpadded(vault.unseal(key, sealed, place(person_id, version))))
