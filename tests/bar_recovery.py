"""Opens what a power cut has left, with the shipped code, and says what is wrong with it, if anything is."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bar_acts import ANA, backup, check_in, drop_old, restore
from bar_desk import Desk, everything, letters, same
from disk_log import Change
from store_kit import here

from kiosk.faults import Fault, FaultCode
from kiosk.store import outbox


@dataclass
class Story:
    """What the program had said up to some moment.

    Attributes:
        done: the acts that it acknowledged, each with what could be seen of the store right after it.
        begun: the act that was under way, if there was one.
    """

    done: list[dict[str, Any]] = field(default_factory=list)
    begun: str | None = None

    def hear(self, change: Change) -> None:
        """One mark of the log."""
        mark = json.loads(change.data)
        if "begin" in mark:
            self.begun = mark["begin"]
        else:
            self.done.append(mark)
            self.begun = None


def whole_story(changes: Iterable[Change]) -> Story:
    """The story of a whole log."""
    story = Story()
    for change in changes:
        if change.op == "!":
            story.hear(change)
    return story


def wrong_with(device: Path, told: Story, ends: Story) -> str | None:
    """Open a device and look at everything; says what is wrong, or None if all is well.

    What was acknowledged must be there, the act under way must have happened or not, nothing may be damaged, and the
    device must go on.

    Args:
        device: what the disk held.
        told: what had been said when the power went.
        ends: the whole story, from which it is known how the act under way would have ended.
    """
    desk = Desk(device, seed=418)
    if told.done:
        desk.clock.wall_ms = told.done[-1]["at"]
    try:
        _look(desk, told, _endings(told, ends))
    except Exception as error:  # noqa: BLE001 - any complaint at all is a finding
        return f"{type(error).__name__}, {str(error).splitlines()[0][:200]}, during {told.begun}"
    finally:
        desk.leave()
    return None


def _endings(told: Story, ends: Story) -> list[dict[str, Any]]:
    """What the device may have come to: the end of the act under way, and of the next if that only goes on with acts.

    Whoever opens a store goes on with what waits, as the act of that name does.
    """
    count = len(told.done)
    coming = ends.done[count : count + 2] if told.begun else []
    following = coming[1:] if told.begun else ends.done[count : count + 1]
    return coming[:1] + [mark for mark in following if mark["done"] == "go_on"]


def _look(desk: Desk, told: Story, endings: list[dict[str, Any]]) -> None:
    before = told.done[-1] if told.done else None
    try:
        store = desk.open()
    except Fault as fault:
        if before is not None or fault.code not in (FaultCode.STORE_MISSING, FaultCode.KEY_MISSING):
            raise
        desk.prepare()
        desk.create()  # half a store must not stand in the way of a whole one
        return
    if told.begun == "drop_old":  # nobody goes on with it at once; the next run does
        drop_old(desk)
    allowed = [*([] if before is None else [before]), *endings]
    seen = everything(desk)
    assert any(same(seen["store"], mark["store"]) for mark in allowed), _between(seen, allowed)
    if before is None:
        return
    assert store.ledger.hash_at(before["store"]["size"]).hex() == before["store"]["head"], "another ledger"
    assert any(_alike(seen["second"], mark["second"]) for mark in allowed), "half a restored store"
    assert before["certificates"] <= seen["certificates"] <= max(mark["certificates"] for mark in allowed)
    assert set(before["backups"]) <= set(seen["backups"]) <= {name for mark in allowed for name in mark["backups"]}
    if before["letters"] is not None:
        desk.meet()
        # The erasure of a person makes the exchange anew, and fills it from the ledger as it is then.
        if not {"go_on", "erase_person"} & {told.begun, *(mark["done"] for mark in allowed)}:
            known = [mark["letters"] for mark in allowed]
            assert letters(desk.exchange) in known, "the exchange: neither before nor after"
    _go_on(desk, seen, told)


def _go_on(desk: Desk, seen: dict[str, Any], told: Story) -> None:
    """A device that has come through a power cut works."""
    store = desk.store
    if desk.meets:
        outbox.forward(here(store), desk.exchange)
        assert (desk.exchange.last_seq() or outbox.countersigned(store)) == store.ledger.size()
    if told.begun == "restore" and seen["second"] is None:
        restore(desk)
    if told.begun == "backup":
        backup(desk)
    if any(person[1] == ANA for person in seen["store"]["people"]):
        check_in(ANA)(desk)
    store.anchor.write()
    store.anchor.check()


def _alike(one: dict[str, Any] | None, other: dict[str, Any] | None) -> bool:
    return one == other if one is None or other is None else same(one, other)


def _between(seen: dict[str, Any], allowed: list[dict[str, Any]]) -> str:
    differences = [[n for n, value in mark["store"].items() if seen["store"][n] != value] for mark in allowed]
    return f"neither before nor after, but for {differences}"
