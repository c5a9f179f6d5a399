"""Counts what a device held on a date, from its own dates and its own ledger; refuses to name anybody."""

from collections.abc import Iterator
from typing import Final

from kiosk.rights.breach import Category, Exposure, Happening, Held
from kiosk.rights.breach_risk import reading, touched
from kiosk.store import LocalKind, SecurityLevel, Store
from kiosk.store.ledger import month
from wire.certificate import Scope
from wire.errors import FormatError

_PEOPLE: Final = "SELECT id FROM people WHERE created_at <= ?1 ORDER BY id"
_MOMENT: Final = "WITH moment (at, period) AS (SELECT ?, ?) "
_HELD: Final[dict[Category, str]] = {
    Category.IDENTITY: "SELECT count(*), count(*) FROM people WHERE created_at <= (SELECT at FROM moment)",
    Category.FACE: "SELECT count(DISTINCT b.person), count(f.template) FROM bases b LEFT JOIN faces f ON f.basis = b.id"
    " WHERE b.began_at <= (SELECT at FROM moment) AND (b.ended_at IS NULL OR b.ended_at > (SELECT at FROM moment))",
    Category.ATTENDANCE: "SELECT count(DISTINCT person), count(*) FROM keys"
    " WHERE kind = 'record' AND person IN (SELECT id FROM people) AND period <= (SELECT period FROM moment)",
    Category.CONSENT: "SELECT count(DISTINCT person), count(*) FROM bases WHERE began_at <= (SELECT at FROM moment)",
    Category.PIN: "SELECT count(*), count(*) FROM accounts a JOIN people p ON p.id = a.person"
    " WHERE a.role = 'employee' AND p.created_at <= (SELECT at FROM moment)",
    Category.DESK: "SELECT count(DISTINCT person), count(*) FROM papers"
    " WHERE person <> '' AND created_at <= (SELECT at FROM moment)",
    Category.ACCOUNT: "SELECT count(*), count(*) FROM accounts WHERE role <> 'employee'",
}
"""People and records; of attendance the records are months, for the times themselves are sealed."""
_MOST_MONTHS: Final = 120


def exposure(store: Store, happening: Happening, at: int, *, key_too: bool, faces_in_backup: bool) -> Exposure:
    """What was there on a date.

    Args:
        store: open.
        happening: what happened.
        at: when, ms UTC.
        key_too: what opens it is in the same hands.
        faces_in_backup: whether backups in the house hold references.

    Raises:
        Fault: as any reading of the store.
    """
    level = level_at(store, at)
    categories = touched(happening, faces_in_backup=faces_in_backup)
    held: list[Held] = []
    with store.database.read():
        people = tuple(str(row[0]) for row in store.database.rows(_PEOPLE, at))
        for each in categories:
            row = store.database.row(_MOMENT + _HELD[each], at, month(at)) or (0, 0)
            held.append(Held(each, int(row[0]), int(row[1])))
    by_person = any(each is not Category.ACCOUNT for each in categories)
    return Exposure(
        at=at,
        level=level,
        reading=reading(happening, level, key_too=key_too),
        held=tuple(held),
        people=people if by_person else (),
        erased_since=_erased_since(store, at) if by_person else 0,
    )


def level_at(store: Store, at: int) -> SecurityLevel:
    """What protected the root key at a moment: the ledger says it at each start; else as it is now."""
    known = store.security_level
    for moment, kind, detail in _acts(store, month(at)):
        if moment > at:
            break
        if kind in {LocalKind.CREATED.value, LocalKind.STARTED.value} and "security_level" in detail:
            known = SecurityLevel(str(detail["security_level"]))
    return known


def _erased_since(store: Store, at: int) -> int:
    """Whole people who were erased after a moment, and were there before it as far as the ledger tells."""
    gone: set[str] = set()
    later: set[str] = set()
    for period in _months(store, month(at)):
        for moment, kind, detail in _acts(store, period):
            person = str(detail.get("person", ""))
            if kind == LocalKind.PERSON_ADDED.value and moment > at:
                later.add(person)
            if kind == LocalKind.ERASED.value and moment > at and detail.get("scope") == Scope.PERSON.value:
                gone.add(person)
    return len(gone - later)


def _months(store: Store, first: str) -> Iterator[str]:
    last = month(store.now_ms())
    year, number = (int(part) for part in first.split("-"))
    for _ in range(_MOST_MONTHS):
        if f"{year:04}-{number:02}" > last:
            return
        yield f"{year:04}-{number:02}"
        year, number = (year, number + 1) if number < 12 else (year + 1, 1)  # noqa: PLR2004 - months


def _acts(store: Store, period: str) -> Iterator[tuple[int, str, dict[str, object]]]:
    try:
        found = store.ledger.local_acts(period)
    except FormatError:  # an altered month is an alarm of its own, and hides no other
        return
    for _, act in found:
        yield int(act["occurred_at"]), str(act["kind"]), dict(act["detail"])
