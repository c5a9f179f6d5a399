"""What is remembered while the program runs has an end, and forgetting changes nothing."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_kit import HOUR, MORNING, Hands, check_in, new_store

from kiosk.store import keys, ledger
from kiosk.store.bodies import open_all

FEW = 3
MONTH = 31 * 24 * HOUR


@given(visits=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), max_size=30))
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_keys_and_counts_are_forgotten_and_found_again(
    tmp_path_factory: pytest.TempPathFactory, visits: list[tuple[int, int]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "REMEMBERED", FEW)
        patch.setattr(ledger, "REMEMBERED", FEW)
        hands = Hands()
        store = new_store(tmp_path_factory.mktemp("few") / "state", hands)
        people = [store.people.add(f"E-{number}", "Budi Santoso") for number in range(5)]
        before = store.ledger.size()
        for who, months in visits:
            hands.wall_ms = MORNING + months * MONTH
            with store.database.write():
                store.ledger.append(check_in(store, code=f"E-{who}"), people[who])
            assert len(store.keys._open) <= FEW
            assert len(store.ledger._counts) <= FEW
        found = open_all(store)
        assert (found.opened, found.missing, found.without_key) == (before + len(visits), 0, 0)
        for who in range(5):
            there = store.history.events(people[who], MORNING, MORNING + 3 * MONTH)
            assert len(there) == sum(visit[0] == who for visit in visits)
        store.database.close()
