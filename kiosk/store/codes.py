"""One-time codes that open an account once; refuses to keep one readable, or to let a clock lengthen its life."""

import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from kiosk.store.attempts import Moment, elapsed_ms
from kiosk.store.vault import keyed_hash
from wire import canonical

# Crockford's base 32: without I, L, O and U. 16 of them are 80 bits.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 16
_GROUP: Final = 4
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None})
LIVES_MS: Final = 24 * 3_600_000
_PURPOSE: Final = b"ambang/one-time-code/v1\0"


@dataclass(frozen=True, slots=True)
class Code:
    """What is kept of a code: a 32-byte keyed hash, and when it was made."""

    hash: bytes = field(repr=False)
    made: Moment

    def encode(self) -> dict[str, str | int]:
        """For a canonical JSON object."""
        made = self.made
        return {
            "hash": self.hash.hex(),
            "boot_id": made.boot_id,
            "boottime_ms": made.boottime_ms,
            "wall_ms": made.wall_ms,
        }

    @classmethod
    def decode(cls, value: Any) -> "Code":  # noqa: ANN401 - from canonical.decode
        """What `encode` made. Raises wire.errors.FormatError or ValueError."""
        shape = {"hash": str, "boot_id": str, "boottime_ms": int, "wall_ms": int}
        found = canonical.fields(value, shape)
        return cls(bytes.fromhex(found["hash"]), Moment(found["boot_id"], found["boottime_ms"], found["wall_ms"]))


def fresh() -> str:
    """A new code as it is shown: four groups of four, for example "7K2M-0QXA-..."."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def hashed(pepper: bytes, code: str) -> bytes:
    """What is kept of a code as typed: small letters, blanks and dashes do not matter, nor do O, I and L."""
    return keyed_hash(pepper, _PURPOSE + code.strip().upper().translate(_READ_AS).encode(errors="replace"))


def alive(code: Code, now: Moment) -> bool:
    """Whether a code is not yet a day old.

    In the boot in which it was made CLOCK_BOOTTIME tells; after a restart the wall clock has to, and one that stands
    before the code was made tells nothing.
    """
    if code.made.boot_id == now.boot_id:
        return elapsed_ms(code.made, now) < LIVES_MS
    return 0 <= now.wall_ms - code.made.wall_ms < LIVES_MS and now.boottime_ms < LIVES_MS
