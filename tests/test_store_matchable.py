"""Whether the faces that may be matched have changed is told without opening one of them."""

from pathlib import Path

import pytest
from store_kit import CONSENT, MORNING, face, new_store

from kiosk.store import LocalKind
from kiosk.store.matchable import matchable

CHANGES: dict[str, str] = {
    "restricted": "UPDATE people SET face_restricted = 1 WHERE id = (SELECT person FROM faces LIMIT 1)",
    "suspended": "UPDATE people SET state = 'suspended' WHERE id = (SELECT person FROM faces LIMIT 1)",
    "time of the consent over": "UPDATE bases SET good_until = 1 WHERE rowid = 1",
    "consent ended": "UPDATE bases SET state = 'ended' WHERE rowid = 1",
    "key gone": "DELETE FROM keys WHERE rowid = (SELECT rowid FROM keys WHERE kind = 'biometric' LIMIT 1)",
    "a reference gone": "DELETE FROM faces WHERE rowid = 1",
    "turned anew": "UPDATE keys SET epoch = epoch + 1 WHERE kind = 'rotation'",
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_who_may_be_matched_is_told_from_all_other_commits(tmp_path: Path, change: str) -> None:
    store = new_store(tmp_path / "state")
    people = [store.people.add(f"E-{number}", "Sri") for number in range(3)]
    for number, person in enumerate(people):
        store.basis.enrol(person, CONSENT, [face(person, number), face(person, 9 + number)])
    before = matchable(store.database, MORNING)
    store.append_local(LocalKind.STARTED, {})
    store.people.set_pin(people[0], "918273")
    store.people.add("E-9", "Budi")
    assert matchable(store.database, MORNING) == before
    with store.database.write():
        assert store.database.run(CHANGES[change]) == 1
    assert matchable(store.database, MORNING) != before
    store.close()
