"""A version of the notice: what it says in three languages, its digest, who approved it; refuses another spelling."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from kiosk import words
from kiosk.rights import blocks, notice
from kiosk.rights.company import Controller
from kiosk.rights.days import began
from kiosk.rights.document import Block
from kiosk.rights.notice_source import Source
from kiosk.store.vault import digest
from wire import canonical
from wire.errors import FormatError

_DIGITS: Final = 8
_TEXT: Final = {"label": str, "digest": str, "controller": str, "approver": str, "effective": str, "review": str}
_SHAPE: Final = {**_TEXT, "effective_at": int, "published_at": int, **dict.fromkeys(words.LANGUAGES, list)}


@dataclass(frozen=True, slots=True)
class Text:
    """What a notice says in one language."""

    language: str
    blocks: tuple[Block, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of the notice.

    Attributes:
        label: the day from which it holds, and the first 8 digits of its digest: "2026-12-01-3fa9c1d2".
        digest: SHA-256 of what it says in all languages, 64 hexadecimal digits; nothing of the device is in it, so two
            doors that say the same have the same.
        controller: who answers for the data; consents stop when it becomes another (policy KK11).
        approver: who approved it.
        effective: from when it holds, YYYY-MM-DD.
        review: when it is looked at again, YYYY-MM-DD.
        effective_at: `effective` at the door, ms UTC.
        published_at: ms UTC.
        texts: one for each language.
    """

    label: str
    digest: str
    controller: str
    approver: str
    effective: str
    review: str
    effective_at: int
    published_at: int
    texts: tuple[Text, ...] = field(repr=False)

    def text(self, language: str) -> Text:
        """What it says in one language. Raises KeyError."""
        for each in self.texts:
            if each.language == language:
                return each
        raise KeyError(language)


def drafted(source: Source, now_ms: int) -> Edition:
    """The notice as the running configuration makes it; its dates are those of privacy.toml, filled in or not."""
    approval = source.company.approval
    texts = tuple(Text(language, notice.full(source, language)) for language in words.LANGUAGES)
    found = digest_of(texts)
    return Edition(
        label=f"{approval.effective or '0000-00-00'}-{found[:_DIGITS]}",
        digest=found,
        controller=_named(source.company.controller),
        approver=approval.approver,
        effective=approval.effective,
        review=approval.review,
        effective_at=began(approval.effective, source.config.device.zone) if approval.effective else 0,
        published_at=now_ms,
        texts=texts,
    )


def digest_of(texts: tuple[Text, ...]) -> str:
    """SHA-256 over the canonical JSON of all languages, 64 hexadecimal digits."""
    return digest(canonical.encode(_spelled(texts))).hex()


def encode(edition: Edition) -> dict[str, Any]:
    """The content of its paper."""
    plain = {name: getattr(edition, name) for name in _SHAPE if name not in words.LANGUAGES}
    return plain | _spelled(edition.texts)


def decode(content: Mapping[str, Any]) -> Edition:
    """What `encode` made. Raises FormatError, also if the digest is not that of the text."""
    found = canonical.fields(dict(content), _SHAPE)
    texts = tuple(Text(one, tuple(blocks.read(each) for each in found.pop(one))) for one in words.LANGUAGES)
    edition = Edition(**found, texts=texts)
    if digest_of(texts) != edition.digest:
        raise FormatError("the notice is not the one that was published")
    return edition


def _spelled(texts: tuple[Text, ...]) -> dict[str, Any]:
    return {each.language: [blocks.spell(block) for block in each.blocks] for each in texts}


def _named(controller: Controller) -> str:
    """By what a controller is told from another: a company that moves is the same one."""
    return f"{controller.name}, {controller.country}"
