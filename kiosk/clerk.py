"""The one thread that owns the store and answers the door; refuses to say "recorded" before the commit returned."""

import functools
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from kiosk import bugs, clock
from kiosk.config import Config
from kiosk.faults import Fault, FaultCode
from kiosk.flow import effects as ef
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, LastAction, Method
from kiosk.flow.states import PERSONAL_FAULTS
from kiosk.messenger import Messenger, Queue, StoreClosed
from kiosk.store import LocalKind, PinRefused, RootKey, Store, announcements, badges, configured, face_mode
from kiosk.store.matchable import matchable
from kiosk.store.shifts import Expected
from kiosk.upkeep import Upkeep
from wire import event
from wire.message import Announcement

LOG: Final = logging.getLogger("ambang.clerk")
LOOK_EVERY_S: Final = 1.0
_MINUTE_MS: Final = 60_000
# What a page's work may meet, and the door cannot go on with: the store is closed and opened anew.
STORE_FAULTS: Final = frozenset(
    {
        FaultCode.DISK_FULL,
        FaultCode.DISK_FAILED,
        FaultCode.STORE_MISSING,
        FaultCode.STORE_DAMAGED,
        FaultCode.STORE_FOREIGN,
        FaultCode.STORE_ROLLED_BACK,
        FaultCode.ANCHOR_LOST,
        FaultCode.KEY_MISSING,
        FaultCode.KEY_UNREADABLE,
        FaultCode.KEY_WRONG,
        FaultCode.PROVIDER_FAILED,
        FaultCode.LEDGER_BROKEN,
    },
)
Found = TypeVar("Found")


