"""HQ's page over real TLS: who gets in, what is shown, and what neither the page nor the log may hold."""

import csv
import io
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from hq_desk import CHEAP, EVERY_ROLE, HOSTILE, HOUR, PASSWORD, Tags, a_day, accounts_of, deliver, signed_in, text_of
from hq_site import ZONE, Site, check_in, clock, found, now_ms, running

from hq import csv_export, page_attendance, words
from hq.__main__ import main
from hq.access import WAITS_S
from hq.accounts import Account, Role, Standing
from hq.attendance import Wanted, attendance, house_zone
from hq.desk import COOKIE, Form, Visit
from hq.office import open_office
from hq.sessions import Visitor
from hq.today import look


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """What every test may look at, and none may add a check-in to."""
    with with_a_day(tmp_path_factory.mktemp("page")) as site:
        yield site


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    with with_a_day(tmp_path) as site:
        yield site


@contextmanager
def with_a_day(folder: Path) -> Iterator[Site]:
    site = found(folder)
    roster = site.root.parent / "roster.csv"
    with roster.open("w", newline="") as file:
        rows = [("code", "name"), ("E-1", "Sari Wulandari"), ("E-2", HOSTILE), ("E-3", "Budi Santoso")]
        csv.writer(file).writerows(rows)
    assert main(["roster", "import", "--data", str(site.root), str(roster)]) == 0
    accounts_of(site, ratna=EVERY_ROLE, hana=(Role.VIEWER,), oki=(Role.OFFICER,), ani=(Role.ADMIN,), wim=(Role.VIEWER,))
    with running(site, program=CHEAP, options=("--log-level", "DEBUG")):
        a_day(site, site.door("front", "Pintu <b>depan</b>"))
        site.door("back")
        yield site


@pytest.fixture
def visitor(site: Site) -> Iterator[httpx.Client]:
    with site.client() as client:
        yield client


@pytest.fixture(scope="module")
def session(site: Site) -> str:
    """The cookie of somebody with every role."""
    with signed_in(site, "ratna") as client:
        return client.cookies[COOKIE]


@pytest.fixture
def reader(visitor: httpx.Client, session: str) -> httpx.Client:
    visitor.headers["Cookie"] = f"{COOKIE}={session}"
    return visitor


def test_without_an_account_the_page_shows_nobody(visitor: httpx.Client) -> None:
    for path in ("/", "/attendance", "/devices", "/audit", "/accounts", "/erasures", "/retention", "/password"):
        answer = visitor.get(path, headers={"Cookie": f"{COOKIE}=guessed"})
        assert answer.status_code == 200
        assert "Only those who have an account may see it" in answer.text
        assert [word for word in ("Sari", "E-1", "Pintu", "ratna") if word in answer.text] == []


def test_a_wrong_password_and_an_unknown_name_get_one_answer(visitor: httpx.Client) -> None:
    answers = [visitor.post("/open", data={"name": name, "password": "Wrong"}) for name in ("wim", "nobody", "")]
    assert {(answer.status_code, text_of(answer)) for answer in answers} == {(403, text_of(answers[0]))}
    assert "Name and password do not fit." in answers[0].text
    assert not [answer for answer in answers if "set-cookie" in answer.headers]


