"""Accounts of those who run the device, for the tests of the store and of the shell."""

from store_kit import CHEAP

from kiosk.store import Store
from kiosk.store.account_acts import add, begin, first_start_code, redeem
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.ledger import month

RATNA, BUDI = "Ratna Kusuma", "Budi Santoso"
GOOD = "kopi Tubruk 4 pagi"
ALSO_GOOD = "teh Manis 9 sore!"
WRONG = "roti Bakar 7 malam"


def first_admin(store: Store, name: str = RATNA, password: str = GOOD) -> LoggedIn:
    """An administrator from the first code; passwords of this store cost next to nothing."""
    store.admins.cost = CHEAP
    return begin(store, first_start_code(store), name, password)


def another(
    store: Store, by: LoggedIn, name: str = BUDI, password: str = ALSO_GOOD, role: Role = Role.ADMIN
) -> LoggedIn:
    """A second account with its own password."""
    _, code = add(store, name, role, by)
    return redeem(store, name, code, password)


def acts(store: Store) -> list[tuple[str, dict[str, str | int]]]:
    """Kind and detail of what the ledger says about the device, oldest first."""
    return [(act["kind"], act["detail"]) for _, act in store.ledger.local_acts(month(store.now_ms()))]
