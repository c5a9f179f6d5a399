"""A backend that stores twice when it is sent twice, and a courier whose process may die at every commit."""
# ruff: noqa: ARG002 - moods and the methods of a backend share their shapes

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlite_utils import Database
from sync_house import Door

from sync.contract import (
    BackendDown,
    BackendMisconfigured,
    Capabilities,
    Health,
    Idempotency,
    Punch,
    Rejected,
    Result,
    Retry,
    Stored,
    Unknown,
    Why,
)
from sync.courier import Courier
from sync.database import SqliteFile
from sync.exchange import Exchange, OutboxEntry
from sync.punch_journal import PunchJournal
from wire.message import Policy, Roster

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
QUERY = Capabilities(1, pairs=False, resolution_ms=1000, idempotency=Idempotency.QUERY)
PAIRS = Capabilities(1, pairs=True, resolution_ms=1000, idempotency=Idempotency.QUERY)


class PowerCut(BaseException):
    """The process is gone in this moment."""


class Remote:
    """A server without any idempotency; `mood` decides about one event, `late` stores after a lost answer."""

    def __init__(self, capabilities: Capabilities = QUERY) -> None:
        self.able = capabilities
        self.rows: list[Punch] = []
        self.late: list[tuple[int, Punch]] = []
        self.pushes: list[tuple[str, ...]] = []
        self.asked: list[str] = []
        self.mood: Callable[[Punch, int], Result] = self.take
        self.health: Callable[[], Health] = Health
        self.now: Callable[[], int] = lambda: 0
        self.rosters: list[tuple[tuple[Roster, ...], str]] = []
        self.policy: Policy | None = None

    @property
    def capabilities(self) -> Capabilities:
        return self.able

    def preflight(self, now_ms: int) -> Health:
        return self.health()

    def push(self, punches: Sequence[Punch], now_ms: int) -> tuple[Result, ...]:
        assert 1 <= len(punches) <= self.able.batch_size
        self.pushes.append(tuple(one.event_id for one in punches))
        return tuple(self.mood(one, now_ms) for one in punches)

    def reconcile(self, punches: Sequence[Punch], now_ms: int) -> Mapping[str, str | None]:
        self.arrive()
        self.asked += [one.event_id for one in punches]
        there = {one.event_id for one in self.rows}
        return {one.event_id: f"row-{one.seq}" if one.event_id in there else None for one in punches}

    def pull_roster(self, cursor: str, now_ms: int) -> tuple[tuple[Roster, ...], str]:
        return self.rosters.pop(0) if self.rosters else ((), cursor)

    def pull_policy(self, now_ms: int) -> Policy | None:
        return self.policy

    def arrive(self) -> None:
        """What the server was still at work on is done by now."""
        self.rows += [punch for at, punch in self.late if at <= self.now()]
        self.late = [(at, punch) for at, punch in self.late if at > self.now()]

    # moods

    def take(self, punch: Punch, now_ms: int) -> Result:
        self.rows.append(punch)
        return Stored(punch.event_id, f"row-{punch.seq}")

    def lose_request(self, punch: Punch, now_ms: int) -> Result:
        return Unknown(punch.event_id, "read_timeout")

    def lose_answer(self, punch: Punch, now_ms: int) -> Result:
        self.rows.append(punch)
        return Unknown(punch.event_id, "read_timeout")

    def slowly(self, punch: Punch, now_ms: int) -> Result:
        self.late.append((self.now() + 170 * SECOND, punch))
        return Unknown(punch.event_id, "read_timeout")

    def fault(self, punch: Punch, now_ms: int) -> Result:
        return Unknown(punch.event_id, "http_500")

    def again(self, punch: Punch, now_ms: int) -> Result:
        return Retry(punch.event_id, "http_503", 5 * SECOND)

    def refuse(self, punch: Punch, now_ms: int) -> Result:
        return Rejected(punch.event_id, Why.UNKNOWN_EMPLOYEE, "nobody")

    def down(self, punch: Punch, now_ms: int) -> Result:
        raise BackendDown("http_503", None)

    def wrong(self, punch: Punch, now_ms: int) -> Result:
        raise BackendMisconfigured("http_403", "Give the key the role that may write check-ins.")

    def die_before(self, punch: Punch, now_ms: int) -> Result:
        raise PowerCut

    def die_after(self, punch: Punch, now_ms: int) -> Result:
        self.rows.append(punch)
        raise PowerCut

    def confused(self, punch: Punch, now_ms: int) -> Result:
        raise ValueError("a backend's own bug")


