"""The first page of the privacy desk: what is overdue, due, open and unsigned, in numbers; refuses a guess."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from kiosk.pages.page import At, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.privacy import (
    assessment,
    breach,
    certificates,
    consents,
    keeping,
    outside,
    records,
    requests,
    staff,
    stops,
    trail,
)  # fmt: skip
from kiosk.pages.privacy.leaf import opening
from kiosk.pages.privacy.who import reads
from kiosk.pages.sheet import Line, Row, Sheet
from kiosk.rights import outlook
from kiosk.rights.outlook import Outlook

SECTIONS: Final[tuple[tuple[str, str, Callable[[], Move]], ...]] = (
    ("requests", "paper", lambda: opening(requests.page)),
    ("stops", "person", lambda: opening(stops.page)),
    ("breach", "warning", lambda: opening(breach.page)),
    ("assessment", "shield", lambda: opening(assessment.page)),
    ("consents", "done", lambda: Show(consents.page())),
    ("keeping", "erase", lambda: Show(keeping.page())),
    ("certificates", "shield", lambda: opening(certificates.page)),
    ("records", "paper", lambda: Show(records.page())),
    ("staff", "key", lambda: Show(staff.page())),
    ("outside", "sent", lambda: Show(outside.page())),
    ("trail", "person", lambda: Show(trail.page())),
)


@dataclass(frozen=True, slots=True)
class First(Page):
    """Every part of the desk with its numbers."""

    found: Outlook

    def sheet(self, at: At) -> Sheet:
        """What is late stands above."""
        rows = tuple(_row(at, key, icon, self.found) for key, icon, _ in SECTIONS)
        return Sheet("dpo.first", at.say("dpo.title"), icon="shield", body=(*_warned(at, self.found), *rows))

    def tapped(self, key: str) -> Move:
        """Into one of the parts."""
        return next(move() for name, _, move in SECTIONS if name == key)

    def resumed(self) -> Move:
        """Count anew."""
        return Do(lambda desk: Instead(page(desk)))


def page(desk: Desk) -> Page:
    """Count what waits. Raises Fault DESK_REFUSED and what the store raises."""
    reads(desk)
    return First(outlook.look(desk.store, desk.config))


def first() -> Move:
    """Where the officer, or an auditor, begins."""
    return opening(page)


def _warned(at: At, found: Outlook) -> tuple[Line, ...]:
    """In one line what does not wait any longer; none where all is well."""
    numbers = {
        "overdue_of": found.overdue,
        "soon_of": found.soon,
        "late_cases": found.late_cases,
        "locked": int(not found.released),
    }
    said = "; ".join(at.say(f"dpo.count.{key}", number=number) for key, number in numbers.items() if number)
    return (Line(said, warn=True, icon="warning"),) if said else ()


def _row(at: At, key: str, icon: str, found: Outlook) -> Row:
    text, about = at.say(f"dpo.section.{key}"), at.say(f"dpo.section.{key}_about")
    said = "; ".join(_said(at, key, found)) or about
    return Row(key, text, said, _mark(at, key, found), icon)


def _said(at: At, key: str, found: Outlook) -> Iterator[str]:
    """The numbers of one part, those that are not 0."""
    numbers: dict[str, dict[str, int]] = {
        "requests": {"open": found.open, "overdue_of": found.overdue, "soon_of": found.soon},
        "stops": {
            "corrections": found.corrections,
            "reviews": found.reviews,
            "objections": found.objections,
            "restricted": found.restricted,
        },
        "breach": {"cases": found.cases, "late_of": found.late_cases, "drills": found.drills},
        "assessment": {"unsigned": int(found.unsigned)},
        "consents": {"renewals": found.renewals, "lapsed": found.lapsed},
        "keeping": {"holds": found.holds, "holds_due": found.holds_due},
        "staff": {"approvals": found.approvals},
        "outside": {"untold": found.untold, "exports_late": found.exports_late},
    }
    for name, number in numbers.get(key, {}).items():
        if number:
            yield at.say(f"dpo.count.{name}", number=number)


def _mark(at: At, key: str, found: Outlook) -> str:
    late = {
        "requests": found.overdue,
        "breach": found.late_cases,
        "outside": found.exports_late,
        "keeping": found.holds_due,
    }
    if late.get(key):
        return at.say("dpo.late")
    if key == "assessment":
        return at.say("dpo.face_on" if found.released else "dpo.face_off")
    return ""
