"""Writes down in the ledger that the configuration was changed, and which sections; refuses to keep their content."""

import dataclasses
from typing import TYPE_CHECKING, Final

from kiosk.config import Config
from kiosk.store.acts import LocalKind
from kiosk.store.vault import digest

if TYPE_CHECKING:
    from kiosk.store import Store

_NAME: Final = "config/"
_BY: Final = "kiosk.toml"


def notice(store: "Store", config: Config) -> None:
    """Compare each section of kiosk.toml with what this store was opened with before; nothing is said the first time.

    Raises:
        Fault: as any writing to the store.
    """
    now = {field.name: digest(repr(getattr(config, field.name)).encode()).hex() for field in dataclasses.fields(config)}
    rows = store.database.rows("SELECT name, value FROM settings WHERE name LIKE ?", f"{_NAME}%")
    known = {name.removeprefix(_NAME): value for name, value in rows}
    changed = sorted(name for name, value in now.items() if known.get(name) != value)
    if not changed:
        return
    with store.database.write():
        for name in changed:
            store.database.run(
                "INSERT INTO settings (name, value, changed_at, changed_by) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name)"
                " DO UPDATE SET value = ?2, changed_at = ?3, changed_by = ?4, row_version = row_version + 1",
                *(f"{_NAME}{name}", now[name], store.now_ms(), _BY),
            )
        if known:
            store.append_local(LocalKind.CONFIGURED, {"sections": ",".join(changed)})
