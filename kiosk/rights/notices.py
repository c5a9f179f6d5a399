"""The published versions of the notice and the act of publishing; refuses gaps, yesterday, and the same words twice."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from kiosk.faults import Fault, FaultCode
from kiosk.rights import blocks, consent, dates, editions
from kiosk.rights.editions import Edition, Text
from kiosk.rights.notice_source import Source, gaps
from kiosk.store import papers
from kiosk.store.basis import Condition
from kiosk.store.papers import Paper, PaperKind

if TYPE_CHECKING:
    from kiosk.store import Store

PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class New:
    """A new version is published; `asked` consents to older texts wait for an answer to it."""

    edition: Edition
    asked: int


@dataclass(frozen=True, slots=True)
class Approved:
    """The words are the same, and were approved anew: no new version, nobody is asked again."""

    edition: Edition


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Nothing is different."""

    edition: Edition


Outcome: TypeAlias = New | Approved | Unchanged


def published(store: "Store") -> tuple[Edition, ...]:
    """Every version, in the order in which they were published; past ones stay. Raises FormatError: one was altered."""
    return tuple(edition for _, edition in _filed(store))


def in_force(store: "Store") -> Edition | None:
    """The version that holds now."""
    found = published(store)
    number = consent.in_force(known(found), store.now_ms())
    return None if number is None else found[number]


def newest(store: "Store") -> Edition | None:
    """The version that a consent is given to: the last one that was published, also before its day."""
    found = published(store)
    return found[-1] if found else None


def named(store: "Store", label: str) -> Edition:
    """One version by its label. Raises Fault PAPER_UNKNOWN."""
    for edition in reversed(published(store)):
        if edition.label == label:
            return edition
    raise Fault(FaultCode.PAPER_UNKNOWN, "no such version of the notice")


def publish(store: "Store", source: Source, *, by: str) -> Outcome:
    """Publish the notice as the running configuration makes it, and ask again whoever agreed to an older one.

    Args:
        store: open.
        source: the running configuration.
        by: account of the officer, 16 hexadecimal digits.

    Raises:
        Fault: PRIVACY_INVALID: something is not filled in, it would hold before today, or is to be looked at again
            before it holds; DISK_FULL, DISK_FAILED.
    """
    if missing := gaps(source):
        raise Fault(FaultCode.PRIVACY_INVALID, f"not filled in: {', '.join(missing)}")
    filed, draft = _filed(store), editions.drafted(source, store.now_ms())
    if not all(_readable(each) for each in draft.texts):
        raise Fault(FaultCode.PRIVACY_INVALID, "a value holds a character that nobody can read")
    last = filed[-1] if filed else None
    if draft.review <= draft.effective:
        raise Fault(FaultCode.PRIVACY_INVALID, "approval.review must be after approval.effective")
    if last is not None and last[1].digest == draft.digest:
        return _approved(store, *last, draft, source, by)
    today = dates.day(store.now_ms(), source.config.device.zone)
    if draft.effective < today:
        raise Fault(
            FaultCode.PRIVACY_INVALID, f"approval.effective is before today, {today}: no notice holds backwards"
        )
    versions = known((*(edition for _, edition in filed), draft))
    days = source.company.clocks.consent_days
    found = _limits(store, versions, days)
    with store.database.write():
        papers.put(
            store,
            PaperKind.NOTICE,
            editions.encode(draft),
            state=PUBLISHED,
            due_at=dates.begins(draft.review, source.config.device.zone),
            by=by,
        )
        found += _limits(store, versions, days, but={person for person, _ in found})  # who agreed in between
        for person, until in found:
            store.basis.limit(person, until)
    return New(draft, len(found))


def known(found: Iterable[Edition]) -> tuple[consent.Published, ...]:
    """The versions as far as a consent hangs on them."""
    return tuple(consent.Published(each.label, each.effective_at, each.controller) for each in found)


def _filed(store: "Store") -> list[tuple[Paper, Edition]]:
    found = papers.find(store, PaperKind.NOTICE, person="")
    return [(paper, editions.decode(paper.content)) for paper in found if paper.content is not None]


def _readable(text: Text) -> bool:
    return all(
        line.isprintable() for pair in blocks.paragraphs(text.blocks) for part in pair for line in part.split("\n")
    )


def _approved(  # noqa: PLR0913, PLR0917 - what is compared
    store: "Store", paper: Paper, before: Edition, draft: Edition, source: Source, by: str
) -> Outcome:
    now = replace(before, approver=draft.approver, review=draft.review)
    if now == before:
        return Unchanged(before)
    due = dates.begins(now.review, source.config.device.zone)
    papers.revise(store, paper, editions.encode(now), state=PUBLISHED, due_at=due, by=by)
    return Approved(now)


def _limits(
    store: "Store", versions: tuple[consent.Published, ...], days: int, *, but: Iterable[str] = ()
) -> list[tuple[str, int]]:
    """Whose consent in force is to an older text, and until when it carries a face, ms UTC."""
    found, passed = [], set(but)
    for person in store.basis.people():
        if person in passed:
            continue
        try:
            given = store.basis.ground_of(person)
        except (ValueError, Fault):
            given = None  # what nobody can read is no consent to the new words
        if isinstance(given, Condition):
            continue  # a law does not lapse with a text
        text, at = ("", 0) if given is None else (given.text_version, given.given_at)
        until = consent.limit(text, versions, at, days)
        if until is not None:
            found.append((person, until))
    return found
