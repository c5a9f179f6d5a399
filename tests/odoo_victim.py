"""The courier with Odoo behind it, in a process of its own that dies at a chosen step; run by test_odoo_crash.py."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from odoo_site import at, punch
from sync_house import Door

from sync.backends.odoo import OdooBackend
from sync.config import Actions, Odoo
from sync.contract import Punch, Result
from sync.courier import Courier
from sync.exchange import Exchange, OutboxEntry
from sync.punch_journal import PunchJournal
from sync.transport import Answer, Transport
from wire.event import Action, clear
from wire.sealed import Context, seal
from wire.spine import body_digest, commitment, link

MINUTE = 60_000
MORNING = ((Action.IN, 8), (Action.OUT, 12), (Action.IN, 13))


@dataclass
class Steps:
    """Counts the steps of the protocol and kills this process, as a power cut would, before one of them."""

    deadly: int
    count: int = 0
    counting: bool = False

    def __call__(self) -> None:
        if self.counting:
            self.count += 1
            if self.count == self.deadly:
                os.kill(os.getpid(), signal.SIGKILL)


class DyingLine(Transport):
    """Every request is two steps: not yet sent, and answered."""

    step: Callable[[], None] = staticmethod(lambda: None)

    def send(self, method: str, url: str, body: Any, headers: Any) -> Answer:  # noqa: ANN401 - as the base has them
        self.step()
        answer = super().send(method, url, body, headers)
        self.step()
        return answer


class DyingBackend(OdooBackend):
    """A push that has returned and is not yet written down is a step too."""

    step: Steps

    def push(self, punches: Sequence[Punch], now_ms: int) -> tuple[Result, ...]:
        self.step.counting = True
        results = super().push(punches, now_ms)
        self.step()
        return results


def hand_over(door: Door, acts: Iterable[tuple[str, Action, int]]) -> None:
    """What happened at the door: who, what, and at which hour."""
    entries = []
    for code, action, hour in acts:
        door.seq += 1
        salt, event = door.seq.to_bytes(16, "big"), punch(code, action, at(hour)).event
        said = clear(event, door.device)
        row = link(door.head, door.seq, commitment(salt, said), body_digest(said))
        door.head = row.h
        context = Context(store=door.device, table="outbox", column="event", row=str(door.seq))
        entries.append(OutboxEntry(row, event.event_id, seal(door.exchange_key, salt + said, context, kid=b"EXCH")))
    with closing(Exchange.open(door.path)) as exchange:
        exchange.append(entries, door.note())


def morning(code: str) -> list[tuple[str, Action, int]]:
    """Somebody comes, goes to lunch, and comes back."""
    return [(code, action, hour) for action, hour in MORNING]


def deliver(
    folder: Path, settings: Odoo, steps: Steps, passes: int, pass_by: Callable[[int], None] = lambda _ms: None
) -> int:
    """Work as the daemon would, a few minutes further each pass; returns how many events are left."""
    late = 0
    host = urlsplit(settings.url).hostname
    assert host is not None
    line = DyingLine(frozenset({host}), settings.ca, None, None)
    line.step = steps
    backend = DyingBackend(settings, "door-1", lambda: line, Actions())
    backend.step = steps
    key = (folder / "exchange.key").read_bytes()
    with (
        closing(line),
        closing(Exchange.open(folder / "exchange.db")) as exchange,
        closing(PunchJournal.open(folder / "sync.db", "door-1", key)) as journal,
    ):
        courier = Courier(
            "door-1", key, exchange=exchange, journal=journal, backend=backend,
            clock=lambda: int(time.time() * 1000) + late, chance=lambda: 0.5,
        )  # fmt: skip
        for _ in range(passes):
            while courier.step():
                pass
            if not exchange.unsettled().events:
                break
            late += 20 * MINUTE
            pass_by(late)
        return exchange.unsettled().events


def in_a_child(act: Callable[[], int]) -> int | None:
    """Run in a process of its own; its exit status, None if it was killed."""
    child = os.fork()
    if child == 0:
        signal.alarm(200)  # one that hangs does not keep the test
        status = 99
        try:
            status = act()
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return None if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def main() -> None:
    order = json.loads(sys.argv[1])
    settings = Odoo(order["url"], Path(order["ca"]), order["database"], Path(order["credential"]))
    if order["stay"]:  # until somebody else kills us
        folder = Path(order["folder"])
        hand_over(Door(folder), morning(order["codes"][0]))
        deliver(folder, settings, Steps(0), 1)
        return
    for number, code in enumerate(order["codes"]):
        deadly = 1 + number * order["stride"]
        folder = Path(order["folder"]) / str(deadly)
        hand_over(Door(folder), morning(code))
        died = in_a_child(lambda: deliver(folder, settings, Steps(deadly), 1)) is None  # noqa: B023 - run at once
        left = in_a_child(lambda: deliver(folder, settings, Steps(0), 8))  # noqa: B023 - run at once
        sys.stdout.write(json.dumps({"code": code, "died": died, "left": left}) + "\n")
        if not died:
            return


if __name__ == "__main__":
    main()