def test_the_cookie_is_one_and_strict_and_the_name_may_be_typed_in_any_case(visitor: httpx.Client) -> None:
    answer = visitor.post("/open", data={"name": "  Oki ", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    name, _, rest = answer.headers["set-cookie"].partition("=")
    assert name == "__Host-ambang"
    attributes = {part.strip().lower() for part in rest.split(";")[1:]}
    assert attributes == {"httponly", "path=/", "samesite=strict", "secure"}
    assert answer.headers.get_list("set-cookie") == [answer.headers["set-cookie"]]
    token = visitor.cookies[COOKIE]
    assert visitor.get("/audit").status_code == 200
    assert visitor.post("/close").status_code == 303
    answer = visitor.get("/audit", headers={"Cookie": f"{COOKIE}={token}"})
    assert "Only those who have an account may see it" in answer.text


ALLOWED = {
    "hana": {"/": 200, "/attendance": 200, "/devices": 200, "/erasures": 403, "/audit": 403, "/accounts": 403},
    "ani": {"/": 303, "/attendance": 403, "/devices": 200, "/erasures": 403, "/audit": 403, "/accounts": 200},
}
FORMS = {
    "/attendance": Role.VIEWER,
    "/attendance.csv": Role.VIEWER,
    "/alarms/acknowledge": Role.ADMIN,
    "/erasures/ask": Role.OFFICER,
    "/erasures/confirm": Role.OFFICER,
    "/erasures/refuse": Role.OFFICER,
    "/retention/set": Role.OFFICER,
    "/retention/sweep": Role.OFFICER,
    "/retention/hold": Role.OFFICER,
    "/retention/release": Role.OFFICER,
    "/accounts/add": Role.ADMIN,
    "/accounts/reset": Role.ADMIN,
    "/accounts/disable": Role.ADMIN,
}


@pytest.mark.parametrize("who", ALLOWED)
def test_each_role_sees_its_own_rooms_and_no_form_of_another(site: Site, who: str) -> None:
    with signed_in(site, who) as client:
        assert {path: client.get(path).status_code for path in ALLOWED[who]} == ALLOWED[who]
        mine = {"hana": Role.VIEWER, "ani": Role.ADMIN}[who]
        others = {path: role for path, role in FORMS.items() if role is not mine}
        assert {client.post(path, data={}).status_code for path in others} == {403}
        assert "Sari" not in client.get("/devices").text


@pytest.mark.parametrize("path", ["/open", "/close", "/first", "/password", *FORMS])
def test_a_form_of_another_site_is_refused(reader: httpx.Client, path: str) -> None:
    answer = reader.post(path, data={"name": "ratna"}, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:ambang:problem:foreign-form")


def test_a_form_larger_than_a_form_is_refused(visitor: httpx.Client) -> None:
    assert visitor.post("/open", content=b"name=" + b"A" * 16384).status_code == 413


@pytest.mark.parametrize("body", [b"", b"name", b"\xff\xfe=", b"name=%ff%00&name=2", b"&" * 4000, b"a=1&" * 1000])
def test_a_form_of_garbage_is_an_empty_one(body: bytes) -> None:
    form = Form.read(body)
    assert isinstance(form.text("name"), str)
    assert form.text("password") == ""


def test_today_is_shown_with_names_and_what_must_be_reviewed(reader: httpx.Client) -> None:
    shown = text_of(reader.get("/"))
    assert "4 check-ins 2 to review 1 of 2 doors in touch 1 alarm" in shown
    assert "Sari Wulandari E-1 Disputed" in shown
    assert "E-2 Claimed, to be reviewed Out" in shown
    assert "Budi Santoso E-3 Break starts Corrected, was: In" in shown
    assert "Not in the roster E-77 Clock in doubt Leaves on business" in shown
    assert "The door sent a second history of the same time." in shown
    assert "back New has not sent anything yet" in shown
    assert "LASTWEEK" not in shown
    assert "NOWHERE" not in shown


def test_names_and_labels_are_text_and_never_markup(reader: httpx.Client) -> None:
    raw = reader.get("/").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#34;O&#39;Neil&#34;" in raw
    assert "<script" not in raw
    assert "Pintu &lt;b&gt;depan&lt;/b&gt;" in raw


@pytest.mark.parametrize("path", ["/", "/style.css", "/nothing", "/openapi.json", "/v1/events:batch"])
def test_every_answer_has_the_strict_headers(reader: httpx.Client, path: str) -> None:
    headers = reader.get(path).headers
    policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    assert headers["content-security-policy"] == policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] in {"no-store", "no-cache"}
    assert "server" not in headers


def test_the_page_needs_no_script_and_nothing_from_elsewhere(site: Site, reader: httpx.Client) -> None:
    with site.client() as stranger:
        rooms = ("/", "/attendance", "/devices", "/erasures", "/retention", "/audit", "/accounts", "/password")
        answers = (*(reader.get(path) for path in rooms), stranger.get("/"), stranger.get("/privacy"))
    for answer in answers:
        tags = Tags(answer.text)
        assert not {"script", "img", "iframe", "style", "object", "video"} & set(tags.elements)
        assert not [name for name, _ in tags.attributes if name.startswith("on") or name == "style"]
        links = {str(value) for name, value in tags.attributes if name in {"href", "src", "action"}}
        assert {link for link in links if not re.fullmatch(r"/[a-z./-]*|#main", link)} == set()
        assert [name for name in answer.headers if name == "set-cookie"] == []
    assert "url(" not in reader.get("/style.css").text
    assert "@import" not in reader.get("/style.css").text


def test_neither_address_nor_browser_nor_password_nor_name_reaches_the_log(site: Site) -> None:
    transport = httpx.HTTPTransport(verify=site.context(), local_address="127.0.0.77")
    headers = {"User-Agent": "Peculiar-Browser/7", "X-Forwarded-For": "203.0.113.9"}
    with httpx.Client(base_url=site.url, transport=transport, headers=headers) as client:
        client.post("/open", data={"name": "ratna", "password": PASSWORD})
        assert "Sari" in client.get("/?who=Sari").text
        assert "Sari" in client.post("/attendance", data={"person": "E-1"}).text
        token = client.cookies[COOKIE]
        client.get("/nothing")
        client.request("BREW", "/")
    log = site.log.read_text()
    files = b"".join(path.read_bytes() for path in site.root.glob("hq.db*"))
    traces = ["127.0.0.77", "203.0.113.9", "Peculiar", "Sari", "E-1", "ratna", PASSWORD, site.code, token]
    assert [trace for trace in traces if trace in log or trace.encode() in files] == []
    assert "batch stored device=front" in log


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("id", "id"),
        ("nl-BE,nl;q=0.9,en;q=0.8", "nl"),
        ("fr, id;q=0.4, en;q=0.3", "id"),
        ("", "en"),
        ("fr", "en"),
        ("id;q=0, nl;q=0.1", "nl"),
        ("id;q=nan,nl;q=", "en"),
        ("en;q=" + "9" * 500, "en"),
        ("*", "en"),
    ],
)
def test_the_browser_s_language_is_spoken(reader: httpx.Client, accepted: str, language: str) -> None:
    assert words.choose(accepted) == language
    title = words.say(language, "today")
    assert title in reader.get("/", headers={"Accept-Language": accepted}).text


