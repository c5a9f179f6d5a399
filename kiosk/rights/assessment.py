"""One impact assessment: what is processed, how often it errs, what may go wrong, who was asked, what was decided.

Its parts are the nine points of the policy's section 11 (GDPR Art. 35(7) and (9), UU PDP 27/2022 Art. 34). Refuses
to be signed while one of them is empty.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.rights.assessment_risks import Judged, Level
from kiosk.rights.company import Approval, Controller, Officer, PurposeRule, Recipient
from kiosk.rights.measured import Measurement
from kiosk.rights.scope import Setting


class Decision(StrEnum):
    """What the officer decides."""

    RELEASE = "release"  # faces may be processed with these settings
    STOP = "stop"  # they may not; the kiosk stays a PIN clock


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who was asked: employees, their council, a union; `on` as YYYY-MM-DD."""

    name: str
    on: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """What only people know; every text in the language of whoever writes it.

    Attributes:
        necessity: why a face, and nothing less.
        proportionality: why that is not too much for the people concerned.
        interests: whose legitimate interests, beside those in privacy.toml.
        parties: who was consulted.
        not_consulted: why nobody was, if so.
        advice: of the data-protection officer (GDPR Art. 35(2)).
        decision: release or stop.
        authority: how and when the authority was consulted before, where a high risk remains (GDPR Art. 36).
        review: when it is looked at again, YYYY-MM-DD.
    """

    necessity: str = ""
    proportionality: str = ""
    interests: str = ""
    parties: tuple[Party, ...] = ()
    not_consulted: str = ""
    advice: str = ""
    decision: Decision = Decision.RELEASE
    authority: str = ""
    review: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """How many are concerned: people known here, with a face, with a PIN, accounts, records since a month."""

    people: int
    faces: int
    pins: int
    accounts: int
    records: int
    since: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """One assessment as it is drafted and signed; times in ms UTC, 0 for not yet, accounts by id."""

    scope: tuple[Setting, ...]
    scope_digest: str
    site: str
    law: str
    controller: Controller
    officer: Officer
    approval: Approval
    purposes: tuple[PurposeRule, ...]
    recipients: tuple[Recipient, ...]
    scale: Scale
    measured: tuple[Measurement, ...]
    risks: tuple[Judged, ...]
    answers: Answers = field(default_factory=Answers)
    drafted_at: int = 0
    drafted_by: str = ""
    signed_at: int = 0
    signed_by: str = ""

    @property
    def residual(self) -> Level:
        """The gravest risk that remains."""
        order = tuple(Level)
        return max((each.after for each in self.risks), key=order.index, default=Level.LOW)


def lacking(found: Assessment) -> tuple[str, ...]:
    """What keeps the officer from signing: words, "" never; none when every point is there."""
    said = found.answers
    needed = {
        "controller": found.controller.name,
        "officer": found.officer.name,
        "necessity": said.necessity,
        "proportionality": said.proportionality,
        "advice": said.advice,
        "consultation": bool(said.parties) or said.not_consulted,
        "review": said.review,
    }
    missing = [name for name, given in needed.items() if not given]
    if said.decision is Decision.RELEASE and found.residual is Level.HIGH and not said.authority:
        missing.append("authority")
    return tuple(missing)
