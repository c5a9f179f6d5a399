"""Accepting an older copy of a store brings nobody back whose erasure is proved beside it."""

import shutil
from pathlib import Path

import pytest
from admin_kit import ALSO_GOOD, BUDI, GOOD, RATNA, another, first_admin
from store_kit import CHEAP, OPENED, Hands, enrolled, key_of, new_store, reopened

from kiosk.cli.opening import directory
from kiosk.faults import Fault, FaultCode
from kiosk.store import Store, acceptance, erasure, residue

DATABASES = ("records.db", "templates.db")


def older_copy_put_back(state: Path, copies: Path, *, scope: str) -> str:
    """Somebody is erased; then both databases are what they were before. Returns the random id."""
    store = new_store(state)
    another(store, first_admin(store))
    person = enrolled(store)
    store = reopened(store)
    store.database.close()
    copies.mkdir()
    for name in DATABASES:
        shutil.copy(state / name, copies / name)
    store = Store.open(state, key_of(state), clock=Hands())
    OPENED.append(store)
    done = erasure.erase_face(store, person) if scope == "face" else erasure.erase_person(store, person)
    assert done is not None
    assert done.certificate is not None
    store.database.close()
    for name in DATABASES:
        shutil.copy(copies / name, state / name)
    return person


@pytest.mark.parametrize("scope", ["face", "person"])
def test_who_was_erased_since_is_erased_again_before_the_copy_serves(tmp_path: Path, scope: str) -> None:
    state = tmp_path / "data" / "state"
    person = older_copy_put_back(state, tmp_path / "copies", scope=scope)
    with pytest.raises(Fault) as refused:
        Store.open(state, key_of(state), clock=Hands())
    assert refused.value.code is FaultCode.STORE_ROLLED_BACK
    store = Store.open(state, key_of(state), clock=Hands(), anchored=False)
    OPENED.append(store)
    store.admins.cost = CHEAP
    assert store.templates.references()
    assert acceptance.accept(store, [(RATNA, GOOD), (BUDI, ALSO_GOOD)], why=refused.value.code) == 2
    store.close()
    store = Store.open(state, key_of(state), clock=Hands())
    OPENED.append(store)
    assert store.templates.references() == []
    assert [found.id for found in store.people.all()] == ([] if scope == "person" else [person])


def test_a_file_that_vanishes_during_the_search_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "records.db").write_bytes(bytes(range(64)))
    (tmp_path / ".anchor-1234").write_bytes(b"short-lived")
    search = residue.Pieces.lie_in
    opened = []

    def slowly(pieces: residue.Pieces, file: object) -> bool:
        opened.append(file)
        (tmp_path / "records.db").unlink(missing_ok=True)
        return search(pieces, file)  # type: ignore[arg-type]

    monkeypatch.setattr(residue.Pieces, "lie_in", slowly)
    assert residue.residue(tmp_path, [bytes(range(100, 164))]) == ()
    assert len(opened) == 1


def test_an_empty_word_is_no_directory() -> None:
    with pytest.raises(Exception, match="a directory has a name"):
        directory("")
