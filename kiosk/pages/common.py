"""Pages that many use: a sentence, a question, something to type, a fault; each refuses to know what it is about."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from kiosk import words
from kiosk.faults import FaultCode
from kiosk.pages.page import At, Back, Instead, Leave, Move, Page
from kiosk.pages.sheet import Act, Asked, AskedKind, Block, Line, Sheet, Tone


@dataclass(frozen=True, slots=True)
class Failed(Page):
    """What is wrong and what to do, in the reader's language; Back leads to where they were."""

    fault: FaultCode

    def sheet(self, at: At) -> Sheet:
        """Its title, and what to do about it from here."""
        body = (Line(words.hint(at.language, self.fault.value)),)
        return Sheet("failed", at.say(f"fault.{self.fault.value}.title"), icon="warning", body=body)


@dataclass(frozen=True, slots=True)
class Told(Page):
    """It is done, or it is not: one sentence by its key, and the way out.

    Args:
        title: key of the title.
        line: key of the sentence, filled with `values`.
        values: what the sentence names.
        icon: name of a drawing.
        body: what else is to be read.
        then: where "Done" leads.
    """

    title: str
    line: str = ""
    values: tuple[tuple[str, str | int], ...] = field(default=(), repr=False)
    icon: str = "done"
    body: tuple[Block, ...] = ()
    then: Move = field(default_factory=Leave)

    def sheet(self, at: At) -> Sheet:
        """The sentence."""
        line = at.say(self.line, **dict(self.values)) if self.line else ""
        done = Act("done", at.say("tap.done"), "done", Tone.PRIMARY)
        return Sheet(f"told.{self.title}", at.say(self.title), line, self.icon, self.body, (done,), back=False)

    def tapped(self, _key: str) -> Move:
        """Done."""
        return self.then


@dataclass(frozen=True, slots=True)
class Question(Page):
    """Yes or no, before something is done that somebody may regret.

    Args:
        title: key of the title.
        line: key of the sentence, filled with `values`.
        yes: key of the word on the button that does it.
        then: what it does.
        tone: of that button.
        body: what to know before.
    """

    title: str
    line: str
    yes: str
    then: Move
    values: tuple[tuple[str, str | int], ...] = field(default=(), repr=False)
    icon: str = ""
    tone: Tone = Tone.PRIMARY
    body: tuple[Block, ...] = ()

    def sheet(self, at: At) -> Sheet:
        """The question."""
        line = at.say(self.line, **dict(self.values))
        acts = (Act("yes", at.say(self.yes), self.icon, self.tone),)
        return Sheet(f"question.{self.title}", at.say(self.title), line, self.icon, self.body, acts)

    def tapped(self, _key: str) -> Move:
        """Yes."""
        return self.then


@dataclass(frozen=True, slots=True)
class Typing(Page):
    """Something to type; `then` makes a move of it, or says no with a key, and the page stays with that sentence.

    Args:
        title: key of the title.
        asked: what, its label already in words.
        then: from the text to the move, or to the key of a sentence that says what is wrong with it.
        line: key of the sentence above.
        wrong: key of what was wrong with the text before.
        initial: what stands there to begin with.
    """

    title: str
    asked: Asked
    then: Callable[[str], "Move | str"] = field(repr=False)
    line: str = ""
    wrong: str = ""
    initial: str = field(default="", repr=False)

    def sheet(self, at: At) -> Sheet:
        """Label and keyboard."""
        key = self.wrong or self.line
        line = at.say(key) if key else ""
        return Sheet(f"typing.{self.title}", at.say(self.title), line, asked=self.asked, warn=bool(self.wrong))

    def entered(self, text: str) -> Move:
        """Hand it in."""
        found = self.then(text)
        if isinstance(found, str):
            kept = "" if self.asked.kind in {AskedKind.SECRET, AskedKind.PIN} else text
            return Instead(replace(self, wrong=found, initial=kept))
        return found


@dataclass(frozen=True, slots=True)
class Reading(Page):
    """Something to read; `key` is the title's."""

    name: str
    key: str
    body: tuple[Block, ...] = field(repr=False)
    icon: str = "paper"

    def sheet(self, at: At) -> Sheet:
        """Its text."""
        return Sheet(self.name, at.say(self.key), icon=self.icon, body=self.body)

    def tapped(self, _key: str) -> Move:
        """Nothing here can be touched."""
        return Back()
