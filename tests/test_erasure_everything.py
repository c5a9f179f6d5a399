"""Promise: a device that is taken out of use keeps nothing, and signs only for what is gone when it signs."""

import json
from pathlib import Path

import pytest
from erasure_kit import CODE, Office, belongings, lying, office
from store_kit import Hands, check_in, key_of

from kiosk.faults import Fault, FaultCode
from kiosk.store import Store, erasure_everything, roots
from kiosk.store.erasure import erase_face
from kiosk.store.erasure_everything import erase_everything, erase_everything_without_key
from kiosk.store.keys import KeyKind
from kiosk.store.roots import FileRootKey
from wire import certificate
from wire.certificate import Certificate, Limit, Scope


@pytest.fixture
def at(tmp_path: Path) -> Office:
    """A data directory with everything that a kiosk puts there."""
    made = office(tmp_path / "data")
    made.delivered()
    made.store.write_exchange_key(made.data / "exchange.key")
    (made.data / "offsite").mkdir()
    (made.data / "offsite" / "2026-11-16.age").write_bytes(b"sealed")
    (made.state / "aside-1").mkdir()
    (made.state / "aside-1" / "records.db").write_bytes((made.state / "records.db").read_bytes())
    (made.data / "kiosk.toml").write_text("# the administrator's\n")
    return made


def files(data: Path) -> list[str]:
    return sorted(path.relative_to(data).as_posix() for path in data.rglob("*") if path.is_file())


def signed(at: Office, path: Path) -> Certificate:
    return certificate.read(path.read_bytes(), at.store.device_public)


def test_nothing_of_the_kiosk_is_left_and_the_certificate_and_its_forerunners_are_outside(
    at: Office, tmp_path: Path
) -> None:
    (at.state / "aside-1" / "records.db").unlink()
    before = erase_face(at.store, at.stays)
    assert before is not None
    at.delivered()
    proof = tmp_path / "proof.json"
    done = erase_everything(at.store, proof)
    assert files(at.data) == ["kiosk.toml"]
    assert done.left == ("kiosk.toml",)
    assert signed(at, tmp_path / f"proof-{before.id}.json").subject == at.stays
    found = signed(at, proof)
    assert (found.scope, found.subject) == (Scope.EVERYTHING, "")
    counts = dict(found.destroyed)
    assert (counts.pop("files"), counts.pop("other_keys"), counts.pop("device_records")) == (done.files, 8, 12)
    assert done.files >= 7
    expected = {"references": 3, "biometric_keys": 1, "record_keys": 4, "profile_keys": 2, "profiles": 2, "pins": 5}
    expected |= {"consent_records": 2, "attendance_delivered": 7, "store_keys": 1}
    assert {name: count for name, count in counts.items() if count} == expected
    assert set(found.limits) == {
        *(Limit.EARLIER_COPIES, Limit.BACKUPS, Limit.FLASH, Limit.MEMORY, Limit.HEADQUARTERS)
    }, "a copied key file opens a copied store"


@pytest.mark.parametrize("with_key", [True, False])
def test_the_backups_that_stay_in_the_house_go_too_and_those_of_other_devices_stay(
    at: Office,
    tmp_path: Path,
    with_key: bool,  # noqa: FBT001 - a case
) -> None:
    house = tmp_path / "house"
    house.mkdir()
    name = "-20261116T000000Z-0000000001.onsite.age"
    for device in (at.store.device_id, "0" * 16):
        (house / f"{device}{name}").write_bytes(b"sealed")
    if with_key:
        erase_everything(at.store, tmp_path / "proof.json", onsite=house)
    else:
        at.store.close()
        erase_everything_without_key(at.state, onsite=house)
    assert [path.name for path in house.iterdir()] == [f"{'0' * 16}{name}"]


def test_attendance_that_nobody_has_stops_it_unless_a_human_takes_it(at: Office, tmp_path: Path) -> None:
    at.store.ledger.append(check_in(at.store, code=CODE), at.leaver)
    with pytest.raises(Fault) as raised:
        erase_everything(at.store, tmp_path / "proof.json")
    assert raised.value.code is FaultCode.ERASURE_INCOMPLETE
    assert not (tmp_path / "proof.json").exists()
    assert at.store.people.get(at.leaver).code == CODE
    assert at.store.intents.all_open() == [], "what cannot go on has not begun"
    erase_everything(at.store, tmp_path / "proof.json", handed=tmp_path / "handed.json")
    handed = json.loads((tmp_path / "handed.json").read_text(encoding="utf-8"))
    assert [event["data"]["person"] for event in handed["events"]] == [CODE]
    assert signed(at, tmp_path / "proof.json").destroyed["attendance_handed_over"] == 1


