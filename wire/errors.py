"""What can be wrong with bytes that came from elsewhere; refuses to quote what was in them."""


class FormatError(ValueError):
    """The bytes or values are not in the form that the format allows: size, spelling, range, unknown field."""


class UnknownFormat(FormatError):  # noqa: N818 - named for what was found, as in the written design
    """The bytes name a kind, version or algorithm that this program does not know."""


class Tampered(FormatError):  # noqa: N818 - named for what was found
    """A sealed record does not open: altered bytes, another key, or another place than the one it was sealed for."""


class BadSignature(FormatError):  # noqa: N818 - named for what was found
    """A signature is missing, is not from a key that was asked for, or does not fit the signed bytes."""


class Expired(FormatError):  # noqa: N818 - named for what was found
    """A token is genuine but its time is not now."""


class BrokenChain(FormatError):  # noqa: N818 - named for what was found
    """The ledger does not follow from itself.

    Args:
        seq: the first sequence number that is wrong.
        reason: a fixed sentence about what is wrong there.
    """

    def __init__(self, seq: int, reason: str) -> None:
        super().__init__(seq, reason)
        self.seq = seq
        self.reason = reason

    def __str__(self) -> str:
        return f"entry {self.seq}: {self.reason}"
