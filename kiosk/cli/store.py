"""`kiosk store`: what the device keeps, seen by a technician; refuses to show a name."""

from typing import Final

from kiosk.cli import families

FAMILIES: Final = {
    "store_keys": ("create", "rotate", "provider", "device-key"),
    "store_check": ("check",),
    "store_renew": ("renew-templates",),
    "store_ledger": ("verify-ledger", "export-ledger"),
    "store_stats": ("stats",),
    "store_accept": ("accept",),
    "store_aside": ("set-aside",),
    "store_backup": ("backup", "restore"),
}


def main(argv: list[str]) -> int:
    """`kiosk store VERB ...`. Returns and raises as `families.run`."""
    return families.run("store", "What this device keeps, and how safe it is.", FAMILIES, argv)
