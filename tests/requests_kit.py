"""A small office for the request desk: Budi asks, Sri must not be seen, Ratna runs the device, Wulan is the officer."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from admin_kit import ALSO_GOOD, GOOD, another, first_admin
from shell_kit import ran
from store_kit import CONSENT, OPENED, PIN, Hands, check_in, dispute, face, new_store
from store_once import copied, opened, shut

from kiosk import clock
from kiosk.rights.company import Company, parse
from kiosk.store import Store
from kiosk.store.approval import LoggedIn, Role

RATNA, WULAN = "Ratna Kusuma", "Wulan Hartati"
BUDI, SRI = ("E-0417", "Budi Santoso"), ("E-0988", "Sri Wahyuni")
PRIVACY = """
[controller]
name = "PT Contoh"
address = "Jalan Contoh 1, Jakarta"
country = "ID"
[officer]
name = "Petugas Pelindungan Data"
email = "privasi@contoh.example"
[authority]
name = "Lembaga Pelindungan Data Pribadi"
[[recipient]]
name = "PT Contoh HQ"
category = "employer"
host = "hq.contoh.example"
purposes = ["attendance"]
fields = ["employee code", "time", "action"]
country = "ID"
ground = "same_country"
[[recipient]]
name = "Dana Pensiun"
category = "processor"
country = "ID"
ground = "contract"
[[recipient]]
name = "Nowhere Ltd"
category = "processor"
"""
COMPANY: Company = parse(PRIVACY.encode())


@dataclass
class Office:
    """An open store with two people and two accounts."""

    data: Path
    store: Store
    hands: Hands
    budi: str
    sri: str
    admin: LoggedIn
    officer: LoggedIn


def office(data: Path) -> Office:
    """Both people have a face, a PIN and attendance."""
    first, hands = copied(_first, data), Hands()
    return replace(first, data=data, store=opened(data / "state", hands), hands=hands)


def _first(data: Path) -> Office:
    hands = Hands()
    store = new_store(data / "state", hands)
    (data / "privacy.toml").write_text(PRIVACY, encoding="utf-8")
    admin = first_admin(store, RATNA, GOOD)
    officer = another(store, admin, WULAN, ALSO_GOOD, Role.DPO)
    people = []
    for (code, name), seed in ((BUDI, 1), (SRI, 8)):
        person = store.people.add(code, name, pin=PIN)
        store.basis.enrol(person, CONSENT, [face(person, seed), face(person, seed + 1)])
        for number in range(3):
            event = check_in(store, at=hands.wall_ms - number * 40 * 86_400_000, code=code)
            store.ledger.append(event, person)
        store.ledger.append(dispute(store, event.event_id, code=code), person)
        people.append(person)
    shut(store)
    return Office(data, store, hands, people[0], people[1], admin, officer)


@dataclass
class Shell:
    """Runs `kiosk privacy` on the closed store of an office; time is that of its hands."""

    office: Office
    patch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __post_init__(self) -> None:
        self.office.store.close()
        OPENED.clear()
        self.patch.setenv("LC_ALL", "C.UTF-8")
        self.patch.setattr(clock.Watch, "__call__", lambda _watch: self.office.hands())

    def __call__(self, *words: str | Path, typed: tuple[str, ...] = (), code: int = 0) -> tuple[str, str]:
        return ran(self.patch, self.capsys, ("privacy", *words, "--data", self.office.data), typed, code)

    def officer(self, *words: str | Path, typed: tuple[str, ...] = (), code: int = 0) -> tuple[str, str]:
        return self(*words, "--by", WULAN, typed=(ALSO_GOOD, *typed), code=code)

    def asked(self, *words: str | Path, typed: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.officer(*words, "--json", typed=typed)[0])

    def again(self) -> Store:
        return opened(self.office.data / "state", self.office.hands)
