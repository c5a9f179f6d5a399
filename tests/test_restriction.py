"""Restriction: at once, per purpose, held visibly, and lifted only after the person was told (policy E16)."""

from pathlib import Path

import pytest
from admin_kit import acts, first_admin
from desk import at_work, person_of, save
from erasure_kit import CODE, Office, office
from running_kiosk import furnished, key
from store_kit import HOUR, PIN, Hands, check_in, correction, dispute, reopened

from kiosk.faults import Fault, FaultCode
from kiosk.flow import events as ev
from kiosk.flow.actions import Method
from kiosk.rights import restriction
from kiosk.rights.restriction import Restricted
from kiosk.store import PinAccepted, Store, held, outbox, papers, retention
from kiosk.store.erasure import erase_person
from kiosk.store.erasure_keyless import erase_without_key
from kiosk.store.papers import PaperKind
from wire.event import Action, CheckIn, Event, Notice, NoticeKind

WHY = "Jam masuk saya salah dicatat"


@pytest.fixture
def at(tmp_path: Path) -> Office:
    made = office(tmp_path / "data", entries=1)
    made.forward()
    return made


def hands(store: Store) -> Hands:
    assert isinstance(store.clock, Hands)
    return store.clock


def by(store: Store) -> str:
    return first_admin(store).account


def new_ones(at: Office) -> list[Event]:
    """What has come into the exchange about the leaver since the office was opened."""
    at.forward()
    return [event for event in at.waiting() if event.person == CODE][1:]


def lifted(at: Office, paper: str) -> int:
    restriction.tell(at.store, paper, at.store.now_ms() + 72 * HOUR, by="0" * 16)
    hands(at.store).move(73 * HOUR)
    return restriction.lift(at.store, paper, by="0" * 16)


def test_a_restricted_face_is_not_matched_and_the_pin_goes_on_and_is_sent(at: Office) -> None:
    store = at.store
    paper = restriction.begin(store, at.leaver, Restricted.FACE, WHY)
    assert at.leaver not in {each.person for each in store.templates.references()}
    with pytest.raises(Fault) as refused:
        store.people.admit(at.leaver, by_face=True)
    assert refused.value.code is FaultCode.CONSENT_MISSING
    assert store.accounts.check_pin(CODE, PIN, 0, 10**9) == PinAccepted(at.leaver)
    event = check_in(store, code=CODE)
    store.ledger.append(event, at.leaver)
    told, sent = new_ones(at)
    assert isinstance(told, Notice)
    assert (told.kind, sent) == (NoticeKind.RESTRICTED, event)
    assert lifted(at, paper) == 0
    assert at.leaver in {each.person for each in store.templates.references()}
    assert [each.kind for each in new_ones(at) if isinstance(each, Notice)][1:] == [NoticeKind.RESTRICTION_LIFTED]


def test_restricted_attendance_is_recorded_and_held_and_headquarters_hears_only_that(at: Office) -> None:
    store = at.store
    restriction.begin(store, at.leaver, Restricted.ATTENDANCE, WHY, site="Lobby")
    came = check_in(store, code=CODE)
    entry = store.ledger.append(came, at.leaver)
    for event in (correction(store, came.event_id, Action.OUT, code=CODE), dispute(store, came.event_id, code=CODE)):
        store.ledger.append(event, at.leaver)
    assert entry.event_id == came.event_id
    (told,) = new_ones(at)
    assert isinstance(told, Notice)
    assert (told.kind, told.site) == (NoticeKind.ATTENDANCE_RESTRICTED, "Lobby")
    assert held.count(store.database, at.leaver) == 3
    assert store.people.get(at.leaver).held
    assert outbox.undelivered(store) == 3, "what is held is not what waits to be sent: two from before and the notice"
    others = check_in(store, code="E-2")
    store.ledger.append(others, at.stays)
    at.forward()
    assert others in at.waiting()
    store.ledger.verify()


def test_what_is_held_survives_a_restart_and_the_person_sees_it(at: Office) -> None:
    store = at.store
    restriction.begin(store, at.leaver, Restricted.ATTENDANCE, WHY)
    came = check_in(store, code=CODE)
    store.ledger.append(came, at.leaver)
    hands(store).move(HOUR)
    again = reopened(store)
    now = again.now_ms()
    assert came in again.history.events(at.leaver, now - 2 * HOUR, now)
    assert again.history.last_action(at.leaver, now) == (Action.IN, came.occurred_at)
    assert again.history.worked_today(at.leaver, now - 2 * HOUR, now) == 3600
    for file in again.database.directory.rglob("*"):
        if file.is_file():
            assert came.event_id.encode() not in file.read_bytes(), "sealed"


def test_the_same_event_is_held_once(at: Office) -> None:
    restriction.begin(at.store, at.leaver, Restricted.ATTENDANCE, WHY)
    came = check_in(at.store, code=CODE)
    for _ in range(2):
        at.store.ledger.append(came, at.leaver)
    assert held.count(at.store.database, at.leaver) == 1


