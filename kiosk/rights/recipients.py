"""Who may receive personal data, and on what ground it may leave the country; refuses a transfer without proof.

GDPR Articles 30(1)(d) and (e), 44 to 49; UU PDP 27/2022 Article 56. What the register does not admit, sync does not
deliver (docs/decisions/0020).
"""

import hashlib
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights.company import Company, Recipient
from kiosk.rights.purposes import Purpose
from wire import canonical
from wire import recipients as published
from wire.errors import FormatError
from wire.recipients import Listed, Register

SAME_COUNTRY: Final = "same_country"
EEA_GROUND: Final = "eea"
TRANSFER_GROUNDS: Final = (
    "adequacy",
    "contract_clauses",
    "binding_rules",
    "explicit_consent",
    "contract",
    "public_interest",
    "legal_claims",
    "vital_interests",
)
"""The eight grounds on which data may leave (policy E28): GDPR Articles 45, 46(2)(b) to (d), 47 and 49(1)(a) to (f)."""
_CODES: Final = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
EEA: Final = frozenset(_CODES.split())
"""The European Economic Area: the Union, and Iceland, Liechtenstein and Norway."""


class Problem(StrEnum):
    """Why a recipient receives nothing."""

    COUNTRY_MISSING = "country_missing"
    COUNTRY_UNKNOWN = "country_unknown"
    GROUND_MISSING = "ground_missing"
    GROUND_UNKNOWN = "ground_unknown"
    GROUND_ELSEWHERE = "ground_elsewhere"  # "same_country" or "eea" for a country that is neither
    EVIDENCE_MISSING = "evidence_missing"
    DATE_MISSING = "date_missing"
    PURPOSE_UNKNOWN = "purpose_unknown"
    UNFIT = "unfit"  # a name or a host that no message can carry


@dataclass(frozen=True, slots=True)
class Standing:
    """How one recipient stands in the register.

    Attributes:
        recipient: as privacy.toml has it.
        ground: on what a transfer rests, filled in where the country alone is ground enough; "" if there is none.
        outside: whether it is a transfer to a third country: neither the controller's own nor in the EEA.
        problems: why it receives nothing; empty if it may.
    """

    recipient: Recipient
    ground: str
    outside: bool
    problems: tuple[Problem, ...]

    @property
    def admitted(self) -> bool:
        """Whether anything may be sent there."""
        return not self.problems


def standing(recipient: Recipient, home: str) -> Standing:
    """Judge one recipient.

    Args:
        recipient: as privacy.toml has it.
        home: the controller's country, two letters, or "" if it is not filled in.
    """
    country, ground = recipient.country.upper(), recipient.ground
    near = country != "" and (country == home.upper() or country in EEA)
    if near and not ground:
        ground = SAME_COUNTRY if country == home.upper() else EEA_GROUND
    problems = [
        *_of_country(country),
        *_of_ground(ground, country, home.upper()),
        *((Problem.PURPOSE_UNKNOWN,) if set(recipient.purposes) - set(Purpose) else ()),
    ]
    if country and not near:
        problems += [Problem.EVIDENCE_MISSING] if not recipient.evidence else []
        problems += [Problem.DATE_MISSING] if not recipient.date else []
    try:
        Listed(recipient.name, recipient.host.lower(), ground)
    except FormatError:
        problems.append(Problem.UNFIT)
    return Standing(recipient, "" if problems else ground, bool(country) and not near, tuple(problems))


def abroad(country: str, home: str) -> bool:
    """Whether data that goes from one country to another leaves the space where the same law protects it.

    Within the EEA nothing leaves (GDPR Chapter V); from anywhere else the border does it (UU PDP 27/2022 Article 56).
    A country that nobody has stated counts as abroad.
    """
    return country.upper() not in EEA if home.upper() in EEA else country.upper() != home.upper()


def register(company: Company) -> tuple[Standing, ...]:
    """How every recipient stands, in the order of privacy.toml."""
    return tuple(standing(each, company.controller.country) for each in company.recipients)


def publication(company: Company) -> bytes:
    """The register as the kiosk publishes it to sync; whoever has a problem stands there without a ground.

    Raises:
        Fault: PRIVACY_INVALID: more than one request of the exchange can hold.
    """
    found = register(company)
    fit = [each for each in found if Problem.UNFIT not in each.problems]
    listed = tuple(Listed(each.recipient.name, each.recipient.host.lower(), each.ground) for each in fit)
    try:
        return published.encode(Register(digest(company), listed))
    except FormatError as wrong:
        raise Fault(FaultCode.PRIVACY_INVALID, "too many [[recipient]]") from wrong


def digest(company: Company) -> bytes:
    """SHA-256 of the whole register: every field of every recipient, and how it stands; 32 bytes."""
    whole = [
        {
            **{
                key: list(value) if isinstance(value, tuple) else value for key, value in asdict(each.recipient).items()
            },
            "admitted": each.admitted,
        }
        for each in register(company)
    ]
    return hashlib.sha256(canonical.encode({"home": company.controller.country, "recipients": whole})).digest()


def _of_country(country: str) -> tuple[Problem, ...]:
    if not country:
        return (Problem.COUNTRY_MISSING,)
    is_code = len(country) == 2 and country.isascii() and country.isalpha()  # noqa: PLR2004 - ISO 3166-1 alpha-2
    return () if is_code else (Problem.COUNTRY_UNKNOWN,)


def _of_ground(ground: str, country: str, home: str) -> tuple[Problem, ...]:
    match ground:
        case "":
            return (Problem.GROUND_MISSING,)
        case "same_country":
            return () if country == home else (Problem.GROUND_ELSEWHERE,)
        case "eea":
            return () if country in EEA else (Problem.GROUND_ELSEWHERE,)
        case _:
            return () if ground in TRANSFER_GROUNDS else (Problem.GROUND_UNKNOWN,)
