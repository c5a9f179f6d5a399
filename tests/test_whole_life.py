"""A person's whole life at one device, from the notice to the last certificate, and what headquarters knows of it."""

import io
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from admin_kit import ALSO_GOOD, GOOD, RATNA
from admin_kit import WRONG as NEW
from assess_kit import ANSWERS
from desk import at_work
from erasure_kit import belongings, lying
from hq_desk import CHEAP as CHEAP_PASSWORDS
from hq_site import Site, found, running
from life_kit import BUDI, HOUR, MINUTE, NAMES, OTHERS, PAYROLL, PIN, SRI, WULAN, World
from store_kit import face
from sync_real import run

from hq.__main__ import main as kiosk_hq
from kiosk import words
from kiosk.__main__ import main
from kiosk.cli import people_enrol
from kiosk.cli.people_enrol import Options
from kiosk.faults import Fault
from kiosk.flow import events as ev
from kiosk.flow.actions import Action as Tapped
from kiosk.flow.actions import Method as Known
from kiosk.rights import assessment_acts, consents, notices, preferences, retention
from kiosk.rights.assessment_answers import Filled
from kiosk.rights.consents import InForce, Renewed
from kiosk.rights.release import Changed, Covered, Missing
from kiosk.rights.scope import Running
from kiosk.store import Consent, PinRefused, Store, account_acts, papers
from kiosk.store.papers import PaperKind
from wire import certificate, checks
from wire.certificate import Scope
from wire.event import Action, Method, Notice, NoticeKind, uuid7

PROVED = "Certificate, signed by this door's own key."
FACE = ("reference", "biometric key")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = found(tmp_path_factory.mktemp("life"))
    with running(site, program=CHEAP_PASSWORDS):
        yield site


