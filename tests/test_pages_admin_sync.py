"""Sending on the screen, over a real exchange and what sync does in it: what waits, what is set aside, who may what."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from admin_kit import ALSO_GOOD, RATNA, acts
from assess_kit import DEWI
from device_kit import Office, office
from pages_kit import Guest
from store_kit import HOUR, MORNING, check_in, here

from kiosk.faults import FaultCode
from kiosk.pages.admin.sync import Standing
from kiosk.store import outbox
from kiosk.store.keys import KeyKind
from sync import audit
from sync.asked import AskedChore, Means
from sync.audit import Act
from sync.contract import BackendDown, Health, Remark
from sync.delivery import Reason
from sync.exchange import Exchange, State, Status
from sync.journal import Journal
from sync.letters_hq import HqLetters
from wire import asked, sending
from wire.asked import Asked, Wanted
from wire.asked import Reason as Because
from wire.errors import FormatError
from wire.sending import Answer, Outcome, Preflight, Sending

NOW = MORNING + HOUR
DAY_MS = 86_400_000


@dataclass
class Line:
    """Both ends of one exchange: an office with two check-ins of which one is set aside, and sync beside it."""

    office: Office
    exchange: Exchange
    journal: Journal
    folder: Path
    dead: str
    health: Health | BackendDown = field(default_factory=Health)
    certificate: Path | None = None

    def sync(self, now_ms: int = NOW) -> AskedChore:
        """What the daemon does in one round; a new chore each time, as after a restart."""
        letters = HqLetters(self.device, self.key, self.journal, self.exchange)
        means = Means(self.device, "hq", letters, self._asked, self.certificate, self.folder)
        chore = AskedChore(self.exchange, means)
        chore.step(now_ms)
        return chore

    @property
    def device(self) -> str:
        return self.office.guest.store.device_id

    @property
    def key(self) -> bytes:
        return self.office.guest.store.keys.need(KeyKind.EXCHANGE)

    @property
    def done(self) -> list[tuple[str, Act | None]]:
        """What sync's own audit says, oldest first."""
        return [(each.event_id, each.act) for each in audit.written(self.journal.file, self.key, self.device)]

    def set_aside(self, reason: Reason) -> None:
        self.exchange.park([self.dead], reason)
        self.journal.set_aside([self.dead], reason, NOW)

    def _asked(self, _now_ms: int) -> Health:
        if isinstance(self.health, BackendDown):
            raise self.health
        return self.health


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = office(tmp_path)
    store, path = made.guest.store, made.guest.config.exchange
    person = store.people.add("E-0417", "Budi Santoso", pin="482913")
    made_ids = [store.ledger.append(check_in(store, at=MORNING + number * HOUR), person).event_id for number in (0, 1)]
    outbox.begin_anew(path).close()
    with ExitStack() as stack:
        exchange = stack.enter_context(closing(Exchange.open(path)))
        outbox.forward(here(store), exchange)
        key = store.keys.need(KeyKind.EXCHANGE)
        journal = stack.enter_context(closing(Journal.open(tmp_path / "sync.db", store.device_id, key)))
        exchange.put_status(Status(State.OFFLINE, MORNING, "read_timeout"))
        line = Line(made, exchange, journal, tmp_path, made_ids[0])
        line.set_aside(Reason.FIELD_REJECTED)
        yield line


def again(guest: Guest) -> Guest:
    return guest.tap("again")


def test_it_shows_what_waits_since_when_and_what_sync_says_in_words(line: Line) -> None:
    guest = line.office.technician().tap("sync")
    assert "2 records" in guest.texts
    assert "no answer in time" in guest.texts
    assert "08:00" in guest.texts, "the oldest, in the zone of the door"
    guest.tap("letters")
    assert "refuses something in it" in guest.texts
    assert "E-0417" not in guest.tap(line.dead).texts
    assert "Budi" not in guest.texts


def test_a_retry_is_asked_once_and_done_by_sync_and_its_outcome_is_shown(line: Line) -> None:
    guest = line.office.technician().tap("sync", "letters", line.dead, "retry", "done")
    assert "asked" in guest.texts
    assert guest.tap(line.dead).keys == [], "while sync has not answered nothing more is asked"
    assert len(line.exchange.requests(0)) == 1
    line.sync()
    ((event, act),) = line.done
    assert act is not None
    assert (event, act.by, act.second, act.reason) == (line.dead, line.office.staff.technician.account, "", "repaired")
    again(guest.back().back())
    assert "done" in guest.texts
    assert guest.tap("letters").keys == []
    assert line.exchange.requests(0) == ()


def test_to_discard_takes_a_reason_and_two_people_and_is_written_down(line: Line) -> None:
    guest = line.office.admin().tap("sync", "letters", line.dead, "discard", "twice", "second")
    guest.type(RATNA).type(ALSO_GOOD)
    assert guest.sheet.warn
    assert line.exchange.requests(0) == ()
    line.office.hands.move(60_000)
    guest.type(DEWI).type(ALSO_GOOD).tap("done")
    staff = line.office.staff
    kept = {"act": "discard", "event": line.dead, "by": staff.admin.account, "second": staff.officer.account}
    assert acts(guest.store)[-1] == ("delivery_asked", {**kept, "reason": "twice"})
    line.sync()
    ((_, act),) = line.done
    assert act is not None
    assert (act.act, act.second, act.reason) == ("discard", staff.officer.account, "twice")
    assert line.exchange.unsettled().parked == 0


