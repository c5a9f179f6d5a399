"""The last word about somebody who is gone; refuses to keep it longer than headquarters needs to sign for it."""

from typing import TYPE_CHECKING, Final

from kiosk.store.keys import KeyKind
from wire.errors import FormatError

if TYPE_CHECKING:
    from kiosk.store import Store

# Whose last entry is signed for now, and who is no person (any more); an erasure under way deletes its own.
_OVER: Final = (
    "SELECT DISTINCT person FROM undelivered WHERE seq <= ?1 AND person NOT IN (SELECT id FROM people)"
    " AND person NOT IN (SELECT person FROM undelivered WHERE seq > ?1)"
    " AND person NOT IN (SELECT subject FROM intents WHERE done = 0)"
)


def forget(store: "Store", size: int) -> None:
    """Delete the key and the body of each last word that headquarters has signed for with `size` entries.

    Inside the transaction that takes the counter-signature, before `undelivered` forgets whose entries they are. The
    spine stays, and the chain verifies without the bodies.
    """
    for (person,) in store.database.rows(_OVER, size):
        for seq, _ in bodies(store, person)[0]:
            store.database.run("DELETE FROM bodies WHERE seq = ?", seq)
        store.keys.drop(KeyKind.RECORD, person=person)


def bodies(store: "Store", person_id: str) -> tuple[list[tuple[int, bytes]], bool]:
    """Seq and sealed body of every entry of one person that a key still finds, and whether every key could be asked."""
    found: list[tuple[int, bytes]] = []
    whole = True
    for (period,) in store.database.rows("SELECT period FROM keys WHERE kind = 'record' AND person = ?", person_id):
        try:
            numbers = range(store.ledger.count(person_id, period))
            each = [store.ledger.body(person_id, period, number) for number in numbers]
        except FormatError:  # an altered key: nobody can tell which bodies were its own
            whole = False
            continue
        found += [body for body in each if body is not None]
    return found, whole
