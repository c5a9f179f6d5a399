"""What headquarters tells is believed once form, device, signature, number and version are right, and never else."""

from dataclasses import replace
from pathlib import Path

import pytest
from roster_kit import HQ, OTHER, SIGNED, UNSIGNED, Door, changes, door, entry, people, whole
from store_kit import Hands

from kiosk.config import Config, Delivery, Headquarters, load
from kiosk.faults import Fault, FaultCode
from kiosk.store import inbox, marks, roster, told
from kiosk.store.inbox import Believed
from sync.exchange import Message as Posted
from wire import canonical, message
from wire.message import Announcement, Departure, Message, Parting, Policy, Shift, Sibling, Trip, Trust

SHIFT = Shift("day", "Pagi", 480, 1020, "Jakarta")
DEPARTURE = Departure("HR-EMP-00001", "E-1", Parting.ERASED, "door-2")


@pytest.fixture
def at(tmp_path: Path) -> Door:
    found = door(tmp_path)
    found.live(whole(5, *people(1, 2, 3, 4, 5)))
    return found


def everything(at: Door) -> list[list[tuple[object, ...]]]:
    tables = ("people", "told", "roster_entries", "faces", "bases", "accounts")
    return [at.store.database.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]  # noqa: S608


def signed(at: Door, content: message.Content, number: int = 50) -> Message:
    return message.sign(Message(at.store.device_id, number, at.store.now_ms(), content), HQ)


def hostile(at: Door) -> dict[str, tuple[bytes, tuple[str, str]]]:
    good = signed(at, changes(6, entry(9)))
    value = message.to_json(good)
    assert isinstance(value["body"], dict)
    other_device = replace(good, device="door-9")
    return {
        "no message": (b"\x00\xff", ("unknown", "form")),
        "nothing": (b"", ("unknown", "form")),
        "a deep one": (b"[" * 200_000, ("unknown", "form")),
        "another kind": (canonical.encode({**value, "kind": "command"}), ("unknown", "form")),
        "a field more": (canonical.encode({**value, "order": "erase"}), ("unknown", "form")),
        "not signed": (message.encode(replace(good, signature=b"")), ("roster", "unsigned")),
        "numbered nought": (message.encode(message.sign(replace(good, number=0), HQ)), ("roster", "unsigned")),
        "signed by another": (message.encode(message.sign(good, OTHER)), ("roster", "bad_signature")),
        "altered": (message.encode(replace(good, content=changes(6, entry(10)))), ("roster", "bad_signature")),
        "of another device": (message.encode(message.sign(other_device, HQ)), ("roster", "other_device")),
        "of an older version": (message.encode(signed(at, whole(4, *people(1)))), ("roster", "old_version")),
        "of the same version": (message.encode(signed(at, whole(5, *people(1)))), ("roster", "old_version")),
    }


