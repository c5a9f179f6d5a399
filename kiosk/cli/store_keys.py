"""`kiosk store create | rotate | provider | device-key`: the store's keys; refuses a passphrase on the command line."""

import argparse
import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from kiosk import clock
from kiosk.cli import opening
from kiosk.config import Config
from kiosk.faults import Fault, FaultCode
from kiosk.store import RootKey, SecurityLevel, Store, roots, rotate
from kiosk.store.database import RECORDS_FILE, TEMPLATES_FILE
from kiosk.store.files import replace_file
from kiosk.store.intents import IntentKind
from kiosk.store.roots import (
    CredentialRootKey,
    FileRootKey,
    PassphraseRootKey,
    PiOtpRootKey,
    Tpm2RootKey,
    credential,
    pi_otp,
    tpm2,
)
from kiosk.store.roots.change import change

_FRESH: Final[Mapping[str, Callable[[Path, argparse.Namespace], RootKey]]] = {
    "file": lambda state, _: FileRootKey.fresh(state),
    "credential": lambda _, given: CredentialRootKey(given.credential, given.sealed),
    "passphrase": lambda _, __: PassphraseRootKey.fresh(opening.new_phrase),
    "tpm2": lambda state, given: Tpm2RootKey.fresh(state, given.device),
    "pi-otp": lambda _, given: PiOtpRootKey.fresh(given.command, given.key_id),
}
_LEVELS: Final = {
    SecurityLevel.WEAK: "Security level weak: whoever takes this memory card can open the store.",
    SecurityLevel.PASSPHRASE: "Security level passphrase: whoever takes this memory card has to know or to guess the"
    " passphrase. After each start of the device somebody has to type it before anything is recorded.",
    SecurityLevel.HARDWARE: "Security level hardware: whoever takes the memory card alone cannot open the store;"
    " whoever takes the whole device, or is root on it, can.",
}


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    create = opening.options(acts.add_parser("create", help="make the store of a new device"))
    first_options(create)
    create.set_defaults(do=_create)
    renew = acts.add_parser("rotate", help="renew the key that wraps all others; the door goes on meanwhile")
    renew.add_argument("--older-than", type=int, metavar="DAYS", help="only if the key is that old: for a timer")
    opening.options(renew).set_defaults(do=_rotate)
    provider = opening.options(acts.add_parser("provider", help="put the store under another root key"))
    provider.add_argument("provider", choices=_FRESH, help="where the new root key comes from")
    _details(provider)
    provider.set_defaults(do=_provider)
    device = opening.options(acts.add_parser("device-key", help="the public key that checks what this device signs"))
    device.add_argument("--out", type=Path, metavar="FILE", help="write it there instead")
    device.set_defaults(do=_device_key)


def first_options(parser: argparse.ArgumentParser) -> None:
    """The options of a verb that makes the first root key of a device."""
    parser.add_argument("--key-provider", choices=_FRESH, help="where the root key comes from (default: file)")
    _details(parser)


