"""The closed table of risks to people, inside and outside the company, and what is done against each; guesses nothing.

Likelihood and severity run from 1 to 3. What a running measure does to a risk is a rule, and not an opinion: where
every main measure of a risk is in force, it is one step less likely. The officer may judge otherwise, with a reason.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kiosk.rights.measured import Measurement, Source
from kiosk.rights.purposes import Purpose
from kiosk.rights.scope import SHARE, Setting
from kiosk.store.roots import SecurityLevel

LOW, MEDIUM, HIGH = 1, 2, 3
STRICT, LEAD = SHARE // 2, SHARE // 20
"""Threshold 0.50 and margin 0.05: below, the measured rates of docs/recognition-measured.md are others."""
STEPS: Final = range(LOW, HIGH + 1)


class Level(StrEnum):
    """How grave a risk is, all in all."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Measure(StrEnum):
    """What may be done against a risk; some are always so, others depend on the settings."""

    SEALED = "sealed"  # every personal field, with a key for each person
    KEY_PROTECTED = "key_protected"  # by a passphrase or by hardware
    ON_DEVICE = "on_device"  # templates never leave; the process that sees faces has no network
    NO_PICTURE = "no_picture"
    TURNED = "turned"  # templates of two devices cannot be linked, and can be renewed
    BREACH_PLAN = "breach_plan"
    BACKUP_SEALED = "backup_sealed"  # to the organisation's key
    BACKUP_FACELESS = "backup_faceless"
    STRICT_MATCH = "strict_match"  # threshold, margin, look-alikes
    ASKED_FIRST = "asked_first"  # code and PIN, or a tap on the name
    NOT_ME = "not_me"  # dispute and correction at the door, decided by a human
    EQUAL_PIN = "equal_pin"
    NEUTRAL_REFUSAL = "neutral_refusal"
    MEASURED = "measured"  # rates with bounds, of this place or on photographs
    BY_GROUP = "by_group"
    ATTACKS_REFUSED = "attacks_refused"  # clear ones
    ATTACKS_TESTED = "attacks_tested"  # everything not clearly live, with this camera's own bounds
    WITHDRAWAL = "withdrawal"
    CONDUCT_OFF = "conduct_off"
    NO_PROFILE = "no_profile"
    NO_TRACK = "no_track"
    ACT_FIRST = "act_first"  # nobody is looked at before they tap
    ROLES = "roles"
    LEDGER = "ledger"
    GROUNDED = "grounded"  # every recipient with country and ground, none without
    CODES_ONLY = "codes_only"  # the employee code is sent, never the name or the face
    PERIODS = "periods"
    ANCHOR = "anchor"  # an older copy of the store is refused
    MODEL_LISTED = "model_listed"  # by hash; its card says what is not known


@dataclass(frozen=True, slots=True)
class Risk:
    """One risk to people.

    Attributes:
        key: its name in words.
        likelihood: 1 to 3, before measures.
        severity: 1 to 3.
        main: without one of these the likelihood stays.
        others: further measures.
    """

    key: str
    likelihood: int
    severity: int
    main: tuple[Measure, ...]
    others: tuple[Measure, ...] = ()


_M = Measure
RISKS: Final = (
    Risk("stolen", MEDIUM, HIGH, (_M.SEALED, _M.KEY_PROTECTED), (_M.NO_PICTURE, _M.TURNED, _M.BREACH_PLAN)),
    Risk("backup", MEDIUM, HIGH, (_M.BACKUP_SEALED, _M.BACKUP_FACELESS), (_M.BREACH_PLAN,)),
    Risk("wrong_person", MEDIUM, MEDIUM, (_M.STRICT_MATCH, _M.NOT_ME), (_M.ASKED_FIRST, _M.MEASURED)),
    Risk("not_known", HIGH, MEDIUM, (_M.EQUAL_PIN,), (_M.BY_GROUP, _M.NEUTRAL_REFUSAL)),
    Risk("fake_face", MEDIUM, MEDIUM, (_M.ATTACKS_TESTED,), (_M.ATTACKS_REFUSED, _M.LEDGER)),
    Risk("pressed", MEDIUM, HIGH, (_M.EQUAL_PIN, _M.NEUTRAL_REFUSAL, _M.WITHDRAWAL)),
    Risk("other_use", MEDIUM, HIGH, (_M.CONDUCT_OFF, _M.NO_PROFILE), (_M.ROLES,)),
    Risk("tracked", LOW, HIGH, (_M.NO_TRACK,), (_M.NO_PICTURE,)),
    Risk("bystander", MEDIUM, MEDIUM, (_M.ACT_FIRST, _M.NO_PICTURE)),
    Risk("insider", MEDIUM, MEDIUM, (_M.ROLES, _M.LEDGER), (_M.SEALED,)),
    Risk("abroad", MEDIUM, MEDIUM, (_M.GROUNDED,), (_M.CODES_ONLY,)),
    Risk("recipient", MEDIUM, MEDIUM, (_M.ON_DEVICE, _M.CODES_ONLY), (_M.BREACH_PLAN,)),
    Risk("too_long", MEDIUM, MEDIUM, (_M.PERIODS,), (_M.WITHDRAWAL,)),
    Risk("falsified", MEDIUM, MEDIUM, (_M.LEDGER, _M.ANCHOR), (_M.NOT_ME,)),
    Risk("model", MEDIUM, MEDIUM, (_M.MEASURED, _M.BY_GROUP), (_M.MODEL_LISTED, _M.EQUAL_PIN)),
)
OUTSIDE: Final = frozenset({"bystander", "abroad", "recipient", "model"})
"""Borne by people outside the company, too."""
KEYS: Final = tuple(each.key for each in RISKS)


