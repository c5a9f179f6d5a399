"""Whatever happens, and wherever the process dies: exactly one remote row for each event, in order, nothing lost."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from punch_kit import DAY, HOUR, MINUTE, PAIRS, QUERY, SECOND, Life, Remote

from sync.contract import Punch, Result

MOODS = (
    "take", "lose_request", "lose_answer", "slowly", "fault", "again", "down", "wrong", "die_before", "die_after",
    "confused",
)  # fmt: skip
PEOPLE = st.lists(st.sampled_from("ABCD"), min_size=1, max_size=4)
WORK = st.tuples(st.just("work"), PEOPLE, st.sampled_from(MOODS), st.integers(1, 8))
CUT = st.tuples(st.just("cut"), PEOPLE, st.integers(0, 12), st.sampled_from(MOODS))
POISON = st.tuples(st.just("poison"), PEOPLE, st.integers(0, 3))
PASS = st.tuples(st.just("pass"), st.sampled_from([SECOND, 20 * SECOND, 4 * MINUTE, HOUR]))
BACK = st.tuples(st.just("back"), st.sampled_from([MINUTE, HOUR, 400 * DAY]))
LOSS = st.tuples(st.sampled_from(["restart", "lose_exchange", "damage_journal"]))
DAYS = st.lists(st.one_of(WORK, WORK, CUT, CUT, POISON, PASS, BACK, LOSS), min_size=4, max_size=14)


class Model:
    """The real courier over real files, and what must be true in the end."""

    def __init__(self, folder: Path, *, pairs: bool, batch: int) -> None:
        self.remote = Remote(replace(PAIRS if pairs else QUERY, batch_size=batch))
        self.life = Life(folder, self.remote)
        self.poison: set[str] = set()

    def act(self, action: tuple[str, *tuple[object, ...]]) -> None:
        life, remote = self.life, self.remote
        match action:
            case ("work", list() as people, str() as mood, int() as steps):
                life.check_in(*people)
                remote.mood = self._but(getattr(remote, mood))
                life.work(steps)
            case ("cut", list() as people, int() as cut, str() as mood):
                life.check_in(*people)
                remote.mood = self._but(getattr(remote, mood))
                life.cut_in = cut
                life.work(8)
                life.cut_in = None
            case ("poison", list() as people, int() as which):
                made = life.check_in(*people)
                self.poison.add(made[which % len(made)])
                remote.mood = self._but(remote.take)
                life.work(4)
            case ("pass", int() as ms):
                life.pass_by(ms)
            case ("back", int() as ms):
                life.wall -= ms
            case ("restart",):
                life.stop()
                life.start()
            case (str() as loss,):
                getattr(life, loss)()

    def _but(self, mood: Callable[[Punch, int], Result]) -> Callable[[Punch, int], Result]:
        def act(punch: Punch, now: int) -> Result:
            return self.remote.refuse(punch, now) if punch.event_id in self.poison else mood(punch, now)

        return act

    def end(self) -> None:
        """All is well again, for as long as the longest wait and a little more."""
        self.remote.mood = self._but(self.remote.take)
        self.life.live(20 * MINUTE, 2 * MINUTE)
        self.life.live(70 * MINUTE, 10 * MINUTE)
        self.life.stop()
        self.life.start()
        self.life.work()
        dead = {one.event_id for one in self.life.journal.dead()}
        assert dead == self.poison & {one for batch in self.remote.pushes for one in batch}
        stored = [one.event_id for one in self.remote.rows]
        assert len(stored) == len(set(stored)), "stored twice"
        behind = self._behind(dead)
        assert set(stored) | dead | behind == set(self.life.door.ids), "lost"
        assert not set(stored) & dead
        for person in "ABCD":
            order = [one.seq for one in self.remote.rows if one.event.person == person]
            assert order == sorted(order), "out of order"
        assert self.life.exchange.unsettled().events == len(dead | behind)

    def _behind(self, dead: set[str]) -> set[str]:
        """What waits behind a dead letter of the same person, where the backend keeps pairs."""
        found, blocked = set[str](), set[str]()
        for event_id, person in self.life.people.items():
            if self.remote.able.pairs and person in blocked:
                found.add(event_id)
            if event_id in dead:
                blocked.add(person)
        return found


@pytest.mark.parametrize("pairs", [False, True], ids=["punches", "pairs"])
def test_exactly_one_row_for_each_event_wherever_the_process_dies(
    pairs: bool,  # noqa: FBT001
    rounds: Callable[[int, int], int],
) -> None:
    @settings(
        max_examples=rounds(30, 2_000),
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),  # a life takes longer to shrink than to read
        suppress_health_check=list(HealthCheck),
    )
    @given(days=DAYS, batch=st.sampled_from([1, 3]))
    def lives(days: list[tuple[str, *tuple[object, ...]]], batch: int) -> None:
        memory = Path("/dev/shm")  # noqa: S108 - tmpfs, and the directory in it is our own
        folder = Path(tempfile.mkdtemp(prefix="ambang-", dir=memory if memory.is_dir() else None))
        model = Model(folder, pairs=pairs, batch=batch)
        try:
            for action in days:
                model.act(action)
            model.end()
        finally:
            model.life.stop()
            shutil.rmtree(folder)

    lives()
