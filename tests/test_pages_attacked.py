"""The pages before somebody who wants more than is theirs: another's answer, another's account, a door that lies."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from admin_kit import ALSO_GOOD, BUDI, RATNA, acts, another
from assess_kit import DEWI
from desk import at_work, person_of, save
from device_kit import Office, office
from pages_kit import ZONE, Guest
from running_kiosk import CODE, furnished
from store_kit import MORNING, check_in, here

from kiosk import words
from kiosk.faults import FaultCode
from kiosk.flow import events as ev
from kiosk.flow.actions import Method
from kiosk.pages import visit as vi
from kiosk.pages.admin.accounts import One
from kiosk.pages.admin.home import Home
from kiosk.pages.identify import Ways
from kiosk.pages.mydata.home import first
from kiosk.pages.page import At, Begin, Do, FaceSeen, Instead, Move, Nobody, Noticed, Official, Page, Show, Use
from kiosk.pages.privacy import request_acts as officer_acts
from kiosk.pages.sheet import Act, Asked, AskedKind, Sheet
from kiosk.rights import account_states
from kiosk.rights.claiming import Taken, claim
from kiosk.rights.claiming import Wanted as Claimed
from kiosk.rights.claims import Cause
from kiosk.screens.desk import DeskPorts, Opening, Pages
from kiosk.screens.spelling import Spelled
from kiosk.store import outbox, sending
from kiosk.store.account_acts import redeem
from kiosk.store.accounts import PIN_LENGTH
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.logins import log_in
from sync.exchange import Exchange
from wire import asked
from wire.asked import Wanted
from wire.checks import MOMENT_LIMIT
from wire.event import Action

WALL = datetime(2026, 11, 26, 8, 0, tzinfo=ZONE)
LOGIN = LoggedIn("00" * 8, Role.ADMIN, must_change=False)


@pytest.fixture
def manned(tmp_path: Path) -> Office:
    return office(tmp_path)


@dataclass(frozen=True, slots=True)
class Slow(Page):
    """Work that lets somebody in; a look; a secret that is typed."""

    uses = Use.FACE
    seen: str = ""

    def sheet(self, at: At) -> Sheet:
        return Sheet("slow", at.say("admin.title"), self.seen, acts=(Act("in", at.say("tap.done")),))

    def tapped(self, key: str) -> Move:
        if key == "secret":
            return Show(Secret())
        return Do(lambda _: Begin(Official(LOGIN, RATNA), Home()))

    def noticed(self, seen: Noticed) -> Move:
        return Instead(Slow(seen.person)) if isinstance(seen, FaceSeen) else Instead(self)


@dataclass(frozen=True, slots=True)
class Secret(Page):
    """A password."""

    def sheet(self, at: At) -> Sheet:
        return Sheet("secret", at.say("admin.title"), asked=Asked("x", AskedKind.SECRET))


@dataclass
class Front:
    """The pages' QObject on its own, and what it has asked for."""

    pages: Pages
    works: list[vi.Work]
    watches: list[vi.Watch]

    def answer(self, event: vi.Event) -> None:
        """On this thread, as the queue would."""
        self.pages._handle(event)


@pytest.fixture
def front() -> Front:
    works: list[vi.Work] = []
    watches: list[vi.Watch] = []
    ports = DeskPorts(lambda work, _: works.append(work), watches.append, lambda: None)
    return Front(Pages(ports, {"slow": lambda: Opening(Slow())}, wall=lambda: WALL), works, watches)


def test_what_somebody_asked_who_has_left_is_answered_to_nobody_who_comes_next(front: Front) -> None:
    front.pages.open("slow", "en")
    front.pages.tap("in")
    front.pages.leave()
    front.pages.open("slow", "en")
    front.pages.tap("in")
    before, mine = front.works
    front.answer(vi.Did(before.attempt, before.work(None)))  # type: ignore[arg-type]
    visit = front.pages.visit
    assert visit is not None
    assert isinstance(visit.visitor, Nobody), "the answer let a passer-by into somebody else's session"
    assert visit.busy
    front.answer(vi.DidNot(before.attempt, FaultCode.STORE_BUSY))
    assert front.pages.visit == visit
    assert mine.attempt > before.attempt


