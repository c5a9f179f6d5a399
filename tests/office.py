"""A small office in memory that answers a door as store and recogniser do, from a thread of its own."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.faults import FaultCode
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, LastAction, Method
from kiosk.screens.ports import DoorPorts

MONDAY_MS = 1_785_718_680_000  # 2026-08-03 07:58 in Jakarta


@dataclass(frozen=True)
class Worker:
    code: str
    pin: str
    name: str
    language: str = ""


@dataclass
class Row:
    """One durable row."""

    event_id: str
    kind: str
    person: str
    action: Action | None = None
    method: Method | None = None
    refers_to: str = ""


@dataclass
class Office:
    """People, rows and one thread that owns them; `face` is what the camera would see next, None for nobody yet."""

    people: dict[str, Worker]
    post: Callable[[ev.Event], None] = lambda _event: None
    face: ev.Matched | ev.Near | ev.NotMatched | None = None
    broken: FaultCode | None = None
    rows: list[Row] = field(default_factory=list)
    languages: dict[str, str] = field(default_factory=dict)
    looking: int | None = None
    scanning: int | None = None
    badge: tuple[str, str] = ("", "")
    verifiable: bool = False
    claimed: list[str | None] = field(default_factory=list)
    asked: "queue.Queue[Callable[[], None] | None]" = field(default_factory=queue.Queue)

    def open(self) -> None:
        self.thread = threading.Thread(target=self._work, name="office")
        self.thread.start()

    def close(self) -> None:
        self.asked.put(None)
        self.thread.join(5)

    def ports(self) -> DoorPorts:
        return DoorPorts(
            start_looking=lambda attempt, claimed: self.asked.put(lambda: self._look(attempt, claimed)),
            stop_looking=lambda: self.asked.put(self._rest),
            check_pin=lambda attempt, code, pin: self.asked.put(lambda: self._check(attempt, code, pin)),
            look_up=lambda attempt, person, _method: self.asked.put(lambda: self._look_up(attempt, person)),
            save=lambda attempt, person, action, method: self.asked.put(
                lambda: self._save(attempt, Row("", "check-in", person, action, method)),
            ),
            save_correction=lambda attempt, event_id, person, action, method: self.asked.put(
                lambda: self._save(attempt, Row("", "correction", person, action, method, event_id)),
            ),
            save_dispute=lambda attempt, event_id, person: self.asked.put(
                lambda: self._save(attempt, Row("", "dispute", person, refers_to=event_id)),
            ),
            check_health=lambda: self.asked.put(self._health),
            remember_language=lambda person, language: self.asked.put(
                lambda: self.languages.__setitem__(person, language),
            ),
            start_scanning=lambda attempt: self.asked.put(lambda: self._scan(attempt)),
            check_badge=lambda attempt, text: self.asked.put(lambda: self._check_badge(attempt, text)),
            check_holder_pin=lambda attempt, person, pin: self.asked.put(
                lambda: self._check(attempt, self.people[person].code, pin),
            ),
        )

    def _work(self) -> None:
        while (job := self.asked.get()) is not None:
            job()

    def _look(self, attempt: int, claimed: str | None) -> None:
        self.looking = attempt
        self.claimed.append(claimed)
        self.post(ev.Guided(attempt, ev.Instruction.HOLD_STILL, 0.5))
        if self.face is not None:
            self.post(ev.FaceDecided(attempt, self.face))

    def _rest(self) -> None:
        self.looking = self.scanning = None

    def hold(self, text: str) -> None:
        """Hold a code before the camera."""
        self.asked.put(lambda: self.post(ev.BadgeSeen(-1 if self.scanning is None else self.scanning, text)))

    def _scan(self, attempt: int) -> None:
        self.scanning = attempt

    def _check_badge(self, attempt: int, text: str) -> None:
        token, person = self.badge
        self.post(ev.BadgeAccepted(attempt, person) if text == token else ev.BadgeRefused(attempt))

    def _check(self, attempt: int, code: str, pin: str) -> None:
        found = [p for p, worker in self.people.items() if (worker.code, worker.pin) == (code, pin)]
        self.post(ev.PinAccepted(attempt, found[0], self.verifiable) if found else ev.PinRefused(attempt, 2.0))

    def _look_up(self, attempt: int, person: str) -> None:
        mine = [row.action for row in self.rows if row.person == person and row.action is not None]
        last = LastAction(mine[-1], MONDAY_MS) if mine else None
        worker = self.people[person]
        self.post(ev.Resolved(attempt, person, worker.name, last, worker.language))

    def _save(self, attempt: int, row: Row) -> None:
        if self.broken is not None:
            self.post(ev.SaveFailed(attempt, self.broken))
            return
        row.event_id = f"row-{len(self.rows) + 1}"
        self.rows.append(row)
        self.post(ev.Committed(attempt, row.event_id, MONDAY_MS, 7_260))

    def _health(self) -> None:
        if self.broken is None:
            self.post(ev.Repaired())
