"""What is past its period is gone from every file, what is held stays, and a report that anybody can check says so."""

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from ledger_kit import countersign
from store_kit import CONSENT, Hands, check_in, enrolled, face, key_of, new_store

from kiosk import bugs
from kiosk.faults import Fault, FaultCode
from kiosk.rights import company, holds, nightly, retention
from kiosk.rights.company import Periods
from kiosk.rights.held_class import Why, everybody
from kiosk.rights.nightly import Nightly
from kiosk.rights.schedule import OF_PAPERS, DataClass, cutoffs, first_month, months_before
from kiosk.store import Store, papers
from kiosk.store.erasure import begin_erasure, erase_person
from kiosk.store.intents import IntentKind
from kiosk.store.papers import PaperKind
from kiosk.store.residue import residue
from kiosk.store.resume import resume
from wire import sweep
from wire.errors import BadSignature, FormatError
from wire.event import ClockState

DAY = 86_400_000
NOW = int(datetime(2026, 11, 16, 1, tzinfo=UTC).timestamp() * 1000)
PERIODS = Periods(attendance=2, requests=3, breaches=5, proofs=6, exports_days=30)
DPO = "0123456789abcdef"


def at(year: int, month: int, day: int = 5) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture
def hands() -> Hands:
    return Hands(wall_ms=at(2026, 1))


@pytest.fixture
def store(tmp_path: Path, hands: Hands) -> Iterator[Store]:
    with closing(new_store(tmp_path / "state", hands)) as made:
        yield made


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """The data directory of a year, and the two people in it."""
    data, hands = tmp_path_factory.mktemp("pattern"), Hands(wall_ms=at(2026, 1))
    with closing(new_store(data / "state", hands)) as store:
        return data, *a_year(store, hands)


@pytest.fixture
def year(pattern: tuple[Path, str, str], tmp_path: Path) -> Iterator[tuple[Store, str, str]]:
    """That year once more, on a Monday in November: the store, Budi and Sri."""
    data, budi, sri = pattern
    shutil.copytree(data, tmp_path / "year")
    state = tmp_path / "year" / "state"
    with closing(Store.open(state, key_of(state), clock=Hands(wall_ms=NOW))) as store:
        yield store, budi, sri


def a_year(store: Store, hands: Hands) -> tuple[str, str]:
    """Two people from January to November: check-ins each month, closed papers, an ended consent, exports."""
    budi, sri = enrolled(store), enrolled(store, "E-2", "Sri", seeds=(4, 5))
    for month in range(1, 12):
        hands.move(at(2026, month) - hands.wall_ms)
        with store.database.write():
            for person, code in ((budi, "E-0417"), (sri, "E-2")):
                store.ledger.append(check_in(store, code=code), person)
        for kind in (PaperKind.REQUEST, PaperKind.CASE, PaperKind.CONTRACT):
            for person in (budi, "") if kind is PaperKind.REQUEST else ("",):
                paper = papers.put(store, kind, {"text": f"rahasia {month}"}, state="open", person=person)
                papers.revise(store, papers.get(store, paper), {"text": f"rahasia {month}"}, state="done", closed=True)
        if month in {2, 3}:  # a consent that ended, and another one
            store.basis.enrol(sri, CONSENT, [face(sri, month)])
        exported(store, f"bulan-{month}.pdf", hands.wall_ms)
    papers.put(store, PaperKind.CASE, {"text": "still open"}, state="open")
    hands.move(NOW - hands.wall_ms)
    countersign(store)
    return budi, sri


def exported(store: Store, name: str, made_at: int) -> Path:
    place = retention.exports_of(store.database.directory)
    place.mkdir(exist_ok=True)
    file = place / name
    file.write_text("daftar hadir Budi Santoso")
    os.utime(file, (made_at / 1000, made_at / 1000))
    return file


