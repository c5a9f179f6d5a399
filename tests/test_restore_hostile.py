"""Whatever somebody makes of a backup, nothing of it becomes a store, and nothing is written where it should not be."""

from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from backup_kit import ORGANISATION, RECIPIENT, config, identity_file, lived_in
from hostile_backups import SPELLINGS, STATEMENTS, Forge, seal, taken_apart
from pyrage import x25519
from restore_kit import restored
from store_kit import new_store

from kiosk.faults import Fault, FaultCode
from kiosk.store.backup import backup
from kiosk.store.backup_manifest import Kind
from kiosk.store.keys import KeyKind
from kiosk.store.restore_check import check
from wire.signing import SigningKey


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SigningKey]:
    """A backup, and the key of the device that made it."""
    data = tmp_path_factory.mktemp("old")
    store = new_store(data / "state")
    lived_in(store)
    key = SigningKey.from_bytes(store.keys.need(KeyKind.SIGNING))
    return backup(store, config(data), Kind.OFFSITE).path, key


@pytest.fixture
def forge(good: tuple[Path, SigningKey]) -> Forge:
    return taken_apart(*good)


def refused(sealed: Path, folder: Path) -> Fault:
    """The refusal; nothing is left in the place of the store, and nothing appeared beside it."""
    state = folder / "new/state"
    state.mkdir(parents=True)
    before = {path for path in folder.rglob("*") if path != state}
    with pytest.raises(Fault) as raised:
        restored(sealed, state)
    identity = state.parent / "organisation.key"
    after = {path for path in folder.rglob("*") if path not in (state, identity)}
    keys = {state / name for name in ("root.key", "root.json")}
    assert after - keys == before
    return raised.value


def test_what_is_taken_apart_and_put_together_again_is_a_good_backup(forge: Forge, tmp_path: Path) -> None:
    """The forge itself is honest: what it changes is what is refused below."""
    (tmp_path / "new").mkdir()
    assert restored(seal(forge.plain(), tmp_path / "forged.age"), tmp_path / "new/state").people == 3


@pytest.mark.parametrize(("spell", "said"), SPELLINGS.values(), ids=SPELLINGS)
def test_an_archive_spelled_in_any_other_way_is_refused(
    forge: Forge, tmp_path: Path, spell: Callable[[Forge], bytes], said: str
) -> None:
    fault = refused(seal(spell(forge), tmp_path / "forged.age"), tmp_path)
    assert fault.code is FaultCode.BACKUP_REFUSED
    assert said in fault.detail
    assert "evil" not in fault.detail
    assert fault.detail.isprintable()


@pytest.mark.parametrize(("change", "said"), STATEMENTS.values(), ids=STATEMENTS)
def test_a_backup_that_says_anything_else_than_it_holds_is_refused(
    forge: Forge, tmp_path: Path, change: Callable[[Forge], None], said: str
) -> None:
    change(forge)
    fault = refused(seal(forge.plain(), tmp_path / "forged.age"), tmp_path)
    assert fault.code is FaultCode.BACKUP_REFUSED
    assert said in fault.detail


def test_there_are_enough_of_them() -> None:
    assert len(SPELLINGS) + len(STATEMENTS) >= 25


def test_a_whole_store_of_somebody_else_is_refused_where_the_device_is_known(
    good: tuple[Path, SigningKey], tmp_path: Path
) -> None:
    """Anybody can seal something for the organisation: only the device's key tells whose it is."""
    (tmp_path / "other").mkdir()
    other = new_store(tmp_path / "other/state")
    sealed = backup(other, config(tmp_path / "other"), Kind.OFFSITE).path
    identity = identity_file(tmp_path)
    assert check(sealed, identity).well
    assert check(sealed, identity, device_public=other.device_public).well
    with pytest.raises(Fault) as raised:
        check(sealed, identity, device_public=good[1].public)
    assert (raised.value.code, raised.value.detail) == (FaultCode.BACKUP_REFUSED, "manifest: of another device")


def test_the_key_of_another_organisation_does_not_open_it(good: tuple[Path, SigningKey], tmp_path: Path) -> None:
    with pytest.raises(Fault) as raised:
        check(good[0], identity_file(tmp_path, x25519.Identity.generate()))
    assert raised.value.code is FaultCode.BACKUP_IDENTITY


def test_a_header_is_bounded_before_anything_reads_it(tmp_path: Path) -> None:
    """age reads it whole, and again for each piece: 100,000 lines took minutes."""
    path = tmp_path / "file.age"
    path.write_bytes(NO_BACKUPS["a header of very many lines"])
    with pytest.raises(Fault) as raised:
        check(path, identity_file(tmp_path))
    assert raised.value.detail == "no age file"


NO_BACKUPS: dict[str, bytes] = {
    "an empty file": b"",
    "a text": b"hello\n" * 100,
    "a header without an end": b"age-encryption.org/v1\n" + b"-> X25519 " + b"a" * 43 + b"\n" + b"b" * 200_000,
    "a header of very many lines": b"age-encryption.org/v1\n" + b"-> x\n\n" * 20_000 + b"--- \n",
    "sealed with a passphrase": pyrage.passphrase.encrypt(b"x", "horse"),
}


@pytest.mark.parametrize("content", NO_BACKUPS.values(), ids=NO_BACKUPS)
def test_a_file_that_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.age"
    path.write_bytes(content)
    with pytest.raises(Fault) as raised:
        check(path, identity_file(tmp_path))
    assert raised.value.code in (FaultCode.BACKUP_REFUSED, FaultCode.BACKUP_IDENTITY)


def test_a_backup_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.age", tmp_path):
        with pytest.raises(Fault) as raised:
            check(path, identity_file(tmp_path))
        assert raised.value.code is FaultCode.BACKUP_REFUSED


def test_no_flipped_bit_and_no_cut_is_accepted(good: tuple[Path, SigningKey], tmp_path: Path) -> None:
    """Every bit of the header, and of 1 in 251 bytes of the rest, which age protects in pieces of 64 KiB."""
    whole, identity = good[0].read_bytes(), identity_file(tmp_path)
    body = whole.index(b"\n--- ") + 60
    offsets = [*range(body), *range(body, len(whole), 251), len(whole) - 1]
    path = tmp_path / "flipped.age"
    accepted = []
    for number, offset in enumerate(offsets):
        flipped = bytearray(whole)
        flipped[offset] ^= 1 << (number % 8)
        path.write_bytes(flipped)
        accepted += [offset] if _accepted(path, identity) else []
    for size in (0, 1, 100, body, len(whole) // 2, len(whole) - 16, len(whole) - 1):
        path.write_bytes(whole[:size])
        accepted += [size] if _accepted(path, identity) else []
    assert accepted == []
    assert len(offsets) > 800


def _accepted(path: Path, identity: Path) -> bool:
    try:
        check(path, identity)
    except Fault as fault:
        return fault.code not in (FaultCode.BACKUP_REFUSED, FaultCode.BACKUP_IDENTITY)
    return True


def test_the_recipient_of_the_tests_is_the_public_half_of_its_key() -> None:
    assert str(ORGANISATION.to_public()) == RECIPIENT