def test_the_first_certificate_says_that_files_and_keys_remain(
    at: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = belongings(at.store, at.leaver)

    def unplugged(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(erasure_everything, "_last_keys", unplugged)
        with pytest.raises(KeyboardInterrupt):
            erase_everything(at.store, tmp_path / "proof.json")
    first = signed(at, tmp_path / "proof.json")
    assert Limit.FILES_REMAIN in first.limits
    assert (first.destroyed["store_keys"], first.destroyed["root_keys"]) == (0, 0)
    assert lying(at.data, found, *(kind for kind in found if kind != "entry")) == set()
    again = Store.open(at.state, key_of(at.state), clock=Hands())
    assert [row[0] for row in again.database.rows("SELECT DISTINCT kind FROM keys ORDER BY kind")] == [
        *("anchor", "device", "signing", "store")
    ], "the month's key seals the entry about the act itself"
    erase_everything(again, tmp_path / "proof.json")
    second = signed(at, tmp_path / "proof.json")
    assert Limit.FILES_REMAIN not in second.limits
    assert second.id == first.id
    assert second.destroyed["references"] == first.destroyed["references"] == 4
    assert files(at.data) == ["kiosk.toml"]


def test_a_copy_that_is_not_the_kiosk_s_is_found_before_anything_is_signed(at: Office, tmp_path: Path) -> None:
    (at.data / "notes").mkdir()
    (at.data / "notes" / "old.db").write_bytes((at.state / "records.db").read_bytes())
    with pytest.raises(Fault) as raised:
        erase_everything(at.store, tmp_path / "proof.json")
    assert raised.value.code is FaultCode.ERASURE_INCOMPLETE
    assert raised.value.detail == "notes/old.db"
    assert not (tmp_path / "proof.json").exists()


class Hardware(FileRootKey):
    """A root key that is really destroyed, as a TPM does it."""

    def forget(self) -> bool:
        super().forget()
        return True


def test_a_provider_that_destroys_its_secret_closes_the_earlier_copies(
    at: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roots, "of", lambda state: Hardware(state / "root.key"))
    done = erase_everything(at.store, tmp_path / "proof.json")
    assert done.root_key_destroyed
    found = signed(at, tmp_path / "proof.json")
    assert Limit.EARLIER_COPIES not in found.limits
    assert found.destroyed["root_keys"] == 1


@pytest.mark.parametrize("place", ["data/proof.json", "data/state/proof.json", "mine.json", "nowhere/proof.json"])
def test_a_certificate_goes_where_it_survives_and_over_nothing_else(at: Office, tmp_path: Path, place: str) -> None:
    (tmp_path / "mine.json").write_text("mine")
    with pytest.raises(Fault) as raised:
        erase_everything(at.store, tmp_path / place)
    assert raised.value.code is FaultCode.OUTPUT_REFUSED
    assert (tmp_path / "mine.json").read_text() == "mine"
    assert at.store.people.get(at.leaver).code == CODE


@pytest.mark.parametrize("broken", ["no root key", "damaged", "whole"])
def test_everything_goes_without_the_root_key_too_and_nobody_signs(at: Office, broken: str) -> None:
    found = belongings(at.store, at.leaver)
    at.store.database.close()
    if broken == "no root key":
        (at.state / "root.key").unlink()
    elif broken == "damaged":
        (at.state / "records.db").write_bytes(b"")
    done = erase_everything_without_key(at.state)
    assert files(at.data) == ["kiosk.toml"]
    assert done.files > 5
    (at.data / "more").mkdir()
    for name in ("a", "b"):
        (at.data / "more" / name).touch()
    assert lying(at.data, found) == set()
    with pytest.raises(Fault) as raised:
        erase_everything_without_key(at.state)
    assert raised.value.code is FaultCode.STORE_MISSING


def test_without_the_root_key_the_keys_die_before_the_files(at: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    (at.state / "aside-1" / "records.db").unlink()
    wrapped = [row[0] for row in at.store.database.rows("SELECT wrapped FROM keys")]
    assert len(wrapped) > 10
    at.store.keys.need(KeyKind.SIGNING)
    at.store.database.close()

    def unplugged(_: Path) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(erasure_everything, "_deleted", unplugged)
        with pytest.raises(KeyboardInterrupt):
            erase_everything_without_key(at.state)
    assert "state/records.db" in files(at.data)
    assert lying(at.data, {"key": wrapped}) == set()


def test_a_second_place_of_the_anchor_goes_too(at: Office, tmp_path: Path) -> None:
    at.store.database.close()
    elsewhere = tmp_path / "partition" / "anchor"
    elsewhere.parent.mkdir()
    store = Store.open(at.state, key_of(at.state), clock=Hands(), places=(elsewhere,))
    store.anchor.write()
    assert elsewhere.exists()
    erase_everything(store, tmp_path / "proof.json")
    assert not elsewhere.exists()
