"""What devices must still hear from an HQ that was restored from a backup and counts from before."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

from hq_desk import deliver
from hq_site import Site, clock, found, new_id, now_ms

from hq import messages
from hq.database import writing
from hq.office import Office, open_office
from hq.tables_door import echoes
from wire.event import Notice, NoticeKind


def told(office: Office, device: str, after: int) -> list[tuple[int, str]]:
    answer: dict[str, Any] = json.loads(messages.answer(office, device, after, 20))
    return [(one["number"], one["kind"]) for one in answer["messages"]]


def leave(site: Site, office: Office, name: str, *people: str) -> None:
    door = site.door(name)
    for person in people:
        door.append(Notice(new_id(), NoticeKind.CONSENT_WITHDRAWN, person, now_ms(), clock(), "Kantor"))
    deliver(office, door)


def test_a_device_that_is_further_than_hq_hears_what_comes_and_what_it_has_not_answered(tmp_path: Path) -> None:
    site = found(tmp_path)
    site.door("front")
    with closing(open_office(site.root)) as office:
        leave(site, office, "back", "E-1", "E-2")
        assert told(office, "front", 0) == [(1, "sibling"), (2, "departure"), (3, "departure")]
        with writing(office.engine) as work:  # E-2 has come back since
            person = office.seals.index("echo", "E-2")
            work.execute(echoes.delete().where(echoes.c.device == "front", echoes.c.person == person))
        assert told(office, "front", 3) == []
        # as after a restore: the device has heard 40 messages
        assert told(office, "front", 40) == [(41, "sibling"), (42, "departure")]
        leave(site, office, "side", "E-3")
        assert told(office, "front", 42) == [(43, "sibling"), (44, "departure")]


def test_a_device_that_claims_to_be_further_than_it_can_be_is_not_believed(tmp_path: Path) -> None:
    site = found(tmp_path)
    site.door("front")
    with closing(open_office(site.root)) as office:
        assert told(office, "front", 2**53 - 1) == []
        leave(site, office, "back", "E-1")
        assert told(office, "front", 0) == [(1, "sibling"), (2, "departure")]
