"""Policy E14: wrong and missing entries are corrected by a human, and person and recipients are told."""

from pathlib import Path
from typing import Any

import pytest
from correction_kit import COMPANY, Office, office
from store_kit import HOUR, MORNING, check_in

from kiosk.faults import Fault, FaultCode
from kiosk.rights import (
    amending,
    correction,
    correction_letters,
    human_review,
    own_acts,
    plain_text,
    recipients_of_corrections,
    rectification,
    remedies,
    request_acts,
)
from kiosk.rights.company import Authority, Company, Recipient
from kiosk.rights.correction import Doubted, Field, Matter, Missing, Outcome, ProfileWrong, Ruling, Subject, Wrong
from kiosk.rights.correction_letters import Letterhead
from kiosk.rights.rectification import Accept, Adjust, Refuse
from kiosk.rights.requests import ByPin, RefusalGround, Refused
from kiosk.store import papers
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.erasure import erase_person
from kiosk.store.papers import PaperKind
from wire.errors import FormatError
from wire.event import Action, Decision, uuid7

EVENT = uuid7(MORNING, bytes(10))


@pytest.fixture
def at(tmp_path: Path) -> Office:
    made = office(tmp_path / "state")
    made.hands.move(9 * HOUR)
    return made


def refused(act: object, code: FaultCode = FaultCode.REQUEST_REFUSED) -> str:
    assert callable(act)
    with pytest.raises(Fault) as fault:
        act()
    assert fault.value.code is code
    return fault.value.detail


# codec


@pytest.mark.parametrize(
    "matter",
    [
        Matter(Wrong(EVENT, Action.OUT, None), "", 1),
        Matter(Wrong(EVENT, None, MORNING), "salah", 1, "0123456789abcdef"),
        Matter(Missing(Action.IN, MORNING), "lupa", 1),
        Matter(ProfileWrong(Field.NAME, "Budi Sentosa"), "", 1),
        Matter(Doubted(EVENT), "bukan saya", 1, "", Ruling(Outcome.ANNULLED, None, None, "x", "0" * 16, 2, (EVENT,))),
        Matter(
            Wrong(EVENT, None, 0), "", 1, "", Ruling(Outcome.ADJUSTED, Action.IN, 0, "y", "", 2, (), told=True), "z"
        ),
    ],
)
def test_a_matter_comes_back_from_its_paper_as_it_was(matter: Matter) -> None:
    assert correction.decode(correction.encode(matter)) == matter


def test_a_paper_with_anything_else_on_it_is_refused() -> None:
    content: dict[str, Any] = {**correction.encode(Matter(Missing(Action.IN, MORNING), "", 1))}
    for wrong in (
        {**content, "score": 1},
        {**content, "subject": {"kind": "other"}},
        {**content, "subject": {"kind": "missing", "action": "lunch", "at": 1}},
        {**content, "subject": {"kind": "doubted", "event": "x"}},
        {**content, "asked_at": -1},
    ):
        with pytest.raises(FormatError):
            correction.decode(wrong)


# asking


def test_a_request_is_due_after_the_company_s_hours_and_stands_in_the_register(at: Office) -> None:
    filed = at.ask(Missing(Action.IN, MORNING))
    assert filed.due_at == at.store.now_ms() + 72 * HOUR
    (request,) = papers.find(at.store, PaperKind.REQUEST)
    assert (request.person, request.state, request.due_at) == (at.person, "identified", filed.due_at)
    assert request.content is not None
    assert (request.content["right"], request.content["how"]) == ("rectification", "shell")
    assert filed.matter is not None
    assert filed.matter.request == request.id


def test_what_nobody_can_have_is_not_taken_in(at: Office) -> None:
    mine, now = at.log(at=MORNING), at.store.now_ms()
    theirs = check_in(at.store, code="E-0500")
    at.store.ledger.append(theirs, at.other)
    assert "no such entry" in refused(lambda: at.ask(Wrong(theirs.event_id, Action.OUT)))
    assert "no such entry" in refused(lambda: at.ask(Doubted(EVENT)))
    assert "future" in refused(lambda: at.ask(Missing(Action.IN, now + 1)))
    assert "future" in refused(lambda: at.ask(Wrong(mine.event_id, None, now + 1)))
    assert "what it says" in refused(lambda: at.ask(Wrong(mine.event_id, Action.IN, MORNING)))
    assert "what it says" in refused(lambda: at.ask(Wrong(mine.event_id)))
    assert "name" in refused(lambda: at.ask(ProfileWrong(Field.NAME, " ")), FaultCode.PERSON_INVALID)
    assert "id, en, nl" in refused(lambda: at.ask(ProfileWrong(Field.LANGUAGE, "de")))
    assert "4000" in refused(lambda: at.ask(Missing(Action.IN, now), "x" * 4001))
    assert papers.find(at.store, PaperKind.REQUEST) == ()


