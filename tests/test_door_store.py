"""What the door says when its store is old, unproved, locked or partly damaged, and who is served all the same."""

import sqlite3
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from roots_kit import CHEAP as CHEAP_PHRASE
from roots_kit import PHRASE, typed
from running_kiosk import NAME, PIN, Running, furnished, key, recorded, running, says, unplugged
from store_kit import CONSENT, face
from vision_kit import installed

from kiosk import words
from kiosk.config import Config
from kiosk.faults import FaultCode
from kiosk.store import LocalKind, RootKey, Store, reserve, roots
from kiosk.store.roots.passphrase import PassphraseRootKey
from kiosk.store.roots.pi_otp import PiOtpRootKey
from kiosk.vision.camera import Frame

FILES = ("records.db", "templates.db")
each_language = pytest.mark.parametrize("language", words.LANGUAGES)


def speaking(config: Config, language: str) -> Config:
    return replace(config, door=replace(config.door, language=language))


def grown(config: Config) -> None:
    store = Store.open(config.state, key(config))
    store.append_local(LocalKind.STARTED, {})
    store.close()


@each_language
def test_an_old_copy_of_the_store_is_refused_and_the_door_says_so(tmp_path: Path, language: str) -> None:
    config = speaking(furnished(tmp_path), language)
    copy = {name: (config.state / name).read_bytes() for name in FILES}
    grown(config)
    for name in FILES:
        (config.state / name).write_bytes(copy[name])
    with running(config, unplugged) as scene:
        says(scene, FaultCode.STORE_ROLLED_BACK, language)


@each_language
def test_a_store_without_its_anchor_is_refused_and_the_door_says_so(tmp_path: Path, language: str) -> None:
    config = speaking(furnished(tmp_path), language)
    (config.state / "anchor").unlink()
    with running(config, unplugged) as scene:
        says(scene, FaultCode.ANCHOR_LOST, language)


def test_the_door_opens_once_the_store_was_accepted(tmp_path: Path) -> None:
    config = furnished(tmp_path)
    (config.state / "anchor").unlink()
    with running(config, unplugged) as scene:
        says(scene, FaultCode.ANCHOR_LOST)
        store = Store.open(config.state, key(config), anchored=False)
        store.anchor.accept()  # what `kiosk store accept` does after two logins
        store.close()
        scene.wait_for("idle")
        scene.check_in_by_pin()
    assert len(recorded(config)) == 1


def with_phrase(config: Config) -> PassphraseRootKey:
    """Put the store of a new device under a passphrase, and give the provider that has to be told it again."""
    Store.set_aside(config.state)
    fresh = PassphraseRootKey.fresh(typed(PHRASE), CHEAP_PHRASE)
    store = Store.create(config.state, provider=fresh)
    store.people.add("1001", NAME, language="en", pin=PIN)
    store.close()
    roots.keep(config.state, fresh)
    return fresh


@each_language
def test_a_wrong_passphrase_is_called_wrong(tmp_path: Path, language: str) -> None:
    config = speaking(furnished(tmp_path), language)
    with_phrase(config)
    provider = roots.of(config.state, ask=lambda: "seven grey herons at dusk")
    with running(config, unplugged, provider) as scene:
        says(scene, FaultCode.PASSPHRASE_WRONG, language)


def test_the_door_opens_with_the_right_passphrase_after_a_wrong_one(tmp_path: Path) -> None:
    config = furnished(tmp_path)
    with_phrase(config)
    wrong_once = iter(["seven grey herons at dusk"])
    provider = roots.of(config.state, ask=lambda: next(wrong_once, PHRASE))
    with running(config, unplugged, provider) as scene:
        says(scene, FaultCode.PASSPHRASE_WRONG)
        scene.wait_for("idle")


@each_language
def test_a_board_that_does_not_give_the_key_is_named(tmp_path: Path, language: str) -> None:
    config = speaking(furnished(tmp_path), language)
    provider: RootKey = PiOtpRootKey.fresh(command="/bin/false")
    with running(config, unplugged, provider) as scene:
        says(scene, FaultCode.PROVIDER_FAILED, language)


# -- damaged in part


def sql(config: Config, statement: str) -> None:
    records = sqlite3.connect(config.state / "records.db", isolation_level=None)
    assert records.execute(statement).rowcount == 1
    records.close()


def with_another(config: Config) -> Config:
    store = Store.open(config.state, key(config))
    store.people.add("1002", "Budi Santoso", language="en", pin=PIN)
    store.close()
    return config


