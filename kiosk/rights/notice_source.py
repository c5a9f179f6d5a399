"""What a privacy notice is made from, and what it still lacks; refuses to fill a gap with a guess."""

from dataclasses import dataclass

from kiosk.config import Config
from kiosk.rights.company import Company, PurposeRule
from kiosk.rights.purposes import LegalBasis, Purpose
from kiosk.rights.recipients import Standing, register

# Grounds that say nothing without the interest, or the law, that they rest on.
_NAMED = frozenset({LegalBasis.LEGITIMATE_INTERESTS, LegalBasis.LEGAL_OBLIGATION, LegalBasis.PUBLIC_TASK})
_OURS = {
    (Purpose.SECURITY, LegalBasis.LEGITIMATE_INTERESTS),
    (Purpose.OPERATION, LegalBasis.LEGITIMATE_INTERESTS),
    (Purpose.ANNOUNCEMENTS, LegalBasis.LEGITIMATE_INTERESTS),
    (Purpose.PROOF, LegalBasis.LEGAL_OBLIGATION),
}
"""For these there are sentences of our own, unless privacy.toml has better ones."""


@dataclass(frozen=True, slots=True)
class Source:
    """The running configuration of one device.

    Attributes:
        company: privacy.toml.
        config: kiosk.toml.
        device: id of the device, 16 hexadecimal digits.
    """

    company: Company
    config: Config
    device: str

    @property
    def faces(self) -> bool:
        """Whether this device recognises anybody at all."""
        return self.config.recognition.mode != "off"

    @property
    def sends(self) -> bool:
        """Whether attendance leaves this device."""
        return bool(self.config.headquarters.name) or self.config.delivery.backend != "hq"

    @property
    def rules(self) -> tuple[PurposeRule, ...]:
        """The purposes that are carried on here; a device without a camera knows nobody's face."""
        return tuple(
            each for each in self.company.purposes if self.faces or each.purpose is not Purpose.FACE_RECOGNITION
        )


def says_itself(rule: PurposeRule) -> bool:
    """Whether the interest or the law of this rule is one that we have a sentence for."""
    return not rule.interest and (rule.purpose, rule.basis) in _OURS


def gaps(source: Source) -> tuple[str, ...]:
    """What is not filled in yet, as keys of privacy.toml; a notice with gaps cannot be published."""
    company = source.company
    unnamed = tuple(
        f"purpose.interest of {each.purpose}"
        for each in source.rules
        if each.basis in _NAMED and not each.interest and not says_itself(each)
    )
    vague = tuple(
        f"recipient of {each.recipient.name}: {problem}" for each in register(company) for problem in _lacks(each)
    )
    unknown = ("recipient",) if source.sends and not any(each.host for each in company.recipients) else ()
    return (*company.missing(), *unnamed, *unknown, *vague)


def _lacks(each: Standing) -> tuple[str, ...]:
    fields = () if each.recipient.fields else ("fields_missing",)
    return (*(problem.value for problem in each.problems), *fields)
