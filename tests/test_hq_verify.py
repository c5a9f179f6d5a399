"""What `kiosk-hq verify` finds: every kind of alteration of what HQ holds, by its first bad place."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hq_desk import AT_THE_SHELL, account, deliver, hq
from hq_site import Site, check_in, found, now_ms

from hq import audit, retention
from hq.__main__ import main
from hq.accounts import Role
from hq.audit import Act, ActKind
from hq.database import writing
from hq.office import Office, open_office
from hq.verification import verify
from wire import checkpoint
from wire.checkpoint import Checkpoint
from wire.signing import SigningKey
from wire.spine import genesis, link

ENTRIES = 12
ACTS = 3  # two accounts, one deliberate look


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The database of an HQ with two doors and an audit log, and its keys beside it."""
    site = found(tmp_path_factory.mktemp("whole"))
    Whole.site = site
    with closing(open_office(site.root)) as office:
        for name in ("front", "back"):
            door = site.door(name)
            for number in range(ENTRIES):
                door.append(check_in(f"E-{number}") if number % 3 else None)
            deliver(office, door)
        account(office, "Sari", Role.VIEWER)
        account(office, "Budi", Role.VIEWER)
        with writing(office.engine) as work:
            audit.append(work, office, Act(ActKind.ATTENDANCE_SEEN, AT_THE_SHELL, "E-4"), now_ms())
        retention.sweep(office, AT_THE_SHELL, 12, now_ms())
    return (site.root / "hq.db").read_bytes()


class Whole:
    site: Site


@pytest.fixture
def office(whole: bytes) -> Iterator[Office]:
    (Whole.site.root / "hq.db").write_bytes(whole)
    with closing(open_office(Whole.site.root)) as opened:
        yield opened
    (Whole.site.root / "hq.db").write_bytes(whole)


def alter(statement: str, *values: object) -> None:
    with closing(sqlite3.connect(Whole.site.root / "hq.db")) as edit:
        edit.execute("PRAGMA foreign_keys=0")
        assert edit.execute(statement, values).rowcount > 0
        edit.commit()


def test_what_is_whole_is_said_to_be_whole(office: Office) -> None:
    seen = verify(office)
    assert (seen.rows, seen.events, seen.acts, seen.findings) == (2 * ENTRIES, 16, ACTS + 1, ())


def foreign_note() -> str:
    key = SigningKey.generate()
    with closing(sqlite3.connect(Whole.site.root / "hq.db")) as view:
        head = view.execute("SELECT head FROM devices WHERE id = 'front'").fetchone()[0]
    return checkpoint.sign(Checkpoint("front", ENTRIES, head), key)


MOVED = "UPDATE events SET sealed = (SELECT sealed FROM events WHERE seq = 8) WHERE device = 'front' AND seq = 9"
ALTERED: dict[str, tuple[str, tuple[object, ...], str, int]] = {
    "a commitment": ("UPDATE spine SET commitment = ? WHERE device = 'front' AND seq = 5", (bytes(32),), "front", 5),
    "a digest": ("UPDATE spine SET body_digest = ? WHERE device = 'front' AND seq = 6", (bytes(32),), "front", 6),
    "a hash": ("UPDATE spine SET h = ? WHERE device = 'back' AND seq = 7", (bytes(32),), "back", 7),
    "a row is gone": ("DELETE FROM spine WHERE device = 'front' AND seq = 4", (), "front", 4),
    "the last row is gone": ("DELETE FROM spine WHERE device = 'front' AND seq = 12", (), "front", 12),
    "the head": ("UPDATE devices SET head = ? WHERE id = 'front'", (bytes(32),), "front", 12),
    "the size": ("UPDATE devices SET size = 11 WHERE id = 'front'", (), "front", 11),
    "no checkpoint": ("UPDATE devices SET note = NULL WHERE id = 'front'", (), "front", 12),
    "a checkpoint of nothing": ("UPDATE devices SET note = 'x' WHERE id = 'front'", (), "front", 12),
    "another key": ("UPDATE devices SET public = ? WHERE id = 'front'", (SigningKey.generate().public,), "front", 12),
    "an event": ("UPDATE events SET sealed = zeroblob(300) WHERE device = 'front' AND seq = 2", (), "front", 2),
    "another event": (MOVED, (), "front", 9),
    "an index": ("UPDATE events SET event = ? WHERE device = 'back' AND seq = 3", (bytes(32),), "back", 3),
    "an act": ("UPDATE acts SET kind = 'exported' WHERE seq = 2", (), "audit", 2),
    "its time": ("UPDATE acts SET at = at + 1 WHERE seq = 3", (), "audit", 3),
    "who": ("UPDATE acts SET sealed = (SELECT sealed FROM acts WHERE seq = 1) WHERE seq = 2", (), "audit", 2),
    "whom": ("UPDATE acts SET about = zeroblob(200) WHERE seq = 3", (), "audit", 3),
    "an act is gone": ("DELETE FROM acts WHERE seq = 1", (), "audit", 1),
    "the last act is gone": ("DELETE FROM acts WHERE seq = 4", (), "audit", 4),
    "a signature": ("UPDATE acts SET sig = zeroblob(64) WHERE seq = 4", (), "audit", 4),
    "the log's head": ("UPDATE acts_head SET h = zeroblob(32)", (), "audit", 4),
    "a paper": ("UPDATE papers SET body = replace(body, '\"months\":12', '\"months\":13')", (), "papers", 0),
    "no paper": ("UPDATE papers SET body = '[]'", (), "papers", 0),
}


