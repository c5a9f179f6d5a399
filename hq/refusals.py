"""What HQ refuses, each as one sentence of ours; never repeats what the other side sent."""

from enum import StrEnum


class Refused(Exception):  # noqa: N818 - the house word for what the world did; "error" is for our own bugs
    """A command that cannot be carried out; its one argument is the sentence a person reads in the terminal."""


class Kind(StrEnum):
    """The closed list of problems; the last part of the `type` of an RFC 9457 problem document."""

    CERTIFICATE_REQUIRED = "certificate-required"
    CERTIFICATE_WITHDRAWN = "certificate-withdrawn"
    WRONG_DEVICE = "wrong-device"
    TOO_LARGE = "too-large"
    TOO_SLOW = "too-slow"
    WRONG_TYPE = "wrong-type"
    KEY_MISSING = "key-missing"
    KEY_REUSED = "key-reused"
    NOT_UNDERSTOOD = "not-understood"
    BROKEN_CHAIN = "broken-chain"
    BAD_SIGNATURE = "bad-signature"
    GAP = "gap"
    FORK = "fork"
    CONFLICT = "conflict"
    NOT_HERE = "not-here"
    WRONG_METHOD = "wrong-method"
    FOREIGN_FORM = "foreign-form"
    BUSY = "busy"
    INVITATION_REFUSED = "invitation-refused"
    DIGEST_MISSING = "digest-missing"
    DIGEST_WRONG = "digest-wrong"
    TOO_OFTEN = "too-often"
    OUR_FAULT = "our-fault"


SENTENCES: dict[Kind, tuple[int, str]] = {
    Kind.CERTIFICATE_REQUIRED: (403, "This address only answers a registered device that shows its certificate."),
    Kind.CERTIFICATE_WITHDRAWN: (403, "This device's certificate is not, or no longer, registered here."),
    Kind.WRONG_DEVICE: (403, "The body speaks for another device than the certificate does."),
    Kind.TOO_LARGE: (413, "The body is larger than this address takes; a batch has at most one mebibyte."),
    Kind.TOO_SLOW: (408, "The body took too long to arrive."),
    Kind.WRONG_TYPE: (
        415,
        "This address reads one content type, without a content encoding; /openapi.json says which.",
    ),
    Kind.KEY_MISSING: (400, "The Idempotency-Key header must be the batch's own id as a quoted string."),
    Kind.KEY_REUSED: (422, "This batch id was used before with other content."),
    Kind.NOT_UNDERSTOOD: (
        400,
        "The request is not in the form that was agreed; nothing beyond that form is read.",
    ),
    Kind.BROKEN_CHAIN: (422, "Rows, events and checkpoint of the batch do not follow from each other."),
    Kind.BAD_SIGNATURE: (422, "It is not signed by this device's registered key."),
    Kind.GAP: (409, "Rows between HQ's last one and the batch's first one are missing."),
    Kind.FORK: (409, "HQ already holds another history of this device."),
    Kind.CONFLICT: (409, "HQ already holds something else under this id or number."),
    Kind.NOT_HERE: (404, "There is nothing at this address."),
    Kind.WRONG_METHOD: (405, "This address does not answer that method."),
    Kind.FOREIGN_FORM: (403, "This form was not sent from HQ's own page."),
    Kind.BUSY: (503, "HQ cannot write just now; nothing was stored, send it again later."),
    Kind.INVITATION_REFUSED: (
        403,
        "This invitation is wrong, used or over, or not for this device; ask headquarters for a new one.",
    ),
    Kind.DIGEST_MISSING: (400, "The Content-Digest header must hold the sha-256 of the body (RFC 9530)."),
    Kind.DIGEST_WRONG: (422, "The body is not what its Content-Digest header says; nothing was stored."),
    Kind.TOO_OFTEN: (429, "This was asked for too often; try again later."),
    Kind.OUR_FAULT: (500, "HQ made a mistake; it is written in HQ's own log."),
}


class AlarmKind(StrEnum):
    """What a person must look at; shown on the page until the cause is understood."""

    WRONG_DEVICE = "wrong-device"
    BROKEN_CHAIN = "broken-chain"
    BAD_SIGNATURE = "bad-signature"
    GAP = "gap"
    FORK = "fork"
    CONFLICT = "conflict"
    KEY_REUSED = "key-reused"
    INVITATION_REFUSED = "invitation-refused"
    CLONE = "clone"
    NETWORK_CHANGED = "network-changed"


NOTICED = frozenset({AlarmKind.CLONE, AlarmKind.NETWORK_CHANGED})
"""Alarms about what HQ was told in good order; every other one is about a request that it refused."""


class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """A request that is refused.

    Args:
        kind: which problem.
        seq: the first row of the spine that is wrong, if one is known.
        size: how many rows of this device HQ holds, where that tells the device what to send next.
    """

    def __init__(self, kind: Kind, *, seq: int | None = None, size: int | None = None) -> None:
        super().__init__(kind.value)
        self.kind = kind
        self.seq = seq
        self.size = size

    @property
    def alarm(self) -> AlarmKind | None:
        """The alarm this problem raises for a known device, or None where it is no more than a mistake."""
        return AlarmKind(self.kind.value) if self.kind.value in set(AlarmKind) else None

    @property
    def status(self) -> int:
        """HTTP status, 400..599."""
        return SENTENCES[self.kind][0]

    def document(self) -> dict[str, str | int]:
        """RFC 9457 members: type, title, status, and seq or size where they are known."""
        status, sentence = SENTENCES[self.kind]
        document: dict[str, str | int] = {
            "type": f"urn:ambang:problem:{self.kind}",
            "title": sentence,
            "status": status,
        }
        if self.seq is not None:
            document["seq"] = self.seq
        if self.size is not None:
            document["size"] = self.size
        return document
