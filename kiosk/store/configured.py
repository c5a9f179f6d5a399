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
    known, now = _known(store), _digests(config)
    changed = sorted(name for name, value in now.items() if known.get(name) != value)
    if not changed:
        return
    with store.database.write():
        _keep(store, {name: now[name] for name in changed})
        if known:
            store.append_local(LocalKind.CONFIGURED, {"sections": ",".join(changed)})


def take(store: "Store", config: Config) -> None:
    """What was changed on the screen is written down already: `notice` has nothing to say of it. Inside a `write`."""
    known = _known(store)
    _keep(store, {name: value for name, value in _digests(config).items() if known.get(name, value) != value})


def _digests(config: Config) -> dict[str, str]:
    return {
        field.name: digest(repr(getattr(config, field.name)).encode()).hex() for field in dataclasses.fields(config)
    }


def _known(store: "Store") -> dict[str, str]:
    rows = store.database.rows("SELECT name, value FROM settings WHERE name LIKE ?", f"{_NAME}%")
    return {str(name).removeprefix(_NAME): str(value) for name, value in rows}


def _keep(store: "Store", digests: dict[str, str]) -> None:
    for name, value in digests.items():
        store.database.run(
            "INSERT INTO settings (name, value, changed_at, changed_by) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name)"
            " DO UPDATE SET value = ?2, changed_at = ?3, changed_by = ?4, row_version = row_version + 1",
            *(f"{_NAME}{name}", value, store.now_ms(), _BY),
        )
