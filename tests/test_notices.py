"""Publishing makes a version that stays, and asks again whoever agreed to an older one; none holds backwards."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from admin_kit import acts
from consent_kit import COMPANY, CONTROLLER, DPO, NEXT_WEEK, approved, consent_to, published, source
from store_kit import MORNING, Hands, enrolled, face, new_store, reopened

from kiosk.faults import Fault, FaultCode
from kiosk.rights import consents, dates, notices
from kiosk.rights.answers import SELF, About, Said, of
from kiosk.rights.consent import AskAgain, Current, Lapsed, Published, in_force, standing
from kiosk.rights.consents import InForce, Renewed, TakenBack
from kiosk.rights.controller import controller_changed, named
from kiosk.rights.editions import Edition
from kiosk.rights.notices import Approved, New, Unchanged
from kiosk.store import PinAccepted, Store, notices_out, papers
from kiosk.store.basis import Condition
from kiosk.store.erasure import erase_person
from kiosk.store.papers import PaperKind
from wire import canonical, notice
from wire.errors import FormatError
from wire.event import Notice, NoticeKind

DAY = 86_400_000
V1, V2, V3 = Published("v1", 0), Published("v2", 10 * DAY), Published("v3", 20 * DAY)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(tmp_path: Path, hands: Hands) -> Store:
    return new_store(tmp_path / "state", hands)


def faces(store: Store) -> set[str]:
    return {each.person for each in store.templates.references()}


def agreed(store: Store, edition: Edition, code: str = "E-0417") -> str:
    person = store.people.add(code, "Budi Santoso", pin="482913")
    store.basis.enrol(person, consent_to(store, edition), [face(person, 1)])
    return person


# -- the decision ------------------------------------------------------------------------------------------------------


def test_a_consent_to_the_newest_version_stands_and_so_does_any_where_none_is_published() -> None:
    assert standing("v1", (), 0, 99 * DAY, 30) == Current()
    assert standing("v2", (V1, V2), 0, 99 * DAY, 30) == Current()


def test_a_consent_to_an_older_version_asks_again_and_lapses_when_the_days_are_over() -> None:
    for agreed_to in ("v1", "2026-1"):
        assert standing(agreed_to, (V1, V2), 0, 5 * DAY, 30) == (
            AskAgain(40 * DAY) if agreed_to == "v1" else AskAgain(30 * DAY)
        )
    assert standing("v1", (V1, V2), 0, 40 * DAY - 1, 30) == AskAgain(40 * DAY)
    assert standing("v1", (V1, V2), 0, 40 * DAY, 30) == Lapsed(40 * DAY)


def test_a_third_version_does_not_put_off_what_the_second_has_asked() -> None:
    assert standing("v1", (V1, V2, V3), 0, 12 * DAY, 30) == AskAgain(40 * DAY)
    assert standing("v2", (V1, V2, V3), 0, 12 * DAY, 30) == AskAgain(50 * DAY)


def test_without_days_of_grace_a_consent_lapses_on_the_day_the_new_version_holds() -> None:
    assert standing("v1", (V1, V2), 0, 10 * DAY - 1, 0) == AskAgain(10 * DAY)
    assert standing("v1", (V1, V2), 0, 10 * DAY, 0) == Lapsed(10 * DAY)


def test_another_controller_ends_every_consent_on_its_first_day() -> None:
    sold = Published("v2", 10 * DAY, "PT Lain")
    assert standing("v1", (V1, sold), 0, 10 * DAY - 1, 30) == AskAgain(10 * DAY)
    assert standing("v1", (V1, sold), 0, 10 * DAY, 30) == Lapsed(10 * DAY)
    assert standing("v2", (V1, sold), 0, 10 * DAY, 30) == Current()


def test_the_version_in_force_is_the_last_published_one_whose_day_has_come() -> None:
    assert in_force((), 0) is None
    assert in_force((V2,), 0) is None
    assert in_force((V1, V2), 10 * DAY - 1) == 0
    assert in_force((V1, V2), 10 * DAY) == 1
    assert in_force((V2, V1), 99 * DAY) == 1, "what was published later takes its place"


# -- publishing --------------------------------------------------------------------------------------------------------


def test_a_notice_with_gaps_or_a_day_that_is_past_is_not_published(store: Store) -> None:
    for company, said in (
        (replace(COMPANY, officer=replace(COMPANY.officer, email="")), "officer.email"),
        (approved("2026-11-15"), "no notice holds backwards"),
        (replace(COMPANY, approval=replace(COMPANY.approval, review=NEXT_WEEK, effective=NEXT_WEEK)), "review"),
    ):
        with pytest.raises(Fault) as refused:
            notices.publish(store, source(company), by=DPO)
        assert refused.value.code is FaultCode.PRIVACY_INVALID
        assert said in refused.value.detail
    assert notices.published(store) == ()


def test_a_published_version_comes_back_whole_after_a_restart_with_approver_dates_and_officer(store: Store) -> None:
    edition = published(store)
    again = reopened(store)
    assert notices.published(again) == (edition,)
    assert notices.in_force(again) == edition
    assert (edition.approver, edition.effective, edition.review) == ("Direksi", "2026-11-16", "2027-11-16")
    (paper,) = papers.find(again, PaperKind.NOTICE)
    assert paper.due_at == dates.begins("2027-11-16", "Asia/Jakarta"), "the desk sees when it is to be looked at again"
    assert [detail["by"] for kind, detail in acts(again) if kind == "paper_filed"] == [DPO]


def test_the_same_words_are_not_published_twice_and_a_new_approval_asks_nobody(store: Store, hands: Hands) -> None:
    edition = published(store)
    person = agreed(store, edition)
    assert notices.publish(store, source(), by=DPO) == Unchanged(edition)
    hands.move(200 * DAY)
    company = replace(COMPANY, approval=replace(COMPANY.approval, review="2028-11-16"))
    outcome = notices.publish(store, source(company), by=DPO)
    assert outcome == Approved(replace(edition, review="2028-11-16"))
    assert notices.published(store) == (outcome.edition,)
    assert consents.story(store, person)[0].end == InForce(Current())


def test_a_version_of_next_week_does_not_hold_today_and_past_ones_stay_readable(store: Store, hands: Hands) -> None:
    first = published(store)
    second = published(store, approved(NEXT_WEEK, email="baru@gerbang.example"))
    assert notices.in_force(store) == first
    assert notices.newest(store) == second
    hands.move(8 * DAY)
    assert notices.in_force(store) == second
    assert notices.named(store, first.label) == first
    with pytest.raises(Fault) as unknown:
        notices.named(store, "2026-11-16-00000000")
    assert unknown.value.code is FaultCode.PAPER_UNKNOWN


def test_a_version_that_was_altered_is_not_shown_as_the_one_that_was_published(store: Store) -> None:
    published(store)
    (paper,) = papers.find(store, PaperKind.NOTICE)
    content = dict(paper.content or {})
    said = {"title": "Privacy notice", "paragraphs": [["In short", "Your face belongs to us."]]}
    for change in (
        {"texts": {**content["texts"], "en": said}},
        {"layout": {**content["layout"], "en": []}},
        {"more": 1},
    ):
        (paper,) = papers.find(store, PaperKind.NOTICE)
        papers.revise(store, paper, {**content, **change}, state=notices.PUBLISHED)
        with pytest.raises(FormatError):
            notices.published(store)


def test_a_paper_holds_what_everybody_may_read_as_headings_and_lines(store: Store) -> None:
    edition = published(store)
    (paper,) = papers.find(store, PaperKind.NOTICE)
    content = paper.content or {}
    assert (content["version"], content["controller"]) == (edition.label, "PT Gerbang Terang, ID")
    assert content["contact"] == "Ibu Lestari, dpo@gerbang.example, +62 22 555 01"
    assert len(canonical.encode(content)) < 150_000
    for language in ("id", "en", "nl"):
        said = content["texts"][language]
        assert said["title"] == edition.text(language).title
        assert len(said["paragraphs"]) == 16
        assert all(heading and text == text.strip() for heading, text in said["paragraphs"])
    assert "Company: PT Gerbang Terang\nAddress: Jl. Merdeka 1, Bandung" in content["texts"]["en"]["paragraphs"][1][1]
    assert edition.digest == hashlib.sha256(canonical.encode(content["texts"])).hexdigest()


def test_what_is_published_goes_to_headquarters_under_the_same_digest_and_signed(store: Store) -> None:
    edition = published(store)
    ((_, file),) = notices_out.published(store, frozenset())
    told = notice.read(file, store.device_public)
    assert (told.version, told.digest, told.controller) == (edition.label, edition.digest, "PT Gerbang Terang, ID")
    assert (told.effective, told.review, told.approver) == (edition.effective, edition.review, "Direksi")
    assert len(told.texts["nl"].paragraphs) == 16


def test_whoever_is_another_company_for_a_merger_is_one_for_the_consents_too(store: Store) -> None:
    edition = published(store)
    same, other = replace(CONTROLLER, address="Jl. Lain 9"), replace(CONTROLLER, name="PT Pembeli Baru")
    assert not controller_changed(edition.controller, named(same))
    assert controller_changed(edition.controller, named(other))


def test_a_value_with_a_character_that_nobody_can_read_is_not_published(store: Store) -> None:
    with pytest.raises(Fault) as refused:
        notices.publish(store, source(approved(address="Jl. Merdeka\t1")), by=DPO)
    assert refused.value.code is FaultCode.PRIVACY_INVALID
    edition = published(store, approved(address="Gedung A \n Jl. Merdeka 1"))
    assert notices.published(store) == (edition,)


# -- asking again ------------------------------------------------------------------------------------------------------


def test_a_new_version_asks_again_and_a_face_without_an_answer_is_no_longer_matched(store: Store, hands: Hands) -> None:
    first = published(store)
    person, older = agreed(store, first), enrolled(store, "E-2", "Sri", seeds=(2,))
    second = published(store, approved(NEXT_WEEK, email="baru@gerbang.example"))
    until = second.effective_at + 30 * DAY
    assert consents.story(store, person)[0].end == InForce(AskAgain(until))
    assert faces(store) == {person, older}
    newcomer = agreed(store, second, "E-3")
    hands.move(until - hands.wall_ms)
    assert faces(store) == {newcomer}
    assert consents.story(store, person)[0].end == InForce(Lapsed(until))
    store.people.admit(person, by_face=False)


def test_whoever_answers_goes_on_with_the_same_face_and_the_story_tells_it(store: Store, hands: Hands) -> None:
    first = published(store)
    person = agreed(store, first)
    second = published(store, approved(email="baru@gerbang.example"))
    hands.move(40 * DAY)
    assert faces(store) == set()
    consents.renew(store, person, consent_to(store, second, "Ratna"))
    store = reopened(store)
    assert faces(store) == {person}
    one, two = consents.story(store, person)
    assert (one.given.text_version, one.end) == (first.label, Renewed(hands.wall_ms))
    assert (two.given.text_version, two.given.witness, two.end) == (second.label, "Ratna", InForce(Current()))
    (answer,) = of(store, person)
    assert (answer.about, answer.said, answer.version) == (About.CONSENT, Said.YES, second.label)


def test_an_old_wrap_of_the_key_that_is_left_in_a_file_is_said_and_the_answer_stands(
    store: Store, tmp_path: Path
) -> None:
    person = agreed(store, published(store))
    second = published(store, approved(email="baru@gerbang.example"))
    ((wrap,),) = store.database.rows("SELECT wrapped FROM keys WHERE kind = 'biometric'")
    (tmp_path / "state" / "copy").write_bytes(wrap)
    with pytest.raises(Fault) as found:
        consents.renew(store, person, consent_to(store, second))
    assert (found.value.code, found.value.detail) == (FaultCode.ERASURE_INCOMPLETE, "state/copy")
    assert consents.story(store, person)[-1].end == InForce(Current())


def test_an_answer_to_words_that_are_not_the_newest_is_refused(store: Store) -> None:
    first = published(store)
    person = agreed(store, first)
    published(store, approved(email="baru@gerbang.example"))
    with pytest.raises(Fault) as refused:
        consents.renew(store, person, consent_to(store, first))
    assert refused.value.code is FaultCode.CONSENT_MISSING
    assert len(consents.story(store, person)) == 1


def test_another_controller_stops_every_face_until_it_is_answered(store: Store) -> None:
    first = published(store)
    person = agreed(store, first)
    published(store, approved(registration="AHU-1"))
    assert faces(store) == {person}, "the same company says more of itself"
    published(store, approved(registration="AHU-2"))
    assert faces(store) == set(), "another company under the old name, and its first day is today"
    assert isinstance(consents.story(store, person)[0].end, InForce)


def test_a_face_that_rests_on_a_cited_law_is_asked_nothing_and_has_no_consent_to_take_back(store: Store) -> None:
    person = store.people.add("E-1", "Sri")
    store.basis.enrol(person, consent_to(store, published(store)), [face(person, 1)])
    store.basis.enrol(person, Condition("employment_law", "UU 13/2003", DPO, "f" * 16, MORNING), [face(person, 1)])
    outcome = notices.publish(store, source(approved(name="PT Pembeli Baru")), by=DPO)
    assert isinstance(outcome, New)
    assert outcome.asked == 0
    assert faces(store) == {person}
    (chapter,) = consents.story(store, person)
    assert chapter.end == Renewed(MORNING), "another ground took the place of the consent; nobody took it back"
    with pytest.raises(Fault) as refused:
        consents.withdraw(store, person)
    assert refused.value.code is FaultCode.CONSENT_MISSING
    assert faces(store) == {person}


# -- taking back -------------------------------------------------------------------------------------------------------


def test_a_consent_is_taken_back_in_one_act_with_a_certificate_and_the_pin_goes_on(store: Store, hands: Hands) -> None:
    person = agreed(store, published(store))
    done = consents.withdraw(store, person)
    assert done is not None
    assert done.certificate is not None
    assert faces(store) == set()
    assert isinstance(store.accounts.check_pin("E-0417", "482913", hands.wall_ms, hands.boottime_ms), PinAccepted)
    (chapter,) = consents.story(store, person)
    assert chapter.end == TakenBack(MORNING)
    (answer,) = of(store, person)
    assert (answer.about, answer.said, answer.witness) == (About.CONSENT, Said.NO, SELF)
    told = [event for event in store.history.events(person, 0, MORNING + DAY) if isinstance(event, Notice)]
    assert [event.kind for event in told] == [NoticeKind.CONSENT_WITHDRAWN], "headquarters is told"
    assert consents.withdraw(store, person) is None, "there is nothing left to take back"
    assert len(of(store, person)) == 1


def test_whoever_agrees_again_later_has_two_chapters_and_one_in_force(store: Store, hands: Hands) -> None:
    edition = published(store)
    person = agreed(store, edition)
    consents.withdraw(store, person)
    hands.move(DAY)
    store.basis.enrol(person, consent_to(store, edition), [face(person, 2)])
    assert [chapter.end for chapter in consents.story(store, person)] == [TakenBack(MORNING), InForce(Current())]


def test_no_state_of_a_paper_tells_a_yes_from_a_no_and_no_name_is_in_the_log_of_acts(store: Store) -> None:
    edition = published(store)
    person, other = agreed(store, edition), agreed(store, edition, "E-2")
    second = published(store, approved(email="baru@gerbang.example"))
    consents.renew(store, person, consent_to(store, second))
    consents.withdraw(store, other)
    assert {paper.state for paper in papers.find(store, PaperKind.ANSWER)} == {"answered"}
    assert "Budi" not in repr(acts(store))
    erase_person(store, person)
    assert of(store, person) == (), "the answers went with the person"
