"""The `file` provider: a root key that lies beside what it protects; refuses one that others could read."""

import logging
import os
import re
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.files import reason, refused, write_secret
from kiosk.store.roots.contract import SecurityLevel
from kiosk.store.roots.description import Fields, Shape, checked, invalid
from wire.sealed import KEY_SIZE

KIND: Final = "file"
_SHAPE: Final[Shape] = {"file": str}
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_log = logging.getLogger("ambang.store")


class FileRootKey:
    """The `file` provider: 32 raw bytes in a file of mode 0400. For the demo: who takes the card has the store."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def fresh(cls, state: Path) -> "FileRootKey":
        """A provider with a file that is not there yet: `root.key`, or beside one that is, `root-....key`."""
        first = state / "root.key"
        return cls(state / f"root-{secrets.token_hex(4)}.key" if os.path.lexists(first) else first)

    @classmethod
    def described(cls, state: Path, fields: Fields) -> "FileRootKey":
        """The provider that root.json describes. Raises Fault CONFIG_INVALID."""
        name = checked(fields, _SHAPE)["file"]
        if not _NAME.fullmatch(name):
            raise invalid("name of the key file")
        return cls(state / name)

    @property
    def security_level(self) -> SecurityLevel:
        """WEAK: the key lies beside what it protects."""
        return SecurityLevel.WEAK

    def describe(self) -> Mapping[str, str]:
        """The name of the file, beneath the directory of the store."""
        return {"provider": KIND, "file": self.path.name}

    def obtain(self) -> bytes:
        """Make the file unless it is there; durable before it is used."""
        if not os.path.lexists(self.path):
            write_secret(self.path, secrets.token_bytes(KEY_SIZE))
        return self.read()

    def read(self) -> bytes:
        """Read the file; a link, a wrong size or a mode beyond 0400 is refused."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            raise Fault(FaultCode.KEY_MISSING, self.path.name) from None
        except OSError as error:
            raise Fault(FaultCode.KEY_UNREADABLE, f"{self.path.name}: {reason(error)}") from error
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or stat.S_IMODE(found.st_mode) & 0o377:
                raise Fault(FaultCode.KEY_UNREADABLE, f"{self.path.name}: mode {stat.S_IMODE(found.st_mode):04o}")
            key = os.read(descriptor, KEY_SIZE + 1)
        except OSError as error:
            raise Fault(FaultCode.KEY_UNREADABLE, f"{self.path.name}: {reason(error)}") from error
        finally:
            os.close(descriptor)
        if len(key) != KEY_SIZE:
            raise Fault(FaultCode.KEY_UNREADABLE, f"{self.path.name}: not {KEY_SIZE} bytes")
        _log.warning("root key in a plain file: whoever takes this disk can open the store (security level weak)")
        return key

    def forget(self) -> bool:
        """Delete the file, and what a crash has left of it; whoever copied it can still open old copies of the store.

        Raises:
            Fault: DISK_FAILED.
        """
        try:
            for path in (*self.path.parent.glob(f".{self.path.name}-*"), self.path):
                path.unlink(missing_ok=True)
        except OSError as error:
            raise refused(self.path, error) from error
        return False
