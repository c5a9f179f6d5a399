"""Why personal data is processed, and on what ground: the two closed lists (policy E2, E4.1, E5)."""

from enum import StrEnum
from typing import Final


class Purpose(StrEnum):
    """Every purpose there may be; what is not here is not done."""

    ATTENDANCE = "attendance"  # who came and went when, for pay
    FACE_RECOGNITION = "face_recognition"  # knowing the person by their face
    BUSINESS_TRIPS = "business_trips"
    SECURITY = "security"  # premises, equipment, fraud
    OPERATION = "operation"  # the device itself
    PROOF = "proof"  # that all of this was lawful
    TESTING = "testing"  # calibration, budget and the liveness test, on pictures made for it
    ANNOUNCEMENTS = "announcements"  # short notices of the employer on the first screen
    MARKETING = "marketing"  # greetings and invitations count as such; off unless the person wants them
    CONDUCT = "conduct"  # watching over rules of conduct; off


class LegalBasis(StrEnum):
    """GDPR Article 6(1)(a) to (f); UU PDP 27/2022 Article 20(2) has the same six."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"


class FaceCondition(StrEnum):
    """On what a face may be processed: GDPR Article 9(2), as far as a workplace can have it."""

    EXPLICIT_CONSENT = "explicit_consent"  # (a)
    EMPLOYMENT_LAW = "employment_law"  # (b), with the law that is cited
    SUBSTANTIAL_PUBLIC_INTEREST = "substantial_public_interest"  # (g), with the law that is cited


DEFAULT_BASIS: Final[dict[Purpose, LegalBasis]] = {
    Purpose.ATTENDANCE: LegalBasis.CONTRACT,
    Purpose.FACE_RECOGNITION: LegalBasis.CONSENT,
    Purpose.BUSINESS_TRIPS: LegalBasis.CONTRACT,
    Purpose.SECURITY: LegalBasis.LEGITIMATE_INTERESTS,
    Purpose.OPERATION: LegalBasis.LEGITIMATE_INTERESTS,
    Purpose.PROOF: LegalBasis.LEGAL_OBLIGATION,
    Purpose.TESTING: LegalBasis.CONSENT,
    Purpose.ANNOUNCEMENTS: LegalBasis.LEGITIMATE_INTERESTS,
    Purpose.MARKETING: LegalBasis.CONSENT,
}
"""Unless privacy.toml says otherwise; conduct has none and stays off until it is given one."""
ALWAYS: Final = frozenset({Purpose.ATTENDANCE, Purpose.OPERATION, Purpose.PROOF, Purpose.SECURITY})
"""Without these there is no time clock."""
