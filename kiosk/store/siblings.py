"""Whose slips and badges are believed here: this device's own, and those of siblings; refuses a revoked key."""

from typing import TYPE_CHECKING

from kiosk.store import told
from wire.message import Sibling, Trust
from wire.signing import key_id

if TYPE_CHECKING:
    from kiosk.store import Store


def issuers(store: "Store") -> dict[bytes, bytes]:
    """4-byte key id to 32-byte public key, as `wire.slip.read` and `wire.badge.read` want them."""
    trusted = [bytes.fromhex(each.public) for each in told.every(store, Sibling) if each.trust is Trust.TRUSTED]
    return {key_id(public): public for public in (*trusted, store.device_public)}
