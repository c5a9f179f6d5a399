"""More than a fifth of the people leave only with an administrator's yes; until then nothing is changed."""

import io
import json
from pathlib import Path

import pytest
from roster_kit import Door, changes, door, entry, people, whole
from store_kit import CHEAP, PIN, Hands

from kiosk.__main__ import main
from kiosk.faults import Fault, FaultCode
from kiosk.store import roster, roster_held
from kiosk.store.account_acts import begin, first_start_code
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.roster_guard import Loss, Why, objection
from wire.message import Departure, Parting, Standing

ADMIN = LoggedIn("a" * 16, Role.ADMIN, must_change=False)
DAY = 86_400_000


@pytest.fixture
def at(tmp_path: Path) -> Door:
    found = door(tmp_path)
    found.live(whole(1, *people(*range(1, 11))))
    return found


def state(at: Door) -> list[tuple[object, ...]]:
    return at.store.database.rows("SELECT id, state, profile, row_version, external_index FROM people ORDER BY id")


LOSSES = {
    "nobody": (Loss(10, 0), None),
    "nobody where nobody is": (Loss(0, 0), None),
    "a fifth": (Loss(10, 2), None),
    "more than a fifth": (Loss(10, 3), Why.MORE_THAN_A_FIFTH),
    "one of four": (Loss(4, 1), None),
    "two of four": (Loss(4, 2), Why.MORE_THAN_A_FIFTH),
    "the last": (Loss(1, 1), Why.EVERYONE),
    "everybody": (Loss(10_000, 10_000), Why.EVERYONE),
    "a fifth of ten thousand": (Loss(10_000, 2_000), None),
    "one more": (Loss(10_000, 2_001), Why.MORE_THAN_A_FIFTH),
    "slices within a day": (Loss(16, 3, 4), Why.MORE_THAN_A_FIFTH_IN_A_DAY),
    "few within a day": (Loss(4, 1, 3), None),
    "nobody after many": (Loss(10, 0, 9), None),
}


@pytest.mark.parametrize(("loss", "why"), LOSSES.values(), ids=LOSSES)
def test_one_may_leave_and_a_fifth_and_everybody_never_without_a_yes(loss: Loss, why: Why | None) -> None:
    assert objection(loss) is why


REMOVES = {
    "everybody": whole(2),
    "everybody by name": changes(2, *(entry(number, Standing.LEFT) for number in range(1, 11))),
    "more than a fifth by absence": whole(2, *people(*range(1, 8))),
    "more than a fifth by name": changes(2, *(entry(number, Standing.LEFT) for number in (1, 2, 3))),
    "some by name and some by absence": whole(2, *people(*range(1, 9)), entry(9, Standing.LEFT)),
}


@pytest.mark.parametrize("removes", REMOVES)
def test_a_roster_that_removes_many_changes_nothing_and_an_administrator_is_asked(at: Door, removes: str) -> None:
    before, faces = state(at), at.store.gallery_version()[:2]
    if removes == "some by name and some by absence":
        at.live(changes(2, entry(11)))  # eleven people: two of them may go
        before = state(at)
        at.live(whole(3, *people(*range(1, 9)), entry(9, Standing.LEFT)))
    else:
        at.live(REMOVES[removes])
    assert state(at) == before
    assert at.store.gallery_version()[:2] == faces
    kept = at.last()
    assert (kept.state, kept.removed >= 3) == ("held", True)
    acts = [act["kind"] for _, act in at.store.ledger.local_acts("2026-11")]
    assert acts[-1] == "roster_held"


def test_with_a_yes_they_are_out_and_erased(at: Door) -> None:
    at.live(whole(2, *people(*range(1, 6)), entry(12)))
    assert roster_held.accept(at.store, ADMIN) == (5, 0)
    assert at.here() == {f"E-{number}" for number in range(1, 6)}
    at.live()
    assert set(at.known()) == {*(f"E-{number}" for number in range(1, 6)), "E-12"}
    assert (at.last().state, at.last().decided_by) == ("applied", ADMIN.account)
    at.live(whole(3, *people(*range(1, 6)), entry(12)))
    assert roster.lately(at.store) == 0, "what an administrator has agreed to is not counted against the next one"


