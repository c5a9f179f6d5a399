"""The end of a whole life: consent taken back, leaving, retention, certificates."""

import json
from collections import Counter

from admin_kit import ALSO_GOOD
from admin_kit import WRONG as NEW
from desk import at_work
from erasure_kit import belongings, lying
from life_kit import BUDI, HOUR, NAMES, PIN, SRI, WULAN, World
from whole_life_acts import device_key, verified

from kiosk.flow import events as ev
from kiosk.flow.actions import Action as Tapped
from kiosk.flow.actions import Method as Known
from kiosk.rights import retention
from kiosk.store import PinRefused, account_acts, papers
from kiosk.store.papers import PaperKind
from wire import certificate
from wire.certificate import Scope
from wire.event import Action, Method

PROVED = "Certificate, signed by this door's own key."
FACE = ("reference", "biometric key")


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
