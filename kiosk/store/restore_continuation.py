"""Goes on with the ledger where headquarters knows it to be; refuses an export that headquarters has not signed for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.files import reason
from kiosk.store.outbox import _keep as keep_countersigned
from kiosk.store.outbox import countersigned
from wire import canonical, checkpoint, checks
from wire.canonical import INTEGER_LIMIT
from wire.errors import BrokenChain, FormatError, UnknownFormat
from wire.event import Notice, NoticeKind, from_cloudevent
from wire.spine import HASH_SIZE, SpineRow, commitment, link

if TYPE_CHECKING:
    from kiosk.store import Store

FORMAT: Final = "ambang.continuation.v1"
_LINE_LIMIT: Final = 16_384
_AT_ONCE: Final = 4_096
_SCOPES: Final = {NoticeKind.ERASED: "person", NoticeKind.CONSENT_WITHDRAWN: "face"}
_HEADER: Final = {"format": str, "device": str, "after": int, "size": int, "checkpoint": str}
_ROW: Final[dict[str, type | tuple[type, ...]]] = {
    "seq": int,
    "commitment": str,
    "body_digest": str,
    "event": (dict, type(None)),
}


@dataclass(frozen=True, slots=True)
class Continued:
    """What headquarters knew.

    Attributes:
        size: entries that it has counter-signed.
        appended: how many of them were missing here; their bodies are gone.
        told: scope ("person" or "face") and employee code of each erasure among those.
    """

    size: int
    appended: int
    told: tuple[tuple[str, str], ...] = field(repr=False)


def go_on(
    store: "Store", path: Path, headquarters: Mapping[str, bytes], *, step: Callable[[int, int], None]
) -> Continued:
    """Append the spine of every entry that headquarters has and this ledger does not.

    Args:
        store: restored, and not in its place yet: a part may be appended when this raises.
        path: made by `kiosk-hq export --device`.
        headquarters: signer name to 32-byte public key.
        step: told how many entries were read, and of how many.

    Raises:
        Fault: LEDGER_BROKEN: headquarters knows another ledger (names the entry); EXPORT_REFUSED: not an export for
            this device, not signed, or cut; DISK_FULL, DISK_FAILED.
    """
    try:
        with path.open("rb") as file:
            return _Reading(store, headquarters, step).read(file)
    except OSError as error:
        raise Fault(FaultCode.EXPORT_REFUSED, f"{path.name}: {reason(error)}") from error
    except BrokenChain as broken:
        raise Fault(FaultCode.LEDGER_BROKEN, str(broken)) from broken
    except FormatError as error:
        raise Fault(FaultCode.EXPORT_REFUSED, f"{path.name}: {error}") from error


class _Reading:
    def __init__(self, store: "Store", headquarters: Mapping[str, bytes], step: Callable[[int, int], None]) -> None:
        self._store = store
        self._headquarters = headquarters
        self._step = step
        self._own = store.ledger.size()
        self._told: list[tuple[str, str]] = []

    def read(self, file: BinaryIO) -> Continued:
        lines = _lines(file)
        size, head, note, after = self._header(next(lines, {}))
        if after > self._own:
            raise FormatError(f"begins after entry {after}, the backup ends at {self._own}")
        seq, last = after, self._store.ledger.hash_at(after)
        while seq < size:
            with self._store.database.write():
                for row in self._rows(lines, min(_AT_ONCE, size - seq), seq, last):
                    seq, last = row.seq, row.h
            self._step(seq, size)
        if next(lines, None) is not None:
            raise FormatError("more entries than were signed for")
        if last != head:
            raise BrokenChain(size, "is another one at headquarters")
        if size > countersigned(self._store):
            keep_countersigned(self._store, size, note)
        return Continued(size, max(0, size - self._own), tuple(self._told))

    def _header(self, line: Mapping[str, Any]) -> tuple[int, bytes, str, int]:
        if line.get("format") != FORMAT:
            raise UnknownFormat("another format")
        value = canonical.fields(line, _HEADER)
        if value["device"] != self._store.device_id:
            raise FormatError("of another device")
        note = value["checkpoint"]
        own = {checkpoint.ORIGIN + self._store.device_id: self._store.device_public}
        found, names = checkpoint.read(note, {**self._headquarters, **own})
        if not names & self._headquarters.keys():
            raise FormatError("not signed by headquarters")
        if found.device != self._store.device_id or found.size != value["size"]:
            raise FormatError("the checkpoint is of another ledger or size")
        after = checks.integer(value["after"], "after", 0, INTEGER_LIMIT)
        if after > found.size:
            raise FormatError("begins after its end")
        return found.size, found.head, note, after

    def _rows(self, lines: Iterator[Mapping[str, Any]], count: int, seq: int, last: bytes) -> Iterator[SpineRow]:
        """The next rows: those that are here are compared, the others appended."""
        for _ in range(count):
            seq += 1
            value = canonical.fields(next(lines, {}), _ROW)
            promise, digest = (checks.hex_bytes(value[name], HASH_SIZE) for name in ("commitment", "body_digest"))
            row = link(last, seq, promise, digest)
            last = row.h
            if value["seq"] != seq:
                raise FormatError(f"entry {seq} is missing")
            if seq <= self._own:
                if self._store.ledger.hash_at(seq) != row.h:
                    raise BrokenChain(seq, "is another one at headquarters")
            else:
                self._store.database.run(
                    "INSERT INTO spine (seq, commitment, body_digest, h) VALUES (?, ?, ?, ?)",
                    *(seq, row.commitment, row.body_digest, row.h),
                )
                if value["event"] is not None:
                    self._told.append(self._erasure(value["event"], row))
            yield row

    def _erasure(self, value: Mapping[str, Any], row: SpineRow) -> tuple[str, str]:
        """What headquarters was told; the entry itself commits to it, so that nobody can make it up."""
        found = from_cloudevent(value)
        if (found.device, found.seq) != (self._store.device_id, row.seq):
            raise FormatError(f"entry {row.seq}: the event of another entry")
        if commitment(found.salt, found.clear) != row.commitment:
            raise FormatError(f"entry {row.seq}: another event than was committed to")
        if not isinstance(found.event, Notice) or found.event.kind not in _SCOPES:
            raise FormatError(f"entry {row.seq}: no erasure")
        return _SCOPES[found.event.kind], found.event.person


def _lines(file: BinaryIO) -> Iterator[Mapping[str, Any]]:
    """One object a line. Raises FormatError."""
    while line := file.readline(_LINE_LIMIT):
        if not line.endswith(b"\n"):
            raise FormatError("a line too long, or cut")
        value = canonical.decode(line[:-1], limit=_LINE_LIMIT)
        if not isinstance(value, dict):
            raise FormatError("a line that is no object")
        yield value
