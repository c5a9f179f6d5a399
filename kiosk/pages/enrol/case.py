"""Whose enrolment this is, who began it, and what has come of it so far; refuses to hold a picture."""

from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.flow.actions import short_name
from kiosk.pages.page import Employee, Official, Page
from kiosk.store import Consent
from kiosk.vision.enrolment import Enrolled


class Need(StrEnum):
    """What a person needs, as the lists say it."""

    FIRST = "first"  # no face yet
    AGAIN = "again"  # a face of another model, which this door does not use
    RENEWAL = "renewal"  # the consent has to be answered anew
    NOTHING = "nothing"  # a face that is used


class Without(StrEnum):
    """Why there is no face in this enrolment, and a PIN all the same."""

    OFF = "off"
    NOT_RELEASED = "not_released"
    NO_MODEL = "no_model"
    NO_NOTICE = "no_notice"
    NO_CONSENT = "no_consent"  # faces rest on another ground here
    MINOR = "minor"
    RESTRICTED = "restricted"
    SECRET = "secret"  # noqa: S105 - one of the two above, for whoever does not decide about them


@dataclass(frozen=True, slots=True)
class Case:
    """One enrolment.

    Args:
        person: random id.
        name: in full.
        code: employee code.
        need: what they need.
        has_pin: whether a PIN is set.
        has_face: whether a face is kept here, used or not.
        by: who began it, logged in then.
        start: where they go on with the next person.
        without: why there can be no face; None where there can.
        glasses: whether the camera takes them once more with glasses, or without.
    """

    person: str
    name: str = field(repr=False)
    code: str = field(repr=False)
    need: Need
    has_pin: bool
    has_face: bool
    by: Official
    start: Page
    without: Without | None = None
    glasses: bool = False

    @property
    def themselves(self) -> Employee:
        """The person as a visitor, who may do nothing here but this."""
        return Employee(self.person, short_name(self.name), full=False)


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """What the person has agreed to and the camera has taken; RAM only.

    Args:
        agreed: their consent.
        found: references that have passed the trial.
        alike: somebody else's face is so near that it takes face and PIN; a human has said that they are two.
    """

    agreed: Consent
    found: Enrolled = field(repr=False)
    alike: bool = False