# deciding


def test_what_is_missing_is_added_by_a_human_s_decision(at: Office) -> None:
    filed = at.ask(Missing(Action.IN, MORNING))
    assert at.last() is None, "nobody has decided yet"
    done = at.decide(filed.id, Accept(), login=at.admin)
    assert at.last() == (Action.IN, MORNING)
    assert done.matter is not None
    ruling = done.matter.ruling
    assert ruling is not None
    assert (done.state, ruling.by, ruling.action, ruling.at) == ("accepted", at.admin.account, Action.IN, MORNING)
    (request,) = papers.find(at.store, PaperKind.REQUEST)
    assert (request.state, request.closed_at) == ("answered", at.store.now_ms())


def test_a_wrong_entry_counts_as_asked_and_the_first_one_stays(at: Office) -> None:
    wrong = at.log(Action.OUT, at=MORNING)
    at.decide(at.ask(Wrong(wrong.event_id, Action.IN, MORNING - HOUR)).id, Accept())
    assert at.last() == (Action.IN, MORNING - HOUR)
    events = at.store.history.events(at.person, 0, at.store.now_ms() + 1)
    assert wrong in events
    assert len(events) == 2


def test_a_human_may_adjust_with_a_reason(at: Office) -> None:
    filed = at.ask(Missing(Action.IN, MORNING))
    assert "reason" in refused(lambda: at.decide(filed.id, Adjust(None, MORNING + HOUR)))
    done = at.decide(filed.id, Adjust(None, MORNING + HOUR), "Pintu lain mencatat pukul sembilan.")
    assert done.state == "adjusted"
    assert at.last() == (Action.IN, MORNING + HOUR)
    assert "decided" in refused(lambda: at.decide(filed.id, Accept()))


def test_a_refusal_needs_a_reason_and_changes_nothing(at: Office) -> None:
    mine = at.log(at=MORNING)
    filed, size = at.ask(Wrong(mine.event_id, Action.OUT)), at.store.history.events(at.person, 0, MORNING + 1)
    assert "reason" in refused(lambda: at.decide(filed.id, Refuse(), "  "))
    done = at.decide(filed.id, Refuse(), "Dua rekan melihat Anda datang.")
    assert done.state == "refused"
    assert at.store.history.events(at.person, 0, MORNING + 1) == size
    (request,) = papers.find(at.store, PaperKind.REQUEST)
    assert request.state == "refused"
    asked = request_acts.get(at.store, request.id).request
    assert asked is not None, "the register reads it as one of its own"
    assert isinstance(asked.outcome, Refused)
    assert (asked.identity, asked.outcome.ground) == (ByPin(at.store.now_ms(), ""), RefusalGround.ACCURATE)
    assert papers.find(at.store, PaperKind.RECIPIENT) == (), "nothing was corrected, so nobody is told"
    kept = rectification.state_own_view(at.store, filed.id, "Saya tetap berpendapat lain.")
    assert kept.matter is not None
    assert kept.matter.statement == "Saya tetap berpendapat lain."


def test_neither_a_technician_nor_an_auditor_decides(at: Office) -> None:
    filed = at.ask(Missing(Action.IN, MORNING))
    for role in (Role.TECHNICIAN, Role.AUDITOR):
        login = LoggedIn("0" * 16, role, must_change=False)
        refused(lambda login=login: at.decide(filed.id, Accept(), login=login), FaultCode.DESK_REFUSED)
    late = LoggedIn(at.admin.account, Role.ADMIN, must_change=True)
    refused(lambda: at.decide(filed.id, Accept(), login=late), FaultCode.DESK_REFUSED)
    assert at.last() is None


