"""The kiosk's register of recipients binds sync: whoever is not in it, or has no ground, receives nothing at all."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from desk import at_work, person_of, save
from running_kiosk import furnished
from store_kit import here, new_store
from sync_house import House, house

from kiosk.faults import Fault, FaultCode
from kiosk.rights import company, publishing, recipients
from kiosk.rights.publishing import Publishing
from kiosk.rights.recipients import Problem
from sync import errands
from sync.__main__ import now_ms
from sync.assembly import Work, line_of, work_of
from sync.config import Csv, read
from sync.errand import Desk
from sync.errand_memory import Memory
from sync.exchange import Exchange, State
from sync.register import NOT_REGISTERED, admitted
from wire import recipients as published
from wire.errors import FormatError
from wire.recipients import Listed, Register

if TYPE_CHECKING:
    from kiosk.store import Store

HOME = '[controller]\ncountry = "ID"\n'
HQ = '[[recipient]]\nname = "Kantor Pusat"\ncategory = "employer"\nhost = "127.0.0.1"\npurposes = ["attendance"]\n'
ABROAD = HQ + 'country = "SG"\n'
PROOF = 'ground = "contract_clauses"\nevidence = "SCC 2026/3"\ndate = "2026-03-01"\n'


class Kiosk:
    """A store and its privacy.toml beside the door of a house."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / company.FILE
        self.store: Store = new_store(folder / "state")
        self.publishing = Publishing(self.file)

    def says(self, text: str, exchange: Exchange) -> None:
        self.file.write_text(text)
        self.publishing.round(here(self.store), exchange)

    def restarted(self, exchange: Exchange) -> None:
        self.publishing = Publishing(self.file)
        self.publishing.round(here(self.store), exchange)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as made:
        yield made


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    folder = tmp_path / "kiosk"
    folder.mkdir()
    return Kiosk(folder)


@pytest.fixture
def exchange(home: House) -> Iterator[Exchange]:
    """The kiosk's own line to the exchange."""
    with closing(Exchange.open(home.door.path)) as opened:
        yield opened


@pytest.fixture
def work(home: House) -> Iterator[Work]:
    """Sync as `kiosk-sync run` builds it, its own line to the exchange included."""
    settings = read(home.config)
    with ExitStack() as stack:
        line = line_of(settings)
        assert line is not None
        stack.callback(line.close)
        its_own = stack.enter_context(closing(Exchange.open(settings.exchange)))
        yield stack.enter_context(work_of(settings, its_own, line, now_ms))


def drain(work: Work) -> None:
    for _ in range(50):
        if not work.delivery.step():
            return
    raise AssertionError("it never comes to an end")


def test_as_long_as_no_register_is_published_all_goes_as_before(
    home: House, work: Work, kiosk: Kiosk, exchange: Exchange
) -> None:
    kiosk.publishing.round(here(kiosk.store), exchange)
    assert exchange.requests(0) == ()
    home.door.check_in(3)
    drain(work)
    assert exchange.unsettled().events == 0


def test_a_recipient_without_country_ground_evidence_or_date_receives_nothing_and_nothing_is_lost(
    home: House, work: Work, kiosk: Kiosk, exchange: Exchange
) -> None:
    home.door.check_in(3)
    for missing in (HOME + HQ, HOME + ABROAD, HOME + ABROAD + 'ground = "contract_clauses"\nevidence = "SCC"\n'):
        kiosk.says(missing, exchange)
        drain(work)
        assert (exchange.unsettled().events, home.hq.stored) == (3, {})
        assert (exchange.status().state, exchange.status().detail) == (State.CONFIG, NOT_REGISTERED)
    kiosk.says(HOME + ABROAD + PROOF, exchange)
    drain(work)
    assert exchange.unsettled().events == 0
    assert set(home.hq.stored) == set(home.door.ids)
    assert (exchange.status().state, exchange.status().detail) == (State.OK, "")
    assert home.hq.doubled == 0


def test_a_host_that_the_register_does_not_hold_receives_nothing(
    home: House, work: Work, kiosk: Kiosk, exchange: Exchange
) -> None:
    kiosk.says((HOME + ABROAD + PROOF).replace("127.0.0.1", "hq.elsewhere.example"), exchange)
    home.door.check_in(2)
    drain(work)
    assert (exchange.unsettled().events, home.hq.stored) == (2, {})


