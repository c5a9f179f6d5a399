"""The TPM provider on a software TPM: what it keeps, and what is really dead after another key was sealed."""

import base64
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from roots_kit import PHRASE, needs_tpm, software_tpm, tpm2, typed
from store_kit import OPENED, Hands, enrolled

from kiosk.faults import Fault, FaultCode
from kiosk.store import SecurityLevel, Store, roots
from kiosk.store.resume import resume
from kiosk.store.roots import CredentialRootKey, FileRootKey, PassphraseRootKey, RootKey, Tpm2RootKey, command
from kiosk.store.roots import tpm2 as provider
from kiosk.store.roots.change import change

pytestmark = needs_tpm


@pytest.fixture
def device() -> Iterator[str]:
    with software_tpm() as device:
        yield device


def sealed_store(state: Path, key: RootKey) -> Store:
    state.mkdir(mode=0o700)
    key.obtain()
    roots.keep(state, key)
    store = Store.create(state, provider=key, clock=Hands())
    OPENED.append(store)
    return store


def opened(state: Path) -> Store:
    store = Store.open(state, roots.of(state), clock=Hands())
    OPENED.append(store)
    return store


def fault_of(state: Path) -> Fault:
    with pytest.raises(Fault) as raised:
        opened(state)
    return raised.value


def owners(device: str) -> set[int]:
    listed = tpm2(device, "tpm2_getcap", "handles-nv-index").split()
    return {int(each, 16) for each in listed if each.startswith("0x")} & set(range(0x01800000, 0x01C00000))


