"""Whatever happens, and wherever the process dies: exactly one remote row for each event, in order, nothing lost."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from punch_kit import DAY, HOUR, MINUTE, PAIRS, QUERY, SECOND, Life, Remote

MOODS = (
    "take", "lose_request", "lose_answer", "slowly", "fault", "again", "down", "wrong", "die_before", "die_after",
    "confused",
)  # fmt: skip


class Punches(RuleBasedStateMachine):
    """The real courier over real files; poisoned people are refused for good."""

    @initialize(pairs=st.booleans(), batch=st.sampled_from([1, 3]))
    def begin(self, pairs: bool, batch: int) -> None:  # noqa: FBT001
        self.folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
        from dataclasses import replace

        self.remote = Remote(replace(PAIRS if pairs else QUERY, batch_size=batch))
        self.life = Life(self.folder, self.remote)
        self.poison: set[str] = set()

    @rule(people=st.lists(st.sampled_from("ABCD"), min_size=1, max_size=4))
    def check_in(self, people: list[str]) -> None:
        self.life.check_in(*people)

    @rule(mood=st.sampled_from(MOODS), steps=st.integers(1, 8))
    def work(self, mood: str, steps: int) -> None:
        self.remote.mood = getattr(self.remote, mood)
        self.life.work(steps)

    @rule(cut=st.integers(0, 12), steps=st.integers(1, 8))
    def die(self, cut: int, steps: int) -> None:
        self.life.cut_in = cut
        self.life.work(steps)
        self.life.cut_in = None

    @rule(ms=st.sampled_from([SECOND, 20 * SECOND, 4 * MINUTE, HOUR]))
    def pass_by(self, ms: int) -> None:
        self.life.pass_by(ms)

    @rule(ms=st.sampled_from([MINUTE, HOUR, 400 * DAY]))
    def set_the_clock_back(self, ms: int) -> None:
        self.life.wall -= ms

    @rule()
    def restart(self) -> None:
        self.life.stop()
        self.life.start()

    @rule()
    def lose_the_exchange(self) -> None:
        self.life.lose_exchange()

    @rule()
    def damage_the_journal(self) -> None:
        self.life.damage_journal()

    @precondition(lambda self: self.life.kept)
    @rule(data=st.data())
    def poison_one(self, data: Any) -> None:
        entry, _ = data.draw(st.sampled_from(self.life.kept))
        if entry.event_id in set(self.life.stored()) | {punch.event_id for _, punch in self.remote.late}:
            return
        self.poison.add(entry.event_id)
        take = self.remote.take

        def but(punch: Any, now: int) -> Any:
            return self.remote.refuse(punch, now) if punch.event_id in self.poison else take(punch, now)

        self.remote.mood = but
        self.life.work(4)

    def teardown(self) -> None:
        if not hasattr(self, "life"):
            return
        self.remote.mood = self.remote.take
        self.life.live(40 * MINUTE, 2 * MINUTE)
        self.life.live(80 * MINUTE, 20 * MINUTE)
        try:
            self.check()
        finally:
            self.life.stop()
            shutil.rmtree(self.folder)

    def check(self) -> None:
        dead = {one.event_id for one in self.life.journal.dead()}
        assert dead <= self.poison
        stored = self.life.stored()
        assert len(stored) == len(set(stored)), "stored twice"
        held = set()  # behind a dead letter of the same person, where the backend keeps pairs
        if self.remote.able.pairs:
            blocked: set[str] = set()
            for entry, _ in self.life.kept:
                person = self.life.people[entry.event_id]
                held |= {entry.event_id} if person in blocked else set()
                blocked |= {person} if entry.event_id in dead else set()
        assert set(stored) | dead | held == set(self.life.door.ids), "lost"
        for person in "ABCD":
            order = [one.seq for one in self.remote.rows if one.event.person == person]
            assert order == sorted(order), "out of order"
        assert self.life.exchange.unsettled().events == len(dead | held)


TestPunches = Punches.TestCase
TestPunches.settings = settings(
    max_examples=40, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
