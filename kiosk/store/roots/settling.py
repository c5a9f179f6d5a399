"""Ends what a change of provider began, one way or the other; refuses to destroy a secret that is still needed."""

from typing import TYPE_CHECKING

from kiosk.faults import Fault, FaultCode
from kiosk.store.database import StoreDatabase
from kiosk.store.roots import chosen, described, description, of
from kiosk.store.roots.description import Description
from kiosk.store.store_key import Fits, root_named

if TYPE_CHECKING:
    from kiosk.store import Store


def settle(store: "Store") -> bool | None:
    """Bring root.json in line with the store, and destroy the secret that is no longer needed.

    Stands inside a `write` block, or makes one: two processes cannot do this, or change the provider, at once. Whether
    the store is under the prepared provider is read from the store itself.

    Returns:
        Whether the old secret is really gone; None if there was nothing to destroy.

    Raises:
        Fault: DISK_FULL, DISK_FAILED, PROVIDER_FAILED; done again later, it goes on where it stopped.
    """
    state, gone = store.database.directory, None
    with store.database.write():
        found = description.read(state)
        if found.next is not None:
            if root_named(store.database).hex() == found.opens:
                found = Description(found.next, old=found.current)
            else:
                found = Description(found.current, old=found.next)
            description.write(state, found)
        if found.old is not None:
            gone = described(state, found.old).forget()
            description.write(state, Description(found.current))
    return gone


def again(database: StoreDatabase, fits: Fits) -> bytes:
    """The root key of a store that is open, after another process has changed its provider.

    Raises:
        Fault: KEY_WRONG; what the provider raises: a passphrase cannot be asked for here.
    """
    root = chosen(of(database.directory), root_named(database)).read()
    if not fits(root):
        raise Fault(FaultCode.KEY_WRONG)
    return root
