"""HQ's page over real TLS: who gets in, what is shown, and what neither the page nor the log may hold."""

import csv
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from hq_site import Door, Site, check_in, clock, correction, dispute, found, now_ms, running

from hq import page, words
from hq.__main__ import main
from hq.access import FREE_TRIES, IDLE_MS, LONGEST_WAIT_MS, SESSION_MS, Opened, Wait, Wrong, log_in, still_open
from hq.office import open_office
from hq.refusals import AlarmKind
from hq.today import look
from wire.event import Action, ClockState, Method

HOSTILE = '<script>alert(1)</script> & "O\'Neil"'
HOUR = 3_600_000


class Tags(HTMLParser):
    """Every element of a page and every attribute."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = found(tmp_path_factory.mktemp("page"))
    roster = site.root.parent / "roster.csv"
    with roster.open("w", newline="") as file:
        rows = [("code", "name"), ("E-1", "Sari Wulandari"), ("E-2", HOSTILE), ("E-3", "Budi Santoso")]
        csv.writer(file).writerows(rows)
    assert main(["roster", "import", "--data", str(site.root), str(roster)]) == 0
    with running(site, options=("--log-level", "DEBUG")):
        fill(site)
        yield site


def fill(site: Site) -> None:
    door = site.door("front", "Pintu <b>depan</b>")
    morning = check_in("E-1")
    swapped = check_in("E-3", Action.IN, method=Method.PIN)
    for happened in (
        morning,
        dispute(morning),
        check_in("E-2", Action.OUT, method=Method.CLAIMED),
        swapped,
        correction(swapped, Action.BREAK_START),
        replace(check_in("E-77", Action.TRIP_LEAVE), clock=clock(ClockState.UNSYNCED)),
        check_in("E-LASTWEEK", at=now_ms() - 7 * 24 * HOUR),
        replace(check_in("E-NOWHERE", at=253_402_300_799_999), clock=clock(zone="Not/AZone")),
    ):
        door.append(happened)
    assert site.send(door, door.batch()).status_code == 200
    other = Door(door.id, door.key, door.tls_key, door.certificate)
    other.append(check_in("E-1"))
    assert site.send(door, other.batch()).status_code == 409
    site.door("back")


@pytest.fixture
def visitor(site: Site) -> Iterator[httpx.Client]:
    with site.client() as client:
        yield client


@pytest.fixture
def reader(site: Site, visitor: httpx.Client) -> httpx.Client:
    assert visitor.post("/open", data={"code": site.code}).status_code == 303
    return visitor


def text_of(answer: httpx.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text))


def test_without_the_code_the_page_shows_nobody(visitor: httpx.Client) -> None:
    answer = visitor.get("/", headers={"Cookie": f"{page.COOKIE}=guessed"})
    assert answer.status_code == 200
    assert "Access code" in answer.text
    assert [word for word in ("Sari", "E-1", "Pintu") if word in answer.text] == []


def test_a_wrong_code_is_refused_in_words(visitor: httpx.Client) -> None:
    answer = visitor.post("/open", data={"code": "00000-00000-00000-00000"})
    assert answer.status_code == 403
    assert "not the access code" in answer.text
    assert "set-cookie" not in answer.headers


def test_the_code_opens_the_page_however_typed_and_the_cookie_is_strict(site: Site, visitor: httpx.Client) -> None:
    typed = site.code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    answer = visitor.post("/open", data={"code": typed})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    name, _, rest = answer.headers["set-cookie"].partition("=")
    assert name == "__Host-ambang"
    attributes = {part.strip().lower() for part in rest.split(";")[1:]}
    assert attributes == {"httponly", "path=/", "samesite=strict", "secure"}
    assert answer.headers.get_list("set-cookie") == [answer.headers["set-cookie"]]


def test_locking_the_page_ends_the_session_at_hq(reader: httpx.Client) -> None:
    token = reader.cookies[page.COOKIE]
    assert reader.post("/close").status_code == 303
    answer = reader.get("/", headers={"Cookie": f"{page.COOKIE}={token}"})
    assert "Access code" in answer.text


@pytest.mark.parametrize("path", ["/open", "/close"])
def test_a_form_of_another_site_is_refused(site: Site, visitor: httpx.Client, path: str) -> None:
    answer = visitor.post(path, data={"code": site.code}, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:ambang:problem:foreign-form")


def test_a_form_larger_than_a_code_is_refused(visitor: httpx.Client) -> None:
    assert visitor.post("/open", content=b"code=" + b"A" * 8192).status_code == 413


@pytest.mark.parametrize("body", [b"", b"code", b"\xff\xfe=", b"code=%ff%00&code=2", b"&" * 4000])
def test_a_form_of_garbage_is_only_a_wrong_code(tmp_path: Path, body: bytes) -> None:
    assert isinstance(page._typed(body), str)
    with closing(open_office(found(tmp_path).root)) as office:
        assert log_in(office.engine, page._typed(body), now_ms()) == Wrong()


def test_today_is_shown_with_names_and_what_must_be_reviewed(reader: httpx.Client) -> None:
    shown = text_of(reader.get("/"))
    assert "4 check-ins 2 to review 1 of 2 doors in touch 1 alarm" in shown
    assert "Sari Wulandari E-1 Disputed" in shown
    assert "E-2 Claimed, to be reviewed Out" in shown
    assert "Budi Santoso E-3 Break starts Corrected, was: In" in shown
    assert "Not in the roster E-77 Clock in doubt Leaves on business" in shown
    assert "The door sent a second history of the same time." in shown
    assert "back New has not sent anything yet" in shown
    assert "8 ledger rows verified 1 alarm" in shown
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
        answers = (reader.get("/"), stranger.get("/"))
    for answer in answers:
        tags = Tags(answer.text)
        assert not {"script", "img", "iframe", "style", "object", "video"} & set(tags.elements)
        assert not [name for name, _ in tags.attributes if name.startswith("on") or name == "style"]
        links = {value for name, value in tags.attributes if name in {"href", "src", "action"}}
        assert links <= {"/", "/style.css", "/open", "/close"}
        assert [name for name in answer.headers if name == "set-cookie"] == []
    assert "url(" not in reader.get("/style.css").text
    assert "@import" not in reader.get("/style.css").text


def test_neither_address_nor_browser_nor_code_nor_name_reaches_the_log(site: Site) -> None:
    transport = httpx.HTTPTransport(verify=site.context(), local_address="127.0.0.77")
    headers = {"User-Agent": "Peculiar-Browser/7", "X-Forwarded-For": "203.0.113.9"}
    with httpx.Client(base_url=site.url, transport=transport, headers=headers) as client:
        client.post("/open", data={"code": site.code})
        assert "Sari" in client.get("/?who=Sari").text
        token = client.cookies[page.COOKIE]
        client.get("/nothing")
        client.request("BREW", "/")
    log = site.log.read_text()
    files = b"".join(path.read_bytes() for path in site.root.glob("hq.db*"))
    traces = ["127.0.0.77", "203.0.113.9", "Peculiar", "Sari", "E-1", site.code, site.code.replace("-", ""), token]
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


def test_all_languages_have_the_same_words_and_places() -> None:
    book = words._book()
    assert set(book) == set(words.LANGUAGES)
    places = {
        language: {key: sorted(re.findall(r"{\w+}", str(text))) for key, text in said.items()}
        for language, said in book.items()
    }
    assert places["en"] == places["id"] == places["nl"]
    needed = {f"action_{action}" for action in Action} | {f"method_{method}" for method in Method}
    assert needed | {f"alarm_{alarm}" for alarm in AlarmKind} <= set(book["en"])


def test_how_long_ago_is_said_in_words() -> None:
    said = [words.ago("en", age) for age in (-5, 59_999, 60_000, 2 * HOUR, 24 * HOUR, 72 * HOUR)]
    assert said[:3] == ["last heard a moment ago", "last heard a moment ago", "last heard 1 minute ago"]
    assert said[3:] == ["last heard 2 hours ago", "last heard 1 day ago", "last heard 3 days ago"]


def test_wrong_codes_make_everyone_wait_and_a_clock_set_back_cannot_lengthen_it(tmp_path: Path) -> None:
    site = found(tmp_path)
    now = now_ms()
    with closing(open_office(site.root)) as office:
        for _ in range(FREE_TRIES):
            assert log_in(office.engine, "wrong", now) == Wrong()
        assert log_in(office.engine, site.code, now) == Wait(1)
        assert log_in(office.engine, site.code, now - 7 * 24 * HOUR) == Wait(LONGEST_WAIT_MS // 1000)
        assert log_in(office.engine, "wrong", now + 1000) == Wrong()
        assert log_in(office.engine, site.code, now + 1001) == Wait(2)
        assert isinstance(log_in(office.engine, site.code, now + 4000), Opened)
        assert log_in(office.engine, "wrong", now + 4001) == Wrong()
        assert isinstance(log_in(office.engine, site.code, now + 4002), Opened)


def test_the_wait_is_told_in_the_answer(tmp_path: Path) -> None:
    site = found(tmp_path)
    with running(site), site.client() as client:
        answers = [client.post("/open", data={"code": "wrong"}) for _ in range(FREE_TRIES + 1)]
    assert [answer.status_code for answer in answers] == [403] * FREE_TRIES + [429]
    assert answers[-1].headers["retry-after"] == "1"
    assert "Try again in 1 s" in answers[-1].text


def test_a_session_ends_when_idle_and_at_the_latest_after_eight_hours(tmp_path: Path) -> None:
    site = found(tmp_path)
    now = now_ms()
    with closing(open_office(site.root)) as office:
        opened = log_in(office.engine, site.code, now)
        assert isinstance(opened, Opened)
        busy = range(now, now + SESSION_MS, IDLE_MS - 1)
        assert all(still_open(office.engine, opened.token, moment) for moment in busy)
        assert not still_open(office.engine, opened.token, now + SESSION_MS)
        again = log_in(office.engine, site.code, now)
        assert isinstance(again, Opened)
        assert not still_open(office.engine, again.token, now + IDLE_MS)


def test_a_new_access_code_replaces_the_old_one_and_ends_every_session(tmp_path: Path) -> None:
    site = found(tmp_path)
    with closing(open_office(site.root)) as office:
        opened = log_in(office.engine, site.code, now_ms())
        assert isinstance(opened, Opened)
        command = [sys.executable, "-m", "hq", "access", "renew", "--data", str(site.root)]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        assert not still_open(office.engine, opened.token, now_ms())
        assert log_in(office.engine, site.code, now_ms()) == Wrong()
        assert isinstance(log_in(office.engine, told.rpartition(" ")[2], now_ms()), Opened)


def test_today_begins_at_midnight_of_the_door_and_damage_is_counted_and_said(tmp_path: Path) -> None:
    site = found(tmp_path)
    door = site.door("door")
    midnight = 1_800_000_000_000 // (24 * HOUR) * 24 * HOUR - 7 * HOUR  # in Jakarta, UTC+7
    for person, at in (("E-LATE", midnight - 1), ("E-EARLY", midnight), ("E-SPOILT", midnight + 1)):
        door.append(replace(check_in(person, at=at), clock=clock(zone="Asia/Jakarta")))
    with running(site):
        assert site.send(door, door.batch()).status_code == 200
    with sqlite3.connect(site.root / "hq.db") as edit:
        edit.execute("UPDATE events SET received = ?", [midnight + 2])
        edit.execute("UPDATE events SET sealed = zeroblob(length(sealed)) WHERE seq = 3")
    edit.close()
    with closing(open_office(site.root)) as office:
        shown = look(office, midnight + HOUR)
        assert [(line.code, f"{line.at:%H:%M}") for line in shown.lines] == [("E-EARLY", "00:00")]
        assert shown.unreadable == 1
        assert look(office, midnight + 25 * HOUR).lines == ()
        assert "1 entry does not open" in page._render(office, "en", midnight + HOUR)
        assert "Nobody has checked in yet today." in page._render(office, "en", midnight + 48 * HOUR)


def test_a_long_day_shows_the_newest_and_says_how_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = found(tmp_path)
    door = site.door("door")
    for number in range(5):
        door.append(check_in(f"E-{number}"))
    with running(site):
        assert site.send(door, door.batch()).status_code == 200
    monkeypatch.setattr(page, "SHOWN", 3)
    with closing(open_office(site.root)) as office:
        assert "The newest 3 of 5." in page._render(office, "en", now_ms())


def _luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_text_colour_has_a_contrast_of_seven_to_one_in_the_dark_and_in_the_light() -> None:
    style = (Path(page.__file__).parent / "templates/style.css").read_text()
    themes = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", part)) for part in style.split("@media")[:2]]
    assert [len(theme) for theme in themes] == [10, 10]
    for theme in themes:
        pairs = [(ink, sheet) for ink in ("text", "quiet", "warn", "alarm") for sheet in ("ground", "sheet")]
        pairs += [("accent", "sheet"), ("on-accent", "accent"), ("text", "alarm-sheet"), ("alarm", "alarm-sheet")]
        for ink, sheet in pairs:
            dark, light = sorted((_luminance(theme[ink]), _luminance(theme[sheet])))
            assert (light + 0.05) / (dark + 0.05) >= 7, (ink, sheet, theme)
