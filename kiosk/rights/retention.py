"""The sweep of everything that is past its period: what would go, what goes, and a signed report; refuses what is held.

Attendance goes by its own engine (kiosk/store/retention.py), month by month and key by key; papers, ended consent
records, certificates and files follow. Afterwards every file of the store is searched for what went.
"""

from collections import Counter
from collections.abc import Collection, Generator, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.rights import schedule
from kiosk.rights.company import Periods
from kiosk.rights.holds import Held, held
from kiosk.rights.past import Row, forget_attempts, old_attempts, old_consents, old_files, old_papers
from kiosk.rights.schedule import Cutoffs, DataClass
from kiosk.store import papers, retention
from kiosk.store.erasure_proof import CERTIFICATES, leave_nothing
from kiosk.store.keys import KeyKind
from kiosk.store.papers import PaperKind
from kiosk.store.retention_ahead import Month, ahead
from wire import sweep
from wire.signing import SigningKey
from wire.sweep import Report

if TYPE_CHECKING:
    from kiosk.store import Store

EXPORTS: Final = "exports"
"""The directory beside `state` in which files that were made for somebody lie until they expire."""
DONE: Final = "done"


@dataclass(frozen=True, slots=True)
class Line:
    """What of one class (and of one month of attendance) is past its period.

    Attributes:
        data_class: of what.
        period: "2024-10" for attendance, else "".
        going: how many would go now.
        held: how many stay under a legal hold.
        waiting: how many stay until headquarters has signed for them.
    """

    data_class: DataClass
    period: str
    going: int
    held: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: the paper that keeps its signed report, and the file itself."""

    paper: str
    report: Report
    file: bytes


Steps = Generator[int, None, Swept]


def preview(store: "Store", periods: Periods) -> tuple[Line, ...]:
    """What a sweep would do now, class by class; nothing is changed. Raises Fault as any reading of the store."""
    cut, holds = schedule.cutoffs(periods, store.now_ms()), held(store)
    return (*_of_attendance(_months(store, cut, holds)), *_of_rows(_rows(store, cut), holds), *_of_attempts(store))


def shortened(store: "Store", periods: Periods) -> tuple[str, ...]:
    """Which periods are shorter than when there was last a sweep; by these the officer sweeps, nobody else.

    Else whoever can write privacy.toml has the night delete what an inquiry would ask for.
    """
    found = papers.find(store, PaperKind.SWEEP, person="")
    last = next((each.content for each in reversed(found) if each.content is not None), None)
    before = {} if last is None else sweep.read(str(last["file"]).encode(), store.device_public).periods
    return tuple(each.name for each in fields(periods) if getattr(periods, each.name) < before.get(each.name, 0))


def sweep_all(store: "Store", periods: Periods, *, by: str = "") -> Swept:
    """Do all `steps` at once. Raises as `steps`."""
    run = steps(store, periods, by=by)
    while True:
        try:
            next(run)
        except StopIteration as done:
            result: Swept = done.value
            return result


def steps(store: "Store", periods: Periods, *, by: str = "") -> Steps:
    """Sweep, step by step; a check-in waits for no more than one of them, and nothing is locked in between.

    Whoever places a hold while a sweep goes on protects what has not gone yet: the holds are asked again before each
    step that drops something.

    Args:
        store: open, on the thread that owns it.
        periods: the company's.
        by: account that asked for it, or "" for the device itself.

    Raises:
        Fault: DISK_FULL, DISK_FAILED, STORE_BUSY; ERASURE_INCOMPLETE: a file still holds bytes of what went.
    """
    began, cut, gone = store.now_ms(), schedule.cutoffs(periods, store.now_ms()), Counter[str]()
    if not held(store).everybody:
        run = retention.steps(store, cut.month, held=_Protected(store))
        while True:
            try:
                yield next(run)
            except StopIteration as ended:
                gone[DataClass.ATTENDANCE] = ended.value.bodies
                gone[DataClass.ATTENDANCE_KEYS] = ended.value.keys
                break
    records: list[bytes] = []
    for row in _rows(store, cut):
        if held(store).covers(row.person):
            continue
        records += row.drop(store)
        gone[row.data_class] += 1
        yield 1
    gone[DataClass.ATTEMPTS] = forget_attempts(store)
    pieces = leave_nothing(store.database, records).pieces if records else 0
    yield 0
    return _filed(store, periods, cut, gone, began=began, by=by, pieces=pieces)


class _Protected(Collection[str]):
    """Whom the holds protect at the moment of asking: inside the very transaction that drops."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def __contains__(self, person: object) -> bool:
        return held(self._store).covers(str(person))

    def __iter__(self) -> Iterator[str]:
        return iter(held(self._store).people)

    def __len__(self) -> int:
        return len(held(self._store).people)