def systemd_opens(device: str, blob: Path) -> bool:
    command = ["systemd-creds", "decrypt", f"--tpm2-device={device}", "--name=ambang-root", str(blob), "-"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_a_store_under_a_tpm_opens_with_this_tpm_and_with_no_other(tmp_path: Path, device: str) -> None:
    state = tmp_path / "state"
    store = sealed_store(state, Tpm2RootKey.fresh(state, device))
    enrolled(store)
    store.close()
    assert len(opened(state).templates.references()) == 3
    for path in state.iterdir():
        assert not path.name.endswith(".key")
    blob = next(state.glob("root-*.tpm2"))
    assert blob.stat().st_mode & 0o777 == 0o400
    with software_tpm() as another:
        (state / "root.json").write_text((state / "root.json").read_text().replace(device, another))
        assert fault_of(state).code is FaultCode.PROVIDER_FAILED


def test_after_another_key_was_sealed_an_old_copy_with_its_old_file_does_not_open(tmp_path: Path, device: str) -> None:
    state, copy = tmp_path / "state", tmp_path / "copy"
    store = sealed_store(state, Tpm2RootKey.fresh(state, device))
    person = enrolled(store)
    store.close()
    shutil.copytree(state, copy)
    untouched = opened(copy)
    assert len(untouched.templates.references()) == 3  # until then a copy beside this TPM is a store
    untouched.close()
    store = opened(state)
    assert change(store, Tpm2RootKey.fresh(state, device)).destroyed
    store.close()
    old = next(copy.glob("root-*.tpm2"))
    assert not (state / old.name).exists()
    assert systemd_opens(device, old)  # a sealed file alone stays open on its TPM for ever
    fault = fault_of(copy)
    assert fault.code is FaultCode.PROVIDER_FAILED
    assert "tpm2_nvread" in fault.detail
    assert len(owners(device)) == 1
    assert opened(state).people.get(person).code == "E-0417"


def test_the_key_hangs_on_both_halves_and_on_the_tpm_alone(tmp_path: Path, device: str) -> None:
    state = tmp_path / "state"
    sealed_store(state, Tpm2RootKey.fresh(state, device)).close()
    blob = base64.b64decode(next(state.glob("root-*.tpm2")).read_bytes())
    assert blob[:16].hex() == "0c7cc07b117645919c4b0bea08bc20fe"  # the TPM's key without the host's
    (tmp_path / "other").write_bytes(b"o" * 32)
    tpm2(device, "tpm2_nvwrite", "-C", "o", "-i", str(tmp_path / "other"), hex(*owners(device)))
    assert fault_of(state).code is FaultCode.KEY_WRONG


def test_after_the_tpm_is_cleared_nothing_that_it_sealed_opens(tmp_path: Path, device: str) -> None:
    state = tmp_path / "state"
    sealed_store(state, Tpm2RootKey.fresh(state, device)).close()
    tpm2(device, "tpm2_clear", "-c", "l")
    assert not systemd_opens(device, next(state.glob("root-*.tpm2")))
    assert fault_of(state).code is FaultCode.PROVIDER_FAILED


def test_a_store_leaves_the_tpm_for_a_passphrase_and_the_tpm_keeps_nothing(tmp_path: Path, device: str) -> None:
    state = tmp_path / "state"
    store = sealed_store(state, Tpm2RootKey.fresh(state, device))
    shutil.copytree(state, tmp_path / "copy")
    assert change(store, PassphraseRootKey.fresh(typed(PHRASE))).destroyed
    assert store.security_level is SecurityLevel.PASSPHRASE
    store.close()
    assert owners(device) == set()
    assert fault_of(tmp_path / "copy").code is FaultCode.PROVIDER_FAILED
    OPENED.append(Store.open(state, roots.of(state, ask=typed(PHRASE)), clock=Hands()))


def test_a_copy_from_before_the_tpm_still_opens_with_the_file_it_was_copied_with(tmp_path: Path, device: str) -> None:
    """What a change cannot do: reach a copy of an old key that somebody has."""
    state = tmp_path / "state"
    store = sealed_store(state, FileRootKey(state / "root.key"))
    shutil.copytree(state, tmp_path / "copy")
    assert not change(store, Tpm2RootKey.fresh(state, device)).destroyed
    store.close()
    assert not (state / "root.key").exists()
    opened(tmp_path / "copy")


class Cut(BaseException):
    """The power goes."""


@pytest.mark.parametrize("failure", [Cut, pytest.param(Fault, marks=pytest.mark.long)])
def test_cut_at_any_command_to_the_tpm_the_store_opens_under_one_of_the_two_keys(
    tmp_path: Path, device: str, monkeypatch: pytest.MonkeyPatch, failure: type[BaseException]
) -> None:
    """After a cut a key that nobody uses may stay in the TPM; after a fault it is taken out again."""
    state = tmp_path / "state"
    store = sealed_store(state, Tpm2RootKey.fresh(state, device))
    person = enrolled(store)
    for passing in range(100):
        left, used = passing, owners(device)

        def guarded(argv: list[str], given: bytes = b"") -> bytes:
            nonlocal left
            left -= 1
            if left == -1 or (failure is Cut and left < 0):
                raise Cut if failure is Cut else Fault(FaultCode.PROVIDER_FAILED)
            return command.run(argv, given)

        with monkeypatch.context() as patched:
            patched.setattr(provider, "run", guarded)
            try:
                change(store, Tpm2RootKey.fresh(state, device))
            except (Cut, Fault):
                assert left < 0
        store.database.close()
        store = opened(state)
        assert store.people.get(person).code == "E-0417"
        assert resume(store) == 0
        in_use = roots.of(state).describe()
        orphans = owners(device) - {int(str(in_use["nv"]), 16)}
        blobs = {path.name for path in state.glob("root-*.tpm2")} - {in_use["blob"]}
        assert len(orphans) <= (failure is Cut)
        assert len(blobs) <= (failure is Cut)
        assert used.isdisjoint(orphans)
        for orphan in orphans:
            tpm2(device, "tpm2_nvundefine", "-C", "o", hex(orphan))
        for blob in blobs:
            (state / str(blob)).unlink()
        if left >= 0:
            break
    assert passing > 10


def test_a_tpm_that_cannot_seal_leaves_no_trace_in_it(
    tmp_path: Path, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "_PCRS", "99")
    with pytest.raises(Fault) as raised:
        Tpm2RootKey.fresh(tmp_path, device).obtain()
    assert raised.value.code is FaultCode.PROVIDER_FAILED
    assert owners(device) == set()
    assert list(tmp_path.iterdir()) == []


def test_what_was_sealed_by_another_key_than_the_tpms_is_not_taken(
    tmp_path: Path, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that systemd-creds may ask instead chooses by itself, and takes the host's key."""
    secret = {"SYSTEMD_CREDENTIAL_SECRET": str(tmp_path / "host.secret"), "PATH": "/usr/bin:/bin"}

    def other(argv: list[str], given: bytes = b"") -> bytes:
        if argv[:2] != ["systemd-creds", "encrypt"]:
            return command.run(argv, given)
        by_host = ["systemd-creds", "encrypt", "--with-key=host", "--name=ambang-root", "-", "-"]
        return subprocess.run(by_host, check=True, capture_output=True, input=given, env=secret).stdout

    monkeypatch.setattr(provider, "run", other)
    with pytest.raises(Fault) as raised:
        Tpm2RootKey.fresh(tmp_path, device).obtain()
    assert raised.value.detail == "systemd-creds did not seal by the TPM; be root"
    assert owners(device) == set()
    assert list(tmp_path.glob("*.tpm2")) == []


def test_forgetting_twice_is_harmless(tmp_path: Path, device: str) -> None:
    key = Tpm2RootKey.fresh(tmp_path, device)
    assert key.obtain() == key.obtain() == key.read()
    assert key.forget()
    assert key.forget()
    assert owners(device) == set()


def test_a_tpm_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Fault) as raised:
        Tpm2RootKey.fresh(tmp_path, f"swtpm:path={tmp_path}/nobody").obtain()
    assert raised.value.code is FaultCode.PROVIDER_FAILED


def test_a_half_of_a_wrong_size_is_a_fault(tmp_path: Path, device: str) -> None:
    key = Tpm2RootKey.fresh(tmp_path, device)
    key.obtain()
    blob = next(tmp_path.glob("*.tpm2"))
    short = subprocess.run(
        ["systemd-creds", "encrypt", "--with-key=tpm2", f"--tpm2-device={device}", "--name=ambang-root", "-", "-"],
        check=True,
        capture_output=True,
        input=b"short",
    )
    blob.unlink()
    blob.write_bytes(short.stdout)
    with pytest.raises(Fault) as raised:
        key.read()
    assert raised.value.detail == "the TPM gave a key of a wrong size"


@pytest.mark.parametrize(
    ("by", "level"),
    [("tpm2", SecurityLevel.HARDWARE), ("host+tpm2", SecurityLevel.HARDWARE), ("host", SecurityLevel.WEAK)],
)
def test_a_credential_is_as_safe_as_the_key_it_is_encrypted_by(
    tmp_path: Path, device: str, by: str, level: SecurityLevel
) -> None:
    sealed = tmp_path / "ambang-root.cred"
    subprocess.run(
        ["systemd-creds", "encrypt", f"--with-key={by}", f"--tpm2-device={device}", "--name=ambang-root", "-", sealed],
        check=True,
        capture_output=True,
        input=bytes(32),
        env={"SYSTEMD_CREDENTIAL_SECRET": str(tmp_path / "host.secret"), "PATH": "/usr/bin:/bin"},
    )
    assert base64.b64decode(sealed.read_bytes())
    assert CredentialRootKey(sealed=str(sealed)).security_level is level
