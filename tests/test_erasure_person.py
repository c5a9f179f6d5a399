"""Promise: whoever leaves is out of use at once, loses no pay, and is then gone from every file."""

import json
from pathlib import Path

import pytest
from erasure_kit import AT_ONCE, CODE, NAME, Office, belongings, lying, matches, office, references
from store_kit import PIN, check_in, correction, face, key_of

from kiosk.faults import Fault, FaultCode
from kiosk.store import PinRefused, Store
from kiosk.store.erasure import erase_face, erase_person, open_erasures, replay
from kiosk.store.erasure_person import code_of
from kiosk.store.resume import resume
from wire.certificate import CLASSES, Limit, Scope
from wire.event import Action, Notice, NoticeKind, from_cloudevent
from wire.spine import commitment


@pytest.fixture
def at(tmp_path: Path) -> Office:
    return office(tmp_path / "data")


def gone(at: Office, found: dict[str, list[bytes]]) -> None:
    """Nothing of the person lies anywhere, nobody finds them, and everybody else goes on."""
    assert lying(at.data, found) == set()
    store = at.store
    for table, column in (
        *(("people", "id"), ("bases", "person"), ("faces", "person"), ("accounts", "person"), ("keys", "person")),
        *(("undelivered", "person"), ("quarantine", "person")),
    ):
        rows = store.database.rows(f"SELECT * FROM {table} WHERE {column} = ?", at.leaver)  # noqa: S608 - our own
        assert rows == [], table
    assert store.people.by_code(CODE) is None
    assert [store.ledger.count(at.leaver, month) for month in ("2026-10", "2026-11")] == [0, 0]
    assert store.history.events(at.leaver, 0, store.now_ms() + 1) == []
    assert store.history.last_action(at.leaver, store.now_ms()) is None
    assert len(store.history.events(at.stays, 0, store.now_ms() + 1)) == 3
    assert references(store) == {at.stays}
    assert matches(store, at.stays, 8)
    store.ledger.verify()


def test_whoever_leaves_is_out_of_use_at_once_while_their_attendance_waits(at: Office) -> None:
    at.store.accounts.check_pin(CODE, "110011", 0, 10**9)
    found = belongings(at.store, at.leaver)
    assert len(found["entry"]) == 3
    left = erase_person(at.store, at.leaver)
    assert (left.certificate, left.waiting, left.scope) == (None, 3, Scope.PERSON)
    assert lying(at.data, found, *AT_ONCE) == set()
    assert references(at.store) == {at.stays}
    for by_face in (True, False):
        with pytest.raises(Fault) as raised:
            at.store.people.admit(at.leaver, by_face=by_face)
        assert raised.value.code is FaultCode.PERSON_UNKNOWN
    assert at.store.database.rows("SELECT count(*) FROM attempts") == [(1,)], "only what the device counts"
    assert isinstance(at.store.accounts.check_pin(CODE, PIN, 0, 10**9), PinRefused)
    assert len(at.store.history.events(at.leaver, 0, at.store.now_ms() + 1)) == 3, "nobody has these yet"
    assert [each.waiting for each in open_erasures(at.store.database, at.store.intents)] == [3]
    (path,) = (at.state / "certificates").iterdir()
    assert Limit.RECORDS_WAIT in at.certificate(path).limits, "an older copy must not admit them"
    assert erase_person(at.store, at.leaver).waiting == 3
    at.forward()
    assert [event.person for event in at.waiting()].count(CODE) == 3


def test_everything_is_gone_once_headquarters_has_signed_for_the_attendance(at: Office) -> None:
    found = belongings(at.store, at.leaver)
    erase_person(at.store, at.leaver)
    at.delivered()
    assert resume(at.store) == 0
    gone(at, found)
    (path,) = (at.state / "certificates").iterdir()
    signed = at.certificate(path)
    assert (signed.scope, signed.subject) == (Scope.PERSON, at.leaver)
    counted = {"biometric_keys": 1, "references": 3, "pins": 3, "consent_records": 1, "profiles": 1, "profile_keys": 1}
    none = dict.fromkeys(CLASSES[Scope.PERSON], 0)
    assert signed.destroyed == none | counted | {"record_keys": 2, "attendance_delivered": 3}
    assert set(signed.limits) == {
        *(Limit.EARLIER_COPIES, Limit.BACKUPS, Limit.FLASH, Limit.MEMORY),
        *(Limit.HEADQUARTERS, Limit.NOTICE_WAITS),
    }
    at.again()
    gone(at, found)