def test_a_face_that_was_seen_for_somebody_who_has_left_is_not_the_next_ones(front: Front) -> None:
    front.pages.open("slow", "en")
    front.pages.leave()
    front.pages.open("slow", "en")
    before, mine = front.watches
    front.answer(vi.Saw(before.attempt, FaceSeen("somebody")))
    assert front.pages.visit is not None
    assert front.pages.visit.page == Slow()
    front.answer(vi.Saw(mine.attempt, FaceSeen("me")))
    assert front.pages.visit.page == Slow("me")


def test_a_password_that_somebody_let_be_seen_is_dots_again_for_the_next_one(front: Front) -> None:
    for seen in (True, False):
        front.pages.open("slow", "en")
        front.pages.tap("secret")
        front.pages.key("a")
        if seen:
            front.pages.reveal()
        assert front.pages._get_view()["revealed"] is seen
        assert (front.pages._get_view()["typed"] == "a") is seen
        front.pages.leave()
        assert front.pages._get_view() == {"page": ""}


# -- one administrator alone --------------------------------------------------------------------------------------


def agree(guest: Guest, name: str, password: str) -> Guest:
    return guest.tap("second").type(name).type(password)


@pytest.mark.parametrize("role", [Role.DPO, Role.ADMIN])
def test_an_administrator_alone_makes_no_code_with_which_they_would_be_two_or_the_officer(
    manned: Office, role: Role
) -> None:
    store, staff = manned.guest.store, manned.staff
    other = staff.officer if role is Role.DPO else another(store, staff.admin, BUDI)
    name = DEWI if role is Role.DPO else BUDI
    guest = manned.admin().tap("accounts", other.account, "reset", "yes")
    assert guest.sheet.name == "admin.second"
    agree(guest, RATNA, "Kopi Tubruk 7 pagi!")
    assert guest.sheet.name != "admin.handed"
    assert isinstance(log_in(store, name, ALSO_GOOD), LoggedIn), "the old password still opens"
    assert "code_issued" not in [kind for kind, detail in acts(store)[-6:] if detail.get("account") == other.account]


def test_the_one_whose_code_it_is_does_not_agree_to_it_for_somebody(manned: Office) -> None:
    guest = manned.admin().tap("accounts", manned.staff.officer.account, "reset", "yes")
    assert agree(guest, DEWI, ALSO_GOOD).fault is FaultCode.APPROVAL_MISSING


def test_two_make_a_code_for_an_administrator_and_both_stand_in_the_ledger(manned: Office) -> None:
    store, staff = manned.guest.store, manned.staff
    budi = another(store, staff.admin, BUDI)
    guest = manned.admin().tap("accounts", budi.account, "reset", "yes")
    assert agree(guest, DEWI, ALSO_GOOD).sheet.name == "admin.handed"
    made = {"account": budi.account, "by": staff.admin.account, "second": staff.officer.account}
    assert acts(store)[-1] == ("code_issued", made)
    code = "".join("".join(line.split()) for line in guest.texts.splitlines()[2:4])
    assert redeem(store, BUDI, code, "nasi Uduk 8 malam").account == budi.account


def test_an_account_that_became_more_meanwhile_is_looked_at_again_by_the_work(manned: Office) -> None:
    """The page is of an enroller; what counts is what the store says now."""
    store, staff = manned.guest.store, manned.staff
    (known,) = [each for each in account_states.every(store) if each.account == staff.officer.account]
    stale = type(known)(known.account, known.name, Role.ENROLLER, known.state, known.since)
    guest = manned.guest.begin(One(stale), Official(staff.admin, RATNA)).tap("reset", "yes")
    assert guest.sheet.name == "admin.second"


# -- whoever sets a PIN could look with it ------------------------------------------------------------------------


