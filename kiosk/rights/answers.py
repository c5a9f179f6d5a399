"""What a person said to a notice, to their consent, to announcements or to marketing; refuses to forget the former.

Each answer is a paper of that person, the newest of a matter is open; they go unreadable when the person is erased.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from kiosk.rights import strict
from kiosk.store import papers
from kiosk.store.papers import PaperKind
from wire.errors import FormatError

if TYPE_CHECKING:
    from kiosk.store import Store

SELF: Final = "self"
_STATE: Final = "answered"  # the same for every answer: no list may tell a yes from a no


class About(StrEnum):
    """The matters."""

    NOTICE = "notice"
    CONSENT = "consent"
    ANNOUNCEMENTS = "announcements"
    MARKETING = "marketing"


class Said(StrEnum):
    """The answers."""

    INFORMED = "informed"
    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Attributes:
        about: to what.
        said: what.
        version: of the notice, or "".
        language: in which it was read, two letters, or "".
        at: ms UTC.
        witness: who was there or wrote it down: the name or id of an account, or "self".
    """

    about: About
    said: Said
    version: str
    language: str
    at: int
    witness: str


def give(store: "Store", person: str, answer: Answer, *, by: str = "") -> None:
    """File an answer and close the former ones to the same matter, in one transaction.

    Raises:
        Fault: PERSON_UNKNOWN, PERSON_DAMAGED; DISK_FULL, DISK_FAILED.
    """
    with store.database.write():
        for paper in papers.find(store, PaperKind.ANSWER, person=person, open_only=True):
            if paper.content is not None and paper.content.get("about") == answer.about:
                papers.revise(store, paper, paper.content, state=_STATE, closed=True, by=by)
        papers.put(store, PaperKind.ANSWER, strict.plain(answer), state=_STATE, person=person, by=by)


def of(store: "Store", person: str) -> tuple[Answer, ...]:
    """Every answer of a person, oldest first; one that no longer reads is left out."""
    found = []
    for paper in papers.find(store, PaperKind.ANSWER, person=person):
        try:
            found.append(strict.read(Answer, paper.content or {}))
        except FormatError:  # another kind of answer, or of another version
            continue
    return tuple(found)
