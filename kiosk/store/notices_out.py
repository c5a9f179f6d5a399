"""The published notices as headquarters is told of them, signed by this device; refuses a draft."""

import logging
from typing import TYPE_CHECKING, Final

from kiosk.store import papers
from kiosk.store.keys import KeyKind
from kiosk.store.papers import Paper, PaperKind
from wire import notice
from wire.errors import FormatError
from wire.notice import Published
from wire.signing import SigningKey

if TYPE_CHECKING:
    from kiosk.store import Store

LOG: Final = logging.getLogger("ambang.store")
_NAMED: Final = ("version", "approver", "controller", "contact", "effective", "review")


def published(store: "Store", but: frozenset[tuple[str, int]]) -> tuple[tuple[tuple[str, int], bytes], ...]:
    """The signed file of each published notice, oldest first, with the paper's id and version.

    Args:
        store: open.
        but: papers that were told already, in that version.

    Raises:
        Fault: as for any reading of the store.
    """
    found = []
    for paper in papers.find(store, PaperKind.NOTICE, person=""):
        mark = (paper.id, paper.version)
        if mark in but:
            continue
        try:
            said = _said(paper, store.device_id)
            if said is not None:
                key = SigningKey.from_bytes(store.keys.need(KeyKind.SIGNING))
                found.append((mark, notice.sign(said, key)))
        except FormatError:
            LOG.exception("notice %s is not told to headquarters", paper.id)
    return tuple(found)


def _said(paper: Paper, device: str) -> Published | None:
    content = paper.content or {}
    at = content.get("published_at")
    if not isinstance(at, int) or at <= 0:
        return None
    named = {key: str(content.get(key, "")).strip() for key in _NAMED}
    texts = notice.texts_of(_trimmed(content.get("texts")))
    return Published(device=device, published=at, texts=texts, **named)


def _trimmed(value: object) -> object:
    """No blanks at the ends of lines: nobody sees them, and the format has none."""
    if isinstance(value, str):
        return "\n".join(line.strip() for line in value.strip().splitlines())
    if isinstance(value, dict):
        return {key: _trimmed(part) for key, part in value.items()}
    return [_trimmed(part) for part in value] if isinstance(value, list) else value
