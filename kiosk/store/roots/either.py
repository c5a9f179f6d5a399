"""The two providers of a change that a crash may have left open; refuses to guess which one: the store tells."""

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.store.roots.contract import RootKey, SecurityLevel


@dataclass(frozen=True, slots=True)
class Either:
    """The provider in use and the one that a change has prepared; read by itself, it is the one in use.

    Attributes:
        current: what was in use when the change began.
        next: what the change has prepared.
        opens: 4 bytes: what `root_named` says of the store once `next` is in use.
    """

    current: RootKey
    next: RootKey
    opens: bytes

    def chosen(self, named: bytes) -> RootKey:
        """The one of the two that a store with this name (`root_named`) is under."""
        return self.next if named == self.opens else self.current

    @property
    def security_level(self) -> SecurityLevel:
        """That of the provider in use."""
        return self.current.security_level

    def describe(self) -> Mapping[str, str | int]:
        """The provider in use."""
        return self.current.describe()

    def obtain(self) -> bytes:
        """The key of the provider in use."""
        return self.current.obtain()

    def read(self) -> bytes:
        """The key of the provider in use."""
        return self.current.read()

    def forget(self) -> bool:
        """Destroy the secret of the provider in use."""
        return self.current.forget()


def chosen(provider: RootKey, named: bytes) -> RootKey:
    """The provider that opens a store with this name; any but an `Either` is its own."""
    return provider.chosen(named) if isinstance(provider, Either) else provider
