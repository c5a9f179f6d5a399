"""`kiosk privacy`: what the law owes a person, from a shell; refuses to skip a proof."""

import argparse
import functools
import importlib
from typing import Final

# As in `kiosk store`.
FAMILIES: Final = (
    "privacy_erase",
    "privacy_certificate",
    "privacy_access",
    "privacy_accuracy",
    "privacy_announcements",
    "privacy_approve",
    "privacy_assessment",
    "privacy_basis",
    "privacy_breach",
    "privacy_consents",
    "privacy_controller",
    "privacy_correct",
    "privacy_evidence",
    "privacy_exports",
    "privacy_held",
    "privacy_media",
    "privacy_notice",
    "privacy_object",
    "privacy_recipients",
    "privacy_register",
    "privacy_report",
    "privacy_requests",
    "privacy_restrict",
    "privacy_retention",
    "privacy_review",
    "privacy_rights",
    "privacy_training",
)


def main(argv: list[str]) -> int:
    """`kiosk privacy VERB ...`: returns 0 when all is well, 1 when a check failed. Raises Fault."""
    given = _parser().parse_args(argv)
    code: int = given.do(given)
    return code


@functools.cache
def _parser() -> argparse.ArgumentParser:
    """The words of every family; a tenth of a second to make, so once in a process."""
    parser = argparse.ArgumentParser(prog="kiosk privacy", description="What the law owes a person, and its proof.")
    acts = parser.add_subparsers(required=True, metavar="VERB")
    for family in FAMILIES:
        importlib.import_module(f"kiosk.cli.{family}").add(acts)
    return parser
