"""What every part of the store stands on; refuses to hold anything of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.clock import Reading
from kiosk.store.database import StoreDatabase
from kiosk.store.keys import KeyRing
from kiosk.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Foundation:
    """The database, the vault that seals, the keys, and the clocks of one open store."""

    database: StoreDatabase
    vault: Vault
    keys: KeyRing
    clock: Callable[[], Reading]

    def now_ms(self) -> int:
        """Wall clock, ms UTC."""
        return self.clock().wall_ms

    def boot_id(self) -> str:
        """The UUID of this boot."""
        return self.clock().clock.boot_id
