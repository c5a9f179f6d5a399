"""The signed report of a sweep: what was past its period and went, and what stayed and why; names no person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from wire import canonical, checkpoint, checks
from wire.canonical import INTEGER_LIMIT, Json
from wire.errors import FormatError, UnknownFormat
from wire.event import ClockState
from wire.signing import SIGNATURE_SIZE, SigningKey, verify

FORMAT: Final = "ambang.sweep.v1"
FILE_LIMIT: Final = 1 << 14
CLASSES: Final = (
    *("attendance_records", "attendance_keys", "requests", "breaches", "proofs"),
    *("consent_records", "certificates", "exports", "attempts"),
)
"""Everything that has a period; every one stands in a report, with 0 if there was none."""
PERIODS: Final = ("attendance", "requests", "breaches", "proofs", "exports_days")
_DOMAIN: Final = b"\0ambang-sweep-v1\0"
_ACCOUNT_SIZE: Final = 8
_PERIOD_LIMIT: Final = 100_000


@dataclass(frozen=True, slots=True)
class Report:
    """One sweep.

    Args:
        device: device id.
        checkpoint: note of the ledger that the device has signed at the end of the sweep.
        began: ms since 1970 in UTC.
        finished: when this was signed, ms since 1970 in UTC.
        clock: whether the clock could be believed.
        by: account that asked for it, 16 hexadecimal digits; "" for the device itself.
        before: the first month of attendance that stays, "2024-11".
        periods: how long each class is kept: months, and days for exports.
        gone: how many of each of `CLASSES` went.
        held: how many of each were past their period and stay under a legal hold.
        waiting: how many of each were past their period and stay until headquarters has signed for them.
        holds: how many legal holds stood; one of everybody counts as one.
        pieces: how many pieces of what went were searched for in every file afterwards; none was found.
    """

    device: str
    checkpoint: str
    began: int
    finished: int
    clock: ClockState
    by: str
    before: str
    periods: Mapping[str, int]
    gone: Mapping[str, int]
    held: Mapping[str, int]
    waiting: Mapping[str, int]
    holds: int
    pieces: int

    def __post_init__(self) -> None:
        checks.device(self.device)
        if checkpoint.unverified(self.checkpoint).device != self.device:
            raise FormatError("sweep: the checkpoint is another device's")
        checks.moment(self.began, "began")
        checks.moment(self.finished, "finished")
        checks.hex_bytes(self.by, _ACCOUNT_SIZE if self.by else 0)
        checks.moment_from_text(f"{self.before}-01T00:00:00.000Z")
        if self.periods.keys() != set(PERIODS):
            raise FormatError("sweep: periods")
        for period in self.periods.values():
            checks.integer(period, "period", 1, _PERIOD_LIMIT)
        for counts in (self.gone, self.held, self.waiting):
            if counts.keys() != set(CLASSES):
                raise FormatError("sweep: classes")
            for count in counts.values():
                checks.integer(count, "count", 0, INTEGER_LIMIT)
        checks.integer(self.holds, "holds", 0, INTEGER_LIMIT)
        checks.integer(self.pieces, "pieces", 0, INTEGER_LIMIT)


def sign(report: Report, key: SigningKey) -> bytes:
    """Return the file: canonical JSON with `sig` and a line feed; `sig` as on a certificate of erasure."""
    said = _spell(report)
    return canonical.encode({**said, "sig": key.sign(_DOMAIN + canonical.encode(said)).hex()}) + b"\n"


def read(data: bytes, public: bytes) -> Report:
    """Read a report and check both signatures by the device's 32-byte key: its own, and that of its checkpoint.

    Raises:
        BadSignature: another device's, or altered.
        UnknownFormat: another kind or version.
        FormatError: anything else.
    """
    report, signature = _parts(data)
    verify(public, signature, _DOMAIN + canonical.encode(_spell(report)))
    checkpoint.read(report.checkpoint, {checkpoint.ORIGIN + report.device: public})
    return report


_SHAPE: Final[dict[str, type | tuple[type, ...]]] = {
    **dict.fromkeys(("format", "device", "checkpoint", "clock", "by", "before", "sig"), str),
    **dict.fromkeys(("began", "finished", "holds", "pieces", "found"), int),
    **dict.fromkeys(("periods", "gone", "held", "waiting"), dict),
}


def _parts(data: bytes) -> tuple[Report, bytes]:
    if len(data) > FILE_LIMIT or not data.endswith(b"\n"):
        raise FormatError("sweep: length, or no line feed at its end")
    value = canonical.decode_canonical(data[:-1])
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise UnknownFormat("sweep: format")
    found = canonical.fields(value, _SHAPE)
    if found["found"] != 0:
        raise FormatError("sweep: nothing may have been found")
    names = ("device", "checkpoint", "began", "finished", "by", "before", "periods", "gone", "held", "waiting")
    report = Report(
        **{name: found[name] for name in names},
        clock=checks.choice(ClockState, found["clock"]),
        holds=found["holds"],
        pieces=found["pieces"],
    )
    return report, checks.hex_bytes(found["sig"], SIGNATURE_SIZE)


def _spell(report: Report) -> dict[str, Json]:
    return {
        "format": FORMAT,
        "device": report.device,
        "checkpoint": report.checkpoint,
        "began": report.began,
        "finished": report.finished,
        "clock": report.clock.value,
        "by": report.by,
        "before": report.before,
        "periods": dict(report.periods),
        "gone": dict(report.gone),
        "held": dict(report.held),
        "waiting": dict(report.waiting),
        "holds": report.holds,
        "pieces": report.pieces,
        "found": 0,
    }