@dataclass
class Life:
    """A door, a remote, and the courier's process between them."""

    folder: Path
    remote: Remote
    wall: int = field(default_factory=lambda: int(time.time() * 1000) - 30 * DAY)
    steady: int = 0
    cut_in: int | None = None
    kept: list[tuple[OutboxEntry, str]] = field(default_factory=list)
    told: int = 0
    people: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.door = Door(self.folder / "door", clock=lambda: self.wall / 1000)
        self.remote.now = lambda: self.steady
        self.start()

    def start(self) -> None:
        """Begin the process, as often as it takes when it dies at the start already."""
        while True:
            try:
                with self.cuts():
                    self.exchange = Exchange.open(self.door.path)
                    self.journal = PunchJournal.open(self.folder / "sync.db", "door-1", self.door.exchange_key)
                    self.courier = Courier(
                        "door-1",
                        self.door.exchange_key,
                        exchange=self.exchange,
                        journal=self.journal,
                        backend=self.remote,
                        clock=lambda: self.wall,
                        chance=lambda: 0.5,
                        steady=lambda: self.steady,
                    )
            except PowerCut:
                self.cut_in = None
                continue
            return

    def stop(self) -> None:
        self.exchange.close()
        self.journal.close()

    def check_in(self, *codes: str) -> list[str]:
        """Append one event for each code; the kiosk keeps them for a lost exchange."""
        entries = [self.door.entry(code, local=False) for code in codes]
        self.people |= {str(entry.event_id): code for entry, code in zip(entries, codes, strict=True)}
        note = self.door.note()
        self.kept += [(entry, note) for entry in entries]
        self.hand_over(entries, note)
        return [str(entry.event_id) for entry in entries]

    def hand_over(self, entries: list[OutboxEntry], note: str) -> None:
        exchange = Exchange.open(self.door.path)
        try:
            exchange.append(entries, note)
        finally:
            exchange.close()

    def listen(self) -> None:
        """What the kiosk does with `delivered`."""
        for message in self.exchange.inbox(0):
            if message.kind == "delivered":
                self.told = max(self.told, int(message.body.split(b":")[1].strip(b" }")))

    def lose_exchange(self) -> None:
        """The file is gone; the kiosk fills it again, with what it still keeps."""
        self.listen()
        self.stop()
        self.door.path.unlink()
        Exchange.create(self.door.path).close()
        for entry, _ in self.kept:
            row = entry.row
            bare = OutboxEntry(row) if row.seq <= self.told else entry
            self.hand_over([bare], f"ambang/door-1\n{row.seq}\nhash\n\nsignature\n")
        self.start()

    def damage_journal(self) -> None:
        self.stop()
        with (self.folder / "sync.db").open("r+b") as file:
            file.write(os.urandom(64))
        self.start()

    def pass_by(self, ms: int) -> None:
        self.wall += ms
        self.steady += ms
        self.remote.arrive()

    def work(self, steps: int = 1_000) -> None:
        """Step until nothing follows at once; a process that dies is started again."""
        for _ in range(steps):
            try:
                with self.cuts():
                    if not self.courier.step():
                        break
            except PowerCut:
                self.cut_in = None
                self.stop()
                self.start()
        self.listen()

    def live(self, ms: int, every: int = 10 * SECOND) -> None:
        for _ in range(ms // every):
            self.work()
            self.pass_by(every)
        self.work()

    def stored(self) -> list[str]:
        return [one.event_id for one in self.remote.rows]

    @contextmanager
    def cuts(self) -> Iterator[None]:
        """Die before or after the commit that `cut_in` counts down to: even numbers before, odd ones after."""
        true = SqliteFile.write

        @contextmanager
        def write(file: SqliteFile) -> Iterator[Database]:
            with true(file) as database:
                yield database
                self._count()
            self._count()

        SqliteFile.write = write  # type: ignore[method-assign,assignment]
        try:
            yield
        finally:
            SqliteFile.write = true  # type: ignore[method-assign]

    def _count(self) -> None:
        if self.cut_in is not None:
            self.cut_in -= 1
            if self.cut_in < 0:
                raise PowerCut
