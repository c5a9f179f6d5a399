"""What the kiosk does for its store between two people at the door, in small steps; refuses to make anybody wait."""

import functools
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from kiosk import bugs
from kiosk.clock import Watch
from kiosk.config import Config
from kiosk.faults import Fault
from kiosk.rights import breach_alarms
from kiosk.rights.company import FILE as PRIVACY
from kiosk.rights.nightly import Nightly
from kiosk.store import LocalKind, Store, backup, enclosure, outbox, reserve, resume, sweep, timekeeping
from kiosk.store.database import FileCheck

LOG: Final = logging.getLogger("ambang.upkeep")
CHECKPOINT_EVERY_S: Final = 60.0
RESERVE_EVERY_S: Final = 60.0
RESUME_EVERY_S: Final = 10.0
BACKUP_LOOK_EVERY_S: Final = 3600.0
ENCLOSURE_LOOK_EVERY_S: Final = 10.0
RETENTION_LOOK_EVERY_S: Final = 60.0
ALARM_LOOK_EVERY_S: Final = 60.0
RESUME_ANYWAY_EVERY_S: Final = 60.0
"""Open acts are gone on with after 10 s if something has changed that they may wait for, and once a minute anyway."""
LEAVE_BEHIND_S: Final = 5.0


@dataclass(slots=True)
class Due:
    """Something that is done every so many seconds, the first time at once."""

    at_s: float = 0.0

    def now(self, now_s: float, every_s: float) -> bool:
        """Whether it is time; then the next time is set."""
        if now_s < self.at_s:
            return False
        self.at_s = now_s + every_s
        return True


class Errands:
    """Goes on with open acts on a thread and a connection of its own: some take longer than anybody waits at a door.

    Args:
        reopen: opens the same store once more; raises Fault.
    """

    def __init__(self, reopen: Callable[[], Store]) -> None:
        self._reopen = reopen
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, unless it goes on already; returns at once."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=bugs.loudly, args=(self._run,), name="ambang-errands", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Wait no longer than 5 s for what goes on; whatever is open then goes on at the next start."""
        if self._thread is not None:
            self._thread.join(LEAVE_BEHIND_S)

    def _run(self) -> None:
        try:
            store = self._reopen()
        except Fault as fault:
            LOG.warning("open acts wait: %s", fault.code)
            return
        try:
            left = resume.resume(store)
            LOG.info("open acts: %d left", left)
        except Fault as fault:
            LOG.warning("open acts wait: %s", fault.code)
        finally:
            store.close()


class Upkeep:
    """Clock, checkpoints, anchors, reserve, open acts and the nightly sweeps; used by the thread that owns the store.

    Args:
        config: the kiosk's configuration.
        watch: the clocks.
        reopen: opens the same store once more; raises Fault.
    """

    def __init__(self, config: Config, watch: Watch, reopen: Callable[[], Store]) -> None:
        self._config = config
        self._zone = ZoneInfo(config.device.zone)
        self._watch = watch
        self._errands = Errands(reopen)
        self._nightly = Nightly(config.data / PRIVACY, reopen, bugs.loudly)
        self._retention = Due()
        self._checkpoint, self._reserve, self._resume, self._anyway, self._backup = (Due() for _ in range(5))
        self._enclosure = Due()
        self._alarms = Due()
        self._tried: object = None
        self._sweep: sweep.Steps | None = None
        self._check: FileCheck | None = None

    def begin(self, store: Store) -> None:
        """The store was opened. Raises Fault as any writing to it."""
        self._sweep = None
        self._checkpoint, self._reserve, self._resume, self._anyway, self._backup = (Due() for _ in range(5))
        self._enclosure = Due()
        timekeeping.notice(store, self._watch)

    def before_event(self, store: Store) -> None:
        """Somebody acts: if the clock was moved, that is written down first. Raises Fault as any writing."""
        timekeeping.notice(store, self._watch)

    def step(self, store: Store, now_s: float) -> None:
        """One of everything that is due; each takes no longer than a PIN does.

        Args:
            store: the open store.
            now_s: monotonic seconds.

        Raises:
            Fault: as any writing to the store.
        """
        timekeeping.notice(store, self._watch)
        if self._reserve.now(now_s, RESERVE_EVERY_S):
            _keep_reserve(store)
        if self._resume.now(now_s, RESUME_EVERY_S):
            if store.anchor.behind:
                store.anchor.keep_up()
            self._go_on(store, now_s)
        if self._checkpoint.now(now_s, CHECKPOINT_EVERY_S):
            store.ledger.checkpoint()
        self._look_around(store, now_s)
        self._sweep_on(store)

    def hurry(self) -> None:
        """Somebody is at the door: what would keep them waiting breaks off; from any thread."""
        if (check := self._check) is not None:
            check.stop()

    def end(self, store: Store) -> None:
        """The kiosk stops in good order: that is written down, also on a full disk."""
        stopped = functools.partial(store.append_local, LocalKind.STOPPED, {})
        with suppress(Fault):
            reserve.within(store.database.directory, stopped)

    def stop(self) -> None:
        """Leave no thread behind, if it can be helped."""
        self._errands.stop()
        self._nightly.stop()

    def _look_around(self, store: Store, now_s: float) -> None:
        """What somebody may have to be told of: ports and case, backups, periods, cases of breach."""
        if self._enclosure.now(now_s, ENCLOSURE_LOOK_EVERY_S):
            enclosure.notice(store, enclosure.look())
        if self._backup.now(now_s, BACKUP_LOOK_EVERY_S):
            for kind in backup.overdue(store, self._config):
                LOG.error("no %s backup for more than a day", kind.value)
        if self._retention.now(now_s, RETENTION_LOOK_EVERY_S):
            self._nightly.look(store, self._local())
        if self._alarms.now(now_s, ALARM_LOOK_EVERY_S):
            told = breach_alarms.told_by_sync(self._config.exchange)
            if opened := breach_alarms.look(store, self._config, told):
                LOG.error("%d cases of breach were opened: kiosk privacy breach list", opened)

    def _go_on(self, store: Store, now_s: float) -> None:
        found = (store.intents.all_open(), outbox.settled(store))
        if found[0] and (self._anyway.now(now_s, RESUME_ANYWAY_EVERY_S) or found != self._tried):
            self._tried = found
            self._errands.start()

    def _sweep_on(self, store: Store) -> None:
        local = self._local()
        if self._sweep is None:
            if not sweep.due(local, sweep.last_day(store)):
                return
            self._sweep = sweep.steps(store, check=self._checked)
        elif local.hour not in sweep.HOURS:
            return
        walk, self._sweep = self._sweep, None
        try:
            next(walk)
            self._sweep = walk
        except StopIteration as ended:
            sweep.finish(store, ended.value, local.toordinal())
            LOG.info("swept: %d damaged", ended.value.damaged)

    def _local(self) -> datetime:
        return datetime.fromtimestamp(self._watch().wall_ms / 1000, UTC).astimezone(self._zone)

    def _checked(self, check: FileCheck) -> list[str] | None:
        self._check = check
        try:
            return check.run()
        finally:
            self._check = None


def _keep_reserve(store: Store) -> None:
    try:
        reserve.keep(store.database.directory)
    except Fault as fault:  # no reason to close the door
        LOG.warning("no reserve: %s", fault.code)