def test_with_a_no_it_is_forgotten_and_the_next_one_is_judged_anew(at: Door) -> None:
    before = state(at)
    at.live(whole(2, *people(1)))
    roster_held.refuse(at.store, ADMIN)
    assert (state(at), at.last().state) == (before, "refused")
    assert at.store.database.rows("SELECT * FROM roster_entries") == []
    at.live(whole(3, *people(1)))
    assert at.last().state == "held"


def test_a_backend_that_counts_anew_is_taken_again_once_an_administrator_says_so(at: Door) -> None:
    before = state(at)
    at.live(whole(2**53 - 1, *people(*range(1, 11))))
    at.live(whole(3, *people(*range(1, 12))))
    assert (state(at), at.refused()) == (before, {("roster", "old_version"): 1})
    roster_held.restart(at.store, ADMIN)
    at.live(whole(1, *people(*range(1, 12))))
    assert "E-11" in at.here()
    assert [kept.version for kept in roster.rosters(at.store)] == [1]


@pytest.mark.parametrize("role", [Role.DPO, Role.TECHNICIAN, Role.AUDITOR])
def test_nobody_but_an_administrator_decides(at: Door, role: Role) -> None:
    at.live(whole(2))
    for act in (roster_held.accept, roster_held.refuse, roster_held.restart):
        with pytest.raises(Fault) as fault:
            act(at.store, LoggedIn("b" * 16, role, must_change=False))
        assert fault.value.code is FaultCode.APPROVAL_MISSING
    assert at.last().state == "held"


def versions(at: Door) -> list[tuple[int, str]]:
    return [(kept.version, kept.state) for kept in roster.rosters(at.store)]


def test_a_newer_full_roster_overtakes_what_is_held(at: Door) -> None:
    at.live(whole(2, *people(1)), whole(3, *people(*range(1, 11)), entry(20)))
    assert versions(at)[:2] == [(3, "applied"), (2, "overtaken")]
    assert roster_held.held(at.store) == []
    assert "E-20" in at.here()


def test_changes_count_while_a_roster_is_held_and_a_later_yes_does_not_undo_them(at: Door) -> None:
    at.live(whole(2, entry(1, name="Alt"), *people(2, 3)))
    at.live(changes(3, entry(1, name="Neu"), entry(4, name="Bleibt"), entry(20), entry(10, Standing.LEFT)))
    assert versions(at)[:2] == [(3, "applied"), (2, "held")]
    assert {"E-4", "E-20"} <= at.here()
    assert "E-10" not in at.here()
    assert roster_held.accept(at.store, ADMIN) == (5, 0)
    at.live()
    assert {code: person.name for code, person in at.known().items() if code in {"E-1", "E-4"}} == {
        "E-1": "Neu",
        "E-4": "Bleibt",
    }
    assert set(at.known()) == {"E-1", "E-2", "E-3", "E-4", "E-20"}


def test_several_that_are_held_count_in_their_order(at: Door) -> None:
    gone = [entry(number, Standing.LEFT) for number in (1, 2, 3)]
    at.live(changes(2, *gone, entry(9, name="Alt")), changes(3, *(entry(n, Standing.LEFT) for n in (4, 5, 6))))
    at.live(changes(4, *gone, entry(9, name="Neu"), entry(20)))
    assert [kept.version for kept in roster_held.held(at.store)] == [2, 3, 4]
    assert roster_held.accept(at.store, ADMIN) == (6, 0)
    at.live()
    assert set(at.known()) == {"E-7", "E-8", "E-9", "E-10", "E-20"}
    assert at.known()["E-9"].name == "Neu"
    assert at.store.database.rows("SELECT * FROM roster_entries") == []


def test_no_more_than_some_are_held(at: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "MOST_HELD", 2)
    for version in (2, 3, 4):
        at.live(changes(version, *(entry(number, Standing.LEFT) for number in (1, 2, 3))))
    assert versions(at)[:3] == [(4, "held"), (3, "overtaken"), (2, "overtaken")]


