"""HQ's word that it has stored a batch; refuses to count anything without HQ's own signature as one."""

from collections.abc import Mapping
from dataclasses import dataclass

from wire import canonical, checkpoint, checks
from wire.batch import ROWS_LIMIT
from wire.canonical import INTEGER_LIMIT, Json
from wire.errors import BadSignature, FormatError
from wire.signing import SIGNATURE_SIZE, SigningKey, verify

REPLY_LIMIT = 1 << 16


@dataclass(frozen=True, slots=True)
class Receipt:
    """What HQ stored.

    Args:
        batch: UUID of the delivery, lower case.
        acked: ids (UUIDv7) of the events that are stored, each once, at most 512; may be empty.
        generation: of HQ's own store, 0 to 2**53 - 1; never goes back.
        time: of HQ, ms since 1970 in UTC.
    """

    batch: str
    acked: tuple[str, ...]
    generation: int
    time: int

    def __post_init__(self) -> None:
        checks.uuid(self.batch)
        if len(self.acked) > ROWS_LIMIT or len(set(self.acked)) != len(self.acked):
            raise FormatError("receipt: too many ids, or one twice")
        for event_id in self.acked:
            checks.uuid7_text(event_id)
        checks.integer(self.generation, "generation", 0, INTEGER_LIMIT)
        checks.moment(self.time)


def sign(receipt: Receipt, key: SigningKey) -> dict[str, Json]:
    """Return the receipt as a JSON object with `sig`: Ed25519 in hex over the canonical JSON of the other four."""
    return {**_spell(receipt), "sig": key.sign(canonical.encode(_spell(receipt))).hex()}


def read(value: object, public: bytes) -> Receipt:
    """Read a receipt and check its signature by the 32-byte key `public`.

    Raises:
        BadSignature: the signature does not fit.
        FormatError: anything else.
    """
    found = canonical.fields(value, {"batch": str, "acked": list, "generation": int, "time": int, "sig": str})
    if not all(type(event_id) is str for event_id in found["acked"]):
        raise FormatError("receipt: an id is not a string")
    receipt = Receipt(found["batch"], tuple(found["acked"]), found["generation"], found["time"])
    verify(public, checks.hex_bytes(found["sig"], SIGNATURE_SIZE), canonical.encode(_spell(receipt)))
    return receipt


def reply(receipt: Mapping[str, Json], note: str) -> bytes:
    """Return HQ's answer to a batch: the signed receipt and the checkpoint with HQ's signature added."""
    return canonical.encode({"receipt": receipt, "checkpoint": note})


def read_reply(data: bytes, hq_name: str, hq_public: bytes, device_public: bytes) -> tuple[Receipt, str]:
    """Read HQ's answer to a batch. Whether it is about the batch that was sent, the caller must compare.

    Args:
        data: body of the answer, at most 64 KiB.
        hq_name: signer name of HQ in notes.
        hq_public: 32-byte key of HQ, for the receipt and the note.
        device_public: 32-byte key of this device.

    Returns:
        The receipt and the note, which both HQ and the device have signed.

    Raises:
        BadSignature: the receipt or the note lacks a good signature.
        FormatError: anything else.
    """
    value = canonical.fields(canonical.decode(data, limit=REPLY_LIMIT), {"receipt": dict, "checkpoint": str})
    receipt, note = read(value["receipt"], hq_public), value["checkpoint"]
    own = checkpoint.ORIGIN + checkpoint.unverified(note).device
    _, names = checkpoint.read(note, {own: device_public, hq_name: hq_public})
    if hq_name not in names:
        raise BadSignature("note: not signed by HQ")
    return receipt, note


def _spell(receipt: Receipt) -> dict[str, Json]:
    return {
        "batch": receipt.batch,
        "acked": list(receipt.acked),
        "generation": receipt.generation,
        "time": receipt.time,
    }
