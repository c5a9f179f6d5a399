"""Another provider for the root key: cut at any step, the store opens, and it is under exactly one of the two."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from roots_kit import CHEAP, PHRASE, board, typed
from store_kit import OPENED, Hands, check_in, enrolled, new_store

from kiosk.faults import Fault, FaultCode
from kiosk.store import LocalKind, SecurityLevel, Store, roots, rotate
from kiosk.store.intents import IntentKind
from kiosk.store.resume import resume
from kiosk.store.roots import FileRootKey, PassphraseRootKey, PiOtpRootKey, RootKey, description
from kiosk.store.roots.change import change
from kiosk.store.roots.settling import settle


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = new_store(tmp_path / "state")
    store.ledger.append(check_in(store), enrolled(store))
    return store


def opened(state: Path, ask: roots.Ask | None = None) -> Store:
    store = Store.open(state, roots.of(state, ask=ask), clock=Hands())
    OPENED.append(store)
    return store


def whole(store: Store) -> bool:
    return len(store.templates.references()) == 3 and store.people.all()[0].code == "E-0417"


def told(state: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((state / "root.json").read_text())
    return found


def test_from_a_file_to_a_passphrase_and_to_the_board(store: Store, tmp_path: Path) -> None:
    state, key = store.database.directory, store.keys.store_key()[0]
    changed = change(store, PassphraseRootKey.fresh(typed(PHRASE), CHEAP))
    assert (changed.destroyed, changed.rotated.store_key_epoch, changed.rotated.kek_epoch) == (False, 2, 2)
    assert store.security_level is SecurityLevel.PASSPHRASE
    assert store.keys.store_key()[0] != key
    assert whole(store)
    store.close()
    assert not (state / "root.key").exists()
    assert told(state)["provider"] == "passphrase"
    store = opened(state, typed(PHRASE))
    assert whole(store)
    change(store, PiOtpRootKey.fresh(board(tmp_path / "board")))
    store.close()
    store = opened(state)
    assert whole(store)
    assert store.security_level is SecurityLevel.HARDWARE
    acts = [(act["kind"], act["detail"]) for _, act in store.ledger.local_acts("2026-11")]
    assert (LocalKind.PROVIDER_CHANGED, {"from": "file", "to": "passphrase"}) in acts
    assert (LocalKind.PROVIDER_CHANGED, {"from": "passphrase", "to": "pi-otp"}) in acts
    assert store.database.rows("SELECT epoch, wrapped_by FROM keys WHERE kind = 'store'") == [(3, 3)]


def test_the_old_root_key_opens_the_store_no_more(store: Store) -> None:
    state = store.database.directory
    old = FileRootKey(state / "root.key").read()
    change(store, FileRootKey.fresh(state))
    store.close()
    (state / "copied.key").write_bytes(old)
    (state / "copied.key").chmod(0o400)
    with pytest.raises(Fault) as raised:
        Store.open(state, FileRootKey(state / "copied.key"))
    assert raised.value.code is FaultCode.KEY_WRONG
    assert whole(opened(state))


def test_the_key_in_use_is_no_change(store: Store) -> None:
    state = store.database.directory
    with pytest.raises(Fault) as raised:
        change(store, FileRootKey(state / "root.key"))
    assert raised.value.code is FaultCode.CONFIG_INVALID
    assert (state / "root.key").exists()
    assert whole(store)


def test_an_open_rotation_is_finished_before_the_provider_changes(store: Store) -> None:
    with store.database.write():
        rotate.begin(store)
    assert change(store, FileRootKey.fresh(store.database.directory)).rotated.store_key_epoch == 3
    assert whole(store)


def test_a_running_process_goes_on_after_another_one_has_changed_the_provider(store: Store) -> None:
    state = store.database.directory
    running = Store.open(state, roots.of(state), clock=Hands())
    OPENED.append(running)
    assert whole(running)
    change(store, FileRootKey.fresh(state))
    assert whole(running)
    running.ledger.append(check_in(running), running.people.all()[0].id)
    assert running.keys.store_key() == store.keys.store_key()


def test_a_running_process_that_cannot_ask_for_the_new_passphrase_says_so(store: Store) -> None:
    state = store.database.directory
    running = Store.open(state, roots.of(state), clock=Hands())
    OPENED.append(running)
    change(store, PassphraseRootKey.fresh(typed(PHRASE), CHEAP))
    with pytest.raises(Fault) as raised:
        running.ledger.append(check_in(running), running.people.all()[0].id)
    assert raised.value.code is FaultCode.KEY_MISSING
    assert running.quarantine.all() == []
    assert whole(opened(state, typed(PHRASE)))


def test_a_running_process_takes_no_root_key_that_does_not_fit(store: Store) -> None:
    state = store.database.directory
    running = Store.open(state, roots.of(state), clock=Hands())
    OPENED.append(running)
    change(store, FileRootKey.fresh(state))
    key = state / str(told(state)["file"])
    key.unlink()
    key.write_bytes(os.urandom(32))
    key.chmod(0o400)
    with pytest.raises(Fault) as raised:
        running.people.all()
    assert raised.value.code is FaultCode.KEY_WRONG


class Cut(BaseException):
    """The power goes: this call and every later one fails."""


class Bomb:
    """Lets so many calls of the operating system and of SQLite pass, and no more."""

    def __init__(self, passing: int, failure: Callable[[], BaseException], *, for_ever: bool) -> None:
        self.left = passing
        self.failure = failure
        self.for_ever = for_ever

    def guard(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the function takes
            self.left -= 1
            if self.left == -1 or (self.for_ever and self.left < 0):
                raise self.failure()
            return function(*args, **named)

        return guarded

    @property
    def gone_off(self) -> bool:
        return self.left < 0

    def plant(self, patched: pytest.MonkeyPatch, store: Store) -> None:
        for name in ("open", "fsync", "fchmod", "link", "replace", "unlink"):
            patched.setattr(os, name, self.guard(getattr(os, name)))
        patched.setattr(store.database, "_insist", self.guard(store.database._insist))
        patched.setattr(store.database, "run", self.guard(store.database.run))


def no_space() -> OSError:
    return OSError(28, "No space left on device")


NEXT: dict[str, Callable[[Path], RootKey]] = {
    "file": lambda state: FileRootKey.fresh(state),  # noqa: PLW0108 - one line each
    "passphrase": lambda _: PassphraseRootKey.fresh(typed(PHRASE), CHEAP),
}


@pytest.mark.parametrize(("to", "for_ever"), [("file", True), ("file", False), ("passphrase", True)])
def test_cut_at_any_call_the_store_opens_and_the_change_ends_one_way_or_the_other(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str, *, for_ever: bool
) -> None:
    """`for_ever`: the power goes; else one call fails as on a full disk, and what follows may clean up."""
    store.close()
    template, ways = store.database.directory, set()
    for passing in range(1000):
        state = tmp_path / "tried" / "state"
        shutil.copytree(template, state)
        once = opened(state)
        bomb = Bomb(passing, Cut if for_ever else no_space, for_ever=for_ever)
        with monkeypatch.context() as patched:
            provider = NEXT[to](state)
            bomb.plant(patched, once)
            try:
                change(once, provider)
            except (Cut, Fault, OSError):
                assert bomb.gone_off
        once.database.close()
        again = opened(state, typed(PHRASE))
        assert whole(again)
        assert resume(again) == 0
        with again.database.write():
            settle(again)
        again.close()
        under = description.read(state)
        assert (under.next, under.old) == (None, None)
        ways.add(str(under.current["provider"]) + str(len(list(state.glob("root*.key")))))
        assert whole(opened(state, typed(PHRASE)))
        while OPENED:
            OPENED.pop().database.close()
        shutil.rmtree(tmp_path / "tried")
        if not bomb.gone_off:
            break
    assert passing > 30
    spare = {"file": {"file1", "file2"}, "passphrase": {"file1", "passphrase0"}}
    assert ways <= spare[to]
    assert "file1" in ways
    assert len(ways) == len(spare[to]) or not for_ever


def test_a_change_that_never_reached_the_store_is_taken_back_with_its_secret(store: Store) -> None:
    state = store.database.directory
    prepared = FileRootKey.fresh(state)
    prepared.obtain()
    half = description.Description(FileRootKey(state / "root.key").describe(), prepared.describe(), "00112233")
    description.write(state, half)
    store.close()
    store = opened(state)
    assert rotate.rotate(store).kek_epoch == 2
    assert description.read(state) == description.Description(half.current)
    assert not prepared.path.exists()
    assert (state / "root.key").exists()
    assert whole(opened(state))


def test_a_secret_that_cannot_be_destroyed_now_is_destroyed_later(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = store.database.directory

    def stuck(_: FileRootKey) -> bool:
        raise Fault(FaultCode.PROVIDER_FAILED, "no answer")

    with monkeypatch.context() as patched:
        patched.setattr(FileRootKey, "forget", stuck)
        with pytest.raises(Fault):
            change(store, FileRootKey.fresh(state))
        assert resume(store) == 1
    assert store.database.rows("SELECT count(*) FROM keys WHERE kind = 'store'") == [(1,)]
    assert told(state)["old"] == {"provider": "file", "file": "root.key"}
    assert [intent.kind for intent in store.intents.all_open()] == [IntentKind.ROTATE_KEYS]
    assert whole(opened(state))
    assert resume(store) == 0
    assert "old" not in told(state)
    assert not (state / "root.key").exists()
    assert whole(store)


def test_a_key_that_does_not_read_back_is_not_taken(store: Store) -> None:
    class Fickle(FileRootKey):
        def read(self) -> bytes:
            return os.urandom(32)

    state = store.database.directory
    fickle = Fickle(state / "root-00000000.key")
    with pytest.raises(Fault) as raised:
        change(store, fickle)
    assert raised.value.code is FaultCode.PROVIDER_FAILED
    assert not fickle.path.exists()
    assert whole(opened(state))
