"""A company, a device and a published notice, for the tests of notices and consents."""

from dataclasses import replace
from pathlib import Path

from kiosk.config import Config, Recognition
from kiosk.rights import notices
from kiosk.rights.company import Approval, Authority, Company, Controller, Officer, Recipient
from kiosk.rights.editions import Edition
from kiosk.rights.notice_source import Source
from kiosk.rights.notices import New
from kiosk.store import Consent, Store

TODAY, NEXT_WEEK = "2026-11-16", "2026-11-23"  # store_kit.MORNING is a moment of the first
DPO = "0123456789abcdef"
CONTROLLER = Controller("PT Gerbang Terang", "Jl. Merdeka 1, Bandung", "ID", "halo@gerbang.example")
COMPANY = Company(
    controller=CONTROLLER,
    officer=Officer("Ibu Lestari", "dpo@gerbang.example", "+62 22 555 01"),
    authority=Authority("Lembaga PDP", "Jakarta", "https://pdp.example"),
    approval=Approval("Direksi", TODAY, "2027-11-16"),
    recipients=(
        Recipient(
            *("Gerbang Payroll BV", "processor", "pay.example", ("attendance",), ("code", "times"), "NL"),
            *("contract_clauses", "SCC-7", "2026-10-01"),
        ),
    ),
)


def source(company: Company = COMPANY, *, mode: str = "identification", device: str = DPO) -> Source:
    return Source(company, Config(data=Path("/nowhere"), recognition=Recognition(mode=mode)), device)


def approved(effective: str = TODAY, company: Company = COMPANY, **controller: str) -> Company:
    """The same company with another day, and other words about the controller."""
    changed = replace(company.controller, **controller)
    return replace(company, controller=changed, approval=replace(company.approval, effective=effective))


def published(store: Store, company: Company = COMPANY) -> Edition:
    outcome = notices.publish(store, source(company), by=DPO)
    assert isinstance(outcome, New)
    return outcome.edition


def consent_to(store: Store, edition: Edition, witness: str = "self") -> Consent:
    return Consent(edition.label, "id", store.now_ms(), witness)


PRIVACY = f"""
[controller]
name = "PT Gerbang Terang"
address = "Jl. Merdeka 1, Bandung"
country = "ID"
[officer]
name = "Ibu Lestari"
email = "dpo@gerbang.example"
[authority]
name = "Lembaga PDP"
[approval]
approver = "Direksi"
effective = "{TODAY}"
review = "2027-11-16"
"""
