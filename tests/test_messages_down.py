"""What headquarters tells its devices: numbered, signed, for one device each; and what sync lays before the kiosk."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from door_kit import asked, at_home, memory, told
from hq_site import Door, Site, check_in, clock, found, new_id, now_ms, running
from sync_real import run

from hq.__main__ import main as kiosk_hq
from hq.database import writing
from hq.messages import answer
from hq.office import open_office
from hq.roster import merge, read_csv
from sync.exchange import Exchange
from wire import canonical, message
from wire.event import Notice, NoticeKind
from wire.message import (
    Announcement,
    Content,
    Departure,
    Entry,
    Message,
    Parting,
    Policy,
    Roster,
    Shift,
    Sibling,
    Standing,
    Trip,
    Trust,
)
from wire.signing import SigningKey

HQ = SigningKey.generate()
ROSTER = (
    "code,name,ref,state,language,shift\nE-1,Sari,HR-1,active,id,S1\nE-2,Budi,HR-2,suspended,,\nE-3,Ayu,,left,nl,\n"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = found(tmp_path_factory.mktemp("messages"))
    with running(site):
        yield site


@pytest.fixture
def alone(tmp_path: Path) -> Site:
    """An HQ without a process: commands and functions only."""
    return found(tmp_path)


def kept(site: Site, device: str) -> list[Message]:
    messages: list[Message] = []
    with closing(open_office(site.root)) as office:
        while True:
            value: Any = canonical.decode(answer(office, device, messages[-1].number if messages else 0, 100))
            if not value["messages"]:
                break
            messages += [message.from_json(one) for one in value["messages"]]
    for one in messages:
        message.check(one, site.public)
    return messages


def contents(site: Site, device: str) -> list[Content]:
    return [one.content for one in kept(site, device)]


def notice(kind: NoticeKind, person: str) -> Notice:
    return Notice(new_id(), kind, person, now_ms(), clock(), "Kantor")


def roster_of(site: Site, folder: Path, text: str = ROSTER) -> None:
    (folder / "roster.csv").write_text(text)
    assert told(site, "roster", "import", str(folder / "roster.csv"))[0] == 0


def test_everything_that_hq_says_reaches_the_kiosks_inbox_signed_and_in_order(site: Site, tmp_path: Path) -> None:
    device = at_home(site, tmp_path / "kiosk")
    before = max((one.number for one in kept(site, device.device)), default=0)
    roster_of(site, tmp_path)
    (tmp_path / "shifts.json").write_text('{"shifts":[{"id":"S1","name":"Pagi","begins":"07:30","ends":"16:00"}]}')
    words = ("--id-text", "Libur", "--en", "Closed", "--nl", "Dicht")
    until = ("--from", "2026-01-01T00:00+07:00", "--until", "2126-01-01T00:00+07:00")
    published = told(site, "roster", "publish")
    version = int(published[1].split()[1])
    assert published[::2] == (0, "")
    assert told(site, "policy", "import", str(tmp_path / "shifts.json"))[0] == 0
    assert run(kiosk_hq, "announce", "--data", str(site.root), "--id", "closed", *until, *words)[0] == 0
    invited = ("--id", "feast", "--marketing", *until, *words)
    assert run(kiosk_hq, "announce", "--data", str(site.root), *invited)[0] == 0
    assert told(site, "trip", "approve", "00112233445566aa", "--reference", "TR-7")[0] == 0
    assert device.sync("errands")[:2] == (0, "all done\n")
    rows = device.inbox("message")
    messages = [one for one in (message.decode(row.body) for row in rows) if one.number > before]
    for one in messages:
        message.check(one, site.public)
    assert [one.number for one in messages] == list(range(before + 1, before + 6))
    assert [one.content for one in messages] == [
        Roster(
            version,
            full=True,
            part=1,
            parts=1,
            people=(
                Entry("HR-1", "E-1", "Sari", Standing.ACTIVE, "id", "S1"),
                Entry("HR-2", "E-2", "Budi", Standing.SUSPENDED),
                Entry("E-3", "E-3", "Ayu", Standing.LEFT, "nl"),
            ),
        ),
        Policy(1, (Shift("S1", "Pagi", 450, 960),)),
        Announcement("closed", 1_767_200_400_000, 4_922_874_000_000, "Libur", "Closed", "Dicht"),
        Announcement("feast", 1_767_200_400_000, 4_922_874_000_000, "Libur", "Closed", "Dicht", marketing=True),
        Trip("00112233445566aa", approved=True, reference="TR-7"),
    ]
    assert device.sync("errands")[0] == 0
    assert len(device.inbox("message")) == len(rows), "nothing comes twice"


def test_what_an_earlier_version_laid_there_in_clear_is_sealed_once_and_counts_on(site: Site, tmp_path: Path) -> None:
    device = at_home(site, tmp_path / "kiosk")
    roster_of(site, tmp_path)
    assert told(site, "roster", "publish", "--device", device.device)[0] == 0
    assert device.sync("errands")[0] == 0
    rows = device.inbox("message")
    with closing(Exchange.open(device.config.exchange)) as exchange:
        for row in rows:
            exchange.inbox_change(row.id, row.body)
    assert b"Sari" in device.config.exchange.read_bytes()
    with closing(memory(device)) as marks:
        marks.drop("inbox_sealed")
    assert device.sync("errands")[0] == 0
    assert b"Sari" not in device.config.exchange.read_bytes()
    assert device.inbox("message") == rows, "nothing comes twice, and each opens as it was"


def test_a_new_exchange_gets_every_message_again(site: Site, tmp_path: Path) -> None:
    device = at_home(site, tmp_path / "kiosk")
    roster_of(site, tmp_path)
    assert told(site, "roster", "publish", "--device", device.device)[0] == 0
    assert device.sync("errands")[0] == 0
    numbers = [message.decode(row.body).number for row in device.inbox("message")]
    assert numbers
    device.config.exchange.unlink()
    Exchange.create(device.config.exchange).close()
    assert device.sync("errands")[0] == 0
    assert [message.decode(row.body).number for row in device.inbox("message")] == numbers


def test_siblings_know_each_other_and_a_revoked_one_is_known_as_that(alone: Site) -> None:
    first, second, third = (alone.door(name) for name in ("a", "b", "c"))
    assert contents(alone, "a") == [
        Sibling("b", second.key.public.hex(), Trust.TRUSTED),
        Sibling("c", third.key.public.hex(), Trust.TRUSTED),
    ]
    assert contents(alone, "c") == [
        Sibling("a", first.key.public.hex(), Trust.TRUSTED),
        Sibling("b", second.key.public.hex(), Trust.TRUSTED),
    ]
    assert told(alone, "device", "revoke", "--id", "b")[0] == 0
    assert told(alone, "device", "revoke", "--id", "b")[0] == 0
    assert contents(alone, "a")[-1] == Sibling("b", second.key.public.hex(), Trust.REVOKED)
    assert len(contents(alone, "a")) == 2, "the later word about a sibling takes the place of the earlier"
    fourth = alone.door("d")
    assert [one.device for one in contents(alone, "d") if isinstance(one, Sibling)] == ["a", "c"]
    assert [one.number for one in kept(alone, "a")] == [2, 3, 4]
    assert fourth.key.public.hex() in {one.public for one in contents(alone, "a") if isinstance(one, Sibling)}


def test_a_device_that_comes_later_is_told_what_holds(alone: Site, tmp_path: Path) -> None:
    alone.door("a")
    roster_of(alone, tmp_path)
    assert told(alone, "roster", "publish")[0] == 0
    assert told(alone, "trip", "refuse", "00112233445566aa")[0] == 0
    alone.door("b")
    said = contents(alone, "b")
    assert [type(one) for one in said] == [Sibling, Trip, Roster]
    assert contents(alone, "a")[0] == said[2]


def test_a_withdrawal_is_told_to_the_siblings_once_and_its_echo_goes_no_further(site: Site) -> None:
    first, second = site.door("left"), site.door("right")
    first.append(notice(NoticeKind.CONSENT_WITHDRAWN, "E-9"))
    batch = first.batch()
    for _ in range(2):  # the answer was lost
        assert site.send(first, batch).status_code == 200
    left = Departure("E-9", "E-9", Parting.CONSENT_WITHDRAWN, "left")
    assert contents(site, "right").count(left) == 1
    second.append(notice(NoticeKind.CONSENT_WITHDRAWN, "E-9"))
    assert site.send(second, second.batch()).status_code == 200
    assert not [one for one in contents(site, "left") if isinstance(one, Departure)]
    second.append(notice(NoticeKind.ENROLLED, "E-9"))
    second.append(notice(NoticeKind.CONSENT_WITHDRAWN, "E-9"))
    assert site.send(second, second.batch(2)).status_code == 200
    back = [one for one in contents(site, "left") if isinstance(one, Departure)]
    assert back == [Departure("E-9", "E-9", Parting.CONSENT_WITHDRAWN, "right")], "who came back, left again"


def test_a_departure_carries_the_company_wide_reference(site: Site, tmp_path: Path) -> None:
    roster_of(site, tmp_path)
    first = site.door("from")
    site.door("to")
    first.append(check_in("E-1"))
    first.append(notice(NoticeKind.ERASED, "E-1"))
    assert site.send(first, first.batch()).status_code == 200
    assert contents(site, "to")[-1] == Departure("HR-1", "E-1", Parting.ERASED, "from")
    assert b"HR-1" not in (site.root / "hq.db").read_bytes()


def test_a_large_roster_comes_in_parts_far_below_a_mebibyte(alone: Site) -> None:
    letters = "\u0b9c" * 40
    with closing(open_office(alone.root)) as office, writing(office.engine) as work:
        lines = [f"{number},{letters},{number}-{letters},active,id,{letters}" for number in range(1_200)]
        people = "\n".join(["code,name,ref,state,language,shift", *lines])
        merge(work, office.seals, read_csv(people.encode()), 1)
    alone.door("a")
    assert told(alone, "roster", "publish")[0] == 0
    messages = [one for one in kept(alone, "a") if isinstance(one.content, Roster)]
    assert sum(len(one.content.people) for one in messages if isinstance(one.content, Roster)) == 1_200
    assert max(len(message.encode(one)) for one in messages) < 600_000
    with closing(open_office(alone.root)) as office:
        assert len(answer(office, "a", 0, 100)) < 1 << 20
    assert told(alone, "roster", "publish")[0] == 0
    again = [one for one in kept(alone, "a") if isinstance(one.content, Roster)]
    assert (len(again), again[0].number) == (len(messages), messages[-1].number + 1), "the older version is gone"


def test_a_roster_that_replaces_all_lets_the_others_leave(alone: Site, tmp_path: Path) -> None:
    roster_of(alone, tmp_path)
    (tmp_path / "next.csv").write_text("code,name\nE-2,Budi\nE-4,Wati\n")
    assert told(alone, "roster", "import", str(tmp_path / "next.csv"), "--replace")[0] == 0
    alone.door("a")
    assert told(alone, "roster", "publish")[0] == 0
    roster = contents(alone, "a")[-1]
    assert isinstance(roster, Roster)
    assert [(one.code, one.standing.value) for one in roster.people] == [
        ("E-1", "left"),
        ("E-2", "suspended"),
        ("E-3", "left"),
        ("E-4", "active"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("code,name,vector\nE-1,A,0.1\n", "first line"),
        ("code,name,ref,ref\nE-1,A,1,2\n", "first line"),
        ("code,name,state\nE-1,A,gone\n", "state is one of"),
        ("code,name,language\nE-1,A,fr\n", "language is one of"),
        ("code,name,ref\nE-1,A\n", "Line 2"),
        (f"code,name\nE-1,{'x' * 65}\n", "Line 2"),
        ("code,name,shift\nE-1,A,\u202ex\n", "Line 2"),
    ],
)
def test_a_roster_with_a_field_that_nobody_agreed_on_is_refused(
    alone: Site, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "roster.csv").write_text(text)
    status, _, why = told(alone, "roster", "import", str(tmp_path / "roster.csv"))
    assert (status, said in why) == (2, True), why


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("policy", "import", "{}"), "not {"),
        (("policy", "import", '{"shifts":[{"id":"S","name":"N","begins":"25:00","ends":"08:00"}]}'), "Shift 1"),
        (("trip", "approve", "xyz"), "A slip is named"),
        (("trip", "approve", "AS1!"), "no trip slip"),
        (("roster", "publish"), "empty"),
        (("roster", "publish", "--device", "nobody"), "no device"),
    ],
)
def test_what_no_device_could_read_is_refused_at_hq(
    alone: Site, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    given = list(arguments)
    if given[:2] == ["policy", "import"]:
        (tmp_path / "file.json").write_text(given[2])
        given[2] = str(tmp_path / "file.json")
    status, _, why = told(alone, *given)
    assert (status, said in why) == (2, True), why


def test_messages_of_another_device_cannot_be_asked_for(site: Site) -> None:
    door, other = site.door("asks"), site.door("asked")
    with site.client(door) as client:
        assert {one["device"] for one in client.get("/v1/messages").json()["messages"]} == {"asks"}
        for query in (
            "device=asked",
            "after=-1",
            "after=x",
            "limit=0",
            "limit=101",
            "after=1&after=2",
            "after=" + "9" * 17,
        ):
            assert client.get(f"/v1/messages?{query}").status_code == 400
    with site.client() as client:
        assert client.get("/v1/messages").status_code == 403
    assert isinstance(other, Door)


def test_the_parts_of_a_message_survive_their_way(alone: Site) -> None:
    alone.door("a")
    alone.door("b")
    first = kept(alone, "a")[0]
    assert replace(first, signature=b"") == Message("a", 1, first.issued_at, first.content)
    assert asked(alone, "device", "list", "--json")["devices"][0]["id"] == "a"