class Clerk:
    """Does for the door what needs the store, one thing after the other, on a thread of its own.

    Every method returns at once; the answer is posted. A fault that the store may not get over by itself closes it,
    and `check_health` opens it anew. On a full disk it stays open: what frees room, or settles, goes on.

    Args:
        config: the kiosk's configuration.
        provider: where the root key comes from.
        post: takes flow events, on the clerk's thread.
        on_store: is handed the open store when the references may have changed, on the clerk's thread.
        on_queue: takes the queue's state after each hand-over, on the messenger's thread.
        on_announcement: takes what is announced, or None, whenever that changes, on the clerk's thread.
        released: says whether faces may be processed; when its answer changes, `on_store` is called.
        beside: what a person is told beside what was just recorded.

    Attributes:
        expected: ids of those who are expected now, in the mode "roster"; None for everybody.
        apart: ids of those who are compared after code and PIN alone. Both are set before `on_store` is called.
    """

    def __init__(  # noqa: PLR0913 - whom it answers
        self,
        config: Config,
        provider: RootKey,
        *,
        post: Callable[[ev.Event], None],
        on_store: Callable[[Store], None],
        on_queue: Callable[[Queue], None],
        on_announcement: Callable[[Announcement | None], object] = lambda _: None,
        released: Callable[[Store], object] = lambda _: None,
        beside: Callable[[Store, str], ev.Beside] = lambda _store, _person: ev.Beside(),
    ) -> None:
        self._config = config
        self._provider = provider
        self._post = post
        self._on_store = on_store
        self._on_announcement = on_announcement
        self._released = released
        self._beside = beside
        self._announced: Announcement | None = None
        self._clock = clock.Watch(config.device.zone)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ambang-clerk")
        self._store: Store | None = None
        self._gallery_version: tuple[int, ...] = ()
        self._faces: object = None
        self._shifts = Expected(config.device.zone) if config.recognition.mode == "roster" else None
        self.expected: frozenset[str] | None = None
        self.apart: frozenset[str] = frozenset()
        self._upkeep = Upkeep(config, self._clock, self._reopened)
        self._waiting: deque[None] = deque()  # one for each at the door; counted by two threads
        self._checking: Future[None] | None = None
        self._stopping = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="ambang-clerk-tick", daemon=True)
        self._messenger = Messenger(config, self._ask, on_queue)

    # -- what the door asks -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the store and begin to hand entries to sync; a fault is posted, not raised."""
        self._submit(self._open)
        self._ticker.start()
        self._messenger.start()

    def stop(self) -> None:
        """Hand on what is left and close the store."""
        self._stopping.set()
        self._ticker.join()
        self._messenger.stop()
        self._upkeep.stop()
        self._submit(self._end)
        self._thread.shutdown()

    def check_pin(self, attempt: int, code: str, pin: str) -> None:
        """Answer PinAccepted, PinRefused or SaveFailed."""
        self._urgent(self._answer, attempt, functools.partial(self._check_pin, attempt, code, pin))

    def check_holder_pin(self, attempt: int, person: str, pin: str) -> None:
        """Answer PinAccepted, PinRefused or SaveFailed; the badge of that person was accepted a moment ago."""
        self._urgent(self._answer, attempt, functools.partial(self._check_holder_pin, attempt, person, pin))

    def check_badge(self, attempt: int, text: str) -> None:
        """Answer BadgeAccepted, BadgeRefused or SaveFailed; why one is refused stands in the ledger alone."""
        self._urgent(self._answer, attempt, functools.partial(self._check_badge, attempt, text))

    def look_up(self, attempt: int, person: str, method: Method) -> None:
        """Answer Resolved or SaveFailed."""
        self._urgent(self._answer, attempt, functools.partial(self._look_up, ef.LookUp(attempt, person, method)))

    def save(self, attempt: int, person: str, action: Action, method: Method) -> None:
        """Answer Committed or SaveFailed."""
        self._urgent(self._answer, attempt, functools.partial(self._save, ef.Save(attempt, person, action, method)))

    def save_correction(self, attempt: int, event_id: str, person: str, action: Action, method: Method) -> None:
        """Answer Committed or SaveFailed; the corrected event stays as it is."""
        effect = ef.SaveCorrection(attempt, event_id, person, action, method)
        self._urgent(self._answer, attempt, functools.partial(self._save, effect))

    def save_dispute(self, attempt: int, event_id: str, person: str) -> None:
        """Answer Committed or SaveFailed."""
        self._urgent(self._answer, attempt, functools.partial(self._dispute, attempt, event_id, person))

    def remember_language(self, person: str, language: str) -> None:
        """Speak this language with a person from now on; answers nothing, and what fails is only not remembered."""
        self._submit(self._remember, person, language)

    def work(self, work: Callable[[Store], Found], done: Callable[[Found | Fault], object]) -> None:
        """Do a page's work with the store; `done` gets its result or its Fault, on the clerk's thread."""
        self._urgent(self._worked, work, done)

    def check_health(self) -> None:
        """Answer Repaired once the store can be opened and written to, else nothing; one at a time."""
        if self._checking is None or self._checking.done():  # a disk that hangs must not make a queue of these
            self._checking = self._urgent(self._check_health)

    # -- on the clerk's thread ----------------------------------------------------------------------------------------

    def _submit(self, work: Callable[..., object], *args: object) -> "Future[None]":
        return self._thread.submit(bugs.loudly, work, *args)

    def _urgent(self, work: Callable[..., object], *args: object) -> "Future[None]":
        """Submit what somebody at the door waits for."""
        self._waiting.append(None)
        self._upkeep.hurry()
        return self._submit(self._served, work, *args)

    def _served(self, work: Callable[..., object], *args: object) -> None:
        self._waiting.popleft()
        work(*args)

    def _open(self) -> None:
        try:
            self._opened()
        except Fault as fault:
            self._broken(fault)

    def _opened(self) -> Store:
        """Return the store, opened when need be. Raises Fault."""
        if self._store is None:
            self._gallery_version, self._faces = (), None
            self._store = self._reopened()
            self._upkeep.begin(self._store)
            configured.notice(self._store, self._config)
            self._store.append_local(LocalKind.STARTED, {"security_level": self._store.security_level.value})
            LOG.info("store open")
        self._look_for_changes(self._store)
        return self._store

    def _reopened(self) -> Store:
        return Store.open(self._config.state, self._provider, clock=self._clock, places=self._config.anchors)

    def _broken(self, fault: Fault) -> None:
        LOG.error("store fault: %s", fault.code)
        if fault.code is not FaultCode.DISK_FULL:
            self._close()
        self._post(ev.FaultRaised(fault.code))

    def _end(self) -> None:
        if self._store is not None:
            self._upkeep.end(self._store)
        self._close()

    def _close(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def _answer(self, attempt: int, ask: Callable[[Store], ev.Event]) -> None:
        try:
            store = self._opened()
            self._upkeep.before_event(store)
            answer = ask(store)
        except Fault as fault:
            self._post(ev.SaveFailed(attempt, fault.code))
            if fault.code not in PERSONAL_FAULTS:
                self._broken(fault)
            elif self._store is not None:
                with suppress(Fault):  # what was damaged is written down; the person has their answer already
                    self._store.quarantine.settle()
            return
        self._post(answer)
        if isinstance(answer, ev.Committed):
            self._messenger.wake()

    def _worked(self, work: Callable[[Store], Found], done: Callable[[Found | Fault], object]) -> None:
        try:
            store = self._opened()
            self._upkeep.before_event(store)
            found = work(store)
            self._look_for_changes(store)
        except Fault as fault:
            if fault.code in STORE_FAULTS:
                self._broken(fault)
            done(fault)
            return
        done(found)
        self._messenger.wake()

    def _remember(self, person: str, language: str) -> None:
        try:
            store = self._opened()
            if store.people.get(person).language != language:
                store.people.correct(person, language=language)
        except Fault as fault:
            if fault.code in STORE_FAULTS:
                self._broken(fault)

    def _check_pin(self, attempt: int, code: str, pin: str, store: Store) -> ev.Event:
        now = self._clock()
        result = store.accounts.check_pin(code, pin, now.wall_ms, now.clock.boottime_ms)
        if isinstance(result, PinRefused):
            return ev.PinRefused(attempt, result.wait_s)
        person = result.person_id
        return ev.PinAccepted(attempt, person, _has_a_face(store, person), verify=self._verifies(store, person))

    def _check_holder_pin(self, attempt: int, person: str, pin: str, store: Store) -> ev.Event:
        return self._check_pin(attempt, store.people.get(person).code, pin, store)

    def _check_badge(self, attempt: int, text: str, store: Store) -> ev.Event:
        found = badges.tried(store, text)
        if isinstance(found, badges.Refused):
            return ev.BadgeRefused(attempt)
        verify = self._verifies(store, found.person)
        return ev.BadgeAccepted(attempt, found.person, _has_a_face(store, found.person), verify=verify)

    def _verifies(self, store: Store, person: str) -> bool:
        """Whether their face is compared beside code or badge, by the site's wish or their own."""
        mode = face_mode.strictest(self._config.recognition.mode, face_mode.mode_of(store.database, person))
        return mode == "verification"

    def _look_up(self, effect: ef.LookUp, store: Store) -> ev.Event:
        store.people.admit(effect.person, by_face=effect.method is Method.FACE)
        found, now_ms = store.people.get(effect.person), self._clock().wall_ms
        last = store.history.last_action(effect.person, now_ms)
        shown = None if last is None else LastAction(Action(last[0].value), last[1])
        proved = last is not None and not store.history.claimed(effect.person, last[1])
        ago_s = (now_ms - last[1]) / 1000 if last is not None and proved else None
        return ev.Resolved(effect.attempt, effect.person, found.name, shown, found.language, ago_s)

    def _save(self, effect: ef.Save | ef.SaveCorrection, store: Store) -> ev.Event:
        now, code, site = self._clock(), store.people.get(effect.person).code, self._config.device.site
        event_id = event.uuid7(now.wall_ms, os.urandom(10))
        what, how = event.Action(effect.action.value), event.Method(effect.method.value)
        happened: event.Event = (
            event.CheckIn(event_id, code, what, now.wall_ms, now.clock, how, site)
            if isinstance(effect, ef.Save)
            else event.Correction(event_id, code, effect.event_id, what, now.wall_ms, now.clock, how, site)
        )
        with store.database.write():
            if isinstance(effect, ef.Save):  # the consent may have been withdrawn since the camera looked
                store.people.admit(effect.person, by_face=effect.method is Method.FACE)
            store.ledger.append(happened, effect.person)
        worked, beside = None, ev.Beside()
        with suppress(Fault):  # it is recorded: what fails now must not make the person do it again
            midnight = _midnight(now.wall_ms, self._config.device.zone)
            worked = store.history.worked_today(effect.person, midnight, now.wall_ms + 1)
            beside = self._beside(store, effect.person)
        return ev.Committed(effect.attempt, event_id, now.wall_ms, worked, beside)

    def _dispute(self, attempt: int, refers_to: str, person: str, store: Store) -> ev.Event:
        now, code = self._clock(), store.people.get(person).code
        event_id = event.uuid7(now.wall_ms, os.urandom(10))
        happened = event.Dispute(event_id, code, refers_to, now.wall_ms, now.clock, self._config.device.site)
        store.ledger.append(happened, person)
        return ev.Committed(attempt, event_id, now.wall_ms)

    def _check_health(self) -> None:
        try:
            self._opened().append_local(LocalKind.STARTED, {"after": "fault"})
        except Fault as fault:
            self._broken(fault)
            return
        self._post(ev.Repaired())

    def _look_for_changes(self, store: Store) -> None:
        # who is expected, and what is announced, change with the time
        version = (*store.gallery_version(), self._clock().wall_ms // _MINUTE_MS)
        if version != self._gallery_version:
            self.expected = None if self._shifts is None else self._shifts.now(store)
            faces = (matchable(store.database, store.now_ms()), self.expected, self._released(store))
            if faces != self._faces:
                self.apart = face_mode.beside_pin(store.database)
                self._on_store(store)
            self._gallery_version, self._faces = version, faces
            self._announce(announcements.current(store))

    def _announce(self, found: Announcement | None) -> None:
        if found != self._announced:
            self._announced = found
            self._on_announcement(found)

    def _tick(self) -> None:
        last: Future[None] | None = None
        while not self._stopping.wait(LOOK_EVERY_S):
            if last is None or last.done():  # a slow disk must not make a queue of these
                last = self._submit(self._look)
            elif self._waiting:
                self._upkeep.hurry()

    def _look(self) -> None:
        if (store := self._store) is None:
            return
        try:
            self._look_for_changes(store)
            self._upkeep.step(store, time.monotonic())
        except Fault as fault:
            self._broken(fault)

    # -- for the messenger --------------------------------------------------------------------------------------------

    def _ask(self, work: Callable[[Store], Found], /) -> Found:
        """Do the messenger's work with the store, on the clerk's thread, and wait for it; a fault is posted."""
        try:
            asked = self._thread.submit(self._asked, work)
        except RuntimeError as error:  # the messenger was left behind, and the clerk's thread has ended
            raise StoreClosed from error
        return asked.result()

    def _asked(self, work: Callable[[Store], Found]) -> Found:
        if (store := self._store) is None:
            raise StoreClosed
        try:
            done = work(store)
            self._look_for_changes(store)  # whoever has left by it is out of the gallery before anybody else is asked
        except Fault as fault:
            self._broken(fault)
            raise StoreClosed from fault
        return done


def _has_a_face(store: Store, person: str) -> bool:
    """Whether the camera may look for them at all: whoever gave no consent, or took it back, is not looked at."""
    try:
        store.people.admit(person, by_face=True)
    except Fault as fault:
        if fault.code not in PERSONAL_FAULTS:
            raise
        return False
    return True


def _midnight(now_ms: int, zone: str) -> int:
    """Return the local midnight before `now_ms`, in ms UTC."""
    local = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(zone))
    return int(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)
