"""After a restore a device goes on with the ledger that headquarters knows; whoever says otherwise is refused."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from backup_kit import config, lived_in
from restore_kit import Headquarters, headquarters, reopen, restored
from store_kit import Hands, check_in, close_all, new_store

from hq.refusals import Kind as Refusal
from hq.refusals import Problem
from kiosk.faults import Fault, FaultCode
from kiosk.store import Store, erasure
from kiosk.store.audit import audit
from kiosk.store.backup import Made, backup
from kiosk.store.backup_manifest import Kind
from kiosk.store.promises import Signer
from kiosk.store.restore import Newer
from wire.signing import SigningKey


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(tmp_path: Path, hands: Hands) -> Store:
    (tmp_path / "old").mkdir()
    return new_store(tmp_path / "old/state", hands)


@pytest.fixture
def hq(tmp_path: Path, store: Store) -> Headquarters:
    known = headquarters(tmp_path / "headquarters")
    known.know(store)
    return known


@pytest.fixture
def new(tmp_path: Path) -> Path:
    (tmp_path / "new").mkdir()
    return tmp_path / "new/state"


def made(store: Store) -> Made:
    return backup(store, config(store.database.directory.parent), Kind.OFFSITE)


def whole(store: Store) -> int:
    """The number of entries of a ledger that verifies."""
    return audit(store.database, Signer(store.device_id, store.device_public, {})).walked.entries


def test_a_device_goes_on_with_its_ledger_where_headquarters_knows_it_to_be(
    store: Store, hq: Headquarters, hands: Hands, new: Path, tmp_path: Path
) -> None:
    people = lived_in(store)
    hq.take(store)
    sealed = made(store)
    for person, code in zip(people, ("E-0000", "E-0001", "E-0002"), strict=True):
        store.ledger.append(check_in(store, code=code), person)
    erasure.erase_face(store, people[1])
    hq.take(store)
    erasure.erase_person(store, people[0])
    hq.take(store)
    size, head = store.ledger.size(), store.ledger.hash_at(store.ledger.size())
    store.ledger.append(check_in(store, code="E-0002"), people[2])  # headquarters never hears of this one
    close_all()

    export = hq.export(store, tmp_path / "export", after=sealed.manifest.size)
    told = restored(sealed.path, new, Newer(export=export, headquarters=hq.keys), clock=hands)
    assert told.appended == size - sealed.manifest.size
    assert told.erased == 1
    again = reopen(new, clock=hands)
    assert again.people.by_code("E-0000") is None
    assert again.ledger.hash_at(size) == head
    assert whole(again) == told.entries == again.ledger.size()
    again.ledger.append(check_in(again, code="E-0002"), people[2])
    hq.take(again)
    assert whole(again) == again.ledger.size()


def test_a_ledger_that_headquarters_knows_otherwise_is_not_continued(
    store: Store, hq: Headquarters, new: Path, tmp_path: Path
) -> None:
    """Two devices with one ledger: the restored one, and the old one that somebody let go on."""
    people = lived_in(store)
    hq.take(store)
    sealed = made(store)
    export = hq.export(store, tmp_path / "export")
    restored(sealed.path, new, Newer(export=export, headquarters=hq.keys))
    twin = reopen(new)
    store.ledger.append(check_in(store, code="E-0001"), people[1])
    hq.take(store)
    later = backup(twin, config(new.parent), Kind.OFFSITE)
    close_all()
    third = tmp_path / "third"
    third.mkdir()
    newer = Newer(export=hq.export(store, tmp_path / "export"), headquarters=hq.keys)
    with pytest.raises(Fault) as raised:
        restored(later.path, third / "state", newer)
    assert raised.value.code is FaultCode.LEDGER_BROKEN
    assert "is another one at headquarters" in raised.value.detail
    assert not (third / "state/records.db").exists()


def test_without_headquarters_export_a_device_that_had_delivered_more_is_refused_by_headquarters(
    store: Store, hq: Headquarters, new: Path
) -> None:
    """What the export is for: it calibrates the test above that goes on."""
    people = lived_in(store)
    hq.take(store)
    sealed = made(store)
    store.ledger.append(check_in(store, code="E-0001"), people[1])
    hq.take(store)
    close_all()
    assert restored(sealed.path, new).appended is None
    again = reopen(new)
    again.ledger.append(check_in(again, code="E-0001"), people[1])
    with pytest.raises(Problem) as raised:
        hq.take(again, after=sealed.manifest.size)
    assert raised.value.kind is Refusal.FORK


EXPORTS: dict[str, tuple[Callable[[list[str]], list[str]], FaultCode]] = {
    "nothing": (lambda _: [], FaultCode.EXPORT_REFUSED),
    "no header": (lambda lines: lines[1:], FaultCode.EXPORT_REFUSED),
    "cut": (lambda lines: lines[:-1], FaultCode.EXPORT_REFUSED),
    "an entry too many": (lambda lines: [*lines, lines[-1]], FaultCode.EXPORT_REFUSED),
    "an entry left out": (lambda lines: [*lines[:3], *lines[4:]], FaultCode.EXPORT_REFUSED),
    "two entries in another order": (
        lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
        FaultCode.EXPORT_REFUSED,
    ),
    "another device": (
        lambda lines: [lines[0].replace('"device": "', '"device": "x'), *lines[1:]],
        FaultCode.EXPORT_REFUSED,
    ),
    "another format": (lambda lines: [lines[0].replace(".v1", ".v2"), *lines[1:]], FaultCode.EXPORT_REFUSED),
    "one field more": (lambda lines: [lines[0].replace("{", '{"more": 1, ', 1), *lines[1:]], FaultCode.EXPORT_REFUSED),
    "a larger size": (lambda lines: [_sized(lines[0], 1), *lines[1:]], FaultCode.EXPORT_REFUSED),
    "no object": (lambda lines: [*lines[:2], "17", *lines[3:]], FaultCode.EXPORT_REFUSED),
    "no JSON": (lambda lines: [*lines[:2], "{", *lines[3:]], FaultCode.EXPORT_REFUSED),
    "a line without an end": (lambda lines: [*lines[:2], "x" * 100_000, *lines[3:]], FaultCode.EXPORT_REFUSED),
    "an entry that headquarters never had": (lambda lines: [*lines[:-1], _altered(lines[-1])], FaultCode.LEDGER_BROKEN),
    "an earlier entry altered": (lambda lines: [lines[0], _altered(lines[1]), *lines[2:]], FaultCode.LEDGER_BROKEN),
    "somebody else's erasure": (lambda lines: [*lines[:-1], _renamed(lines[-1])], FaultCode.EXPORT_REFUSED),
}


def _sized(line: str, more: int) -> str:
    value = json.loads(line)
    return json.dumps(value | {"size": value["size"] + more})


def _altered(line: str) -> str:
    return json.dumps(json.loads(line) | {"commitment": "00" * 32, "event": None})


def _renamed(line: str) -> str:
    value = json.loads(line)
    value["event"]["data"]["person"] = "E-0002"
    return json.dumps(value)


@pytest.mark.parametrize(("change", "code"), EXPORTS.values(), ids=EXPORTS)
def test_an_export_that_headquarters_did_not_write_so_is_refused(  # noqa: PLR0913, PLR0917 - fixtures
    store: Store,
    hq: Headquarters,
    new: Path,
    tmp_path: Path,
    change: Callable[[list[str]], list[str]],
    code: FaultCode,
) -> None:
    people = lived_in(store)
    hq.take(store)
    sealed = made(store)
    erasure.erase_person(store, people[0])
    hq.take(store)
    close_all()
    export = hq.export(store, tmp_path / "export")
    lines = change(export.read_text().splitlines())
    export.write_text("".join(f"{line}\n" for line in lines))
    with pytest.raises(Fault) as raised:
        restored(sealed.path, new, Newer(export=export, headquarters=hq.keys))
    assert raised.value.code is code
    assert not (new / "records.db").exists()


def test_an_export_is_believed_only_under_the_configured_key_of_headquarters(
    store: Store, hq: Headquarters, new: Path, tmp_path: Path
) -> None:
    lived_in(store)
    hq.take(store)
    sealed = made(store)
    close_all()
    export = hq.export(store, tmp_path / "export")
    other = {name: SigningKey.generate().public for name in hq.keys}
    for keys, code in ((other, FaultCode.EXPORT_REFUSED), ({}, FaultCode.CONFIG_INVALID)):
        with pytest.raises(Fault) as raised:
            restored(sealed.path, new, Newer(export=export, headquarters=keys))
        assert raised.value.code is code
    with pytest.raises(Fault) as raised:
        restored(sealed.path, new, Newer(export=tmp_path / "none", headquarters=hq.keys))
    assert raised.value.code is FaultCode.EXPORT_REFUSED


def test_an_export_that_begins_after_the_end_of_the_backup_is_refused(
    store: Store, hq: Headquarters, new: Path, tmp_path: Path
) -> None:
    people = lived_in(store)
    sealed = made(store)
    for _ in range(3):
        store.ledger.append(check_in(store, code="E-0001"), people[1])
    hq.take(store)
    close_all()
    export = hq.export(store, tmp_path / "export", after=sealed.manifest.size + 1)
    with pytest.raises(Fault) as raised:
        restored(sealed.path, new, Newer(export=export, headquarters=hq.keys))
    assert raised.value.code is FaultCode.EXPORT_REFUSED
    assert "begins after entry" in raised.value.detail