@pytest.mark.parametrize("what", ALTERED)
def test_an_alteration_is_found_where_it_begins(office: Office, what: str) -> None:
    statement, values, where, seq = ALTERED[what]
    alter(statement, *values)
    assert [(finding.where, finding.seq) for finding in verify(office).findings] == [(where, seq)]


def test_a_checkpoint_of_another_key_is_found(office: Office) -> None:
    alter("UPDATE devices SET note = ? WHERE id = 'front'", foreign_note())
    assert [(finding.where, finding.seq) for finding in verify(office).findings] == [("front", ENTRIES)]


def test_a_chain_that_was_recomputed_after_an_alteration_is_not_what_the_door_has_signed(office: Office) -> None:
    with closing(sqlite3.connect(Whole.site.root / "hq.db")) as edit:
        head = genesis("front")
        for seq, commitment, digest in edit.execute(
            "SELECT seq, commitment, body_digest FROM spine WHERE device = 'front' ORDER BY seq"
        ).fetchall():
            row = link(head, seq, bytes(32) if seq == 1 else commitment, digest)
            head = row.h
            edit.execute(
                "UPDATE spine SET commitment = ?, h = ? WHERE device = 'front' AND seq = ?", (row.commitment, head, seq)
            )
        edit.execute("UPDATE devices SET head = ? WHERE id = 'front'", (head,))
        edit.commit()
    assert [(finding.where, finding.seq) for finding in verify(office).findings] == [("front", ENTRIES)]


def test_an_audit_log_that_was_cut_short_with_its_head_is_told_by_an_older_note_of_the_head(office: Office) -> None:
    noted = verify(office).head
    with closing(sqlite3.connect(Whole.site.root / "hq.db")) as edit:
        edit.execute("DELETE FROM acts WHERE seq = 4")
        edit.execute("UPDATE acts_head SET seq = 3, h = (SELECT h FROM acts WHERE seq = 3)")
        edit.commit()
    seen = verify(office)
    assert seen.findings == ()
    assert seen.head != noted


def test_the_command_says_it_in_words_in_json_and_by_its_exit_code(office: Office) -> None:
    code, said = hq("verify", "--data", office.house.root, "--json")
    told = json.loads(said)
    assert (code, told["ok"], told["rows"], told["findings"]) == (0, True, 2 * ENTRIES, [])
    alter("UPDATE spine SET h = ? WHERE device = 'back' AND seq = 7", bytes(32))
    code, said = hq("verify", "--data", office.house.root)
    assert code == 1
    assert "BROKEN: back, entry 7: does not follow from the entry before it" in said


def test_an_act_cannot_be_written_with_a_name_that_is_none(office: Office) -> None:
    data = ("--data", str(office.house.root))
    for name in ("x" * 65, "a\x00b"):
        assert main(["retention", "set", *data, "--months", "3", "--by", name]) == 2
