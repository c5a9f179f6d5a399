"""My data posed with made-up people; refuses anybody who exists."""

from dataclasses import replace
from typing import Final

from kiosk.pages.identify import Ways
from kiosk.pages.mydata import home
from kiosk.pages.mydata.correct import Correct
from kiosk.pages.mydata.entries import Entries, Entry
from kiosk.pages.mydata.face import Face, question
from kiosk.pages.mydata.home import HOME, Home
from kiosk.pages.mydata.human import Human
from kiosk.pages.mydata.looked import Looked
from kiosk.pages.mydata.news import News
from kiosk.pages.mydata.notice import Notice, Text
from kiosk.pages.mydata.own import Own
from kiosk.pages.mydata.own_pin import New
from kiosk.pages.mydata.receipt import Filed, Withdrawn
from kiosk.pages.mydata.recipients import Out, Recipients
from kiosk.pages.mydata.renewal import Renewal
from kiosk.pages.mydata.requests import Asked, One, Requests
from kiosk.pages.mydata.rights import Erase, Rights
from kiosk.pages.mydata.stop import Object
from kiosk.pages.mydata.wrong import entry
from kiosk.pages.page import Nobody, Show
from kiosk.pages.posed import SITI, Posed
from kiosk.rights.company import Company, Controller, Recipient
from kiosk.rights.consent import AskAgain, Current
from kiosk.rights.consents import Chapter, InForce, Renewed
from kiosk.rights.document import Bullets, Heading, Paragraph
from kiosk.rights.editions import Edition
from kiosk.rights.editions import Text as Written
from kiosk.rights.holdings import Field
from kiosk.rights.looked import Look
from kiosk.rights.own_days import Own as Act
from kiosk.rights.own_days import Where
from kiosk.rights.own_requests import TakenBack
from kiosk.rights.own_view import Grade, Kept, OwnView
from kiosk.rights.purposes import Purpose
from kiosk.rights.recipients import register
from kiosk.rights.requests import Filed as Request
from kiosk.rights.requests import How, RefusalGround, Refused, Right, State
from kiosk.rights.requests import Request as Said
from kiosk.store import Consent, Person
from kiosk.store.standing import Standing
from wire.event import Action, CheckIn, Clock, ClockState, Method

_MS: Final = 1_785_718_680_000  # 3 August 2026, 07.58 in Jakarta
_DAY: Final = 86_400_000
_DEVICE: Final = "9f3c2a7b10d4e865"
_NUMBER: Final = "4b1de07a93c2f586"
_LABEL: Final = "2026-07-01-3fa9c1d2"
_CLOCK: Final = Clock("Asia/Jakarta", 1000, "7d4f3c1e-5b2a-4c6d-8e9f-0a1b2c3d4e5f", ClockState.SYNCED, 1)
_ANI: Final = "Ani Wijaya, 4102"
_COMPANY: Final = Company(
    controller=Controller(country="ID"),
    recipients=(
        Recipient(
            *("Kantor Pusat, penggajian", "employer", "hq.example", ("attendance", "business_trips"), ("code",), "ID"),
            *("same_country", "", ""),
        ),
        Recipient("Muhammadinejad Outsourcing and Payroll Services BV", "processor", "", (), (), "NL"),
    ),
)


def poses() -> tuple[Posed, ...]:
    """Each page that looks different."""
    mine, asked = _view(), _asked()
    again = replace(
        mine, consents=_chapters(AskAgain(_MS + 9 * _DAY)), face_restricted=True, open=2, waiting=3, due_at=_MS + _DAY
    )
    acts = tuple(_act(number) for number in range(5))
    done = TakenBack(_NUMBER, "0c9a77d1e2f4b386", "5d" * 32, _MS)
    filed = Filed(Right.ACCESS, _NUMBER, _DEVICE, _MS, HOME, _MS + 3 * _DAY, ("mydata.copy.handed",))
    changed = entry("action", acts[0].standing, HOME)
    assert isinstance(changed, Show)  # noqa: S101 - for the types
    title = "mydata.title"
    named = (
        ("identify", Ways(title, home.first)),
        ("home", Home(mine)),
        ("home-again", Home(again)),
        ("face", Face(again, HOME)),
        ("withdraw", question(HOME)),
        ("withdrawn", Withdrawn(done, _DEVICE, HOME)),
        ("renewal", Renewal(_edition(), None, HOME, ticked=True)),
        ("entries", Entries("2026-08", ("2026-07", "2026-08", "2026-09"), acts, HOME)),
        ("entry", Entry(acts[2], HOME)),
        ("correct", Correct(mine, HOME)),
        ("action", changed.page),
        ("filed", filed),
        ("rights", Rights(mine, HOME)),
        ("object", Object(tuple(Purpose), frozenset({Purpose.ANNOUNCEMENTS}), HOME)),
        ("erase", Erase(mine, HOME)),
        ("human", Human(_ANI, "Dewi Lestari, privasi@contoh.example, 4110", "", HOME)),
        ("requests", Requests(asked, _COMPANY, _DEVICE, HOME)),
        ("request", One(asked[1], _COMPANY, _DEVICE, HOME)),
        (
            "looked",
            Looked((Look(_MS, "people", "admin"), Look(_MS - 3 * _DAY, "access", "dpo"), Look(_MS, "list", ""))),
        ),
        ("recipients", Recipients(register(_COMPANY), 3, (Out(_MS, "", "copy"),))),
        ("notice", Notice(mine)),
        ("notice-text", Text(_edition())),
        ("own", Own(mine, _fields(), HOME)),
        ("news", News(((Purpose.ANNOUNCEMENTS, True), (Purpose.MARKETING, False)), (), "id")),
        ("pin-new", New("482913", HOME, "mydata.pin.unfit")),
    )
    typed = {"pin-new": "1234"}
    return tuple(
        Posed(f"mydata-{name}", page, Nobody() if isinstance(page, Ways) else SITI, typed.get(name, ""))
        for name, page in named
    )


