"""Promise: of names, codes, PINs, faces and pictures nothing is readable in any file, on the line or in any log.

A real device is enrolled with a real HQ, lives a day with its door, its desk, its backups and its exports, and delivers
over real TLS; then every byte of it all is searched for every spelling of what was planted.
"""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from backup_kit import RECIPIENT, opened
from canary import Planted, Searcher, logged, texts_of
from door_kit import Kiosk, at_home, told
from hq_site import Site, found, running
from running_kiosk import running as running_door
from store_kit import CHEAP, check_in, correction, dispute, notice
from tls_recorder import Recorder, recording

from kiosk.config import Config, Headquarters, Storage
from kiosk.rights import release
from kiosk.store import Consent, FileRootKey, Reference, Store, papers
from kiosk.store.backup import backup
from kiosk.store.backup_manifest import Kind
from kiosk.store.erasure import erase_face
from kiosk.store.export import export
from kiosk.store.papers import PaperKind
from kiosk.store.rotation import turned
from kiosk.vision.camera import Frame
from wire.event import Action, NoticeKind

CODE, NAME, PIN = "88417203", "Zefanya Qurniawaty-Bramantyo", "59037142"
GONE, GONE_NAME, GONE_PIN = "KNR-70661-XQ", "Wulandari Pekik-Tjokro", "61840275"
ROSTER_CODE, ROSTER_NAME = "VGT-40028-PD", "Ndaru Wicaksono-Hutagalung"
WITNESS, WISH = "Ibu Margaretha Silalahi", "Saya keberatan pengolahan wajah di gudang utara"
MODEL = "faceplugin/fr_feature/1"
DIMENSION = 64
RNG = np.random.default_rng(88)
PATTERN = RNG.integers(0, 256, (64, 64, 3), np.uint8)


def unit(seed: int) -> npt.NDArray[np.float32]:
    vector = np.random.default_rng(seed).normal(size=DIMENSION)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


VECTORS = {f"vector {seed}": unit(seed) for seed in (801, 802, 803, 804)}


