"""Promise: while the kiosk runs, a shell erases one of 500 people, and the door lets go of them at once."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from desk import Desk, at_work, person_of, save
from erasure_kit import CODE, HQ, HQ_NAME, NAME, belongings, lying
from running_kiosk import furnished, key, running
from store_kit import CONSENT, OPENED, PIN, face

from kiosk import upkeep
from kiosk.config import Config, Headquarters
from kiosk.faults import Fault, FaultCode
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, Method
from kiosk.store import Reference, Store
from kiosk.vision import packs
from kiosk.vision.pipeline import Pipeline
from sync.exchange import Exchange
from wire import certificate, checkpoint
from wire.certificate import Limit

PEOPLE = 500


def crowd(config: Config, made: Callable[[str, int], Reference] = face) -> tuple[str, dict[str, list[bytes]]]:
    """500 people with three references each, one of them with a PIN; the one, and all that they leave."""
    store = Store.open(config.state, key(config))
    try:
        leaver = store.people.add(CODE, NAME, pin=PIN)
        with store.database.write():
            for number in range(PEOPLE):
                person = leaver if number == 0 else store.people.add(f"P-{number}", f"Person {number}")
                store.basis.enrol(person, CONSENT, [made(person, 3 * number + seed) for seed in (1, 2, 3)])
        return leaver, belongings(store, leaver, made=made)
    finally:
        store.close()


def shell(config: Config, *arguments: str) -> dict[str, object]:
    """`kiosk privacy ...` in a process of its own."""
    command = [sys.executable, "-m", "kiosk", "privacy", *arguments, "--data", str(config.data), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=os.environ)
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def until_matched(desk: Desk, references: int) -> None:
    while desk.galleries.get(timeout=10) != references:
        pass


def test_the_door_lets_go_of_a_person_whom_a_shell_erases(tmp_path: Path) -> None:
    config = furnished(tmp_path / "data")
    leaver, found = crowd(config)
    with at_work(config) as desk:
        until_matched(desk, 3 * PEOPLE)
        save(desk, leaver)
        desk.until_unsent(1)
        answer = shell(config, "erase", "--person", CODE, "--yes", "--hand-over", str(tmp_path / "handed.json"))
        assert answer["certificate"] is not None
        until_matched(desk, 3 * (PEOPLE - 1))
        for method in (Method.FACE, Method.PIN):
            desk.clerk.save(3, leaver, Action.IN, method)
            assert desk.answer(ev.SaveFailed) == ev.SaveFailed(3, FaultCode.PERSON_UNKNOWN)
        assert lying(config.data, found) == set()
        desk.until(lambda queue: queue.unsent == 1)  # the last word about them
    assert lying(config.data, found) == set()
    assert shell(config, "status") == {"open": []}


def test_the_door_records_no_face_that_was_erased_since_the_camera_looked(tmp_path: Path) -> None:
    config = furnished(tmp_path / "data")
    leaver, found = crowd(config)
    with at_work(config) as desk:
        until_matched(desk, 3 * PEOPLE)
        desk.clerk.look_up(1, leaver, Method.FACE)
        assert desk.answer(ev.Resolved).person == leaver
        shell(config, "erase", "--id", leaver, "--face", "--yes")
        desk.clerk.save(2, leaver, Action.IN, Method.FACE)
        assert desk.answer(ev.SaveFailed) == ev.SaveFailed(2, FaultCode.CONSENT_MISSING)
        until_matched(desk, 3 * (PEOPLE - 1))
        save(desk, leaver)
        assert lying(config.data, found, "reference", "biometric key", "vector") == set()


def test_the_running_kiosk_ends_an_erasure_by_itself_once_headquarters_has_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "RESUME_EVERY_S", 0.2)
    config = replace(furnished(tmp_path / "data"), headquarters=Headquarters(HQ_NAME, HQ.public.hex()))
    leaver = person_of(config)
    with at_work(config) as desk:
        save(desk, leaver)
        desk.until_unsent(1)
        assert shell(config, "erase", "--id", leaver, "--yes")["waiting"] == 1
        store = Store.open(config.state, key(config))
        OPENED.append(store)
        with closing(Exchange.open(config.exchange)) as exchange:
            size = exchange.last_seq()
            note = checkpoint.cosign(store.ledger.note(size), HQ_NAME, HQ)
            exchange.inbox_add("receipt", note.encode())
        certificates = config.state / "certificates"
        (path,) = certificates.glob("*.json")
        for _ in range(200):
            signed = certificate.read(path.read_bytes(), store.device_public)
            if Limit.RECORDS_WAIT not in signed.limits:
                break
            time.sleep(0.1)
        assert signed.subject == leaver
        assert signed.destroyed["profiles"] == 1
        assert store.people.all() == []
        store.close()


@pytest.fixture
def space() -> tuple[str, int]:
    """Embedding space and dimension of the default model."""
    try:
        pack = Pipeline(packs.load()).pack
    except Fault as fault:
        pytest.skip(f"the default model pack is not installed ({fault.code}): `kiosk models fetch`")
    return pack.embedding_space, pack.dimension


def test_the_whole_kiosk_keeps_nothing_of_an_erased_face_in_its_gallery(tmp_path: Path, space: tuple[str, int]) -> None:
    config = furnished(tmp_path / "data")
    leaver, found = crowd(config, lambda person, seed: face(person, seed, space[1], space[0]))
    with running(config) as kiosk:
        recogniser = kiosk.kiosk.eye._recogniser if kiosk.kiosk.eye is not None else None
        assert recogniser is not None

        def matched() -> set[str]:
            return set() if recogniser._gallery is None else set(recogniser._gallery.persons)

        kiosk.until(lambda: len(matched()) == PEOPLE, "not everybody was loaded")
        shell(config, "erase", "--person", CODE, "--yes")
        kiosk.until(lambda: leaver not in matched(), "the gallery still holds them")
        assert len(matched()) == PEOPLE - 1
        assert lying(config.data, found) == set()
    again = Store.open(config.state, key(config))
    OPENED.append(again)
    assert len(again.templates.references()) == 3 * (PEOPLE - 1)
    again.ledger.verify()
