"""Made-up papers, people and counts for the posed pages of the privacy desk; refuses anything of a store."""

from pathlib import Path
from typing import Final

from kiosk.config import Config
from kiosk.pages.privacy.assessment import Standing
from kiosk.rights.approvals import GRANTED as WAITING
from kiosk.rights.approvals import ForRole
from kiosk.rights.approvals import Matter as Approved
from kiosk.rights.assessment import Answers, Assessment, Scale
from kiosk.rights.assessment_acts import DRAFT
from kiosk.rights.assessment_acts import Kept as KeptAssessment
from kiosk.rights.assessment_risks import Measure, judged
from kiosk.rights.breach import Case, Category, Exposure, Happening, Held, Reading
from kiosk.rights.breach_acts import OPEN
from kiosk.rights.breach_acts import Kept as KeptCase
from kiosk.rights.company import Company
from kiosk.rights.contracts import Contract
from kiosk.rights.correction import Matter, Wrong
from kiosk.rights.dates import DAY_MS, HOUR_MS
from kiosk.rights.evidence import Scope, Wanted
from kiosk.rights.exports import OUT, Export, Listed
from kiosk.rights.measured import Measurement, Rate, Source
from kiosk.rights.media import REGISTERED, Entry, Medium, MediumKind
from kiosk.rights.objection import Effect, Objected
from kiosk.rights.outlook import Outlook
from kiosk.rights.purposes import Purpose
from kiosk.rights.recipients_told import Telling, Told
from kiosk.rights.rectification import Filed as Matched
from kiosk.rights.release import Changed
from kiosk.rights.renewals import Consents, Renewal
from kiosk.rights.requests import (
    Answered,
    BySight,
    ErasureGround,
    Filed,
    How,
    Request,
    Right,
    Seen,
    State,
)
from kiosk.rights.restriction import Restricted, Restriction
from kiosk.rights.scope import Running, digest_of, scope_of
from kiosk.rights.staff import Act
from kiosk.store import LocalKind, SecurityLevel
from kiosk.store.approval import Role
from kiosk.store.erasure import Erasure
from kiosk.store.papers import Paper, PaperKind
from wire.certificate import Scope as Erased
from wire.event import Action

MS: Final = 1_785_700_000_000
ZONE: Final = "Asia/Jakarta"
BY: Final = {"00dd": "Dewi Lestari", "00ff": "Ani Wijaya", "00dd00dd00dd00dd": "Joko Prasetyo"}
_ID: Final = "5171517151715171"


def _paper(kind: PaperKind, state: str, *, due: int = DAY_MS) -> Paper:
    return Paper(_ID, kind, "aa", state, MS + due, MS - DAY_MS, MS - DAY_MS, None, 1, None)