def _details(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--credential", default=credential.NAME, metavar="NAME", help="credential: its name")
    parser.add_argument(
        "--sealed", default="", metavar="FILE", help="credential: the encrypted file that systemd decrypts it from"
    )
    parser.add_argument("--device", default=tpm2.DEVICE, metavar="TCTI", help="tpm2: which TPM")
    parser.add_argument("--command", default=pi_otp.COMMAND, metavar="PATH", help="pi-otp: rpi-fw-crypto")
    parser.add_argument("--key-id", type=int, default=pi_otp.KEY_ID, metavar="N", help="pi-otp: which key")


def _create(given: argparse.Namespace) -> int:
    config = opening.configured(given)
    if (config.state / RECORDS_FILE).exists() and not config.exchange_key.exists():
        return _exchange_key_alone(given, config)
    _fit_to_create(config)
    provider = first(config.state, given)
    config.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    provider.obtain()
    roots.keep(config.state, provider)
    read_clock = functools.partial(clock.read, config.device.zone)
    store = Store.create(config.state, provider=provider, clock=read_clock, places=config.anchors)
    try:
        store.write_exchange_key(config.exchange_key)
        found = {
            "device": store.device_id,
            "device_public": store.device_public.hex(),
            "provider": str(provider.describe()["provider"]),
            "security_level": store.security_level.value,
        }
    finally:
        store.close()
    sentences = f"The store of device {found['device']} is made. {_LEVELS[provider.security_level]}"
    opening.answer(given, found, sentences)
    return 0


def _exchange_key_alone(given: argparse.Namespace, config: Config) -> int:
    """End what a power cut left of a `create`: the store is there, the key it shares with sync is not."""
    with opening.opened(given) as store:
        store.write_exchange_key(config.exchange_key)
        found = {"device": store.device_id, "written": config.exchange_key.name}
    opening.answer(given, found, f"There is a store already; {config.exchange_key.name} was missing and is written.")
    return 0


def _fit_to_create(config: Config) -> None:
    """Look before a key is made and a passphrase asked for; what is made later refuses for itself."""
    for path in (config.state / RECORDS_FILE, config.state / TEMPLATES_FILE, config.exchange_key):
        if path.exists():
            raise Fault(FaultCode.STORE_EXISTS, path.name)


def first(state: Path, given: argparse.Namespace) -> RootKey:
    """The provider of a new store; a description that lies there already belongs to a key that somebody may need.

    Raises:
        Fault: CONFIG_INVALID: another provider is described there.
    """
    if not (state / roots.DESCRIPTION).exists():
        kind = given.key_provider or "file"
        return FileRootKey(state / "root.key") if kind == "file" else _FRESH[kind](state, given)
    provider = roots.of(state, ask=opening.phrase)
    there = str(provider.describe()["provider"])
    if given.key_provider not in (None, there):
        raise Fault(FaultCode.CONFIG_INVALID, f"{roots.DESCRIPTION} names the provider {there}; move it away first")
    return provider


def _rotate(given: argparse.Namespace) -> int:
    with opening.opened(given) as store, opening.steps("keys") as step:
        age, unfinished = rotate.age_days(store), store.intents.find(IntentKind.ROTATE_KEYS)
        if given.older_than is not None and age < given.older_than and unfinished is None:
            opening.answer(given, {"age_days": age}, f"The store key is {age} days old; nothing is done.")
            return 0
        rotated = rotate.rotate(store, step=step)
    opening.answer(given, _found(rotated), f"The store key is renewed. {_counted(rotated)}")
    return _code(rotated)


def _provider(given: argparse.Namespace) -> int:
    with opening.opened(given) as store, opening.steps("keys") as step:
        changed = change(store, _FRESH[given.provider](store.database.directory, given), step=step)
        level = store.security_level
    found = {
        "provider": given.provider,
        "security_level": level.value,
        "old_key_destroyed": changed.destroyed,
        **_found(changed.rotated),
    }
    old = (
        "The old root key is destroyed: a copy of the store from before this change does not open any more."
        if changed.destroyed
        else "A copy of the store from before this change still opens for whoever has the old root key."
    )
    sentences = f"The root key now comes from {given.provider}. {_LEVELS[level]}\n{old} {_counted(changed.rotated)}"
    opening.answer(given, found, sentences)
    return _code(changed.rotated)


def _device_key(given: argparse.Namespace) -> int:
    with opening.opened(given) as store:
        device, public = store.device_id, store.device_public.hex()
    if given.out is None:
        opening.answer(given, {"device": device, "device_public": public}, public)
        return 0
    replace_file(given.out, f"{public}\n".encode(), 0o644)
    opening.answer(given, {"device": device, "written": str(given.out)}, f"Written to {given.out}.")
    return 0


def _found(rotated: rotate.Rotated) -> dict[str, int]:
    return {
        "store_key_epoch": rotated.store_key_epoch,
        "kek_epoch": rotated.kek_epoch,
        "keys": rotated.keys,
        "damaged": rotated.damaged,
    }


def _counted(rotated: rotate.Rotated) -> str:
    counted = f"{rotated.keys} keys are wrapped anew, store key epoch {rotated.store_key_epoch}."
    if rotated.damaged:
        counted += f" {rotated.damaged} wrapped keys did not open and stay behind; see kiosk store check."
    return counted


def _code(rotated: rotate.Rotated) -> int:
    return 1 if rotated.damaged else 0
