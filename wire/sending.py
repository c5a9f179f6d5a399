"""What sync tells the device about its delivery: certificate, preflight, what became of what was asked; no person."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from wire import canonical, checks
from wire.asked import WORD, Wanted
from wire.errors import FormatError

FORMAT: Final = "ambang.sending.v1"
MESSAGE: Final = "sending"
"""The kind of the message in the exchange; the newest one counts."""
SIZE_LIMIT: Final = 8_192
CODES_MOST: Final = 8
ANSWERS_MOST: Final = 16
_MAYBE: Final = (int, type(None))
_SHAPE: Final[dict[str, type | tuple[type, ...]]] = {
    "format": str,
    "recipient": str,
    "certificate_begins": _MAYBE,
    "certificate_ends": _MAYBE,
    "preflight": (dict, type(None)),
    "answers": list,
}


class Outcome(StrEnum):
    """What became of an act."""

    DONE = "done"
    GONE = "gone"  # that event is not set aside any more
    REFUSED = "refused"  # this recipient does not know the act, or a file could not be written


@dataclass(frozen=True, slots=True)
class Preflight:
    """When the recipient was asked, whether events may be sent, and plain codes of what is wrong."""

    at: int
    usable: bool
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An act, the event it was about ("" for a preflight), when it was done, and how it went."""

    act: Wanted
    event: str
    at: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Sending:
    """Everything at once.

    Attributes:
        recipient: "hq", "frappe", "odoo" or "csv".
        certificate_begins: of the device's TLS certificate and key, ms since 1970; None where there is none.
        certificate_ends: the last moment of it.
        preflight: the last one; None before the first.
        answers: the last acts, oldest first.
    """

    recipient: str
    certificate_begins: int | None = None
    certificate_ends: int | None = None
    preflight: Preflight | None = None
    answers: tuple[Answer, ...] = ()

    def __post_init__(self) -> None:
        _word(self.recipient)
        for moment in (self.certificate_begins, self.certificate_ends):
            if moment is not None:
                checks.moment(moment)
        if self.preflight is not None:
            checks.moment(self.preflight.at)
            _few(self.preflight.codes, CODES_MOST)
            for code in self.preflight.codes:
                _word(code)
        _few(self.answers, ANSWERS_MOST)
        for answer in self.answers:
            checks.moment(answer.at)
            if answer.event:
                checks.uuid7_text(answer.event)


def encode(sending: Sending) -> bytes:
    """Canonical JSON."""
    preflight = (
        None if sending.preflight is None else {**asdict(sending.preflight), "codes": [*sending.preflight.codes]}
    )
    answers = [{**asdict(each), "act": each.act.value, "outcome": each.outcome.value} for each in sending.answers]
    return canonical.encode({"format": FORMAT, **asdict(sending), "preflight": preflight, "answers": answers})


def decode(data: bytes) -> Sending:
    """Read one. Raises FormatError."""
    found = canonical.fields(canonical.decode(data, limit=SIZE_LIMIT), _SHAPE)
    if found.pop("format") != FORMAT:
        raise FormatError("sending: format")
    preflight = None if found["preflight"] is None else _preflight(found["preflight"])
    answers = tuple(map(_answer, found["answers"]))
    return Sending(**{**found, "preflight": preflight, "answers": answers})


def _preflight(value: object) -> Preflight:
    found = canonical.fields(value, {"at": int, "usable": bool, "codes": list})
    if not all(type(code) is str for code in found["codes"]):
        raise FormatError("sending: codes")
    return Preflight(found["at"], found["usable"], tuple(found["codes"]))


def _answer(value: object) -> Answer:
    found = canonical.fields(value, {"act": str, "event": str, "at": int, "outcome": str})
    act, outcome = checks.choice(Wanted, found["act"]), checks.choice(Outcome, found["outcome"])
    return Answer(act, found["event"], found["at"], outcome)


def _word(text: str) -> None:
    if not WORD.fullmatch(text):
        raise FormatError("sending: word")


def _few(found: tuple[object, ...], most: int) -> None:
    if len(found) > most:
        raise FormatError("sending: too many")