def test_many_small_rosters_within_a_day_count_like_one(tmp_path: Path) -> None:
    clock = Hands()
    at = door(tmp_path, clock=clock)
    at.live(whole(1, *people(*range(1, 21))))
    at.live(whole(2, *people(*range(4, 21))))
    assert len(at.here()) == 17
    at.live(whole(3, *people(*range(7, 21))))
    assert (at.last().state, at.last().reason) == ("held", "more_than_a_fifth_in_a_day")
    clock.move(DAY + 1)
    at.live(whole(4, *people(*range(7, 21))))
    assert len(at.here()) == 14


def _swollen(at: Door) -> None:
    """Ten people who are enrolled, and ninety names that headquarters has brought after them."""
    for number in range(1, 11):
        at.store.people.set_pin(at.known()[f"E-{number}"].id, PIN)
    at.live(changes(2, *people(*range(101, 191))))


def test_names_that_were_brought_before_do_not_let_those_go_who_are_enrolled(at: Door) -> None:
    _swollen(at)
    at.live(whole(3, *people(*range(101, 191))))
    assert (at.last().state, at.last().reason) == ("held", "more_than_a_fifth")
    assert {f"E-{number}" for number in range(1, 11)} <= at.here()


def test_nor_do_they_one_by_one(at: Door) -> None:
    _swollen(at)
    for number in range(1, 6):
        at.live(changes(2 + number, entry(number, Standing.LEFT)))
    assert (at.last().state, at.last().reason) == ("held", "more_than_a_fifth_in_a_day")
    for number in range(5, 11):
        at.live(Departure(f"HR-EMP-{number:05d}", f"E-{number}", Parting.ERASED, "door-2"))
    assert {f"E-{number}" for number in range(5, 11)} <= at.here()


def test_erasures_from_siblings_are_held_once_they_are_many(at: Door) -> None:
    for number in range(1, 11):
        at.live(Departure(f"HR-EMP-{number:05d}", f"E-{number}", Parting.ERASED, "door-2"))
    assert at.here() == {f"E-{number}" for number in range(5, 11)}
    assert roster_held.accept(at.store, ADMIN) == (0, 6)
    assert at.here() == set()


def ask(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, data: Path, *words: str
) -> tuple[int, str]:
    monkeypatch.setattr("sys.stdin", io.StringIO("Tepi jalan berdebu 7\n"))
    code = main(["people", "roster", *words, "--data", str(data)])
    out = capsys.readouterr()
    return code, out.out + out.err


def test_the_commands_show_what_is_held_and_let_an_administrator_decide(
    at: Door, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at.store.admins.cost = CHEAP
    begin(at.store, first_start_code(at.store), "Sari", "Tepi jalan berdebu 7")
    at.live(whole(2, *people(1, 2)))
    at.put(b"{}")
    at.collect()
    at.store.close()
    code, said = ask(capsys, monkeypatch, at.data, "show")
    assert code == 0
    assert "HELD: roster 2 waits for an administrator: it would remove more than a fifth of the people." in said
    assert "It would remove 8 of 10 people." in said
    assert "Refused: unknown, form: 1 times" in said
    assert main(["store", "stats", "--data", str(at.data)]) == 0
    assert "1 messages refused; WAITS FOR AN ADMINISTRATOR: kiosk people roster show" in capsys.readouterr().out
    code, said = ask(capsys, monkeypatch, at.data, "accept", "--by", "Nobody")
    assert code == 2
    code, said = ask(capsys, monkeypatch, at.data, "accept", "--by", "Sari", "--json")
    assert (code, json.loads(said)) == (0, {"removed": 8, "departures": 0})
    code, said = ask(capsys, monkeypatch, at.data, "accept", "--by", "Sari")
    assert (code, said) == (1, "Nothing waits for an administrator.\n")
    assert main(["people", "list", "--data", str(at.data)]) == 0
    said = capsys.readouterr().out
    assert "8 who have left are not shown" in said
    assert said.count("not yet informed") == 2
    assert main(["people", "list", "--json", "--data", str(at.data)]) == 0
    (first, *_) = json.loads(capsys.readouterr().out)["people"]
    assert (first["source"], first["version"], first["told"]) == ("roster", 1, "2026-11-16T01:00:00.000Z")
