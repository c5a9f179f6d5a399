"""A privacy notice as a device has published it, signed; refuses what is not for everybody to read."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from wire import canonical, checks
from wire.canonical import Json
from wire.errors import FormatError, UnknownFormat
from wire.signing import SIGNATURE_SIZE, SigningKey, verify

FORMAT: Final = "ambang.notice.v1"
FILE_LIMIT: Final = 1 << 18
LANGUAGES: Final = ("id", "en", "nl")
_DOMAIN: Final = b"\0ambang-notice-v1\0"
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NAMED: Final = 400  # characters of a name or an address
_HEADING: Final = 400
_PARAGRAPH: Final = 20_000
_PARAGRAPHS: Final = 300
_BYTES: Final = 4  # at most, of one character


@dataclass(frozen=True, slots=True)
class Words:
    """One language of it: a title, and paragraphs of a heading (which may be "") and a text."""

    title: str
    paragraphs: tuple[tuple[str, str], ...] = field(repr=False)

    def __post_init__(self) -> None:
        _text(self.title, "title", 1, _HEADING)
        if not 1 <= len(self.paragraphs) <= _PARAGRAPHS:
            raise FormatError("notice: paragraphs")
        for heading, text in self.paragraphs:
            _text(heading, "heading", 0, _HEADING)
            for line in text.split("\n"):
                _text(line, "paragraph", 0, _PARAGRAPH)


@dataclass(frozen=True, slots=True)
class Published:
    """One version.

    Args:
        device: device id.
        version: as the door shows it: letters, digits, `.`, `_`, `-`, at most 64.
        published: ms since 1970 in UTC; names this publication.
        effective: from which day it holds, YYYY-MM-DD.
        review: by which day somebody looks at it again.
        approver: who approved it.
        controller: whose notice it is.
        contact: whom to ask, and how.
        texts: at least one language.
    """

    device: str
    version: str
    published: int
    effective: str
    review: str
    approver: str
    controller: str
    contact: str
    texts: Mapping[str, Words] = field(repr=False)

    def __post_init__(self) -> None:
        checks.device(self.device)
        if not isinstance(self.version, str) or not _VERSION.fullmatch(self.version):
            raise FormatError("notice: version")
        checks.moment(self.published, "published")
        for day in (self.effective, self.review):
            _day(day)
        for said in (self.approver, self.controller, self.contact):
            _text(said, "name", 0, _NAMED)
        if not self.texts or not set(self.texts) <= set(LANGUAGES):
            raise FormatError("notice: languages")

    @property
    def digest(self) -> str:
        """SHA-256 of what it says in all languages, in hexadecimal: two notices of one digest say the same."""
        return hashlib.sha256(canonical.encode(_spelled(self.texts))).hexdigest()


def sign(notice: Published, key: SigningKey) -> bytes:
    """Return the file: canonical JSON with `sig` and a line feed.

    `sig` is Ed25519 in hex over a domain and the canonical JSON of everything else.

    Raises:
        FormatError: it is longer than 256 KiB.
    """
    said = _spell(notice)
    data = canonical.encode({**said, "sig": key.sign(_DOMAIN + canonical.encode(said)).hex()}) + b"\n"
    if len(data) > FILE_LIMIT:
        raise FormatError("notice: length")
    return data


def read(data: bytes, public: bytes) -> Published:
    """Read a notice and check that the device's 32-byte key has signed it.

    Raises:
        BadSignature: another device's, or altered.
        UnknownFormat: another kind or version.
        FormatError: anything else.
    """
    notice, signature = _parts(data)
    verify(public, signature, _DOMAIN + canonical.encode(_spell(notice)))
    return notice


def unverified(data: bytes) -> Published:
    """Read what a notice says, without any proof of who said it. Raises FormatError."""
    return _parts(data)[0]


def texts_of(value: object) -> dict[str, Words]:
    """Read texts from JSON: language to `{"title", "paragraphs": [[heading, text], ...]}`. Raises FormatError."""
    if not isinstance(value, dict):
        raise FormatError("notice: texts")
    found = {}
    for language, said in value.items():
        fields = canonical.fields(said, {"title": str, "paragraphs": list})
        found[str(language)] = Words(fields["title"], tuple(_paragraphs(fields["paragraphs"])))
    return found


_SHAPE: Final[dict[str, type | tuple[type, ...]]] = {
    **dict.fromkeys(("format", "device", "version", "effective", "review", "approver", "controller", "contact"), str),
    **dict.fromkeys(("hash", "sig"), str),
    "published": int,
    "texts": dict,
}


def _parts(data: bytes) -> tuple[Published, bytes]:
    """What a file says, and its 64-byte signature."""
    if len(data) > FILE_LIMIT or not data.endswith(b"\n"):
        raise FormatError("notice: length, or no line feed at its end")
    value = canonical.decode_canonical(data[:-1])
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise UnknownFormat("notice: format")
    found = canonical.fields(value, _SHAPE)
    notice = Published(
        found["device"],
        found["version"],
        found["published"],
        found["effective"],
        found["review"],
        found["approver"],
        found["controller"],
        found["contact"],
        texts_of(found["texts"]),
    )
    if notice.digest != found["hash"]:
        raise FormatError("notice: the hash is not that of the texts")
    return notice, checks.hex_bytes(found["sig"], SIGNATURE_SIZE)


def _paragraphs(value: Iterable[object]) -> Iterable[tuple[str, str]]:
    for pair in value:
        match pair:
            case [str(heading), str(text)]:
                yield heading, text
            case _:
                raise FormatError("notice: a paragraph is a heading and a text")


def _spell(notice: Published) -> dict[str, Json]:
    return {
        "format": FORMAT,
        "device": notice.device,
        "version": notice.version,
        "published": notice.published,
        "effective": notice.effective,
        "review": notice.review,
        "approver": notice.approver,
        "controller": notice.controller,
        "contact": notice.contact,
        "hash": notice.digest,
        "texts": _spelled(notice.texts),
    }


def _spelled(texts: Mapping[str, Words]) -> dict[str, Any]:
    return {
        language: {"title": said.title, "paragraphs": [list(pair) for pair in said.paragraphs]}
        for language, said in texts.items()
    }


def _text(value: str, what: str, least: int, most: int) -> None:
    checks.text(value, what, least=least, most=most, most_bytes=_BYTES * most)


def _day(value: str) -> None:
    try:
        fits = not value or date.fromisoformat(value).isoformat() == value
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise FormatError("notice: not a day, YYYY-MM-DD")
