"""Today at the screen: who came, what was claimed, and what was disputed; a human decides, with a reason."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from admin_kit import ALSO_GOOD, acts, another
from correction_kit import Office, office
from pages_kit import Guest, configured
from store_kit import HOUR, dispute

from kiosk.faults import FaultCode
from kiosk.pages.admin.home import Home
from kiosk.pages.admin.today import SHOWN, Today
from kiosk.pages.page import Official
from kiosk.rights import claims, human_review, rectification
from kiosk.rights.claiming import Wanted, claim
from kiosk.rights.claims import Cause
from kiosk.rights.correction import Doubted
from kiosk.store.approval import Role
from wire.event import Action, Amendment, Decision, Method

KNOWN, NOBODY = "E-0417", "E-9999"


@dataclass
class Day:
    """An office, and somebody before the pages."""

    at: Office
    guest: Guest

    def begin(self, role: Role = Role.SUPERVISOR) -> Guest:
        store = self.at.store
        login = {Role.ADMIN: self.at.admin, Role.DPO: self.at.officer}.get(role)
        if login is None:
            login = another(store, self.at.admin, "Yusuf", ALSO_GOOD, role)
        return self.guest.begin(Home(), Official(login, "Yusuf"))

    def claim(self, code: str = KNOWN) -> None:
        claim(self.at.store, Wanted(code, Action.IN, Cause.FACE, "helm"), language="en", site="Lobby")

    def said(self) -> list[Amendment]:
        events = self.at.store.history.events(self.at.person, 0, self.at.store.now_ms() + 1)
        return [each for each in events if isinstance(each, Amendment)]


@pytest.fixture
def day(tmp_path: Path) -> Day:
    at = office(tmp_path / "data" / "state")
    at.hands.move(2 * HOUR)
    return Day(at, Guest(at.store, configured(at.store)))


def viewed(day: Day) -> list[dict[str, str | int]]:
    return [detail for kind, detail in acts(day.at.store) if kind == "viewed"]


def test_a_supervisor_sees_who_came_today_and_nothing_of_yesterday(day: Day) -> None:
    day.at.log(at=day.at.store.now_ms() - 24 * HOUR)
    day.at.log(at=day.at.store.now_ms() - HOUR)
    day.at.log(Action.BREAK_START, method=Method.PIN)
    guest = day.begin().tap("today")
    assert "2 records" in guest.texts
    lines = guest.texts.splitlines()
    at = [number for number, line in enumerate(lines) if "Budi" in line]
    assert "Break starts" in lines[at[0] - 1] + lines[at[0] + 1], "the newest first"
    assert "PIN" in lines[at[0] - 1] + lines[at[0] + 1]
    assert "Budi" not in repr(guest.page)
    assert viewed(day)[-1]["list"] == "today"
    assert viewed(day)[-1]["records"] == 2


def test_what_was_said_about_a_record_stands_beside_it(day: Day) -> None:
    event = day.at.log()
    day.at.store.ledger.append(dispute(day.at.store, event.event_id), day.at.person)
    guest = day.begin().tap("today")
    assert "not me" in guest.texts
    day.at.review(event.event_id, human_review.Annul())
    assert "does not count" in guest.tap("again").texts


@pytest.mark.parametrize("role", [Role.DPO, Role.AUDITOR])
def test_whoever_only_reviews_does_not_see_who_came(day: Day, role: Role) -> None:
    day.at.log()
    guest = day.begin(role).tap("today")
    assert "Budi" not in guest.texts
    assert viewed(day) == []


def test_a_long_day_is_cut_and_says_so(day: Day) -> None:
    for number in range(SHOWN + 2):
        day.at.log(Action.IN if number % 2 else Action.OUT)
    guest = day.begin().tap("today")
    assert isinstance(guest.page, Today)
    assert len(guest.page.records) == SHOWN
    assert "And 2 more" in guest.texts


def test_a_claim_is_accepted_and_the_entry_is_confirmed(day: Day) -> None:
    day.claim()
    guest = day.begin().tap("today")
    assert "1 wait" in guest.texts
    guest.tap("claimed")
    (waits,) = claims.waiting(day.at.store)
    guest.tap(waits.paper_id)
    for shown in ("Budi Santoso", day.at.store.device_id, "The camera does not know me: helm", "no picture"):
        assert shown in guest.texts
    guest.tap("accept", "yes", "done")
    assert guest.sheet.name == "admin.claims"
    assert "Nothing waits" in guest.texts
    (said,) = day.said()
    assert said.decision is Decision.CONFIRMED
    assert claims.waiting(day.at.store) == ()


def test_a_claim_counts_otherwise_or_not_at_all_with_a_reason(day: Day) -> None:
    day.claim()
    day.at.hands.move(HOUR)
    day.claim()
    first, second = claims.waiting(day.at.store)
    guest = day.begin().tap("today", "claimed", first.paper_id, "other", "overtime_start", "done")
    guest.tap(second.paper_id, "refuse").type("   ")
    assert guest.sheet.warn, "a reason is needed"
    assert len(claims.waiting(day.at.store)) == 1
    guest.type("You were on leave that day.").tap("done")
    assert [each.decision for each in day.said()] == [Decision.ACTION, Decision.ANNULLED]


def test_a_claim_under_a_code_that_nobody_has_can_only_be_refused(day: Day) -> None:
    day.claim(NOBODY)
    (waits,) = claims.waiting(day.at.store)
    guest = day.begin().tap("today", "claimed")
    assert "unknown code" in guest.texts
    guest.tap(waits.paper_id)
    assert guest.keys == ["refuse"]
    assert "Add the person first" in guest.texts
    guest.tap("refuse").type("Nobody here has this code.").tap("done")
    assert claims.waiting(day.at.store) == ()


@pytest.mark.parametrize(("key", "decision"), [("confirm", Decision.CONFIRMED), ("annul", Decision.ANNULLED)])
def test_a_disputed_record_is_decided_with_a_reason(day: Day, key: str, decision: Decision) -> None:
    event = day.at.log()
    day.at.store.ledger.append(dispute(day.at.store, event.event_id), day.at.person)
    guest = day.begin().tap("today", "review", event.event_id)
    assert "this was not me" in guest.texts
    guest.tap(key).type("The camera of the corridor shows it.").tap("done")
    assert "Nothing waits" in guest.texts
    (said,) = day.said()
    assert (said.decision, said.refers_to) == (decision, event.event_id)


def test_what_a_person_asks_a_human_for_waits_here_too_however_old(day: Day) -> None:
    event = day.at.log(at=day.at.store.now_ms() - 20 * 24 * HOUR)
    day.at.ask(Doubted(event.event_id))
    guest = day.begin(Role.ADMIN).tap("today", "review", event.event_id, "confirm")
    guest.type("It was as recorded.").tap("done")
    (filed,) = rectification.every(day.at.store)
    assert filed.state == "confirmed"


def test_an_older_dispute_is_found_by_looking_further_back(day: Day) -> None:
    event = day.at.log(at=day.at.store.now_ms() - 20 * 24 * HOUR)
    day.at.store.ledger.append(dispute(day.at.store, event.event_id), day.at.person)
    guest = day.begin().tap("today", "review")
    assert event.event_id not in guest.keys
    assert event.event_id in guest.tap("further").keys


def test_an_auditor_looks_and_decides_nothing(day: Day) -> None:
    event = day.at.log()
    day.at.store.ledger.append(dispute(day.at.store, event.event_id), day.at.person)
    day.claim()
    (waits,) = claims.waiting(day.at.store)
    guest = day.begin(Role.AUDITOR).tap("today", "claimed", waits.paper_id)
    assert guest.keys == []
    guest.back().back().tap("review", event.event_id)
    assert guest.keys == []


@pytest.mark.parametrize("role", [Role.ENROLLER, Role.TECHNICIAN])
def test_other_roles_decide_nothing_by_any_way(day: Day, role: Role) -> None:
    login = another(day.at.store, day.at.admin, "Yusuf", ALSO_GOOD, role)
    event = day.at.log()
    with pytest.raises(Exception, match=FaultCode.DESK_REFUSED.value):
        human_review.decide(day.at.store, event.event_id, human_review.Annul(), "because", day.at.desk(login))


def test_what_waits_is_what_the_command_lists(day: Day) -> None:
    for number in range(5):
        event = day.at.log(at=day.at.store.now_ms() - number * HOUR)
        if number % 2:
            day.at.store.ledger.append(dispute(day.at.store, event.event_id), day.at.person)
    day.claim()
    listed = [each.standing.event.event_id for each in human_review.pending(day.at.store)]
    assert [each.standing.event.event_id for each in human_review.since(day.at.store, 7)] == listed
    assert len(listed) == 3
