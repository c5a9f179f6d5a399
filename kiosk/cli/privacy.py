"""`kiosk privacy`: what the law owes a person, from a shell; refuses to skip a proof."""

from typing import Final

from kiosk.cli import families

FAMILIES: Final = {
    "privacy_erase": ("erase", "status"),
    "privacy_certificate": ("verify-certificate", "certificate"),
    "privacy_access": ("access", "copy"),
    "privacy_accuracy": ("accuracy",),
    "privacy_announcements": ("announcements", "marketing"),
    "privacy_approve": ("approve", "contract"),
    "privacy_assessment": ("assessment",),
    "privacy_basis": ("purposes", "ground"),
    "privacy_breach": ("breach",),
    "privacy_consents": ("consents", "consent", "withdraw"),
    "privacy_controller": ("controller-change",),
    "privacy_correct": ("correct",),
    "privacy_evidence": ("evidence", "verify-evidence"),
    "privacy_exports": ("exports",),
    "privacy_held": ("held",),
    "privacy_media": ("media",),
    "privacy_notice": ("notice",),
    "privacy_object": ("object",),
    "privacy_recipients": ("recipients-told",),
    "privacy_register": ("register", "recipients", "data"),
    "privacy_report": ("review-report", "events"),
    "privacy_requests": ("requests",),
    "privacy_restrict": ("restrict",),
    "privacy_retention": ("retention",),
    "privacy_review": ("review",),
    "privacy_rights": ("rights", "form"),
    "privacy_training": ("training", "acknowledge", "staff"),
}


def main(argv: list[str]) -> int:
    """`kiosk privacy VERB ...`. Returns and raises as `families.run`."""
    return families.run("privacy", "What the law owes a person, and its proof.", FAMILIES, argv)