def _months(store: "Store", cut: Cutoffs, holds: Held) -> tuple[Month, ...]:
    return ahead(store, cut.month, holds.people, everybody=holds.everybody)


def _rows(store: "Store", cut: Cutoffs) -> tuple[Row, ...]:
    state = store.database.directory
    return (
        *old_papers(store, cut.before),
        *old_consents(store, cut.before[DataClass.CONSENT]),
        *old_files(state / CERTIFICATES, DataClass.CERTIFICATES, cut.before[DataClass.CERTIFICATES]),
        *old_files(exports_of(state), DataClass.EXPORTS, cut.before[DataClass.EXPORTS]),
    )


def exports_of(state: Path) -> Path:
    """Where files lie that were made for somebody, until they expire."""
    return state.parent / EXPORTS


def _of_attendance(months: tuple[Month, ...]) -> tuple[Line, ...]:
    return tuple(
        line
        for month in months
        for line in (
            Line(DataClass.ATTENDANCE, month.period, month.bodies, 0, 0),
            Line(DataClass.ATTENDANCE_KEYS, month.period, month.keys, month.held, month.waiting),
        )
    )


def _of_rows(rows: tuple[Row, ...], holds: Held) -> tuple[Line, ...]:
    found: list[Line] = []
    for data_class in DataClass:
        of_class = [row for row in rows if row.data_class is data_class]
        kept = sum(holds.covers(row.person) for row in of_class)
        if of_class:
            found.append(Line(data_class, "", len(of_class) - kept, kept, 0))
    return tuple(found)


def _of_attempts(store: "Store") -> tuple[Line, ...]:
    old = old_attempts(store)
    return (Line(DataClass.ATTEMPTS, "", old, 0, 0),) if old else ()


def _filed(  # noqa: PLR0913 - what a report says
    store: "Store", periods: Periods, cut: Cutoffs, gone: Counter[str], *, began: int, by: str, pieces: int
) -> Swept:
    left, kept, waiting = preview(store, periods), Counter[str](), Counter[str]()
    for line in left:
        kept[line.data_class] += line.held
        waiting[line.data_class] += line.waiting
    note = store.ledger.checkpoint()
    reading = store.clock()
    report = Report(
        device=store.device_id,
        checkpoint=note,
        began=began,
        finished=reading.wall_ms,
        clock=reading.clock.state,
        by=by,
        before=cut.month,
        periods={
            "attendance": periods.attendance,
            "requests": periods.requests,
            "breaches": periods.breaches,
            "proofs": periods.proofs,
            "exports_days": periods.exports_days,
        },
        gone=_whole(gone),
        held=_whole(kept),
        waiting=_whole(waiting),
        holds=held(store).standing,
        pieces=pieces,
    )
    file = sweep.sign(report, SigningKey.from_bytes(store.keys.need(KeyKind.SIGNING)))
    paper = papers.put(store, PaperKind.SWEEP, {"file": file.decode()}, state=DONE, by=by)
    return Swept(paper, report, file)


def _whole(counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in sweep.CLASSES}
