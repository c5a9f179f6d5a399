"""The pages of sending and of the device, posed with made-up figures; refuses figures that somebody has measured."""

from datetime import date
from pathlib import Path
from typing import Final

from kiosk.evaluation.budget import Budget
from kiosk.evaluation.budget import Use as PunchesADay
from kiosk.flow.events import Instruction
from kiosk.pages.admin import device
from kiosk.pages.admin.device_copies import Copies, Upkeep
from kiosk.pages.admin.device_log import Log
from kiosk.pages.admin.device_seeing import Looked, Tested
from kiosk.pages.admin.device_speed import Speed, Weighed
from kiosk.pages.admin.device_system import ClockPage, Storage, Versions
from kiosk.pages.admin.sync import Standing
from kiosk.pages.admin.sync_letters import Letter, Letters, Why
from kiosk.pages.page import Measured, Official
from kiosk.pages.posed import ANI, Posed
from kiosk.rights.hardware import Disk
from kiosk.rights.machine import Machine
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.backup_manifest import Kind
from kiosk.store.local_log import LocalAct
from kiosk.store.sending import Delivery, Level, SetAside, State, Status
from kiosk.store.stats import Anchored, Signed, Stats
from kiosk.vision.bench import Bench, Timing
from kiosk.vision.honesty import Card, Counts
from wire.asked import Wanted
from wire.event import Clock, ClockState
from wire.sending import Answer, Outcome, Preflight, Sending

JOKO: Final = Official(LoggedIn("0101", Role.TECHNICIAN, must_change=False), "Joko Prasetyo")
_MS: Final = 1_785_700_000_000
_HOUR: Final = 3_600_000
_EVENT: Final = "019f1d3a-7c00-7a10-8000-0123456789ab"
_DEAD: Final = (
    SetAside(_EVENT, _MS - 5 * _HOUR, "unknown_employee", asked=False),
    SetAside(_EVENT.replace("ab", "ac"), _MS - 30 * _HOUR, "missing_checkout", asked=True),
    SetAside(_EVENT.replace("ab", "ad"), _MS - 50 * _HOUR, "review", asked=False),
)
_TOLD: Final = Sending(
    "hq",
    _MS - 300 * _HOUR,
    _MS + 1300 * _HOUR,
    Preflight(_MS - _HOUR, usable=False, codes=("tls_not_yet_valid",)),
    (Answer(Wanted.RETRY, _EVENT, _MS - _HOUR, Outcome.DONE), Answer(Wanted.HAND, _EVENT, _MS, Outcome.GONE)),
)


def poses() -> tuple[Posed, ...]:
    """Each page, and each of its faces that looks different."""
    return (*_sending(), *_seeing(), *_figures(), *_system())


def _sending() -> tuple[Posed, ...]:
    well = Sending("hq", _MS, _MS + 2000 * _HOUR, Preflight(_MS, usable=True, codes=()))
    calm = Delivery(usable=True, status=Status(State.OK, _MS - 60_000, ""), waiting=0, told=well)
    config = Status(State.CONFIG, _MS - 70 * _HOUR, "hq_certificate_withdrawn", Level.RED)
    worried = Delivery(usable=True, status=config, waiting=41, oldest=_MS - 70 * _HOUR, dead=_DEAD, told=_TOLD, asked=1)
    gone = Delivery(usable=False, status=Status(State.OFFLINE, None, "exchange_unusable", Level.AMBER), waiting=3)
    return (
        Posed("sync", Standing(calm, _MS), JOKO),
        Posed("sync-worried", Standing(worried, _MS), ANI),
        Posed("sync-gone", Standing(gone, _MS), ANI),
        Posed("sync-letters", Letters(_DEAD), JOKO),
        Posed("sync-letters-none", Letters(()), JOKO),
        Posed("sync-letter", Letter(_DEAD[0]), JOKO),
        Posed("sync-letter-admin", Letter(_DEAD[0]), ANI),
        Posed("sync-letter-asked", Letter(_DEAD[1]), ANI),
        Posed("sync-why", Why(_DEAD[0]), ANI),
    )