def test_decision_and_amendment_are_one_transaction(at: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    filed, size = at.ask(Missing(Action.IN, MORNING)), at.store.ledger.size()

    def broken(*_: object, **__: object) -> None:
        raise Fault(FaultCode.DISK_FULL)

    monkeypatch.setattr(recipients_of_corrections, "tell", broken)
    refused(lambda: at.decide(filed.id, Accept()), FaultCode.DISK_FULL)
    assert at.store.ledger.size() == size
    assert rectification.get(at.store, filed.id).state == "open"
    assert at.last() is None


# what becomes of an act


def test_only_what_changes_is_amended(at: Office) -> None:
    standing = own_acts.one(at.store, at.person, at.log(at=MORNING).event_id)
    (action,) = amending.corrected(standing, Action.OUT, None)
    (time,) = amending.corrected(standing, Action.OUT, MORNING + HOUR)
    (same,) = amending.corrected(standing, None, None)
    assert [each.decision for each in (action, time, same)] == [Decision.ACTION, Decision.TIME, Decision.CONFIRMED]


def test_what_moves_to_another_month_is_annulled_there_and_added_here(at: Office) -> None:
    mine = at.log(at=MORNING)
    at.decide(at.ask(Wrong(mine.event_id, None, MORNING - 30 * 24 * HOUR)).id, Accept())
    assert at.last() is None
    moved = at.store.history.last_action(at.person, MORNING - 30 * 24 * HOUR)
    assert moved == (Action.IN, MORNING - 30 * 24 * HOUR)
    assert own_acts.one(at.store, at.person, mine.event_id).annulled


def test_an_hour_across_the_end_of_a_month_is_annulled_there_and_added_here(at: Office) -> None:
    end = MORNING + 14 * 24 * HOUR + 22 * HOUR  # 2026-11-30 23:00 UTC
    at.hands.move(end - at.hands.wall_ms)
    standing = own_acts.one(at.store, at.person, at.log(at=end).event_id)
    within, across = (amending.corrected(standing, None, end + ms) for ms in (HOUR - 1, HOUR))
    assert [each.decision for each in within] == [Decision.TIME]
    assert [each.decision for each in across] == [Decision.ANNULLED, Decision.ADDED]


def test_what_moves_by_more_than_a_day_is_annulled_there_and_added_here(at: Office) -> None:
    standing = own_acts.one(at.store, at.person, at.log(at=MORNING).event_id)
    near, far = (amending.corrected(standing, None, MORNING - 24 * HOUR - ms) for ms in (0, 1))
    assert [each.decision for each in near] == [Decision.TIME]
    assert [each.decision for each in far] == [Decision.ANNULLED, Decision.ADDED]


def test_a_correction_of_a_correction_is_about_the_same_act(at: Office) -> None:
    mine = at.log(at=MORNING)
    first = at.decide(at.ask(Wrong(mine.event_id, None, MORNING + HOUR)).id, Accept())
    assert first.matter is not None
    assert first.matter.ruling is not None
    (amendment,) = first.matter.ruling.events
    at.decide(at.ask(Wrong(amendment, None, MORNING + 2 * HOUR)).id, Accept())
    assert own_acts.one(at.store, at.person, mine.event_id).at == MORNING + 2 * HOUR
    assert at.last() == (Action.IN, MORNING + 2 * HOUR)


def test_what_was_annulled_by_mistake_can_count_again(at: Office) -> None:
    mine = at.log(at=MORNING)
    at.review(mine.event_id, human_review.Annul())
    assert at.last() is None
    at.decide(at.ask(Wrong(mine.event_id)).id, Accept())
    assert at.last() == (Action.IN, MORNING)


def test_of_somebody_erased_only_state_and_dates_of_a_matter_are_left(at: Office) -> None:
    filed = at.ask(Missing(Action.IN, MORNING))
    erase_person(at.store, at.person)
    (left,) = rectification.every(at.store)
    assert (left.id, left.state, left.due_at, left.matter) == (filed.id, "open", filed.due_at, None)
    assert "erased" in refused(lambda: at.decide(filed.id, Accept()))
    rectification.keep_up(at.store, COMPANY)


# the profile


def test_a_wrong_name_is_changed_here_and_of_the_roster_hr_is_told(at: Office) -> None:
    at.decide(at.ask(ProfileWrong(Field.NAME, "Budi Sentosa")).id, Accept())
    at.decide(at.ask(ProfileWrong(Field.LANGUAGE, "nl")).id, Accept())
    person = at.store.people.get(at.person)
    assert (person.name, person.language, person.code) == ("Budi Sentosa", "nl", "E-0417")
    assert "adjust" in refused(
        lambda: at.decide(at.ask(ProfileWrong(Field.NAME, "Budi")).id, Adjust(Action.IN, None), "x")
    )


def test_of_a_roster_person_the_paper_says_that_hr_must_correct_it(at: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    known = at.store.people.get(at.person)
    filed = at.ask(ProfileWrong(Field.NAME, "Budi Sentosa"))
    from_roster = type(known)(**{**{name: getattr(known, name) for name in known.__slots__}, "source": "roster"})
    monkeypatch.setattr(at.store.people, "get", lambda _: from_roster)
    done = at.decide(filed.id, Accept())
    monkeypatch.undo()
    assert at.store.people.get(at.person).name == known.name
    assert done.matter is not None
    assert done.matter.ruling is not None
    assert done.matter.ruling.told
    (telling,) = recipients_of_corrections.tellings(at.store, filed.id)
    assert (telling.recipient, telling.state) == ("HR", "to_tell")


# recipients


def test_every_recipient_of_attendance_has_a_paper(at: Office) -> None:
    company = Company(
        recipients=(
            Recipient("HQ", "employer", host="hq.example.org", purposes=("attendance",)),
            Recipient("Payroll", "processor"),
            Recipient("Backups", "processor", host="s3.example.org", purposes=("operation",)),
        )
    )
    filed = at.ask(Missing(Action.IN, MORNING))
    rectification.decide(at.store, filed.id, Accept(), "", at.desk(company=company))
    found = recipients_of_corrections.tellings(at.store, filed.id)
    assert [(each.recipient, each.state) for each in found] == [("HQ", "told"), ("Payroll", "to_tell")]


def test_without_a_signature_nothing_is_called_confirmed(at: Office) -> None:
    filed = at.ask(Missing(Action.IN, MORNING))
    at.decide(filed.id, Accept())
    rectification.keep_up(at.store, COMPANY)
    (telling,) = recipients_of_corrections.tellings(at.store, filed.id)
    assert telling.state == "told"


def test_where_sync_reaches_several_a_signature_confirms_for_none_of_them(at: Office) -> None:
    both = Company(
        recipients=(Recipient("A", "employer", host="a.example"), Recipient("B", "employer", host="b.example"))
    )
    filed = at.ask(Missing(Action.IN, MORNING))
    rectification.decide(at.store, filed.id, Accept(), "", at.desk(company=both))
    assert recipients_of_corrections.unconfirmed(at.store, both) == {}
    one = at.decide(at.ask(Missing(Action.OUT, MORNING + HOUR)).id, Accept())
    assert set(recipients_of_corrections.unconfirmed(at.store, COMPANY)) == {one.id}


# the answer

REFUSAL = Ruling(Outcome.REFUSED, None, None, "Zwei Kollegen", "0" * 16, MORNING)
SUBJECTS: tuple[Subject, ...] = (
    Wrong(EVENT, Action.OUT, MORNING),
    Missing(Action.IN, MORNING),
    ProfileWrong(Field.NAME, "Budi"),
    Doubted(EVENT),
)


@pytest.mark.parametrize("language", ["id", "en", "nl"])
def test_the_answer_has_reason_statement_authority_and_court_in_each_language(language: str) -> None:
    company = Company(authority=Authority("Lembaga PDP", "Jakarta", "https://pdp.example"))
    head = Letterhead(company, language, "E-0417", "door-1", "Asia/Jakarta", MORNING)
    for subject in SUBJECTS:
        matter = Matter(subject, "own words", MORNING, "0" * 16, REFUSAL)
        text = " ".join(plain_text.text(correction_letters.answer(head, "1" * 16, matter, REFUSAL, ())).split())
        for said in ("Zwei Kollegen", "Lembaga PDP, Jakarta, https://pdp.example", "own words", "E-0417", "WIB"):
            assert said in text, said
        assert remedies.court(language) in text
        for key in ("statement_right", "by_human", "again"):
            assert head.say(key) in text, key


def test_what_was_accepted_is_told_with_what_counts_now(at: Office) -> None:
    filed = at.decide(at.ask(Missing(Action.IN, MORNING)).id, Accept())
    assert filed.matter is not None
    assert filed.matter.ruling is not None
    head = Letterhead(COMPANY, "en", "E-0417", "door-1", "Asia/Jakarta", at.store.now_ms())
    told = recipients_of_corrections.tellings(at.store, filed.id)
    text = plain_text.text(correction_letters.answer(head, filed.id, filed.matter, filed.matter.ruling, told))
    assert "In, 2026-11-16 08:00 WIB" in text
    assert "PT Contoh HR" in text
    assert "sent, not confirmed yet" in text