def test_a_person_sees_that_somebody_of_the_desk_has_set_their_pin(manned: Office) -> None:
    store, guest = manned.guest.store, manned.guest
    siti = store.people.add("E-1", "Siti Aminah", pin="482913")
    manned.admin().tap("people", siti, "pin", "type").type("735182").type("735182")
    assert acts(store)[-1] == ("pin_set", {"person": siti, "by": manned.staff.admin.account})
    guest.begin(Ways("mydata.title", first)).tap("code").type("E-1").type("735182").tap("looked")
    assert words.say("id", "mydata.list.pin") in guest.texts
    assert RATNA not in guest.texts


def test_whoever_has_a_pin_of_sixteen_digits_can_type_it_before_the_officer() -> None:
    pin = officer_acts._pin("00").sheet(At("en", Spelled("en", WALL), Nobody(), 0.0, WALL)).asked
    assert pin is not None
    assert (pin.least, pin.most) == (PIN_LENGTH.start, PIN_LENGTH.stop - 1)


# -- an exchange that lies ----------------------------------------------------------------------------------------

FAR = "ffffffff-ffff-7000-8000-000000000000"


def ack(far: int) -> Callable[[sqlite3.Connection], object]:
    return lambda held: held.execute("INSERT OR REPLACE INTO status VALUES (1, 'offline', ?, '')", (far,))


def letter(held: sqlite3.Connection) -> object:
    last = "seq = (SELECT max(seq) FROM outbox WHERE event_id IS NOT NULL)"
    return held.execute(f"UPDATE outbox SET event_id = ?, parked = 'field_rejected' WHERE {last}", (FAR,))  # noqa: S608 - our own text


@pytest.mark.parametrize("lie", [ack(-(2**62)), ack(2**62), ack(MOMENT_LIMIT + 1), letter])
def test_a_moment_that_no_calendar_has_makes_no_page_fail(
    manned: Office, lie: Callable[[sqlite3.Connection], object]
) -> None:
    guest = manned.guest
    store, path = guest.store, guest.config.exchange
    person = store.people.add("E-0417", "Budi Santoso", pin="482913")
    store.ledger.append(check_in(store, at=MORNING), person)
    outbox.begin_anew(path).close()
    exchange = Exchange.open(path)
    outbox.forward(here(store), exchange)
    exchange.close()
    with sqlite3.connect(path) as held:
        lie(held)
    held.close()
    assert not sending.look(store, path).usable
    manned.technician().tap("sync", "letters")
    assert guest.fault is None


@pytest.mark.parametrize("ms", [-(2**62), -1, 0, MOMENT_LIMIT, 2**62])
@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_number_is_spelled_as_some_moment(language: str, ms: int) -> None:
    spell = Spelled(language, WALL)
    assert all((spell.time(ms), spell.day(ms), spell.when(ms)))


def test_an_exchange_full_of_requests_does_not_keep_the_door_waiting(manned: Office) -> None:
    store, path = manned.guest.store, manned.guest.config.exchange
    outbox.begin_anew(path).close()
    body = asked.encode(asked.Asked(Wanted.PREFLIGHT, "", manned.staff.admin.account))
    with sqlite3.connect(path) as held:
        rows = [(number, asked.REQUEST, body) for number in range(1, 3_001)]
        held.executemany("INSERT INTO requests (id, kind, body) VALUES (?, ?, ?)", rows)
    held.close()
    assert sending.look(store, path).asked == 1_000


def test_a_claim_by_somebody_who_knows_the_code_keeps_nobody_from_being_recorded(tmp_path: Path) -> None:
    """Within the minute in which the same is not recorded again, a word alone does not stand for a record."""
    config = furnished(tmp_path)
    person, said = person_of(config), Claimed(CODE, Action.IN, Cause.OTHER, "it is me")
    told: list[object] = []
    with at_work(config) as desk:
        desk.clerk.work(lambda store: claim(store, said, language="en", site=""), told.append)
        desk.clerk.look_up(1, person, Method.PIN)
        resolved = desk.answer(ev.Resolved)
        assert isinstance(told[0], Taken)
        assert resolved.last is not None, "it counts until a human has decided"
        assert resolved.ago_s is None, "and the person is recorded all the same"
        save(desk, person)
        desk.clerk.look_up(2, person, Method.PIN)
        assert desk.answer(ev.Resolved).ago_s is not None
