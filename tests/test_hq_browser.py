"""HQ's page as people use it: a real Chromium without scripts, over real TLS, against a real server."""

import contextlib
import csv
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hq_desk import CHEAP, EVERY_ROLE, PASSWORD, a_day, account
from hq_site import Site, found, running
from notice_kit import CHANGED, first, second
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from hq import audit
from hq.desk import COOKIE
from hq.office import open_office
from wire import notice

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="Debian's chromium and chromium-driver are not installed"
)
FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --hide-scrollbars --ignore-certificate-errors --disable-dev-shm-usage"""
NO_SCRIPT = {"profile.managed_default_content_settings.javascript": 2}
ROOMS = ("", "attendance", "devices", "erasures", "retention", "audit", "accounts", "password", "privacy", "notices")

MEASURED = """
const page = document.documentElement;
const touched = [...document.querySelectorAll("button, .button, select, input:not([type=hidden], [type=checkbox])")];
const small = touched.filter(one => one.offsetHeight < 44);
return [page.lang, page.scrollWidth, innerWidth, getComputedStyle(page).backgroundColor, small.length];
"""
STORED = "return {local: localStorage.length, session: sessionStorage.length, scripts: document.scripts.length}"
NOTHING = {"local": 0, "session": 0, "scripts": 0, "bytes": 0}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = found(tmp_path)
    with running(site):  # the real program: its passwords cost what they cost
        a_day(site, site.door("front", "Pintu depan"))
        yield site


@pytest.fixture
def furnished(tmp_path: Path) -> Iterator[Site]:
    site = found(tmp_path)
    with closing(open_office(site.root)) as office:
        account(office, "ratna kusuma", *EVERY_ROLE)
    with running(site, program=CHEAP):
        a_day(site, site.door("front", "Pintu depan"))
        yield site


@pytest.fixture
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in FLAGS.split():
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.add_experimental_option("prefs", NO_SCRIPT)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    try:
        driver.implicitly_wait(20)  # a click is answered before the next page is there
        driver.execute_cdp_cmd("Network.enable", {})
        driver.get("data:text/plain,")
        driver.get_log("performance")  # type: ignore[no-untyped-call] # what its own first page has asked for
        yield driver
    finally:
        driver.quit()


def asked_for(browser: webdriver.Chrome) -> set[str]:
    """Every host that was asked for anything since the last time, the page's own colours and pictures left out."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]  # type: ignore[no-untyped-call]
    sent = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    assert sent
    return {urlsplit(url).netloc for url in sent if not url.startswith("data:")}


def kept_in(browser: webdriver.Chrome) -> dict[str, int]:
    """How much the page has stored, beside cookies; asked from outside, since no script runs in it."""
    counted: dict[str, int] = browser.execute_script(STORED)
    # Databases, caches, service workers and whatever else there may be.
    used = browser.execute_cdp_cmd("Storage.getUsageAndQuota", {"origin": browser.current_url})
    return counted | {"bytes": int(sum(each["usage"] for each in used["usageBreakdown"]) + used["usage"])}


def all_cookies(browser: webdriver.Chrome) -> list[dict[str, object]]:
    """Every cookie of the whole browser, also those that a page cannot see."""
    found: list[dict[str, object]] = browser.execute_cdp_cmd("Network.getAllCookies", {})["cookies"]
    return found


def asked_as(browser: webdriver.Chrome, language: str, width: int, theme: str) -> None:
    """From here on ask for a language, on a screen of that width, in the dark or in the light."""
    browser.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {"Accept-Language": language}})
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    scheme = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme)


def text(browser: webdriver.Chrome) -> str:
    return " ".join(browser.find_element(By.TAG_NAME, "body").text.split())


def wait_for(browser: webdriver.Chrome, sentence: str) -> None:
    """Wait until the page after a click is there."""
    deadline = time.monotonic() + 20
    while True:
        with contextlib.suppress(StaleElementReferenceException):
            if sentence in (seen := text(browser)):
                return
            assert time.monotonic() < deadline, seen
        time.sleep(0.02)


def press(browser: webdriver.Chrome, label: str) -> None:
    browser.find_element(By.XPATH, f"//button[normalize-space()={label!r}] | //a[normalize-space()={label!r}]").click()


def write(browser: webdriver.Chrome, **fields: str) -> None:
    for name, value in fields.items():
        field = browser.find_element(By.NAME, name)
        field.clear()
        field.send_keys(value)


