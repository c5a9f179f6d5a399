"""What devices report and prove, as HQ shows it: certificates by their signature, reports by what is known of them."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hq_desk import deliver
from hq_site import Door, Site, clock, found, new_id, now_ms
from sqlalchemy import insert

from hq import doors, facts, notices, words
from hq.database import writing
from hq.facts import DAY_MS, HOUR_MS
from hq.office import Office, open_office
from hq.tables_door import erasure_certificates, reports
from wire import certificate
from wire.certificate import CLASSES, Certificate, Level, Limit, Place, Scope, Searched
from wire.checkpoint import Checkpoint
from wire.checkpoint import sign as sign_note
from wire.event import ClockState, Notice, NoticeKind
from wire.signing import SigningKey

NOW = now_ms()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return found(tmp_path)


@pytest.fixture
def office(site: Site) -> Iterator[Office]:
    with closing(open_office(site.root)) as opened:
        yield opened


def signed(door: Door, seq: int, key: SigningKey, paper: str) -> bytes:
    size = len(door.rows)
    return certificate.sign(
        Certificate(
            id=paper,
            device=door.id,
            scope=Scope.PERSON,
            subject="00" * 8,
            seq=seq,
            checkpoint=sign_note(Checkpoint(door.id, size, door.head(size)), key),
            began=NOW,
            finished=NOW,
            clock=ClockState.SYNCED,
            destroyed=dict.fromkeys(CLASSES[Scope.PERSON], 1),
            searched={place: Searched(1, 1) for place in Place},
            pieces=1,
            root_key=Level.WEAK,
            limits=(Limit.FLASH,),
        ),
        key,
    )


def test_a_certificate_stands_beside_its_notice_and_only_the_door_s_own_key_proves_it(
    site: Site, office: Office
) -> None:
    door = site.door("front", "Depan")
    for person in ("E-1", "E-2", "E-3"):
        door.append(Notice(new_id(), NoticeKind.ERASED, person, NOW, clock(), "Kantor"))
    deliver(office, door)
    bodies = {
        "01" * 8: signed(door, 1, door.key, "01" * 8),
        "02" * 8: signed(door, 2, SigningKey.generate(), "02" * 8),
        "03" * 8: b"garbage",
    }
    with writing(office.engine) as work:
        for paper, body in bodies.items():
            work.execute(insert(erasure_certificates).values(device="front", id=paper, received=NOW, body=body))
    seen, loose = notices.told(office)
    proofs = {each.code: [(proof.id, proof.verified) for proof in each.proofs] for each in seen}
    assert proofs == {"E-1": [("01" * 8, True)], "E-2": [("02" * 8, False)], "E-3": []}
    assert [(proof.id, proof.verified, proof.certificate) for proof in loose] == [("03" * 8, False, None)]
    assert notices.one(office, "front", "01" * 8) == bodies["01" * 8]
    assert notices.one(office, "back", "01" * 8) is None


REPORT: dict[str, object] = {
    "format": "ambang.report.v1",
    "version": "0.2.0",
    "delivery": "offline",
    "detail": "",
    "waiting": 1234,
    "oldest": 5 * HOUR_MS,
    "dead": {"unknown_employee": 2, "overlap": 1},
    "certificate_until": NOW + 10 * DAY_MS,
    "system_updated": None,
    "network": "00" * 32,
    "welfare": {
        "at": NOW,
        "security_level": "weak",
        "quarantined": 0,
        "backup_offsite": NOW - 3 * DAY_MS,
        "backup_onsite": None,
    },
}


def test_a_report_becomes_facts_and_those_that_worry_are_marked(site: Site, office: Office) -> None:
    site.door("front")
    with writing(office.engine) as work:
        for at, body in ((NOW - HOUR_MS, {"waiting": 9}), (NOW, REPORT)):
            work.execute(insert(reports).values(device="front", at=at, body=json.dumps(body)))
    (door,), _ = doors.look(office, NOW)
    assert door.report is not None
    said = {fact.key: (words.fact("en", fact, NOW), fact.worry) for fact in door.report.facts}
    assert said == {
        "delivery": ("no network", True),
        "waiting": ("1,234", False),
        "oldest": ("5 hours", True),
        "dead": ("3", True),
        "quarantined": ("0", False),
        "security_level": ("in a file", True),
        "backup_offsite": ("3 days ago", True),
        "backup_onsite": ("never", True),
        "certificate_until": (said["certificate_until"][0], True),
        "version": ("0.2.0", False),
    }


@pytest.mark.parametrize(
    "body", ["", "[]", "null", "{", '{"waiting": "9", "version": 7, "dead": [1], "welfare": 3, "oldest": true}']
)
def test_a_report_of_another_form_shows_what_can_be_read_and_no_more(body: str) -> None:
    assert facts.read(NOW, body).facts == ()


def test_a_door_is_new_in_touch_quiet_or_silent() -> None:
    ages = (None, 0, doors.TOUCH_MS - 1, doors.TOUCH_MS, doors.SILENT_MS - 1, doors.SILENT_MS)
    said = [doors.state(None if age is None else NOW - age, NOW) for age in ages]
    assert said == ["new", "in_touch", "in_touch", "quiet", "quiet", "silent"]
