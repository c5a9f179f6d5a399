"""Evidence that proves itself: entries, the hashes between them, signed heads; refuses one changed byte.

Whoever has the device's public key can check it on any machine, without the device and without this program: see
docs/desk-people.md. Of other people's entries it holds hashes alone, which say nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kiosk.rights import strict
from kiosk.rights.evidence import Piece, Wanted
from kiosk.store.keys import KeyKind
from wire import canonical, checkpoint, checks
from wire.canonical import Json
from wire.errors import BrokenChain, FormatError, UnknownFormat
from wire.signing import SIGNATURE_SIZE, SigningKey
from wire.signing import verify as check_signature
from wire.spine import HASH_SIZE, SALT_SIZE, SpineRow, commitment, verify

if TYPE_CHECKING:
    from kiosk.store import Store

FORMAT: Final = "ambang.evidence.v1"
_DOMAIN: Final = b"\0ambang-evidence-v1\0"
LIMIT: Final = 1 << 29
_AFTER: Final = "SELECT size, coalesce(countersigned, note) FROM checkpoints WHERE size >= ? ORDER BY size LIMIT 1"
_ROWS: Final = "SELECT seq, commitment, body_digest, h FROM spine WHERE seq BETWEEN ? AND ? ORDER BY seq"
_TOP: Final[Mapping[str, type | tuple[type, ...]]] = {
    "format": str, "confidential": bool, "id": str, "device": str, "public": str, "made_at": int, "wanted": dict,
    "entries": list, "stretches": list, "sig": str,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the chain that ends in a signed head.

    Attributes:
        before: the hash before its first row, 32 bytes.
        rows: from the first entry of the extract to the head.
        note: the checkpoint of the last row, signed by the device, and by headquarters where it had signed it.
    """

    before: bytes
    rows: tuple[SpineRow, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Proved:
    """What evidence says, once every link of it holds.

    Attributes:
        id: of the export.
        device: whose ledger.
        made_at: ms UTC.
        wanted: for whom and why it was made.
        entries: seq and clear entry, in order.
        signed_by: who has signed the heads beside the device.
    """

    id: str
    device: str
    made_at: int
    wanted: Wanted
    entries: tuple[tuple[int, Mapping[str, Any]], ...]
    signed_by: tuple[str, ...]


def stretches(store: "Store", seqs: Iterable[int]) -> tuple[Stretch, ...]:
    """The parts of the chain that prove these entries, as short as the kept checkpoints allow.

    Raises:
        Fault: as any reading of the store; a checkpoint is signed where none lies behind the last entry.
    """
    found: list[Stretch] = []
    proved = 0
    for seq in sorted(seqs):
        if seq <= proved:
            continue
        row = store.database.row(_AFTER, seq)
        if row is None:
            store.ledger.checkpoint()
            row = store.database.row(_AFTER, seq)
        if row is None:
            raise BrokenChain(seq, "has no checkpoint behind it")
        proved = int(row[0])
        rows = tuple(SpineRow(*each) for each in store.database.rows(_ROWS, seq, proved))
        found.append(Stretch(store.ledger.hash_at(seq - 1), rows, str(row[1])))
    return tuple(found)


def write(store: "Store", export_id: str, demand: Wanted, pieces: tuple[Piece, ...]) -> bytes:
    """The file: canonical JSON with a line feed, `sig` over all else. Raises Fault as any reading of the store."""
    parts = stretches(store, (piece.seq for piece in pieces))
    value: dict[str, Any] = {
        "format": FORMAT,
        "confidential": True,
        "id": export_id,
        "device": store.device_id,
        "public": store.device_public.hex(),
        "made_at": store.now_ms(),
        "wanted": strict.plain(demand),
        "entries": [_entry(piece) for piece in pieces],
        "stretches": [_stretch(each) for each in parts],
    }
    key = SigningKey.from_bytes(store.keys.need(KeyKind.SIGNING))
    return canonical.encode({**value, "sig": key.sign(_DOMAIN + canonical.encode(value)).hex()}) + b"\n"


def read(data: bytes, public: bytes, keys: Mapping[str, bytes] | None = None) -> Proved:
    """Check every word of a file.

    Args:
        data: the file.
        public: the device's key, 32 bytes, from somewhere else than this file.
        keys: of headquarters, by signer name, for those whose counter-signature shall be checked.

    Returns:
        What it says.

    Raises:
        FormatError: no such file, one that was altered, or another device's; BadSignature and BrokenChain are two
            kinds of it.
    """
    value = canonical.fields(canonical.decode(data, limit=LIMIT), _TOP)
    if value["format"] != FORMAT:
        raise UnknownFormat("another format")
    said = {name: value[name] for name in value if name != "sig"}
    check_signature(public, checks.hex_bytes(value["sig"], SIGNATURE_SIZE), _DOMAIN + canonical.encode(said))
    device = checks.device(value["device"])
    trusted = {checkpoint.ORIGIN + device: checks.exact(public, "key", 32), **(keys or {})}
    rows: dict[int, bytes] = {}
    signers: frozenset[str] | None = None
    for each in value["stretches"]:
        stretch = _read_stretch(each)
        head, names = checkpoint.read(stretch.note, trusted)
        first = stretch.rows[0].seq
        if (head.device, head.size) != (device, stretch.rows[-1].seq):
            raise FormatError("a head that is not of this stretch")
        if verify(stretch.rows, stretch.before, first) != head.head:
            raise BrokenChain(head.size, "is not what was signed for")
        rows |= {row.seq: row.commitment for row in stretch.rows}
        signers = names if signers is None else signers & names
    entries = tuple(_proved(each, rows, device) for each in value["entries"])
    if [seq for seq, _ in entries] != sorted({seq for seq, _ in entries}):
        raise FormatError("entries out of order, or one twice")
    others = sorted((signers or frozenset()) - {checkpoint.ORIGIN + device})
    demand = strict.read(Wanted, value["wanted"])
    return Proved(str(value["id"]), device, checks.moment(value["made_at"]), demand, entries, tuple(others))


def _entry(piece: Piece) -> dict[str, Json]:
    return {"seq": piece.seq, "salt": piece.salt.hex(), "said": canonical.decode(piece.clear)}


def _proved(value: object, rows: Mapping[int, bytes], device: str) -> tuple[int, Mapping[str, Any]]:
    found = canonical.fields(value, {"seq": int, "salt": str, "said": dict})
    seq, said = found["seq"], found["said"]
    promised = commitment(checks.hex_bytes(found["salt"], SALT_SIZE), canonical.encode(said))
    if rows.get(seq) != promised:
        raise BrokenChain(seq, f"is not what {device} has committed to")
    return seq, said


def _stretch(stretch: Stretch) -> dict[str, Json]:
    rows: list[Json] = [[row.seq, row.commitment.hex(), row.body_digest.hex(), row.h.hex()] for row in stretch.rows]
    return {"before": stretch.before.hex(), "rows": rows, "note": stretch.note}


def _read_stretch(value: object) -> Stretch:
    found = canonical.fields(value, {"before": str, "rows": list, "note": str})
    rows = []
    for row in found["rows"]:
        if not isinstance(row, list) or [type(part) for part in row] != [int, str, str, str]:
            raise FormatError("a row of another shape")
        rows.append(SpineRow(row[0], *(checks.hex_bytes(part, HASH_SIZE) for part in row[1:])))
    if not rows:
        raise FormatError("a stretch without rows")
    return Stretch(checks.hex_bytes(found["before"], HASH_SIZE), tuple(rows), found["note"])
