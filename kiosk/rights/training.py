"""The quiz for whoever enrols faces (policy E27): eight questions, all of them right; refuses a pass that is old."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk import words
from kiosk.faults import Fault, FaultCode
from kiosk.rights import once, strict
from kiosk.rights.dates import YEAR_MS
from kiosk.store import papers
from kiosk.store.approval import Role
from kiosk.store.papers import PaperKind

if TYPE_CHECKING:
    from kiosk.store import Store

VERSION: Final = 1
"""Counts the versions of the questions; who passed an earlier one passes again."""
TOPICS: Final = ("consent", "alternative", "passwords", "view", "breach", "requests", "photos", "withdrawal")
_RIGHT: Final = "right"
_ANSWERS: Final = (_RIGHT, "wrong_1", "wrong_2")
PASSED: Final = "passed"
ENROLS: Final = frozenset({Role.ADMIN, Role.ENROLLER})
"""Who may enrol a face, once trained."""

Shuffle = Callable[[list[str]], object]


@dataclass(frozen=True, slots=True)
class Question:
    """One question as it is asked.

    Attributes:
        topic: one of TOPICS.
        asks: the question.
        answers: three, in the order in which they are shown.
        right: which of them is right, 0 to 2.
    """

    topic: str
    asks: str
    answers: tuple[str, ...]
    right: int


@dataclass(frozen=True, slots=True)
class Trained:
    """That an account has passed.

    Attributes:
        account: 16 hexadecimal digits.
        version: of the questions.
        language: in which they were asked.
        on: when, ms UTC.
    """

    account: str
    version: int
    language: str
    on: int

    @property
    def until(self) -> int:
        """Up to when it counts, ms UTC: 12 months, and not a moment longer."""
        return self.on + YEAR_MS


def questions(language: str, shuffle: Shuffle) -> tuple[Question, ...]:
    """Every question in its order, the answers of each shuffled. Raises KeyError for an unknown language."""
    return tuple(_question(topic, language, shuffle) for topic in TOPICS)


def wrong(asked: Sequence[Question], answers: Sequence[int]) -> tuple[str, ...]:
    """The topics that were not known; what was not answered counts as not known."""
    given = [*answers, *([-1] * len(asked))]
    return tuple(one.topic for one, answer in zip(asked, given, strict=False) if answer != one.right)


def trained_until(found: Collection[Trained], account: str) -> int:
    """Up to when an account is trained on the questions of today, ms UTC; 0 if it never was."""
    return max((one.until for one in found if one.account == account and one.version == VERSION), default=0)


def keep(store: "Store", asked: Sequence[Question], answers: Sequence[int], account: str, language: str) -> Trained:
    """File that an account has passed.

    Args:
        store: open.
        asked: every question, as `questions` gave them.
        answers: the number of each answer.
        account: who answered.
        language: in which.

    Raises:
        Fault: DESK_REFUSED: not all of them are right; as `papers.put`.
    """
    if tuple(one.topic for one in asked) != TOPICS or wrong(asked, answers):
        raise Fault(FaultCode.DESK_REFUSED, "the training is not passed")
    trained = Trained(account, VERSION, language, store.now_ms())
    once.file(store, PaperKind.TRAINING, strict.plain(trained), state=PASSED, due_at=trained.until, by=account)
    return trained


def kept(store: "Store") -> tuple[Trained, ...]:
    """Every pass, oldest first."""
    found = papers.find(store, PaperKind.TRAINING)
    return tuple(strict.read(Trained, paper.content) for paper in found if paper.content is not None)


def need(store: "Store", account: str) -> None:
    """Refuse an account that is not trained today. Raises Fault DESK_REFUSED."""
    if trained_until(kept(store), account) <= store.now_ms():
        raise Fault(FaultCode.DESK_REFUSED, "first pass: kiosk privacy training")


def _question(topic: str, language: str, shuffle: Shuffle) -> Question:
    order = list(_ANSWERS)
    shuffle(order)
    answers = tuple(words.say(language, f"training.{topic}.{answer}") for answer in order)
    return Question(topic, words.say(language, f"training.{topic}.ask"), answers, order.index(_RIGHT))
