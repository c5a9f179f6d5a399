"""A company, its officer, their answers and a signed assessment, for the tests of assessments and breaches."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from admin_kit import ALSO_GOOD, GOOD, RATNA, another, first_admin
from shell_kit import ran
from store_kit import key_of

from kiosk.config import Config
from kiosk.rights import assessment_acts, company
from kiosk.rights.assessment import Answers, Party
from kiosk.rights.assessment_answers import Filled
from kiosk.rights.company import Company
from kiosk.rights.scope import Running
from kiosk.store import Store
from kiosk.store.approval import LoggedIn, Role

DEWI = "Dewi Anggraini"
PRIVACY = """
[controller]
name = "PT Contoh Makmur"
address = "Jl. Merdeka 1, Jakarta"
country = "ID"
[officer]
name = "Dewi Anggraini"
email = "dpo@contoh.example"
phone = "021 555 0101"
[authority]
name = "Lembaga PDP"
[approval]
approver = "Direktur Utama"
effective = "2026-11-01"
review = "2027-11-01"
[consultation]
body = "Perwakilan karyawan"
on = "2026-11-10"
outcome = "setuju, dengan PIN yang setara"
[[recipient]]
name = "HQ Jakarta"
category = "employer"
country = "ID"
ground = "same_country"
purposes = ["attendance"]
fields = ["employee code", "action", "time"]
"""
KNOWN = company.parse(PRIVACY.encode())
ANSWERS = Answers(
    necessity="Kartu sering dipinjamkan.",
    proportionality="Hanya pintu ini, dan PIN setara.",
    parties=(Party("Perwakilan karyawan", "2026-11-10", "setuju"),),
    advice="Boleh, dengan kunci yang dilindungi.",
    authority="Konsultasi 2026-11-12, nomor 7",
    review="2027-11-01",
)
TOML = """
necessity = "Kartu sering dipinjamkan."
proportionality = "Hanya pintu ini, dan PIN setara."
advice = "Boleh, dengan kunci yang dilindungi."
authority = "Konsultasi 2026-11-12, nomor 7"
review = "2027-11-01"
"""


def officer(store: Store) -> LoggedIn:
    """An administrator and a data-protection officer; returns the officer."""
    return another(store, first_admin(store), DEWI, ALSO_GOOD, Role.DPO)


def signed(store: Store, config: Config, by: LoggedIn, known: Company = KNOWN) -> str:
    """Sign an assessment of these settings; returns the paper's id."""
    running = Running(config, known)
    kept = assessment_acts.draft(store, running, Filled(ANSWERS), (), by=by.account)
    return assessment_acts.sign(store, running, kept.paper.id, by=by.account).paper.id


@dataclass
class Shell:
    """Runs `kiosk privacy` as somebody, in this process."""

    data: Path
    patch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str, by: str = DEWI, code: int = 0) -> tuple[str, str]:
        line = ("privacy", *words, "--data", self.data, *(("--by", by) if by else ()))
        return ran(self.patch, self.capsys, line, (GOOD if by == RATNA else ALSO_GOOD,), code)

    def asked(self, *words: str, by: str = DEWI, code: int = 0) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self(*words, "--json", by=by, code=code)[0])


def desk(data: Path) -> None:
    """A device with accounts, privacy.toml and answers.toml, closed."""
    store = Store.create(data / "state", provider=key_of(data / "state"))
    officer(store)
    store.close()
    (data / "privacy.toml").write_text(PRIVACY)
    (data / "answers.toml").write_text(TOML)
