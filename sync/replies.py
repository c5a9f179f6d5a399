"""What an answer is: a receipt or one of seven classes of refusal; refuses to blame an event for a proxy's page."""

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final, TypeAlias


class Kind(StrEnum):
    """The classes of a reply that is not a receipt."""

    DOWN = "down"  # nothing was taken in; try again, as often as it takes
    UNKNOWN = "unknown"  # it may have been taken in; the same bytes follow, and after some of them fewer
    FAULT = "fault"  # unknown, by an error of the server's own: after some of them, find the event that causes it
    CONFIG = "config"  # a person must repair something; nothing is given up
    HISTORY = "history"  # the same, and these bytes will never do: made anew, they show what was repaired
    PERMANENT = "permanent"  # the server has understood and will not have it
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A verified receipt for the very batch that was sent, and the counter-signed checkpoint.

    `size` and `note` are those of the checkpoint that was sent; `time_ms` is HQ's clock in ms since 1970.
    """

    acked: frozenset[str]
    size: int
    note: str
    time_ms: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Anything else. `detail` is a plain code like `http_503`; `retry_after_ms` is what the server asks for."""

    kind: Kind
    detail: str
    retry_after_ms: int | None = None


Reply: TypeAlias = Accepted | Refusal


_DOWN: Final = frozenset({425, 429, 502, 503, 504, 508, 511})
_PERMANENT: Final = frozenset({400, 404, 409, 410, 417, 422})
_TOO_LARGE: Final = 413
_TOO_SLOW: Final = 408  # the line, for so much in one go
_OK: Final = 200
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_JSON: Final = frozenset({"application/json", "application/problem+json"})


def classify(status: int, content_type: str, retry_after_ms: int | None) -> Refusal | None:
    """The class of an HTTP answer; None if it is a 2xx in JSON, whose body then has to prove what it says.

    A refusal in HTML comes from something before the server, so no event is blamed for it.

    Args:
        status: 100 to 999.
        content_type: header as it came, "" if none did.
        retry_after_ms: what `retry_after` made of the header.
    """
    media = content_type.partition(";")[0].strip().lower()
    detail = f"http_{status}"
    if 200 <= status < 300:  # noqa: PLR2004 - RFC 9110 section 15.3
        return _success(status, media)
    if status in _DOWN or status == _TOO_SLOW:
        return Refusal(Kind.DOWN if status in _DOWN else Kind.UNKNOWN, detail, retry_after_ms)
    if status == _TOO_LARGE:
        return Refusal(Kind.TOO_LARGE, detail)
    if status in _PERMANENT and media in _JSON:
        return Refusal(Kind.PERMANENT, detail)
    if 300 <= status < 400:  # noqa: PLR2004 - RFC 9110 section 15.4
        return Refusal(Kind.CONFIG, "redirected")
    return Refusal(Kind.CONFIG if 400 <= status < 500 else Kind.FAULT, detail)  # noqa: PLR2004 - section 15.5


def _success(status: int, media: str) -> Refusal | None:
    if media in _HTML:
        return Refusal(Kind.DOWN, "captive_portal")
    return None if media in _JSON and status == _OK else Refusal(Kind.UNKNOWN, "reply_invalid")


def retry_after(text: str | None, now_ms: int) -> int | None:
    """Milliseconds that a Retry-After header asks for (RFC 9110 section 10.2.3), None if it cannot be read."""
    if text is None or len(text) > 64:  # noqa: PLR2004 - longer than any date
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(int(text), 10**9) * 1000
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0, int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000) - now_ms)
