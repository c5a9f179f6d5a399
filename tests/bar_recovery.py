"""Opens what a power cut has left, with the shipped code, and says what is wrong with it, if anything is."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bar_acts import check_in
from bar_desk import Desk, letters, same, whole
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


def wrong_with(data: Path, told: Story, ends: Story) -> str | None:
    """Open the device in `data` and look at everything; says what is wrong, or None if all is well.

    What was acknowledged must be there, the act under way must have happened or not, nothing may be damaged, and the
    device must go on.

    Args:
        data: what the disk held.
        told: what had been said when the power went.
        ends: the whole story, from which it is known how the act under way would have ended.
    """
    desk = Desk(data, seed=418)
    if told.done:
        desk.clock.wall_ms = told.done[-1]["at"]
    try:
        _look(desk, told, ends.done[len(told.done)] if told.begun else None)
    except Exception as error:  # noqa: BLE001 - any complaint at all is a finding
        return f"{type(error).__name__}, {str(error).splitlines()[0][:200]}, during {told.begun}"
    finally:
        desk.leave()
    return None


def _look(desk: Desk, told: Story, ending: dict[str, Any] | None) -> None:
    before = told.done[-1] if told.done else None
    try:
        store = desk.open()
    except Fault as fault:
        if before is not None or fault.code not in (FaultCode.STORE_MISSING, FaultCode.KEY_MISSING):
            raise
        desk.create()  # half a store must not stand in the way of a whole one
        return
    allowed = [mark for mark in (before, ending) if mark is not None]
    seen = whole(store)
    assert any(same(seen, mark["seen"]) for mark in allowed), f"neither before nor after: {_between(seen, allowed)}"
    if before is None:
        return
    assert store.ledger.hash_at(before["seen"]["size"]).hex() == before["seen"]["head"], "another ledger"
    if before["letters"] is not None:
        desk.meet()
        assert letters(desk.exchange) in [mark["letters"] for mark in allowed], "the exchange: neither before nor after"
        outbox.forward(here(store), desk.exchange)
        assert (desk.exchange.last_seq() or outbox.countersigned(store)) == store.ledger.size()
    if seen["people"]:
        check_in(seen["people"][0][1])(desk)
    store.anchor.write()
    store.anchor.check()


def _between(seen: dict[str, Any], allowed: list[dict[str, Any]]) -> str:
    return " and ".join(", ".join(name for name in seen if mark["seen"][name] != seen[name]) for mark in allowed)
