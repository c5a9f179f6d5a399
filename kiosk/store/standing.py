"""How an act of a person stands after all that was said about it; pure: refuses to let anything outweigh a human."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, assert_never

from wire.event import Action, Amendment, CheckIn, Correction, Decision, Dispute, Event, Notice, TripDetails

TRAVELS: Final = frozenset({Action.TRIP_LEAVE, Action.TRIP_RETURN})


@dataclass(frozen=True, slots=True)
class Standing:
    """One act.

    Attributes:
        event: what stood there first: a check-in, or the amendment that added the act.
        action: what counts now; of what was annulled: what no longer counts.
        at: when it happened, as it counts; ms UTC.
        decided: the last decision of a human about it, if there is one; of what was added at least its own.
        disputed: "not me", unless a human has decided since.
        moved: whether a human has given it another time than the door logged.
        trip: what was said last about the trip that it begins or ends; None for every other act.
    """

    event: CheckIn | Amendment
    action: Action
    at: int
    decided: Amendment | None
    disputed: Dispute | None
    moved: bool
    trip: TripDetails | None = None

    @property
    def annulled(self) -> bool:
        """Whether a human has decided that it did not happen, or was somebody else's."""
        return self.decided is not None and self.decided.decision is Decision.ANNULLED


class Later:
    """What was said later about the acts of one person; told everything newest first."""

    def __init__(self) -> None:
        self._disputed: dict[str, Dispute] = {}
        self._corrected: dict[str, Action] = {}
        self._decided: dict[str, Amendment] = {}
        self._moved: set[str] = set()
        self._trips: dict[str, TripDetails] = {}

    def hear(self, event: Event) -> Standing | None:
        """Take in the next older event; how it stands, if it is an act and not something said about one."""
        match event:
            case Dispute():
                if event.refers_to not in self._decided:
                    self._disputed.setdefault(event.refers_to, event)
            case Correction():
                self._correct(event)
            case Amendment(refers_to=""):
                return self._standing(event, self._decided.get(event.event_id, event))
            case Amendment():
                self._decide(event)
            case CheckIn():
                return self._standing(event, self._decided.get(event.event_id))
            case TripDetails():
                self._trips.setdefault(event.refers_to, event)
            case Notice():
                pass
            case _:
                assert_never(event)
        return None

    def _correct(self, event: Correction) -> None:
        """A correction of a correction counts for the check-in that both are about; so does "not me" about one."""
        self._corrected.setdefault(event.refers_to, self._corrected.get(event.event_id, event.action))
        if event.event_id in self._disputed and event.refers_to not in self._decided:
            self._disputed.setdefault(event.refers_to, self._disputed[event.event_id])

    def _decide(self, event: Amendment) -> None:
        if event.refers_to in self._disputed:
            return
        self._decided.setdefault(event.refers_to, event)
        if event.decision is Decision.TIME:
            self._moved.add(event.refers_to)

    def _standing(self, event: CheckIn | Amendment, decided: Amendment | None) -> Standing:
        moved = event.event_id in self._moved or isinstance(event, Amendment)
        last = decided or event
        action = last.action if decided else self._corrected.get(event.event_id, event.action)
        at = last.occurred_at if moved else event.occurred_at
        trip = self._trips.get(event.event_id) if action in TRAVELS else None
        return Standing(event, action, at, decided, self._disputed.get(event.event_id), moved, trip)


def standings(oldest_first: Iterable[Event]) -> tuple[Standing, ...]:
    """How every act among these events of one person stands, in the order in which they were logged."""
    later = Later()
    found = [later.hear(event) for event in reversed(tuple(oldest_first))]
    return tuple(each for each in reversed(found) if each is not None)
