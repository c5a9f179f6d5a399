"""Bodies that no key opens any more; refuses to take for one what only a damaged key hides."""

from typing import TYPE_CHECKING, Final

from kiosk.store.keys import KeyKind
from kiosk.store.vault import kid, tag
from wire.errors import FormatError
from wire.sealed import header

if TYPE_CHECKING:
    from kiosk.store import Store

_DELIVERED: Final = "SELECT tag, seq, sealed FROM bodies WHERE period = ? AND seq NOT IN (SELECT seq FROM undelivered)"


def drop_orphans(store: "Store") -> list[bytes]:
    """Delete every sealed body whose key is gone, inside the current transaction; returns them, to be searched for.

    Needed only after an erasure without the root key, or of a damaged key: otherwise the bodies go together with their
    keys. A month with a key that does not open is passed over, and so is what headquarters has not signed for.
    """
    gone: list[bytes] = []
    for (period,) in store.database.rows("SELECT DISTINCT period FROM bodies ORDER BY period"):
        keys = _keys(store, period)
        if keys is None or store.quarantine.holds_key_of(period):
            continue
        rows = store.database.rows(_DELIVERED, period)
        lost = {found: (int(seq), bytes(sealed)) for found, seq, sealed in rows}
        for key in keys:
            number = 0
            while lost.pop(tag(key, number), None) is not None:  # an undelivered one may end this: see `_opens`
                number += 1
        for seq, sealed in lost.values():
            if not _opens(keys, seq, sealed):
                store.database.run("DELETE FROM bodies WHERE seq = ?", seq)
                gone.append(sealed)
    return gone


def _keys(store: "Store", period: str) -> list[bytes] | None:
    """All keys of a month, or None if one of them was altered."""
    kinds = (KeyKind.RECORD, KeyKind.DEVICE)
    rows = store.database.rows("SELECT kind, person FROM keys WHERE kind IN (?, ?) AND period = ?", *kinds, period)
    try:
        found = [store.keys.get(KeyKind(kind), person=person, period=period) for kind, person in rows]
    except FormatError:
        return None
    return [key for key in found if key is not None]


def _opens(keys: list[bytes], seq: int, sealed: bytes) -> bool:
    """Whether one of the keys has put its name on this body, or nobody can tell."""
    try:
        name = header(sealed).kid
    except FormatError:
        return True
    return any(kid(key, str(seq)) == name for key in keys)
