"""Numbers that only grow: the version of the roster, the last message; refuses to hold anything else."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kiosk.store.database import StoreDatabase

ROSTER_VERSION: Final = "roster/version"
POLICY_VERSION: Final = "policy/version"
MESSAGE_NUMBER: Final = "message/number"
REMOVED: Final = "roster/removed"
REMOVED_SINCE: Final = "roster/removed_since"
INBOX: Final = "message/inbox"
INBOX_DIGEST: Final = "message/inbox_digest"


def mark(database: "StoreDatabase", name: str) -> int:
    """The number under a name; 0 before the first."""
    row = database.row("SELECT value FROM watermarks WHERE name = ?", name)
    return 0 if row is None else int(row[0])


def set_mark(database: "StoreDatabase", name: str, value: int) -> None:
    """Keep a number, inside the current transaction."""
    database.run("INSERT OR REPLACE INTO watermarks (name, value) VALUES (?, ?)", name, value)
