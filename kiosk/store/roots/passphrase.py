"""The `passphrase` provider: Argon2id of what somebody types at each start; refuses a short one and a wrong one."""

import os
import secrets
import time
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.roots.contract import SecurityLevel
from kiosk.store.roots.description import Fields, Shape, checked, invalid
from kiosk.store.vault import Cost, derive, equal, stretch

KIND: Final = "passphrase"
# NIST SP 800-63B-4, 3.1.1.2: a password that stands alone has at least 15 characters.
LEAST: Final = 15
_MOST: Final = 1024
_SALT_SIZE: Final = 16
_CHECK_SIZE: Final = 16
_CHECK: Final = "ambang/root-check/v1"
_SHAPE: Final[Shape] = {"salt": str, "check": str, "memory_kib": int, "passes": int, "lanes": int}
_MIB: Final = 1024
_LANES: Final = 4
_AIM_S: Final = 1.0
_PASSES: Final = range(3, 65)
_MEMORY_KIB: Final = range(8 * _LANES, 4 * 1024 * _MIB + 1)


class PassphraseRootKey:
    """The `passphrase` provider: no key lies anywhere; a short value tells whether the phrase is the right one.

    The phrase is asked for once in the life of this object.

    Args:
        salt: 16 random bytes.
        cost: what one guess costs.
        check: 16 bytes derived from the key; b"" for a new phrase.
        ask: returns what somebody types; None where nobody can.
    """

    def __init__(self, salt: bytes, cost: Cost, check: bytes, ask: Callable[[], str] | None) -> None:
        self._salt = salt
        self._cost = cost
        self._check = check
        self._ask = ask
        self._key = b""

    @classmethod
    def fresh(cls, ask: Callable[[], str] | None, cost: Cost | None = None) -> "PassphraseRootKey":
        """A provider for a phrase that is to be chosen, at a cost measured here and now."""
        return cls(secrets.token_bytes(_SALT_SIZE), cost or calibrated(), b"", ask)

    @classmethod
    def described(cls, fields: Fields, ask: Callable[[], str] | None) -> "PassphraseRootKey":
        """The provider that root.json describes. Raises Fault CONFIG_INVALID."""
        found = checked(fields, _SHAPE)
        try:
            salt, check = bytes.fromhex(found["salt"]), bytes.fromhex(found["check"])
        except ValueError:
            raise invalid("salt or check") from None
        cost = Cost(found["memory_kib"], found["passes"], found["lanes"])
        fits = (len(salt) == _SALT_SIZE, len(check) == _CHECK_SIZE, cost.memory_kib in _MEMORY_KIB)
        if not all(fits) or cost.passes not in range(1, _PASSES.stop) or cost.lanes not in range(1, _LANES + 1):
            raise invalid("salt, check or cost")
        return cls(salt, cost, check, ask)

    @property
    def security_level(self) -> SecurityLevel:
        """PASSPHRASE: as strong as the phrase."""
        return SecurityLevel.PASSPHRASE

    def describe(self) -> Mapping[str, str | int]:
        """Salt, costs and check value; for a new phrase after `obtain`."""
        return {
            "provider": KIND,
            "salt": self._salt.hex(),
            "check": self._check.hex(),
            "memory_kib": self._cost.memory_kib,
            "passes": self._cost.passes,
            "lanes": self._cost.lanes,
        }

    def obtain(self) -> bytes:
        """Ask for a new phrase, unless there is one.

        Raises:
            Fault: PASSWORD_UNFIT: fewer than 15 characters; KEY_MISSING: nobody can be asked.
        """
        if self._check:
            return self.read()
        phrase = self._typed()
        if not LEAST <= len(phrase) <= _MOST:
            raise Fault(FaultCode.PASSWORD_UNFIT, f"{LEAST} to {_MOST} characters")
        self._key = self._stretched(phrase)
        self._check = check_of(self._key)
        return self._key

    def read(self) -> bytes:
        """Ask for the phrase. Raises Fault PASSPHRASE_WRONG; KEY_MISSING: nobody can be asked, or nothing was typed."""
        if not self._key:
            key = self._stretched(self._typed())
            if not equal(check_of(key), self._check):
                raise Fault(FaultCode.PASSPHRASE_WRONG)
            self._key = key
        return self._key

    def forget(self) -> bool:
        """Nothing: whoever knows the old phrase can still open old copies of the store."""
        return False

    def _typed(self) -> str:
        phrase = "" if self._ask is None else self._ask()
        if not phrase:
            raise Fault(FaultCode.KEY_MISSING, "no passphrase was typed")
        return phrase

    def _stretched(self, phrase: str) -> bytes:
        return stretch(unicodedata.normalize("NFKC", phrase), self._salt, b"", self._cost)


def check_of(key: bytes) -> bytes:
    """The 16 bytes by which a wrong phrase is told from a wrong store; they cost a guesser what the store costs him."""
    return derive(key, salt=b"", info=_CHECK)[:_CHECK_SIZE]


def calibrated() -> Cost:
    """About a second here: a sixteenth of the memory, 64 to 256 MiB, and passes by measurement, at least 3."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024
    chosen = Cost(min(256 * _MIB, max(64 * _MIB, memory // 16)), 1, _LANES)
    began = time.perf_counter()
    stretch("", bytes(_SALT_SIZE), b"", chosen)
    return Cost(chosen.memory_kib, passes(time.perf_counter() - began), _LANES)


def passes(one_s: float) -> int:
    """How many passes take a second, if one takes `one_s` seconds; 3 to 64."""
    return min(_PASSES.stop - 1, max(_PASSES.start, round(_AIM_S / one_s)))
