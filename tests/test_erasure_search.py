"""The search for what was erased passes over nothing without saying so, and one erasure does not disturb another."""

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from erasure_kit import Office, office

from kiosk.faults import Fault, FaultCode
from kiosk.store import erasure_proof
from kiosk.store.erasure import erase_face, open_erasures
from kiosk.store.erasure_proof import alone
from kiosk.store.erasure_search import search
from kiosk.store.residue import Pieces
from kiosk.store.resume import resume
from wire.certificate import Limit, Place

RECORD = bytes(range(100))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in (
        "state/records.db",
        "state/certificates/1.json",
        "exchange/exchange.db",
        "offsite/a.age",
        "kiosk.toml",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * 1000)
    return tmp_path


def pieces() -> Pieces:
    found = Pieces()
    found.add([RECORD])
    return found


def test_every_file_is_read_and_counted_by_its_place(data: Path) -> None:
    found = search(data / "state", pieces())
    assert (found.pieces, found.unreadable, found.holders) == (3, 0, ())
    assert {place: (seen.files, seen.bytes) for place, seen in found.places.items()} == {
        Place.STATE: (2, 2000),
        Place.EXCHANGE: (1, 1000),
        Place.OFFSITE: (1, 1000),
        Place.OTHER: (1, 1000),
    }


@pytest.mark.parametrize("at", [0, 1, 4096, 2**20 - 50, 2**20 - 1, 2**20, 3 * 2**20 - 12])
@pytest.mark.parametrize("many", [False, True])
def test_a_piece_is_found_at_any_place_of_a_large_file(data: Path, at: int, *, many: bool) -> None:
    wanted = pieces()
    if many:
        wanted.add(os.urandom(100) for _ in range(100))
    (data / "offsite" / "a.age").write_bytes(b"\0" * at + RECORD[8:32] + b"\0" * 100)
    assert search(data / "state", wanted).holders == ("offsite/a.age",)
    (data / "offsite" / "a.age").write_bytes(b"\0" * at + RECORD[9:32] + b"\0" * 100)
    assert search(data / "state", wanted).holders == ()


def test_the_head_of_a_record_is_found_as_it_is(data: Path) -> None:
    wanted = Pieces()
    wanted.add_heads([RECORD[:20]])
    (data / "state" / "records.db").write_bytes(b"y" * 77 + RECORD)
    assert search(data / "state", wanted).holders == ("state/records.db",)


def test_links_and_what_is_no_file_are_left_alone(data: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "record").write_bytes(RECORD)
    (data / "link").symlink_to(elsewhere / "record")
    (data / "directory").symlink_to(elsewhere)
    os.mkfifo(data / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        before = Path.cwd()
        os.chdir(data)  # the name of a socket has 108 bytes at most
        listening.bind("socket")
        os.chdir(before)
        found = search(data / "state", pieces())
    assert found.holders == ()
    assert found.places[Place.OTHER].files == 1


def deny(monkeypatch: pytest.MonkeyPatch, name: str, error: type[OSError]) -> None:
    """Let the system refuse to open files of this name."""
    whole = Path.open

    def refuse(path: Path, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - as Path.open
        if path.name == name:
            raise error(5, "refused", str(path))
        return whole(path, *given, **named)

    monkeypatch.setattr(Path, "open", refuse)


def test_files_of_other_users_are_counted_and_the_certificate_owns_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = office(tmp_path / "data")
    (at.data / "sync.db").write_bytes(b"another user's")
    deny(monkeypatch, "sync.db", PermissionError)
    done = erase_face(at.store, at.leaver)
    assert done is not None
    assert Limit.UNREADABLE in at.certificate(done.certificate).limits


@pytest.mark.parametrize("error", [FileNotFoundError, OSError])
def test_a_file_that_is_gone_is_no_matter_and_one_that_cannot_be_read_is_a_fault(
    data: Path, error: type[OSError], monkeypatch: pytest.MonkeyPatch
) -> None:
    deny(monkeypatch, "a.age", error)
    if error is FileNotFoundError:
        assert search(data / "state", pieces()).places[Place.OFFSITE].files == 0
    else:
        with pytest.raises(Fault) as raised:
            search(data / "state", pieces())
        assert raised.value.code is FaultCode.DISK_FAILED


@pytest.fixture
def at(tmp_path: Path) -> Office:
    return office(tmp_path / "data")


def test_an_erasure_that_another_process_is_at_is_left_to_it(at: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(erasure_proof, "search", _unplugged)
        with pytest.raises(KeyboardInterrupt):
            erase_face(at.store, at.leaver)
    with alone(at.state) as held:
        assert held
        assert resume(at.store) == 1
        monkeypatch.setattr(erasure_proof, "_PATIENCE_S", 0.1)
        with pytest.raises(Fault) as raised:
            erase_face(at.store, at.leaver)
        assert raised.value.code is FaultCode.STORE_BUSY
    assert resume(at.store) == 0
    assert open_erasures(at.store.database, at.store.intents) == []


def _unplugged(*_: object) -> None:
    raise KeyboardInterrupt
