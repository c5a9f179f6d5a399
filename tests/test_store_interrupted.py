"""A commit that was cut off in another place is recognised by the end of a journal, and by nothing less than that."""

from pathlib import Path

import pytest

from kiosk.faults import Fault, FaultCode
from kiosk.store import interrupted

MAGIC = bytes.fromhex("d9d505f920a163d7")
FILES = ("records.db", "templates.db")


def journal(name: bytes, *, size: int | None = None, more: int = 0, signed: bool = False) -> bytes:
    """The end of a journal as SQLite writes it after the page number; `size` and `more` spoil length and checksum."""
    total = sum(each - 256 if signed and each > 127 else each for each in name) + more
    length = len(name) if size is None else size
    return b"\1" * 600 + name + length.to_bytes(4, "big") + (total % 2**32).to_bytes(4, "big") + MAGIC


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "records.db-mjA1").touch()
    return tmp_path


@pytest.mark.parametrize("where", ["/var/lib/elsewhere", "/media/Überbrückung"])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("name", FILES)
def test_a_commit_that_began_elsewhere_is_refused_with_the_place(
    place: Path, where: str, name: str, *, signed: bool
) -> None:
    (place / f"{name}-journal").write_bytes(journal(f"{where}/records.db-mjA1".encode(), signed=signed))
    with pytest.raises(Fault) as raised:
        interrupted.check(place, FILES)
    assert raised.value.code is FaultCode.STORE_DAMAGED
    assert where in raised.value.detail


@pytest.mark.parametrize(
    "end",
    [
        b"",
        b"\0" * 600,
        MAGIC,
        journal(b"/elsewhere/records.db-mjA1")[:-1],
        journal(b"/elsewhere/records.db-mjA1", size=0),
        journal(b"/elsewhere/records.db-mjA1", size=5000),
        journal(b"/elsewhere/records.db-mjA1", more=1),
        journal(b"/elsewhere/records.db-mjB2"),
    ],
    ids=["empty", "zeros", "magic alone", "cut", "no length", "too long", "another sum", "finished: its name is gone"],
)
def test_a_torn_end_and_a_commit_that_was_finished_are_left_to_sqlite(place: Path, end: bytes) -> None:
    (place / "records.db-journal").write_bytes(end)
    interrupted.check(place, FILES)


def test_in_its_own_place_it_is_left_to_sqlite(place: Path) -> None:
    (place / "records.db-journal").write_bytes(journal(str(place.resolve() / "records.db-mjA1").encode()))
    interrupted.check(place, FILES)


def test_a_journal_that_cannot_be_read_is_a_failing_disk(place: Path) -> None:
    (place / "records.db-journal").mkdir()
    with pytest.raises(Fault) as raised:
        interrupted.check(place, FILES)
    assert raised.value.code is FaultCode.DISK_FAILED
