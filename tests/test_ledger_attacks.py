"""Attacks on the ledger, each as far as an attacker can think: the verifier names the first entry that is wrong."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from ledger_kit import (
    COUNTERSIGNED,
    ENTRIES,
    HQ_NAME,
    LINKED,
    STRANGER,
    Loot,
    copied,
    forget_checkpoints,
    furnish,
    opened,
    relink,
    remove,
    resign,
    shift,
    tampering,
)

from kiosk.cli import store as store_command
from wire import checkpoint

Sql = sqlite3.Connection
Rows = list[tuple[int, bytes, bytes, bytes]]


@dataclass(frozen=True)
class House:
    """A whole store, another device's, and what a thief of the first may know."""

    whole: Path
    loot: Loot
    other: Rows


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    data, other = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("other")
    loot = furnish(data)
    furnish(other)
    with tampering(other) as database:
        rows = database.execute("SELECT seq, commitment, body_digest, h FROM spine ORDER BY seq").fetchall()
    return House(data, loot, rows)


@pytest.fixture
def data(house: House, tmp_path: Path) -> Path:
    return copied(house.whole, tmp_path / "data")


def verify(data: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, object]]:
    code = store_command.main(["verify-ledger", "--data", str(data), "--json", *options])
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    assert found["well"] is (code == 0)
    return code, found


def swap(database: Sql, one: int, other: int, columns: tuple[str, ...] = LINKED[1:]) -> None:
    chosen = ", ".join(columns)
    read = f"SELECT {chosen} FROM spine WHERE seq = ?"  # noqa: S608 - our own names
    write = f"UPDATE spine SET ({chosen}) = ({', '.join('?' * len(columns))}) WHERE seq = ?"  # noqa: S608 - our own names
    rows = [database.execute(read, (seq,)).fetchone() for seq in (one, other)]
    for seq, row in zip((other, one), rows, strict=True):
        database.execute(write, (*row, seq))


def swap_bodies(database: Sql, one: int, other: int) -> None:
    for was, now in ((one, -1), (other, one), (-1, other)):
        database.execute("UPDATE bodies SET seq = ? WHERE seq = ?", (now, was))


def double(database: Sql, seq: int) -> None:
    """Entry `seq` once more, right after itself, all after it one further."""
    shift(database, seq + 1, 1)
    database.execute("INSERT INTO spine SELECT seq + 1, commitment, body_digest, h FROM spine WHERE seq = ?", (seq,))
    database.execute(
        "INSERT INTO bodies (seq, event_id, tag, sealed, period, audience)"
        " SELECT seq + 1, 'f' || substr(event_id, 2), randomblob(16), sealed, period, audience"
        " FROM bodies WHERE seq = ?",
        (seq,),
    )


def splice(database: Sql, rows: Rows, first: int) -> None:
    """Another device's entries from `first` on, in the place of ours."""
    remove(database, first)
    database.executemany("INSERT INTO spine VALUES (?, ?, ?, ?)", rows[first - 1 :])


def invent(database: Sql, first: int) -> None:
    """Another continuation: nothing of the old one is left in it."""
    for seq in range(first, ENTRIES + 1):
        database.execute(
            "UPDATE spine SET commitment = randomblob(32), body_digest = randomblob(32) WHERE seq = ?", (seq,)
        )
    database.execute("DELETE FROM undelivered WHERE seq >= ?", (first,))
    database.execute("DELETE FROM bodies WHERE seq >= ?", (first,))


def older_note(database: Sql, size: int) -> None:
    """The checkpoint of 64 entries in the place of a later one."""
    database.execute(
        "UPDATE checkpoints SET note = (SELECT note FROM checkpoints WHERE size = 64) WHERE size = ?", (size,)
    )


def older_countersigned(database: Sql, note: str) -> None:
    database.execute("UPDATE checkpoints SET countersigned = ? WHERE size = ?", (note, COUNTERSIGNED))


