"""Gives the store a new key of keys while the door goes on; refuses to say so while a file holds the old one's wrap."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from kiosk.faults import Fault, FaultCode
from kiosk.store.acts import LocalKind
from kiosk.store.intents import Intent, IntentKind
from kiosk.store.keys import KeyKind, Slot, place_of
from kiosk.store.residue import residue
from kiosk.store.roots import settling
from wire.errors import FormatError
from wire.sealed import HEADER_SIZE

if TYPE_CHECKING:
    from kiosk.store import Store

# Keys wrapped anew in one transaction. Measured on two x86-64 cores: 300 take some 20 ms, less than a check-in waits.
CHUNK: Final = 300
# Told after each transaction: how many keys hang beneath the new store key, and how many there are.
Step: TypeAlias = Callable[[int, int], object]
_ROWS: Final = (
    "SELECT k.rowid, k.kind, k.person, k.period, k.epoch, k.wrapped, k.row_version, b.digest FROM keys k"
    " LEFT JOIN bases b ON k.kind = 'biometric' AND b.person = k.person AND b.state = 'active'"
    " WHERE k.kind <> 'store' AND k.wrapped_by <> (SELECT store_key_epoch FROM store) AND k.rowid > ?"
    " ORDER BY k.rowid LIMIT ?"
)
_ALL: Final = -1
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation has done.

    Attributes:
        store_key_epoch: the new epoch of the store key, 2 for the first rotation.
        kek_epoch: the new epoch of the root key's own key.
        keys: how many keys hang beneath the new store key.
        damaged: how many wrapped keys did not open and stay behind, in quarantine.
    """

    store_key_epoch: int
    kek_epoch: int
    keys: int
    damaged: int


