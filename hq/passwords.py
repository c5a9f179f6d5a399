"""Judges and stretches passwords; refuses one that is short, plain, easy to guess or built on a name, and says which.

The same rules as on the device, which shares no code with HQ.
"""

import hashlib
import threading
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from zxcvbn import zxcvbn

from hq.refusals import Kind, Problem

LENGTH: Final = range(12, 129)
REMEMBERED: Final = 12
LASTS_MS: Final = 90 * 86_400_000
DIGEST_SIZE: Final = 32
LONGEST_TYPED: Final = 1024
_LEAST_SCORE: Final = 3  # more than 10^8 guesses
_JUDGED: Final = 72  # zxcvbn takes no more; what stands behind is not judged
_SHORTEST_HINT: Final = 3
_OUR_NAME: Final = "ambang"
_COST = {"n": 2**16, "r": 8, "p": 2, "maxmem": 80 * 2**20, "dklen": DIGEST_SIZE}
"""64 MiB a try (RFC 7914), two rounds: as strong as OWASP's first choice for scrypt, with half of its memory."""
_AT_ONCE = threading.BoundedSemaphore(2)
_PATIENCE_S: Final = 10.0


class Unfit(StrEnum):
    """Why a password cannot be used; hq/sentences holds `unfit_<reason>` for each."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"  # a control character, or text that is none
    NO_SMALL_LETTER = "no_small_letter"
    NO_CAPITAL = "no_capital"
    NO_DIGIT = "no_digit"
    NO_SIGN = "no_sign"  # anything else, a blank too
    BUILT_ON_A_NAME = "built_on_a_name"
    EASY_TO_GUESS = "easy_to_guess"
    USED_BEFORE = "used_before"


def normal(password: str) -> str:
    """The spelling that is judged and stretched (NFC): keyboards write one accent in two ways."""
    return unicodedata.normalize("NFC", password)


def unfit(password: str, hints: Iterable[str] = ()) -> tuple[Unfit, ...]:
    """Every reason against a password that can be told without the old ones; none if it may be used.

    Args:
        password: as typed.
        hints: the account's name, the site: what somebody who knows the person would try first.
    """
    password = normal(password)
    if not _is_text(password):
        return (Unfit.UNREADABLE,)
    missing = [
        reason
        for reason, holds in (
            (Unfit.TOO_SHORT, len(password) < LENGTH.start),
            (Unfit.TOO_LONG, len(password) >= LENGTH.stop),
            (Unfit.NO_SMALL_LETTER, not any(each.islower() for each in password)),
            (Unfit.NO_CAPITAL, not any(each.isupper() for each in password)),
            (Unfit.NO_DIGIT, not any(each.isdigit() for each in password)),
            (Unfit.NO_SIGN, all(each.isalnum() for each in password)),
        )
        if holds
    ]
    if missing:
        return tuple(missing)
    words = _words(hints)
    if not _strong(password, words):
        return (Unfit.EASY_TO_GUESS,)
    rest = password.casefold()
    for word in words:
        rest = rest.replace(word, "")
    return () if rest == password.casefold() or _strong(rest, words) else (Unfit.BUILT_ON_A_NAME,)


def expired(changed_at: int, now_ms: int) -> bool:
    """Whether a password of `changed_at` (ms UTC) is 90 days old; a clock that was set back makes none older."""
    return now_ms - changed_at >= LASTS_MS


def stretch(secret: bytes, salt: bytes) -> bytes:
    """32 bytes that take 64 MiB and about half a second to compute; two at a time, so that memory is bounded.

    Raises:
        Problem: BUSY, after ten seconds of waiting for its turn.
    """
    if not _AT_ONCE.acquire(timeout=_PATIENCE_S):
        raise Problem(Kind.BUSY)
    try:
        return hashlib.scrypt(secret, salt=salt, **_COST)
    finally:
        _AT_ONCE.release()


def _is_text(password: str) -> bool:
    try:
        password.encode()
    except UnicodeEncodeError:
        return False
    return not any(unicodedata.category(each) == "Cc" for each in password)


def _words(hints: Iterable[str]) -> list[str]:
    """Each hint and each word of it, longest first."""
    found = {_OUR_NAME}
    for hint in hints:
        text = normal(hint).casefold()
        apart = "".join(each if each.isalnum() else " " for each in text)
        found |= {word for word in (text, *apart.split()) if len(word) >= _SHORTEST_HINT}
    return sorted(found, key=lambda word: (-len(word), word))


def _strong(password: str, words: list[str]) -> bool:
    if not password:
        return False
    return int(zxcvbn(password[:_JUDGED], user_inputs=words)["score"]) >= _LEAST_SCORE
