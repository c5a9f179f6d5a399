"""A person's whole life at one device, from the notice to the last certificate, and what headquarters knows of it."""

import json
from collections.abc import Iterator

import pikepdf
import pytest
from admin_kit import ALSO_GOOD, GOOD, RATNA
from hq_desk import CHEAP as CHEAP_PASSWORDS
from hq_site import found, running
from life_kit import BUDI, MINUTE, NAMES, OTHERS, PAYROLL, PIN, SRI, WULAN, World, without_a_disk
from sync_real import run
from whole_life_acts import agreed, announced, enrol, lift_after_telling, objection, restrict, sign_the_assessment
from whole_life_end import (
    every_certificate_is_proved_here_and_at_headquarters,
    he_leaves_and_nothing_of_him_is_left,
    he_takes_his_consent_back_and_the_pin_goes_on,
    the_door_itself_lets_him_in_by_pin,
    what_is_past_its_period_goes_with_a_signed_report,
)

from hq.__main__ import main as kiosk_hq
from kiosk import words
from kiosk.faults import Fault
from kiosk.rights import consents, notices
from kiosk.rights.consents import InForce, Renewed
from kiosk.rights.release import Changed, Covered, Missing
from wire import checks
from wire.event import Action, Method

PROVED = "Certificate, signed by this door's own key."
FACE = ("reference", "biometric key")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with without_a_disk() as folder:
        site = found(folder)
        with running(site, program=CHEAP_PASSWORDS):
            made = World(site, folder, monkeypatch)
            try:
                yield made
            finally:
                made.close()


def test_a_whole_life_from_the_notice_to_the_last_certificate(world: World) -> None:
    the_roster_brings_him_and_nobody_has_told_him_yet(world)
    the_officer_publishes_the_notice_and_he_is_told(world)
    no_face_before_the_assessment_is_signed(world)
    he_types_that_he_agrees_and_is_enrolled(world)
    he_comes_and_goes_sixty_times(world)
    he_asks_for_a_correction_and_a_human_decides(world)
    he_takes_a_sealed_copy_along(world)
    his_face_is_restricted_and_he_is_told_before_it_is_lifted(world)
    his_check_ins_are_held_and_sent_on_as_they_were(world)
    first, second = a_new_notice_is_published(world)
    his_face_lapses_until_he_agrees_again(world, first, second)
    he_objects_to_announcements(world)
    he_objects_to_his_face_and_comes_back_of_his_own_will(world)
    he_disputes_a_record_and_a_human_annuls_it(world)
    he_takes_his_consent_back_and_the_pin_goes_on(world)
    the_door_itself_lets_him_in_by_pin(world)
    he_leaves_and_nothing_of_him_is_left(world)
    what_is_past_its_period_goes_with_a_signed_report(world)
    every_certificate_is_proved_here_and_at_headquarters(world)


def the_roster_brings_him_and_nobody_has_told_him_yet(world: World) -> None:
    world.publish_roster()
    world.carry()
    with world.store() as store:
        for code in (BUDI, SRI):
            person = store.people.by_code(code)
            assert person is not None
            assert (person.name, person.source, person.informed) == (NAMES[code], "roster", False)
            store.people.set_pin(person.id, PIN)
            world.known[code] = person.id
    owed = world.asks("people", "uninformed")["people"]
    assert {row["code"] for row in owed} == {*NAMES, *OTHERS}
    assert not any(row["late"] for row in owed)
    assert world.events() == [], "nobody has done anything"


def the_officer_publishes_the_notice_and_he_is_told(world: World) -> None:
    with world.site.client() as anybody:
        assert "No privacy notice has been published here yet." in anybody.get("/notices?language=en").text
    version = world.officer_asks("privacy", "notice", "publish")["version"]
    world.carry()
    for language in ("id", "en", "nl"):
        shown = world.public(language)
        for said in (version, "PT Gerbang Terang", "dpo@gerbang.example"):
            assert said in shown, (language, said)
    world.officer_asks("people", "informed", "--person", BUDI)
    assert BUDI not in {row["code"] for row in world.asks("people", "uninformed")["people"]}


def no_face_before_the_assessment_is_signed(world: World) -> None:
    assert world.release() == Missing()
    sign_the_assessment(world)
    assert isinstance(world.release(), Covered)


def he_types_that_he_agrees_and_is_enrolled(world: World) -> None:
    world.at(0, 9)
    with world.store() as store, pytest.raises(Fault, match="consent"):
        agreed(world, store, "terserah")
    enrol(world)
    assert world.face_opens()
    world.carry()
    assert world.told() == ["enrolled"]


