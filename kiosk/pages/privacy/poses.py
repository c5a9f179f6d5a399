"""The pages of the privacy desk, posed with made-up people; refuses anybody who exists."""

from typing import Final

from kiosk.pages.page import Leave, Page
from kiosk.pages.posed import OFFICER, Posed
from kiosk.pages.privacy import (
    assessment,
    breach,
    breach_acts,
    breach_open,
    certificates,
    consents,
    contracts,
    corrections,
    erasing,
    keeping,
    media,
    objections,
    outside,
    records,
    request,
    request_acts,
    requests,
    restrictions,
    staff,
    trail,
)
from kiosk.pages.privacy.first import First
from kiosk.pages.privacy.poses_data import (
    ACTS,
    ASSESSED,
    BY,
    CASE,
    CONSENTS,
    CONTRACT,
    DRILL,
    ERASURE,
    EXPORT,
    GRANTED,
    MATTER,
    MEDIUM,
    MS,
    OBJECTION,
    OUTLOOK,
    PAPER,
    REQUESTS,
    RESTRICTION,
    STANDING,
    TELLING,
    ZONE,
)
from kiosk.pages.privacy.who import Confirmed, Known
from kiosk.rights.holds import Hold

_SITI: Final = Known("KTR-2017", "Siti Rahmawati Kusumaningtyas")


def poses() -> tuple[Posed, ...]:
    """Each page, and each of its faces that looks different."""
    return tuple(Posed(f"dpo.{name}", page, OFFICER) for name, page in _pages().items())


def _pages() -> dict[str, Page]:
    return {**_requests(), **_cases(), **_signing(), **_registers()}


def _requests() -> dict[str, Page]:
    first, erasure, done = REQUESTS
    asked = first.request
    assert asked is not None  # noqa: S101 - made a few lines above
    look = request.Look(MS, may_act=True)
    return {
        "first": First(OUTLOOK),
        "requests": requests.listed(tuple((each, _SITI) for each in REQUESTS), MS, acts=True),
        "request": request.shown(first, _SITI, look),
        "request_done": request.shown(done, _SITI, look),
        "answers": request_acts.answers(first, asked),
        "copy": request_acts.copy(),
        "others": request_acts.others(erasure, asked, MS, again=True),
        "identity": request_acts.identity(first),
        "erase": erasing.sure(erasure, face=False),
        "confirmed": Confirmed("dpo.answer.person", lambda _desk, _login: Leave()),
        "objection": objections.shown(PAPER, OBJECTION, _SITI, may_act=True),
        "correction": corrections.shown(MATTER, _SITI, f"in {MS}", ZONE, may_act=True),
        "restriction": restrictions.shown(PAPER.id, RESTRICTION, _SITI, 4, MS, may_act=True),
    }


def _cases() -> dict[str, Page]:
    looked = breach.Looked(MS, ZONE, {"aa": ("KTR-2017", "Siti Rahmawati"), "bb": ("KTR-2018", "Budi Santoso")})
    return {
        "breaches": breach.listed((CASE, DRILL), MS, ZONE, may_act=True),
        "case": breach.shown(CASE, looked, may_act=True),
        "drill": breach.shown(DRILL, looked, may_act=True),
        "weighing": breach_acts.weighing(CASE),
        "case_more": breach_acts.others(CASE, MS),
        "what": breach_open.happening(lambda _desk, _case: First(OUTLOOK)),
    }


def _signing() -> dict[str, Page]:
    return {
        "assessment": assessment.shown(STANDING, may_act=True),
        "questions": assessment.questions(ASSESSED, may_act=True),
        "signing": assessment.before_signing(ASSESSED),
        "risks": assessment.risks(ASSESSED.assessment),
        "rates": assessment.rates(ASSESSED.assessment),
        "renewals": consents.waiting(CONSENTS, (_SITI, Known("KTR-2018", "Budi Santoso"))),
        "consents": consents.page(),
    }


def _registers() -> dict[str, Page]:
    return {
        "keeping": keeping.page(),
        "hold": keeping.one(PAPER, Hold("Perkara nomor 12, upah lembur bulan Mei", "00dd"), "KTR-2017", BY),
        "certificates": certificates.listed((), (ERASURE,)),
        "records": records.page(),
        "staff": staff.page(),
        "approvals": staff.listed(GRANTED, frozenset({PAPER.id}), {}, may_act=True),
        "contracts": contracts.listed((CONTRACT,), BY, MS, may_act=True),
        "which": staff.which("Joko Prasetyo"),
        "evidence": outside.listed((EXPORT,), MS, BY, may_act=True),
        "export": outside.export(EXPORT, BY, may_act=True),
        "telling": outside.telling(TELLING, may_act=True),
        "media": media.listed((MEDIUM,), MS, may_act=True),
        "trail": trail.page(),
        "acts": trail.listed(ACTS, BY, "looked"),
    }