def age_days(store: "Store") -> int:
    """Whole days since the store key was made, by the wall clock; 0 if that was set back meanwhile."""
    row = store.database.row(
        "SELECT k.created_at FROM keys k JOIN store s ON k.kind = 'store' AND k.epoch = s.store_key_epoch"
    )
    return 0 if row is None else max(0, (store.now_ms() - int(row[0])) // _DAY_MS)


def rotate(store: "Store", *, step: Step | None = None) -> Rotated:
    """Renew the store key and wrap every other key anew; a rotation that a crash left open is finished instead.

    The keys themselves stay what they are, and so do rotation keys of templates and the pepper. Other processes go on:
    a few hundred keys are wrapped in one transaction, and whoever reads meanwhile finds the old or the new wrap.

    Raises:
        Fault: DISK_FULL, DISK_FAILED (also if the old wrap can still be found in a file), STORE_BUSY. What is done
            stays done, and the open intent goes on with it.
    """
    with store.database.write():
        intent = store.intents.find(IntentKind.ROTATE_KEYS) or begin(store)
    return finish(store, intent, step=step)


def begin(store: "Store", root: bytes | None = None) -> Intent:
    """Make the new store key inside a `write` block, and the intent that everything is wrapped anew.

    Args:
        store: no rotation is under way there.
        root: the root key that the new store key is wrapped under; None for the one in use.
    """
    gone = store.keys.store_keys.renew(root)
    return store.intents.open(IntentKind.ROTATE_KEYS, detail={"traces": _traces(gone)})


def resumed(store: "Store", intent: Intent) -> None:
    """Go on with a rotation that is open; see `kiosk.store.resume`. Raises Fault as `rotate` does."""
    finish(store, intent)


def finish(store: "Store", intent: Intent, *, step: Step | None = None) -> Rotated:
    """Wrap what is left, drop the old store key, look for it in the files, and write down that it is done."""
    unsettled = _unsettled(store)
    _wrap_anew(store, step)
    with store.database.write():
        damaged = len(_chunk(store, 0, _ALL)[1])
        traces = str(intent.detail["traces"]) + _traces(store.keys.store_keys.drop_old())
        intent = store.intents.note(intent, {"traces": traces})
    store.quarantine.settle()
    _leave_nothing(store, traces)
    if unsettled is not None:
        raise unsettled
    with store.database.write():
        rotated = _rotated(store, damaged)
        if store.intents.find(IntentKind.ROTATE_KEYS) is not None:  # unless another process was faster
            store.database.advance()
            store.append_local(
                LocalKind.KEYS_ROTATED,
                {
                    "store_key_epoch": rotated.store_key_epoch,
                    "kek_epoch": rotated.kek_epoch,
                    "keys": rotated.keys,
                    "damaged": rotated.damaged,
                },
            )
            store.intents.close(intent)
    return rotated


def _unsettled(store: "Store") -> Fault | None:
    """End a change of provider that a crash left open; what stands in the way does not hold up the rotation."""
    try:
        settling.settle(store)
    except Fault as fault:
        return fault
    return None


def _wrap_anew(store: "Store", step: Step | None) -> None:
    after, total = 0, _count(store, "")
    while True:
        with store.database.write():
            last, _ = _chunk(store, after, CHUNK)
        if step is not None:
            step(_count(store, "AND wrapped_by = (SELECT store_key_epoch FROM store)"), total)
        if last is None:
            return
        after = last


def _chunk(store: "Store", after: int, limit: int) -> tuple[int | None, list[str]]:
    """Wrap some keys anew; returns the last row looked at, None if there was none, and which did not open."""
    last: int | None = None
    damaged: list[str] = []
    for row in store.database.rows(_ROWS, after, limit):
        last = int(row[0])
        slot: Slot = (KeyKind(row[1]), row[2], row[3], int(row[4]))
        if not _rewrapped(store, slot, row[5:]):
            damaged.append(f"{slot[0].value}/{slot[1]}/{slot[2]}")
            store.quarantine.note("keys", damaged[-1], "does not open", slot[1])
    return last, damaged


def _rewrapped(store: "Store", slot: Slot, found: tuple[Any, ...]) -> bool:
    wrapped, version, binding = found
    keys = store.keys.store_keys
    try:
        key = keys.unwrap(wrapped, place_of(slot, version, binding or b""))
    except FormatError:
        return False
    store.database.run(
        "UPDATE keys SET wrapped = ?, wrapped_by = (SELECT store_key_epoch FROM store), row_version = ?"
        " WHERE kind = ? AND person = ? AND period = ? AND epoch = ?",
        keys.wrap(key, place_of(slot, version + 1, binding or b"")),
        version + 1,
        *slot,
    )
    return True


def _leave_nothing(store: "Store", traces: str) -> None:
    """secure_delete zeroes in place and the journal is truncated; this is the proof, after a crash as well."""
    size = 2 * HEADER_SIZE
    # `residue` passes over the header of a record; here the header is what is looked for.
    heads = [bytes(HEADER_SIZE) + bytes.fromhex(traces[at : at + size]) for at in range(0, len(traces), size)]
    directory = store.database.directory
    if residue(directory, heads):
        store.database.rewrite()
    if found := residue(directory, heads):
        raise Fault(FaultCode.DISK_FAILED, f"the old store key is still in {', '.join(found)}")


def _traces(wraps: list[bytes]) -> str:
    """The 8 bytes each wrap begins with, in hexadecimal: they name its key, occur nowhere else and tell nothing."""
    return "".join(wrap[:HEADER_SIZE].hex() for wrap in wraps)


def _rotated(store: "Store", damaged: int) -> Rotated:
    row = store.database.row("SELECT store_key_epoch, kek_epoch FROM store")
    if row is None:
        raise Fault(FaultCode.STORE_DAMAGED, "the store has no id")
    count = _count(store, "AND wrapped_by = (SELECT store_key_epoch FROM store)")
    return Rotated(int(row[0]), int(row[1]), count, damaged)


def _count(store: "Store", rule: str) -> int:
    row = store.database.row(f"SELECT count(*) FROM keys WHERE kind <> 'store' {rule}")  # noqa: S608 - our own text
    return 0 if row is None else int(row[0])