def he_comes_and_goes_sixty_times(world: World) -> None:
    came = []
    days = [day for day in range(1, 50) if world.weekday(day) < 5][:30]
    for some in (days[:10], days[10:]):
        with world.store() as store:
            for day in some:
                method = Method.PIN if day % 5 == 0 else Method.FACE
                world.at(day, 8, 5)
                came.append(world.recorded(store, Action.IN, method, BUDI))
                if day == days[0]:
                    world.recorded(store, Action.IN, Method.PIN, SRI)
                world.at(day, 17, 2)
                came.append(world.recorded(store, Action.OUT, method, BUDI))
        world.carry()
        assert len(world.rows()) == len(came)
    rows = world.rows()
    assert [row["event"] for row in rows] == [event.event_id for event in came]
    assert len(rows) == 60
    assert {row["name"] for row in rows} == {NAMES[BUDI]}
    assert [row["method"] for row in rows] == [event.method.value for event in came]
    assert not any(row["decision"] or row["disputed"] for row in rows)


def he_asks_for_a_correction_and_a_human_decides(world: World) -> None:
    last = world.rows()[-1]
    left = world.hands.wall_ms + 30 * MINUTE
    world.at(world.today + 1, 9)
    asked = world.asks(
        *("privacy", "correct", "ask", "--person", BUDI, "--event", last["event"]),
        *("--time", checks.moment_to_text(left), "--text", "Saya pulang lebih lambat."),
        typed=(PIN,),
    )
    world.carry()
    assert world.rows()[-1] == last, "asking changes nothing"
    world.admin_asks("privacy", "correct", "decide", "--id", asked["id"], "--accept")
    answer = "privacy", "correct", "answer", "--id", asked["id"], "--by", RATNA
    assert "sent, not confirmed yet" in world.kiosk(*answer, typed=(GOOD,))
    world.carry()
    assert "confirmed" in world.kiosk(*answer, typed=(GOOD,)).replace("not confirmed", "")
    now = world.rows()[-1]
    assert (now["event"], now["time"], now["decision"]) == (last["event"], "17:32:00", "time")
    assert now["time_before"].startswith(f"{last['date']} 17:02:00")
    assert "Time changed by a person's decision" in world.seen()


def he_takes_a_sealed_copy_along(world: World) -> None:
    before = len(world.events())
    filed = world.officer_asks("privacy", "requests", "file", "--person", BUDI, "--right", "portability")
    world.officer_asks("privacy", "requests", "identity", filed["id"], "--pin", typed=(PIN,))
    place = world.folder / "confidential.pdf"
    done = world.officer_asks("privacy", "copy", "--person", BUDI, "--out", place, "--language", "id")
    world.officer_asks("privacy", "requests", "answer", filed["id"], "--note", "Diserahkan.")
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(place)
    with pikepdf.open(place, password=done["passphrase"]) as pdf:
        told = json.loads(pdf.attachments["access.json"].get_file().read_bytes())
    assert [entry["id"] for entry in told["attendance"]] == [
        row["id"] for row in world.events() if row["person"] == BUDI
    ], "he gets what headquarters has of him, entry by entry"
    assert all(entry["delivered"] for entry in told["attendance"])
    assert {row["name"]: row["value"] for row in told["person"]["fields"]}["name"] == NAMES[BUDI]
    assert NAMES[SRI] not in json.dumps(told)
    world.carry()
    assert len(world.events()) == before, "headquarters is not told who has asked for what"


def his_face_is_restricted_and_he_is_told_before_it_is_lifted(world: World) -> None:
    day = world.today + 1
    world.at(day)
    paper = restrict(world, "face")
    assert not world.face_opens()
    came = world.pass_by(Action.IN, Method.PIN)
    world.carry()
    assert (world.rows()[-1]["event"], world.rows()[-1]["method"]) == (came.event_id, "pin")
    assert world.told() == ["enrolled", "restricted"]
    lift_after_telling(world, paper, day + 3)
    assert world.face_opens()
    world.carry()
    assert world.told()[2:] == ["restriction_lifted"]
    assert "Face restricted" in world.room("/erasures")


def his_check_ins_are_held_and_sent_on_as_they_were(world: World) -> None:
    before, day = world.rows(), world.today + 1
    world.at(day)
    paper = restrict(world, "attendance")
    came = world.pass_by(Action.IN)
    world.at(day, 17)
    went = world.pass_by(Action.OUT)
    world.carry()
    waits, *others = world.rows()
    assert (waits["action"], waits["code"]) == ("attendance_held", BUDI)
    assert others == before
    assert "Check-ins are held" in world.seen()
    (shown,) = world.officer_asks("privacy", "restrict", "list")["restrictions"]
    assert shown["held"] == 2
    assert lift_after_telling(world, paper, day + 3) == 2
    world.carry()
    rows = world.rows()
    assert rows[:-2] == before
    assert [(row["event"], row["time"]) for row in rows[-2:]] == [
        (came.event_id, "08:00:00"),
        (went.event_id, "17:00:00"),
    ]
    assert "Check-ins are held" not in world.seen()
    assert world.told()[3:] == ["attendance_restricted", "attendance_released"]


