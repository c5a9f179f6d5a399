"""Another PIN, by its owner: the old one, then the new one twice; refuses a trivial one, with the rule in words."""

from dataclasses import dataclass, field

from kiosk.pages.common import Told
from kiosk.pages.identify import pin, refusal
from kiosk.pages.mydata.asking import person_of
from kiosk.pages.page import At, Desk, Do, Instead, Move, Page
from kiosk.pages.sheet import Sheet
from kiosk.store import PinAccepted
from kiosk.store.accounts import fit


@dataclass(frozen=True, slots=True)
class Old(Page):
    """The PIN of now; whoever finds an open screen does not know it."""

    home: Do = field(repr=False)
    wait_s: int | None = None

    def sheet(self, at: At) -> Sheet:
        """Dots."""
        line = refusal(at, self.wait_s) or at.say("mydata.pin.old_line")
        asked = pin(at, "mydata.pin.old")
        return Sheet("mydata.pin.old", at.say("mydata.pin.title"), line, asked=asked, warn=self.wait_s is not None)

    def entered(self, text: str) -> Move:
        """Ask the store, which counts."""

        def work(desk: Desk) -> Move:
            person, now = person_of(desk), desk.store.clock()
            code = desk.store.people.get(person).code
            found = desk.store.accounts.check_pin(code, text, now.wall_ms, now.clock.boottime_ms)
            if isinstance(found, PinAccepted):
                return Instead(New(text, self.home))
            return Instead(Old(self.home, found.wait_s))

        return Do(work)


@dataclass(frozen=True, slots=True)
class New(Page):
    """The new one; the rule stands above it, and what was wrong with the one before."""

    before: str = field(repr=False)
    home: Do = field(repr=False)
    wrong: str = ""

    def sheet(self, at: At) -> Sheet:
        """Dots."""
        line = at.say(self.wrong or "mydata.pin.rule")
        asked = pin(at, "mydata.pin.new")
        return Sheet("mydata.pin.new", at.say("mydata.pin.title"), line, asked=asked, warn=bool(self.wrong))

    def entered(self, text: str) -> Move:
        """Then once more, for nobody has seen it."""
        if text == self.before:
            return Instead(New(self.before, self.home, "mydata.pin.same"))
        if not fit(text):
            return Instead(New(self.before, self.home, "mydata.pin.unfit"))
        return Instead(_Again(text, New(self.before, self.home, "mydata.pin.differs")))


@dataclass(frozen=True, slots=True)
class _Again(Page):
    """The same once more."""

    chosen: str = field(repr=False)
    otherwise: New = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """Dots."""
        return Sheet("mydata.pin.again", at.say("mydata.pin.title"), asked=pin(at, "mydata.pin.again"))

    def entered(self, text: str) -> Move:
        """Set it, or choose anew."""
        if text != self.chosen:
            return Instead(self.otherwise)

        def work(desk: Desk) -> Move:
            desk.store.people.set_pin(person_of(desk), text)
            return Instead(Told("mydata.pin.done", "mydata.pin.done_line", icon="key", then=self.otherwise.home))

        return Do(work)
