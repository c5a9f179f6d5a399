"""The check-in screen's QObject: turns taps and answers into events, effects into port calls; it decides nothing."""

import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from typing import assert_never

from PySide6.QtCore import Property, QObject, Qt, QTimer, Signal, Slot

from kiosk import words
from kiosk.flow import checkin
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow.actions import Button
from kiosk.flow.states import COOL_DOWN_S, BadgeRule, Disputed, Idle, PinPad, Recorded, State
from kiosk.screens.entry import Entry
from kiosk.screens.ports import DoorPorts
from kiosk.screens.view import DIGITS, Around, Moment, View, describe

TICK_MS = 250
LANGUAGE_RESTS_S = 15.0


def local_now() -> datetime:
    """Return the wall clock in the zone of the operating system; the door's own may be another."""
    return datetime.now().astimezone()


class Door(QObject):
    """Drives `flow.checkin` on the Qt thread.

    Args:
        ports: what the door may ask for.
        around: site, contact, notice and sync state to begin with.
        language: the site's language; a tap changes it until the person leaves.
        always_confirm: the site wants a tap on every name.
        face: the site recognises faces.
        verify: code and PIN come first, the face second.
        cool_down_s: for so many seconds the same action again is not recorded again.
        random_pad: the digits of the PIN pad stand elsewhere each time.
        badge: what a QR badge does here.
        monotonic: seconds that never go back.
        wall: local time to show.
    """

    viewChanged = Signal()  # noqa: N815 - QML's spelling
    wordsChanged = Signal()  # noqa: N815 - QML's spelling
    _posted = Signal(object)
    _synced = Signal(int, str)
    _placed = Signal(object)
    _announced = Signal(object)

    def __init__(  # noqa: PLR0913 - each has its own reason and a default
        self,
        ports: DoorPorts,
        around: Around = Around(),  # noqa: B008 - frozen
        *,
        language: str = "id",
        always_confirm: bool = False,
        face: bool = True,
        verify: bool = False,
        cool_down_s: float = COOL_DOWN_S,
        random_pad: bool = False,
        badge: BadgeRule = BadgeRule.WITH_PIN,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = local_now,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._ports, self._around, self._site_language = ports, around, language
        self._language, self._chosen = language, False
        self._monotonic, self._wall = monotonic, wall
        self._state: State = checkin.start(
            always_confirm=always_confirm, face=face, verify=verify, cool_down_s=cool_down_s, badge=badge
        )
        self._entry = Entry()
        self._random_pad, self._digits = random_pad, DIGITS
        self._touched_at = monotonic()
        self._view = self._describe()
        self._posted.connect(self._handle, Qt.ConnectionType.QueuedConnection)
        self._synced.connect(self._sync, Qt.ConnectionType.QueuedConnection)
        self._announced.connect(self._announce, Qt.ConnectionType.QueuedConnection)
        self._placed.connect(self._place, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self.tick)

    # -- from other threads -------------------------------------------------------------------------------------------

    def post(self, event: ev.Event) -> None:
        """Hand in an answer or a fault from any thread; it is handled on the Qt thread, in order."""
        self._posted.emit(event)

    def post_sync(self, unsent: int, state: str) -> None:
        """Hand in from any thread how many check-ins wait, and starting, ok, offline or config."""
        self._synced.emit(unsent, state)

    def post_around(self, around: Around) -> None:
        """Hand in from any thread what else is true at this door; sync and announcement stay as posted last."""
        self._placed.emit(around)

    def post_announcement(self, told: tuple[tuple[str, str], ...]) -> None:
        """Hand in from any thread what is announced: language and sentence, for each language it is told in."""
        self._announced.emit(told)

    # -- for QML ------------------------------------------------------------------------------------------------------

    def _get_view(self) -> dict[str, object]:
        return asdict(self._view) | {"buttons": list(self._view.buttons)}  # a tuple is no list to QML

    def _get_words(self) -> dict[str, str]:
        return dict(words.scene(self._language))

    view = Property("QVariantMap", _get_view, notify=viewChanged)  # type: ignore[arg-type]
    words = Property("QVariantMap", _get_words, notify=wordsChanged)  # type: ignore[arg-type]

    @Slot(str)
    def button(self, name: str) -> None:
        """One of the five actions on the first screen."""
        self._tap(ev.ButtonTapped(Button(name)))

    @Slot(str)
    def choose(self, name: str) -> None:
        """One of the five actions where a person chooses or changes."""
        self._tap(ev.ChangeActionTapped(Button(name)))

    @Slot(str)
    def tap(self, what: str) -> None:
        """Any other tap: pin, qr, cancel, yes, not_me, retry or change."""
        self._tap(_TAPS[what])

    @Slot(str)
    def key(self, character: str) -> None:
        """Type one character of the code or the PIN."""
        self._type(self._entry.typed(character))

    @Slot()
    def erase(self) -> None:
        """Take one character back."""
        self._type(self._entry.erased())

    @Slot()
    def letters(self) -> None:
        """Change between digits and letters; a PIN has only digits."""
        self._type(replace(self._entry, letters=not self._entry.letters and not self._entry.on_pin))

    @Slot()
    def code(self) -> None:
        """Go back to the employee code."""
        self._type(self._entry.at_code())

    @Slot()
    def enter(self) -> None:
        """From the code to the PIN, from the PIN to the check."""
        entry = self._entry
        if entry.ready and entry.known:
            self._tap(ev.HolderPinSubmitted(entry.pin))
        elif entry.ready:
            self._tap(ev.PinSubmitted(entry.code, entry.pin))
        else:
            self._type(entry.moved_on())

    @Slot(str)
    def speak(self, language: str) -> None:
        """Change the language by one tap."""
        if language in words.LANGUAGES:
            self._touched_at = self._monotonic()
            self._chosen = True
            self._set_language(language)
            self._remember()
            self._refresh()

    @Slot()
    def tick(self) -> None:
        """Let time pass; the timer calls it four times a second."""
        idle_for = self._monotonic() - self._touched_at
        if isinstance(self._state, Idle) and idle_for > LANGUAGE_RESTS_S:
            self._forget_language()
        self._handle(ev.Tick())

    # -- inside -------------------------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """The check-in state, for tests and the heartbeat."""
        return self._state

    @property
    def shown(self) -> View:
        """What is on the screen now."""
        return self._view

    def start(self) -> None:
        """Start the clock of the screen; call it on the Qt thread once the window is built."""
        self._timer.start()

    def stop(self) -> None:
        """Stop the clock and the camera."""
        self._timer.stop()
        self._ports.stop_looking()

    def pose(self, state: State, entry: Entry, around: Around, language: str) -> None:
        """Show a state without carrying anything out; only `kiosk screens` and tests call it."""
        self._state, self._entry, self._around = state, entry, around
        self._set_language(language)
        self._refresh()

    def _tap(self, event: ev.Event) -> None:
        self._touched_at = self._monotonic()
        self._handle(event)

    def _type(self, entry: Entry) -> None:
        if isinstance(self._state, PinPad) and not self._state.checking:
            self._entry = entry
            self._tap(ev.KeyTouched())

    @Slot(object)
    def _handle(self, event: ev.Event) -> None:
        before = self._state
        self._state, effects = checkin.step(before, event, self._monotonic())
        if isinstance(event, ev.Resolved) and self._state is not before:
            self._greet(event.language)
        if self._random_pad and isinstance(self._state, PinPad) and not isinstance(before, PinPad):
            self._digits = "".join(secrets.SystemRandom().sample(DIGITS, len(DIGITS)))
        if isinstance(event, ev.PinRefused) and self._state is not before:
            self._entry = self._entry.at_pin()
        if not isinstance(self._state, PinPad):
            self._entry = Entry()
        elif self._state.holder and not self._entry.known:
            self._entry = Entry(on_pin=True, known=True)
        if isinstance(self._state, Idle) and isinstance(before, Recorded | Disputed):
            self._forget_language()
        if isinstance(self._state, Recorded) and not isinstance(before, Recorded):
            self._remember()
        self._refresh()
        for effect in effects:
            self._carry_out(effect)

    @Slot(int, str)
    def _sync(self, unsent: int, state: str) -> None:
        self._around = replace(self._around, unsent=unsent, sync=state)
        self._refresh()

    @Slot(object)
    def _place(self, around: Around) -> None:
        kept = self._around
        self._around = replace(around, unsent=kept.unsent, sync=kept.sync, announcement=kept.announcement)
        self._refresh()

    @Slot(object)
    def _announce(self, told: tuple[tuple[str, str], ...]) -> None:
        self._around = replace(self._around, announcement=told)
        self._refresh()

    def _carry_out(self, effect: ef.Effect) -> None:
        ports = self._ports
        match effect:
            case ef.StartLooking(attempt, claimed):
                ports.start_looking(attempt, claimed or None)
            case ef.StartScanning(attempt):
                ports.start_scanning(attempt)
            case ef.StopLooking():
                ports.stop_looking()
            case ef.ShowSlip(text):
                ports.show_slip(text, self._language)
            case ef.CheckHealth():
                ports.check_health()
            case _:
                self._ask(effect)

    def _ask(self, question: ef.Question) -> None:
        ports = self._ports
        match question:
            case ef.CheckPin(attempt, code, pin):
                ports.check_pin(attempt, code, pin)
            case ef.CheckHolderPin(attempt, person, pin):
                ports.check_holder_pin(attempt, person, pin)
            case ef.CheckBadge(attempt, text):
                ports.check_badge(attempt, text)
            case ef.LookUp(attempt, person, method):
                ports.look_up(attempt, person, method)
            case ef.Save(attempt, person, action, method):
                ports.save(attempt, person, action, method)
            case ef.SaveCorrection(attempt, event_id, person, action, method):
                ports.save_correction(attempt, event_id, person, action, method)
            case ef.SaveDispute(attempt, event_id, person):
                ports.save_dispute(attempt, event_id, person)
            case _:
                assert_never(question)

    def _greet(self, language: str) -> None:
        if language in words.LANGUAGES and not self._chosen:
            self._set_language(language)

    def _remember(self) -> None:
        if self._chosen and isinstance(self._state, Recorded):
            self._ports.remember_language(self._state.person, self._language)

    def _forget_language(self) -> None:
        self._chosen = False
        self._set_language(self._site_language)

    def _set_language(self, language: str) -> None:
        if language != self._language:
            self._language = language
            self.wordsChanged.emit()

    def _describe(self) -> View:
        at = Moment(self._entry, self._around, self._language, self._monotonic(), self._wall(), self._digits)
        return describe(self._state, at)

    def _refresh(self) -> None:
        view = self._describe()
        if view != self._view:
            self._view = view
            self.viewChanged.emit()


_TAPS: dict[str, ev.Event] = {
    "pin": ev.PinTapped(),
    "qr": ev.QrTapped(),
    "cancel": ev.CancelTapped(),
    "yes": ev.YesTapped(),
    "not_me": ev.NotMeTapped(),
    "retry": ev.RetryTapped(),
    "change": ev.ChangeTapped(),
}
