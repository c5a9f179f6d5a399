"""Today and what waits for a human, posed with made-up people; refuses anybody who exists."""

from typing import Final

from kiosk.pages.admin import claimed, review
from kiosk.pages.admin.claimed import Claimed, OneClaim
from kiosk.pages.admin.reasons import Reason
from kiosk.pages.admin.review import OneReview, Review
from kiosk.pages.admin.today import Record, Today
from kiosk.pages.page import Official, Stay
from kiosk.pages.posed import ANI, Posed
from kiosk.rights.claims import Claim
from kiosk.rights.human_review import Pending, Why
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.standing import Standing
from wire.event import Action, CheckIn, Clock, ClockState, Method

_AUDITOR: Final = Official(LoggedIn("0103", Role.AUDITOR, must_change=False), "Rina Kartika")
_MS: Final = 1_785_718_680_000
_CLOCK: Final = Clock("Asia/Jakarta", 1_000_000, "7d4f3c1e-5b2a-4c6d-8e9f-0a1b2c3d4e5f", ClockState.SYNCED, 1)
_MINUTE: Final = 60_000
_DAY: Final = (
    Record("1", "Siti Rahmawati", _MS, Action.IN, "face", ""),
    Record("2", "Muhammadinejad Wicaksono", _MS - 4 * _MINUTE, Action.OVERTIME_START, "claimed", "claimed"),
    Record("3", "Agus Salim", _MS - 9 * _MINUTE, Action.IN, "pin", "disputed"),
    Record("4", "Dewi Anggraini", _MS - 12 * _MINUTE, Action.TRIP_LEAVE, "badge", ""),
    Record("5", "Wayan Sudarsana", _MS - 30 * _MINUTE, Action.IN, "human", "decided"),
)
_CLAIMS: Final = (
    claimed.Shown(
        Claim("aa", "4", "e", Action.IN, _MS, "Kamera tidak mengenali saya: pakai helm", "cafe0001"),
        "Siti Rahmawati, KTR-2044",
        known=True,
    ),
    claimed.Shown(
        Claim("bb", "", "", Action.OUT, _MS - 99 * _MINUTE, "Saya baru di sini", "cafe0001", "KTR-9999"),
        "KTR-9999",
        known=False,
    ),
)


def _waits(why: Why) -> review.Shown:
    event = CheckIn("019a8a00-0000-7000-8000-000000000001", "KTR-2014", Action.IN, _MS, _CLOCK, Method.FACE, "Lobby")
    standing = Standing(event, Action.IN, _MS, None, None, moved=False)
    return review.Shown(Pending("1", standing, why), "Agus Salim, KTR-2014")


def poses() -> tuple[Posed, ...]:
    """Each page, and each of its faces that looks different."""
    disputed = _waits(Why.DISPUTED)
    return (
        Posed("admin-today", Today(_DAY, 212, 2, names=True), ANI),
        Posed("admin-today-auditor", Today((), 0, 0, names=False), _AUDITOR),
        Posed("admin-claims", Claimed(_CLAIMS), ANI),
        Posed("admin-claims-none", Claimed(()), ANI),
        Posed("admin-claim", OneClaim(_CLAIMS[0]), ANI),
        Posed("admin-claim-unknown", OneClaim(_CLAIMS[1]), ANI),
        Posed("admin-reviews", Review((disputed,), review.DAYS), ANI),
        Posed("admin-reviews-none", Review((), review.FURTHER), ANI),
        Posed("admin-review", OneReview(disputed, review.DAYS), ANI),
        Posed("admin-reason", Reason("admin.review.annul_title", lambda _desk, _why: Stay()), ANI, typed="Bukan "),
    )