@pytest.fixture
def world(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(site, tmp_path, monkeypatch)
    yield made
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


def he_takes_his_consent_back_and_the_pin_goes_on(world: World) -> None:
    world.at(world.today + 1)
    with world.store() as store:
        mine = belongings(store, world.known[BUDI])
    assert {kind for _, kind in lying(world.device.folder, mine, *FACE)} == set(FACE)
    world.asks("privacy", "withdraw", "--person", BUDI, typed=(BUDI,))
    assert lying(world.device.folder, mine, *FACE) == set()
    assert not world.face_opens()
    came = world.pass_by(Action.IN, Method.PIN)
    world.carry()
    assert world.told()[-1] == "consent_withdrawn"
    assert world.room("/erasures").count(PROVED) == 2
    own = {"date", "time", "event"}
    rows = {row["event"]: {key: row[key] for key in row.keys() - own} for row in world.rows()}
    assert rows[came.event_id] in [row for event, row in rows.items() if event != came.event_id], "no mark, no column"


def the_door_itself_lets_him_in_by_pin(world: World) -> None:
    world.at(world.today, 17)
    with at_work(world.config) as desk:
        desk.clerk.check_pin(1, BUDI, PIN)
        known = desk.answer(ev.PinAccepted)
        assert (known.person, known.face) == (world.known[BUDI], False)
        desk.clerk.look_up(2, known.person, Known.PIN)
        found = desk.answer(ev.Resolved)
        assert found.last is not None
        assert (found.name, found.last.action) == (NAMES[BUDI], Tapped.IN)
        desk.clerk.save(3, known.person, Tapped.OUT, Known.PIN)
        done = desk.answer(ev.Committed)
        assert done.worked_s == 9 * HOUR // 1000
    world.carry()
    assert world.rows()[-1]["event"] == done.event_id


def he_leaves_and_nothing_of_him_is_left(world: World) -> None:
    world.at(world.today + 1)
    last = world.pass_by(Action.IN, Method.PIN)
    court = ("--person", BUDI, "--ground", "gugatan", "--until", world.date(90))
    hold = world.officer_asks("privacy", "retention", "hold", *court)["hold"]
    with world.store() as store:
        mine = belongings(store, world.known[BUDI])
    world.publish_roster(BUDI)
    world.carry()
    now = world.hands()
    with world.store() as store:
        assert isinstance(store.accounts.check_pin(BUDI, PIN, now.wall_ms, now.clock.boottime_ms), PinRefused)
        assert store.people.get(world.known[BUDI]).state == "left"
    kept = {kind for _, kind in lying(world.device.folder, mine)}
    assert kept >= {"PIN", "record key", "profile key", "profile", "consent"}, "a legal hold keeps him"
    world.officer_asks("privacy", "retention", "release", hold, "--why", "selesai")
    world.carry()
    assert lying(world.device.folder, mine) == set()
    with world.store() as store:
        assert world.known[BUDI] not in {person.id for person in store.people.all()}
        his = [paper for kind in PaperKind for paper in papers.find(store, kind, person=world.known[BUDI])]
    assert len(his) > 10
    assert [paper for paper in his if paper.content is not None] == [], "the register keeps dates, and no word"
    world.carry()
    assert world.told()[-1] == "erased"
    assert world.rows()[-1]["event"] == last.event_id, "headquarters has received it, and pays by it"
    assert "Erased at the door" in world.room("/erasures")


def what_is_past_its_period_goes_with_a_signed_report(world: World) -> None:
    with world.store() as store:
        (_,) = store.history.events(world.known[SRI], 0, store.now_ms())
    world.at(world.today + 60, 3)
    asked = "privacy", "retention", "sweep", "--clock-is-right"
    world.kiosk(*asked, "--by", WULAN, typed=(ALSO_GOOD,), code=2)
    with world.store() as store:  # her password is too old by now
        account_acts.set_password(store, world.officer, NEW)
        ahead = Counter[str]()
        for line in retention.preview(store, world.company.periods):
            ahead[line.data_class] += line.going
    swept = json.loads(world.kiosk(*asked, "--by", WULAN, "--json", typed=(NEW,)))
    assert {name: count for name, count in swept["gone"].items() if count} == dict(ahead)
    assert set(ahead) == {"attendance_records", "attendance_keys"}
    with world.store() as store:
        assert store.history.events(world.known[SRI], 0, store.now_ms()) == []
        assert store.ledger.verify() > 0
    report, key = world.folder / "report.json", device_key(world)
    world.asks("privacy", "retention", "reports", "--id", swept["paper"], "--out", report)
    assert verified("retention", "verify", report, key)["gone"] == swept["gone"]
    forged = world.folder / "forged.json"
    gone = swept["gone"]["attendance_records"]
    forged.write_bytes(report.read_bytes().replace(f'"attendance_records":{gone}'.encode(), b'"attendance_records":0'))
    assert forged.read_bytes() != report.read_bytes()
    assert not verified("retention", "verify", forged, key)["genuine"]
    world.carry()
    assert SRI in {row["person"] for row in world.events()}, "headquarters has a period of its own"


def every_certificate_is_proved_here_and_at_headquarters(world: World) -> None:
    paths = sorted(world.config.certificates.glob("*.json"))
    with world.store() as store:
        proofs = [certificate.read(path.read_bytes(), store.device_public) for path in paths]
    assert sorted(proof.scope for proof in proofs) == [Scope.FACE, Scope.FACE, Scope.PERSON]
    assert {proof.subject for proof in proofs} == {world.known[BUDI]}
    for path in paths:
        assert verified("verify-certificate", path, device_key(world))["genuine"]
    assert world.room("/erasures").count(PROVED) == 3
    world.posted("hana", "/erasures/ask", code=BUDI)
    ((request,),) = world.site.rows("SELECT id FROM erasure_requests")
    world.posted("joko", "/erasures/confirm", request=request)
    assert world.rows() == []
    assert BUDI not in {row["person"] for row in world.events()}


# what several steps do


def sign_the_assessment(world: World) -> None:
    answers = replace(ANSWERS, review="2099-01-01")
    current = Running(world.config, world.company)
    with world.store() as store:
        kept = assessment_acts.draft(store, current, Filled(answers), (), by=world.officer.account)
        assessment_acts.sign(store, current, kept.paper.id, by=world.officer.account)


def agreed(world: World, store: Store, typed: str = "") -> Consent:
    """What he types after the notice was shown to him."""
    world.patch.setattr("sys.stdin", io.StringIO(f"{typed or words.say('id', 'enrol.agree')}\n"))
    asked = Options(BUDI, "id", None, None, "self", None, None, glasses=False)
    return people_enrol._consent(store, asked)


def enrol(world: World) -> None:
    now, person = world.hands(), world.known[BUDI]
    with world.store() as store:
        event = Notice(uuid7(now.wall_ms, os.urandom(10)), NoticeKind.ENROLLED, BUDI, now.wall_ms, now.clock, "Lobby")
        store.basis.enrol(person, agreed(world, store), [face(person, seed) for seed in (1, 2, 3)], notice=event)


def restrict(world: World, purpose: str) -> str:
    """Restrict, by an administrator; returns the id of the paper."""
    why = ("--why", "Saya ingin ini diperiksa dahulu.")
    world.admin_asks("privacy", "restrict", "begin", "--person", BUDI, "--purpose", purpose, *why)
    (found,) = world.officer_asks("privacy", "restrict", "list")["restrictions"]
    assert (found["person"], found["purpose"], found["state"]) == (BUDI, purpose, "in force")
    return str(found["id"])


def lift_after_telling(world: World, paper: str, day: int) -> int:
    """Tell him of the day, and lift it then; returns how many check-ins go their way with it."""
    lift = "privacy", "restrict", "lift", "--id", paper
    world.kiosk(*lift, "--by", WULAN, typed=(ALSO_GOOD,), code=2)
    world.officer_asks("privacy", "restrict", "tell", "--id", paper, "--on", world.date(day - world.today))
    world.kiosk(*lift, "--by", WULAN, typed=(ALSO_GOOD,), code=2)
    world.at(day)
    released: int = world.officer_asks(*lift)["released"]
    return released


def objection(world: World, purpose: str) -> str:
    """What he says, written down by an administrator; returns the id of the paper."""
    why = ("--why", "Saya keberatan.")
    world.admin_asks("privacy", "object", "file", "--person", BUDI, "--purpose", purpose, *why)
    found = world.officer_asks("privacy", "object", "list")["objections"][-1]
    assert (found["person"], found["purpose"], found["outcome"]) == (BUDI, purpose, "assessed")
    return str(found["id"])


def announced(world: World) -> dict[str, list[str]]:
    """What may be shown to each of them by name."""
    with world.store() as store:
        return {
            code: [each.id_text for each in preferences.for_person(store, world.known[code])] for code in (BUDI, SRI)
        }


def device_key(world: World) -> Path:
    """The device's public key, as headquarters has it."""
    (known,) = world.site.export()["devices"]
    file = world.folder / "device.key"
    file.write_text(known["public"], encoding="utf-8")
    return file


def verified(*words: str | Path) -> Any:  # noqa: ANN401 - JSON
    """What a machine without the store says of a signed file."""
    *verb, file, key = words
    _, out, _ = run(main, "privacy", *map(str, verb), str(file), "--device-key", str(key), "--json")
    return json.loads(out)