def test_a_newcomer_goes_from_the_code_of_init_to_an_export_and_out_again(
    site: Site, browser: webdriver.Chrome, tmp_path: Path
) -> None:
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    browser.get(site.url)
    assert browser.get_cookies() == []
    write(browser, code=site.code)
    press(browser, "Go on")
    write(browser, name="Ratna Kusuma", password=PASSWORD, again=PASSWORD)
    for box in browser.find_elements(By.NAME, "role"):
        box.click()
    press(browser, "Make the account")
    wait_for(browser, "4 check-ins 2 to review")

    press(browser, "What to do about it")
    wait_for(browser, "Stop it, and restore it with kiosk-hq export --device")
    write(browser, note="A copy was running in the store room; it is off")
    press(browser, "Acknowledge")
    wait_for(browser, "1 alarm that was answered")
    assert "To look into" not in text(browser)

    press(browser, "Attendance")
    wait_for(browser, "Code or name")
    write(browser, person="e-7")
    press(browser, "Show")
    wait_for(browser, "1 check-in")
    assert "e-7" not in browser.current_url
    press(browser, "Save 1 rows")
    deadline = time.monotonic() + 10
    while not (files := list(tmp_path.glob("*.csv"))):
        assert time.monotonic() < deadline, "nothing was saved"
        time.sleep(0.05)
    assert files[0].name.startswith("CONFIDENTIAL-attendance-kantor-")
    with files[0].open(newline="") as file:
        assert [row["code"] for row in csv.DictReader(file)] == ["E-77"]

    (cookie,) = browser.get_cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (COOKIE, True, True, "Strict")
    assert [one["name"] for one in all_cookies(browser)] == [COOKIE]
    assert all_cookies(browser)[0]["session"] is True, "it ends with the browser"
    assert kept_in(browser) == NOTHING
    press(browser, "Sign out")
    wait_for(browser, "Only those who have an account may see it")
    assert browser.get_cookies() == []
    browser.back()
    assert "E-77" not in text(browser)
    assert asked_for(browser) == {urlsplit(site.url).netloc}
    with closing(open_office(site.root)) as office:
        kinds = [act.kind for act in reversed(audit.newest(office, None, 50))]
    seen = ["account-added", "attendance-seen", "alarm-acknowledged", "attendance-seen", "attendance-seen", "exported"]
    assert kinds == [*seen, "signed-out"]


def test_every_room_fits_every_width_in_every_language(furnished: Site, browser: webdriver.Chrome) -> None:
    browser.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {"Accept-Language": "en"}})
    browser.get(furnished.url)
    write(browser, name="ratna kusuma", password=PASSWORD)
    press(browser, "Sign in")
    wait_for(browser, "4 check-ins")
    colours = set()
    for language, width, theme in (
        ("en", 320, "dark"),
        ("id", 320, "light"),
        ("nl", 320, "dark"),
        ("nl", 1280, "light"),
    ):
        asked_as(browser, language, width, theme)
        for room in ROOMS:
            browser.get(f"{furnished.url}/{room}")
            seen = browser.execute_script(MEASURED)
            assert seen[:3] == [language, width, width], room
            assert seen[4] == 0, f"{room}: something to touch is smaller than 44 pixels"
            colours.add((theme, seen[3]))
    assert len(colours) == 2
    assert asked_for(browser) == {urlsplit(furnished.url).netloc}


def test_everybody_reads_the_notice_and_its_changes_and_leaves_no_trace(
    furnished: Site, browser: webdriver.Chrome
) -> None:
    door = furnished.door("side", "Pintu samping")
    with furnished.client(door) as client:
        for each in (first(door.id), second(door.id)):
            body, kind = notice.sign(each, door.key), {"Content-Type": "application/json"}
            assert client.put(f"/v1/notices/{each.published}", content=body, headers=kind).status_code == 200
    for language, width, theme, (old, new) in (
        ("id", 320, "light", CHANGED["id"]),
        ("nl", 320, "dark", CHANGED["nl"]),
        ("en", 1280, "dark", CHANGED["en"]),
    ):
        asked_as(browser, language, width, theme)
        browser.get(furnished.url)
        browser.find_element(By.CSS_SELECTOR, "a[href='/notices']").click()
        browser.find_element(By.LINK_TEXT, "2026-2").click()
        seen = browser.execute_script(MEASURED)
        assert seen[:3] == [language, width, width]
        assert seen[4] == 0
        assert old in browser.find_element(By.TAG_NAME, "del").text
        assert new in browser.find_element(By.TAG_NAME, "ins").text
        assert "dpo@contoh.example" in text(browser)
        browser.find_element(By.LINK_TEXT, "2026-1").click()
        wait_for(browser, old)
        assert new not in text(browser)
    browser.find_element(By.LINK_TEXT, "Nederlands").click()
    wait_for(browser, CHANGED["nl"][0])
    assert all_cookies(browser) == []
    assert kept_in(browser) == NOTHING
    assert asked_for(browser) == {urlsplit(furnished.url).netloc}
    log = furnished.log.read_text()
    assert "privacy notice stored device=side" in log
    for trace in ("127.0.0.1", "Chrome", "Mozilla", "AppleWebKit"):
        assert trace not in log.replace(furnished.url, "")
    # The same looks see what a page would leave behind.
    browser.execute_script("localStorage.setItem('a', 'b'); document.cookie = 'a=b; secure'; indexedDB.open('a')")
    assert (kept_in(browser)["local"], len(all_cookies(browser))) == (1, 1)
    deadline = time.monotonic() + 20
    while kept_in(browser)["bytes"] == 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)
