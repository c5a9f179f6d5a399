"""privacy.toml becomes one frozen Company: who answers for the data, why, for whom, how long; refuses a guess.

Everything a notice, a register or an assessment says about the company stands here, and nowhere else.
"""

import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from kiosk.config import section
from kiosk.faults import Fault, FaultCode
from kiosk.rights.purposes import ALWAYS, DEFAULT_BASIS, LegalBasis, Purpose

FILE: Final = "privacy.toml"
LAWS: Final = ("gdpr", "uu_pdp", "both")
_LARGEST: Final = 262_144
_URL: Final = 500


@dataclass(frozen=True, slots=True)
class Controller:
    """Who decides why and how data is processed.

    `country`: two letters of ISO 3166. `notice_url`: where people read the privacy notice; "" if nowhere but here.
    """

    name: str = ""
    address: str = ""
    country: str = ""
    email: str = ""
    phone: str = ""
    registration: str = ""
    notice_url: str = ""


@dataclass(frozen=True, slots=True)
class Officer:
    """The data-protection officer, or whom the company has named for it."""

    name: str = ""
    email: str = ""
    phone: str = ""

    @property
    def contact(self) -> str:
        """Everything that is filled in, with commas between; "" if nothing is."""
        return ", ".join(part for part in (self.name, self.email, self.phone) if part)


@dataclass(frozen=True, slots=True)
class Authority:
    """Where people may complain."""

    name: str = ""
    address: str = ""
    website: str = ""

    @property
    def contact(self) -> str:
        """Everything that is filled in, with commas between; "" if nothing is."""
        return ", ".join(part for part in (self.name, self.address, self.website) if part)


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved the policy, from when it holds and when it is looked at again; dates as YYYY-MM-DD (policy E30)."""

    approver: str = ""
    effective: str = ""
    review: str = ""


@dataclass(frozen=True, slots=True)
class Consultation:
    """Whom the company has asked before it recognised faces (policy E11)."""

    body: str = ""
    on: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Clocks:
    """How long an answer may take.

    Attributes:
        law: "gdpr", "uu_pdp" or "both"; of two clocks the stricter one counts.
        request_hours: by when a person's request is answered (UU PDP: 72 h).
        extension_days: by how much it may be put off once, with a reason that the person is told (GDPR: two months).
        breach_hours: by when an authority is told (both: 72 h).
        consent_days: for how long a face goes on being used after a new notice, until the person has answered it.
    """

    law: str = "both"
    request_hours: int = 72
    extension_days: int = 60
    breach_hours: int = 72
    consent_days: int = 30


@dataclass(frozen=True, slots=True)
class Periods:
    """How long each class is kept after it is no longer needed, in months (policy E8)."""

    attendance: int = 24
    requests: int = 36
    breaches: int = 60
    proofs: int = 60
    exports_days: int = 30


@dataclass(frozen=True, slots=True)
class PurposeRule:
    """One purpose that is carried on.

    Attributes:
        purpose: which.
        basis: on what ground.
        interest: for legitimate interests: which; for a legal obligation or a public task: the law that is cited.
    """

    purpose: Purpose
    basis: LegalBasis
    interest: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who receives personal data (policy KK13, E28); without a ground nothing is sent.

    Attributes:
        name: of the organisation.
        category: "employer", "processor", "authority", ...
        host: where sync delivers to; "" for somebody who is not reached over a network.
        purposes: why; values of `Purpose`.
        fields: what they get, in words.
        country: two letters of ISO 3166.
        ground: of the transfer: "eea", "adequacy", "contract_clauses", "binding_rules", "explicit_consent", "contract",
            "public_interest", "legal_claims", "vital_interests", "same_country".
        evidence: the document that shows it.
        date: of that document, YYYY-MM-DD.
    """

    name: str
    category: str
    host: str = ""
    purposes: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    country: str = ""
    ground: str = ""
    evidence: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Company:
    """Everything privacy.toml says; see docs/dpo.md."""

    controller: Controller = field(default_factory=Controller)
    officer: Officer = field(default_factory=Officer)
    authority: Authority = field(default_factory=Authority)
    approval: Approval = field(default_factory=Approval)
    consultation: Consultation = field(default_factory=Consultation)
    clocks: Clocks = field(default_factory=Clocks)
    periods: Periods = field(default_factory=Periods)
    purposes: tuple[PurposeRule, ...] = tuple(PurposeRule(one, basis) for one, basis in DEFAULT_BASIS.items())
    recipients: tuple[Recipient, ...] = ()

    def rule(self, purpose: Purpose) -> PurposeRule | None:
        """On what ground a purpose is carried on; None if it is off."""
        return next((each for each in self.purposes if each.purpose is purpose), None)

    def missing(self) -> tuple[str, ...]:
        """What a notice cannot do without and is not filled in yet: keys of privacy.toml."""
        needed = {
            "controller.name": self.controller.name,
            "controller.address": self.controller.address,
            "controller.country": self.controller.country,
            "officer.name": self.officer.name,
            "officer.email": self.officer.email,
            "authority.name": self.authority.name,
            "approval.approver": self.approval.approver,
            "approval.effective": self.approval.effective,
            "approval.review": self.approval.review,
        }
        return tuple(key for key, value in needed.items() if not value)


