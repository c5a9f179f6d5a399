"""HQ goes away for a while: the door goes on, says how many are not yet sent, and everything arrives once."""

import json
import os
import time
from pathlib import Path

import pytest
from running_kiosk import running, unplugged

from kiosk import words
from kiosk.cli import demo_office
from kiosk.store import FileRootKey, Store
from sync.exchange import Exchange

# The release run stops HQ for a minute; the everyday run for as long as sync needs to notice.
AWAY_S = float(os.environ.get("AMBANG_OUTAGE_S", "6"))
CODE, NAME, PIN = "21-2001", "Gita Permata", "271904"


def arrived(hq: Path) -> list[str]:
    export = json.loads(demo_office.command("hq", "export", "--data", hq, "--json"))
    assert export["duplicates"] == 0
    return [event["action"] for event in export["events"]]


@pytest.mark.timeout(200)
def test_nothing_is_lost_or_doubled_while_hq_is_away_and_the_door_says_what_waits(tmp_path: Path) -> None:
    config, told = demo_office.found(tmp_path)
    store = Store.open(config.state, FileRootKey(config.state / "root.key"))
    store.people.add(CODE, NAME, pin=PIN)
    store.close()
    serve = ("serve", "--data", tmp_path / "hq", "--ready-file", tmp_path / "address", "--port")
    log = tmp_path / "hq.log"
    with demo_office.running(log, "hq", *serve, "0") as hq:
        address = demo_office.ready(tmp_path / "address", hq)
        place = demo_office.connect(config, told, address)
    port = address.rpartition(":")[2]

    with (
        demo_office.running(tmp_path / "sync.log", "sync", "run", "--config", place.sync_toml),
        running(config, unplugged) as scene,
    ):
        for waiting, action in enumerate(("in", "out", "in"), start=1):
            scene.touch(f"action.{action}")
            scene.type_pin(CODE, PIN)
            scene.wait_for("recorded")
            scene.until_shown(words.say("id", "recorded.unsent", count=waiting))
            scene.touch("tap.done")
            scene.wait_for("idle")
        time.sleep(AWAY_S)
        scene.until_shown(words.say("id", "sync.unsent", count=3))
        exchange = Exchange.open(config.exchange)
        scene.until(lambda: exchange.status().state == "offline", within_s=30)
        exchange.close()
        assert arrived(place.hq) == []

        (tmp_path / "address").unlink()
        with demo_office.running(log, "hq", *serve, port) as hq:
            demo_office.ready(tmp_path / "address", hq)
            scene.until(lambda: words.say("id", "sync.ok") in scene.texts(), within_s=90)
            assert arrived(place.hq) == ["in", "out", "in"]