def a_new_notice_is_published(world: World) -> tuple[str, str]:
    """Labels of the version before and of the new one, which holds from that day on."""
    world.at(world.today + 1)
    with world.store() as store:
        (first,) = (edition.label for edition in notices.published(store))
    world.decide(email="privasi@gerbang.example", more=PAYROLL)
    assert isinstance(world.release(), Changed), "one more recipient needs another signature"
    sign_the_assessment(world)
    assert isinstance(world.release(), Covered)
    done = world.officer_asks("privacy", "notice", "publish")
    assert (done["outcome"], done["asked"]) == ("new", 1)
    world.carry()
    shown = world.public()
    assert done["version"] in shown
    assert first in shown, "past versions stay"
    assert "Biro Gaji" in shown
    assert "dpo@gerbang.example" not in world.public("nl").partition(done["version"])[2].partition(first)[0]
    return first, done["version"]


def his_face_lapses_until_he_agrees_again(world: World, first: str, second: str) -> None:
    begun, told = world.today, world.told()
    world.at(begun + 29, 23)
    assert world.face_opens()
    world.at(begun + 30)
    assert not world.face_opens()
    came = world.pass_by(Action.IN, Method.PIN)
    typed = words.say("id", "enrol.agree")
    world.kiosk("privacy", "consent", "--person", BUDI, "--language", "id", typed=("tidak",), code=1)
    assert not world.face_opens()
    world.asks("privacy", "consent", "--person", BUDI, "--language", "id", typed=(typed,))
    assert world.face_opens()
    with world.store() as store:
        story = consents.story(store, world.known[BUDI])
    assert [(one.given.text_version, type(one.end)) for one in story] == [(first, Renewed), (second, InForce)]
    world.carry()
    assert world.rows()[-1]["event"] == came.event_id
    assert world.told() == told, "headquarters is told nothing of a face that waits for an answer"


def he_objects_to_announcements(world: World) -> None:
    when = ("--from", f"{world.date()}T00:00+07:00", "--until", "2126-01-01T00:00+07:00")
    said = ("--id-text", "Rapat", "--en", "Meeting", "--nl", "Vergadering")
    done = run(kiosk_hq, "announce", "--data", str(world.site.root), "--id", "rapat", *when, *said)
    assert done[0] == 0, done
    world.carry()
    assert announced(world) == {BUDI: ["Rapat"], SRI: ["Rapat"]}
    paper = objection(world, "announcements")
    assert announced(world) == {BUDI: [], SRI: ["Rapat"]}, "it stops while it is assessed"
    world.officer_asks("privacy", "object", "decide", "--id", paper, "--uphold")
    assert announced(world) == {BUDI: [], SRI: ["Rapat"]}
    world.at(world.today, 9)
    world.asks("privacy", "announcements", "--person", BUDI, "--on")
    assert announced(world) == {BUDI: ["Rapat"], SRI: ["Rapat"]}, "his own later word counts"


def he_objects_to_his_face_and_comes_back_of_his_own_will(world: World) -> None:
    before = world.told()
    world.at(world.today + 1)
    paper = objection(world, "face_recognition")
    assert not world.face_opens()
    world.officer_asks("privacy", "object", "decide", "--id", paper, "--uphold")
    with world.store() as store:
        assert not store.people.get(world.known[BUDI]).has_face
    world.carry()
    assert world.told()[len(before) :] == ["restricted", "restriction_lifted", "consent_withdrawn"]
    assert world.room("/erasures").count(PROVED) == 1
    world.at(world.today, 10)
    enrol(world)
    assert world.face_opens()
    world.carry()
    assert world.told()[-1] == "enrolled"


def he_disputes_a_record_and_a_human_annuls_it(world: World) -> None:
    world.at(world.today + 1)
    wrong = world.pass_by(Action.OUT)
    world.at(world.today, 8, 1)
    world.disputed(wrong)
    world.carry()
    row = world.rows()[-1]
    assert (row["event"], row["disputed"], row["decision"]) == (wrong.event_id, "yes", "")
    (waits,) = world.officer_asks("privacy", "review", "list")["records"]
    assert (waits["entry"], waits["why"]) == (wrong.event_id, "disputed")
    asked = "privacy", "review", "show", "--id", wrong.event_id, "--by", WULAN, "--language", "id"
    card = " ".join(world.kiosk(*asked, typed=(ALSO_GOOD,)).split())
    for key in ("review.title", "review.pay", "review.score", "review.decides", "review.method.face"):
        assert words.say("id", key) in card, key
    reason = ("--annul", "--reason", "Anda masih di luar kota hari itu.")
    world.officer_asks("privacy", "review", "decide", "--id", wrong.event_id, *reason)
    assert world.officer_asks("privacy", "review", "list")["records"] == []
    world.carry()
    assert world.rows()[-1]["decision"] == "annulled"
    assert "Does not count: a person has decided so" in world.seen()
