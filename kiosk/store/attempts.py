"""Counts attempts on a secret and how long the next one waits; refuses to let a clock or a restart shorten a delay."""

from dataclasses import dataclass
from typing import Final

from kiosk.store.foundation import Foundation
from kiosk.store.vault import keyed_hash

# Many people may be clumsy at eight o'clock: each failure is forgotten after a minute, so the device keeps seconds
# still to be forgotten where one name keeps failures. From 20 on it waits.
DEVICE_WAITS_S: Final = (*(0,) * 20, 2, 5, 10, 20, 30, 60)
DEVICE_FORGETS_S: Final = 60
_FORGOTTEN_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened: a boot and its CLOCK_BOOTTIME in ms count, the wall clock (ms UTC) is only kept."""

    boot_id: str
    boottime_ms: int
    wall_ms: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted for one subject.

    Attributes:
        count: failures in a row, or seconds still to be forgotten for the whole device.
        elapsed_ms: since it was counted, as far as CLOCK_BOOTTIME knows; never more than really passed.
    """

    count: int
    elapsed_ms: int


def elapsed_ms(then: Moment, now: Moment) -> int:
    """The ms between two moments.

    After a restart nobody knows how long the device was off: only what has passed since then counts.
    """
    return max(0, now.boottime_ms - (then.boottime_ms if then.boot_id == now.boot_id else 0))


def wait_s(waits: tuple[int, ...], failures: int) -> int:
    """Seconds to wait after so many failures; the last figure for each further one."""
    return waits[min(failures, len(waits) - 1)]


def wait_ms(waits: tuple[int, ...], counted: Counted) -> int:
    """The ms of that wait that are still to come; none is left at 0 or below."""
    return wait_s(waits, counted.count) * 1000 - counted.elapsed_ms


def claims_of(index_key: bytes, code_index: bytes) -> bytes:
    """Under which the claims of one code are counted: apart from its PIN, for a claim is no failure."""
    return keyed_hash(index_key, b"claim\0" + code_index)


class Attempts:
    """The attempts of one store, under keyed hashes; every change stands inside a `write` block."""

    def __init__(self, foundation: Foundation) -> None:
        self._database = foundation.database
        self._clock = foundation.clock

    def now(self) -> Moment:
        """This moment, by the store's clock."""
        reading = self._clock()
        return Moment(reading.clock.boot_id, reading.clock.boottime_ms, reading.wall_ms)

    def read(self, subject: bytes, now: Moment) -> Counted:
        """What was counted for a subject (32 bytes); nothing for one that is new."""
        row = self._database.row(
            "SELECT failures, boot_id, boottime_ms, wall_ms FROM attempts WHERE subject = ?", subject
        )
        return Counted(0, 0) if row is None else Counted(int(row[0]), elapsed_ms(Moment(*row[1:]), now))

    def read_device(self, subject: bytes, now: Moment) -> tuple[int, int]:
        """Seconds of the device's failures not yet forgotten, and the ms it still waits."""
        counted = self.read(subject, now)
        waiting = wait_ms(DEVICE_WAITS_S, Counted(counted.count // DEVICE_FORGETS_S, counted.elapsed_ms))
        return max(0, counted.count - counted.elapsed_ms // 1000), waiting

    def count(self, subject: bytes, count: int, now: Moment) -> None:
        """Write down a count; the wait that hangs on it begins now."""
        self._database.run(
            "INSERT OR REPLACE INTO attempts (subject, failures, boot_id, boottime_ms, wall_ms) VALUES (?, ?, ?, ?, ?)",
            subject,
            count,
            now.boot_id,
            now.boottime_ms,
            now.wall_ms,
        )

    def clear(self, subject: bytes) -> None:
        """Forget a subject."""
        self._database.run("DELETE FROM attempts WHERE subject = ?", subject)

    def forget_old(self, now: Moment) -> None:
        """Forget whatever was counted more than a day of running ago."""
        self._database.run(
            "DELETE FROM attempts WHERE ? - CASE boot_id WHEN ? THEN boottime_ms ELSE 0 END > ?",
            now.boottime_ms,
            now.boot_id,
            _FORGOTTEN_MS,
        )


def device_wait_s(debt: int) -> int:
    """Seconds the whole device waits after one more failure on top of `debt` seconds still to be forgotten."""
    return wait_s(DEVICE_WAITS_S, debt // DEVICE_FORGETS_S + 1)
