"""What an objection stops at once, and who may decide it how; refuses to override one without a compelling ground.

GDPR Article 21, policy E18. Pure: the acts are in kiosk/rights/objecting.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, assert_never

from kiosk.rights import strict
from kiosk.rights.company import PurposeRule
from kiosk.rights.purposes import LegalBasis, Purpose
from wire.errors import FormatError

RIGHT: Final = "objection"

LEAST_GROUND: Final = 20
LONGEST: Final = 2000


class Effect(StrEnum):
    """What happens at once, before anybody has decided anything."""

    FACE_STOPPED = "face_stopped"  # not compared any more; the PIN goes on
    HELD = "held"  # check-ins are recorded and stay on the device
    STOPPED = "stopped"  # nothing of this kind is done for this person any more
    ENDED = "ended"  # granted, and nothing is left to decide
    CANNOT_STOP = "cannot_stop"  # it is not about this person alone: said so
    NO_RIGHT = "no_right"  # the law gives no objection against this basis: said so, and a human answers
    NOT_DONE = "not_done"  # the purpose is off: there is nothing to stop


class Outcome(StrEnum):
    """What the officer decides."""

    UPHELD = "upheld"
    OVERRIDDEN = "overridden"


def effect_of(purpose: Purpose, rule: PurposeRule | None) -> Effect:
    """What an objection to a purpose does at once.

    Article 21(1) is about processing for a public task or for legitimate interests. What stands on consent is taken
    back rather than objected to; here both do the same. Against direct marketing an objection always holds (21(2)).

    Args:
        purpose: what is objected to.
        rule: on what ground the company carries it on; None if it does not.
    """
    if rule is None and purpose is not Purpose.MARKETING:
        return Effect.NOT_DONE
    match purpose:
        case Purpose.MARKETING | Purpose.TESTING:
            return Effect.ENDED
        case Purpose.FACE_RECOGNITION:
            return Effect.FACE_STOPPED
        case Purpose.ANNOUNCEMENTS | Purpose.CONDUCT:
            return Effect.STOPPED
        case Purpose.ATTENDANCE | Purpose.BUSINESS_TRIPS:
            return Effect.HELD if rule is not None and _open_to_objection(rule.basis) else Effect.NO_RIGHT
        case Purpose.SECURITY | Purpose.OPERATION | Purpose.PROOF:
            return Effect.CANNOT_STOP if rule is not None and _open_to_objection(rule.basis) else Effect.NO_RIGHT
        case _:
            assert_never(purpose)


def _open_to_objection(basis: LegalBasis) -> bool:
    return basis in {LegalBasis.PUBLIC_TASK, LegalBasis.LEGITIMATE_INTERESTS, LegalBasis.CONSENT}


@dataclass(frozen=True, slots=True)
class Objected:
    """One objection.

    Attributes:
        purpose: what is objected to.
        basis: on what it was carried on then, or "".
        why: the person's words.
        received_at: ms UTC.
        effect: what stopped at once.
        restriction: id of the restriction that it brought about, or "".
        outcome: "" while it is assessed.
        ground: for an override: the compelling ground, in the officer's words.
        decided_at: ms UTC; 0 before.
        decided_by: account; "" before, or where no decision was needed.
    """

    purpose: Purpose
    basis: str
    why: str = field(repr=False)
    received_at: int
    effect: Effect
    restriction: str = ""
    outcome: str = ""
    ground: str = field(default="", repr=False)
    decided_at: int = 0
    decided_by: str = ""

    def encode(self) -> dict[str, Any]:
        """The content of its paper."""
        return {"right": RIGHT, **strict.plain(self)}

    @classmethod
    def decode(cls, content: Mapping[str, Any]) -> "Objected":
        """What `encode` made. Raises wire.errors.FormatError."""
        fields = dict(content)
        if fields.pop("right", "") != RIGHT:
            raise FormatError("not an objection")
        return strict.read(cls, fields)


def hindrance(one: Objected, outcome: Outcome, ground: str, *, on_consent: bool) -> str | None:
    """Why the officer may not decide so; None if they may.

    Args:
        one: the objection.
        outcome: what is to be decided.
        ground: the written ground of an override.
        on_consent: whether the person's consent carries it: nobody may override that.
    """
    if one.outcome:
        return "it is decided already"
    if outcome is Outcome.UPHELD:
        return "an objection that holds needs no ground" if ground else None
    if on_consent:
        return "it stands on the consent of this person: nobody may override that"
    if not LEAST_GROUND <= len(ground.strip()) <= LONGEST:
        return f"an override needs a compelling ground, written out in {LEAST_GROUND} to {LONGEST} characters"
    return None
