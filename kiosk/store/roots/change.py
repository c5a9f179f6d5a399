"""Puts a store under another root key; refuses every order of steps in which a crash could leave it under none.

1. The secret of the new provider is durable, and reads back. A power cut here leaves a key that nobody uses.
2. root.json names it as the next one, durable.
3. One transaction: a new store key under the new root key, the old one beneath it, and a rotation that is open.
4. root.json names the new provider as the one in use, and the old one as still to be forgotten.
5. The old secret is destroyed, as far as its provider can, and root.json forgets it.

Steps 2 to 5 stand under the store's write lock. Between any two of them the store itself tells which root key opens it.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.faults import Fault, FaultCode
from kiosk.store import rotate
from kiosk.store.acts import LocalKind
from kiosk.store.intents import IntentKind
from kiosk.store.roots import description
from kiosk.store.roots.contract import RootKey
from kiosk.store.roots.description import Description
from kiosk.store.roots.settling import settle
from kiosk.store.rotate import Rotated, Step
from kiosk.store.store_key import root_named

if TYPE_CHECKING:
    from kiosk.store import Store
    from kiosk.store.intents import Intent


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change of provider has done.

    Attributes:
        rotated: the rotation of the store key that belongs to it.
        destroyed: whether the old secret is gone for good; else old copies of the store open with a copy of it.
    """

    rotated: Rotated
    destroyed: bool


def change(store: "Store", provider: RootKey, *, step: Step | None = None) -> Changed:
    """Put the store under the key of `provider`, with a new store key, and destroy the old root key's secret.

    Args:
        store: any rotation that is open there is finished first.
        provider: with a secret of its own, made here or there already.
        step: told how far the rotation is.

    Raises:
        Fault: CONFIG_INVALID: this key is in use already; what the provider raises; DISK_FULL, DISK_FAILED, STORE_BUSY.
            Before step 3 nothing has changed then; after it the new provider is in use, and the rest is done when open
            acts are resumed.
    """
    if (unfinished := store.intents.find(IntentKind.ROTATE_KEYS)) is not None:
        rotate.finish(store, unfinished)
    try:
        intent = _put_under(store, provider)
    except BaseException:
        _withdraw(store, provider)
        raise
    destroyed = settle(store) is True
    store.security_level = provider.security_level
    return Changed(rotate.finish(store, intent, step=step), destroyed)


def _put_under(store: "Store", provider: RootKey) -> "Intent":
    root = provider.obtain()
    if store.keys.store_keys.fits(root):
        raise Fault(FaultCode.CONFIG_INVALID, "this root key is in use already")
    if provider.read() != root:
        raise Fault(FaultCode.PROVIDER_FAILED, "the new key does not read back")
    state = store.database.directory
    with store.database.write():
        settle(store)
        current = description.read(state).current
        intent = rotate.begin(store, root)
        description.write(state, Description(current, provider.describe(), root_named(store.database).hex()))
        store.append_local(
            LocalKind.PROVIDER_CHANGED,
            {"from": str(current["provider"]), "to": str(provider.describe()["provider"])},
        )
    return intent


def _withdraw(store: "Store", provider: RootKey) -> None:
    """After a failure: keep no secret that nobody needs, unless the store turns out to be under it."""
    with suppress(Fault):
        settle(store)
        if dict(description.read(store.database.directory).current) != dict(provider.describe()):
            provider.forget()
