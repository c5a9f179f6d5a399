"""The words of one notice in one language; refuses to leave out what nobody has filled in."""

from dataclasses import dataclass
from typing import Final

from kiosk import words
from kiosk.rights.company import Company
from kiosk.rights.purposes import LegalBasis

# GDPR Article 6(1), UU PDP 27/2022 Article 20(2).
BASES: Final = {
    LegalBasis.CONSENT: ("6(1)(a)", "20(2)(a)"),
    LegalBasis.CONTRACT: ("6(1)(b)", "20(2)(b)"),
    LegalBasis.LEGAL_OBLIGATION: ("6(1)(c)", "20(2)(c)"),
    LegalBasis.VITAL_INTERESTS: ("6(1)(d)", "20(2)(d)"),
    LegalBasis.PUBLIC_TASK: ("6(1)(e)", "20(2)(e)"),
    LegalBasis.LEGITIMATE_INTERESTS: ("6(1)(f)", "20(2)(f)"),
}
FACE: Final = ("9(2)(a)", "4(2)(b)")
"""Explicit consent to data of the face: a special category, and specific personal data."""

PROOF: Final = ("5(2), 7(1)", "24, 31")
"""Who processes must be able to prove it, and keeps a record of it."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Says the sentences of the notice.

    Attributes:
        language: two letters.
        company: whose notice it is.
    """

    language: str
    company: Company

    def say(self, key: str, **values: str | int) -> str:
        """One sentence of the notice; an empty value is said to be empty."""
        filled = {name: self.filled(value) if isinstance(value, str) else value for name, value in values.items()}
        return words.say(self.language, f"notice.{key}", **filled)

    def filled(self, value: str) -> str:
        """The value, or that nobody has filled it in."""
        return value or words.say(self.language, "notice.empty")

    def officer(self, key: str) -> str:
        """A sentence that names the officer, and how to reach them."""
        return self.say(key, officer=self.company.officer.name, email=self.company.officer.email)

    def law(self, gdpr: str, uu_pdp: str) -> str:
        """The articles of the law, or the two laws, that privacy.toml says the company is under."""
        both = {"gdpr": gdpr, "uu_pdp": uu_pdp}
        named = [law for law in both if self.company.clocks.law in (law, "both") and both[law]]
        return ", ".join(self.say(f"article.{law}", article=both[law]) for law in named)
