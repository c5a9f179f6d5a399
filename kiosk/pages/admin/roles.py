"""Which roles do what with people; refuses to give a screen more than its command has."""

from typing import Final

from kiosk.rights import human_review
from kiosk.rights.acting import DESK, OFFICER
from kiosk.rights.training import ENROLS
from kiosk.store.approval import Role

ADDS: Final = ENROLS
"""Add a person, give a PIN."""
DECIDES: Final = DESK
"""Restrict, erase."""
LIFTS: Final = OFFICER
"""Lift a restriction."""
MANAGES: Final = frozenset({Role.ADMIN})
"""Say yes or no to a roster."""
REVIEWS: Final = human_review.REVIEWERS
"""Decide about what was claimed or disputed."""
READS: Final = REVIEWS | {Role.AUDITOR}
"""See what waits for a decision."""
WATCHES: Final = frozenset({Role.ADMIN, Role.SUPERVISOR})
"""See who came today."""
SEES: Final = ADDS | DECIDES
"""See who may use the door."""