def cosigned_by_a_stranger(database: Sql) -> None:
    (note,) = database.execute("SELECT note FROM checkpoints WHERE size = ?", (COUNTERSIGNED,)).fetchone()
    older_countersigned(database, checkpoint.cosign(note, HQ_NAME, STRANGER))


def own_word_for_headquarters(database: Sql) -> None:
    """The fork's own checkpoint, signed with the stolen key, where headquarters' counter-signature was."""
    database.execute("UPDATE checkpoints SET countersigned = note WHERE countersigned IS NOT NULL")


Step = Callable[[Sql, House], object]
CHECKPOINT = "is not the entry that the checkpoint covers"
COUNTERSIGNATURE = "is not the entry that the counter-signature of headquarters covers"
ANCHOR = "is not the entry that the rollback anchor covers"
GONE = "is missing, though {} counts {} entries"
FOLLOWS = "does not follow from the entry before it"


@dataclass(frozen=True)
class Attack:
    """Steps of the attacker; the entry and the reason that are named without and (if earlier) with the bodies."""

    steps: tuple[Step, ...]
    seq: int
    why: str
    seq_by_body: int | None = None


def _relinked(_from: int) -> Step:
    return lambda sql, house: relink(sql, house.loot.device, _from)


def _resigned(sql: Sql, house: House) -> None:
    resign(sql, house.loot.device, house.loot.signing)


def _alter(sql: Sql, _: House) -> None:
    sql.execute("UPDATE spine SET commitment = randomblob(32) WHERE seq = 70")


