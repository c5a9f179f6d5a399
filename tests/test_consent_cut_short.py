"""A consent is taken back and the power goes: the answer and the erasure are one commit, never a "no" with a face."""

from pathlib import Path

import pytest
from store_kit import enrolled, new_store, reopened

from kiosk.rights import answers, consents
from kiosk.rights.answers import About, Said
from kiosk.store import Store
from kiosk.store.erasure_rows import has_face
from kiosk.store.resume import resume


class PowerCutError(Exception):
    """Nothing after it runs."""


def cut(*_: object, **__: object) -> None:
    raise PowerCutError


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "state")


def test_whoever_said_no_is_without_a_face_after_the_next_start(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    person = enrolled(store)
    monkeypatch.setattr(consents, "erase_face", cut)
    with pytest.raises(PowerCutError):
        consents.withdraw(store, person)
    assert [(each.about, each.said) for each in answers.of(store, person)] == [(About.CONSENT, Said.NO)]
    store = reopened(store)
    resume(store)
    assert not has_face(store.database, person)
    assert list((store.database.directory / "certificates").glob("*.json"))


def test_whoever_takes_it_back_again_after_the_cut_is_without_a_face_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = enrolled(store)
    with monkeypatch.context() as patch:
        patch.setattr(consents, "erase_face", cut)
        with pytest.raises(PowerCutError):
            consents.withdraw(store, person)
    done = consents.withdraw(store, person)
    assert done is not None
    assert done.certificate is not None
    assert not has_face(store.database, person)
    assert consents.withdraw(store, person) is None
