"""A technician sees how much there is and how safe it is, and learns of nobody."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from ledger_kit import countersign, opened
from store_kit import MORNING, check_in, enrolled, new_store

from kiosk.cli import store as store_command
from kiosk.store.backup_manifest import Kind
from kiosk.store.intents import IntentKind
from kiosk.store.stats import stats

NAME, CODE, OTHER = "Budi Santoso", "E-0417", "E-0418"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """One enrolled person and one without a face; eleven entries, eight of them signed for."""
    with closing(new_store(tmp_path / "state")) as store:
        person = enrolled(store, CODE, NAME)
        store.people.add(OTHER, "Sri Rahayu")
        while store.ledger.size() < 8:
            store.ledger.append(check_in(store, code=CODE), person)
        countersign(store)
        while store.ledger.size() < 11:
            store.ledger.append(check_in(store, code=CODE), person)
    return tmp_path


def asked(data: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert store_command.main(["stats", "--data", str(data), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_everything_is_counted(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(data, capsys)
    counts = found["counts"]
    assert [counts[name] for name in ("people", "faces", "references", "pins", "administrators")] == [2, 1, 3, 1, 0]
    assert [counts[name] for name in ("entries", "bodies", "undelivered", "checkpoints")] == [11, 11, 3, 2]
    assert [counts[name] for name in ("quarantined", "intents_done", "restricted")] == [0, 0, 0]
    assert found["checkpoint"] == {"size": 11, "at": MORNING}
    assert found["countersigned"] == {"size": 8, "at": MORNING}
    assert (found["security_level"], found["kek_epoch"], found["store_key_epoch"]) == ("weak", 1, 1)
    assert found["anchors"] == [{"place": str(data / "state" / "anchor"), "behind": 0}]
    assert (found["oldest_body"], found["backups"], found["swept"], found["open_intents"]) == ("2026-11", {}, None, {})
    assert found["files"]["records.db"] == (data / "state" / "records.db").stat().st_size
    assert found["free"] >= 0


def test_nobody_is_in_it(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(opened(data)) as store:
        ids = [row[0] for row in store.database.rows("SELECT id FROM people")]
    for options in ([], ["--json"]):
        assert store_command.main(["stats", "--data", str(data), *options]) == 0
        shown = capsys.readouterr().out
        assert not [word for word in (*NAME.split(), CODE, OTHER, "Sri", "Rahayu", *ids) if word in shown]


def test_what_happens_is_seen(data: Path) -> None:
    with closing(opened(data)) as store:
        with store.database.write():
            store.intents.close(store.intents.open(IntentKind.ROTATE_KEYS))
            store.intents.open(IntentKind.RENEW_TEMPLATES)
            store.database.run("INSERT INTO watermarks VALUES ('backup/offsite', ?)", MORNING)
            store.database.run("INSERT INTO watermarks VALUES ('swept/day', 739571)")
        store.quarantine.note("bodies", "5", "does not open")
        store.quarantine.settle()
        found = stats(store)
    assert found.open_intents == {"renew_templates": 1}
    assert found.counts["intents_done"] == found.counts["quarantined"] == 1
    assert found.backups == {Kind.OFFSITE.value: MORNING}
    assert found.swept == "2025-11-16"


def test_an_empty_store_has_nothing_to_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(new_store(tmp_path / "state")) as store:
        found = stats(store)
    assert (found.checkpoint.at, found.countersigned.at) == (None, None)
    assert store_command.main(["stats", "--data", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "Counter-signed      none yet" in shown
    assert "Last backup         none yet" in shown


@pytest.mark.parametrize(
    ("bend", "behind", "sentence"),
    [
        ("UPDATE store SET generation = generation + 3", 3, "3 generations behind"),
        ("UPDATE store SET generation = 0", -2, "NEWER than the store"),
        (None, None, "LOST"),
    ],
)
def test_an_anchor_that_is_behind_ahead_or_lost_is_told_and_left(
    data: Path, capsys: pytest.CaptureFixture[str], bend: str | None, behind: int | None, sentence: str
) -> None:
    state, store = data / "state", opened(data)
    generation = store.anchor.state().generation
    with store.database.write():
        store.database.run(bend or "UPDATE store SET generation = generation")
    store.database.close()
    if bend is None:
        (state / "anchor").unlink()
    before = {path.name: path.read_bytes() for path in state.iterdir()}
    (anchor,) = asked(data, capsys)["anchors"]
    assert anchor["behind"] == (-generation if behind == -2 else behind)
    assert store_command.main(["stats", "--data", str(data)]) == 0
    assert sentence in capsys.readouterr().out
    assert {path.name: path.read_bytes() for path in state.iterdir()} == before
