"""What headquarters may tell a device, a closed list; refuses every order that is not on it."""

import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from wire import canonical, checks
from wire.canonical import INTEGER_LIMIT, Json
from wire.errors import BadSignature, FormatError, UnknownFormat
from wire.signing import SIGNATURE_SIZE, SigningKey, verify

DOMAIN: Final = b"\0ambang-message-v1\0"
SIZE_LIMIT: Final = 1 << 20
PEOPLE_LIMIT: Final = 1_600  # a part; with the longest names it stays below 1 MiB
PARTS_LIMIT: Final = 64
LIST_LIMIT: Final = 512
DAY_MINUTES: Final = 1_440
LANGUAGES: Final = ("id", "en", "nl")
ANNOUNCEMENT_CHARACTERS: Final = 280
_SLIP: Final = re.compile(r"[0-9a-f]{16}\Z")


class Standing(StrEnum):
    """Whether somebody may use the door; suspended is restricted, never erased."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"


class Parting(StrEnum):
    """What a sibling device reports of a person who is known to several."""

    CONSENT_WITHDRAWN = "consent_withdrawn"
    ERASED = "erased"


class Trust(StrEnum):
    """Whether what a sibling device signs is believed here."""

    TRUSTED = "trusted"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of a roster; nothing else of a person is ever read.

    Args:
        ref: the backend's own id, which survives a changed code or name; 1 to 64 characters.
        code: employee code, 1 to 64 characters.
        name: 1 to 64 characters.
        standing: active, suspended or left.
        language: "id", "en", "nl", or "" where the backend does not say.
        shift: id of a shift, or "".
    """

    ref: str
    code: str
    name: str
    standing: Standing
    language: str = ""
    shift: str = ""

    def __post_init__(self) -> None:
        checks.text(self.ref, "ref", least=1)
        checks.code(self.code)
        checks.text(self.name, "name", least=1)
        checks.text(self.shift, "shift")
        if self.language not in ("", *LANGUAGES):
            raise FormatError("roster: language")

    def __repr__(self) -> str:
        return f"Entry({self.standing})"


@dataclass(frozen=True, slots=True)
class Roster:
    """Who works here: one part of one version.

    Args:
        version: grows with each roster, 1 to 2**53 - 1.
        full: whoever is not in any part has left; otherwise only what changed.
        part: 1 to `parts`.
        parts: 1 to 64; the roster counts once all are there.
        people: at most 1,600; no ref and no code twice.
    """

    version: int
    full: bool
    part: int
    parts: int
    people: tuple[Entry, ...]

    def __post_init__(self) -> None:
        checks.integer(self.version, "version", 1, INTEGER_LIMIT)
        checks.integer(self.parts, "parts", 1, PARTS_LIMIT)
        checks.integer(self.part, "part", 1, self.parts)
        count = len(self.people)
        if count > PEOPLE_LIMIT or len({one.ref for one in self.people}) != count:
            raise FormatError("roster: too many people, or one twice")
        if len({one.code for one in self.people}) != count:
            raise FormatError("roster: a code twice")


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift: minutes of the day, 0 to 1439; it ends on the next day where `ends` is not after `begins`."""

    id: str
    name: str
    begins: int
    ends: int
    place: str = ""

    def __post_init__(self) -> None:
        checks.text(self.id, "shift", least=1)
        checks.text(self.name, "name", least=1)
        checks.text(self.place, "place")
        checks.integer(self.begins, "begins", 0, DAY_MINUTES - 1)
        checks.integer(self.ends, "ends", 0, DAY_MINUTES - 1)


@dataclass(frozen=True, slots=True)
class Policy:
    """Shifts and their places, for the screen that confirms a check-in; `version` grows, at most 512 shifts."""

    version: int
    shifts: tuple[Shift, ...]

    def __post_init__(self) -> None:
        checks.integer(self.version, "version", 1, INTEGER_LIMIT)
        if len(self.shifts) > LIST_LIMIT or len({one.id for one in self.shifts}) != len(self.shifts):
            raise FormatError("policy: too many shifts, or one twice")


@dataclass(frozen=True, slots=True)
class Announcement:
    """A sentence at the door between two moments (ms since 1970); one with empty texts takes it back.

    It is about work and for everybody, unless `marketing` says that it is a greeting, an invitation or an offer: that
    is for nobody who has not asked for such (policy KK12).
    """

    id: str
    begins: int
    ends: int
    id_text: str
    en_text: str
    nl_text: str
    marketing: bool = False

    def __post_init__(self) -> None:
        checks.text(self.id, "announcement", least=1)
        checks.moment(self.begins)
        checks.moment(self.ends)
        for text in (self.id_text, self.en_text, self.nl_text):
            checks.text(text, "text", most=ANNOUNCEMENT_CHARACTERS, most_bytes=4 * ANNOUNCEMENT_CHARACTERS)


@dataclass(frozen=True, slots=True)
class Trip:
    """Whether a business trip was approved: the slip's id (16 hexadecimal digits) and the backend's reference."""

    slip: str
    approved: bool
    reference: str

    def __post_init__(self) -> None:
        if not _SLIP.match(self.slip):
            raise FormatError("trip: slip")
        checks.text(self.reference, "reference")


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another device of the company and its Ed25519 key (64 hexadecimal digits); revoked ones are believed no more."""

    device: str
    public: str
    trust: Trust

    def __post_init__(self) -> None:
        checks.device(self.device)
        checks.hex_bytes(self.public, 32)


@dataclass(frozen=True, slots=True)
class Departure:
    """A person withdrew the consent or was erased at a sibling device (or here, after a backup was restored)."""

    ref: str
    code: str
    parting: Parting
    device: str

    def __post_init__(self) -> None:
        checks.text(self.ref, "ref")
        checks.code(self.code)
        checks.device(self.device)

    def __repr__(self) -> str:
        return f"Departure({self.parting})"


