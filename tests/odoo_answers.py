"""Answers that a stand-in of Odoo is told to give, and the site they are given at; shared by two files of tests."""

import json
import time

from odoo_site import Site
from odoo_stand_in import OdooStandIn, Reply

from sync.contract import Punch, Result

HTML = "text/html; charset=utf-8"


def of(site: Site) -> OdooStandIn:
    assert site.stand_in is not None
    return site.stand_in


def now() -> int:
    return int(time.time() * 1000)


def error(name: str, status: int) -> Reply:
    body = {"name": name, "message": "m", "arguments": ["m"], "context": {}, "debug": "Traceback"}
    return Reply(status, json.dumps(body).encode())


def plain(status: int, content_type: str = "application/json", **headers: str) -> Reply:
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Reply(status, b"{}", content_type, given)


def outcome(site: Site, one: Punch, moment: int | None = None) -> Result:
    (result,) = site.backend(total_s=5).push([one], now() if moment is None else moment)
    return result
