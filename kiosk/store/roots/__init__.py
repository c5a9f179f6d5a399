"""Which provider holds this store's root key; refuses to guess: a small file beside the store says it."""

import json
from pathlib import Path
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.roots.contract import RootKey, SecurityLevel
from kiosk.store.roots.file import FileRootKey

__all__ = ["DESCRIPTION", "FileRootKey", "RootKey", "SecurityLevel", "of"]

DESCRIPTION: Final = "root.json"


def of(state: Path) -> RootKey:
    """The provider that `root.json` in `state` names; without that file, the `file` provider with `root.key`.

    Raises:
        Fault: CONFIG_INVALID: the file is no description of a provider.
    """
    try:
        text = (state / DESCRIPTION).read_text(encoding="utf-8")
    except FileNotFoundError:
        return FileRootKey(state / "root.key")
    try:
        described = json.loads(text)
        if described["provider"] == "file":
            return FileRootKey(state / str(described["file"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Fault(FaultCode.CONFIG_INVALID, DESCRIPTION) from error
    raise Fault(FaultCode.CONFIG_INVALID, f"{DESCRIPTION}: no such provider")
