"""One-time codes that a person types: 20 letters, 100 bits; refuses none, it only makes them and reads them alike."""

import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing in it looks like something else
LETTERS: Final = 20  # 100 bits: guessing is hopeless even without the waiting
_LONGEST_TYPED: Final = 64
_READ_ALIKE: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": ""})


def fresh() -> str:
    """A new code in four groups of five."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
    return "-".join(letters[i : i + 5] for i in range(0, LETTERS, 5))


def letters(typed: str) -> str:
    """The letters that are hashed, however they were typed: small, with blanks, O for 0."""
    return "".join(typed[:_LONGEST_TYPED].upper().split()).translate(_READ_ALIKE)