Content: TypeAlias = Roster | Policy | Announcement | Trip | Sibling | Departure
KINDS: Final[dict[str, type[Content]]] = {
    "roster": Roster,
    "policy": Policy,
    "announcement": Announcement,
    "trip": Trip,
    "sibling": Sibling,
    "departure": Departure,
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one device.

    Args:
        device: whom it is for.
        number: grows by one for this device, 1 to 2**53 - 1; 0 where the backend does not sign.
        issued_at: ms since 1970.
        content: what it says.
        signature: 64 bytes, or b"" from a backend that cannot sign (Frappe, Odoo).
    """

    device: str
    number: int
    issued_at: int
    content: Content
    signature: bytes = b""

    def __post_init__(self) -> None:
        checks.device(self.device)
        checks.integer(self.number, "number", 0, INTEGER_LIMIT)
        checks.moment(self.issued_at)
        if len(self.signature) not in (0, SIGNATURE_SIZE):
            raise FormatError("message: signature")

    @property
    def kind(self) -> str:
        """The word for its content, as on the wire."""
        return next(word for word, kind in KINDS.items() if type(self.content) is kind)


def sign(message: Message, key: SigningKey) -> Message:
    """The same message, signed by headquarters: Ed25519 over the domain and the canonical JSON without `sig`."""
    return Message(
        message.device, message.number, message.issued_at, message.content, key.sign(DOMAIN + _signed(message))
    )


def check(message: Message, public: bytes) -> None:
    """Raise BadSignature unless the 32-byte key `public` has signed this message."""
    if not message.signature:
        raise BadSignature("message: not signed")
    verify(public, message.signature, DOMAIN + _signed(message))


def encode(message: Message) -> bytes:
    """The message in canonical JSON, below 1 MiB."""
    return canonical.encode({**_spell(message), "sig": message.signature.hex()})


def decode(data: bytes) -> Message:
    """Read a message; its signature is another question (`check`).

    Raises:
        UnknownFormat: another kind.
        FormatError: anything else.
    """
    return from_json(canonical.decode(data, limit=SIZE_LIMIT))


def from_json(value: object) -> Message:
    """Read a message that is already decoded; raises like `decode`."""
    shape: dict[str, type | tuple[type, ...]] = {
        "device": str, "number": int, "issued_at": int, "kind": str, "body": dict, "sig": str,
    }  # fmt: skip
    found = canonical.fields(value, shape)
    signature = checks.hex_bytes(found["sig"], SIGNATURE_SIZE) if found["sig"] else b""
    content = _content(found["kind"], found["body"])
    return Message(found["device"], found["number"], found["issued_at"], content, signature)


def to_json(message: Message) -> dict[str, Json]:
    """The message as an object, to be put into a larger answer."""
    return {**_spell(message), "sig": message.signature.hex()}


def _signed(message: Message) -> bytes:
    return canonical.encode(_spell(message))


def _spell(message: Message) -> dict[str, Json]:
    return {
        "device": message.device,
        "number": message.number,
        "issued_at": message.issued_at,
        "kind": message.kind,
        "body": _body(message.content),
    }


def _body(content: Content) -> Any:  # noqa: ANN401 - a tree of what dataclasses hold
    body = _plain(asdict(content))
    if isinstance(content, Announcement) and not content.marketing:
        del body[
            "marketing"
        ]  # only who means it says it; an older device refuses what is marked, and shows it to nobody
    return body


def _plain(value: Any) -> Any:  # noqa: ANN401 - a tree of what dataclasses hold
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, StrEnum) else value


def _content(kind: str, body: dict[str, object]) -> Content:
    match kind:
        case "roster":
            shape = {"version": int, "full": bool, "part": int, "parts": int, "people": list}
            found = canonical.fields(body, shape)
            return Roster(**{**found, "people": tuple(_entry(one) for one in _few(found["people"], PEOPLE_LIMIT))})
        case "policy":
            found = canonical.fields(body, {"version": int, "shifts": list})
            return Policy(found["version"], tuple(_shift(one) for one in _few(found["shifts"], LIST_LIMIT)))
        case "announcement":
            words = dict.fromkeys(("id", "id_text", "en_text", "nl_text"), str)
            marked: dict[str, type] = {"marketing": bool} if "marketing" in body else {}
            found = canonical.fields(body, {**words, "begins": int, "ends": int, **marked})
            if found.get("marketing") is False:
                raise FormatError("announcement: a mark that marks nothing")
            return Announcement(**found)
        case "trip":
            return Trip(**canonical.fields(body, {"slip": str, "approved": bool, "reference": str}))
        case "sibling":
            found = canonical.fields(body, dict.fromkeys(("device", "public", "trust"), str))
            return Sibling(found["device"], found["public"], checks.choice(Trust, found["trust"]))
        case "departure":
            found = canonical.fields(body, dict.fromkeys(("ref", "code", "parting", "device"), str))
            return Departure(found["ref"], found["code"], checks.choice(Parting, found["parting"]), found["device"])
    raise UnknownFormat("message: kind")


def _entry(value: object) -> Entry:
    found = canonical.fields(value, dict.fromkeys(("ref", "code", "name", "standing", "language", "shift"), str))
    return Entry(**{**found, "standing": checks.choice(Standing, found["standing"])})


def _shift(value: object) -> Shift:
    return Shift(**canonical.fields(value, {"id": str, "name": str, "begins": int, "ends": int, "place": str}))


def _few(values: list[object], most: int) -> list[object]:
    if len(values) > most:
        raise FormatError("message: too long a list")
    return values
