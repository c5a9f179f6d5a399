"""Which provider holds this store's root key; refuses to guess: a small file beside the store says it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.roots import credential, description, file, passphrase, pi_otp, tpm2
from kiosk.store.roots.contract import RootKey, SecurityLevel
from kiosk.store.roots.credential import CredentialRootKey
from kiosk.store.roots.description import Description, Fields
from kiosk.store.roots.either import Either, chosen
from kiosk.store.roots.file import FileRootKey
from kiosk.store.roots.passphrase import PassphraseRootKey
from kiosk.store.roots.pi_otp import PiOtpRootKey
from kiosk.store.roots.tpm2 import Tpm2RootKey

__all__ = [
    "DESCRIPTION",
    "Ask",
    "CredentialRootKey",
    "Either",
    "FileRootKey",
    "PassphraseRootKey",
    "PiOtpRootKey",
    "RootKey",
    "SecurityLevel",
    "Tpm2RootKey",
    "chosen",
    "described",
    "keep",
    "of",
]

DESCRIPTION: Final = description.FILE
# Returns the passphrase that somebody types.
Ask = Callable[[], str]
_PROVIDERS: Final[Mapping[str, Callable[[Path, Fields, Ask | None], RootKey]]] = {
    file.KIND: lambda state, fields, _: FileRootKey.described(state, fields),
    credential.KIND: lambda _, fields, __: CredentialRootKey.described(fields),
    passphrase.KIND: lambda _, fields, ask: PassphraseRootKey.described(fields, ask),
    tpm2.KIND: lambda state, fields, _: Tpm2RootKey.described(state, fields),
    pi_otp.KIND: lambda _, fields, __: PiOtpRootKey.described(fields),
}


def of(state: Path, *, ask: Ask | None = None) -> RootKey:
    """The provider that `root.json` in `state` names; without that file, the `file` provider with `root.key`.

    Args:
        state: the directory of the store.
        ask: returns what somebody types; None where nobody can, and a passphrase is then missing.

    Returns:
        The provider; during a change of it both, and the store that is opened tells which (`chosen`).

    Raises:
        Fault: CONFIG_INVALID: the file is no description of a provider.
    """
    found = description.read(state)
    current = described(state, found.current, ask)
    if found.next is None:
        return current
    return Either(current, described(state, found.next, ask), bytes.fromhex(found.opens))


def described(state: Path, fields: Fields, ask: Ask | None = None) -> RootKey:
    """The provider with these fields. Raises Fault CONFIG_INVALID."""
    make = _PROVIDERS.get(str(fields["provider"]))
    if make is None:
        raise Fault(FaultCode.CONFIG_INVALID, f"{DESCRIPTION}: no such provider")
    return make(state, fields, ask)


def keep(state: Path, provider: RootKey) -> None:
    """Write down the provider of a store that is being made or restored, after its secret and before the store.

    Raises:
        Fault: DISK_FULL, DISK_FAILED.
    """
    description.write(state, Description(provider.describe()))