def test_lifting_sends_what_was_held_as_it_was_recorded_and_then_says_so(at: Office) -> None:
    store = at.store
    paper = restriction.begin(store, at.leaver, Restricted.ATTENDANCE, WHY)
    events = [check_in(store, action, code=CODE) for action in (Action.IN, Action.OUT)]
    for event in events:
        store.ledger.append(event, at.leaver)
    assert lifted(at, paper) == 2
    sent = new_ones(at)
    assert sent[1:3] == events
    assert [each.kind for each in sent if isinstance(each, Notice)] == [
        NoticeKind.ATTENDANCE_RESTRICTED,
        NoticeKind.ATTENDANCE_RELEASED,
    ]
    found = store.history.events(at.leaver, events[0].occurred_at, store.now_ms())
    assert [event for event in found if isinstance(event, CheckIn)] == events, "each once"
    assert held.count(store.database) == 0
    after = check_in(store, code=CODE)
    store.ledger.append(after, at.leaver)
    assert new_ones(at)[-1] == after
    store.ledger.verify()


def test_no_restriction_is_lifted_before_the_person_was_told_and_the_day_has_come(at: Office) -> None:
    store = at.store
    paper = restriction.begin(store, at.leaver, Restricted.FACE, WHY)

    def refused(sentence: str) -> None:
        with pytest.raises(Fault, match=sentence) as fault:
            restriction.lift(store, paper, by="0" * 16)
        assert fault.value.code is FaultCode.REQUEST_REFUSED

    refused("must be told before")
    with pytest.raises(Fault, match="past"):
        restriction.tell(store, paper, store.now_ms() - 1, by="0" * 16)
    restriction.tell(store, paper, store.now_ms() + HOUR, by="0" * 16)
    refused("has not come")
    hands(store).move(HOUR)
    restriction.lift(store, paper, by="0" * 16)
    refused("lifted already")


def test_a_purpose_stays_restricted_until_the_last_reason_for_it_is_gone(at: Office) -> None:
    store = at.store
    first = restriction.begin(store, at.leaver, Restricted.ATTENDANCE, WHY)
    restriction.begin(store, at.leaver, Restricted.ATTENDANCE, WHY, because_of="an objection")
    with pytest.raises(Fault, match="already"):
        restriction.begin(store, at.leaver, Restricted.ATTENDANCE, WHY)
    store.ledger.append(check_in(store, code=CODE), at.leaver)
    assert lifted(at, first) == 0
    assert held.count(store.database, at.leaver) == 1


def test_who_is_erased_while_check_ins_are_held_loses_none_of_them(at: Office, tmp_path: Path) -> None:
    store = at.store
    restriction.begin(store, at.leaver, Restricted.ATTENDANCE, WHY)
    came = check_in(store, code=CODE)
    store.ledger.append(came, at.leaver)
    at.delivered()
    waits = erase_person(store, at.leaver)
    assert (waits.certificate, waits.waiting) == (None, 1)
    done = erase_person(store, at.leaver, hand_over=tmp_path / "handed.json")
    assert came.event_id in (tmp_path / "handed.json").read_text()
    said = at.certificate(done.certificate)
    assert said.destroyed["attendance_handed_over"] == 1
    assert said.destroyed["attendance_delivered"] == 2


def test_without_a_key_nobody_erases_what_is_held_nowhere_else(at: Office) -> None:
    restriction.begin(at.store, at.leaver, Restricted.ATTENDANCE, WHY)
    at.store.ledger.append(check_in(at.store, code=CODE), at.leaver)
    at.store.close()
    with pytest.raises(Fault, match="1 check-ins are held") as refused:
        erase_without_key(at.state, at.leaver, at.store.clock)
    assert refused.value.code is FaultCode.DESK_REFUSED


def test_retention_leaves_what_is_held(at: Office) -> None:
    store = at.store
    paper = restriction.begin(store, at.leaver, Restricted.ATTENDANCE, WHY)
    came = check_in(store, code=CODE)
    store.ledger.append(came, at.leaver)
    at.delivered()
    hands(store).move(800 * 24 * HOUR)
    retention.drop_before(store, "2028-01")
    assert [each.event for each in held.of_person(store, at.leaver)] == [came]
    assert lifted(at, paper) == 1


def test_the_register_has_the_restriction_and_the_ledger_has_ids_alone(at: Office) -> None:
    paper = restriction.begin(at.store, at.leaver, Restricted.ATTENDANCE, WHY, by=by(at.store))
    at.store.ledger.append(check_in(at.store, code=CODE), at.leaver)
    (asked,) = papers.find(at.store, PaperKind.REQUEST, person=at.leaver)
    assert asked.content is not None
    assert (asked.state, asked.content["right"], asked.content["text"]) == ("answered", "restriction", WHY)
    assert asked.closed_at is not None
    assert papers.get(at.store, paper).closed_at is None, "what is in force is not over, and no period runs"
    assert lifted(at, paper) == 1
    assert papers.get(at.store, paper).closed_at is not None
    said = repr([detail for kind, detail in acts(at.store) if kind in {"restriction_set", "event_held", "paper_filed"}])
    assert at.leaver in said
    assert not [word for word in (CODE, WHY, "Budi") if word in said]


def test_the_running_door_says_recorded_and_hands_nothing_on(tmp_path: Path) -> None:
    config = furnished(tmp_path)
    person = person_of(config)
    store = Store.open(config.state, key(config))
    restriction.begin(store, person, Restricted.ATTENDANCE, WHY)
    store.close()
    with at_work(config) as desk:
        committed = save(desk, person)
        desk.until_unsent(1)  # the notice
        desk.clerk.look_up(8, person, Method.PIN)
        last = desk.answer(ev.Resolved).last
        assert last is not None
        assert last.action.value == "in"
    store = Store.open(config.state, key(config))
    (kept,) = held.of_person(store, person)
    assert kept.event.event_id == committed.event_id
    store.close()