def test_somebody_whose_attendance_is_delivered_goes_in_one_act(at: Office) -> None:
    at.delivered()
    found = belongings(at.store, at.leaver)
    done = erase_person(at.store, at.leaver)
    assert done.certificate is not None
    gone(at, found)
    another = at.store.people.add(CODE, NAME, pin=PIN)
    assert another != at.leaver


def test_attendance_can_be_handed_to_a_human_instead_and_proved_against_the_ledger(at: Office, tmp_path: Path) -> None:
    at.forward()
    (at.data / "exchange" / "exchange.db.aside-1").write_bytes((at.data / "exchange" / "exchange.db").read_bytes())
    found, file = belongings(at.store, at.leaver), tmp_path / "handed.json"
    sealed = at.data.joinpath("exchange", "exchange.db").read_bytes()
    done = erase_person(at.store, at.leaver, hand_over=file)
    assert file.stat().st_mode & 0o777 == 0o600
    handed = json.loads(file.read_text(encoding="utf-8"))
    assert handed["confidential"].startswith("CONFIDENTIAL")
    assert handed["unreadable"] == []
    events = [from_cloudevent(event) for event in handed["events"]]
    assert [event.event.person for event in events] == [CODE] * 3
    for event in events:
        (row,) = at.store.ledger.entries_since(event.seq - 1, 1)
        assert commitment(event.salt, event.clear) == row.row.commitment
    gone(at, found)
    signed = at.certificate(done.certificate)
    assert (signed.destroyed["attendance_handed_over"], signed.destroyed["attendance_delivered"]) == (3, 0)
    assert [path.name for path in sorted((at.data / "exchange").glob("*.db*")) if path.stat().st_size] == [
        "exchange.db"
    ]
    assert (at.data / "exchange" / "exchange.db").read_bytes() != sealed
    waiting = at.waiting()
    assert [(event.person, type(event)) for event in waiting if event.person == CODE] == [(CODE, Notice)]
    assert sum(event.person == "E-2" for event in waiting) == 3
    (act,) = [act for _, act in at.store.ledger.local_acts("2026-11") if act["kind"] == "exported"]
    assert act["detail"] == {"person": at.leaver, "events": 3, "unreadable": 0}


@pytest.mark.parametrize("place", ["data/handed.json", "data/state/handed.json", "there.json"])
def test_a_file_that_is_there_or_would_be_found_again_takes_no_attendance(
    at: Office, tmp_path: Path, place: str
) -> None:
    (tmp_path / "there.json").write_text("mine")
    with pytest.raises(Fault) as raised:
        erase_person(at.store, at.leaver, hand_over=tmp_path / place)
    assert raised.value.code is FaultCode.OUTPUT_REFUSED
    assert (tmp_path / "there.json").read_text() == "mine"
    assert erase_person(at.store, at.leaver).waiting == 3


def test_what_somebody_still_corrects_meanwhile_is_waited_for_too(at: Office) -> None:
    event = check_in(at.store, code=CODE)
    at.store.ledger.append(event, at.leaver)
    erase_person(at.store, at.leaver)
    at.forward()
    at.store.ledger.append(correction(at.store, event.event_id, Action.OUT, code=CODE), at.leaver)
    assert erase_person(at.store, at.leaver).waiting == 5
    at.delivered()
    assert erase_person(at.store, at.leaver).certificate is not None


def test_the_last_word_to_headquarters_has_a_key_of_its_own_that_dies_when_it_is_signed_for(at: Office) -> None:
    at.delivered()
    erase_person(at.store, at.leaver)
    at.forward()
    (word,) = [event for event in at.waiting() if isinstance(event, Notice)]
    assert (word.kind, word.person, word.site) == (NoticeKind.ERASED, CODE, "")
    nobody = "SELECT person, wrapped FROM keys WHERE kind = 'record' AND person NOT IN (SELECT id FROM people)"
    ((owner, wrapped),) = at.store.database.rows(nobody)
    assert owner != at.leaver
    bodies = at.store.database.rows("SELECT sealed FROM bodies b JOIN undelivered u ON u.seq = b.seq")
    at.delivered()
    assert at.store.database.rows(nobody) == []
    assert at.store.database.rows("SELECT * FROM undelivered") == []
    assert lying(at.data, {"key": [wrapped], "body": [row[0] for row in bodies]}) == set()
    at.store.ledger.verify()


