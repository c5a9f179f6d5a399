"""Promise (policy KK1): race, religion, health, marital status and identity numbers are kept nowhere.

Each backend answers with more than it was asked for. What arrives is followed from its reply through sync's files and
the exchange into the store; every file and every line of the log is searched for it, in every spelling.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import frappe_kit
import odoo_site
import pytest
from canary import Planted, Searcher, logged
from frappe_desk import Reply, said
from frappe_stand_in import Handler
from odoo_stand_in import OdooStandIn
from store_kit import Hands, here, new_store

from kiosk.store import Store, inbox, outbox
from kiosk.store.inbox import Believed
from kiosk.store.resume import resume
from sync import errand_messages
from sync.contract import Backend
from sync.errand_messages import Known
from sync.exchange import Exchange
from sync.pulls import Pulls
from sync.punch_journal import PunchJournal
from wire import canonical, enclosed, message
from wire.errors import FormatError
from wire.message import Entry, Message, Roster, Standing
from wire.signing import SigningKey

HQ = SigningKey.generate()
FIELDS = {
    "race": "PLANTED-race-Tionghoa-7731",
    "ethnicity": "PLANTED-ethnicity-Batak-7731",
    "religion": "PLANTED-religion-Katolik-7731",
    "health_details": "PLANTED-health-diabetes-7731",
    "blood_group": "PLANTED-blood-AB-7731",
    "marital_status": "PLANTED-marital-cerai-7731",
    "passport_number": "PLANTED-passport-X1234567",
    "nik": "PLANTED-nik-3174096112900001",
    "gender": "PLANTED-gender-7731",
    "date_of_birth": "PLANTED-birth-1990-02-03",
}
SEARCH = Searcher(Planted(FIELDS))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(new_store(tmp_path / "device" / "state", Hands(wall_ms=time.time_ns() // 1_000_000))) as made:
        yield made


@contextmanager
def box(store: Store) -> Iterator[Exchange]:
    path = store.database.directory.parent / "exchange" / "exchange.db"
    with closing(outbox.begin_anew(path)) as exchange:
        yield exchange


def key_of_exchange(store: Store) -> bytes:
    path = store.database.directory.parent / "exchange.key"
    if not path.exists():
        store.write_exchange_key(path)
    return path.read_bytes()


def carried(store: Store, backend: Backend, log: Path) -> set[str]:
    """Bring a roster from a backend into the store, as the two programs do; returns who is known then."""
    device = store.database.directory.parent
    key = key_of_exchange(store)
    with (
        logged(log),
        box(store) as exchange,
        closing(PunchJournal.open(device / "sync.db", store.device_id, key)) as journal,
    ):
        Pulls(store.device_id, key, exchange, journal, backend).step(time.time_ns() // 1_000_000)
        inbox.collect(here(store), exchange, store.device_id, Believed((), unsigned=True))
        resume(store)
        logging.getLogger("ambang.sync").debug("and it is over")
        assert SEARCH.found_beneath(device) == {}
    assert b"DEBUG ambang.sync and it is over" in log.read_bytes()
    assert SEARCH.found_in(log.read_bytes()) == set()
    return {person.name for person in store.people.all()}


def more(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every row with everything else that is known about the person, asked for or not."""
    return [{**row, **FIELDS} for row in rows]


def test_nothing_that_frappe_tells_beyond_the_roster_is_kept_or_logged(store: Store, tmp_path: Path) -> None:
    (tmp_path / "frappe").mkdir()
    with frappe_kit.place(tmp_path / "frappe") as site:
        site.employ("E-17", employee_name="Budi Santoso", **FIELDS)
        given: list[bytes] = []

        def generous(_handler: Handler, act: Callable[[], Reply]) -> Reply:
            reply = said({"data": more(json.loads(act().body)["data"])})
            given.append(reply.body)
            return reply

        site.server.faults += [("GET", "/api/resource/Employee?", generous)] * 2
        assert carried(store, site.backend(), tmp_path / "log") == {"Test E-17"}
        assert SEARCH.found_in(b"".join(given)), "it was told"
        assert not [path for _, path, *_ in site.server.requests if any(field in path for field in FIELDS)]


def test_nothing_that_odoo_tells_beyond_the_roster_is_kept_or_logged(store: Store, tmp_path: Path) -> None:
    (tmp_path / "odoo").mkdir()
    with odoo_site.standing_in(tmp_path / "odoo") as site, pytest.MonkeyPatch.context() as patch:
        site.hire(name="Siti Rahma")
        given: list[object] = []
        dispatch = OdooStandIn._dispatch

        def generous(house: OdooStandIn, model: str, method: str, arguments: dict[str, Any]) -> object:
            answer = dispatch(house, model, method, arguments)
            if model == "hr.employee" and isinstance(answer, list) and answer and isinstance(answer[0], dict):
                answer = more(answer)
                given.append(answer)
            return answer

        patch.setattr(OdooStandIn, "_dispatch", generous)
        assert carried(store, site.backend(), tmp_path / "log") == {"Siti Rahma"}
        assert SEARCH.found_in(json.dumps(given).encode()), "it was told"


def spoiled(store: Store) -> dict[str, object]:
    """A roster message with more about somebody than there is room for, signed by headquarters all the same."""
    entry = Entry("R-1", "E-1", "Budi", Standing.ACTIVE)
    told = message.to_json(Message(store.device_id, 1, 1, Roster(1, full=True, part=1, parts=1, people=(entry,))))
    body = dict(told["body"])  # type: ignore[arg-type]
    body["people"] = [{**body["people"][0], **FIELDS}]  # type: ignore[index,dict-item]
    unsigned = {name: value for name, value in {**told, "body": body}.items() if name != "sig"}
    return {**unsigned, "sig": HQ.sign(message.DOMAIN + canonical.encode(unsigned)).hex()}


def test_a_signed_roster_with_such_fields_is_refused_whole_by_both_programs(store: Store, tmp_path: Path) -> None:
    value, log = spoiled(store), tmp_path / "log"
    device, key = store.database.directory.parent, key_of_exchange(store)
    with logged(log), box(store) as exchange:
        with pytest.raises(FormatError) as refused:
            errand_messages.read({"messages": [value]}, store.device_id, HQ.public, Known(0, 0))
        assert SEARCH.found_in(str(refused.value).encode()) == set(), "the refusal repeats nothing of it"
        exchange.inbox_add("message", enclosed.closed(key, store.device_id, canonical.encode(value)))  # type: ignore[arg-type]
        inbox.collect(here(store), exchange, store.device_id, Believed((HQ.public,), unsigned=False))
        assert SEARCH.found_beneath(device) == {}
    assert list(store.people.all()) == []
    assert b"is refused: form" in log.read_bytes()
    assert SEARCH.found_in(log.read_bytes()) == set()


@pytest.mark.parametrize("where", ["exchange", "log"])
def test_the_search_finds_what_a_program_had_kept(store: Store, tmp_path: Path, where: str) -> None:
    if where == "log":
        with logged(tmp_path / "log"):
            logging.getLogger("ambang.sync").debug("employee %s", FIELDS)
        assert SEARCH.found_in((tmp_path / "log").read_bytes())
        return
    with box(store) as exchange:
        exchange.inbox_add("message", canonical.encode(spoiled(store)))  # type: ignore[arg-type]
    assert set(SEARCH.found_beneath(tmp_path / "device")) == {"exchange/exchange.db"}