_SECTIONS: Final[dict[str, type]] = {
    "controller": Controller,
    "officer": Officer,
    "authority": Authority,
    "approval": Approval,
    "consultation": Consultation,
    "clocks": Clocks,
    "periods": Periods,
}


def load(path: Path) -> Company:
    """Read privacy.toml; a device that has none says in every document what is missing.

    Raises:
        Fault: PRIVACY_INVALID, with the key that is wrong.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Company()
    except OSError as wrong:
        raise _invalid(f"{path.name}: {wrong.strerror}") from wrong
    return parse(data)


def parse(data: bytes) -> Company:
    """Read the bytes of privacy.toml. Raises Fault PRIVACY_INVALID."""
    if len(data) > _LARGEST:
        raise _invalid(f"more than {_LARGEST} bytes")
    try:
        table: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise _invalid(str(wrong)) from wrong
    if unknown := sorted(set(table) - {*_SECTIONS, "purpose", "recipient"}):
        raise _invalid(f"unknown key {unknown[0]!r}")
    values = {name: _section(kind, table[name], name) for name, kind in _SECTIONS.items() if name in table}
    if "purpose" in table:
        values["purposes"] = tuple(_rule(each) for each in _tables(table["purpose"], "purpose"))
    if "recipient" in table:
        values["recipients"] = tuple(
            _section(Recipient, each, "recipient") for each in _tables(table["recipient"], "recipient")
        )
    company = Company(**values)
    _check(company)
    return company


def _section(kind: type, table: object, name: str) -> Any:  # noqa: ANN401 - one of the classes above
    try:
        return section(kind, table, name)
    except Fault as fault:
        raise _invalid(fault.detail) from fault
    except TypeError as wrong:
        raise _invalid(f"[[{name}]]: a key is missing") from wrong


def _tables(value: object, name: str) -> list[object]:
    if not isinstance(value, list):
        raise _invalid(f"write [[{name}]]")
    return value


def _rule(table: object) -> PurposeRule:
    if not isinstance(table, dict) or not set(table) <= {"name", "basis", "interest"}:
        raise _invalid("[[purpose]] has name, basis and interest")
    try:
        purpose, basis = Purpose(str(table.get("name"))), LegalBasis(str(table.get("basis")))
    except ValueError as wrong:
        raise _invalid(f"[[purpose]]: {wrong}") from wrong
    interest = table.get("interest", "")
    if not isinstance(interest, str):
        raise _invalid("purpose.interest must be text")
    return PurposeRule(purpose, basis, interest)


def _check(company: Company) -> None:
    named = [each.purpose for each in company.purposes]
    clocks, periods = company.clocks, company.periods
    dates = {
        "approval.effective": company.approval.effective,
        "approval.review": company.approval.review,
        "consultation.on": company.consultation.on,
        **{f"recipient.date of {one.name}": one.date for one in company.recipients},
    }
    rules = (
        (len(set(named)) == len(named), "a purpose stands there twice"),
        (set(named) >= ALWAYS, f"these purposes cannot be left out: {', '.join(sorted(ALWAYS))}"),
        (_is_url(company.controller.notice_url), "controller.notice_url must begin with https:// and have no blanks"),
        (clocks.law in LAWS, f"clocks.law must be one of {', '.join(LAWS)}"),
        (1 <= clocks.request_hours <= 31 * 24, "clocks.request_hours: 1 to 744, one month"),
        (0 <= clocks.extension_days <= 60, "clocks.extension_days: 0 to 60"),  # noqa: PLR2004 - two months
        (1 <= clocks.breach_hours <= 72, "clocks.breach_hours: 1 to 72"),  # noqa: PLR2004 - both laws
        (0 <= clocks.consent_days <= 90, "clocks.consent_days: 0 to 90"),  # noqa: PLR2004 - a quarter
        (
            min(periods.attendance, periods.requests, periods.breaches, periods.proofs, periods.exports_days) >= 1,
            "periods: at least 1",
        ),
        *((_is_date(value), f"{key} must be a date, YYYY-MM-DD") for key, value in dates.items()),
    )
    for holds, sentence in rules:
        if not holds:
            raise _invalid(sentence)


def _is_url(value: str) -> bool:
    """Empty, or an address that fits into a QR code and that a browser opens without sending anything in the clear."""
    return not value or (
        value.startswith("https://") and value.isprintable() and " " not in value and len(value) <= _URL
    )


def _is_date(value: str) -> bool:
    try:
        return not value or date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _invalid(detail: str) -> Fault:
    return Fault(FaultCode.PRIVACY_INVALID, detail)
