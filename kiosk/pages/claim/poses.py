"""The pages of a claim, posed with a code that nobody has; refuses anybody who exists."""

from kiosk.pages.claim.saying import Code, Later, Sure, Which, Why, Words, Written
from kiosk.pages.posed import Posed
from kiosk.rights.claiming import Wanted
from kiosk.rights.claims import Cause
from wire.event import Action

MORNING = 1_785_718_680_000  # 2026-08-03 07:58 in Jakarta
CODE = "KTR-2017"


def poses() -> tuple[Posed, ...]:
    """Each page once, and the question with and without own words."""
    wanted = Wanted(CODE, Action.OVERTIME_START, Cause.BADGE)
    noted = Wanted(CODE, Action.IN, Cause.OTHER, "Tadi pakai helm dan sarung tangan, kamera tidak mengenali saya")
    return (
        Posed("claim-code", Code(), typed="KTR-20"),
        Posed("claim-which", Which(CODE, tuple(Action))),
        Posed("claim-why", Why(CODE, Action.IN)),
        Posed("claim-words", Words(wanted), typed="Kartu ada di rumah"),
        Posed("claim-sure", Sure(wanted)),
        Posed("claim-sure-words", Sure(noted)),
        Posed("claim-written", Written(Action.OVERTIME_START, MORNING)),
        Posed("claim-later", Later(900)),
    )
