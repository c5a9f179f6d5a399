"""A visit to the pages: `step(visit, event, now)` gives the next visit and effects; refuses to outlast its owner.

Whoever walks away is logged out: after 120 s without a touch for an account, 60 s for anybody else.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import assert_never

from kiosk.faults import FaultCode
from kiosk.pages.common import Failed
from kiosk.pages.page import (
    Back,
    Begin,
    Desk,
    Do,
    Instead,
    Leave,
    Move,
    Nobody,
    Noticed,
    Official,
    Page,
    Show,
    Speak,
    Stay,
    Use,
    Visitor,
)
from kiosk.pages.sheet import Asked, AskedKind

OFFICIAL_S = 120.0
VISITOR_S = 60.0
DEEPEST = 24


@dataclass(frozen=True, slots=True)
class Visit:
    """Pages from the first to the one that is shown.

    Args:
        stack: never empty.
        visitor: who is there.
        until: monotonic seconds; without a touch until then the visit is over.
        since: when the page on top came.
        attempt: the number of the last work or camera use; answers of others are stale.
        busy: the store works; nothing is taken until it has answered.
        watching: the camera works for this page.
        typed: what stands in the page's `asked`.
    """

    stack: tuple[Page, ...]
    visitor: Visitor
    until: float
    since: float
    attempt: int = 0
    busy: bool = False
    watching: bool = False
    typed: str = field(default="", repr=False)

    @property
    def page(self) -> Page:
        """The page that is shown."""
        return self.stack[-1]


@dataclass(frozen=True, slots=True)
class Tapped:
    """A row or a button."""

    key: str


@dataclass(frozen=True, slots=True)
class Typed:
    """One character of the keyboard."""

    character: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Erased:
    """The last character is taken back."""


@dataclass(frozen=True, slots=True)
class Entered:
    """What was typed is handed in."""


@dataclass(frozen=True, slots=True)
class BackTapped:
    """One page back."""


@dataclass(frozen=True, slots=True)
class LeaveTapped:
    """The end of the visit."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Somebody is there: scrolled, or held the screen."""


@dataclass(frozen=True, slots=True)
class Did:
    """The answer to Work(attempt)."""

    attempt: int
    move: Move


@dataclass(frozen=True, slots=True)
class DidNot:
    """The work could not be done."""

    attempt: int
    fault: FaultCode


@dataclass(frozen=True, slots=True)
class Saw:
    """The answer of the camera to Watch(attempt)."""

    attempt: int
    seen: Noticed


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed."""


Event = Tapped | Typed | Erased | Entered | BackTapped | LeaveTapped | Touched | Did | DidNot | Saw | Tick


@dataclass(frozen=True, slots=True)
class Work:
    """Do this with the store; the answer is Did or DidNot with this attempt."""

    attempt: int
    work: Callable[[Desk], Move] = field(repr=False)
    visitor: Visitor = field(repr=False)


@dataclass(frozen=True, slots=True)
class Watch:
    """Use the camera; the answers are Saw with this attempt."""

    attempt: int
    use: Use
    claimed: str = ""


@dataclass(frozen=True, slots=True)
class Unwatch:
    """The camera rests."""


@dataclass(frozen=True, slots=True)
class Speaks:
    """The visitor's language."""

    language: str


@dataclass(frozen=True, slots=True)
class Close:
    """The visit is over."""


Effect = Work | Watch | Unwatch | Speaks | Close
Step = tuple[Visit | None, tuple[Effect, ...]]


def begin(page: Page, now: float, visitor: Visitor = Nobody(), after: int = 0) -> Step:  # noqa: B008 - frozen
    """Open a visit at a page; `after` is the last number of the visits before, whose answers nobody here may get."""
    return _opened(Visit((page,), visitor, now + _allowed(visitor), now, after))


def step(visit: Visit, event: Event, now: float) -> Step:  # noqa: C901, PLR0911, PLR0912 - one arm an event
    """Answer one event; None in the place of the visit says that it is over."""
    match event:
        case Tick():
            return _ticked(visit, now)
        case LeaveTapped():
            return _ended(visit)
        case Did(attempt, move) if visit.busy and attempt == visit.attempt:
            visit = _touched(replace(visit, busy=False), now)
            return _opened(visit) if isinstance(move, Stay) else _moved(visit, move, now)
        case DidNot(attempt, fault) if visit.busy and attempt == visit.attempt:
            return _moved(_touched(replace(visit, busy=False), now), Show(Failed(fault)), now)
        case Saw(attempt, seen) if not visit.busy and attempt == visit.attempt:
            return _moved(visit, visit.page.noticed(seen), now)
        case Did() | DidNot() | Saw():
            return visit, ()
        case _ if visit.busy:
            return visit, ()
        case Touched():
            return _touched(visit, now), ()
        case Tapped(key):
            return _moved(_touched(visit, now), visit.page.tapped(key), now)
        case BackTapped():
            return _moved(_touched(visit, now), Back(), now)
        case Typed(character):
            return _touched(visit, now, typed=visit.typed + character), ()
        case Erased():
            return _touched(visit, now, typed=visit.typed[:-1]), ()
        case Entered():
            return _moved(_touched(visit, now), visit.page.entered(visit.typed), now)
        case _:
            assert_never(event)


