"""What a device does, one function an act, in an order in which each finds what it needs; for the bars of the store."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from backup_kit import config
from bar_desk import MINUTE, Desk
from store_kit import CONSENT, PIN, face, key_of

from kiosk.store import FileRootKey, LocalKind, erasure, reserve, retention
from kiosk.store.backup import backup as make_backup
from kiosk.store.backup_manifest import Kind
from kiosk.store.renew import renew as renew_templates
from kiosk.store.restore import restore as restore_backup
from kiosk.store.resume import resume
from kiosk.store.roots.change import change
from kiosk.store.rotate import rotate as rotate_keys
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
        desk.store.basis.enrol(person, CONSENT, [face(person, seed, dim=16) for seed in seeds], notice=notice)

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


def erase_face(code: str) -> Act:
    def erase_face(desk: Desk) -> None:
        erasure.erase_face(desk.store, desk.person(code))

    return erase_face


def erase_person(code: str) -> Act:
    def erase_person(desk: Desk) -> None:
        erasure.erase_person(desk.store, desk.person(code))

    return erase_person


def wrong_pin(code: str) -> Act:
    def wrong_pin(desk: Desk) -> None:
        now = desk.clock()
        desk.store.accounts.check_pin(code, "739164", now.wall_ms, now.clock.boottime_ms)

    return wrong_pin


def keep_reserve(desk: Desk) -> None:
    reserve.keep(desk.state)


def drop_old(desk: Desk) -> None:
    """Everything older than this month, two months later; what headquarters has not signed for stays."""
    retention.drop_before(desk.store, "2027-01")


def go_on(desk: Desk) -> None:
    resume(desk.store)


def rotate(desk: Desk) -> None:
    rotate_keys(desk.store)


def change_provider(desk: Desk) -> None:
    """The root key in another file: each provider is put in use, and the old one out of it, by the same steps."""
    change(desk.store, FileRootKey(desk.state / "another.key"))


def renew(desk: Desk) -> None:
    renew_templates(desk.store, rest_s=0.0)


def backup(desk: Desk) -> None:
    make_backup(desk.store, config(desk.data, recipient=str(desk.identity.to_public())), Kind.OFFSITE)


def restore(desk: Desk) -> None:
    """The newest backup in another place on the same disk, under another root key."""
    newest = max((desk.data / "offsite").glob("*.age"))
    restore_backup(newest, desk.identity_path, desk.second, key_of(desk.second), clock=desk.clock)


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
    rotate,
    check_in(ANA),
    erase_face(BUDI),
    check_in(BUDI),
    renew,
    backup,
    restore,
    erase_person(CITRA),
    check_in(ANA),
    hand_on,
    receive,
    settle,
    go_on,
    wrong_pin(ANA),
    keep_reserve,
    enrol(ANA, 7, 8),
    change_provider,
    wrong_pin(ANA),
    drop_old,
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


@dataclass(frozen=True)
class Task:
    """One act by itself, on a device that has had a day before it."""

    act: Act
    before: Sequence[Act]


_SETTLED: Sequence[Act] = (*FIRST, settle, check_in(ANA), backup)
TASKS: Mapping[str, Task] = {
    "create": Task(create, ()),
    "check_in": Task(check_in(ANA), FIRST),
    "enrol": Task(enrol(ANA, 7, 8), FIRST),
    "hand_on": Task(hand_on, (*FIRST, check_in(ANA))),
    "settle": Task(settle, FIRST),
    "checkpoint": Task(checkpoint, FIRST),
    "wrong_pin": Task(wrong_pin(ANA), FIRST),
    "rotate": Task(rotate, FIRST),
    "change_provider": Task(change_provider, FIRST),
    "erase_face": Task(erase_face(ANA), FIRST),
    "erase_person": Task(erase_person(BUDI), _SETTLED),
    "renew": Task(renew, FIRST),
    "backup": Task(backup, FIRST),
    "restore": Task(restore, _SETTLED),
}


def do(desk: Desk, act: Act) -> None:
    """One act, a minute after the one before."""
    desk.clock.move(MINUTE)
    act(desk)
