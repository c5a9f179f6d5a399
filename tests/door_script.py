"""A door driven by hand: remembers what it was told to do, answers only when a test does."""

from dataclasses import dataclass, field

from kiosk.faults import FaultCode
from kiosk.flow import checkin, states
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, Button, LastAction
from kiosk.flow.states import (
    State,
)

BUDI, SITI = "b0d1", "5171"
SERIOUS = sorted(set(FaultCode) - states.FACE_FAULTS - states.PERSONAL_FAULTS)
MORNING = 1_700_000_000_000


@dataclass
class Screen:
    """A door that is driven by hand: remembers effects, never answers by itself."""

    state: State = field(default_factory=checkin.start)
    now: float = 100.0
    effects: list[ef.Effect] = field(default_factory=list)

    def on(self, *events: ev.Event) -> State:
        for event in events:
            self.state, done = checkin.step(self.state, event, self.now)
            self.effects += done
        return self.state

    def later(self, seconds: float) -> State:
        """Let time pass with a tick four times a second, as the door does."""
        for _ in range(round(seconds * 4)):
            self.now += 0.25
            self.on(ev.Tick())
        return self.state

    @property
    def attempt(self) -> int:
        return self.state.standing.attempt

    def face(self, outcome: ev.Matched | ev.Near | ev.NotMatched) -> State:
        return self.on(ev.FaceDecided(self.attempt, outcome))

    def resolve(
        self,
        last: Action | None = None,
        person: str = BUDI,
        name: str = "Budi Santoso",
        ago_s: float | None = None,
    ) -> State:
        before = None if last is None else LastAction(last, MORNING)
        return self.on(ev.Resolved(self.attempt, person, name, before, ago_s=ago_s))

    def commit(self) -> State:
        return self.on(ev.Committed(self.attempt, f"event-{self.attempt}", MORNING, 60))

    def until_saving(self, button: Button = Button.IN, last: Action | None = None) -> "Screen":
        self.on(ev.ButtonTapped(button))
        self.face(ev.Matched(BUDI))
        self.resolve(last)
        return self

    def until_recorded(self, button: Button = Button.IN, last: Action | None = None) -> "Screen":
        self.until_saving(button, last).commit()
        return self

    def saves(self) -> list[ef.Effect]:
        return [e for e in self.effects if isinstance(e, ef.Save | ef.SaveCorrection | ef.SaveDispute)]
