"""Where somebody turns who does not agree: officer, authority, court; refuses to pass over what is not filled in.

GDPR Articles 12(4), 13(2)(d), 77 and 79.
"""

from kiosk.rights.company import Company
from kiosk.words import say


def officer(company: Company, language: str) -> str:
    """Whom questions go to, in one sentence."""
    known = company.officer.contact
    return say(language, "requests.contact", officer=known) if known else say(language, "requests.contact_open")


def authority(company: Company, language: str) -> str:
    """Where to complain, in one sentence."""
    known = company.authority.contact
    return say(language, "requests.authority", authority=known) if known else say(language, "requests.authority_open")


def court(language: str) -> str:
    """That the courts stay open, in one sentence."""
    return say(language, "requests.court")
