"""Recorded wrong, asked, decided, delivered, shown and counter-signed: one correction through all three programs."""

import csv
import html
import io
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from admin_kit import GOOD, RATNA, first_admin
from door_kit import Kiosk, at_home
from hq_desk import CHEAP as CHEAP_PASSWORDS
from hq_desk import EVERY_ROLE, accounts_of, signed_in, text_of
from hq_site import Site, found, running
from store_kit import CHEAP, HOUR, here
from sync_real import run

from kiosk.__main__ import main
from kiosk.store import FileRootKey, Store, outbox
from kiosk.store.ledger import month
from sync.exchange import Exchange
from wire import checks
from wire.event import Action, CheckIn, Method, uuid7

CODE, PIN = "E-0417", "482913"
PRIVACY = """
[[recipient]]
name = "PT Contoh, personalia"
category = "employer"
host = "127.0.0.1"
purposes = ["attendance"]
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = found(tmp_path_factory.mktemp("corrections"))
    accounts_of(site, ratna=EVERY_ROLE)
    with running(site, program=CHEAP_PASSWORDS):
        yield site


@pytest.fixture
def device(site: Site, tmp_path: Path) -> Kiosk:
    device = at_home(site, tmp_path / "kiosk")
    (device.folder / "privacy.toml").write_text(PRIVACY, encoding="utf-8")
    return device


@contextmanager
def opened(device: Kiosk) -> Iterator[Store]:
    with closing(Store.open(device.config.state, FileRootKey(device.config.state / "root.key"))) as store:
        store.accounts.cost = CHEAP
        yield store


def carry(site: Site, device: Kiosk) -> None:
    """Hand on, deliver, and take in what headquarters has signed."""
    with opened(device) as store, closing(Exchange.open(device.config.exchange)) as exchange:
        outbox.forward(here(store), exchange)
    done = device.sync("once")
    assert done[0] == 0, done
    with opened(device) as store, closing(Exchange.open(device.config.exchange)) as exchange:
        outbox.collect(here(store), exchange, {site.name: site.public})


def test_a_correction_is_asked_decided_delivered_shown_and_confirmed(
    site: Site, device: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def privacy(*words: str, typed: str) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        code, said, wrong = run(main, "privacy", words[0], words[1], "--data", str(device.folder), *words[2:])
        assert code == 0, wrong
        return said

    with opened(device) as store:
        first_admin(store)
        person = store.people.add(CODE, "Budi Santoso", pin=PIN)
        now = store.clock()
        wrong = CheckIn(uuid7(now.wall_ms, bytes(10)), CODE, Action.OUT, now.wall_ms, now.clock, Method.FACE, "Lobby")
        store.ledger.append(wrong, person)
    carry(site, device)

    right = now.wall_ms - HOUR // 60  # a minute earlier, or this very time where that lies in another month
    right = right if month(right) == month(now.wall_ms) else now.wall_ms
    asked = json.loads(
        privacy(
            *("correct", "ask", "--person", CODE, "--event", wrong.event_id, "--action", "in"),
            *("--time", checks.moment_to_text(right), "--text", "Saya baru datang.", "--json"),
            typed=PIN,
        )
    )
    assert asked["state"] == "open"
    privacy("correct", "decide", "--id", asked["id"], "--accept", "--by", RATNA, typed=GOOD)
    before = privacy("correct", "answer", "--id", asked["id"], "--by", RATNA, typed=GOOD)
    assert "sent, not confirmed yet" in before

    carry(site, device)
    day = datetime.fromtimestamp(now.wall_ms / 1000, UTC).date()
    span = {"from": str(day - timedelta(days=1)), "to": str(day + timedelta(days=1))}
    with signed_in(site, "ratna") as page:
        shown = html.unescape(text_of(page.post("/attendance", data=span)))
        table = page.post("/attendance.csv", data=span).text
    assert "In Corrected, was: Out" in shown
    decided = "Action" if right == now.wall_ms else "Time"
    assert f"{decided} changed by a person's decision" in shown
    (row,) = csv.DictReader(io.StringIO(table))
    assert (row["event"], row["action"], row["decision"]) == (wrong.event_id, "in", decided.lower())

    after = privacy("correct", "answer", "--id", asked["id"], "--by", RATNA, "--language", "id", typed=GOOD)
    assert "PT Contoh, personalia  dikonfirmasi" in after
    assert "Saya baru datang." in after
    with opened(device) as store:
        assert store.history.last_action(person, store.now_ms()) == (Action.IN, right)
        assert store.ledger.verify() > 0