def test_what_is_handed_over_lies_in_a_file_before_it_is_settled(line: Line) -> None:
    line.office.admin().tap("sync", "letters", line.dead, "hand", "yes", "done")
    line.sync()
    (file,) = line.folder.glob("dead-*.json")
    assert line.dead in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    (opened,) = json.loads(file.read_text())["events"]
    assert opened["event"]["data"]["person"] == "E-0417", "whoever deals with it has to know whose it is"
    assert line.exchange.unsettled().events == 1
    ((_, act),) = line.done
    assert act is not None
    assert act.act == "export"


def test_a_technician_can_neither_hand_over_nor_discard(line: Line) -> None:
    guest = line.office.technician().tap("sync", "letters", line.dead)
    assert guest.keys == ["retry"]
    assert guest.page.tapped("hand") is not None
    with pytest.raises(AssertionError, match="no hand"):
        guest.tap("hand")


def test_a_preflight_is_asked_answered_and_shown_with_what_is_wrong(line: Line) -> None:
    guest = line.office.technician().tap("sync")
    assert "not yet" in guest.texts
    line.health = Health((Remark("tls_expired", "Look.", blocks=True), Remark("Nonsense!", "", blocks=False)))
    guest.tap("preflight")
    line.sync()
    guest.tap("done")
    assert isinstance(guest.page, Standing)
    assert "cannot be sent" in guest.texts
    assert "a certificate is over, unknown" in guest.texts
    line.health = BackendDown("read_timeout")
    guest.tap("preflight")
    line.sync(NOW + 1)
    assert "no answer in time" in guest.tap("done").texts


def test_what_was_asked_twice_or_is_gone_changes_nothing_more(line: Line) -> None:
    body = asked.encode(Asked(Wanted.RETRY, line.dead, "00" * 8))
    for _ in range(2):
        line.exchange.request(asked.REQUEST, body)
    line.exchange.request(asked.REQUEST, b"{}")
    line.sync()
    assert [each.outcome for each in told(line).answers] == [Outcome.DONE, Outcome.GONE]
    assert len(line.done) == 1
    line.set_aside(Reason.SERVER_BUG)
    (line.folder / f"dead-{line.dead}.json").touch()
    line.exchange.request(asked.REQUEST, asked.encode(Asked(Wanted.HAND, line.dead, "00" * 8)))
    line.sync()
    assert told(line).answers[-1].outcome is Outcome.REFUSED
    assert line.exchange.unsettled().parked == 1, "a file that was not written settles nothing"


def told(line: Line) -> Sending:
    found = line.exchange.newest(sending.MESSAGE)
    assert found is not None
    return sending.decode(found.body)


def test_sync_says_the_same_only_once_and_remembers_it_over_a_restart(line: Line) -> None:
    line.exchange.request(asked.REQUEST, asked.encode(Asked(Wanted.PREFLIGHT, "", "00" * 8)))
    line.sync()
    first = line.exchange.newest(sending.MESSAGE)
    chore = line.sync(NOW + 1)
    chore.step(NOW + 60_002)
    assert line.exchange.newest(sending.MESSAGE) == first
    assert len(line.exchange.inbox(0)) == 1


def test_the_days_that_the_certificate_has_left_are_counted(line: Line) -> None:
    for days, said in ((40, "40 more days"), (5, "only 5 more days"), (-1, "has to invite this device again")):
        said_now = Sending("hq", MORNING, MORNING + days * DAY_MS + HOUR)
        before = line.exchange.newest(sending.MESSAGE)
        gone = () if before is None else (before.id,)
        line.exchange.inbox_add(sending.MESSAGE, sending.encode(said_now), instead_of=gone)
        assert said in line.office.technician().tap("sync").texts


def test_an_exchange_that_is_gone_or_lies_is_said_and_asks_nothing(line: Line) -> None:
    line.exchange.inbox_add(sending.MESSAGE, b'{"format":"ambang.sending.v1"}')
    guest = line.office.technician().tap("sync")
    assert "not yet" in guest.texts, "what is no message is none"
    path = guest.config.exchange
    path.write_bytes(b"no database")
    again(guest)
    assert "cannot be read" in guest.texts
    assert "preflight" not in guest.keys
    path.unlink()
    assert "2 records" in again(guest).texts


def test_if_the_exchange_goes_meanwhile_nothing_is_said_to_be_asked(line: Line) -> None:
    guest = line.office.technician().tap("sync", "letters", line.dead)
    guest.config.exchange.write_bytes(b"no database")
    size = guest.store.ledger.size()
    assert guest.tap("retry").fault is FaultCode.EXCHANGE_UNUSABLE
    assert guest.store.ledger.size() == size


def test_what_crosses_the_border_is_closed_both_ways() -> None:
    act = Asked(Wanted.DISCARD, "018f0000-0000-7000-8000-000000000001", "01" * 8, "02" * 8, Because.TWICE)
    assert asked.decode(asked.encode(act)) == act
    answer = Answer(Wanted.RETRY, act.event, NOW, Outcome.DONE)
    said = Sending("hq", 1, 2, Preflight(NOW, usable=True, codes=("a",)), (answer,))
    assert sending.decode(sending.encode(said)) == said
    for wrong in (
        {"second": ""},
        {"second": "01" * 8},
        {"reason": None},
        {"event": ""},
        {"event": "x"},
        {"by": "Ratna"},
        {"act": Wanted.PREFLIGHT},
    ):
        with pytest.raises(FormatError):
            Asked(**{**{name: getattr(act, name) for name in act.__slots__}, **wrong})
    for body in (b"", b"{}", b"[]", asked.encode(act)[:-1], b" " * 600):
        with pytest.raises(FormatError):
            asked.decode(body)
    for broken in ({"answers": (answer,) * 17}, {"recipient": "HQ!"}, {"certificate_ends": -1}):
        with pytest.raises(FormatError):
            Sending(**{"recipient": "hq", **broken})  # type: ignore[arg-type]
