"""Power cuts between any two steps of a delivery to Odoo: each event is stored once, and none is set aside."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from odoo_site import Site, standing_in, text
from odoo_stand_in import OdooStandIn, Reply, Trouble
from odoo_victim import Steps, deliver, hand_over
from sync_house import Door

from sync.exchange import Exchange
from wire.event import Action

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


LOST = ("reset", Reply(500, b"{}"), Reply(200, b"[1,"), Reply(504, b"", "text/html"), Reply(200, b"{}", "text/html"))
NOT_DONE = ("reset", Reply(500, b"{}"), Reply(502, b"", "text/html"), Reply(401, b"{}"), Reply(503, b"{}"))


@dataclass
class Flaky:
    """Lets every seventh call or so go wrong, before it is done or after."""

    server: OdooStandIn
    chance: random.Random
    failed: int = 0

    def __call__(self, _model: str, method: str) -> None:
        if method == "has_access" or self.chance.random() > 0.15:
            return
        self.failed += 1
        if self.chance.random() < 0.5:
            self.server.troubles.append(Trouble("", afterwards=self.chance.choice(LOST)))
        else:
            self.server.troubles.append(Trouble("", instead=self.chance.choice(NOT_DONE)))

    def pass_by(self, late_ms: int) -> None:
        self.server.ahead_ms = late_ms


def week(codes: list[str]) -> list[tuple[str, Action, int]]:
    """Everybody comes and goes twice a day."""
    day = ((Action.IN, 8), (Action.OUT, 12), (Action.IN, 13), (Action.OUT, 17))
    return [(code, action, at * 24 + hour) for at in range(5) for action, hour in day for code in codes]


def test_a_server_that_fails_at_random_stores_a_week_once(tmp_path: Path, rounds: Callable[[int, int], int]) -> None:
    for seed in range(rounds(1, 20)):
        place = tmp_path / str(seed)
        place.mkdir()
        with standing_in(place) as site:
            codes = [site.hire() for _ in range(4)]
            hand_over(Door(place / "door"), week(codes))
            flaky = Flaky(of(site), random.Random(seed))  # noqa: S311 - to be repeated, not to be secret
            of(site).before = flaky
            deliver(place / "door", site.settings(), Steps(0), 40, flaky.pass_by)
            of(site).before = lambda _model, _method: None
            flaky.pass_by(0)
            assert deliver(place / "door", site.settings(), Steps(0), 12, flaky.pass_by) == 0, seed
            assert flaky.failed >= 20
            with closing(Exchange.open(place / "door" / "exchange.db")) as exchange:
                assert exchange.unsettled().parked == 0, seed
            days = [
                (text(at * 24 + begins), text(at * 24 + ends))
                for at in range(5)
                for begins, ends in ((8, 12), (13, 17))
            ]
            assert [site.rows(code) for code in codes] == [days] * 4, seed


def test_a_late_pair_leaves_together_and_one_persons_dead_letter_holds_up_nobody_else(tmp_path: Path) -> None:
    with standing_in(tmp_path) as site:
        late, twice, other = (site.hire() for _ in range(3))
        site.enter(late, text(20))
        site.enter(twice, text(6))
        acts = [
            (code, action, hour) for action, hour in ((Action.IN, 8), (Action.OUT, 17)) for code in (late, twice, other)
        ]
        hand_over(Door(tmp_path / "door"), acts)
        assert deliver(tmp_path / "door", site.settings(), Steps(0), 3) == 2
        assert site.rows(late) == [(text(8), text(17)), (text(20), "")]
        assert site.rows(twice) == [(text(6), "")]
        assert site.rows(other) == [(text(8), text(17))]
        with closing(Exchange.open(tmp_path / "door" / "exchange.db")) as exchange:
            assert exchange.unsettled().parked == 1
