"""Turns what the device notices into cases of breach, one for each kind and day; refuses to wait for a human to see it.

Looked at: records that do not open, an older copy that was accepted, refused signatures of headquarters, locked
accounts, and what headquarters says of a second device with this identity.
"""

from contextlib import closing
from pathlib import Path
from typing import Final

from kiosk.config import Config
from kiosk.faults import Fault
from kiosk.rights import breach_acts, company, dates
from kiosk.rights.breach import Happening
from kiosk.rights.breach_acts import Report
from kiosk.rights.company import Company
from kiosk.rights.schedule import first_month
from kiosk.store import LocalKind, Store, marks
from kiosk.store.ledger import month
from sync.exchange import Exchange, ExchangeError
from wire import canonical
from wire.errors import FormatError
from wire.spine import SALT_SIZE

STORM: Final = 3
"""So many locked accounts in one day are a storm; one is somebody who has forgotten a password."""
FORKED: Final = "hq_fork"
"""What sync says when headquarters has other entries of this device than it offers: two devices have one identity."""
AT_ONCE: Final = 1_000
"""So many acts are looked at in one go, so that nobody waits at the door: 44 ms of one x86-64 core."""
_SINCE, _LOCKED = "breach/acts/", "breach/locked/"
_FORGED: Final = frozenset({"bad_signature", "unsigned", "other_device"})


def look(store: Store, config: Config, forked: str = "") -> int:
    """Open a case for each alarm that has none yet, and remember how far was looked, in one transaction.

    Args:
        store: open.
        config: of the kiosk.
        forked: the word that sync has about headquarters' last answer.

    Returns:
        How many were opened.

    Raises:
        Fault: as any writing to the store.
    """
    periods = [
        each for each in _periods(store) if store.ledger.count("", each) > marks.mark(store.database, _mark(each))
    ]
    if not periods and forked != FORKED:
        return 0
    with store.database.write():
        found = [alarm for period in periods for alarm in _new(store, period)]
        if forked == FORKED:
            found.append((store.now_ms(), Happening.CLONE))
        return _opened(store, config, found)


def told_by_sync(path: Path) -> str:
    """The word that sync has last said, "" for none: the exchange is hostile, and this opens a case at the most."""
    if not path.exists():
        return ""
    try:
        with closing(Exchange.open(path)) as exchange:
            return exchange.status().detail
    except (ExchangeError, OSError):
        return ""


def _opened(store: Store, config: Config, found: list[tuple[int, Happening]]) -> int:
    if not found:
        return 0
    known, opened = _company(config), 0
    there = {each.case.alarm for each in breach_acts.every(store)}
    for noticed, happening in found:
        at = min(noticed, store.now_ms())  # the clock may have been set back since
        alarm = f"{happening}/{dates.day(at)}"
        if alarm not in there:
            there.add(alarm)
            breach_acts.open_case(store, config, known, Report(happening, at, at, alarm=alarm))
            opened += 1
    return opened


def _new(store: Store, period: str) -> list[tuple[int, Happening]]:
    """The alarms among the local acts of a month that were not looked at yet."""
    found: list[tuple[int, Happening]] = []
    first = marks.mark(store.database, _mark(period))
    last = min(store.ledger.count("", period), first + AT_ONCE)
    for number in range(first, last):
        at, kind, why = _act(store, period, number)
        happening = _alarm(kind, why)
        if kind == LocalKind.LOCKED_OUT and _locked(store, dates.day(at)) >= STORM:
            happening = Happening.LOCKOUT_STORM
        if happening is not None:
            found.append((at, happening))
    marks.set_mark(store.database, _mark(period), last)
    return found


def _act(store: Store, period: str, number: int) -> tuple[int, str, str]:
    """Time, kind and reason of a local act; one that was altered counts as tampering, one that is gone as nothing."""
    try:
        body = store.ledger.body("", period, number)
        plain = None if body is None else store.ledger.plain(*body, "", period)
        act = None if plain is None else canonical.decode(plain[SALT_SIZE:])
    except FormatError:
        return store.now_ms(), LocalKind.TAMPERED, ""
    if not isinstance(act, dict):
        return store.now_ms(), "", ""
    detail = act["detail"]
    why = detail.get("why", "") if isinstance(detail, dict) else ""
    return int(str(act["occurred_at"])), str(act["kind"]), str(why)


def _alarm(kind: str, why: str) -> Happening | None:
    match kind:
        case LocalKind.TAMPERED:
            return Happening.TAMPERING
        case LocalKind.ROLLBACK_ACCEPTED:
            return Happening.ROLLBACK
        case LocalKind.MESSAGE_REFUSED if why in _FORGED:
            return Happening.TAMPERING
        case _:
            return None


def _locked(store: Store, day: str) -> int:
    """Count a locked account of this day; the counts of other days go."""
    name = f"{_LOCKED}{day}"
    store.database.run("DELETE FROM watermarks WHERE name LIKE ? AND name <> ?", f"{_LOCKED}%", name)
    marks.set_mark(store.database, name, marks.mark(store.database, name) + 1)
    return marks.mark(store.database, name)


def _periods(store: Store) -> tuple[str, str]:
    now = store.now_ms()
    return first_month(1, now), month(now)


def _mark(period: str) -> str:
    return f"{_SINCE}{period}"


def _company(config: Config) -> Company:
    """privacy.toml, or what both laws ask for where it cannot be read: an alarm does not wait for a comma."""
    try:
        return company.load(config.data / company.FILE)
    except Fault:
        return Company()
