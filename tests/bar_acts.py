"""What a device does, one function an act, in an order in which each finds what it needs; for the bars of the store."""

from collections.abc import Callable, Sequence

from bar_desk import MINUTE, Desk
from store_kit import CONSENT, PIN, face

from kiosk.store import LocalKind
from wire.event import NoticeKind

Act = Callable[[Desk], None]


def create(desk: Desk) -> None:
    desk.create()


def start(desk: Desk) -> None:
    desk.store.append_local(LocalKind.STARTED, {"security_level": desk.store.security_level.value})


def add(code: str, name: str) -> Act:
    def add(desk: Desk) -> None:
        desk.store.people.add(code, name, pin=PIN)

    return add


def enrol(code: str, *seeds: int) -> Act:
    def enrol(desk: Desk) -> None:
        person = desk.person(code)
        notice = desk.notice(code, NoticeKind.ENROLLED)
        desk.store.basis.enrol(person, CONSENT, [face(person, seed) for seed in seeds], notice=notice)

    return enrol


def check_in(code: str) -> Act:
    def check_in(desk: Desk) -> None:
        person = desk.person(code)
        with desk.store.database.write():  # as kiosk/clerk.py does it
            desk.store.people.admit(person, by_face=False)
            desk.store.ledger.append(desk.checked_in(code), person)

    return check_in


def checkpoint(desk: Desk) -> None:
    desk.store.ledger.checkpoint()


def meet(desk: Desk) -> None:
    desk.meet()


def hand_on(desk: Desk) -> None:
    desk.hand_on()


def receive(desk: Desk) -> None:
    desk.receive()


def settle(desk: Desk) -> None:
    desk.collect()


ANA, BUDI, CITRA, DEWI = "E-1", "E-2", "E-3", "E-4"
FIRST: Sequence[Act] = (
    create,
    start,
    add(ANA, "Ana Putri"),
    add(BUDI, "Budi Santoso"),
    enrol(ANA, 1, 2, 3),
    check_in(ANA),
    add(CITRA, "Citra Dewi"),
    enrol(BUDI, 4, 5),
    meet,
    check_in(BUDI),
    hand_on,
    receive,
)
DAY: Sequence[Act] = (
    *FIRST,
    settle,
    check_in(CITRA),
    checkpoint,
    enrol(CITRA, 6),
    check_in(ANA),
    check_in(BUDI),
    hand_on,
    receive,
    settle,
    enrol(ANA, 7, 8),
    check_in(ANA),
    checkpoint,
)


WITHOUT_ERASING: Sequence[Act] = (
    *FIRST,
    settle,
    *(act for code in (ANA, BUDI, CITRA) * 3 for act in (check_in(code), checkpoint)),
    hand_on,
    receive,
    settle,
)


def do(desk: Desk, act: Act) -> None:
    """One act, a minute after the one before."""
    desk.clock.move(MINUTE)
    act(desk)
