"""What every page of My data asks with: words, digits, one of several reasons; refuses a text without an end."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from kiosk import words
from kiosk.faults import Fault, FaultCode
from kiosk.pages.page import At, Desk, Do, Employee, Instead, Move, Page, Show
from kiosk.pages.sheet import Asked, AskedKind, Row, Sheet
from kiosk.rights import company
from kiosk.rights.company import Company

WORDS_MOST: Final = 500
"""Characters of an explanation that is typed at the screen."""


def person_of(desk: Desk) -> str:
    """The random id of whoever stands there. Raises Fault DESK_REFUSED for anybody who was not asked for two things."""
    match desk.visitor:
        case Employee(person, _, True):
            return person
        case _:
            raise Fault(FaultCode.DESK_REFUSED)


def company_of(desk: Desk) -> Company:
    """privacy.toml; where it cannot be read, the strictest clocks: a slip of the desk takes no right from anybody."""
    try:
        return company.load(desk.config.data / company.FILE)
    except Fault:
        return Company()


def capital(text: str) -> str:
    """A text that begins a line."""
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class Written(Page):
    """Something to type; `then` makes a move of it, or says with a key what is wrong with it.

    Args:
        title: key.
        label: key of what is asked.
        then: from the text to the move, or to a key.
        line: key of a sentence above.
        kind: which keyboard.
        least: characters.
        most: characters.
        wrong: key of what was wrong with the text before.
        initial: what stands there to begin with.
    """

    title: str
    label: str
    then: Callable[[str], "Move | str"] = field(repr=False)
    line: str = ""
    kind: AskedKind = AskedKind.TEXT
    least: int = 1
    most: int = WORDS_MOST
    wrong: str = ""
    initial: str = field(default="", repr=False)

    def sheet(self, at: At) -> Sheet:
        """Label and keyboard."""
        key = self.wrong or self.line
        asked = Asked(at.say(self.label), self.kind, self.least, self.most)
        line = at.say(key) if key else ""
        return Sheet(f"typing.{self.title}", at.say(self.title), line, asked=asked, warn=bool(self.wrong))

    def entered(self, text: str) -> Move:
        """Hand it in."""
        found = self.then(text.strip())
        if isinstance(found, str):
            return Instead(replace(self, wrong=found, initial=text))
        return found


@dataclass(frozen=True, slots=True)
class Reasons(Page):
    """Why somebody wants something: one of a few sentences, or their own.

    Args:
        title: key.
        reasons: keys of the sentences.
        then: what is done with the words, in the language in which they were chosen or typed.
        line: key of a sentence above.
    """

    title: str
    reasons: tuple[str, ...]
    then: Callable[[Desk, str], Move] = field(repr=False)
    line: str = "mydata.why.line"

    def sheet(self, at: At) -> Sheet:
        """Each is a row."""
        rows = tuple(Row(key, at.say(key)) for key in self.reasons)
        own = Row("own", at.say("mydata.why.own"), icon="pin")
        return Sheet("mydata.why", at.say(self.title), at.say(self.line), body=(*rows, own))

    def tapped(self, key: str) -> Move:
        """Do it with that sentence, or type one."""
        if key == "own":
            return Show(Written(self.title, "mydata.why.label", lambda text: Do(lambda desk: self.then(desk, text))))
        return Do(lambda desk: self.then(desk, words.say(desk.language, key)))