DAMAGED = {
    "profile": "UPDATE people SET profile = zeroblob(300) WHERE rowid = 2",
    "PIN": "UPDATE accounts SET secret = zeroblob(100) WHERE rowid = 2",
    "key": "UPDATE keys SET wrapped = zeroblob(68) WHERE kind = 'profile' AND person ="
    " (SELECT id FROM people WHERE rowid = 2)",
}


@pytest.mark.parametrize("what", DAMAGED)
def test_whose_record_is_damaged_is_told_so_and_everybody_else_is_served(tmp_path: Path, what: str) -> None:
    config = speaking(with_another(furnished(tmp_path)), "nl")
    sql(config, DAMAGED[what])
    with running(config, unplugged) as scene:
        scene.check_in_by_pin()
        scene.touch("action.in")
        scene.type_pin(code="1002")
        scene.wait_for("refused")
        scene.until_shown(words.say("nl", "fault.person_damaged.title"))
        scene.until_shown(words.say("nl", "fault.person_damaged.hint"))
        scene.touch("tap.cancel")
        scene.wait_for("idle")
        scene.touch("action.out")
        scene.type_pin()
        scene.wait_for("recorded")
    assert [event.action.value for event in recorded(config)] == ["in", "out"]
    store = Store.open(config.state, key(config))
    assert store.quarantine.all()
    store.close()


def test_a_damaged_key_of_the_month_stops_nobody(tmp_path: Path) -> None:
    config = furnished(tmp_path)
    with running(config, unplugged) as scene:
        scene.check_in_by_pin()
    sql(config, "UPDATE keys SET wrapped = zeroblob(68) WHERE kind = 'device'")
    sql(config, "UPDATE keys SET wrapped = zeroblob(68) WHERE kind = 'record'")
    with running(config, unplugged) as scene:
        scene.check_in_by_pin()
    assert len(recorded(config)) == 1, "what the damaged key sealed is lost; what came after is not"


# -- a full disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 16 MiB."""
    where = tmp_path / "disk"
    where.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(where)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("a small file system can only be mounted by root")
    yield where
    subprocess.run(["umount", "--lazy", str(where)], check=True)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        try:
            while file.write(bytes(512)):
                pass
        except OSError:
            return filler
    raise AssertionError("the disk did not fill")


def check_in(scene: Running) -> str:
    """Check in with a PIN, and say yes if the door asks; returns the page that it ends on."""
    scene.touch("action.in")
    scene.type_pin()
    scene.wait_for("recorded", "out", "confirming")
    if scene.page == "confirming":
        scene.touch("tap.yes")
        scene.wait_for("recorded", "out")
    page = scene.page
    if page == "recorded":
        scene.touch("tap.done")
        scene.wait_for("idle")
    return page


def test_a_full_disk_is_said_and_the_room_set_aside_is_not_for_check_ins(disk: Path) -> None:
    config = furnished(disk)
    with running(config, unplugged) as scene:
        scene.until((config.state / reserve.FILE).exists)
        filler = fill(disk)
        for _ in range(20):  # until the pages that are free inside the files are used up
            if check_in(scene) == "out":
                break
        says(scene, FaultCode.DISK_FULL)
        assert (config.state / reserve.FILE).stat().st_blocks * 512 >= reserve.SIZE
        before = len(recorded(config))
        filler.unlink()
        scene.wait_for("idle")
        assert check_in(scene) == "recorded"
    assert len(recorded(config)) == before + 1


class Dark:
    """A camera that works in a room without light."""

    def read(self, timeout_s: float) -> Frame:
        time.sleep(min(timeout_s, 0.05))
        return Frame(np.zeros((480, 640, 3), np.uint8), time.monotonic())

    def close(self) -> None:
        return


def test_without_the_rotation_key_nobody_is_matched_and_the_pin_works_under_a_banner(tmp_path: Path) -> None:
    pack = installed().pack
    config = furnished(tmp_path)
    store = Store.open(config.state, key(config))
    person = store.people.all()[0].id
    store.basis.enrol(person, CONSENT, [face(person, 1, pack.dimension, pack.embedding_space)])
    store.close()
    with running(config, Dark) as scene:
        assert scene.kiosk.eye is not None
        eye = scene.kiosk.eye._recogniser
        scene.until(lambda: eye._gallery is not None and len(eye._gallery.persons) == 1)
        sql(config, "UPDATE keys SET wrapped = zeroblob(68) WHERE kind = 'rotation'")
        scene.until(lambda: eye._gallery is None, "what was erased meanwhile might still be matched")
        scene.until_shown(words.say("id", "banner.model"))
        assert check_in(scene) == "recorded"
    assert len(recorded(config)) == 1