HIDE_OWN: Step = lambda sql, _: forget_checkpoints(sql, 69, countersigned=False)  # noqa: E731 - a row of a table
HIDE_ALL: Step = lambda sql, _: forget_checkpoints(sql, 69)  # noqa: E731 - a row of a table
FORK: tuple[Step, ...] = (lambda sql, _: invent(sql, 80), _relinked(80), _resigned)
CUT: Step = lambda sql, _: remove(sql, 91)  # noqa: E731 - a row of a table
MIDDLE: tuple[Step, ...] = (lambda sql, _: remove(sql, 70, 70), lambda sql, _: shift(sql, 71, -1), _relinked(70))
DOUBLED: tuple[Step, ...] = (lambda sql, _: double(sql, 70), _relinked(70))
SWAPPED: tuple[Step, ...] = (
    lambda sql, _: swap(sql, 70, 71),
    lambda sql, _: swap_bodies(sql, 70, 71),
    _relinked(70),
)
ATTACKS: dict[str, Attack] = {
    "truncation": Attack((CUT,), 91, GONE.format("the counter-signature of headquarters", 96)),
    "truncation, own checkpoints with it": Attack(
        (CUT, HIDE_OWN), 91, GONE.format("the counter-signature of headquarters", 96)
    ),
    "truncation, all checkpoints with it": Attack((CUT, HIDE_ALL), 91, GONE.format("the rollback anchor", 100)),
    "truncation of the spine alone": Attack(
        (lambda sql, _: sql.execute("DELETE FROM spine WHERE seq > 90"),), 91, "is missing, though its body is there"
    ),
    "removed middle": Attack((lambda sql, _: remove(sql, 70, 70),), 70, "is missing"),
    "removed first": Attack((lambda sql, _: remove(sql, 1, 3),), 1, "is missing"),
    "removed middle, closed up": Attack((*MIDDLE, HIDE_OWN), 96, COUNTERSIGNATURE, 70),
    "removed middle, closed up, all checkpoints gone": Attack(
        (*MIDDLE, HIDE_ALL), 100, GONE.format("the rollback anchor", 100), 70
    ),
    "swap": Attack((lambda sql, _: swap(sql, 70, 71),), 70, FOLLOWS),
    "swap of what the hash covers": Attack((lambda sql, _: swap(sql, 70, 71, LINKED[1:3]),), 70, FOLLOWS),
    "swap, made to follow": Attack((*SWAPPED, HIDE_OWN), 96, COUNTERSIGNATURE, 70),
    "swap, made to follow, all checkpoints gone": Attack((*SWAPPED, HIDE_ALL), 100, ANCHOR, 70),
    "duplicate": Attack((lambda sql, _: double(sql, 70),), 71, FOLLOWS),
    # No key finds the body of the double; the one after it was sealed for another place.
    "duplicate, made to follow": Attack((*DOUBLED, HIDE_OWN), 96, COUNTERSIGNATURE, 72),
    "duplicate, made to follow, all checkpoints gone": Attack((*DOUBLED, HIDE_ALL), 100, ANCHOR, 72),
    "splice from another device": Attack((lambda sql, house: splice(sql, house.other, 70),), 70, FOLLOWS),
    "splice from another device, made to follow": Attack(
        (lambda sql, house: splice(sql, house.other, 70), _relinked(70), HIDE_OWN), 96, COUNTERSIGNATURE
    ),
    "the whole ledger of another device": Attack((lambda sql, house: splice(sql, house.other, 1),), 1, FOLLOWS),
    "older checkpoint": Attack(
        (lambda sql, _: older_note(sql, 100),), 100, "has the checkpoint of another size or ledger"
    ),
    "older counter-signature": Attack(
        (
            lambda sql, _: sql.execute(
                "UPDATE checkpoints SET countersigned = (SELECT note FROM checkpoints WHERE size = 64) WHERE size = 96"
            ),
        ),
        96,
        "has the counter-signature of another size or ledger",
    ),
    "back to an older checkpoint": Attack(
        (lambda sql, _: remove(sql, 65), lambda sql, _: forget_checkpoints(sql, 64)),
        65,
        GONE.format("the rollback anchor", 100),
    ),
    "fork by the stolen device key": Attack(FORK, 96, COUNTERSIGNATURE),
    "fork, with its own word for headquarters'": Attack(
        (*FORK, lambda sql, _: own_word_for_headquarters(sql)),
        96,
        "has a counter-signature that is not by headquarters",
    ),
    "fork, counter-signatures gone": Attack(
        (*FORK, lambda sql, _: sql.execute("UPDATE checkpoints SET countersigned = NULL")), 100, ANCHOR
    ),
    "re-signing": Attack(
        (lambda sql, house: resign(sql, house.loot.device, STRANGER),),
        64,
        "has a checkpoint that is not signed by this device",
    ),
    "re-signing for headquarters": Attack(
        (lambda sql, _: cosigned_by_a_stranger(sql),), 96, "has a counter-signature that is not by headquarters"
    ),
    "altered commitment": Attack((_alter,), 70, FOLLOWS),
    "altered commitment, made to follow": Attack((_alter, _relinked(70), HIDE_OWN), 96, COUNTERSIGNATURE, 70),
    "altered commitment, signed with the stolen key": Attack(
        (_alter, _relinked(70), _resigned), 96, COUNTERSIGNATURE, 70
    ),
    "body lost before it was delivered": Attack(
        (lambda sql, _: sql.execute("DELETE FROM bodies WHERE seq = 98"),),
        98,
        "has lost its body before it was delivered",
    ),
}


def attacked(data: Path, house: House, attack: Attack) -> None:
    with tampering(data) as sql:
        for step in attack.steps:
            step(sql, house)


