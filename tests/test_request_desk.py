"""The request desk: clocks that run from the arrival, an identity before any answer, a reason for every no."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from admin_kit import acts
from requests_kit import BUDI, COMPANY, SRI, Office, office
from store_kit import HOUR, MORNING, PIN

from kiosk.faults import Fault
from kiosk.rights import request_acts, request_codec, requests
from kiosk.rights.company import Clocks
from kiosk.rights.dates import DAY_MS
from kiosk.rights.request_acts import Arrival
from kiosk.rights.requests import (
    Answered,
    ByPin,
    BySight,
    ErasureGround,
    Extension,
    Fee,
    Filed,
    How,
    RefusalGround,
    Refused,
    Reminder,
    Request,
    Right,
    Seen,
    State,
    Withdrawn,
    due,
    in_order,
)
from kiosk.store import papers
from kiosk.store.papers import PaperKind
from wire.errors import FormatError

CLOCKS = Clocks()
ACCESS = Arrival(Right.ACCESS, How.FORM, "Saya minta salinan data saya.")


@pytest.fixture
def at(tmp_path: Path) -> Office:
    return office(tmp_path / "data")


def refusal(work: Callable[[], object]) -> str:
    with pytest.raises(Fault) as refused:
        work()
    return f"{refused.value.code}: {refused.value.detail}"


def filed(at: Office, arrival: Arrival = ACCESS, *, person: str | None = None, known: bool = True) -> Filed:
    one = request_acts.file(at.store, at.budi if person is None else person, arrival, CLOCKS, by=at.admin.account)
    return request_acts.identify_by_sight(at.store, one.id, Seen.PASSPORT, at.officer) if known else one


def test_a_request_is_due_after_72_hours() -> None:
    assert due(MORNING, Clocks()) == MORNING + 72 * HOUR
    assert due(MORNING, Clocks(request_hours=30 * 24)) == MORNING + 30 * DAY_MS
    assert due(MORNING, Clocks(), extended=60) == MORNING + 72 * HOUR + 60 * DAY_MS


def test_the_clock_runs_from_the_arrival_and_not_from_the_writing_down(at: Office) -> None:
    one = request_acts.file(at.store, at.budi, replace(ACCESS, received_at=MORNING - 24 * HOUR), CLOCKS)
    assert one.due_at == MORNING + 48 * HOUR
    tomorrow = replace(ACCESS, received_at=MORNING + HOUR)
    assert "future" in refusal(lambda: request_acts.file(at.store, at.budi, tomorrow, CLOCKS))


def test_the_officer_is_reminded_at_half_time_a_day_before_and_when_it_is_overdue() -> None:
    one = Filed("0" * 16, "1" * 16, State.OPEN, 0, 72 * HOUR, None, Request(Right.ACCESS, How.FORM, "", 0))
    moments = {hour: one.reminders(hour * HOUR) for hour in (0, 35, 36, 47, 48, 72)}
    half, day = Reminder.HALF_TIME, Reminder.DAY_BEFORE
    assert moments == {0: (), 35: (), 36: (half,), 47: (half,), 48: (half, day), 72: (half, day)}
    assert one.reminders(72 * HOUR + 1) == (half, day, Reminder.OVERDUE)
    assert (one.late(72 * HOUR), one.late(72 * HOUR + 1)) == (False, True)
    assert replace(one, closed_at=HOUR, state=State.ANSWERED).reminders(99 * HOUR) == ()


def test_what_is_overdue_comes_first_then_what_is_due_next_then_what_is_closed() -> None:
    def one(name: str, due_at: int, closed_at: int | None = None) -> Filed:
        return Filed(name, "", State.OPEN, 0, due_at, closed_at, Request(Right.ACCESS, How.FORM, "", 0))

    found = (one("closed early", 1, 2), one("next", 20), one("overdue", 5), one("closed late", 1, 8), one("late", 3))
    assert [each.id for each in in_order(found, 10)] == ["late", "overdue", "next", "closed late", "closed early"]


def test_no_answer_and_no_refusal_before_the_person_is_known(at: Office) -> None:
    one = filed(at, known=False)
    answer = refusal(lambda: request_acts.answer(at.store, one.id, "Salinan", at.officer))
    assert answer == "request_refused: the identity is not checked yet"
    ground = RefusalGround.RIGHTS_OF_OTHERS
    assert answer == refusal(lambda: request_acts.refuse(at.store, one.id, ground, "kolega", at.officer))
    assert "identity is not checked" in refusal(lambda: request_acts.answerable(at.store, at.budi, {Right.ACCESS}))
    request_acts.identify_by_pin(at.store, one.id, PIN)
    assert request_acts.answerable(at.store, at.budi, {Right.ACCESS}).id == one.id
    assert request_acts.answer(at.store, one.id, "Salinan", at.officer).state is State.ANSWERED


def test_a_wrong_pin_makes_sure_of_nobody_and_costs_time(at: Office) -> None:
    one = filed(at, known=False)
    for _ in range(3):
        assert "does not fit" in refusal(lambda: request_acts.identify_by_pin(at.store, one.id, "739182"))
    assert "after 5 s" in refusal(lambda: request_acts.identify_by_pin(at.store, one.id, "739182"))
    assert request_acts.get(at.store, one.id).state is State.OPEN


def test_only_the_officer_may_say_that_they_have_seen_a_document_and_its_number_has_no_place(at: Office) -> None:
    one = filed(at, known=False)
    assert "desk_refused" in refusal(lambda: request_acts.identify_by_sight(at.store, one.id, Seen.PASSPORT, at.admin))
    request_acts.identify_by_sight(at.store, one.id, Seen.PASSPORT, at.officer)
    content = dict(papers.get(at.store, one.id).content or {})
    assert content["identity"] == {"how": "document", "document": "passport", "at": MORNING, "by": at.officer.account}
    with pytest.raises(FormatError):
        request_codec.decode({**content, "identity": {**content["identity"], "number": "A1234567"}})


def test_an_answer_is_put_off_once_with_a_reason_and_before_it_is_due(at: Office) -> None:
    one = filed(at)

    def put_off(days: int, reason: str = "banyak catatan") -> Filed:
        return request_acts.extend(at.store, one.id, days, reason, CLOCKS, at.officer)

    assert "1 to 60 days" in refusal(lambda: put_off(61))
    assert "1 to 60 days" in refusal(lambda: put_off(0))
    assert "reason" in refusal(lambda: put_off(10, "  "))
    at.hands.move(72 * HOUR + 1)
    assert "overdue" in refusal(lambda: put_off(10))
    at.hands.move(-2)
    assert put_off(10).due_at == MORNING + 72 * HOUR + 10 * DAY_MS
    assert "once already" in refusal(lambda: put_off(10))
    assert "desk_refused" in refusal(lambda: request_acts.extend(at.store, one.id, 1, "x", CLOCKS, at.admin))


def test_a_request_is_free_and_only_a_repeated_one_may_cost_something_or_be_refused_for_it(at: Office) -> None:
    one = filed(at)
    charge = refusal(lambda: request_acts.charge(at.store, one.id, "50.000 rupiah", "berulang", at.officer))
    assert "nothing is repeated" in charge
    repeated = RefusalGround.REPEATED
    assert charge == refusal(lambda: request_acts.refuse(at.store, one.id, repeated, "berulang", at.officer))
    request_acts.answer(at.store, one.id, "", at.officer)
    at.hands.move(360 * DAY_MS)
    other, of_sri = filed(at, replace(ACCESS, right=Right.PORTABILITY)), filed(at, person=at.sri)
    for each in (other, of_sri):
        assert "nothing is repeated" in refusal(
            lambda each=each: request_acts.charge(at.store, each.id, "1", "x", at.officer)  # type: ignore[misc]
        )
    again = filed(at)
    assert "desk_refused" in refusal(lambda: request_acts.charge(at.store, again.id, "1", "x", at.admin))
    charged = request_acts.charge(at.store, again.id, "50.000 rupiah", "berulang", at.officer).request
    assert charged is not None
    assert charged.fee == Fee("50.000 rupiah", "berulang", at.store.now_ms(), at.officer.account)
    assert request_acts.refuse(at.store, again.id, repeated, "berulang", at.officer).state is State.REFUSED
    at.hands.move(366 * DAY_MS)
    assert "nothing is repeated" in refusal(lambda: request_acts.charge(at.store, filed(at).id, "1", "x", at.officer))


def test_a_refusal_has_a_reason_and_a_law_where_a_law_is_the_ground(at: Office) -> None:
    one = filed(at, Arrival(Right.ERASURE, How.LETTER, "Hapus.", ground=ErasureGround.NO_LONGER_NEEDED))
    ground = RefusalGround.LEGAL_OBLIGATION
    assert "name the law" in refusal(lambda: request_acts.refuse(at.store, one.id, ground, "pajak", at.officer))
    assert "reason" in refusal(lambda: request_acts.refuse(at.store, one.id, ground, " ", at.officer, law="UU 28/2007"))
    refused = request_acts.refuse(at.store, one.id, ground, "pajak", at.officer, law="UU 28/2007")
    assert (refused.state, refused.closed_at) == (State.REFUSED, MORNING)
    assert "closed" in refusal(lambda: request_acts.answer(at.store, one.id, "", at.officer))


def test_somebody_who_cannot_be_made_sure_of_may_be_refused_for_that_alone(at: Office) -> None:
    stranger = filed(at, person="", known=False)
    assert "knows no PIN" in refusal(lambda: request_acts.identify_by_pin(at.store, stranger.id, PIN))
    ground = RefusalGround.NOT_IDENTIFIED
    assert request_acts.refuse(at.store, stranger.id, ground, "tak ada dokumen", at.officer).state is State.REFUSED
    known = filed(at)
    assert "is checked" in refusal(lambda: request_acts.refuse(at.store, known.id, ground, "tak", at.officer))


def test_an_erasure_names_one_of_five_grounds(at: Office) -> None:
    assert len(ErasureGround) == 5
    without = Arrival(Right.ERASURE, How.FORM)
    assert "ground" in refusal(lambda: request_acts.file(at.store, at.budi, without, CLOCKS))
    with_one = replace(ACCESS, ground=ErasureGround.UNLAWFUL)
    assert "ground" in refusal(lambda: request_acts.file(at.store, at.budi, with_one, CLOCKS))


def test_what_the_kiosk_answers_by_itself_stands_in_the_officers_register(at: Office) -> None:
    done = request_acts.record_answered(at.store, at.budi, Right.ACCESS, "ditampilkan di layar", CLOCKS)
    assert request_acts.every(at.store) == (done,)
    assert (done.state, done.closed_at) == (State.ANSWERED, MORNING)
    assert done.request is not None
    assert (done.request.how, done.request.identity) == (How.KIOSK, ByPin(MORNING, ""))
    assert requests.repeats(request_acts.every(at.store), filed(at)) == 1


def test_a_request_that_is_not_wanted_any_more_is_closed(at: Office) -> None:
    assert request_acts.withdraw(at.store, filed(at).id).state is State.WITHDRAWN


def test_a_matter_that_another_command_decides_is_shown_and_left_alone(at: Office) -> None:
    content = {"right": "restriction", "purpose": "face", "why": "sengketa"}
    paper = papers.put(at.store, PaperKind.REQUEST, content, state="open", person=at.budi)
    (shown,) = request_acts.every(at.store)
    assert shown.elsewhere
    assert shown.request is not None
    assert shown.request.right is Right.RESTRICTION
    assert "another command" in refusal(lambda: request_acts.withdraw(at.store, paper))
    odd = papers.put(at.store, PaperKind.REQUEST, {"right": "cake"}, state="open")
    assert "paper_unknown" in refusal(lambda: request_acts.get(at.store, odd))


def test_two_who_decide_one_request_do_not_overwrite_each_other(at: Office) -> None:
    one = filed(at)
    request_acts.answer(at.store, one.id, "", at.officer)
    assert "closed" in refusal(lambda: request_acts.withdraw(at.store, one.id))


EVERY = (
    Request(Right.ACCESS, How.FORM, "kata", 1),
    Request(Right.ERASURE, How.LETTER, "", 2, ErasureGround.OBJECTION, ByPin(3, "a"), Extension(4, "b", 5, "c")),
    Request(Right.OBJECTION, How.KIOSK, "", 6, None, BySight(Seen.COMPANY_BADGE, 7, "d"), None, Fee("e", "f", 8, "g")),
    Request(Right.PORTABILITY, How.SHELL, "", 9, outcome=Answered("h", "i", 10, "j")),
    Request(Right.RECTIFICATION, How.SHELL, "", 11, outcome=Refused(RefusalGround.ACCURATE, "k", "l", 12, "m")),
    Request(Right.WITHDRAWAL, How.SHELL, "", 13, outcome=Withdrawn(14, "n")),
)


@pytest.mark.parametrize("request_", EVERY, ids=lambda one: one.right)
def test_every_request_comes_back_from_its_paper_and_no_field_more(request_: Request) -> None:
    content = request_codec.encode(request_)
    assert request_codec.decode(content) == request_
    for wrong in ({**content, "more": 1}, {**content, "right": "cake"}, {**content, "text": None}):
        with pytest.raises(FormatError):
            request_codec.decode(wrong)
    for name in ("identity", "extended", "fee", "answer"):
        part = content[name]
        if isinstance(part, dict):
            with pytest.raises(FormatError):
                request_codec.decode({**content, name: {**part, "how": "x", "outcome": "x"}})


def test_neither_a_name_nor_a_word_of_a_request_stands_in_the_ledger(at: Office) -> None:
    one = filed(at)
    request_acts.extend(at.store, one.id, 5, "sengketa gudang", CLOCKS, at.officer)
    request_acts.answer(at.store, one.id, "Salinan diserahkan", at.officer)
    said = repr([act for act in acts(at.store) if act[0].startswith("paper_")])
    assert one.id in said
    for word in (*BUDI, *SRI, "salinan", "Salinan", "gudang"):
        assert word not in said, word
    assert COMPANY.clocks.request_hours == 72