NAMES = (
    "no message", "nothing", "a deep one", "another kind", "a field more", "not signed", "numbered nought",
    "signed by another", "altered", "of another device", "of an older version",
    "of the same version",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_message_that_is_not_right_changes_nothing_and_is_told(at: Door, name: str) -> None:
    cases = hostile(at)
    assert set(cases) == set(NAMES)
    before = everything(at)
    body, why = cases[name]
    at.number = 60
    at.put(body)
    at.collect()
    assert everything(at) == before
    assert at.refused() == {why: 1}
    acts = [act for _, act in at.store.ledger.local_acts("2026-11")]
    assert acts[-1]["kind"] == "message_refused"
    at.live(changes(7, entry(9)))
    assert "E-9" in at.here(), "the next one is read all the same"


def spoiled(at: Door, **change: object) -> bytes:
    """A roster of one part whose fields are not as they must be, signed all the same."""
    value = message.to_json(Message(at.store.device_id, 50, at.store.now_ms(), changes(6, entry(9))))
    body = {**dict(value["body"]), **change}  # type: ignore[arg-type]
    unsigned = {name: given for name, given in {**value, "body": body}.items() if name != "sig"}
    signature = HQ.sign(message.DOMAIN + canonical.encode(unsigned)).hex()  # type: ignore[arg-type]
    return canonical.encode({**unsigned, "sig": signature})  # type: ignore[dict-item]


def raw(**change: object) -> dict[str, object]:
    found = {"ref": "R", "code": "C", "name": "N", "standing": "active", "language": "", "shift": ""}
    return {**found, **change}


PLANTED = ("religion", "marital_status", "blood_group", "gender", "salary", "date_of_birth", "photo", "embedding")


@pytest.mark.parametrize("field", PLANTED)
def test_what_is_not_on_the_closed_list_is_refused_and_nowhere_stored(at: Door, field: str) -> None:
    at.put(spoiled(at, people=[raw(**{field: "Katolik-7731"})]))
    at.collect()
    assert at.refused() == {("unknown", "form"): 1}
    assert set(at.known()) == {"E-1", "E-2", "E-3", "E-4", "E-5"}
    at.store.close()
    for path in (at.data / "state").rglob("*"):
        assert path.is_dir() or b"Katolik-7731" not in path.read_bytes(), path.name


def test_a_signed_message_whose_number_was_taken_is_passed_over_in_silence(at: Door) -> None:
    before = everything(at)
    at.put(message.encode(signed(at, changes(6, entry(9)), 1)))
    at.collect()
    assert (everything(at), at.refused()) == (before, {})


TWICE = {
    "a reference twice": [raw(), raw(code="D")],
    "a code twice": [raw(), raw(ref="S")],
    "too many": [raw(ref=f"R{number}", code=f"C{number}") for number in range(1_601)],
    "no code": [raw(code="")],
    "a code that hides": [raw(code="E-1\u202e")],
    "a standing that is on no list": [raw(standing="fired")],
}


@pytest.mark.parametrize("name", TWICE)
def test_a_part_that_contradicts_itself_is_refused(at: Door, name: str) -> None:
    before = everything(at)
    at.put(spoiled(at, people=TWICE[name]))
    at.collect()
    assert (everything(at), at.refused()) == (before, {("unknown", "form"): 1})


@pytest.mark.parametrize("twice", ["reference", "code"])
def test_somebody_twice_in_different_parts_spoils_the_whole_roster(at: Door, twice: str) -> None:
    before = everything(at)
    again = entry(6, code="E-99") if twice == "reference" else entry(7, code="E-6")
    at.live(whole(6, *people(1, 2, 3, 4, 5, 6), parts=2), whole(6, again, part=2, parts=2))
    assert everything(at) == before
    assert at.refused() == {("roster", "twice"): 1}
    assert at.last().state == "refused"


def test_parts_that_do_not_belong_together_are_refused(at: Door) -> None:
    before = everything(at)[0]
    at.live(whole(6, *people(1), parts=3), replace(whole(6, *people(2), part=2, parts=3), parts=4))
    at.live(replace(whole(6, *people(2), part=2, parts=3), full=False))
    assert everything(at)[0] == before
    assert at.refused() == {("roster", "parts_differ"): 2}


def test_a_part_that_comes_again_is_harmless_and_a_roster_that_is_never_whole_is_overtaken(at: Door) -> None:
    at.live(whole(6, *people(1, 9), parts=2), whole(6, *people(1, 9), parts=2))
    assert at.last().people == 2
    at.live(whole(7, *people(1, 2, 3, 4, 5, 8)))
    assert at.here() == {"E-1", "E-2", "E-3", "E-4", "E-5", "E-8"}
    assert at.store.database.rows("SELECT * FROM roster_entries") == []
    assert [kept.state for kept in roster.rosters(at.store)][:2] == ["applied", "overtaken"]
    at.live(whole(6, *people(2), part=2, parts=2))
    assert at.refused() == {("roster", "old_version"): 1}


def test_a_roster_of_more_people_than_one_door_can_have_is_refused(at: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "MOST_PEOPLE", 8)
    before = everything(at)
    at.live(whole(6, *people(1, 2, 3, 4, 5), parts=2), whole(6, *people(6, 7, 8, 9), part=2, parts=2))
    assert everything(at) == before
    assert at.refused() == {("roster", "too_many"): 1}


def test_reading_again_after_a_restart_or_in_a_new_exchange_is_harmless(at: Door) -> None:
    at.live(Policy(1, (SHIFT,)), whole(6, *people(1, 2, 3, 4, 6)))
    at.live()
    before = everything(at)
    at.read_to = None
    at.live()
    assert (everything(at), at.refused()) == (before, {})
    kept = [found.body for found in _inbox(at)]
    (at.data / "exchange" / "exchange.db").unlink()
    at.read_to = None
    for body in kept[:2]:
        at.put(body)
    at.live()
    assert (everything(at), at.refused()) == (before, {}), "what was read before is no finding"
    at.live(changes(8, entry(7)))
    assert "E-7" in at.here(), "and what is new there is taken"


def _inbox(at: Door) -> tuple[Posted, ...]:
    with at.exchange() as exchange:
        return exchange.inbox(0)


def test_a_message_is_taken_up_where_it_was_left_when_the_program_was_cut_off(at: Door) -> None:
    at.post(changes(6, entry(6)))
    at.post(changes(7, entry(7)))
    assert at.read_to == 1
    at.read_to = None
    at.live()
    assert {"E-6", "E-7"} <= at.here()
    assert marks.mark(at.store.database, marks.INBOX) == 3


def test_a_backend_that_cannot_sign_says_who_works_here_and_when_and_nothing_else(tmp_path: Path) -> None:
    at = door(tmp_path, UNSIGNED)
    at.live(whole(1, *people(1, 2)), Policy(1, (SHIFT,)))
    assert at.here() == {"E-1", "E-2"}
    before = everything(at)
    others = (
        DEPARTURE,
        Sibling("door-2", "ab" * 32, Trust.TRUSTED),
        Announcement("a", 0, 1, "x", "y", "z"),
        Trip("ab" * 8, approved=True, reference="R"),
    )
    at.live(*others)
    assert everything(at) == before
    assert at.refused() == {
        (kind, "not_from_this_backend"): 1 for kind in ("departure", "sibling", "announcement", "trip")
    }
    at.live(whole(1, *people(1)))
    assert at.refused()["roster", "old_version"] == 1
    at.post(whole(2, *people(1, 2, 3)), number=9)
    at.put(message.encode(signed(at, whole(3, *people(1)))))
    at.live()
    assert at.refused()["roster", "bad_signature"] == 2
    assert at.here() == {"E-1", "E-2"}


CONFIGURED = {
    "a new device believes nobody": (Headquarters(), "hq", Believed((), unsigned=False)),
    "headquarters has to sign": (Headquarters("ambang-hq/main", HQ.public.hex()), "hq", SIGNED),
    "Frappe cannot": (Headquarters(), "frappe", UNSIGNED),
    "a key counts more than the backend": (Headquarters("ambang-hq/main", HQ.public.hex()), "odoo", SIGNED),
}


@pytest.mark.parametrize("name", CONFIGURED)
def test_whose_word_counts_is_configured(name: str, tmp_path: Path) -> None:
    headquarters, backend, expected = CONFIGURED[name]
    config = Config(data=tmp_path, headquarters=headquarters, delivery=Delivery(backend))
    assert inbox.believed(config) == expected
    if name == "a new device believes nobody":
        at = door(tmp_path, expected)
        at.live(whole(1, *people(1)))
        assert (at.known(), at.refused()) == ({}, {("roster", "not_believed"): 1})


def test_an_unknown_backend_is_refused_in_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text('[delivery]\nbackend = "sap"\n')
    with pytest.raises(Fault) as fault:
        load(file)
    assert fault.value.code is FaultCode.CONFIG_INVALID


def test_a_policy_replaces_the_one_before_and_an_older_one_is_refused(at: Door) -> None:
    at.live(Policy(2, (SHIFT, Shift("night", "Malam", 1320, 360))))
    at.live(Policy(3, (SHIFT,)), Policy(2, ()))
    assert told.every(at.store, Shift) == (SHIFT,)
    assert at.refused() == {("policy", "old_version"): 1}


def test_announcements_trips_and_siblings_are_kept_and_taken_back(tmp_path: Path) -> None:
    clock = Hands()
    at = door(tmp_path, clock=clock)
    now = clock.wall_ms
    old, new = (
        Announcement("a", now, now + 1_000, "Rapat", "Meeting", "Vergadering"),
        Announcement("b", now, now + 9_000, "Libur", "Holiday", "Vrij"),
    )
    trip = Trip("ab" * 8, approved=True, reference="HR-ATT-7")
    sibling = Sibling("door-2", "ab" * 32, Trust.TRUSTED)
    at.live(old, new, trip, sibling)
    assert told.every(at.store, Announcement) == (old, new)
    assert (told.one(at.store, Trip, "ab" * 8), told.one(at.store, Sibling, "door-2")) == (trip, sibling)
    at.live(replace(sibling, trust=Trust.REVOKED), replace(trip, approved=False))
    assert told.one(at.store, Sibling, "door-2") == replace(sibling, trust=Trust.REVOKED)
    assert told.one(at.store, Trip, "ab" * 8) == replace(trip, approved=False)
    clock.move(2_000)
    at.live(Announcement("c", 0, 0, "", "", ""))
    assert told.every(at.store, Announcement) == (new,), "what is over goes"
    at.live(Announcement("b", 0, 0, "", "", ""))
    assert told.every(at.store, Announcement) == ()


def test_nothing_that_was_told_lies_open_in_a_file(at: Door) -> None:
    now = at.store.now_ms()
    at.live(
        Announcement("a", now, now + 9_000, "Ulang tahun Wijayakusuma", "", ""),
        Policy(1, (Shift("day", "Pagi Wijayakusuma", 480, 1020),)),
        whole(6, entry(1, name="Wijayakusuma")),
    )
    assert at.last().state == "held"
    at.store.close()
    found = {path.name: path.read_bytes() for path in (at.data / "state").iterdir() if path.is_file()}
    assert len(found) >= 3
    for word in ("Wijayakusuma", "HR-EMP-00001", "E-1"):
        assert [name for name, content in found.items() if word.encode() in content and word != "E-1"] == []


def test_a_hostile_exchange_cannot_fill_the_store_with_refusals(at: Door) -> None:
    with at.exchange() as exchange:
        for number in range(40):
            exchange.inbox_add("message", b"%d" % number)
    before = at.store.ledger.size()
    at.collect()
    assert at.refused() == {("unknown", "form"): 40}
    assert at.store.ledger.size() == before + 1


def test_a_damaged_item_is_set_aside_and_the_others_are_there(at: Door) -> None:
    at.live(Policy(1, (SHIFT, replace(SHIFT, id="night"))))
    with at.store.database.write():
        at.store.database.run("UPDATE told SET sealed = zeroblob(100) WHERE rowid = 1")
    assert len(told.every(at.store, Shift)) == 1
    assert [each.place for each in at.store.quarantine.all()] == ["told"]
