"""Of the checkpoints one in 64 entries stays for ever; of the others, no more than two."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_kit import CODE, countersign, fill
from store_kit import new_store

from kiosk.store import Store, outbox
from kiosk.store.ledger import CHECKPOINT_EVERY


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = new_store(tmp_path / "state")
    store.people.add(CODE, "Budi Santoso")
    return store


def kept(store: Store) -> list[tuple[int, bool]]:
    """Sizes, and whether headquarters has signed, too."""
    rows = store.database.rows("SELECT size, countersigned IS NOT NULL FROM checkpoints ORDER BY size")
    return [(size, bool(signed)) for size, signed in rows]


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 70)),
        st.tuples(st.just("checkpoint"), st.just(0)),
        st.tuples(st.just("countersign"), st.integers(0, 80)),
    ),
    max_size=14,
)


@given(acts=ACTS)
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_it_goes_every_64th_the_newest_and_the_last_signed_one_stay_and_no_others(
    store: Store, acts: list[tuple[str, int]]
) -> None:
    (person,) = [person.id for person in store.people.all()]
    signed = outbox.countersigned(store)
    for act, count in acts:
        size = store.ledger.size()
        if act == "append":
            fill(store, person, size + count)
        elif act == "checkpoint":
            store.ledger.checkpoint()
        elif size - count > signed:
            signed = size - count
            countersign(store, signed)
        found, size = kept(store), store.ledger.size()
        others = [each for each, _ in found if each % CHECKPOINT_EVERY and each != signed]
        assert len(others) <= 1
        assert signed == outbox.countersigned(store)
        assert (signed == 0) or ((signed, True) in found)
        assert {each for each, _ in found} >= set(range(CHECKPOINT_EVERY, size + 1, CHECKPOINT_EVERY))
        if act == "checkpoint":
            assert found[-1][0] == size
    store.ledger.verify()
