"""The pages of a claim, from the code to "a person will look at it"; refuses to say whether anybody has the code."""

from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from kiosk.flow.actions import Action as Shown
from kiosk.flow.actions import Button, button_for, pair
from kiosk.pages.page import At, Back, Desk, Do, Instead, Leave, Move, Page, Show
from kiosk.pages.sheet import Act, Asked, AskedKind, Block, Fact, Line, Row, Sheet, Tone
from kiosk.rights.claiming import NOTE_MOST, Taken, TooSoon, Wanted, claim
from kiosk.rights.claims import Cause
from wire.event import Action

_MINUTE_S: Final = 60
_OWN_WORDS_LEAST: Final = 3


@dataclass(frozen=True, slots=True)
class Code(Page):
    """Who: the employee code as they type it."""

    def sheet(self, at: At) -> Sheet:
        """Our own keyboard."""
        asked = Asked(at.say("claim.code"), AskedKind.CODE)
        return Sheet("claim.code", at.say("claim.title"), at.say("claim.who"), asked=asked)

    def entered(self, text: str) -> Move:
        """On to the actions of this site; a code is written in capitals, as on the PIN pad."""
        code = text.strip().upper()

        def work(desk: Desk) -> Move:
            offered = (action for name in desk.config.door.buttons for action in pair(Button(name)))
            return Show(Which(code, tuple(dict.fromkeys(Action(each.value) for each in offered))))

        return Do(work)


@dataclass(frozen=True, slots=True)
class Which(Page):
    """What: every action by its own name, for nobody's last one is looked up here."""

    code: str = field(repr=False)
    offered: tuple[Action, ...]

    def sheet(self, at: At) -> Sheet:
        """One row for each action."""
        rows = (Row(each.value, at.say(f"action.{each}"), icon=_icon(each)) for each in self.offered)
        return Sheet("claim.which", at.say("claim.which"), icon="claim", body=tuple(rows))

    def tapped(self, key: str) -> Move:
        """On to the reason."""
        return Show(Why(self.code, Action(key)))


@dataclass(frozen=True, slots=True)
class Why(Page):
    """Why: one of a short list."""

    code: str = field(repr=False)
    action: Action

    def sheet(self, at: At) -> Sheet:
        """One row for each reason."""
        rows = (Row(each.value, at.say(f"claim.cause.{each}")) for each in Cause)
        return Sheet("claim.why", at.say("claim.why"), icon="claim", body=tuple(rows))

    def tapped(self, key: str) -> Move:
        """On to the question; "something else" says what in own words first."""
        wanted = Wanted(self.code, self.action, Cause(key))
        return Show(Words(wanted) if wanted.cause is Cause.OTHER else Sure(wanted))


@dataclass(frozen=True, slots=True)
class Words(Page):
    """Why, in own words; `again` when the question stands beneath this page already."""

    wanted: Wanted
    again: bool = False
    initial: str = field(default="", repr=False)

    def sheet(self, at: At) -> Sheet:
        """Our own keyboard."""
        asked = Asked(at.say("claim.words"), AskedKind.TEXT, _OWN_WORDS_LEAST, NOTE_MOST)
        return Sheet("claim.words", at.say("claim.why"), at.say("claim.words_line"), asked=asked)

    def entered(self, text: str) -> Move:
        """On to the question."""
        sure = Sure(replace(self.wanted, note=text.strip()))
        return Back(sure) if self.again else Show(sure)


@dataclass(frozen=True, slots=True)
class Sure(Page):
    """All of it once more, and the question."""

    wanted: Wanted

    def sheet(self, at: At) -> Sheet:
        """What will be written down, and who will look at it."""
        wanted = self.wanted
        body: tuple[Block, ...] = (
            Fact(at.say("claim.code"), wanted.code),
            Fact(at.say("claim.what"), at.say(f"action.{wanted.action}")),
            Fact(at.say("claim.reason"), at.say(f"claim.cause.{wanted.cause}")),
        )
        if wanted.note:
            body += (Fact(at.say("claim.words"), wanted.note),)
        acts = (
            Act("record", at.say("claim.record"), "done", Tone.PRIMARY),
            Act("words", at.say("claim.add"), "paper"),
        )
        return Sheet("claim.sure", at.say("claim.sure"), at.say("claim.sure_line"), "claim", body, acts)

    def tapped(self, key: str) -> Move:
        """Write it down, or say more."""
        return Show(Words(self.wanted, again=True, initial=self.wanted.note)) if key == "words" else Do(self._record)

    def _record(self, desk: Desk) -> Move:
        answer = claim(desk.store, self.wanted, language=desk.language, site=desk.config.device.site)
        match answer:
            case Taken(at):
                return Instead(Written(self.wanted.action, at))
            case TooSoon(wait_s):
                return Show(Later(wait_s))
            case _:
                assert_never(answer)


@dataclass(frozen=True, slots=True)
class Written(Page):
    """It is written down, at `moment` (ms UTC)."""

    action: Action
    moment: int
    lasts_s = 12.0

    def sheet(self, at: At) -> Sheet:
        """The same words for every code."""
        done = Act("done", at.say("tap.done"), "done", Tone.PRIMARY)
        said = at.say("claim.written_line", action=at.say(f"action.{self.action}"), time=at.spell.time(self.moment))
        body = (Line(at.say("claim.person"), icon="person"), Line(at.say("claim.again"), icon="pin"))
        return Sheet("claim.written", at.say("claim.written"), said, "done", body, (done,), back=False, leave=False)

    def tapped(self, _key: str) -> Move:
        """Done."""
        return Leave()

    def late(self) -> Move:
        """Nobody has to touch it."""
        return Leave()


@dataclass(frozen=True, slots=True)
class Later(Page):
    """There were many: the next one is taken after a while."""

    wait_s: int

    def sheet(self, at: At) -> Sheet:
        """How long, and what else there is."""
        minutes = -(-self.wait_s // _MINUTE_S)
        line = (
            at.say("claim.wait_seconds", seconds=self.wait_s)
            if self.wait_s < _MINUTE_S
            else at.say("claim.wait_minutes", minutes=minutes)
        )
        body = (Line(at.say("claim.wait_else"), icon="paper"),)
        return Sheet("claim.later", at.say("claim.wait"), line, "warning", body, warn=True)

    def tapped(self, _key: str) -> Move:
        """Nothing here can be touched."""
        return Back()


def _icon(action: Action) -> str:
    return button_for(Shown(action.value)).value
