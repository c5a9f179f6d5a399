"""Roster and shifts from a backend without messages of its own: the newest is there, and the inbox does not grow."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from punch_kit import DAY, MINUTE, Life, Remote

from sync.contract import BackendDown, BackendMisconfigured
from sync.exchange import State
from sync.pulls import PARTS_MOST, Pulls
from wire import enclosed
from wire.message import Entry, Message, Policy, Roster, Shift, Standing, decode


class Office(Remote):
    """Answers with what is prepared, and remembers how it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.cursors: list[str] = []
        self.policies = 0
        self.broken: Exception | None = None

    def pull_roster(self, cursor: str, now_ms: int) -> tuple[tuple[Roster, ...], str]:
        if self.broken is not None:
            raise self.broken
        self.cursors.append(cursor)
        return super().pull_roster(cursor, now_ms)

    def pull_policy(self, now_ms: int) -> Policy | None:
        self.policies += 1
        return super().pull_policy(now_ms)


def roster(version: int, *, full: bool, part: int = 1, parts: int = 1) -> Roster:
    return Roster(version, full, part, parts, (Entry(f"r{version}-{part}", f"c{version}", "n", Standing.ACTIVE),))


@pytest.fixture
def life(quick_place: Path, tmp_path: Path) -> Iterator[Life]:
    folder = quick_place / tmp_path.name
    folder.mkdir()
    made = Life(folder, Office())
    yield made
    made.stop()


def pulls(life: Life) -> Pulls:
    return Pulls("door-1", life.door.exchange_key, life.exchange, life.journal, life.remote, life.courier.pause)


def office(life: Life) -> Office:
    assert isinstance(life.remote, Office)
    return life.remote


def messages(life: Life) -> list[Message]:
    found = [one for one in life.exchange.inbox(0) if one.kind == "message"]
    return [decode(enclosed.opened(life.door.exchange_key, "door-1", one.body)) for one in found]


def rosters(life: Life) -> list[tuple[int, bool]]:
    return [(one.content.version, one.content.full) for one in messages(life) if isinstance(one.content, Roster)]


def test_a_full_roster_takes_the_place_of_all_before_and_changes_are_kept_beside_it(life: Life) -> None:
    life.remote.rosters = [
        ((roster(10, full=True, part=1, parts=2), roster(10, full=True, part=2, parts=2)), "a"),
        ((roster(11, full=False),), "b"),
        ((), "b"),
        ((roster(30, full=True),), "c"),
    ]
    work = pulls(life)
    for _ in range(3):
        work.step(life.wall)
        life.wall += 5 * MINUTE
    assert rosters(life) == [(10, True), (10, True), (11, False)]
    assert office(life).cursors == ["", "a", "b"]
    pulls(life).step(life.wall + DAY)  # also after a restart: the night's full one
    assert rosters(life) == [(30, True)]
    assert office(life).cursors[-1] == ""
    assert {(one.number, one.device, one.signature) for one in messages(life)} == {(0, "door-1", b"")}


def test_it_is_asked_every_five_minutes_and_no_oftener(life: Life) -> None:
    work = pulls(life)
    for _ in range(60):
        work.step(life.wall)
        life.wall += 30_000
    assert len(office(life).cursors) == 6
    assert office(life).policies == 1


def test_changes_without_end_bring_everybody_anew_and_the_inbox_stays_small(life: Life) -> None:
    version = 0

    def endless(cursor: str, _: int) -> tuple[tuple[Roster, ...], str]:
        nonlocal version
        version += 1
        return (roster(version, full=not cursor),), "x"

    office(life).pull_roster = endless  # type: ignore[method-assign,assignment]
    work = pulls(life)
    most = 0
    for _ in range(200):
        work.step(life.wall)
        life.wall += 5 * MINUTE
        most = max(most, len(life.exchange.inbox(0, 500)))
    assert most <= PARTS_MOST + 1


def test_a_lost_exchange_gets_everybody_again_and_versions_grow_whatever_the_clock_says(life: Life) -> None:
    life.remote.rosters = [((roster(1_000, full=True),), "a"), ((roster(5, full=True),), "b")]
    pulls(life).step(life.wall)
    life.lose_exchange()
    pulls(life).step(life.wall)
    assert office(life).cursors == ["", ""]
    assert rosters(life) == [(1_001, True)]


def test_shifts_are_handed_over_when_they_change(life: Life) -> None:
    work = pulls(life)
    for shifts in ((Shift("d", "Day", 480, 1020),), (Shift("d", "Day", 480, 1020),), ()):
        life.remote.policy = Policy(1, shifts)
        work.step(life.wall)
        life.wall += 61 * MINUTE
    found = [one.content for one in messages(life) if isinstance(one.content, Policy)]
    assert [(one.version, len(one.shifts)) for one in found] == [(2, 0)]


def test_a_server_that_is_down_is_asked_again_and_one_that_is_wrong_pauses_the_delivery(life: Life) -> None:
    office(life).broken = BackendDown("http_503")
    work = pulls(life)
    work.step(life.wall)
    assert life.exchange.status().state is State.STARTING
    office(life).broken = BackendMisconfigured("http_401", "Give it a new key.")
    work.step(life.wall + 5 * MINUTE)
    assert (life.exchange.status().state, life.exchange.status().detail) == (State.CONFIG, "http_401")
