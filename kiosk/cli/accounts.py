"""`kiosk accounts`: who may administer this device; refuses a password on the command line."""

from typing import Final

from kiosk.cli import families

FAMILIES: Final = {
    "accounts_begin": ("first-code", "add"),
    "accounts_keep": ("list", "password", "unlock", "remove"),
}


def main(argv: list[str]) -> int:
    """`kiosk accounts VERB ...`. Returns and raises as `families.run`."""
    return families.run("accounts", "Who may administer this device.", FAMILIES, argv)
