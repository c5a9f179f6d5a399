"""The register of removable media and laptops (policy E23): encrypted, approved in writing; refuses every other one.

A medium that may take files carries a mark: a small file with its id and a random number that only the register knows
besides. It tells one stick from another; whoever can read the stick can copy it, and it opens nothing.
"""

import json
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights import strict
from kiosk.rights.dates import YEAR_MS
from kiosk.store import papers
from kiosk.store.approval import LoggedIn, Role, objection
from kiosk.store.files import reason, replace_file
from kiosk.store.papers import PaperKind
from kiosk.store.vault import equal
from wire import canonical, checks
from wire.errors import FormatError

if TYPE_CHECKING:
    from kiosk.store import Store

MARK: Final = "ambang-medium.json"
FORMAT: Final = "ambang.medium.v1"
REGISTERED: Final = "registered"
WITHDRAWN: Final = "withdrawn"
_MARK_LIMIT: Final = 1024
_LONGEST: Final = 200


class MediumKind(StrEnum):
    """What may carry personal data out of the house."""

    STICK = "stick"
    DISK = "disk"
    CARD = "card"
    LAPTOP = "laptop"


@dataclass(frozen=True, slots=True)
class Medium:
    """One medium.

    Attributes:
        kind: what it is.
        serial: printed on it, or that the maker gave it.
        label: what is written on it, and whose it is.
        encryption: with what it is encrypted; a medium without is not registered.
        reference: under which the officer's written approval is kept.
        until: when the approval runs out, ms UTC; at most a year after it was given.
        token: of its mark, 32 hexadecimal digits.
    """

    kind: MediumKind
    serial: str
    label: str
    encryption: str
    reference: str
    until: int
    token: str = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("serial", "label", "encryption", "reference"):
            checks.text(getattr(self, name), name, least=1, most=_LONGEST, most_bytes=4 * _LONGEST)
        checks.moment(self.until, "until")
        checks.hex_bytes(self.token, 16)


