"""Power cuts between any two steps of a delivery to Odoo: each event is stored once, and none is set aside."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from odoo_site import Site, standing_in, text
from odoo_stand_in import OdooStandIn, Trouble
from odoo_victim import Steps, deliver

from sync.exchange import Exchange

MORNING = [(text(8), text(12)), (text(13), "")]


def victim(site: Site, folder: Path, codes: list[str], *, stay: bool, stride: int = 1) -> subprocess.Popen[str]:
    folder.mkdir()
    settings = site.settings()
    order = {
        "url": site.url, "ca": str(site.ca), "database": site.database, "credential": str(settings.credential),
        "folder": str(folder), "codes": codes, "stay": stay, "stride": stride,
    }  # fmt: skip
    root = Path(__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), str(root / "tests")])}
    command = [sys.executable, str(root / "tests" / "odoo_victim.py"), json.dumps(order)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def of(site: Site) -> OdooStandIn:
    assert site.stand_in is not None
    return site.stand_in


def test_a_power_cut_at_any_step_stores_every_event_once(tmp_path: Path, rounds: Callable[[int, int], int]) -> None:
    stride = 3 - rounds(1, 2)  # each change tries every other step
    with standing_in(tmp_path) as site:
        codes = [site.hire() for _ in range(60)]
        with victim(site, tmp_path / "doors", codes, stay=False, stride=stride) as process:
            said, _ = process.communicate(timeout=240)
        runs = [json.loads(line) for line in said.splitlines()]
        assert [run["died"] for run in runs] == [True] * (len(runs) - 1) + [False]
        assert len(runs) * stride >= 16
        assert {run["left"] for run in runs} == {0}
        for run in runs:
            assert site.rows(run["code"]) == MORNING


def test_a_process_killed_while_it_waits_for_the_answer_finds_its_row(
    tmp_path: Path, rounds: Callable[[int, int], int]
) -> None:
    for method in ("create", "write")[: rounds(1, 2)]:
        place = tmp_path / method
        place.mkdir()
        with standing_in(place) as site:
            code, server = site.hire(), of(site)
            server.troubles.append(Trouble(method, afterwards="hang"))
            with victim(site, place / "door", [code], stay=True) as process:
                assert server.reached.wait(60)
                process.kill()
            assert len(site.rows(code)) == 1
            assert deliver(place / "door", site.settings(), Steps(0), 8) == 0
            assert site.rows(code) == MORNING
            with closing(Exchange.open(place / "door" / "exchange.db")) as exchange:
                assert exchange.unsettled().parked == 0
