"""Speaks to the reference HQ; refuses to call anything settled that HQ has not signed for this very batch."""

import re
from collections.abc import Callable
from typing import Final

from sync.config import Hq
from sync.replies import Accepted, Kind, Refusal, Reply, classify, retry_after
from sync.transport import NotDelivered, Transport
from wire import canonical
from wire.checkpoint import Checkpoint, unverified
from wire.errors import FormatError
from wire.receipt import read_reply

PATH: Final = "/v1/events:batch"
_PROBLEM: Final = re.compile(r"urn:ambang:problem:([a-z][a-z-]{1,40})\Z")
_ABOUT_THE_HISTORY: Final = frozenset({"gap", "fork", "broken-chain", "bad-signature"})
"""Problems of the device as a whole: no event of the batch is to blame, and a person must look."""


class HqBackend:
    """`POST /v1/events:batch`; idempotent by event id, so an unknown outcome is answered with the same bytes.

    Args:
        hq: where it is and how it signs.
        device_public: the kiosk's signing key, 32 bytes.
        transport: gives the connection, or raises NotDelivered.
    """

    def __init__(self, hq: Hq, device_public: bytes, transport: Callable[[], Transport]) -> None:
        self._hq = hq
        self._device_public = device_public
        self._transport = transport

    def push(self, batch: str, encoded: bytes, sent: Checkpoint, now_ms: int) -> tuple[Reply, int | None]:
        """Send one encoded batch.

        Args:
            batch: its UUID, also the idempotency key.
            encoded: the bytes of wire.batch.
            sent: the checkpoint in it, which HQ has to sign.
            now_ms: ms since 1970, only to read a Retry-After that is a date.

        Returns:
            The reply, and the generation of HQ's store if there is a receipt.
        """
        headers = {"Content-Type": "application/json", "Idempotency-Key": f'"{batch}"'}
        try:
            transport = self._transport()
            answer = transport.post(self._hq.url + PATH, encoded, headers)
        except NotDelivered as error:
            return error.refusal, None
        refusal = classify(answer.status, answer.content_type, retry_after(answer.retry_after, now_ms))
        if refusal is not None:
            reply: Reply = explained(refusal, answer.body)
            generation = None
        else:
            reply, generation = self._receipted(batch, sent, answer.body)
        if isinstance(reply, Refusal):
            transport.close()  # what else may come on this line is no answer to what is sent next
        return reply, generation

    def _receipted(self, batch: str, sent: Checkpoint, body: bytes) -> tuple[Reply, int | None]:
        try:
            receipt, note = read_reply(body, self._hq.name, self._hq.public, self._device_public)
            said = unverified(note)
        except FormatError:
            return Refusal(Kind.UNKNOWN, "receipt_invalid"), None
        if receipt.batch != batch:
            return Refusal(Kind.UNKNOWN, "receipt_of_another_batch"), None
        if said != sent:
            return Refusal(Kind.UNKNOWN, "receipt_of_another_checkpoint"), None
        return Accepted(frozenset(receipt.acked), said.size, note, receipt.time), receipt.generation


def explained(refusal: Refusal, body: bytes) -> Refusal:
    """Take the name of the problem from an RFC 9457 document, if it is one; nothing else in it is read."""
    if refusal.kind not in (Kind.PERMANENT, Kind.CONFIG):
        return refusal
    try:
        document = canonical.decode(body, limit=16_384)
    except FormatError:
        return refusal
    name = _PROBLEM.match(str(document.get("type"))) if isinstance(document, dict) else None
    if name is None:
        return refusal
    kind = Kind.HISTORY if name[1] in _ABOUT_THE_HISTORY else refusal.kind
    return Refusal(kind, "hq_" + name[1].replace("-", "_"))
