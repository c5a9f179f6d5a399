"""Gathers who else knows how the ledger was: anchors, headquarters, notes; refuses to pass over a lost anchor."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.store import promises
from kiosk.store.chain import Promise
from kiosk.store.promises import Signer

if TYPE_CHECKING:
    from kiosk.store import Store


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What is known from outside.

    Attributes:
        promises: what the ledger must agree with.
        anchors: how many rollback anchors there should be.
        lost: how many of them are missing, altered, or of another store.
    """

    promises: tuple[Promise, ...]
    anchors: int
    lost: int


def witnesses(store: "Store", signer: Signer, notes: Iterable[str] = ()) -> Witnesses:
    """The word of every anchor, of headquarters (`Anchor.doubt`), and of notes that somebody brings along.

    Raises:
        FormatError: one of `notes` is not signed by this device.
    """
    known = list(store.anchor.known().values())
    found = [
        Promise(state.size, bytes.fromhex(state.head), "the rollback anchor") for state in known if state is not None
    ]
    if (doubted := store.anchor.doubted()) is not None:
        found.append(Promise(doubted, None, "is not in the ledger that headquarters has counter-signed"))
    found += [promises.of_note(note, signer) for note in notes]
    return Witnesses(tuple(found), len(known), known.count(None))