def test_the_wait_is_told_in_the_answer(visitor: httpx.Client) -> None:
    answers = [visitor.post("/open", data={"name": "ghost", "password": "wrong"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [403, 429]
    assert answers[-1].headers["retry-after"] == str(WAITS_S[1])
    assert "Try again in 1 s" in answers[-1].text


def test_today_begins_at_midnight_of_the_door_and_damage_is_counted_and_said(tmp_path: Path) -> None:
    site = found(tmp_path)
    door = site.door("door")
    midnight = 1_800_000_000_000 // (24 * HOUR) * 24 * HOUR - 7 * HOUR  # in Jakarta, UTC+7
    for person, at in (("E-LATE", midnight - 1), ("E-EARLY", midnight), ("E-SPOILT", midnight + 1)):
        door.append(replace(check_in(person, at=at), clock=clock(zone="Asia/Jakarta")))
    with closing(open_office(site.root)) as office:
        deliver(office, door)
    with sqlite3.connect(site.root / "hq.db") as edit:
        edit.execute("UPDATE events SET received = ?", [midnight + 2])
        edit.execute("UPDATE events SET sealed = zeroblob(length(sealed)) WHERE seq = 3")
    edit.close()
    with closing(open_office(site.root)) as office:
        shown = look(office, midnight + HOUR)
        assert [(line.code, f"{line.at:%H:%M}") for line in shown.lines] == [("E-EARLY", "00:00")]
        assert shown.unreadable == 1
        assert look(office, midnight + 25 * HOUR).lines == ()
        day = date(2027, 1, 15)
        seen = attendance(office, Wanted(day - timedelta(1), day))
        assert [line.code for line in seen.lines] == ["E-EARLY", "E-LATE"]
        assert seen.unreadable == 1
        assert [line.code for line in attendance(office, Wanted(day, day)).lines] == ["E-EARLY"]


def test_a_period_is_shown_by_day_and_can_be_narrowed(reader: httpx.Client) -> None:
    week = {"from": _day(-8), "to": _day(0)}
    shown = text_of(reader.post("/attendance", data=week))
    assert "5 check-ins 2 to review" in shown
    assert "E-LASTWEEK" in shown
    shown = text_of(reader.post("/attendance", data=week | {"person": "wULAN"}))
    assert "1 check-in " in shown
    assert "Sari Wulandari E-1" in shown
    assert "Nobody checked in then." in text_of(reader.post("/attendance", data=week | {"door": "back"}))
    assert "LASTWEEK" not in reader.get("/attendance").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"from": "yesterday"}, "A day is written like"),
        ({"from": "0001-01-01", "to": "0001-01-02"}, "A day is written like"),
        ({"from": "2026-08-02", "to": "2026-08-01"}, "The last day lies before the first."),
        ({"from": "2024-01-01", "to": "2026-01-01"}, "at most 366 days"),
        ({"person": "x" * 65}, "cannot be a code"),
        ({"person": "a\u202eb"}, "cannot be a code"),
    ],
)
def test_a_period_that_is_none_is_refused_in_words(reader: httpx.Client, typed: dict[str, str], said: str) -> None:
    for path in ("/attendance", "/attendance.csv"):
        answer = reader.post(path, data=typed)
        assert answer.status_code == 422
        assert said in answer.text


