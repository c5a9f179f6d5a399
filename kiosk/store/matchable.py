"""Tells whether the faces that may be matched have changed, without opening one; refuses to tell whose they are."""

from typing import TYPE_CHECKING, Final

from kiosk.store.face_mode import USED
from kiosk.store.vault import digest

if TYPE_CHECKING:
    from kiosk.store.database import StoreDatabase

# A renewal gives every reference a new id, key and turn, and leaves these as they are: until it has ended, the old
# references in memory compare among themselves as before.
_FACES: Final = (
    "SELECT f.person, f.basis, p.face_mode, count(*) FROM faces f"  # noqa: S608 - our own text
    f" JOIN people p ON p.id = f.person AND p.state = 'active' AND {USED}"
    " AND p.id NOT IN (SELECT subject FROM intents WHERE kind = 'erase_face' AND done = 0)"
    " JOIN bases b ON b.id = f.basis AND b.state = 'active' AND (b.good_until IS NULL OR b.good_until > ?1)"
    " JOIN keys k ON k.kind = 'biometric' AND k.person = f.person GROUP BY f.person, f.basis ORDER BY 1, 2"
)
_TURNS: Final = "SELECT period, epoch, wrapped FROM keys WHERE kind = 'rotation' ORDER BY period, epoch"


def matchable(database: "StoreDatabase", now_ms: int) -> bytes:
    """32 bytes that change when somebody may be matched no longer, or anew, or by other references.

    Args:
        database: of the store.
        now_ms: ms UTC; a basis whose time is over by then counts no more.
    """
    with database.read():
        return digest(repr((database.rows(_FACES, now_ms), database.rows(_TURNS))).encode())
