"""A request as the JSON of its paper and back; refuses a field that is not in the list."""

from collections.abc import Mapping
from typing import Any, Final, assert_never

from kiosk.rights.requests import (
    Answered,
    ByPin,
    BySight,
    ErasureGround,
    Extension,
    Fee,
    How,
    Identity,
    Outcome,
    RefusalGround,
    Refused,
    Request,
    Right,
    Seen,
    Withdrawn,
)
from wire import canonical, checks
from wire.canonical import Json
from wire.errors import FormatError

_MAYBE: Final = (dict, type(None))
_SHAPE: Final[dict[str, type | tuple[type, ...]]] = {
    "right": str, "how": str, "text": str, "received_at": int, "ground": str,
    "identity": _MAYBE, "extended": _MAYBE, "fee": _MAYBE, "answer": _MAYBE,
}  # fmt: skip
_WHO: Final[dict[str, type | tuple[type, ...]]] = {"at": int, "by": str}


def encode(request: Request) -> dict[str, Json]:
    """The content of its paper."""
    return {
        "right": request.right.value,
        "how": request.how.value,
        "text": request.text,
        "received_at": request.received_at,
        "ground": "" if request.ground is None else request.ground.value,
        "identity": None if request.identity is None else _identity(request.identity),
        "extended": None if request.extension is None else _plain(request.extension),
        "fee": None if request.fee is None else _plain(request.fee),
        "answer": None if request.outcome is None else _outcome(request.outcome),
    }


def decode(content: Mapping[str, Any]) -> Request:
    """What `encode` made. Raises FormatError."""
    found = canonical.fields(dict(content), _SHAPE)
    identity, extended, fee, answer = (found[name] for name in ("identity", "extended", "fee", "answer"))
    return Request(
        right=checks.choice(Right, found["right"]),
        how=checks.choice(How, found["how"]),
        text=found["text"],
        received_at=checks.moment(found["received_at"]),
        ground=checks.choice(ErasureGround, found["ground"]) if found["ground"] else None,
        identity=None if identity is None else _known_by(identity),
        extension=None if extended is None else Extension(**_fields(extended, days=int, reason=str)),
        fee=None if fee is None else Fee(**_fields(fee, amount=str, reason=str)),
        outcome=None if answer is None else _ended(answer),
    )


def _fields(value: Mapping[str, Any], **shape: type) -> dict[str, Any]:
    return canonical.fields(value, {**shape, **_WHO})


def _plain(value: Extension | Fee) -> dict[str, Json]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _identity(identity: Identity) -> dict[str, Json]:
    match identity:
        case ByPin(at, by):
            return {"how": "pin", "at": at, "by": by}
        case BySight(document, at, by):
            return {"how": "document", "document": document.value, "at": at, "by": by}
        case _:
            assert_never(identity)


def _known_by(value: Mapping[str, Any]) -> Identity:
    if value.get("how") == "pin":
        found = _fields(value, how=str)
        return ByPin(found["at"], found["by"])
    found = _fields(value, how=str, document=str)
    if found["how"] != "document":
        raise FormatError("identity: not in the list")
    return BySight(checks.choice(Seen, found["document"]), found["at"], found["by"])


def _outcome(outcome: Outcome) -> dict[str, Json]:
    match outcome:
        case Answered(note, certificate, at, by):
            return {"outcome": "answered", "note": note, "certificate": certificate, "at": at, "by": by}
        case Refused(ground, reason, law, at, by):
            said = {"outcome": "refused", "ground": ground.value, "reason": reason, "law": law}
            return {**said, "at": at, "by": by}
        case Withdrawn(at, by):
            return {"outcome": "withdrawn", "at": at, "by": by}
        case _:
            assert_never(outcome)


def _ended(value: Mapping[str, Any]) -> Outcome:
    match value.get("outcome"):
        case "answered":
            found = _fields(value, outcome=str, note=str, certificate=str)
            return Answered(found["note"], found["certificate"], found["at"], found["by"])
        case "refused":
            found = _fields(value, outcome=str, ground=str, reason=str, law=str)
            ground = checks.choice(RefusalGround, found["ground"])
            return Refused(ground, found["reason"], found["law"], found["at"], found["by"])
        case "withdrawn":
            found = _fields(value, outcome=str)
            return Withdrawn(found["at"], found["by"])
        case _:
            raise FormatError("answer: not in the list")
