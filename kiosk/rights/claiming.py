"""Records somebody on their word alone, and says so; refuses to tell whether anybody has the code that was typed."""

import os
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from kiosk.faults import Fault, FaultCode
from kiosk.rights import strict
from kiosk.rights.claims import WAITING, Cause, Said
from kiosk.store import papers
from kiosk.store.attempts import DEVICE_FORGETS_S, Attempts, claims_of, wait_ms
from kiosk.store.keys import KeyKind
from kiosk.store.papers import PaperKind
from kiosk.store.vault import blind_index, keyed_hash
from wire import checks
from wire.errors import FormatError
from wire.event import Action, CheckIn, Method, uuid7

if TYPE_CHECKING:
    from kiosk.store import Store

NOTE_MOST: Final = 64
# Seconds until the next claim under one code after so many: nobody needs many a day, and each one is work for a human.
CODE_WAITS_S: Final = (0, 30, 30, 60, 120, 300, 600, 900)
_RANDOM: Final = 10
_PERSON: Final = "SELECT id, state FROM people WHERE code_index = ?"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody says: who they are, what they did, and why they say it here."""

    code: str = field(repr=False)
    action: Action
    cause: Cause
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """It is written down, at this moment (ms UTC), for a human to look at."""

    at: int


@dataclass(frozen=True, slots=True)
class TooSoon:
    """There were many claims; the next one is taken after so many seconds."""

    wait_s: int


def claim(store: "Store", wanted: Wanted, *, language: str, site: str) -> "Taken | TooSoon":
    """Write down a claim; durable on return. A known code and an unknown one give the same answer.

    Of a known person who may use this door it is an entry, which counts until a human says otherwise, and a paper. Of
    any other code it is the paper alone: there is nobody to whom an entry could belong.

    Args:
        store: open.
        wanted: what is claimed.
        language: in which it is said, two letters.
        site: of the door.

    Raises:
        Fault: PERSON_INVALID: no code of anybody; REQUEST_REFUSED: a note that is too long; as any writing.
    """
    code, note = _text(wanted.code), " ".join(wanted.note.split())
    if len(note) > NOTE_MOST:
        raise Fault(FaultCode.REQUEST_REFUSED, f"at most {NOTE_MOST} characters")
    now, index = store.clock(), blind_index(store.keys.need(KeyKind.INDEX), code)
    with store.database.write():
        if (wait_s := _counted(store, index)) > 0:
            return TooSoon(wait_s)
        row = store.database.row(_PERSON, index)
        person, known = ("", False) if row is None else (str(row[0]), row[1] == "active")
        event = uuid7(now.wall_ms, os.urandom(_RANDOM)) if known else ""
        if known:
            happened = CheckIn(event, code, wanted.action, now.wall_ms, now.clock, Method.CLAIMED, site)
            store.ledger.append(happened, person)
        said = Said(event, "" if known else code, wanted.action, now.wall_ms, wanted.cause, note, language, site)
        papers.put(store, PaperKind.CLAIM, strict.plain(said), state=WAITING, person=person)
    return Taken(now.wall_ms)


Answer: TypeAlias = Taken | TooSoon


def _counted(store: "Store", code_index: bytes) -> int:
    """Count this claim, unless it comes too soon; the seconds it has to wait then."""
    attempts, key = Attempts(store.foundation), store.keys.need(KeyKind.INDEX)
    now, code, device = attempts.now(), claims_of(key, code_index), keyed_hash(key, b"claims\0")
    attempts.forget_old(now)
    counted, (debt, device_wait) = attempts.read(code, now), attempts.read_device(device, now)
    wait = max(wait_ms(CODE_WAITS_S, counted), device_wait)
    if wait > 0:
        return -(-wait // 1000)
    attempts.count(code, counted.count + 1, now)
    attempts.count(device, debt + DEVICE_FORGETS_S, now)
    return 0


def _text(code: str) -> str:
    try:
        return checks.text(unicodedata.normalize("NFC", code.strip()), "code", least=1)
    except FormatError as wrong:
        raise Fault(FaultCode.PERSON_INVALID, "code") from wrong