def test_a_register_that_was_taken_back_stops_the_delivery_in_its_middle(
    home: House, work: Work, kiosk: Kiosk, exchange: Exchange
) -> None:
    kiosk.says(HOME + ABROAD + PROOF, exchange)
    home.door.check_in(1)
    drain(work)
    kiosk.says(HOME, exchange)
    home.door.check_in(1)
    drain(work)
    assert (exchange.unsettled().events, len(home.hq.stored)) == (1, 1)


@pytest.mark.parametrize("again", [False, True])
def test_a_register_that_has_bound_once_binds_for_good(
    home: House, work: Work, kiosk: Kiosk, exchange: Exchange, *, again: bool
) -> None:
    kiosk.says(HOME + ABROAD + PROOF, exchange)
    home.door.check_in(1)
    drain(work)
    kiosk.file.unlink()
    if again:
        kiosk.restarted(exchange)
    else:
        kiosk.publishing.round(here(kiosk.store), exchange)
    home.door.check_in(1)
    drain(work)
    assert (exchange.unsettled().events, len(home.hq.stored)) == (1, 1)


def test_the_same_register_is_published_once_and_an_older_one_is_taken_away(
    home: House, work: Work, kiosk: Kiosk, exchange: Exchange
) -> None:
    kiosk.says(HOME + ABROAD, exchange)
    kiosk.restarted(exchange)
    assert len(exchange.requests(0)) == 1
    kiosk.says(HOME + ABROAD + PROOF, exchange)
    assert len(exchange.requests(0)) == 2
    home.door.check_in(1)
    drain(work)
    left = exchange.requests(0)
    assert [published.decode(row.body).admits("", "127.0.0.1") for row in left] == [True]


def test_a_new_exchange_is_bound_before_anything_lies_in_it(kiosk: Kiosk, exchange: Exchange, tmp_path: Path) -> None:
    kiosk.says(HOME + ABROAD, exchange)
    (tmp_path / "new").mkdir()
    with closing(Exchange.create(tmp_path / "new" / "exchange.db")) as another:
        kiosk.publishing.begin_anew()
        kiosk.publishing.round(here(kiosk.store), another)
        assert [row.kind for row in another.requests(0)] == [published.REQUEST]


