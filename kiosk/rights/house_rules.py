"""The rules for whoever runs the device, and who has acknowledged them (policy E27); refuses an old acknowledgement.

The copy names the company, what it processes and for how long, and the notice in force: when one of these changes, the
digest does, and everybody reads it again.
"""

import hashlib
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from kiosk import words
from kiosk.rights import once, strict
from kiosk.rights.company import Company
from kiosk.rights.document import Bullets, Document, Facts, Heading, Paragraph, Signatures
from kiosk.store import papers
from kiosk.store.papers import Paper, PaperKind
from wire import canonical

if TYPE_CHECKING:
    from kiosk.store import Store

VERSION: Final = 1
"""Counts the versions of the rules."""
RULES: Final = (
    "need_to_know", "passwords", "view", "consent", "alternative", "photos", "media", "requests", "exports", "breach",
    "measures", "afterwards",
)  # fmt: skip
ACKNOWLEDGED: Final = "acknowledged"
_PUBLISHED: Final = "published"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """That an account has read a copy.

    Attributes:
        account: 16 hexadecimal digits.
        digest: of the copy, 64 hexadecimal digits.
        language: in which it was read.
        on: when, ms UTC.
    """

    account: str
    digest: str
    language: str
    on: int


def told(company: Company, notice: str) -> dict[str, Any]:
    """What the copy is about, in no language; `notice`: digest of the one in force, or ""."""
    return {
        "rules": list(RULES),
        "version": VERSION,
        "notice": notice,
        "controller": asdict(company.controller),
        "officer": asdict(company.officer),
        "authority": asdict(company.authority),
        "approval": asdict(company.approval),
        "clocks": asdict(company.clocks),
        "periods": asdict(company.periods),
        "purposes": [f"{each.purpose.value} {each.basis.value} {each.interest}".strip() for each in company.purposes],
    }


def digest(company: Company, notice: str) -> str:
    """SHA-256 of what the copy is about, hexadecimal: the same in every language."""
    return hashlib.sha256(canonical.encode(told(company, notice))).hexdigest()


def copy(company: Company, notice: str, made_at: int, language: str) -> Document:
    """The rules, to be read and kept."""

    def say(key: str, **values: str | int) -> str:
        return words.say(language, f"rules.{key}", **values)

    approval, officer, periods = company.approval, company.officer, company.periods
    empty, found = say("not_filled"), digest(company, notice)
    return Document(
        kind="rules",
        language=language,
        title=say("title"),
        subtitle=company.controller.name,
        made_at=made_at,
        confidential=False,
        footer=say("footer", digest=found[:16]),
        blocks=(
            Paragraph(say("lead")),
            Facts(
                (
                    (say("controller"), company.controller.name or empty),
                    (say("officer"), officer.contact or empty),
                    (say("authority"), company.authority.name or empty),
                    (say("approver"), approval.approver or empty),
                    (say("effective"), approval.effective or empty),
                    (say("review"), approval.review or empty),
                )
            ),
            Heading(say("heading"), 2),
            Bullets(tuple(say(f"rule.{name}", hours=company.clocks.breach_hours) for name in RULES)),
            Heading(say("kept_heading"), 2),
            Facts(
                (
                    (say("kept_attendance"), say("months", number=periods.attendance)),
                    (say("kept_requests"), say("months", number=periods.requests)),
                    (say("kept_breaches"), say("months", number=periods.breaches)),
                    (say("kept_proofs"), say("months", number=periods.proofs)),
                    (say("kept_exports"), say("days", number=periods.exports_days)),
                )
            ),
            Paragraph(say("not_retroactive")),
            Signatures((say("read_by"),)),
        ),
        data=told(company, notice) | {"digest": found},
    )


def notice_digest(found: Collection[Paper]) -> str:
    """Of the newest notice in force among these papers; "" before the first."""
    good = [paper for paper in found if paper.state == _PUBLISHED and paper.content is not None and not paper.person]
    newest = max(good, key=lambda paper: (paper.created_at, paper.changed_at), default=None)
    return "" if newest is None else hashlib.sha256(canonical.encode(dict(newest.content or {}))).hexdigest()


def today(store: "Store", company: Company) -> tuple[str, str]:
    """The digest of the notice in force, and that of the copy. Raises Fault as any reading of the store."""
    notice = notice_digest(papers.find(store, PaperKind.NOTICE, person=""))
    return notice, digest(company, notice)


def acknowledge(store: "Store", account: str, found: str, language: str) -> Acknowledged:
    """File that an account has read the copy of this digest. Raises Fault as `papers.put`."""
    said = Acknowledged(account, found, language, store.now_ms())
    once.file(store, PaperKind.ACKNOWLEDGEMENT, strict.plain(said), state=ACKNOWLEDGED, by=account)
    return said


def kept(store: "Store") -> tuple[Acknowledged, ...]:
    """Every acknowledgement, oldest first."""
    found = papers.find(store, PaperKind.ACKNOWLEDGEMENT)
    return tuple(strict.read(Acknowledged, paper.content) for paper in found if paper.content is not None)


def acknowledged_on(found: Collection[Acknowledged], account: str, wanted: str) -> int:
    """When an account has acknowledged the copy of this digest, ms UTC; 0 if it has not."""
    return max((one.on for one in found if (one.account, one.digest) == (account, wanted)), default=0)