@dataclass(frozen=True, slots=True)
class Taken:
    """A measure, and whether it is in force with the settings of now."""

    measure: Measure
    in_force: bool


@dataclass(frozen=True, slots=True)
class Override:
    """The officer's own judgement of one risk, with the reason."""

    risk: str
    likelihood: int
    severity: int
    residual_likelihood: int
    residual_severity: int
    why: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One risk with what is done against it and what remains; `why`: the officer's reason, "" for the rule's own."""

    risk: str
    outside: bool
    likelihood: int
    severity: int
    measures: tuple[Taken, ...]
    residual_likelihood: int
    residual_severity: int
    why: str

    @property
    def before(self) -> Level:
        """Without measures."""
        return level(self.likelihood, self.severity)

    @property
    def after(self) -> Level:
        """With them."""
        return level(self.residual_likelihood, self.residual_severity)


def level(likelihood: int, severity: int) -> Level:
    """Likelihood times severity: up to 2 low, up to 4 medium, 6 and 9 high. Raises ValueError beyond 1 to 3."""
    if likelihood not in STEPS or severity not in STEPS:
        raise ValueError("likelihood and severity run from 1 to 3")
    product = likelihood * severity
    return Level.LOW if product <= MEDIUM else Level.MEDIUM if product <= HIGH + LOW else Level.HIGH


def in_force(scope: tuple[Setting, ...], measured: tuple[Measurement, ...], *, grounded: bool) -> frozenset[Measure]:
    """The measures that these settings and measurements have; `grounded`: every recipient has country and ground."""
    is_ = {each.name: each.value for each in scope}
    counted = [each for each in measured if each.counts and each.source is not Source.PACK]
    rates = [each for each in counted if each.rates]
    tested = any(each.source is Source.LIVENESS for each in rates)
    depends = {
        Measure.KEY_PROTECTED: is_["key"] != (SecurityLevel.WEAK.value,),
        Measure.BACKUP_SEALED: True,  # there is no backup that is not sealed, or none at all
        Measure.BACKUP_FACELESS: is_["backup_faces"] == ("no",),
        Measure.STRICT_MATCH: int(is_["threshold"][0]) >= STRICT and int(is_["margin"][0]) >= LEAD,
        Measure.ASKED_FIRST: is_["mode"] == ("verification",) or is_["confirm"] == ("yes",),
        Measure.MEASURED: any(each.source in {Source.EVALUATION, Source.GALLERY} for each in rates),
        Measure.BY_GROUP: any(each.gaps for each in rates),
        Measure.ATTACKS_REFUSED: is_["liveness"] != ("signal",),
        Measure.ATTACKS_TESTED: is_["liveness"] == ("enforce",) and tested,
        Measure.CONDUCT_OFF: not any(each.startswith(f"{Purpose.CONDUCT}:") for each in is_["purposes"]),
        Measure.ACT_FIRST: is_["hands_free"] == ("off",),
        Measure.GROUNDED: grounded,
    }
    return frozenset(each for each in Measure if depends.get(each, True))


def judged(there: frozenset[Measure], overrides: tuple[Override, ...] = ()) -> tuple[Judged, ...]:
    """Every risk of the table, with the rule's judgement or the officer's."""
    own = {each.risk: each for each in overrides}
    return tuple(_judged(risk, there, own.get(risk.key)) for risk in RISKS)


def _judged(risk: Risk, there: frozenset[Measure], own: Override | None) -> Judged:
    taken = tuple(Taken(each, each in there) for each in (*risk.main, *risk.others))
    if own is not None:
        before, after = (own.likelihood, own.severity), (own.residual_likelihood, own.residual_severity)
        return Judged(risk.key, risk.key in OUTSIDE, *before, taken, *after, own.why)
    lowered = max(LOW, risk.likelihood - 1) if there >= set(risk.main) else risk.likelihood
    return Judged(risk.key, risk.key in OUTSIDE, risk.likelihood, risk.severity, taken, lowered, risk.severity, "")