def test_a_ledger_that_nobody_touched_is_whole(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = verify(data, capsys, "--bodies")
    assert code == 0
    assert (found["entries"], found["bodies"], found["opened"], found["without_key"]) == (100, 100, 100, 0)
    assert (found["checkpoints"], found["countersigned"], found["countersigned_to"]) == (3, 1, 96)
    assert (found["countersignatures_checked"], found["anchors"], found["anchors_lost"]) == (True, 1, 0)


@pytest.mark.parametrize("name", ATTACKS)
def test_the_first_wrong_entry_is_named(
    data: Path, house: House, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    attack = ATTACKS[name]
    attacked(data, house, attack)
    code, found = verify(data, capsys)
    assert (code, found["first_bad"], found["why"]) == (1, attack.seq, attack.why)
    code, found = verify(data, capsys, "--bodies")
    assert (code, found["first_bad"]) == (1, attack.seq_by_body or attack.seq)


def test_the_sentence_names_the_entry(data: Path, house: House, capsys: pytest.CaptureFixture[str]) -> None:
    attacked(data, house, ATTACKS["removed middle"])
    assert store_command.main(["verify-ledger", "--data", str(data)]) == 1
    assert capsys.readouterr().out == "The ledger is broken: entry 70 is missing.\n"


def test_a_fork_is_told_by_what_is_left_when_the_key_of_headquarters_is_not_known(
    data: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "kiosk.toml").unlink()
    code, found = verify(data, capsys)
    assert (code, found["countersignatures_checked"]) == (0, False)
    assert store_command.main(["verify-ledger", "--data", str(data)]) == 0
    assert "its signatures were not checked" in capsys.readouterr().out
    attacked(data, house, ATTACKS["fork, with its own word for headquarters'"])
    code, found = verify(data, capsys)
    assert (code, found["first_bad"], found["why"]) == (1, 100, ANCHOR)


def test_what_was_cut_off_with_every_witness_is_told_by_a_checkpoint_from_elsewhere(
    data: Path, house: House, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    note = tmp_path / "note"
    with tampering(data) as sql:
        (text,) = sql.execute("SELECT countersigned FROM checkpoints WHERE size = 96").fetchone()
    note.write_text(text, encoding="utf-8")
    attacked(data, house, ATTACKS["truncation, all checkpoints with it"])
    (data / "state" / "anchor").write_bytes(house.loot.anchor_at_90)
    code, found = verify(data, capsys)
    assert (code, found["entries"]) == (0, 90), "nothing on the device can tell"
    exported = tmp_path / "exported"  # what `kiosk-hq export --device` begins with
    exported.write_text(json.dumps({"format": "ambang.continuation.v1", "checkpoint": text}) + "\n{}\n")
    for file in (note, exported):
        code, found = verify(data, capsys, "--note", str(file))
        assert (code, found["first_bad"], found["why"]) == (1, 91, GONE.format("the given note", 96))


def test_an_anchor_that_was_taken_away_is_missed(data: Path, house: House, capsys: pytest.CaptureFixture[str]) -> None:
    attacked(data, house, ATTACKS["truncation, all checkpoints with it"])
    (data / "state" / "anchor").unlink()
    code, found = verify(data, capsys)
    assert (code, found["first_bad"], found["anchors_lost"]) == (1, None, 1)
    assert store_command.main(["verify-ledger", "--data", str(data)]) == 1
    assert "nothing tells whether entries were cut off the end" in capsys.readouterr().out


def test_a_note_that_this_device_has_not_signed_proves_nothing(
    data: Path, house: House, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    foreign = tmp_path / "note"
    head = checkpoint.Checkpoint(house.loot.device, 96, house.other[95][3])
    for text in (checkpoint.sign(head, STRANGER), "\xff", "x" * 20_000, "[]", "{}", '{"checkpoint": 7}'):
        foreign.write_text(text, encoding="latin-1" if text == "\xff" else "utf-8")
        code, found = verify(data, capsys, "--note", str(foreign))
        assert (code, found["first_bad"]) == (1, None)
        assert found["why"] == "a given note is not a checkpoint that this device has signed"


def test_a_ledger_that_headquarters_knows_otherwise_is_not_whole(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = opened(data)
    assert store.anchor.doubt(120)
    store.database.close()
    code, found = verify(data, capsys)
    assert (code, found["first_bad"]) == (1, 101)
    assert found["why"] == "is not in the ledger that headquarters has counter-signed"


def test_verifying_changes_no_file(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with tampering(data) as sql:
        forget_checkpoints(sql, 97)  # the head is not signed for: closing the store would sign it
    before = {path.name: path.read_bytes() for path in (data / "state").iterdir()}
    verify(data, capsys, "--bodies")
    assert {path.name: path.read_bytes() for path in (data / "state").iterdir()} == before
