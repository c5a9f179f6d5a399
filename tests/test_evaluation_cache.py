"""The cache of embeddings: sealed, for one pack, for one run at a time, and nothing that does not open is believed."""

from pathlib import Path

import numpy as np
import pytest

from kiosk.evaluation import cache
from kiosk.faults import Fault, FaultCode
from kiosk.vision.arrays import Floats


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def vector(number: int) -> Floats:
    return np.full(8, number, np.float32)


def digest(number: int) -> bytes:
    return bytes([number]) * 32


def filled(folder: Path, count: int) -> Path:
    """A cache with records 0, 1, ...; of every third picture there is no face."""
    with cache.opened(folder, "space", 8) as kept:
        for number in range(count):
            kept.put(digest(number), vector(number) if number % 3 else None)
    return next(folder.glob("*.embeddings"))


def known(folder: Path, space: str = "space") -> int:
    with cache.opened(folder, space, 8) as kept:
        return len(kept)


def test_what_was_put_is_there_next_time_also_that_there_was_no_face(tmp_path: Path) -> None:
    filled(tmp_path / "c", 4)
    with cache.opened(tmp_path / "c", "space", 8) as kept:
        assert len(kept) == 4
        assert digest(1) in kept
        assert digest(9) not in kept
        assert kept.get(digest(0)) is None
        found = kept.get(digest(2))
        assert found is not None
        assert np.array_equal(found, vector(2))
        assert found.dtype == np.float32


def test_another_pack_begins_anew_beside_it(tmp_path: Path) -> None:
    filled(tmp_path / "c", 4)
    assert known(tmp_path / "c", "another space") == 0
    assert known(tmp_path / "c") == 4


def test_a_record_that_was_changed_moved_or_cut_is_not_believed(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    file = filled(folder, 4)
    whole = file.read_bytes()
    size = len(whole) // 4
    for broken, left in (
        (whole[:-1], 3),
        (whole + b"half", 4),
        (whole[: size + 40] + bytes([whole[size + 40] ^ 1]) + whole[size + 41 :], 1),
        (whole[size : 2 * size] + whole[:size] + whole[2 * size :], 0),
        (whole[:size] + whole[2 * size :], 1),
        (b"", 0),
    ):
        file.write_bytes(broken)
        assert known(folder) == left
        assert file.stat().st_size == left * size
        with cache.opened(folder, "space", 8) as kept:
            kept.put(digest(200), vector(7))
        assert known(folder) == left + 1


def test_without_its_key_nothing_opens_and_a_new_cache_begins(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    filled(folder, 4)
    cache.key_of(folder).unlink()
    assert known(folder) == 0
    cache.key_of(folder).write_bytes(b"cut short")
    filled(folder, 2)
    assert known(folder) == 2


def test_two_runs_do_not_write_into_one_cache(tmp_path: Path) -> None:
    with cache.opened(tmp_path / "c", "space", 8), pytest.raises(Fault, match="Another evaluation") as caught:
        known(tmp_path / "c")
    assert caught.value.code is FaultCode.EVALUATION_REFUSED


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Fault, match="--no-cache does without"):
        known(tmp_path / "file" / "c")
    (tmp_path / "kiosk.toml").touch()
    with pytest.raises(Fault, match="never evaluated"):
        known(tmp_path / "c")


def test_forgetting_deletes_records_and_key_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    filled(folder, 2)
    known(folder, "another space")
    (folder / "notes.txt").touch()
    assert cache.forget(folder) == 3
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    assert not cache.key_of(folder).exists()
    assert cache.forget(folder) == 0
    assert cache.forget(tmp_path / "none") == 0


def test_without_a_place_nothing_is_kept(tmp_path: Path) -> None:
    with cache.opened(None, "space", 8) as kept:
        kept.put(digest(1), vector(1))
        assert digest(1) in kept
    assert list(tmp_path.iterdir()) == []