def _seeing() -> tuple[Posed, ...]:
    source = "v4l:/dev/v4l/by-id/usb-Kamera_Pintu-video-index0"
    counts = {
        "bona_fide": Counts(10, 9, 0, 1, 0, 0),
        "print": Counts(10, 0, 10, 0, 0, 0),
        "replay": Counts(10, 1, 7, 2, 0, 0),
    }
    card = Card(
        made_on=date(2026, 7, 20),
        camera=source,
        pack="faceplugin",
        files={"a.onnx": "00"},
        fused=False,
        rehearsal=False,
        attack=0.2,
        bona_fide=0.6,
        counts=counts,
    )
    return (
        Posed("device", device.Overview(()), JOKO),
        Posed("device-warned", device.Overview(("storage", "clock", "copies")), ANI),
        Posed("device-camera-waiting", Looked(source), JOKO),
        Posed("device-camera", Looked(source, Measured(96.0, 0.61, None)), JOKO),
        Posed("device-camera-dark", Looked(source, Measured(31.0, 0.38, Instruction.MORE_LIGHT)), ANI),
        Posed("device-camera-nobody", Looked(source, Measured(120.0, None, None)), JOKO),
        Posed("device-camera-gone", Looked(source, gone=True), JOKO),
        Posed("device-liveness", Tested(card), JOKO),
        Posed("device-liveness-other", Tested(card, ours=False), JOKO),
        Posed("device-liveness-none", Tested(None), JOKO),
    )


def _figures() -> tuple[Posed, ...]:
    stages = tuple(
        Timing(name, p50, p50 * 1.3, 40)
        for name, p50 in (
            ("detect", 41.2),
            ("landmarks", 8.1),
            ("embed", 55.0),
            ("liveness", 12.4),
            ("match", 0.1),
            ("whole", 121.9),
        )
    )
    bench = Bench("faceplugin", 180, stages, 8.2, 119.4, 1.3, 0.06, 310.0, (), (), ())
    use = PunchesADay(720.0)
    sure = Budget(180, 0.50, use, 16_110, 0, 4.1e-8, 2.0e-6, 0.016)
    return (
        Posed("device-bench", Speed(), JOKO),
        Posed("device-bench-done", Speed(bench, "Raspberry Pi 5 Model B Rev 1.0", 4), JOKO),
        Posed("device-budget", Weighed(sure, "identification"), JOKO),
        Posed("device-budget-often", Weighed(Budget(180, 0.40, use, 16_110, 9, 2e-4, 1e-3, 0.016), "roster"), ANI),
        Posed("device-budget-few", Weighed(Budget(4, 0.50, PunchesADay(16.0), 12, 0, None, 0.75, 0.75), "off"), ANI),
    )


def _system() -> tuple[Posed, ...]:
    clock = Clock("Asia/Jakarta", 90 * _HOUR, "00000000-0000-4000-8000-000000000002", ClockState.SYNCED, 2)
    doubt = Clock("Asia/Jakarta", _HOUR, clock.boot_id, ClockState.UNSYNCED, 86_400)
    acts = (
        LocalAct(4127, "logged_in", _MS, {"account": "00ff", "role": "admin"}),
        LocalAct(4126, "configured", _MS - _HOUR, {"setting": "door.confirm", "by": "00ff", "value": "yes"}),
        LocalAct(4120, "backed_up", _MS - 6 * _HOUR, {"kind": "offsite", "sha256": "9f" * 32, "entries": 4119}),
        LocalAct(4101, "clock_stepped", _MS - 9 * _HOUR, {"by_ms": -4200}),
    )
    here = Machine(_MS - 200 * _HOUR, "0.7.0", _MS - 400 * _HOUR)
    return (
        Posed("device-storage", Storage(_stats(0), Disk(29_000_000_000, 21_000_000_000), 52.0), JOKO),
        Posed("device-storage-full", Storage(_stats(-2), Disk(29_000_000_000, 2_000_000_000), None), JOKO),
        Posed("device-clock", ClockPage(_MS, clock, _MS - _HOUR, 90 * _HOUR), JOKO),
        Posed("device-clock-doubt", ClockPage(_MS, doubt, None, _HOUR), JOKO),
        Posed("device-versions", Versions(here, "faceplugin", "weak", "019f1d3a7c00"), JOKO),
        Posed("device-copies", Copies(tuple(Kind), {Kind.OFFSITE: _MS - 40 * _HOUR}, (Kind.OFFSITE,)), JOKO),
        Posed("device-copies-off", Copies((), {}, ()), JOKO),
        Posed("device-log", Log(acts), JOKO),
        Posed("device-update", Upkeep(), JOKO),
    )


def _stats(behind: int) -> Stats:
    counts = {"people": 182, "faces": 160, "entries": 40_127, "undelivered": 3, "quarantined": 0, "keys": 640}
    anchors = (Anchored(Path("anchor"), behind), Anchored(Path("/boot/anchor"), None if behind else 1))
    none = Signed(0, None)
    return Stats(
        counts=counts,
        files={"records.db": 41_000_000, "templates.db": 2_600_000, "anchor": 60},
        free=0,
        open_intents={},
        security_level="weak",
        generation=9,
        kek_epoch=1,
        store_key_epoch=1,
        anchors=anchors,
        checkpoint=none,
        countersigned=none,
        oldest_body=None,
        backups={},
        swept="2026-08-03",
    )