def test_headquarters_is_told_of_the_others_as_before(at: Office) -> None:
    at.delivered()
    at.store.ledger.append(check_in(at.store, code="E-2"), at.stays)
    at.forward()
    erase_person(at.store, at.leaver)
    assert sorted(event.person for event in at.waiting()) == ["E-2", CODE]
    at.delivered()
    assert at.store.database.rows("SELECT * FROM undelivered") == []


def test_a_record_that_is_damaged_is_erased_too_and_headquarters_is_told_the_random_id(at: Office) -> None:
    at.delivered()
    found = belongings(at.store, at.leaver)
    with at.store.database.write():
        at.store.database.run("UPDATE people SET profile = zeroblob(300) WHERE id = ?", at.leaver)
        at.store.database.run("UPDATE keys SET wrapped = zeroblob(68) WHERE kind = 'record' AND person = ?", at.leaver)
    at.again()
    assert code_of(at.store, at.leaver) is None
    done = erase_person(at.store, at.leaver)
    gone(at, found)
    assert at.certificate(done.certificate).destroyed["attendance_delivered"] == 3
    assert Limit.CODE_UNKNOWN in at.certificate(done.certificate).limits
    assert [event.person for event in at.waiting() if isinstance(event, Notice)] == [at.leaver]


def test_an_unknown_person_is_a_fault(at: Office) -> None:
    with pytest.raises(Fault) as raised:
        erase_person(at.store, "0" * 16)
    assert raised.value.code is FaultCode.PERSON_UNKNOWN


def test_a_month_of_many_entries_goes_whole(tmp_path: Path) -> None:
    at = office(tmp_path / "data", entries=200)
    entries = belongings(at.store, at.leaver)["entry"]
    assert len(entries) == 200
    at.delivered()
    done = erase_person(at.store, at.leaver)
    assert lying(at.data, {"entry": entries}) == set()
    signed = at.certificate(done.certificate)
    assert signed.destroyed["attendance_delivered"] == 200
    assert signed.pieces > 600
    at.store.ledger.verify()


@pytest.mark.parametrize("scope", ["face", "person"])
def test_a_restored_store_erases_again_without_certificate_or_notice(at: Office, tmp_path: Path, scope: str) -> None:
    at.delivered()
    found = belongings(at.store, at.leaver)
    copy = tmp_path / "restored" / "state"
    copy.mkdir(parents=True)
    for path in at.state.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    (copy / "root.key").chmod(0o400)
    restored = Store.open(copy, key_of(copy), clock=at.store.clock)
    there = Office(copy.parent, restored, at.leaver, at.stays)
    unsent = restored.database.rows("SELECT count(*) FROM undelivered")
    assert replay(restored, [(scope, at.leaver), (scope, "f" * 16)]) == 1
    assert replay(restored, [(scope, at.leaver)]) == 0
    assert restored.database.rows("SELECT count(*) FROM undelivered") == unsent
    assert not (copy / "certificates").exists()
    if scope == "person":
        gone(there, found)
    else:
        assert lying(there.data, found, "reference", "biometric key") == set()
        assert restored.people.get(at.leaver).name == NAME
    there.again()
    assert references(there.store) == {at.stays}
    there.store.close()


def test_replaying_ends_an_erasure_that_the_backup_has_caught_half_way(at: Office) -> None:
    found = belongings(at.store, at.leaver)
    assert erase_person(at.store, at.leaver).waiting == 3
    assert replay(at.store, [("person", at.leaver)]) == 1
    gone(at, found)
    assert open_erasures(at.store.database, at.store.intents) == []
    assert resume(at.store) == 0
    with pytest.raises(ValueError, match="name"):
        replay(at.store, [("name", at.leaver)])


def test_a_face_that_is_erased_while_the_whole_person_waits_is_harmless(at: Office) -> None:
    erase_person(at.store, at.leaver)
    assert erase_face(at.store, at.leaver) is None
    with pytest.raises(Fault):
        at.store.basis.enrol(at.leaver, at.store.basis.consent_of(at.stays), [face(at.leaver, 1)])
