"""HQ takes in a batch: what it accepts, what it stores, and how it answers the same thing twice."""

import json
import os
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hq_site import Door, Site, check_in, correction, dispute, found, now_ms, running
from pg_server import DATABASES, PgServer, new_database

from hq.__main__ import main
from hq.database import open_database, reading
from hq.devices import Peer
from hq.intake import DAY_MS, KEYS_KEPT_MS, receive
from hq.office import open_office
from wire import batch as batches
from wire import checkpoint, receipt
from wire.event import Action, Method, Notice, NoticeKind


@pytest.fixture(scope="module", params=DATABASES)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = found(tmp_path_factory.mktemp("intake"), new_database(request))
    with running(site):
        yield site


@pytest.fixture
def door(site: Site) -> Door:
    return site.door(f"door-{os.urandom(6).hex()}")


def stored(site: Site, door: Door) -> list[dict[str, object]]:
    return site.events_of(door)


def alarms(site: Site, door: Door) -> list[tuple[str, int, int]]:
    return site.rows("SELECT kind, seq, times FROM alarms WHERE device = :id ORDER BY kind", id=door.id)


def test_a_batch_is_stored_and_its_receipt_and_counter_signature_verify(site: Site, door: Door) -> None:
    first = check_in()
    door.append(first)
    door.append(None)
    batch = door.batch()
    answer = site.send(door, batch)
    assert answer.status_code == 200
    signed, note = receipt.read_reply(answer.content, site.name, site.public, door.key.public)
    assert (signed.batch, signed.acked, signed.generation) == (batch.batch, (first.event_id,), 1)
    assert abs(signed.time - now_ms()) < 60_000
    point, names = checkpoint.read(note, {f"ambang/{door.id}": door.key.public, site.name: site.public})
    assert names == {f"ambang/{door.id}", site.name}
    assert (point.size, point.head) == (2, door.head(2))
    (row,) = stored(site, door)
    assert row | {"received": 0} == {
        "device": door.id,
        "id": first.event_id,
        "seq": 1,
        "type": "com.ambang.checkin.v1",
        "person": first.person,
        "action": "in",
        "method": "face",
        "time": first.occurred_at,
        "received": 0,
    }
    assert site.export()["spine"][door.id] == 2


def test_every_kind_of_event_comes_out_of_the_export_as_it_went_in(site: Site, door: Door) -> None:
    claimed = check_in(method=Method.CLAIMED)
    notice = Notice(check_in().event_id, NoticeKind.ERASED, "E-1", now_ms(), claimed.clock, "")
    for happened in (claimed, correction(claimed, Action.OUT), dispute(claimed), notice):
        door.append(happened)
    assert site.send(door, door.batch()).status_code == 200
    rows = stored(site, door)
    kinds = ["claimed", "corrected", "disputed", "notice"]
    assert [row["type"] for row in rows] == [f"com.ambang.{kind}.v1" for kind in kinds]
    assert [row["action"] for row in rows] == ["in", "out", None, None]
    assert rows[1]["refers_to"] == rows[2]["refers_to"] == claimed.event_id
    assert rows[3]["kind"] == "erased"


