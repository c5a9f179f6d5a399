"""Policy E19: what a machine or a claim recorded is explained and decided by a human, and costs nobody pay before."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from correction_kit import COMPANY, OTHER, Office, office
from store_kit import HOUR, MORNING, Hands, check_in, dispute

from kiosk import words
from kiosk.cli.privacy_review import machine
from kiosk.config import Config
from kiosk.faults import Fault, FaultCode
from kiosk.rights import correction_letters, explanation, human_review, own_acts, plain_text, rectification
from kiosk.rights.company import Officer
from kiosk.rights.correction import Doubted
from kiosk.rights.correction_letters import Letterhead
from kiosk.rights.explanation import Machine
from kiosk.rights.human_review import Annul, Confirm, Reassign, Why
from kiosk.rights.rectification import Accept
from kiosk.store import papers
from kiosk.store.papers import PaperKind
from kiosk.store.standing import Standing
from wire.event import Action, Amendment, CheckIn, ClockState, Decision, Method, uuid7

RIGHTS = Path(__file__).parent.parent / "kiosk" / "rights"
MEASURED = Machine(
    "identification", "faceplugin", "0.50", "0.43", "0.05", "FPIR 0 of 10 (95% bound 26%)", "ten", "m.toml"
)


@pytest.fixture
def at(tmp_path: Path) -> Office:
    made = office(tmp_path / "state")
    made.hands.move(9 * HOUR)
    return made


def head(language: str = "en") -> Letterhead:
    company = replace(COMPANY, officer=Officer("Siti Rahayu", "dpo@example.org"))
    return Letterhead(company, language, "E-0417", "door-1", "Asia/Jakarta", MORNING + 9 * HOUR)


def squeezed(text: str) -> str:
    """Without white space: where a line ends says nothing."""
    return "".join(text.split())


def refusal(act: object) -> str:
    assert callable(act)
    with pytest.raises(Fault) as fault:
        act()
    assert fault.value.code is FaultCode.REQUEST_REFUSED
    return fault.value.detail


# what waits


def test_claims_and_disputes_wait_until_a_human_has_decided(at: Office) -> None:
    at.log(Action.BREAK_START, at=MORNING - HOUR)
    claimed = at.log(at=MORNING, method=Method.CLAIMED)
    disputed = at.log(Action.OUT, at=MORNING + HOUR)
    at.store.ledger.append(dispute(at.store, disputed.event_id), at.person)
    found = human_review.pending(at.store)
    assert [(each.standing.event.event_id, each.why) for each in found] == [
        (claimed.event_id, Why.CLAIMED),
        (disputed.event_id, Why.DISPUTED),
    ]
    at.review(claimed.event_id, Confirm())
    at.review(disputed.event_id, Annul())
    assert human_review.pending(at.store) == ()


def test_what_somebody_asked_for_waits_with_their_words(at: Office) -> None:
    mine = at.log(at=MORNING)
    filed = at.ask(Doubted(mine.event_id), "Saya ragu kamera mengenali saya.")
    (found,) = human_review.pending(at.store)
    assert (found.why, found.matter) == (Why.ASKED, filed.id)
    (request,) = papers.find(at.store, PaperKind.REQUEST)
    assert request.content is not None
    assert (request.content["right"], request.due_at) == ("human_review", at.store.now_ms() + 72 * HOUR)
    assert "review decide" in refusal(lambda: at.decide(filed.id, Accept()))
    (done,) = at.review(mine.event_id, Confirm())
    assert done.id == filed.id
    assert done.matter is not None
    assert done.matter.text == "Saya ragu kamera mengenali saya.", "the person's own view is kept"
    assert papers.get(at.store, request.id).state == "answered"


def test_an_old_claim_is_found_where_everything_is_wanted_and_one_of_a_clock_never_set_always(at: Office) -> None:
    old = at.log(at=MORNING, method=Method.CLAIMED)
    at.hands.move(200 * 24 * HOUR)
    unset = at.log(at=86_400_000, method=Method.CLAIMED)
    ids = [each.standing.event.event_id for each in human_review.pending(at.store)]
    assert ids == [unset.event_id]
    ids = [each.standing.event.event_id for each in human_review.pending(at.store, days=None)]
    assert ids == [unset.event_id, old.event_id]


# no decision of a machine is used for pay


def test_a_claimed_record_counts_as_recorded_until_a_human_decides_otherwise(at: Office) -> None:
    claimed = at.log(at=MORNING, method=Method.CLAIMED)
    at.log(Action.OUT, at=MORNING + 8 * HOUR)
    worked = at.store.history.worked_today
    assert worked(at.person, MORNING - HOUR, MORNING + 9 * HOUR) == 8 * 3600
    at.ask(Doubted(claimed.event_id))
    assert worked(at.person, MORNING - HOUR, MORNING + 9 * HOUR) == 8 * 3600, "asking changes nothing"
    at.review(claimed.event_id, Annul())
    assert worked(at.person, MORNING - HOUR, MORNING + 9 * HOUR) == 0


def test_only_the_desk_s_decisions_write_amendments() -> None:
    """Nothing that a machine decides, and nothing that runs by itself, can make one (policy E19)."""
    makers = [
        str(path.relative_to(RIGHTS.parent))
        for path in sorted(RIGHTS.parent.rglob("*.py"))
        if re.search(r"\bAmendment\(\s*event_id,", path.read_text(encoding="utf-8"))
    ]
    assert makers == ["rights/rectification.py"]
    source = (RIGHTS / "rectification.py").read_text(encoding="utf-8")
    assert "answers_for(desk.login)" in source


# deciding


def test_what_was_somebody_else_s_is_annulled_for_one_and_added_for_the_other(at: Office) -> None:
    theirs = at.log(at=MORNING)
    at.store.ledger.append(dispute(at.store, theirs.event_id), at.person)
    first, second = at.review(theirs.event_id, Reassign(at.other))
    assert at.last() is None
    assert at.store.history.last_action(at.other, at.hands.wall_ms) == (Action.IN, MORNING)
    assert (first.person, second.person) == (at.person, at.other)
    (amended,) = [e for e in at.store.history.events(at.other, 0, MORNING + 1) if isinstance(e, Amendment)]
    assert (amended.decision, amended.person, amended.refers_to) == (Decision.ADDED, OTHER, "")


def test_neither_answer_says_who_the_other_one_is(at: Office) -> None:
    theirs = at.log(at=MORNING)
    names = {at.person: ("E-0417", "Budi", theirs.event_id), at.other: (OTHER, "Dewi")}
    done = at.review(theirs.event_id, Reassign(at.other))
    for filed, hidden in zip(done, reversed(list(names.values())), strict=True):
        assert filed.matter is not None
        assert filed.matter.ruling is not None
        code = at.store.people.get(filed.person).code
        letter = correction_letters.answer(replace(head(), code=code), filed.id, filed.matter, filed.matter.ruling, ())
        text = plain_text.text(letter) + repr(letter.data)
        assert not [word for word in hidden if word in text]


@pytest.mark.parametrize("reason", [f"It was {OTHER}.", "it was dewi", "Kamera: Anggraini datang."])
def test_a_reason_that_names_the_other_person_is_refused(at: Office, reason: str) -> None:
    theirs, size = at.log(at=MORNING), at.store.ledger.size()
    said = refusal(lambda: at.review(theirs.event_id, Reassign(at.other), reason))
    assert "names the other person" in said
    assert at.last() == (Action.IN, MORNING)
    assert at.store.ledger.size() == size


def test_a_decision_needs_a_reason_an_entry_and_something_to_decide(at: Office) -> None:
    mine = at.log(at=MORNING)
    assert "reason" in refusal(lambda: at.review(mine.event_id, Annul(), " "))
    assert "nobody here" in refusal(lambda: at.review(check_in(at.store).event_id, Annul()))
    assert "already" in refusal(lambda: at.review(mine.event_id, Reassign(at.person)))
    at.review(mine.event_id, Annul())
    assert "not count" in refusal(lambda: at.review(mine.event_id, Confirm()))


def test_a_decision_of_the_desk_alone_is_on_paper_too(at: Office) -> None:
    claimed = at.log(at=MORNING, method=Method.CLAIMED)
    (done,) = at.review(claimed.event_id, Confirm())
    assert (done.state, done.due_at) == ("confirmed", None)
    assert papers.find(at.store, PaperKind.REQUEST) == (), "nobody has asked"
    assert rectification.get(at.store, done.id) == done


# the card


@pytest.mark.parametrize("language", ["id", "en", "nl"])
@pytest.mark.parametrize("method", list(Method))
def test_the_card_explains_each_method_in_each_language(language: str, method: Method) -> None:
    event = CheckIn(uuid7(MORNING, bytes(10)), "E-0417", Action.IN, MORNING, Hands()().clock, method, "Lobby")
    standing = Standing(event, Action.IN, MORNING, decided=None, disputed=None, moved=False)
    document = explanation.card(head(language), standing, MEASURED)
    text = squeezed(plain_text.text(document))
    for key in (f"how.{method}", f"method.{method}", "pay", "object", "decides", "not_used.picture"):
        assert squeezed(words.say(language, f"review.{key}")) in text, key
    assert "dpo@example.org" in text
    assert document.confidential
    assert ("0.50" in text) == (method is Method.FACE), "thresholds are told where a face was used"


def test_a_card_says_that_the_score_is_stored_nowhere(at: Office) -> None:
    standing = own_acts.one(at.store, at.person, at.log(at=MORNING).event_id)
    document = explanation.card(head(), standing, MEASURED)
    text = squeezed(plain_text.text(document))
    assert squeezed(words.say("en", "review.score")) in text
    assert "FPIR0of10(95%bound26%)" in text
    assert set(document.data) == {
        "entry", "method", "action", "occurred_at", "clock", "annulled", "thresholds", "measured", "population",
        "source",
    }  # fmt: skip


def test_no_rate_is_told_without_its_bound(at: Office) -> None:
    assert explanation.bounded("FPIR 0 of 3,812 probes (95% bound 0.08%), FNIR 0.02% at 0.50") == (
        "FPIR 0 of 3,812 probes (95% bound 0.08%)"
    )
    assert not explanation.bounded("FNIR 0.02% at 0.50")
    assert "bound" in machine(Config(data=at.store.database.directory)).measured
    standing = own_acts.one(at.store, at.person, at.log(at=MORNING).event_id)
    text = squeezed(plain_text.text(explanation.card(head(), standing, replace(MEASURED, measured=""))))
    assert squeezed(words.say("en", "review.rates_none")) in text
    assert "FPIR" not in text


def test_where_the_threshold_is_another_one_the_measured_rates_are_not_told(at: Office) -> None:
    loaded = Config(data=at.store.database.directory)
    changed = replace(loaded, recognition=replace(loaded.recognition, threshold=0.6))
    assert (machine(changed).accept, machine(changed).measured) == ("0.60", "")


def test_the_card_says_what_counts_now_and_that_a_clock_was_in_doubt(at: Office) -> None:
    event = check_in(at.store, at=MORNING)
    event = replace(event, clock=replace(event.clock, state=ClockState.UNSYNCED))
    at.store.ledger.append(event, at.person)
    at.review(event.event_id, Annul())
    standing = own_acts.one(at.store, at.person, event.event_id)
    text = squeezed(plain_text.text(explanation.card(head(), standing, MEASURED)))
    assert squeezed(words.say("en", "review.nothing")) in text
    assert squeezed(words.say("en", "review.clock.unsynced")) in text


@pytest.mark.parametrize("topic", ["correction", "review"])
def test_every_sentence_of_the_desk_is_used(topic: str) -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in RIGHTS.glob("*.py"))
    said = set(re.findall(r'"(?:correction\.)?([a-z_]+)"', sources))
    said |= set(re.findall(r'f"(?:correction\.)?([a-z_]+)[._]\{', sources))
    keys = {key.split(".")[1] for key in words.table("en") if key.startswith(f"{topic}.")}
    assert not {key for key in keys - said if not key.startswith("profile_")}
