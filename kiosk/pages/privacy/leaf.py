"""The forms of which the privacy pages are made: something to read, to choose, to type; refuses to know the law."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page, Show, Stay
from kiosk.pages.sheet import Act, Asked, AskedKind, Block, Line, Row, Sheet, Tone
from kiosk.rights import dates

LONG: Final = 400
"""So many characters of a reason are typed at a screen; a longer one at a shell."""
Draw = Callable[[At], tuple[Block, ...]]
Loader = Callable[[Desk], Page]
Said = Callable[[At], str]
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Choice:
    """A button at the foot: the key of its word, and where it leads."""

    key: str
    text: str
    then: Move = field(repr=False)
    icon: str = ""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Leaf(Page):
    """Something to read, rows that lead on, and what can be done.

    Args:
        name: of the page, for tests and pictures.
        title: key of the title.
        draw: what is read.
        leads: where each row leads, by its key.
        choices: at most four buttons.
        line: key of the sentence beneath the title.
        icon: name of a drawing.
        load: makes the page anew when somebody comes back to it.
    """

    name: str
    title: str
    draw: Draw = field(repr=False)
    leads: tuple[tuple[str, Move], ...] = field(default=(), repr=False)
    choices: tuple[Choice, ...] = field(default=(), repr=False)
    line: str = ""
    icon: str = ""
    load: Loader | None = field(default=None, repr=False)

    def sheet(self, at: At) -> Sheet:
        """Drawn in the reader's language."""
        acts = tuple(Act(each.key, at.say(each.text), each.icon, each.tone) for each in self.choices)
        line = at.say(self.line) if self.line else ""
        return Sheet(self.name, at.say(self.title), line, self.icon, self.draw(at), acts)

    def tapped(self, key: str) -> Move:
        """A row or a button."""
        return (dict(self.leads) | {each.key: each.then for each in self.choices})[key]

    def resumed(self) -> Move:
        """As it is now."""
        load = self.load
        return Stay() if load is None else Do(lambda desk: Instead(load(desk)))


@dataclass(frozen=True, slots=True)
class Ask(Page):
    """Something to type; `then` makes a move of it, or says no with the key of a sentence.

    Args:
        title: key of the title.
        label: key of what it is.
        then: from the text to the move, or to the key of what is wrong with it.
        kind: of keyboard.
        least: characters.
        most: characters.
        line: key of the sentence above.
        wrong: key of what was wrong with the text before.
        initial: what stands there to begin with.
        values: what these sentences name.
    """

    title: str
    label: str
    then: Callable[[str], Move | str] = field(repr=False)
    kind: AskedKind = AskedKind.TEXT
    least: int = 1
    most: int = LONG
    line: str = ""
    wrong: str = ""
    initial: str = field(default="", repr=False)
    values: tuple[tuple[str, str | int], ...] = ()

    def sheet(self, at: At) -> Sheet:
        """Label and keyboard."""
        key = self.wrong or self.line
        asked = Asked(at.say(self.label), self.kind, self.least, self.most)
        line = at.say(key, **dict(self.values)) if key else ""
        return Sheet(f"typing.{self.title}", at.say(self.title), line, asked=asked, warn=bool(self.wrong))

    def entered(self, text: str) -> Move:
        """Hand it in."""
        found = self.then(text.strip())
        if not isinstance(found, str):
            return found
        kept = "" if self.kind in {AskedKind.SECRET, AskedKind.PIN} else text
        return Instead(replace(self, wrong=found, initial=kept))


def opening(load: Loader) -> Do:
    """Load a page and show it."""
    return Do(lambda desk: Show(load(desk)))


def to(load: Callable[[Desk, Key], Page], key: Key) -> Do:
    """Load the page of one thing and show it."""
    return Do(lambda desk: Show(load(desk, key)))


def anew(load: Callable[[Desk, Key], Page], key: Key) -> Loader:
    """What reads the page of one thing once more."""
    return lambda desk: load(desk, key)


def done(act: Callable[[Desk], object], back: int = 1) -> Do:
    """Do it, and go back to the page before, which reads anew what has changed.

    The steps of one act stand in each other's place: to go back gives it up.
    """

    def work(desk: Desk) -> Move:
        act(desk)
        return Back(by=back)

    return Do(work)


def picks(
    name: str, title: str, options: Iterable[tuple[str, Said]], then: Callable[[str], Move], *, line: str = ""
) -> Leaf:
    """One of several words to be touched."""
    each = tuple(options)

    def draw(at: At) -> tuple[Block, ...]:
        return tuple(Row(key, said(at)) for key, said in each)

    return Leaf(name, title, draw, tuple((key, then(key)) for key, _ in each), line=line)


def word(key: str) -> Said:
    """A sentence by its key."""
    return lambda at: at.say(key)


def nothing(at: At, rows: tuple[Block, ...], key: str) -> tuple[Block, ...]:
    """The rows, or the sentence that there are none."""
    return rows or (Line(at.say(key)),)


def is_day(text: str) -> bool:
    """Whether somebody has typed a day that there is, YYYY-MM-DD."""
    try:
        dates.ends(text)
    except (ValueError, OverflowError):
        return False
    return True


def dated(title: str, then: Callable[[str], Move], *, line: str = "", initial: str = "") -> Ask:
    """A day to be typed."""
    return Ask(
        title,
        "dpo.day",
        lambda day: then(day) if is_day(day) else "dpo.no_day",
        most=10,
        line=line,
        initial=initial,
    )


def ahead(title: str, then: Callable[[str], Move], *, line: str, within_ms: int = 0) -> Ask:
    """A day to be typed that is still to come, and (unless 0) not farther away than this."""

    def typed(day: str) -> Move | str:
        return Do(lambda desk: checked(desk, day)) if is_day(day) else "dpo.no_day"

    def checked(desk: Desk, day: str) -> Move:
        now = desk.store.now_ms()
        if dates.begins(day) <= now:
            return Instead(replace(ask, wrong="dpo.not_ahead", initial=day))
        if within_ms and dates.ends(day) > now + within_ms:
            return Instead(replace(ask, wrong="dpo.too_far", initial=day))
        return then(day)

    ask = Ask(title, "dpo.day", typed, most=10, line=line)
    return ask