def test_a_privacy_toml_that_cannot_be_read_changes_nothing_and_after_a_restart_admits_nobody(
    home: House, kiosk: Kiosk, exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    recipient = read(home.config).recipient
    kiosk.says(HOME + ABROAD + PROOF, exchange)
    with caplog.at_level(logging.ERROR, publishing.__name__):
        kiosk.says("this is no TOML", exchange)
        assert admitted(exchange, recipient)
        kiosk.restarted(exchange)
        assert not admitted(exchange, recipient)


def test_reports_certificates_and_backups_are_held_too_and_news_is_still_fetched(
    home: House, kiosk: Kiosk, exchange: Exchange, tmp_path: Path
) -> None:
    settings = read(home.config)
    kiosk.says(HOME, exchange)
    ran: list[str] = []

    class Noted:
        every_ms = 60_000

        def __init__(self, name: str) -> None:
            self.name = name

        def run(self, _desk: Desk, _now_ms: int) -> None:
            ran.append(self.name)

    names = ("enrolment", "messages", "certificates", "report", "backups")
    with closing(Memory.open(tmp_path / "errands.db")) as memory, closing(Exchange.open(home.door.path)) as its_own:
        desk = Desk(settings, its_own, memory, lambda: pytest.fail("no line is needed"))
        one = errands.Round(desk, [Noted(name) for name in names])
        assert one.run(now_ms()) == dict.fromkeys(("certificates", "report", "backups"), NOT_REGISTERED)
        assert ran == ["enrolment", "messages"]
        kiosk.says(HOME + ABROAD + PROOF, exchange)
        assert one.run(now_ms()) == {}
        assert ran == ["enrolment", "messages", "certificates", "report", "backups"]


def test_a_folder_is_a_recipient_too_by_its_name(home: House, kiosk: Kiosk, exchange: Exchange) -> None:
    files = home.door.folder / "files"
    files.mkdir()
    text = home.config.read_text()
    text = text[: text.index("[hq]")] + f'[csv]\nfolder = "{files}"\n' + text[text.index("[recipient]") :]
    home.config.write_text(text.replace('host = "127.0.0.1"\n', ""))
    settings = read(home.config)
    assert isinstance(settings.target, Csv)
    listed = HOME + '[[recipient]]\nname = "a name"\ncategory = "employer"\ncountry = "ID"\n'
    home.door.check_in(2)
    with (
        closing(Exchange.open(settings.exchange)) as its_own,
        work_of(settings, its_own, None, now_ms) as work,
    ):
        kiosk.says(HOME + ABROAD + PROOF, exchange)
        drain(work)
        assert (exchange.status().detail, list(files.iterdir())) == (NOT_REGISTERED, [])
        kiosk.says(listed, exchange)
        drain(work)
    assert exchange.unsettled().events == 0
    assert list(files.iterdir()) != []


def test_a_kiosk_at_work_publishes_its_register_and_goes_on_recording(tmp_path: Path) -> None:
    config = furnished(tmp_path / "device")
    (config.data / company.FILE).write_text(HOME + ABROAD)
    with at_work(config) as desk:
        save(desk, person_of(config))
        desk.until_unsent(1)
    with closing(Exchange.open(config.exchange)) as filled:
        bodies = [row.body for row in filled.requests(0) if row.kind == published.REQUEST]
        assert [published.decode(body).admits("", "127.0.0.1") for body in bodies] == [False]
        assert filled.unsettled().events == 1


def test_what_lies_in_the_exchange_and_is_no_register_admits_nobody(home: House, exchange: Exchange) -> None:
    recipient = read(home.config).recipient
    good = published.encode(Register(bytes(32), (Listed("a name", "127.0.0.1", "eea"),)))
    for body in (b"", b"{}", good + b" ", good.replace(b"v1", b"v2"), good.replace(b"eea", b"\xff")):
        exchange.request(published.REQUEST, body)
        assert not admitted(exchange, recipient), body
    exchange.request(published.REQUEST, good)
    assert admitted(exchange, recipient)


def test_a_country_that_is_the_controllers_own_or_in_the_eea_needs_no_further_proof() -> None:
    parsed = company.parse(
        (HOME + HQ + 'country = "ID"\n' + HQ + 'country = "nl"\n' + HQ + 'country = "US"\n').encode()
    )
    near, eea, far = recipients.register(parsed)
    assert [(each.ground, each.admitted, each.outside) for each in (near, eea, far)] == [
        ("same_country", True, False),
        ("eea", True, False),
        ("", False, True),
    ]
    assert far.problems == (Problem.GROUND_MISSING, Problem.EVIDENCE_MISSING, Problem.DATE_MISSING)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("", Problem.COUNTRY_MISSING),
        ('country = "Singapore"\n', Problem.COUNTRY_UNKNOWN),
        ('country = "SG"\nground = "because"\nevidence = "x"\ndate = "2026-01-01"\n', Problem.GROUND_UNKNOWN),
        ('country = "SG"\nground = "eea"\nevidence = "x"\ndate = "2026-01-01"\n', Problem.GROUND_ELSEWHERE),
        ('country = "SG"\nground = "same_country"\nevidence = "x"\ndate = "2026-01-01"\n', Problem.GROUND_ELSEWHERE),
        ('country = "SG"\nground = "adequacy"\ndate = "2026-01-01"\n', Problem.EVIDENCE_MISSING),
        ('country = "SG"\nground = "adequacy"\nevidence = "x"\n', Problem.DATE_MISSING),
    ],
)
def test_a_recipient_that_lacks_something_has_no_ground(more: str, problem: Problem) -> None:
    (found,) = recipients.register(company.parse((HOME + HQ + more).encode()))
    assert problem in found.problems
    assert (found.admitted, found.ground) == (False, "")


def test_a_register_that_no_request_can_hold_is_refused() -> None:
    many = HOME + "".join(HQ.replace("127.0.0.1", f"a-rather-long-host-name-{n}.example") for n in range(60))
    with pytest.raises(Fault) as refused:
        recipients.publication(company.parse(many.encode()))
    assert refused.value.code is FaultCode.PRIVACY_INVALID
    with pytest.raises(FormatError):
        Listed("a name", "Upper.example", "eea")
