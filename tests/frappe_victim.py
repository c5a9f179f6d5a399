"""The courier with Frappe HR behind it, in a process of its own that dies at a chosen step; see test_frappe_kill.py."""

import json
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from frappe_kit import check_in
from odoo_victim import MINUTE, DyingLine, Steps, in_a_child
from sync_house import Door

from sync.backends.frappe import FrappeBackend
from sync.config import Actions, Frappe
from sync.contract import Punch, Result
from sync.courier import Courier
from sync.exchange import Exchange, OutboxEntry
from sync.punch_journal import PunchJournal
from wire.event import Action, clear
from wire.sealed import Context, seal
from wire.spine import body_digest, commitment, link

NINE = 1_767_578_400_000  # 2026-01-05 09:00 in Jakarta
DAY = ((Action.IN, 0), (Action.OUT, 180), (Action.IN, 240))


class DyingBackend(FrappeBackend):
    """A push that has returned and is not yet written down is a step too."""

    step: Steps

    def push(self, punches: Sequence[Punch], now_ms: int) -> tuple[Result, ...]:
        self.step.counting = True
        results = super().push(punches, now_ms)
        self.step()
        return results


def hand_over(door: Door, code: str) -> None:
    """A day at the door."""
    entries = []
    for action, minutes in DAY:
        door.seq += 1
        salt, event = door.seq.to_bytes(16, "big"), check_in(code, NINE + minutes * MINUTE, action).event
        said = clear(event, door.device)
        row = link(door.head, door.seq, commitment(salt, said), body_digest(said))
        door.head = row.h
        context = Context(store=door.device, table="outbox", column="event", row=str(door.seq))
        entries.append(OutboxEntry(row, event.event_id, seal(door.exchange_key, salt + said, context, kid=b"EXCH")))
    with closing(Exchange.open(door.path)) as exchange:
        exchange.append(entries, door.note())


def deliver(folder: Path, settings: Frappe, steps: Steps, passes: int) -> int:
    """Work as the daemon would, a few minutes further each pass; returns how many events are left."""
    late = 0
    line = DyingLine(frozenset({urlsplit(settings.url).hostname or ""}), settings.ca, None, None)
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
        return exchange.unsettled().events + exchange.unsettled().parked


def main() -> None:
    order = json.loads(sys.argv[1])
    settings = Frappe(order["url"], Path(order["ca"]), Path(order["credential"]), order["mode"])
    if order["stay"]:  # until somebody else kills us
        hand_over(Door(Path(order["folder"])), order["codes"][0])
        deliver(Path(order["folder"]), settings, Steps(0), 1)
        return
    for number, code in enumerate(order["codes"]):
        deadly = 1 + number * order["stride"]
        folder = Path(order["folder"]) / str(deadly)
        hand_over(Door(folder), code)
        died = in_a_child(lambda: deliver(folder, settings, Steps(deadly), 1)) is None  # noqa: B023 - run at once
        left = in_a_child(lambda: deliver(folder, settings, Steps(0), 8))  # noqa: B023 - run at once
        sys.stdout.write(json.dumps({"code": code, "died": died, "left": left}) + "\n")
        if not died:
            return


if __name__ == "__main__":
    main()