def takes(asked: Asked, character: str, typed: str) -> bool:
    """Whether one more character may be typed where this is asked."""
    if len(character) != 1 or not character.isprintable() or len(typed) >= asked.most:
        return False
    match asked.kind:
        case AskedKind.PIN | AskedKind.DIGITS:
            return character.isascii() and character.isdigit()
        case AskedKind.CODE:
            return character.isascii() and (character.isalnum() or character == "-")
        case AskedKind.TEXT | AskedKind.SECRET:
            return True
        case _:
            assert_never(asked.kind)


def _allowed(visitor: Visitor) -> float:
    return OFFICIAL_S if isinstance(visitor, Official) else VISITOR_S


def _touched(visit: Visit, now: float, typed: str | None = None) -> Visit:
    return replace(visit, until=now + _allowed(visit.visitor), typed=visit.typed if typed is None else typed)


def _ticked(visit: Visit, now: float) -> Step:
    if visit.busy:
        return visit, ()
    if now >= visit.until:
        return _ended(visit)
    if visit.page.lasts_s and now - visit.since >= visit.page.lasts_s:
        return _moved(visit, visit.page.late(), now)
    return visit, ()


def _ended(visit: Visit) -> Step:
    return None, (*_rests(visit), Close())


def _rests(visit: Visit) -> tuple[Effect, ...]:
    return (Unwatch(),) if visit.watching else ()


def _moved(visit: Visit, move: Move, now: float) -> Step:  # noqa: PLR0911 - one arm a move
    match move:
        case Stay():
            return visit, ()
        case Leave():
            return _ended(visit)
        case Do(work):
            working = replace(visit, attempt=visit.attempt + 1, busy=True, watching=False)
            return working, (*_rests(visit), Work(working.attempt, work, visit.visitor))
        case Speak(language, then):
            after, effects = _moved(visit, then, now)
            return after, (Speaks(language), *effects)
        case Show(page):
            return _turned(visit, (*visit.stack[-DEEPEST:], page), now)
        case Instead(page):
            return _turned(visit, (*visit.stack[:-1], page), now)
        case Back(page, by):
            below = visit.stack[:-by]
            if page is not None:
                return _turned(visit, (*below[:-1], page), now)
            return _returned(visit, below, now) if below else _ended(visit)
        case Begin(visitor, page):
            begun = replace(visit, visitor=visitor, until=now + _allowed(visitor))
            return _turned(begun, (page,), now)
        case _:
            assert_never(move)


def _returned(visit: Visit, stack: tuple[Page, ...], now: float) -> Step:
    """A page from before on top, as it is now; after a fault it stays as it was, for it may be what has failed."""
    after, effects = _turned(visit, stack, now)
    if after is None or isinstance(visit.page, Failed):
        return after, effects
    moved, more = _moved(after, after.page.resumed(), now)
    return moved, (*effects, *more)


def _turned(visit: Visit, stack: tuple[Page, ...], now: float) -> Step:
    """Another page on top; the camera goes on where it is only another state of the same look."""
    was, shown = visit.page, stack[-1]
    same = type(was) is type(shown) and was.uses is shown.uses and was.claimed == shown.claimed
    if visit.watching and same and len(stack) == len(visit.stack):
        return replace(visit, stack=stack), ()
    after, effects = _opened(replace(visit, stack=stack, since=now, watching=False))
    return after, (*_rests(visit), *effects)


def _opened(visit: Visit) -> tuple[Visit, tuple[Effect, ...]]:
    """A page has come up: what it asks stands as it begins, and its camera is started."""
    page = visit.page
    watching = page.uses is not Use.NOTHING
    visit = replace(visit, attempt=visit.attempt + 1, typed=page.initial, watching=watching)
    return visit, (Watch(visit.attempt, page.uses, page.claimed),) if watching else ()
