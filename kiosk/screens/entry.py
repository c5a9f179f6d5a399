"""What is being typed on the PIN pad; shows how many digits a PIN has and never which."""

from dataclasses import dataclass, field, replace
from typing import Self

CODE_MOST = 64
PIN_MOST = 16
_CODE_EXTRA = "-"


@dataclass(frozen=True, slots=True)
class Entry:
    """Employee code (letters, digits, hyphen; at most 64), then PIN (digits; at most 16).

    With `known` a badge has told the code already: there is only the PIN.
    """

    code: str = field(default="", repr=False)
    pin: str = field(default="", repr=False)
    on_pin: bool = False
    letters: bool = False
    known: bool = False

    def typed(self, key: str) -> Self:
        """Return the entry after one key; anything but one allowed character is ignored."""
        key = key.upper()
        if len(key) != 1 or not key.isascii():
            return self
        if self.on_pin:
            return replace(self, pin=(self.pin + key)[:PIN_MOST]) if key.isdigit() else self
        allowed = key.isalnum() or key in _CODE_EXTRA
        return replace(self, code=(self.code + key)[:CODE_MOST]) if allowed else self

    def erased(self) -> Self:
        """Return the entry without its last character; at an empty PIN, back in the code."""
        if not self.on_pin:
            return replace(self, code=self.code[:-1])
        return replace(self, pin=self.pin[:-1]) if self.pin or self.known else replace(self, on_pin=False)

    def moved_on(self) -> Self:
        """Return the entry at its PIN, once there is a code."""
        return replace(self, on_pin=True, letters=False) if self.code else self

    def at_code(self) -> Self:
        """Return the entry at its code, the PIN forgotten."""
        return replace(self, on_pin=self.known, pin="")

    def at_pin(self) -> Self:
        """Return the entry with its code kept and an empty PIN, for another try."""
        return replace(self, pin="", on_pin=self.known or bool(self.code))

    @property
    def ready(self) -> bool:
        """Say whether both parts are there."""
        return bool(self.on_pin and (self.code or self.known) and self.pin)