def test_the_export_is_marked_and_no_cell_of_it_runs(own_site: Site) -> None:
    evil = own_site.door("evil", "=1+1")
    for code in ("+E-1", "-E-2", "@E-3", "E=4"):
        evil.append(check_in(code))
    assert own_site.send(evil, evil.batch()).status_code == 200
    with signed_in(own_site, "ratna") as reader:
        answer = reader.post("/attendance.csv", data={"door": "evil"})
        assert answer.headers["content-disposition"].startswith('attachment; filename="CONFIDENTIAL-attendance-kantor-')
        rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
        assert [row["code"] for row in rows] == ["'+E-1", "'-E-2", "'@E-3", "E=4"]
        assert {(row["door"], row["marking"]) for row in rows} == {("'=1+1", "CONFIDENTIAL")}
        assert [csv_export.safe(cell) for cell in ("\tx", "\rx", "x", "")] == ["'\tx", "'\rx", "x", ""]
        names = {row["code"]: row["name"] for row in csv.DictReader(io.StringIO(reader.post("/attendance.csv").text))}
        assert names["E-2"] == HOSTILE
        assert "exported attendance" in text_of(reader.get("/audit"))


def test_an_alarm_is_acknowledged_with_a_note_and_rings_again_when_it_comes_again(own_site: Site) -> None:
    site = own_site
    door = site.door("gate", "Gerbang")
    door.append(check_in())
    assert site.send(door, door.batch()).status_code == 200
    other = replace(door, rows=[], events={})
    other.append(check_in())
    assert site.send(door, other.batch()).status_code == 409
    which = {"device": "gate", "kind": "fork", "seq": "1"}
    with signed_in(site, "ani") as client:
        before = text_of(client.get("/devices"))
        assert "Stop it, and restore it" in before
        for note in ("", " ", "x" * 501, "a\x00b"):
            assert client.post("/alarms/acknowledge", data=which | {"note": note}).status_code == 422
        for wrong in ({"seq": "2"}, {"kind": "<b>"}, {"device": "no"}, {"seq": "-1"}, {"seq": "9" * 99}):
            answer = client.post("/alarms/acknowledge", data=which | {"note": "x"} | wrong)
            assert (answer.status_code, "There is no such alarm." in answer.text) == (422, True)
        assert client.post("/alarms/acknowledge", data=which | {"note": "A <copy> was stopped"}).status_code == 303
        shown = client.get("/devices").text
        assert "A &lt;copy&gt; was stopped" in shown
        assert "1 alarm that was answered" in shown
        with closing(open_office(site.root)) as office:
            assert [alarm.device for alarm in look(office, now_ms()).alarms] == ["front"]
        assert site.send(door, other.batch()).status_code == 409
        with closing(open_office(site.root)) as office:
            assert sorted(alarm.device for alarm in look(office, now_ms()).alarms) == ["front", "gate"]
        client.post("/alarms/acknowledge", data=which | {"note": "again"})


def test_every_page_is_drawn_in_every_language(reader: httpx.Client) -> None:
    for language in words.LANGUAGES:
        for path in ("/", "/attendance", "/devices", "/erasures", "/retention", "/audit", "/accounts", "/password"):
            answer = reader.get(path, headers={"Accept-Language": language})
            assert answer.status_code == 200
            assert f'<html lang="{language}">' in answer.text
        for path in ("/privacy", "/nowhere"):
            assert reader.get(path, headers={"Accept-Language": language}).status_code in {200, 404}


def test_the_privacy_page_is_for_everybody(visitor: httpx.Client) -> None:
    answer = visitor.get("/privacy")
    assert "This page sets one cookie, and only when you sign in." in text_of(answer)
    assert "set-cookie" not in answer.headers


def test_a_long_day_shows_the_newest_and_says_how_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = found(tmp_path)
    door = site.door("door")
    for number in range(5):
        door.append(check_in(f"E-{number}"))
    with closing(open_office(site.root)) as office:
        deliver(office, door)
    monkeypatch.setattr(page_attendance, "SHOWN", 3)
    with closing(open_office(site.root)) as office:
        account = Account("0" * 16, "x", EVERY_ROLE, Standing.ACTIVE, 1)
        visit = Visit(office, Visitor(account, must_change=False), "en", Form({}), now_ms(), house_zone(office))
        assert b"The newest 3 of 5." in page_attendance._front(visit).body
        assert b"The newest 3 of 5." in page_attendance._period(visit, Form({})).body


def _day(days: int) -> str:
    return datetime.fromtimestamp(now_ms() / 1000 + days * 86_400, ZoneInfo(ZONE)).date().isoformat()
