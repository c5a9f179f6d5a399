"""HQ tells a restored device where its ledger stands, signs for it, and tells nothing else."""

import json
from pathlib import Path

import pytest
from restore_kit import Headquarters, headquarters
from store_kit import check_in, enrolled, new_store

from hq import database
from hq.__main__ import main
from kiosk.store import Store, erasure
from wire import checkpoint
from wire.event import from_cloudevent
from wire.spine import commitment, genesis, link


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "state")


@pytest.fixture
def hq(tmp_path: Path, store: Store) -> Headquarters:
    known = headquarters(tmp_path / "headquarters")
    known.know(store)
    return known


def export(hq: Headquarters, capsys: pytest.CaptureFixture[str], *more: str) -> list[dict[str, object]]:
    capsys.readouterr()
    assert main(["export", "--data", str(hq.site.root), "--json", *more]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def refusal(hq: Headquarters, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    capsys.readouterr()
    assert main(["export", "--data", str(hq.site.root), "--json", *more]) == 2
    return capsys.readouterr().err


def test_the_ledger_of_one_device_comes_out_an_entry_a_line_under_hqs_own_signature(
    store: Store, hq: Headquarters, capsys: pytest.CaptureFixture[str]
) -> None:
    person = enrolled(store)
    for _ in range(3):
        store.ledger.append(check_in(store), person)
    hq.take(store)
    size = store.ledger.size()
    first, *lines = export(hq, capsys, "--device", store.device_id)
    assert {name: first[name] for name in ("format", "device", "after", "size")} == {
        "format": "ambang.continuation.v1",
        "device": store.device_id,
        "after": 0,
        "size": size,
    }
    keys = {**hq.keys, f"ambang/{store.device_id}": store.device_public}
    found, names = checkpoint.read(str(first["checkpoint"]), keys)
    assert names == keys.keys()
    head = genesis(store.device_id)
    for seq, line in enumerate(lines, 1):
        parts = bytes.fromhex(str(line["commitment"])), bytes.fromhex(str(line["body_digest"]))
        head = link(head, seq, *parts).h
        assert (line["seq"], line["event"]) == (seq, None)
    assert (found.size, found.head) == (size, head)
    assert [line["seq"] for line in export(hq, capsys, "--device", store.device_id, "--after", "2")[1:]] == list(
        range(3, size + 1)
    )


def test_of_all_events_only_erasures_are_told_each_proved_by_its_own_entry(
    store: Store, hq: Headquarters, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = enrolled(store), enrolled(store, "E-0900", "Sari Dewi")
    store.ledger.append(check_in(store), first)
    hq.take(store)
    erasure.erase_person(store, first)
    erasure.erase_face(store, second)
    hq.take(store)
    told = []
    for line in export(hq, capsys, "--device", store.device_id)[1:]:
        if line["event"] is not None:
            found = from_cloudevent(line["event"])
            assert commitment(found.salt, found.clear).hex() == line["commitment"]
            told.append((found.event.person, line["event"]["data"]["kind"]))  # type: ignore[index]
    assert told == [("E-0417", "erased"), ("E-0900", "consent_withdrawn")]


def test_a_device_that_hq_does_not_know_or_that_has_delivered_nothing_gets_no_export(
    store: Store, hq: Headquarters, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no device with this id" in refusal(hq, capsys, "--device", "nobody")
    assert "delivered 0 entries" in refusal(hq, capsys, "--device", store.device_id)
    hq.take(store)
    size = store.ledger.size()
    for after in (-1, size + 1):
        assert f"delivered {size} entries" in refusal(hq, capsys, "--device", store.device_id, f"--after={after}")
    assert len(export(hq, capsys, "--device", store.device_id, f"--after={size}")) == 1


def test_an_event_that_was_altered_at_hq_stops_the_export(
    store: Store, hq: Headquarters, capsys: pytest.CaptureFixture[str]
) -> None:
    person = enrolled(store)
    store.ledger.append(check_in(store), person)
    hq.take(store)
    engine = database.open_database(hq.site.root / "hq.db")
    with database.writing(engine) as work:
        work.exec_driver_sql("UPDATE events SET sealed = zeroblob(200)")
    engine.dispose()
    assert "does not open with seal.key" in refusal(hq, capsys, "--device", store.device_id)