class Marked:
    """A camera that shows the pattern everywhere, ten times a second."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, timeout_s: float) -> Frame:
        time.sleep(min(0.1, timeout_s))
        self.given += 1
        whole = np.ascontiguousarray(np.tile(PATTERN, (8, 10, 1))[:480, :640])
        whole[:16, :16] = self.given % 200  # a picture that never changes counts as a camera that is lost
        return Frame(whole, time.monotonic())

    def close(self) -> None:
        return


@dataclass(frozen=True, slots=True)
class Lived:
    """Where everything is, and what must not be readable in it."""

    site: Site
    device: Kiosk
    recorder: Recorder
    logs: bytes
    planted: Planted
    frames: int


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    place = tmp_path_factory.mktemp("canary")
    site = found(place / "hq home")
    said: list[str] = []
    with (
        running(site, options=("--log-level", "DEBUG")),
        recording(
            site.root / "ca.pem",
            (site.root / "server.pem", site.root / "server.key"),
            site.url,
            (place / "device" / "sync" / "tls.pem", place / "device" / "sync" / "tls.key"),
        ) as recorder,
        logged(place / "programs.log"),
    ):
        device = at_home(replace(site, url=recorder.url), place / "device")
        config = replace(
            device.config,
            storage=Storage(recipient=RECIPIENT, onsite="on-site"),
            headquarters=Headquarters(site.name, site.public.hex()),
        )
        roster = place / "roster.csv"
        roster.write_text(f"code,name\n{CODE},{NAME}\n{GONE},{GONE_NAME}\n{ROSTER_CODE},{ROSTER_NAME}\n")
        for act in (("roster", "import", str(roster)), ("roster", "publish")):
            done = told(site, *act)
            assert done[0] == 0, done
            said += done[1:]
        roster.unlink()
        planted = a_morning(config)
        said += delivered(device)
        camera = Marked()
        with running_door(config, lambda: camera) as scene:
            scene.touch("action.in")
            scene.wait_for("looking", "pin")
            if scene.page == "looking":
                scene.touch("tap.pin")
            scene.type_pin(CODE, PIN)
            scene.wait_for("recorded")
            scene.touch("tap.done")
            scene.wait_for("idle")
        an_evening(config)
        said += delivered(device)
        logs = (place / "programs.log").read_bytes() + site.log.read_bytes() + "".join(said).encode()
        yield Lived(site, device, recorder, logs, planted, camera.given)


@contextmanager
def the_store(config: Config) -> Iterator[Store]:
    with closing(Store.open(config.state, FileRootKey(config.state / "root.key"))) as store:
        store.accounts.cost = CHEAP
        yield store


def names_in(config: Config) -> set[str]:
    with the_store(config) as store:
        return {person.name for person in store.people.all()}


def a_morning(config: Config) -> Planted:
    """People with faces and PINs, one of whom takes the consent back; what they do at the door, and ask at the desk."""
    with the_store(config) as store:
        release.demonstrate(store)
        consent = Consent("2026-1", "id", store.now_ms(), WITNESS)
        person = store.people.add(CODE, NAME, pin=PIN)
        leaver = store.people.add(GONE, GONE_NAME, pin=GONE_PIN)
        for each, seeds in ((person, (801, 802, 803)), (leaver, (804,))):
            faces = [Reference(each, unit(seed), MODEL, 0.9, store.now_ms()) for seed in seeds]
            store.basis.enrol(each, consent, faces)
        for action in (*Action, Action.OUT):
            store.ledger.append(check_in(store, action, code=CODE), person)
        first = check_in(store, code=CODE)
        store.ledger.append(first, person)
        store.ledger.append(dispute(store, first.event_id, code=CODE), person)
        store.ledger.append(correction(store, first.event_id, Action.OUT, code=CODE), person)
        store.ledger.append(notice(store, NoticeKind.RESTRICTED, code=CODE), person)
        store.accounts.check_pin(CODE, PIN, 0, 10**9)
        papers.put(store, PaperKind.REQUEST, {"text": WISH, "name": NAME}, state="open", person=person)
        rotated = {
            f"{label} turned": turned(store.templates._matrix(MODEL, 1, DIMENSION), vector)
            for label, vector in VECTORS.items()
        }
        erase_face(store, leaver)
    texts = texts_of(
        [
            *(("code", CODE), ("name", NAME), ("pin", PIN), ("code of the leaver", GONE)),
            *(("name of the leaver", GONE_NAME), ("pin of the leaver", GONE_PIN), ("witness", WITNESS)),
            *(("wish", WISH), ("code of the roster", ROSTER_CODE), ("name of the roster", ROSTER_NAME)),
        ]
    )
    return Planted(texts, {**VECTORS, **rotated}, {"picture": PATTERN})


def an_evening(config: Config) -> None:
    """Both backups, and the ledger for an auditor."""
    with the_store(config) as store:
        for kind in (Kind.OFFSITE, Kind.ONSITE):
            backup(store, config, kind)
        export(store, config.data / "ledger.jsonl")


def delivered(device: Kiosk) -> list[str]:
    """Everything that waits goes to headquarters; returns what was printed."""
    said = []
    for act in ("once", "errands", "errands"):
        status, out, err = device.sync(act)
        assert status == 0, (act, out, err)
        said += [out, err]
    return said


@pytest.fixture(scope="module")
def search(lived: Lived) -> Searcher:
    return Searcher(lived.planted)


def test_what_was_planted_has_lived(lived: Lived) -> None:
    """Nothing is proved by a search of what never happened."""
    assert names_in(lived.device.config) == {NAME, GONE_NAME, ROSTER_NAME}
    with the_store(lived.device.config) as store:
        assert len(store.templates.references()) == 3
        assert store.ledger.size() > 20
    assert len([event for event in lived.site.export()["events"] if event["person"] == CODE]) >= len(Action) + 4
    assert lived.frames > 0
    assert len(list((lived.site.root / "backups").rglob("*.age"))) == 1
    assert lived.recorder.lines > 1


def test_headquarters_hears_codes_and_nothing_else_of_a_person(lived: Lived, search: Searcher) -> None:
    heard = bytes(lived.recorder.heard)
    assert b"POST /v1/events:batch" in heard
    assert b"PUT /v1/backups/" in heard
    found = search.found_in(heard)
    assert "code as utf-8" in found, "what is looked for would be found"
    assert {label for label in found if not label.startswith(("code as", "code of the leaver as"))} == set()


def test_no_file_of_the_device_holds_anything_readable(lived: Lived, search: Searcher) -> None:
    names = {path.name for path in lived.device.folder.rglob("*") if path.is_file()}
    assert {"records.db", "templates.db", "exchange.db", "sync.db", "errands.db", "ledger.jsonl"} <= names
    assert any(name.endswith(".offsite.age") for name in names)
    assert search.found_beneath(lived.device.folder) == {}


def test_no_file_of_headquarters_holds_anything_readable(lived: Lived, search: Searcher) -> None:
    assert (lived.site.root / "hq.db").is_file()
    assert search.found_beneath(lived.site.root) == {}


def test_no_log_of_the_three_programs_says_anything_even_at_its_most_talkative(lived: Lived, search: Searcher) -> None:
    for said in (b"DEBUG ", b" ambang.hq batch stored", b" ambang.sync ", b" ambang.clerk store open"):
        assert said in lived.logs
    assert search.found_in(lived.logs) == set()


def test_a_backup_that_the_organisation_opens_holds_no_face_and_still_no_name(lived: Lived, search: Searcher) -> None:
    (made,) = (lived.device.folder / "offsite").rglob("*.age")
    members = opened(made).members
    assert len(members) > 1
    assert {name: found for name, data in members.items() if (found := search.found_in(data))} == {}


@pytest.mark.parametrize("leak", ["name", "pin", "vector", "turned vector", "picture"])
def test_the_search_finds_a_device_that_leaks(lived: Lived, search: Searcher, tmp_path: Path, leak: str) -> None:
    with the_store(lived.device.config) as store:
        held = store.templates.references()[0].vector
    leaked = {
        "name": f'{{"who":"{NAME}"}}'.encode("utf-16-le"),
        "pin": f"DEBUG ambang.kiosk pin={PIN}\n".encode(),
        "vector": unit(802).astype(">f8").tobytes(),
        "turned vector": held.astype("<f4").tobytes(),
        "picture": PATTERN.tobytes().hex().encode(),
    }[leak]
    (tmp_path / "spool").write_bytes(RNG.bytes(777) + leaked)
    assert any(leak.split(maxsplit=1)[0] in label for label in search.found_beneath(tmp_path)["spool"])