class Unfit(StrEnum):
    """Why nothing may be written to a medium."""

    UNKNOWN = "not registered"
    WITHDRAWN = "withdrawn"
    EXPIRED = "its approval has run out"
    NOT_THERE = "another medium, or none, lies in that place"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the register."""

    id: str
    medium: Medium
    state: str
    since: int

    def unfit(self, now_ms: int) -> Unfit | None:
        """Why it may not be used at this moment; None if it may."""
        if self.state != REGISTERED:
            return Unfit.WITHDRAWN
        return Unfit.EXPIRED if self.medium.until <= now_ms else None


def new(kind: MediumKind, serial: str, label: str, encryption: str, reference: str, until: int) -> Medium:  # noqa: PLR0913, PLR0917 - what the register asks for
    """A medium as it was typed, with a mark of its own. Raises Fault DESK_REFUSED: one of the fields is no text."""
    try:
        return Medium(kind, serial, label, encryption, reference, until, secrets.token_hex(16))
    except FormatError as wrong:
        raise Fault(FaultCode.DESK_REFUSED, str(wrong)) from wrong


def register(store: "Store", medium: Medium, officer: LoggedIn, place: Path | None = None) -> str:
    """Put a medium into the register, and its mark onto it; returns its id.

    Args:
        store: open.
        medium: which.
        officer: who has approved it in writing.
        place: where it is plugged in; None for what takes no files of this device.

    Raises:
        Fault: DESK_REFUSED: not the officer, or an approval that has run out or goes beyond a year; OUTPUT_REFUSED:
            no directory, or one of the kiosk's own; DISK_FULL, DISK_FAILED: the mark cannot be written.
    """
    now = store.now_ms()
    if objection(officer, (Role.DPO,)) is not None:
        raise Fault(FaultCode.DESK_REFUSED, "for the data-protection officer")
    if not now < medium.until <= now + YEAR_MS + 1:
        raise Fault(FaultCode.DESK_REFUSED, "an approval holds for a year at most")
    if place is not None:
        outside(store, place)
    content = strict.plain(medium)
    with store.database.write():  # the mark within: no line in the register without it
        found = papers.put(store, PaperKind.MEDIUM, content, state=REGISTERED, due_at=medium.until, by=officer.account)
        if place is not None:
            mark = {"format": FORMAT, "medium": found, "token": medium.token}
            replace_file(place / MARK, json.dumps(mark).encode() + b"\n", 0o600)
    return found


def withdraw(store: "Store", medium_id: str, by: LoggedIn) -> None:
    """Let nothing be written to a medium any more: lost, worn out, given back. Raises Fault PAPER_UNKNOWN."""
    paper = papers.get(store, medium_id)
    if paper.kind is not PaperKind.MEDIUM or paper.content is None or paper.state != REGISTERED:
        raise Fault(FaultCode.PAPER_UNKNOWN)
    papers.revise(store, paper, paper.content, state=WITHDRAWN, due_at=paper.due_at, closed=True, by=by.account)


def listed(store: "Store") -> tuple[Entry, ...]:
    """The register, oldest first."""
    found = papers.find(store, PaperKind.MEDIUM)
    return tuple(
        Entry(each.id, strict.read(Medium, each.content), each.state, each.created_at) for each in found if each.content
    )


def need(store: "Store", medium_id: str, place: Path) -> Entry:
    """The medium that lies in a place, if something may be written to it.

    Raises:
        Fault: OUTPUT_REFUSED, with the reason.
    """
    entry = next((one for one in listed(store) if one.id == medium_id), None)
    why = Unfit.UNKNOWN if entry is None else entry.unfit(store.now_ms())
    if entry is None or why is not None:
        raise Fault(FaultCode.OUTPUT_REFUSED, f"the medium: {why}")
    outside(store, place)
    if not _carries(place, entry):
        raise Fault(FaultCode.OUTPUT_REFUSED, f"the medium: {Unfit.NOT_THERE}")
    return entry


def fit_for_backup(store: "Store", place: Path, *, removable: bool) -> None:
    """Refuse a backup onto a removable medium that is not registered, or not any more.

    Args:
        store: open.
        place: the directory for backups.
        removable: whether it lies on something that can be pulled out.

    Raises:
        Fault: OUTPUT_REFUSED, with the reason.
    """
    carried = next((one for one in listed(store) if _carries(place, one)), None)
    if carried is None and not removable:
        return
    why = Unfit.UNKNOWN if carried is None else carried.unfit(store.now_ms())
    if why is not None:
        raise Fault(FaultCode.OUTPUT_REFUSED, f"the medium: {why}")


def outside(store: "Store", place: Path) -> None:
    """Refuse what is no directory, or lies in the kiosk's own. Raises Fault OUTPUT_REFUSED."""
    found, data = place.resolve(), store.database.directory.resolve().parent
    if not found.is_dir() or found.is_relative_to(data):
        raise Fault(FaultCode.OUTPUT_REFUSED, place.name)


def is_removable(place: Path, devices: Path = Path("/sys/dev/block")) -> bool:
    """Whether a directory lies on something that can be pulled out, as the kernel sees it (sysfs, `removable`)."""
    device = place.stat().st_dev if place.exists() else 0
    block = (devices / f"{device >> 8 & 0xFFF}:{device & 0xFF | device >> 12 & 0xFFF00}").resolve()
    for each in (block, block.parent):  # a partition has it from its disk
        flag = each / "removable"
        if flag.is_file():
            return flag.read_text(encoding="ascii").strip() == "1"
    return False


def _carries(place: Path, entry: Entry) -> bool:
    try:
        with (place / MARK).open("rb") as file:
            found = canonical.decode(file.read(_MARK_LIMIT), limit=_MARK_LIMIT)
        value = canonical.fields(found, {"format": str, "medium": str, "token": str})
    except FormatError:
        return False
    except OSError as error:
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return False
        raise Fault(FaultCode.OUTPUT_REFUSED, f"{MARK}: {reason(error)}") from error
    same = equal(value["token"].encode(), entry.medium.token.encode())
    return value["format"] == FORMAT and value["medium"] == entry.id and same