def _view() -> OwnView:
    return OwnView(
        person=Person("5171", "KTR-2017", "Siti Rahmawati", "id", has_face=True, has_pin=True, restricted=False),
        since=_MS - 400 * _DAY,
        informed_at=_MS - 33 * _DAY,
        notice=_edition(),
        newest=_edition(),
        consents=_chapters(Current()),
        by_law=False,
        may_take_back=True,
        face=Kept(5, _MS - 33 * _DAY, Grade.GOOD, old=False),
        face_restricted=False,
        attendance_restricted=False,
        waiting=0,
        held=0,
        open=0,
        due_at=None,
    )


def _chapters(standing: Current | AskAgain) -> tuple[Chapter, ...]:
    before = Consent("2025-06-20-81b0aa04", "id", _MS - 400 * _DAY, "0011223344556677")
    given = Consent(_LABEL, "id", _MS - 33 * _DAY, "self")
    return Chapter(before, Renewed(given.given_at)), Chapter(given, InForce(standing))


def _edition() -> Edition:
    said = (
        Heading("Singkatnya"),
        Bullets(("Jam kerja Anda dicatat di pintu ini untuk upah.", "Wajah hanya dipakai jika Anda setuju.")),
        Heading("Hak Anda"),
        Paragraph("Anda boleh meminta salinan, memperbaiki, membatasi, keberatan dan menghapus. " * 8),
        Bullets(("Ukuran wajah saya boleh disimpan di perangkat ini.",)),
    )
    texts = tuple(Written(language, "Pemberitahuan privasi", said) for language in ("id", "en", "nl"))
    return Edition(
        label=_LABEL,
        digest="3f" * 32,
        controller="",
        contact="Dewi Lestari, privasi@contoh.example, +62 21 555 0100",
        approver="Direksi",
        effective="2026-07-01",
        review="2027-07-01",
        effective_at=_MS - 33 * _DAY,
        published_at=_MS - 40 * _DAY,
        texts=texts,
    )


def _act(number: int) -> Act:
    action = tuple(Action)[number % 4]
    happened = CheckIn(
        f"019fc0de-0000-7000-8000-00000000000{number}",
        "KTR-2017",
        action,
        _MS - number * 9_000_000,
        _CLOCK,
        tuple(Method)[number % 3],
        "Kantor Pusat, pintu timur",
    )
    changed = Action.OUT if number == 2 else action  # noqa: PLR2004 - one of them
    standing = Standing(happened, changed, happened.occurred_at, None, None, moved=False)
    return Act(standing, tuple(Where)[min(2, number)], asked=number == 1)


def _asked() -> tuple[Asked, ...]:
    copy = Said(Right.ACCESS, How.KIOSK, "", _MS)
    reason = "Jam masuk hari itu cocok dengan catatan satpam."
    refused = Refused(RefusalGround.ACCURATE, reason, "", _MS, "00dd")
    wrong = Said(Right.RECTIFICATION, How.KIOSK, "Saya sudah di sini pukul 07.58.", _MS - _DAY, outcome=refused)
    return (
        Asked(Request(_NUMBER, "5171", State.IDENTIFIED, _MS, _MS + 3 * _DAY, None, copy)),
        Asked(Request("77aa01c4be92d035", "5171", State.REFUSED, _MS - _DAY, _MS + _DAY, _MS, wrong)),
    )


def _fields() -> tuple[Field, ...]:
    return (
        Field("code", "KTR-2017", "roster", 41, _MS),
        Field("name", "Siti Rahmawati", "roster", 41, _MS),
        Field("language", "id", "person", 0, _MS),
        Field("standing", "active", "admin", 0, _MS),
        Field("pin", "", "person", 0, _MS),
    )
