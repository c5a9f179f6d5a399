"""Rows that must not be without each other; refuses to open, to mend or to guess."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kiosk.store.database import StoreDatabase

_BIOMETRIC: Final = "(SELECT person FROM keys WHERE kind = 'biometric')"
_ACTIVE: Final = "(SELECT person FROM bases WHERE state = 'active')"
# What stands in a sound store is the number 0 for each.
_CONTRADICTIONS: Final = {
    "faces_without_template": "faces WHERE template NOT IN (SELECT id FROM templates.template)",
    "templates_without_face": "templates.template WHERE id NOT IN (SELECT template FROM faces)",
    "faces_without_key": f"faces WHERE person NOT IN {_BIOMETRIC}",
    "faces_without_consent": "faces f JOIN bases b ON b.id = f.basis WHERE b.state <> 'active' OR b.person <> f.person",
    "face_keys_without_consent": f"keys WHERE kind = 'biometric' AND person NOT IN {_ACTIVE}",
    "face_keys_without_face": "keys WHERE kind = 'biometric' AND person NOT IN (SELECT person FROM faces)"
    " AND person NOT IN (SELECT person FROM quarantine WHERE place = 'template')",
    "people_without_key": "people WHERE id NOT IN (SELECT person FROM keys WHERE kind = 'profile')",
    "keys_without_person": "keys WHERE kind IN ('profile', 'biometric') AND person NOT IN (SELECT id FROM people)",
    "accounts_without_key": "accounts WHERE role <> 'employee' AND id NOT IN"
    " (SELECT person FROM keys WHERE kind = 'account')",
    "account_keys_without_account": "keys WHERE kind = 'account' AND person NOT IN (SELECT id FROM accounts)",
    "undelivered_without_body": "undelivered WHERE seq NOT IN (SELECT seq FROM bodies WHERE audience = 1)",
    "store_keys_without_rotation": "keys WHERE kind = 'store' AND epoch < (SELECT store_key_epoch FROM store)"
    " AND NOT EXISTS (SELECT 1 FROM intents WHERE kind = 'rotate_keys' AND done = 0)",
}


def contradictions(database: "StoreDatabase") -> dict[str, int]:
    """How often each rule is broken, without those that hold. Raises Fault as for any reading of the store."""
    found = {}
    with database.read():
        for name, rows in _CONTRADICTIONS.items():
            (count,) = database.row(f"SELECT count(*) FROM {rows}") or (0,)  # noqa: S608 - our own text
            if count:
                found[name] = int(count)
    return found