def test_the_same_batch_again_is_acknowledged_again_and_counted_once(site: Site, door: Door) -> None:
    door.append(check_in())
    door.append(check_in("E-1002"))
    batch = door.batch()
    before = site.export()["duplicates"]
    answers = [site.send(door, batch) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    receipts = [receipt.read(answer.json()["receipt"], site.public) for answer in answers]
    assert {one.acked for one in receipts} == {tuple(item.event.event_id for item in batch.events)}
    assert {one.generation for one in receipts} == {1}
    assert len(stored(site, door)) == 2
    assert site.export()["duplicates"] == before + 4
    assert alarms(site, door) == []


def test_an_overlap_with_what_is_stored_adds_only_what_is_new(site: Site, door: Door) -> None:
    for number in range(4):
        door.append(check_in(f"E-{number}"))
    assert site.send(door, door.batch(1, 3)).status_code == 200
    answer = site.send(door, door.batch(2, 4))
    assert receipt.read(answer.json()["receipt"], site.public).generation == 2
    assert [row["seq"] for row in stored(site, door)] == [1, 2, 3, 4]


def test_an_older_batch_after_a_newer_one_is_acknowledged_and_moves_nothing(site: Site, door: Door) -> None:
    for number in range(3):
        door.append(check_in(f"E-{number}"))
    old = door.batch(1, 1)
    assert site.send(door, door.batch(1, 3)).status_code == 200
    answer = site.send(door, old)
    signed, note = receipt.read_reply(answer.content, site.name, site.public, door.key.public)
    assert signed.acked == (old.events[0].event.event_id,)
    assert checkpoint.unverified(note).size == 1
    assert site.export()["spine"][door.id] == 3


def test_an_event_that_was_held_back_is_taken_in_later_against_its_commitment(site: Site, door: Door) -> None:
    door.append(check_in())
    held = door.events.pop(1)
    assert site.send(door, door.batch()).json()["receipt"]["acked"] == []
    door.events[1] = held
    assert len(site.send(door, door.batch()).json()["receipt"]["acked"]) == 1
    assert len(stored(site, door)) == 1


def test_ten_senders_of_one_batch_at_once_store_it_once(site: Site, door: Door) -> None:
    for number in range(20):
        door.append(check_in(f"E-{number}"))
    batch = door.batch()
    with ThreadPoolExecutor(10) as pool:
        codes = list(pool.map(lambda _: site.send(door, batch).status_code, range(10)))
    assert codes == [200] * 10
    assert len(stored(site, door)) == 20


def test_the_largest_batch_is_taken_in(site: Site, door: Door) -> None:
    for number in range(batches.ROWS_LIMIT):
        door.append(check_in(f"{number:04}" + "界" * 38))
    body = batches.encode(door.batch())
    assert len(body) < batches.SIZE_LIMIT
    answer = site.send(door, door.batch())
    assert len(receipt.read(answer.json()["receipt"], site.public).acked) == batches.ROWS_LIMIT


def test_two_devices_may_send_the_same_event_id(site: Site, door: Door) -> None:
    other = site.door(f"other-{os.urandom(6).hex()}")
    happened = check_in()
    for one in (door, other):
        one.append(happened)
        assert site.send(one, one.batch()).status_code == 200


def _rings(site: Site, sender: Door, kind: str, seq: int) -> None:
    before = site.export()["events"]
    answer = site.send(sender, sender.batch())
    assert (answer.status_code, answer.json()["type"]) == (409, f"urn:ambang:problem:{kind}")
    assert answer.json()["seq"] == seq
    assert site.export()["events"] == before
    assert alarms(site, sender) == [(kind, seq, 1)]
    site.send(sender, sender.batch())
    assert alarms(site, sender) == [(kind, seq, 2)]


def test_the_same_id_with_other_content_is_a_conflict_and_rings(site: Site, door: Door) -> None:
    first = check_in("E-1")
    door.append(first)
    assert site.send(door, door.batch()).status_code == 200
    door.append(replace(check_in("E-2"), event_id=first.event_id))
    later = door.copy()
    later.events.pop(1)  # an id twice in one batch is not even a batch
    _rings(site, later, "conflict", 2)


def test_the_same_number_with_other_content_is_a_fork_and_rings(site: Site, door: Door) -> None:
    door.append(check_in("E-1"))
    other = door.copy()
    door.append(check_in("E-2"))
    other.append(check_in("E-3"))
    assert site.send(door, door.batch()).status_code == 200
    _rings(site, other, "fork", 2)


def test_a_batch_that_follows_another_head_is_a_fork_and_rings(site: Site, door: Door) -> None:
    other = door.copy()
    door.append(check_in("E-1"))
    other.append(check_in("E-2"))
    other.append(check_in("E-3"))
    assert site.send(door, door.batch()).status_code == 200
    answer = site.send(door, other.batch(2))
    assert (answer.status_code, answer.json()["size"]) == (409, 1)
    assert alarms(site, door) == [("fork", 1, 1)]


def test_a_gap_is_refused_and_says_what_hq_has(site: Site, door: Door) -> None:
    for number in range(3):
        door.append(check_in(f"E-{number}"))
    assert site.send(door, door.batch(1, 1)).status_code == 200
    answer = site.send(door, door.batch(3))
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:ambang:problem:gap")
    assert (answer.json()["seq"], answer.json()["size"]) == (2, 1)
    assert alarms(site, door) == [("gap", 2, 1)]


def test_hq_refuses_gaps_and_forks_again_after_a_restart(tmp_path: Path) -> None:
    site = found(tmp_path)
    door = site.door("door")
    door.append(check_in("E-1"))
    other = door.copy()
    other.rows.clear()
    other.append(check_in("E-2"))
    with running(site):
        assert site.send(door, door.batch()).status_code == 200
    with running(site):
        assert site.send(other, other.batch()).status_code == 409
        door.append(check_in("E-3"))
        assert site.send(door, door.batch(2)).status_code == 200


def test_a_batch_id_that_was_used_for_other_bytes_is_refused(site: Site, door: Door) -> None:
    door.append(check_in("E-1"))
    first = door.batch()
    assert site.send(door, first).status_code == 200
    door.append(check_in("E-2"))
    answer = site.send(door, door.batch(batch_id=first.batch))
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:ambang:problem:key-reused")
    assert len(stored(site, door)) == 1


def test_old_batch_ids_are_forgotten_once_a_day_and_what_comes_again_is_still_known(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    for url in (None, request.getfixturevalue("postgresql").database()):
        folder = tmp_path / str(url is None)
        folder.mkdir()
        site = found(folder, url)
        door = site.door("door")
        serial = site.rows("SELECT serial FROM certificates")[0][0]
        door.append(check_in())
        first, day = door.batch(), now_ms() // DAY_MS * DAY_MS
        kept = []
        with closing(open_office(site.root)) as office:
            for at in (day, day + KEYS_KEPT_MS, day + KEYS_KEPT_MS + 5, day + KEYS_KEPT_MS + DAY_MS):
                door.append(check_in())
                batch = door.batch(2) if at > day else first
                receive(office, Peer("door", serial), batches.encode(batch), f'"{batch.batch}"', at)
                kept.append(len(site.rows("SELECT batch FROM batches")))
            again = receive(
                office, Peer("door", serial), batches.encode(first), f'"{first.batch}"', day + 2 * KEYS_KEPT_MS
            )
        assert kept == [1, 2, 3, 3], "the one of the first day is gone after fourteen more"
        assert receipt.read(json.loads(again)["receipt"], site.public).acked == (first.events[0].event.event_id,)
        assert len(site.events_of(door)) == len(door.events)


def test_nothing_that_names_a_person_lies_open_in_the_files_of_hq(
    site: Site, door: Door, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    code, name = "NIP-PLAINLY-READABLE", "Sari Plainly Readable"
    (tmp_path / "roster.csv").write_text(f"code,name\n{code},{name}\n")
    happened = check_in(code, Action.OVERTIME_START)
    door.append(happened)
    assert site.send(door, door.batch()).status_code == 200

    assert main(["roster", "import", "--data", str(site.root), str(tmp_path / "roster.csv")]) == 0
    files = [path for path in site.root.iterdir() if path.name.startswith("hq.db")]
    if not files:
        cluster: PgServer = request.getfixturevalue("postgresql")
        files = [path for part in ("base", "pg_wal") for path in (cluster.folder / "data" / part).rglob("*")]
    everything = b"".join(path.read_bytes() for path in files if path.is_file()) + site.log.read_bytes()
    assert door.id.encode() in everything
    secrets = [code, name, "Plainly", "PLAINLY", "overtime_start", happened.event_id]
    assert [word for word in secrets if word.encode() in everything] == []
    assert [row["person"] for row in stored(site, door)] == [code]


def test_a_sealed_event_moved_to_another_row_does_not_open(tmp_path: Path) -> None:
    site = found(tmp_path)
    door = site.door("door")
    door.append(check_in("E-1"))
    door.append(check_in("E-2"))
    with running(site):
        assert site.send(door, door.batch()).status_code == 200
    with sqlite3.connect(site.root / "hq.db") as edit:
        edit.execute("UPDATE events SET sealed = (SELECT sealed FROM events WHERE seq = 1) WHERE seq = 2")
    edit.close()

    assert main(["export", "--data", str(site.root), "--json"]) == 2


def test_the_journal_is_truncated_and_every_commit_is_synced(tmp_path: Path) -> None:
    engine = open_database(found(tmp_path).root / "hq.db")
    with reading(engine) as view:
        names = ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "secure_delete")
        found_values = [view.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]
    engine.dispose()
    assert found_values == ["truncate", 2, 1, 0, 1]


def test_the_openapi_document_is_served_and_names_every_address_for_devices(site: Site) -> None:
    with site.client() as client:
        document = json.loads(client.get("/openapi.json").content)
    assert list(document["paths"]) == [
        "/v1/events:batch",
        "/ca.pem",
        "/v1/devices:enrol",
        "/v1/certificate:renew",
        "/v1/reports",
        "/v1/messages",
        "/v1/erasures/{erasure}",
        "/v1/backups/{backup}",
        "/v1/notices/{published}",
    ]
