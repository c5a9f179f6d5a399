"""Recorded on somebody's word: the same answer for every code, an entry only for a known one, and a human decides."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from correction_kit import office
from store_kit import HOUR

from kiosk.faults import Fault, FaultCode
from kiosk.rights import claims, human_review, rectification
from kiosk.rights.claiming import CODE_WAITS_S, Answer, Taken, TooSoon, Wanted, claim
from kiosk.rights.claims import Accepted, Cause, Claim, Otherwise, Refused
from kiosk.rights.correction import Outcome
from kiosk.store import erasure, outbox, papers
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.attempts import DEVICE_WAITS_S
from kiosk.store.papers import PaperKind
from wire.event import Action, Amendment, CheckIn, Decision, Method

KNOWN, NOBODY = "E-0417", "E-9999"


@dataclass
class Door:
    """An office at nine, and who claims there."""

    def __init__(self, state: Path) -> None:
        self.at = office(state)
        self.store, self.person = self.at.store, self.at.person
        self.at.hands.move(HOUR)

    def claim(self, code: str = KNOWN, action: Action = Action.IN, note: str = "", language: str = "en") -> Answer:
        wanted = Wanted(code, action, Cause.FACE, note)
        return claim(self.store, wanted, language=language, site="Lobby")

    def waits(self) -> Claim:
        (found,) = claims.waiting(self.store)
        return found

    def events(self, person: str = "") -> list[object]:
        return list(self.store.history.events(person or self.person, 0, self.store.now_ms() + 1))


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path / "data" / "state")


def test_a_known_person_is_recorded_on_their_word_and_it_counts(door: Door) -> None:
    assert door.claim(note="  Tadi pakai  helm ") == Taken(door.store.now_ms())
    (event,) = door.events()
    assert isinstance(event, CheckIn)
    assert (event.method, event.action, event.person, event.site) == (Method.CLAIMED, Action.IN, KNOWN, "Lobby")
    assert door.store.history.last_action(door.person, door.store.now_ms()) == (Action.IN, event.occurred_at)
    found = door.waits()
    assert (found.person, found.event_id, found.device) == (door.person, event.event_id, door.store.device_id)
    assert found.reason == "The camera does not know me: Tadi pakai helm"
    assert claims.waiting(door.store, "nl")[0].reason == "De camera herkent mij niet: Tadi pakai helm"
    (pending,) = human_review.pending(door.store)
    assert pending.standing.event == event


def test_an_unknown_code_gets_the_same_answer_and_makes_no_entry(door: Door) -> None:
    before = outbox.undelivered(door.store)
    assert door.claim(NOBODY) == door.claim(KNOWN) == Taken(door.store.now_ms())
    assert outbox.undelivered(door.store) == before + 1, "only the known one is for headquarters"
    first, second = claims.waiting(door.store)
    assert (first.person, first.event_id, first.code) == ("", "", NOBODY)
    assert (second.person, second.code) == (door.person, "")
    assert NOBODY not in repr(first)


def test_whoever_may_not_use_the_door_gets_the_same_answer_and_no_entry(door: Door) -> None:
    with door.store.database.write():
        door.store.database.run("UPDATE people SET state = 'suspended' WHERE id = ?", door.person)
    assert door.claim() == Taken(door.store.now_ms())
    assert door.events() == []
    found = door.waits()
    assert (found.person, found.event_id, found.code) == (door.person, "", KNOWN)


@pytest.mark.parametrize("code", [KNOWN, NOBODY])
def test_claims_under_one_code_wait_the_same_for_a_known_and_an_unknown_one(door: Door, code: str) -> None:
    assert isinstance(door.claim(code), Taken)
    for waits in CODE_WAITS_S[1:]:
        assert door.claim(code) == TooSoon(waits)
        door.at.hands.move(waits * 1000)
        assert isinstance(door.claim(code), Taken)
    door.at.hands.restart()
    assert door.claim(code) == TooSoon(CODE_WAITS_S[-1] - 10), "a restart does not shorten it"


def test_the_device_waits_after_many_claims_under_many_codes(door: Door) -> None:
    free = sum(1 for wait in DEVICE_WAITS_S if not wait)
    answers = [door.claim(f"X-{number}") for number in range(free + 1)]
    assert all(isinstance(each, Taken) for each in answers[:free])
    assert answers[free] == TooSoon(2)


@pytest.mark.parametrize(("code", "note"), [("", ""), ("   ", ""), ("x" * 65, ""), ("a\0b", ""), (KNOWN, "x" * 65)])
def test_what_is_no_code_or_too_long_is_refused_and_leaves_nothing(door: Door, code: str, note: str) -> None:
    with pytest.raises(Fault) as fault:
        door.claim(code, note=note)
    assert fault.value.code in {FaultCode.PERSON_INVALID, FaultCode.REQUEST_REFUSED}
    assert claims.waiting(door.store) == ()
    assert door.events() == []


def test_a_human_accepts_and_the_entry_is_confirmed(door: Door) -> None:
    door.claim()
    claims.decide(door.store, door.waits().paper_id, Accepted(), door.at.admin)
    (event, amended) = door.events()
    assert isinstance(amended, Amendment)
    assert isinstance(event, CheckIn)
    assert (amended.decision, amended.refers_to) == (Decision.CONFIRMED, event.event_id)
    assert claims.waiting(door.store) == ()
    assert human_review.pending(door.store) == ()
    (matter,) = rectification.every(door.store)
    assert matter.state == Outcome.CONFIRMED


def test_a_human_refuses_with_a_reason_and_the_entry_counts_no_more(door: Door) -> None:
    door.claim()
    paper = door.waits().paper_id
    with pytest.raises(Fault, match="reason"):
        claims.decide(door.store, paper, Refused(" "), door.at.admin)
    claims.decide(door.store, paper, Refused("Bukan Anda."), door.at.officer)
    assert door.store.history.last_action(door.person, door.store.now_ms()) is None
    (matter,) = rectification.every(door.store)
    assert matter.matter is not None
    assert matter.matter.ruling is not None
    assert (matter.state, matter.matter.ruling.reason) == (Outcome.ANNULLED, "Bukan Anda.")


def test_a_human_lets_it_count_as_another_action(door: Door) -> None:
    door.claim(action=Action.IN)
    at = door.store.now_ms()
    claims.decide(door.store, door.waits().paper_id, Otherwise(Action.BREAK_END), door.at.admin)
    assert door.store.history.last_action(door.person, at) == (Action.BREAK_END, at)
    assert papers.find(door.store, PaperKind.CLAIM)[0].state == "adjusted"


def test_a_code_that_somebody_got_later_is_added_when_a_human_accepts(door: Door) -> None:
    door.claim(NOBODY)
    at, paper = door.store.now_ms(), door.waits().paper_id
    with pytest.raises(Fault, match="nobody here has this code") as fault:
        claims.decide(door.store, paper, Accepted(), door.at.admin)
    assert fault.value.code is FaultCode.REQUEST_REFUSED
    new = door.store.people.add(NOBODY, "Rina Baru")
    door.at.hands.move(HOUR)
    claims.decide(door.store, paper, Accepted(), door.at.admin)
    (amended,) = door.events(new)
    assert isinstance(amended, Amendment)
    assert (amended.decision, amended.occurred_at, amended.action) == (Decision.ADDED, at, Action.IN)
    assert claims.waiting(door.store) == ()


def test_an_unknown_code_that_is_refused_leaves_no_entry_at_all(door: Door) -> None:
    door.claim(NOBODY)
    before = outbox.undelivered(door.store)
    claims.decide(door.store, door.waits().paper_id, Refused("Kode ini tidak ada."), door.at.admin)
    assert outbox.undelivered(door.store) == before
    assert claims.waiting(door.store) == ()


def test_nobody_decides_twice_nor_without_answering_for_it(door: Door) -> None:
    door.claim()
    paper = door.waits().paper_id
    with pytest.raises(Fault) as fault:
        claims.decide(door.store, paper, Accepted(), LoggedIn("00ff", Role.TECHNICIAN, must_change=False))
    assert fault.value.code is FaultCode.DESK_REFUSED
    claims.decide(door.store, paper, Accepted(), door.at.admin)
    for again in (Accepted(), Refused("x"), Otherwise(Action.OUT)):
        with pytest.raises(Fault, match="decided"):
            claims.decide(door.store, paper, again, door.at.admin)


def test_what_the_desk_decided_by_the_entry_waits_no_more(door: Door) -> None:
    door.claim()
    door.at.review(door.waits().event_id, human_review.Confirm())
    assert claims.waiting(door.store) == ()


def test_of_an_erased_person_no_claim_and_no_count_is_left(tmp_path: Path, door: Door) -> None:
    door.claim(note="rahasia saya")
    with door.store.database.write():
        door.store.accounts.forget_attempts(door.person)
    assert isinstance(door.claim(), Taken), "what was counted under the code is forgotten"
    erasure.erase_person(door.store, door.person, hand_over=tmp_path / "last.json")
    assert claims.waiting(door.store) == ()
    assert all(each.content is None for each in papers.find(door.store, PaperKind.CLAIM))
