"""A version of the notice: what it says in three languages, its digest, who approved it; refuses another spelling."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from kiosk import words
from kiosk.rights import blocks, controller, dates, notice
from kiosk.rights.document import Block
from kiosk.rights.notice_source import Source
from kiosk.store.vault import digest
from wire import canonical
from wire.errors import FormatError

_DIGITS: Final = 8
_TEXT: Final = dict.fromkeys(("version", "digest", "controller", "contact", "approver", "effective", "review"), str)
_MOMENTS: Final = dict.fromkeys(("effective_at", "published_at"), int)
_SHAPE: Final = {**_TEXT, **_MOMENTS, "texts": dict, "layout": dict}


@dataclass(frozen=True, slots=True)
class Text:
    """What a notice says in one language: its title, and blocks below headings."""

    language: str
    title: str
    blocks: tuple[Block, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of the notice.

    Attributes:
        label: the day from which it holds, and the first 8 digits of its digest: "2026-12-01-3fa9c1d2".
        digest: SHA-256 of what it says in all languages, 64 hexadecimal digits; nothing of the device is in it, so two
            doors that say the same have the same.
        controller: who answers for the data; consents stop when it becomes another (policy KK11).
        contact: the officer, and how to reach them.
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
    contact: str
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
    approval, officer = source.company.approval, source.company.officer
    texts = tuple(
        Text(language, words.say(language, "notice.title"), notice.full(source, language))
        for language in words.LANGUAGES
    )
    found = digest_of(texts)
    return Edition(
        label=f"{approval.effective or '0000-00-00'}-{found[:_DIGITS]}",
        digest=found,
        controller=controller.named(source.company.controller),
        contact=officer.contact,
        approver=approval.approver,
        effective=approval.effective,
        review=approval.review,
        effective_at=dates.begins(approval.effective, source.config.device.zone) if approval.effective else 0,
        published_at=now_ms,
        texts=texts,
    )


def digest_of(texts: tuple[Text, ...]) -> str:
    """SHA-256 over the canonical JSON of all languages as everybody may read them, 64 hexadecimal digits."""
    return digest(canonical.encode(_public(texts))).hex()


def encode(edition: Edition) -> dict[str, Any]:
    """The content of its paper: what everybody may read (`texts`), and the same block by block for a page."""
    plain = {name: getattr(edition, "label" if name == "version" else name) for name in (*_TEXT, *_MOMENTS)}
    layout = {each.language: [blocks.spell(block) for block in each.blocks] for each in edition.texts}
    return plain | {"texts": _public(edition.texts), "layout": layout}


def decode(content: Mapping[str, Any]) -> Edition:
    """What `encode` made. Raises FormatError, also if the digest is not that of the text."""
    found = canonical.fields(dict(content), _SHAPE)
    public, layout = found.pop("texts"), canonical.fields(found.pop("layout"), dict.fromkeys(words.LANGUAGES, list))
    titles = {one: canonical.fields(public.get(one), {"title": str, "paragraphs": list})["title"] for one in layout}
    texts = tuple(Text(one, titles[one], tuple(map(blocks.read, layout[one]))) for one in words.LANGUAGES)
    edition = Edition(label=found.pop("version"), **found, texts=texts)
    if digest_of(texts) != edition.digest or public != _public(texts):
        raise FormatError("the notice is not the one that was published")
    return edition


def _public(texts: tuple[Text, ...]) -> dict[str, Any]:
    return {
        each.language: {"title": each.title, "paragraphs": [list(pair) for pair in blocks.paragraphs(each.blocks)]}
        for each in texts
    }
