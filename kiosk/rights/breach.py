"""One breach, or what may become one: what happened, what was readable, who was told; refuses to hide that it is late.

GDPR Art. 33 and 34; UU PDP 27/2022 Art. 46, which wants both the authority and the people told within 3 x 24 hours.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.rights.dates import HOUR_MS
from kiosk.store.roots import SecurityLevel


class Happening(StrEnum):
    """The closed list of what may happen."""

    CARD_STOLEN = "card_stolen"
    DEVICE_STOLEN = "device_stolen"
    BACKUP_COPIED = "backup_copied"
    ACCOUNT_MISUSED = "account_misused"
    WRONG_RECIPIENT = "wrong_recipient"
    TAMPERING = "tampering"
    ROLLBACK = "rollback"
    CLONE = "clone"
    LOCKOUT_STORM = "lockout_storm"
    HQ_BREACHED = "hq_breached"


class Category(StrEnum):
    """Kinds of personal data on a device."""

    IDENTITY = "identity"  # name, employee code
    FACE = "face"  # references: biometric data, GDPR Art. 9
    ATTENDANCE = "attendance"
    CONSENT = "consent"
    PIN = "pin"  # as a slow hash
    DESK = "desk"  # requests, decisions and other papers about a person
    ACCOUNT = "account"  # names of those who run the device


class Reading(StrEnum):
    """Whether somebody could read it."""

    READABLE = "readable"
    GUESSABLE = "guessable"  # only by guessing the passphrase, at what one guess costs
    PROTECTED = "protected"  # the key is elsewhere
    NOT_READ = "not_read"  # nothing was taken away


class Chance(StrEnum):
    """How likely a harm is."""

    NO = "no"
    POSSIBLE = "possible"
    LIKELY = "likely"


class Harm(StrEnum):
    """What may come of it for people: GDPR recitals 75 and 85."""

    FACE_FOR_EVER = "face_for_ever"  # a face cannot be changed as a password can
    IDENTITY_THEFT = "identity_theft"
    DISCRIMINATION = "discrimination"
    WHEREABOUTS = "whereabouts"  # somebody knows when a person is where, or away from home
    PAY = "pay"
    REPUTATION = "reputation"
    CONFIDENTIALITY = "confidentiality"
    CONTROL = "control"  # people lose control over their data


class Gravity(StrEnum):
    """What it means for people."""

    FALSE_ALARM = "false_alarm"  # no personal data was touched
    UNLIKELY = "unlikely"  # a risk is unlikely
    RISK = "risk"
    HIGH = "high"


class Whom(StrEnum):
    """Who may have to be told."""

    AUTHORITY = "authority"
    PERSONS = "persons"


@dataclass(frozen=True, slots=True)
class Held:
    """How much of one category was there: people and records."""

    category: Category
    people: int
    records: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """What was there on that date, counted on the device itself.

    Attributes:
        at: the date, ms UTC.
        level: what protected the root key then.
        reading: whether it could be read.
        held: by category; none of what this happening does not touch.
        people: random ids of whom it concerns, who are still known.
        erased_since: how many more there were, whom nobody can name any more.
    """

    at: int
    level: SecurityLevel
    reading: Reading
    held: tuple[Held, ...]
    people: tuple[str, ...] = field(repr=False)
    erased_since: int = 0

    @property
    def concerned(self) -> int:
        """How many people, with those who were erased since."""
        counted = (each.people for each in self.held if each.category is not Category.ACCOUNT)
        return max(len(self.people), *counted, 0) + self.erased_since

    @property
    def faces(self) -> int:
        """Of how many people a face was among it."""
        return next((each.people for each in self.held if each.category is Category.FACE), 0)


@dataclass(frozen=True, slots=True)
class Weighed:
    """One harm, and how likely the officer takes it to be."""

    harm: Harm
    chance: Chance


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided.

    Attributes:
        harms: as weighed.
        by_rule: what the table says.
        gravity: what counts; another one than the table's has a reason.
        why: the reason, "" where the table's stands.
        at: ms UTC.
        by: account.
    """

    harms: tuple[Weighed, ...]
    by_rule: Gravity
    gravity: Gravity
    why: str
    at: int
    by: str


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody was told: whom, when (ms UTC), how, under which reference, why late ("" if it was not)."""

    whom: Whom
    at: int
    how: str
    reference: str = ""
    why_late: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    Attributes:
        happening: what.
        happened_at: when, as far as is known, ms UTC.
        discovered_at: when the company knew, ms UTC: the clock runs from here.
        hours: by when somebody has to be told after that.
        law: "gdpr", "uu_pdp" or "both".
        alarm: for a case that the device opened: kind and day; "" for one that a human opened.
        what: in the words of whoever opened it.
        key_too: the key, the passphrase or the organisation's private key was taken, too.
        exposure: what was there.
        verdict: what was decided; None before.
        measures: taken or planned, one sentence each.
        told: who was told.
        closing: why it is done with, and why somebody was not told, if so.
        drill: it did not happen: somebody tries the way through, and nobody has to be told.
    """

    happening: Happening
    happened_at: int
    discovered_at: int
    hours: int
    law: str
    alarm: str
    what: str = field(repr=False)
    key_too: bool
    exposure: Exposure
    verdict: Verdict | None = None
    measures: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()
    closing: str = ""
    drill: bool = False

    @property
    def due_at(self) -> int:
        """By when whoever has to be told is told, ms UTC."""
        return self.discovered_at + self.hours * HOUR_MS


@dataclass(frozen=True, slots=True)
class Owed:
    """Whether somebody has to be told, and how that stands.

    Attributes:
        whom: authority or people.
        needed: None while nothing is decided.
        told_at: when they were, ms UTC; None if not.
        due_at: by when, ms UTC.
        late: told too late, or not told although the time is over.
        hours_left: whole hours, negative once it is over; 0 when there is nothing to wait for.
    """

    whom: Whom
    needed: bool | None
    told_at: int | None
    due_at: int
    late: bool
    hours_left: int


def needed(law: str, gravity: Gravity, whom: Whom) -> bool:
    """Whether the law wants them told.

    GDPR: the authority unless a risk is unlikely (Art. 33(1)), the people if it is high (Art. 34(1)). UU PDP: both, of
    every failure of protection (Art. 46(1)). With both laws whatever one of them wants.
    """
    if gravity is Gravity.FALSE_ALARM:
        return False
    if law in {"uu_pdp", "both"}:
        return True
    least = (Gravity.RISK, Gravity.HIGH) if whom is Whom.AUTHORITY else (Gravity.HIGH,)
    return gravity in least


def owed(case: Case, whom: Whom, now_ms: int) -> Owed:
    """How it stands with telling them, at a moment (ms UTC)."""
    wanted = None if case.verdict is None else needed(case.law, case.verdict.gravity, whom)
    wanted = False if case.drill else wanted
    told_at = min((each.at for each in case.told if each.whom is whom), default=None)
    due = case.due_at
    late = wanted is not False and (now_ms if told_at is None else told_at) > due
    waiting = told_at is None and wanted is not False
    return Owed(whom, wanted, told_at, due, late, (due - now_ms) // HOUR_MS if waiting else 0)