PAPER: Final = _paper(PaperKind.HOLD, "on")
OUTLOOK: Final = Outlook(
    open=5, overdue=1, soon=1, objections=1, corrections=2, reviews=1, cases=1, released=False, unsigned=True,
    current=41, renewals=3, lapsed=1, holds=1, untold=2, approvals=1,
)  # fmt: skip
_SEEN: Final = BySight(Seen.IDENTITY_CARD, MS - DAY_MS, "00dd")
_ASKED: Final = Request(
    Right.ACCESS, How.LETTER, "Saya ingin tahu jam kerja saya bulan Mei dan siapa yang melihatnya.", MS - 2 * DAY_MS,
    identity=_SEEN,
)  # fmt: skip
_ERASE: Final = Request(Right.ERASURE, How.FORM, "", MS - 4 * DAY_MS, ErasureGround.CONSENT_WITHDRAWN, identity=_SEEN)
_DONE: Final = Request(
    Right.PORTABILITY, How.KIOSK, "", MS - 9 * DAY_MS, identity=_SEEN,
    outcome=Answered("Salinan diserahkan langsung.", "", MS - 8 * DAY_MS, "00dd"),
)  # fmt: skip
REQUESTS: Final = (
    Filed("a1", "aa", State.IDENTIFIED, MS - 2 * DAY_MS, MS + 20 * HOUR_MS, None, _ASKED),
    Filed("a2", "bb", State.IDENTIFIED, MS - 4 * DAY_MS, MS - DAY_MS, None, _ERASE),
    Filed("a3", "cc", State.ANSWERED, MS - 9 * DAY_MS, MS - 6 * DAY_MS, MS - 8 * DAY_MS, _DONE),
)
OBJECTION: Final = Objected(
    Purpose.FACE_RECOGNITION, "consent", "Saya tidak mau wajah saya dipakai lagi.", MS - DAY_MS, Effect.FACE_STOPPED
)
RESTRICTION: Final = Restriction(Restricted.ATTENDANCE, "Jam keluar hari Senin salah.", MS - DAY_MS)
_THERE: Final = Exposure(
    MS - DAY_MS, SecurityLevel.WEAK, Reading.READABLE,
    (Held(Category.IDENTITY, 48, 48), Held(Category.FACE, 31, 93), Held(Category.ATTENDANCE, 48, 9120)), ("aa", "bb"),
)  # fmt: skip
_STOLEN: Final = Case(
    Happening.CARD_STOLEN, MS - DAY_MS, MS - DAY_MS, 72, "both", "", "Kartu hilang saat dinding dicat.",
    key_too=False, exposure=_THERE,
)  # fmt: skip
_TRIED: Final = Case(
    Happening.DEVICE_STOLEN, MS - DAY_MS, MS - DAY_MS, 72, "both", "", "", key_too=False, exposure=_THERE, drill=True
)
CASE: Final = KeptCase(_paper(PaperKind.CASE, OPEN), _STOLEN)
DRILL: Final = KeptCase(Paper("d1", PaperKind.CASE, "", OPEN, MS, MS, MS, None, 1, None), _TRIED)
_SCOPE: Final = scope_of(Running(Config(data=Path()), Company()), SecurityLevel.WEAK)
_RATE: Final = Rate("fpir", "here", None, 0, 3000, 0, 999)
_MEASURED: Final = Measurement(Source.GALLERY, "N = 31, faceplugin, 0.50", "", counts=True, rates=(_RATE,))
_MADE: Final = Assessment(
    scope=_SCOPE,
    scope_digest=digest_of(_SCOPE),
    site="Lobby",
    law="both",
    controller=Company().controller,
    officer=Company().officer,
    approval=Company().approval,
    purposes=(),
    recipients=(),
    scale=Scale(48, 31, 48, 4, 960, "2026-07"),
    measured=(_MEASURED,),
    risks=judged(frozenset(Measure) - {Measure.KEY_PROTECTED}),
    answers=Answers(necessity="Kartu sering dipinjamkan, dan PIN diteruskan.", review="2027-11-01"),
    drafted_at=MS - DAY_MS,
)
ASSESSED: Final = KeptAssessment(_paper(PaperKind.ASSESSMENT, DRAFT), _MADE)
STANDING: Final = Standing(Changed(("threshold", "recipients")), ASSESSED, _SCOPE, _SCOPE)
CONSENTS: Final = Consents(
    41,
    (
        Renewal("aa", "2026-05-01-3fa9c1d2", MS - DAY_MS, lapsed=True),
        Renewal("bb", "2026-05-01-3fa9c1d2", MS + 9 * DAY_MS, lapsed=False),
    ),
)
ERASURE: Final = Erasure("e1", Erased.PERSON, "aa", MS - DAY_MS, None, 7)
GRANTED: Final[tuple[tuple[Paper, Approved], ...]] = (
    (
        Paper(_ID, PaperKind.APPROVAL, "", WAITING, MS + DAY_MS, MS, MS, None, 1, None),
        ForRole("Joko Prasetyo", Role.TECHNICIAN, "Perawatan alat"),
    ),
)
CONTRACT: Final = Contract("00dd00dd00dd00dd", "CV Teknik Jaya", "K-17/2026", MS + 90 * DAY_MS)
EXPORT: Final = Listed(
    "f1",
    Export(
        Wanted(
            "Pengadilan Hubungan Industrial Jakarta", "Perkara 12/2026", "UU 2/2004 Pasal 81", Scope.ATTENDANCE, _ID,
            MS - 60 * DAY_MS, MS, "",
        ),
        "m1", "age1", "00dd", "00ff", "evidence-f1.zip.age", "9f" * 32, "8e" * 32, 214, (_ID,),
    ),
    OUT, MS, MS + 30 * DAY_MS, 1,
)  # fmt: skip
MEDIUM: Final = Entry(
    "m1",
    Medium(MediumKind.STICK, "SN 4471-A", "Merah, milik PDP", "LUKS", "SP-3/2026", MS + 200 * DAY_MS, "00" * 16),
    REGISTERED,
    MS,
)
ACTS: Final = (
    Act(812, LocalKind.VIEWED, MS - HOUR_MS, (("by", "00dd"), ("list", "requests"), ("people", 3))),
    Act(811, LocalKind.EXPORTED, MS - DAY_MS, (("paper", "f1"), ("what", "evidence"))),
)
TELLING: Final = Telling("t1", "Dana Pensiun Karyawan Jakarta", "erasure", _ID, Told.TO_TELL, MS - DAY_MS)
MATTER: Final = Matched(
    "k1", "aa", "open", MS + DAY_MS, Matter(Wrong(_ID, Action.OUT, MS - HOUR_MS), "Saya pulang pukul lima.", MS, "a1")
)
