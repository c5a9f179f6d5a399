"""An older copy of a store refuses to serve until somebody decides; a crash between two writes is no older copy."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from store_kit import Hands, check_in, contents, enrolled, key_of, new_store

from kiosk.faults import Fault, FaultCode
from kiosk.store import Store, anchor
from kiosk.store.anchor import FILE
from kiosk.store.erasure import erase_face
from wire import canonical
from wire.spine import genesis

FILES = ("records.db", "templates.db")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    store = new_store(tmp_path / "state")
    store.ledger.append(check_in(store), enrolled(store))
    store.close()
    return tmp_path / "state"


def second(state: Path) -> Path:
    """A further place, as it lies on another partition."""
    place = state.parent / "partition" / "ambang-anchor"
    place.parent.mkdir(exist_ok=True)
    return place


def opened(state: Path, *places: Path, anchored: bool = True) -> Store:
    return Store.open(state, key_of(state), clock=Hands(), places=places, anchored=anchored)


def anchored_at(state: Path, place: Path) -> None:
    store = opened(state, place)
    store.anchor.write()
    store.close()


def opens(state: Path, *places: Path) -> bool:
    opened(state, *places).close()
    return True


def refusal(state: Path, *places: Path) -> FaultCode:
    with pytest.raises(Fault) as raised:
        opened(state, *places)
    return raised.value.code


def copied(state: Path, *names: str) -> dict[str, bytes]:
    return {name: content for name, content in contents(state).items() if name in names}


def put_back(state: Path, copy: dict[str, bytes]) -> None:
    for name, content in copy.items():
        (state / name).write_bytes(content)


def grown(store: Store) -> None:
    person = store.people.all()[0].id
    store.ledger.append(check_in(store), person)
    store.ledger.checkpoint()


def grown_by_64(store: Store) -> None:
    for _ in range(64):
        grown(store)


def withdrawn(store: Store) -> None:
    erase_face(store, store.people.all()[0].id)
    store.ledger.checkpoint()


ACTS: dict[str, Callable[[Store], None]] = {
    "a checkpoint": grown,
    "a checkpoint at every 64th entry": grown_by_64,
    "a withdrawal": withdrawn,
}


@pytest.mark.parametrize("act", ACTS)
def test_a_copy_from_before_an_act_is_refused_with_whatever_anchor_is_left(state: Path, act: str) -> None:
    place = second(state)
    anchored_at(state, place)
    copy = copied(state, *FILES, FILE)
    store = opened(state, place)
    ACTS[act](store)
    store.close()
    assert opens(state, place)
    kept = contents(state)
    put_back(state, {name: copy[name] for name in FILES})
    assert refusal(state, place) is FaultCode.STORE_ROLLED_BACK
    put_back(state, copy)  # the anchor beside it was put back, too
    assert refusal(state, place) is FaultCode.STORE_ROLLED_BACK
    put_back(state, kept)
    assert opens(state, place)


def test_two_stores_that_went_apart_are_told_apart_though_neither_is_shorter(state: Path) -> None:
    before = copied(state, *FILES, FILE)
    lines = []
    for _ in range(2):
        put_back(state, before)
        store = opened(state)
        grown(store)
        store.close()
        lines.append(copied(state, *FILES))
    assert opens(state), "the anchor knows the second line"
    put_back(state, lines[0])
    assert refusal(state) is FaultCode.STORE_ROLLED_BACK


def altered(place: Path) -> None:
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 1
    place.write_bytes(content)


def forged(place: Path) -> None:
    """An anchor that knows nothing yet would suit any old copy; only its MAC is missing."""
    body, mac, _ = place.read_bytes().split(b"\n")
    known = json.loads(body)
    device = sqlite3.connect(place.parent.parent / "state" / "records.db")
    (name,) = device.execute("SELECT device_id FROM store").fetchone()
    device.close()
    known |= {"generation": 0, "size": 0, "head": genesis(name).hex()}
    place.write_bytes(canonical.encode(known) + b"\n" + mac + b"\n")


def of_another_store(place: Path) -> None:
    other = new_store(place.parent / "other")
    other.close()
    place.write_bytes((place.parent / "other" / FILE).read_bytes())


def made_a_directory(place: Path) -> None:
    place.unlink()
    place.mkdir()


SPOILT: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "empty": lambda place: place.write_bytes(b""),
    "altered": altered,
    "forged": forged,
    "cut": lambda place: place.write_bytes(place.read_bytes()[:-40]),
    "longer": lambda place: place.write_bytes(place.read_bytes() + b"\n"),
    "a directory": made_a_directory,
    "of another store": of_another_store,
}


@pytest.mark.parametrize("where", ["beside the store", "on another partition"])
@pytest.mark.parametrize("spoilt", SPOILT)
def test_an_anchor_that_was_there_and_does_not_vouch_any_more_is_missed(state: Path, spoilt: str, where: str) -> None:
    place = second(state)
    store = opened(state, place)
    grown(store)
    store.close()
    SPOILT[spoilt](state / FILE if where == "beside the store" else place)
    assert refusal(state, place) is FaultCode.ANCHOR_LOST
    assert refusal(state, place) is FaultCode.ANCHOR_LOST, "it was not made anew by looking"


@pytest.mark.parametrize("where", ["beside the store", "on another partition"])
def test_an_older_anchor_is_what_a_power_cut_leaves_between_the_commit_and_the_anchor(state: Path, where: str) -> None:
    place = second(state)
    anchored_at(state, place)
    left = {each: each.read_bytes() for each in (state / FILE, place)}
    store = opened(state, place)
    grown(store)
    store.close()
    victim = state / FILE if where == "beside the store" else place
    victim.write_bytes(left[victim])
    store = opened(state, place)
    grown(store)
    store.close()
    assert victim.read_bytes() not in left.values()
    assert opens(state, place)


def test_a_further_place_counts_from_the_first_time_it_was_written(state: Path) -> None:
    place = second(state)
    assert opens(state, place)
    assert not place.exists(), "opening writes nothing"
    store = opened(state, place)
    grown(store)
    store.close()
    assert place.exists()
    place.unlink()
    assert opens(state), "a place that is configured no longer is not missed"
    assert refusal(state, place) is FaultCode.ANCHOR_LOST


def test_a_place_that_cannot_be_written_stops_nobody_and_is_tried_again(state: Path) -> None:
    place = second(state)
    anchored_at(state, place)
    store = opened(state, place)
    shutil.rmtree(place.parent)
    grown(store)
    assert store.anchor.behind
    place.parent.mkdir()
    store.anchor.keep_up()
    assert not store.anchor.behind
    assert place.read_bytes() == (state / FILE).read_bytes()
    store.close()


def test_looking_at_a_store_that_is_refused_does_not_make_its_anchors_agree(state: Path) -> None:
    copy = copied(state, *FILES)
    store = opened(state)
    grown(store)
    store.close()
    put_back(state, copy)
    known = (state / FILE).read_bytes()
    store = opened(state, anchored=False)
    grown(store)
    grown(store)
    store.close()
    assert (state / FILE).read_bytes() == known
    assert refusal(state) is FaultCode.STORE_ROLLED_BACK


def test_an_accepted_copy_serves_and_the_line_that_was_given_up_does_not_any_more(state: Path) -> None:
    place = second(state)
    anchored_at(state, place)
    copy = copied(state, *FILES)
    store = opened(state, place)
    for _ in range(5):
        grown(store)
    store.close()
    newer = copied(state, *FILES)
    put_back(state, copy)
    store = opened(state, place, anchored=False)
    store.anchor.accept()
    store.close()
    assert opens(state, place)
    put_back(state, newer)
    assert refusal(state, place) is FaultCode.STORE_ROLLED_BACK


@pytest.mark.parametrize("spoilt", [spoilt for spoilt in SPOILT if spoilt != "a directory"])
def test_a_lost_anchor_is_made_anew_by_accepting(state: Path, spoilt: str) -> None:
    SPOILT[spoilt](state / FILE)
    store = opened(state, anchored=False)
    store.anchor.accept()
    store.close()
    assert opens(state)


def test_what_headquarters_doubts_stays_refused_until_it_is_accepted(state: Path) -> None:
    store = opened(state)
    assert store.anchor.doubt(500)
    assert store.anchor.doubt(400)
    store.close()
    for _ in range(2):
        assert refusal(state) is FaultCode.STORE_ROLLED_BACK
    store = opened(state, anchored=False)
    store.anchor.accept()
    assert not store.anchor.doubt(500), "that line was given up"
    store.close()
    assert opens(state)
    store = opened(state)
    assert store.anchor.doubt(501)
    store.close()
    assert refusal(state) is FaultCode.STORE_ROLLED_BACK


def test_the_copy_that_was_doubted_cannot_be_put_back_without_the_doubt(state: Path) -> None:
    copy = copied(state, *FILES)
    store = opened(state)
    store.anchor.doubt(500)
    store.close()
    put_back(state, copy)
    assert refusal(state) is FaultCode.STORE_ROLLED_BACK


def test_accepting_fails_aloud_where_no_anchor_can_be_written(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _content: bytes) -> None:
        raise Fault(FaultCode.DISK_FULL)

    (state / FILE).unlink()
    store = opened(state, anchored=False)
    with monkeypatch.context() as patch:
        patch.setattr(anchor, "replace_file", full)
        with pytest.raises(Fault) as raised:
            store.anchor.accept()
    assert raised.value.code is FaultCode.DISK_FULL
    store.close()
    assert refusal(state) is FaultCode.ANCHOR_LOST