def sums(lines: tuple[retention.Line, ...]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    going, held, waiting = Counter[str](), Counter[str](), Counter[str]()
    for line in lines:
        going[line.data_class] += line.going
        held[line.data_class] += line.held
        waiting[line.data_class] += line.waiting
    return +going, +held, +waiting


def plain(counts: object) -> dict[str, int]:
    assert isinstance(counts, dict)
    return {name: count for name, count in counts.items() if count}


def sealed_before(store: Store) -> list[bytes]:
    """Every sealed record of ours that is past its period, as it lies in the files now."""
    cut = cutoffs(PERIODS, store.now_ms())
    rows = store.database.rows("SELECT sealed FROM bodies WHERE period < ?", cut.month)
    rows += store.database.rows("SELECT wrapped FROM keys WHERE period < ? AND kind IN ('record', 'device')", cut.month)
    for kind, data_class in OF_PAPERS.items():
        before = cut.before[data_class]
        rows += store.database.rows("SELECT sealed FROM papers WHERE kind = ? AND closed_at < ?", kind, before)
    rows += store.database.rows("SELECT record FROM bases WHERE ended_at < ?", cut.before[DataClass.CONSENT])
    return [bytes(row[0]) for row in rows]


def test_what_is_past_its_period_is_gone_from_every_file(year: tuple[Store, str, str]) -> None:
    store, *_ = year
    old = sealed_before(store)
    assert len(old) > 60
    assert residue(store.database.directory, old) != (), "the search finds what is still there"
    file = exported(store, "lama.pdf", NOW - 31 * DAY)
    young = exported(store, "baru.pdf", NOW - 29 * DAY)
    swept = retention.sweep_all(store, PERIODS)
    assert residue(store.database.directory, old) == ()
    assert not file.exists()
    assert young.exists()
    assert all(swept.report.gone[name] for name in sweep.CLASSES if name not in {"certificates", "attempts"})
    assert swept.report.pieces > 0
    store.ledger.verify()
    kept = [row[0] for row in store.database.rows("SELECT DISTINCT period FROM bodies ORDER BY period")]
    assert kept == ["2026-09", "2026-10", "2026-11"]


def test_what_the_preview_says_is_exactly_what_the_sweep_does(year: tuple[Store, str, str]) -> None:
    store, budi, sri = year
    holds.place(store, budi, "gugatan 12/2026", NOW + DAY, DPO)
    with store.database.write():  # headquarters has not signed for this one
        store.ledger.append(check_in(store, at=at(2026, 3), code="E-2"), sri)
    going, held, waiting = sums(retention.preview(store, PERIODS))
    before = store.ledger.size()
    swept = retention.sweep_all(store, PERIODS, by=DPO)
    assert plain(swept.report.gone) == dict(going)
    assert plain(swept.report.held) == dict(held)
    assert plain(swept.report.waiting) == dict(waiting)
    assert held["attendance_keys"] == 8
    assert held["requests"] == 8
    assert waiting["attendance_keys"] == 1
    assert store.ledger.size() > before
    assert sums(retention.preview(store, PERIODS))[0] == Counter(), "nothing is left to do"


def test_a_preview_changes_nothing(year: tuple[Store, str, str]) -> None:
    store, *_ = year
    size, rows = store.ledger.size(), store.database.rows("SELECT count(*) FROM papers")
    assert retention.preview(store, PERIODS) == retention.preview(store, PERIODS)
    assert (store.ledger.size(), store.database.rows("SELECT count(*) FROM papers")) == (size, rows)


def test_nothing_of_somebody_under_a_legal_hold_is_swept(year: tuple[Store, str, str]) -> None:
    store, budi, sri = year
    paper = holds.place(store, budi, "gugatan 12/2026", NOW + DAY, DPO)
    retention.sweep_all(store, PERIODS)
    assert len(store.history.events(budi, 0, NOW)) == 11
    assert len(store.history.events(sri, 0, NOW)) == 3
    assert len(papers.find(store, PaperKind.REQUEST, person=budi)) == 11
    holds.release(store, paper, "selesai", DPO)
    retention.sweep_all(store, PERIODS)
    assert len(store.history.events(budi, 0, NOW)) == 3
    assert len(papers.find(store, PaperKind.REQUEST, person=budi)) == 3


def test_a_hold_of_everybody_stops_every_sweep(year: tuple[Store, str, str]) -> None:
    store, *_ = year
    holds.place(store, "", "penyelidikan", NOW + DAY, DPO)
    going, held, _ = sums(retention.preview(store, PERIODS))
    assert set(going) <= {DataClass.ATTEMPTS}
    swept = retention.sweep_all(store, PERIODS)
    assert plain(swept.report.gone) == {}
    assert plain(swept.report.held) == dict(held)
    assert held["exports"] == 10


def test_a_hold_that_comes_while_a_sweep_goes_on_protects_what_has_not_gone_yet(year: tuple[Store, str, str]) -> None:
    store, budi, _ = year
    run = retention.steps(store, PERIODS)
    next(run)
    holds.place(store, budi, "gugatan", NOW + DAY, DPO)
    for _ in run:
        pass
    assert len(store.history.events(budi, 0, NOW)) == 10, "January alone had gone"
    assert len(papers.find(store, PaperKind.REQUEST, person=budi)) == 11


def test_whoever_has_left_stays_as_long_as_a_hold_stands_and_is_erased_once_it_has_ended(
    year: tuple[Store, str, str],
) -> None:
    store, budi, sri = year
    hold = holds.place(store, budi, "gugatan", NOW + DAY, DPO)
    for person in (budi, sri):  # as a roster does
        with store.database.write():
            store.database.run("UPDATE people SET state = 'left' WHERE id = ?", person)
            begin_erasure(store, IntentKind.ERASE_PERSON, person)
    resume(store)
    assert [(each.person, each.why, each.entries) for each in everybody(store)] == [(budi, Why.HOLD, 11)]
    holds.release(store, hold, "selesai", DPO)
    countersign(store)
    resume(store)
    assert everybody(store) == ()


def test_a_hold_whose_paper_is_damaged_goes_on_holding(year: tuple[Store, str, str]) -> None:
    store, budi, _ = year
    paper = holds.place(store, budi, "gugatan", NOW + DAY, DPO)
    with store.database.write():
        store.database.run("UPDATE papers SET sealed = zeroblob(200) WHERE id = ?", paper)
    assert holds.every(store) == ()
    assert holds.held(store).covers(budi)


@pytest.mark.parametrize(
    ("ground", "review"), [("", NOW + DAY), ("  ", NOW + DAY), ("x" * 2001, NOW + DAY), ("x", NOW)]
)
def test_a_hold_without_a_ground_or_with_a_review_in_the_past_is_refused(
    store: Store, hands: Hands, ground: str, review: int
) -> None:
    hands.move(NOW - hands.wall_ms)
    with pytest.raises(Fault) as refused:
        holds.place(store, "", ground, review, DPO)
    assert refused.value.code is FaultCode.DESK_REFUSED


def test_a_hold_is_released_once_and_only_a_hold(store: Store, hands: Hands) -> None:
    hands.move(NOW - hands.wall_ms)
    paper = holds.place(store, "", "penyelidikan", NOW + DAY, DPO)
    other = papers.put(store, PaperKind.CASE, {}, state="on")
    holds.release(store, paper, "selesai", DPO)
    for each in (paper, other, "ffffffffffffffff"):
        with pytest.raises(Fault) as refused:
            holds.release(store, each, "selesai", DPO)
        assert refused.value.code is FaultCode.PAPER_UNKNOWN


def test_an_open_paper_is_never_over_however_old_it_is(store: Store, hands: Hands) -> None:
    papers.put(store, PaperKind.REQUEST, {"text": "menunggu"}, state="open")
    hands.move(NOW + 3_650 * DAY - hands.wall_ms)
    retention.sweep_all(store, PERIODS)
    assert len(papers.find(store, PaperKind.REQUEST)) == 1


def test_what_is_left_of_the_papers_of_somebody_erased_goes_after_its_period_too(store: Store, hands: Hands) -> None:
    budi = enrolled(store)
    paper = papers.put(store, PaperKind.REQUEST, {"text": "hapus saya"}, state="open", person=budi)
    erase_person(store, budi)
    hands.move(at(2026, 3, 6) - hands.wall_ms)
    retention.sweep_all(store, PERIODS)
    assert papers.get(store, paper).content is None
    hands.move(at(2026, 4, 6) - hands.wall_ms)
    retention.sweep_all(store, PERIODS)
    with pytest.raises(Fault):
        papers.get(store, paper)


# the signed report


def test_a_report_of_a_sweep_is_proved_by_the_devices_key_and_no_other(year: tuple[Store, str, str]) -> None:
    store, *_ = year
    swept = retention.sweep_all(store, PERIODS, by=DPO)
    assert sweep.read(swept.file, store.device_public) == swept.report
    kept = papers.get(store, swept.paper)
    assert kept.content == {"file": swept.file.decode()}
    for wrong in (swept.file.replace(b'"requests":', b'"requests": '), swept.file[:-1], b"{}\n", b""):
        with pytest.raises(FormatError):
            sweep.read(wrong, store.device_public)
    gone = swept.report.gone["requests"]
    with pytest.raises(BadSignature):
        sweep.read(swept.file.replace(b'"requests":%d' % gone, b'"requests":%d' % (gone + 1)), store.device_public)
    with pytest.raises(BadSignature):
        sweep.read(swept.file, bytes(32))


def test_a_report_names_nobody(year: tuple[Store, str, str]) -> None:
    store, budi, sri = year
    holds.place(store, budi, "gugatan", NOW + DAY, DPO)
    file = retention.sweep_all(store, PERIODS).file.decode()
    for word in (budi, sri, "Budi", "E-0417", "gugatan", "rahasia", ".pdf"):
        assert word not in file


# by itself


def test_the_kiosk_sweeps_by_itself_once_a_day_and_only_by_a_clock_that_a_server_has_set() -> None:
    night = datetime(2026, 11, 16, 3, 30, tzinfo=ZoneInfo("Asia/Jakarta"))
    today = night.toordinal()
    assert nightly.due(night, today - 1, ClockState.SYNCED)
    assert not nightly.due(night, today, ClockState.SYNCED)
    assert not nightly.due(night.replace(hour=9), today - 1, ClockState.SYNCED)
    assert nightly.due(night.replace(hour=9), today - 2, ClockState.SYNCED), "it was off at night"
    for doubtful in (ClockState.UNSYNCED, ClockState.STEPPED):
        assert not nightly.due(night, 0, doubtful)


def test_the_daily_sweep_runs_beside_the_door_and_files_its_report(
    year: tuple[Store, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly, "REST_S", 0.0)
    store, budi, _ = year
    state = store.database.directory
    file = state.parent / "privacy.toml"
    night = datetime(2026, 11, 16, 3, 30, tzinfo=UTC)
    one = Nightly(file, lambda: Store.open(state, key_of(state), clock=store.clock), bugs.loudly)
    one.look(store, night)
    assert one._thread is None, "the company has written no privacy.toml"
    file.write_text("[periods]\nattendance = 2\nrequests = 3\n")
    one.look(store, night)
    store.ledger.append(check_in(store), budi)  # somebody comes meanwhile
    assert one._thread is not None
    one._thread.join(30)
    one.stop()
    assert nightly.last_day(store) == night.toordinal()
    (report,) = papers.find(store, PaperKind.SWEEP)
    assert report.content is not None
    read = sweep.read(str(report.content["file"]).encode(), store.device_public)
    assert (read.by, read.before, read.gone["requests"]) == ("", "2026-09", 16)
    first = one._thread
    one.look(store, night)
    assert one._thread is first, "once a day"


def test_shorter_periods_in_a_file_sweep_nothing_before_the_officer_has_swept_by_them(
    year: tuple[Store, str, str],
) -> None:
    store, _, _ = year
    state = store.database.directory
    file = state.parent / "privacy.toml"
    retention.sweep_all(store, Periods(breaches=60))
    case = papers.put(store, PaperKind.CASE, {"n": 1}, state="open")
    papers.revise(store, papers.get(store, case), {"n": 1}, state="closed", closed=True)
    assert isinstance(store.foundation.clock, Hands)
    store.foundation.clock.move(70 * DAY)
    file.write_text("[periods]\nbreaches = 1\n")
    assert retention.shortened(store, company.load(file).periods) == ("breaches",)
    one = Nightly(file, lambda: store, bugs.loudly)
    with pytest.raises(Fault) as refused:
        one._sweep(store, 1)
    assert refused.value.code is FaultCode.DESK_REFUSED
    assert papers.get(store, case).content == {"n": 1}
    retention.sweep_all(store, company.load(file).periods, by=DPO)
    assert retention.shortened(store, company.load(file).periods) == ()
    with pytest.raises(Fault):
        papers.get(store, case)


# periods


def test_a_period_ends_on_the_same_day_of_an_earlier_month() -> None:
    end_of_may = at(2026, 5, 31)
    assert datetime.fromtimestamp(months_before(3, end_of_may) / 1000, UTC).date().isoformat() == "2026-02-28"
    assert first_month(24, NOW) == "2024-11"
    assert first_month(11, NOW) == "2025-12"


def test_every_kind_of_paper_has_a_period() -> None:
    assert set(OF_PAPERS) == set(PaperKind)
    assert {each.value for each in DataClass} == set(sweep.CLASSES)


def test_a_second_reader_finds_the_same_in_a_report(year: tuple[Store, str, str]) -> None:
    """Written from docs/formats.md alone."""
    store, *_ = year
    swept = retention.sweep_all(store, PERIODS, by=DPO)
    assert swept.file.endswith(b"}\n")
    said = json.loads(swept.file)
    signature = bytes.fromhex(said.pop("sig"))
    whole = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    Ed25519PublicKey.from_public_bytes(store.device_public).verify(signature, b"\0ambang-sweep-v1\0" + whole)
    assert said["format"] == "ambang.sweep.v1"
    assert said["checkpoint"].splitlines()[1] == str(swept.report.checkpoint.splitlines()[1])
    assert (said["found"], said["before"], said["gone"]["consent_records"]) == (0, "2026-09", 2)
