"""Takes what headquarters tells out of the exchange; refuses what is unsigned, for others, old, or on no list."""

import functools
import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from kiosk.config import Config
from kiosk.store import departures, marks, reserve, roster, told
from kiosk.store.acts import LocalKind
from kiosk.store.inbox_place import AT_ONCE, KIND, keep_place, left_off, sort_of
from kiosk.store.keys import KeyKind
from kiosk.store.outbox import Ask, distrusted
from kiosk.store.roster import Bad, Taken
from kiosk.store.roster_apply import tell
from kiosk.store.told import Kind
from sync.exchange import Exchange
from wire import enclosed, message
from wire.errors import BadSignature, FormatError
from wire.message import Announcement, Departure, Message, Policy, Roster, Sibling, Trip

if TYPE_CHECKING:
    from kiosk.store import Store

_log = logging.getLogger("ambang.store")
_IN_ONE_GO: Final = 64


class Refused(StrEnum):
    """Why a message is not taken: a closed list, beside `roster.Bad`."""

    FORM = "form"
    UNSIGNED = "unsigned"
    BAD_SIGNATURE = "bad_signature"
    NOT_BELIEVED = "not_believed"  # there is nobody whose word counts here
    NOT_FROM_THIS_BACKEND = "not_from_this_backend"
    OTHER_DEVICE = "other_device"
    OLD_VERSION = "old_version"


@dataclass(frozen=True, slots=True)
class Believed:
    """Whose word counts.

    Attributes:
        keys: 32-byte public keys of headquarters; where there is one, everything has to be signed.
        unsigned: whether a roster and a policy are taken without a signature, from a backend that cannot sign.
    """

    keys: tuple[bytes, ...]
    unsigned: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that is not taken: its kind as far as it is known, and why."""

    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Known:
    """Its number was taken before: sync brings everything again into a new exchange, and that is no finding."""


@dataclass(frozen=True, slots=True)
class Later:
    """Not now: another roster is being written."""


Fate: TypeAlias = Refusal | Known | Later | None


def believed(config: Config) -> Believed:
    """What the configuration says."""
    keys = tuple(config.headquarters.keys.values())
    return Believed(keys, unsigned=not keys and config.delivery.backend != "hq")


def read(body: bytes, device: str, trust: Believed, key: bytes) -> Message | Refusal:
    """Open a message with the key of the exchange; check form, device and signature; needs no store."""
    try:
        found = message.decode(enclosed.opened(key, device, body))
    except FormatError:
        return Refusal("unknown", Refused.FORM)
    if found.device != device:
        return Refusal(found.kind, Refused.OTHER_DEVICE)
    if (why := _doubt(found, trust)) is not None:
        return Refusal(found.kind, why)
    return found


def _doubt(found: Message, trust: Believed) -> Refused | None:
    if trust.keys:
        if not found.signature or not found.number:
            return Refused.UNSIGNED
        return None if any(_signed(found, key) for key in trust.keys) else Refused.BAD_SIGNATURE
    if not trust.unsigned:
        return Refused.NOT_BELIEVED
    if found.signature or found.number:
        return Refused.BAD_SIGNATURE  # by whom nobody here can tell
    return None if isinstance(found.content, Roster | Policy) else Refused.NOT_FROM_THIS_BACKEND


def _signed(found: Message, key: bytes) -> bool:
    try:
        message.check(found, key)
    except BadSignature:
        return False
    return True


def collect(ask: Ask, exchange: Exchange, device: str, trust: Believed, after: int | None = None) -> int:
    """Take what is new in the inbox; returns the id of the last message that was read.

    Args:
        ask: the store.
        exchange: hostile until checked.
        device: id of this device.
        trust: whose word counts.
        after: only messages newer than this; None for an exchange that was just opened: where the store left off, if
            this is the same exchange.

    Raises:
        sync.exchange.ExchangeError: the exchange cannot be used now.
        Fault: as for any writing to the store.
    """
    if after is None:
        after = left_off(ask, exchange)
    key = ask(lambda store: store.keys.need(KeyKind.EXCHANGE))
    for _ in range(_IN_ONE_GO // AT_ONCE):
        with distrusted():
            found = exchange.inbox(after, AT_ONCE)
        for each in found:
            if each.kind == KIND:
                taken = read(each.body, device, trust, key)
                if ask(functools.partial(_take, found=taken, inbox_id=each.id, sort=sort_of(each.body))):
                    return after
            after = each.id
        if len(found) < AT_ONCE:
            break
    return after


def _take(store: "Store", found: Message | Refusal, inbox_id: int, sort: int) -> bool:
    """Take one message in one transaction; True if it has to wait."""

    def act() -> Fate:
        with store.database.write():
            fate = found if isinstance(found, Refusal) else take(store, found)
            if isinstance(fate, Later):
                return fate
            again = keep_place(store, inbox_id, sort)
            if isinstance(fate, Refusal) and not (again and fate.why == Refused.OLD_VERSION):
                _told(store, fate, inbox_id)
        return fate

    # who has left must be kept out on a full disk, too
    fate = reserve.within(store.database.directory, act)
    store.basis.changes += 1  # the gallery in memory looks again
    if isinstance(fate, Refusal):
        _log.warning("message %d from headquarters (%s) is refused: %s", inbox_id, fate.kind, fate.why)
    return isinstance(fate, Later)


def _told(store: "Store", refusal: Refusal, inbox_id: int) -> None:
    """Count it for the administrator; the ledger says so the first time only, and whenever a roster is refused."""
    known = store.database.row("SELECT 1 FROM refused WHERE kind = ? AND reason = ?", refusal.kind, refusal.why)
    tell(store, refusal.why, inbox_id, refusal.kind)
    if known is None:
        store.append_local(LocalKind.MESSAGE_REFUSED, {"kind": refusal.kind, "why": refusal.why})


def take(store: "Store", found: Message) -> Fate:
    """Let a message count whose form and signature are good, inside the current transaction; None if it does."""
    if found.number and found.number <= marks.mark(store.database, marks.MESSAGE_NUMBER):
        return Known()
    fate = _content(store, found)
    if found.number and not isinstance(fate, Later):
        marks.set_mark(store.database, marks.MESSAGE_NUMBER, found.number)
    return fate


def _content(store: "Store", found: Message) -> Fate:
    match found.content:
        case Roster() as content:
            taken = roster.take(store, content)
            if taken is Taken.LATER:
                return Later()
            return Refusal(found.kind, taken.value) if isinstance(taken, Bad) else None
        case Policy() as content:
            return _policy(store, content)
        case Announcement() as content:
            _announcement(store, content)
        case Trip() | Sibling() as content:
            told.put(store, content)
        case Departure() as content:
            departures.take(store, content)
        case _:
            assert_never(found.content)
    return None


def _policy(store: "Store", policy: Policy) -> Refusal | None:
    if policy.version <= marks.mark(store.database, marks.POLICY_VERSION):
        return Refusal("policy", Refused.OLD_VERSION)
    told.drop_all(store, Kind.SHIFT)
    for shift in policy.shifts:
        told.put(store, shift)
    marks.set_mark(store.database, marks.POLICY_VERSION, policy.version)
    return None


def _announcement(store: "Store", found: Announcement) -> None:
    """Keep it until it is over or taken back; those that are over go on this occasion."""
    now = store.now_ms()
    for each in told.every(store, Announcement):
        if each.ends <= now:
            told.drop(store, each)
    if found.id_text or found.en_text or found.nl_text:
        told.put(store, found)
    else:
        told.drop(store, found)
