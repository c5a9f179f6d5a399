"""Siti before My data: a store with her, a colleague, an officer and a notice, and the way in by code and PIN."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from admin_kit import another, first_admin
from consent_kit import PRIVACY, published
from pages_kit import Guest, configured
from store_kit import PIN, Hands, check_in, face, new_store
from store_once import copied, opened, shut

from kiosk.pages.areas import AREAS
from kiosk.pages.sheet import Code, Sheet
from kiosk.rights import request_acts
from kiosk.rights.requests import Filed, Right
from kiosk.store import Consent, Store
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.ledger import month
from wire.event import Action, CheckIn

SITI, CODE = "Siti Rahmawati", "KTR-2017"
OTHER, OTHER_CODE = "Dewi Anggraini", "KTR-0500"
RECIPIENTS = """
[[recipient]]
name = "PT Contoh HQ"
category = "employer"
host = "hq.contoh.example"
purposes = ["attendance"]
fields = ["employee code", "time", "action"]
country = "ID"
ground = "same_country"
[[recipient]]
name = "Nowhere Ltd"
category = "processor"
"""


@dataclass
class Own:
    """The store, who is in it, and a guest who has not said yet who they are."""

    store: Store
    hands: Hands
    siti: str
    other: str
    officer: LoggedIn
    guest: Guest

    def begin(self) -> Guest:
        return self.guest.begin(AREAS["mydata"]())

    def home(self, pin: str = PIN, code: str = CODE) -> Guest:
        """The way in: one tap for the way, code and PIN typed."""
        return self.begin().tap("code").type(code).type(pin)

    def log(self, action: Action = Action.IN, *, at: int | None = None) -> CheckIn:
        event = check_in(self.store, action, at=at, code=CODE)
        self.store.ledger.append(event, self.siti)
        return event

    def register(self, right: Right, person: str = "") -> list[Filed]:
        found = request_acts.every(self.store, person=person or self.siti)
        return [each for each in found if each.request is not None and each.request.right is right]

    def acts(self) -> list[tuple[str, dict[str, str | int]]]:
        return [(act["kind"], act["detail"]) for _, act in self.store.ledger.local_acts(month(self.store.now_ms()))]


def own(data: Path) -> Own:
    first, hands = copied(_first, data), Hands()
    store = opened(data / "state", hands)
    guest = replace(first.guest, store=store, config=configured(store), uses=[])
    return replace(first, store=store, hands=hands, guest=guest)


def _first(data: Path) -> Own:
    hands = Hands()
    store = new_store(data / "state", hands)
    (data / "privacy.toml").write_text(PRIVACY + RECIPIENTS, encoding="utf-8")
    admin = first_admin(store)
    officer = another(store, admin, "Wulan Hartati", role=Role.DPO)
    label = published(store).label
    siti, other = _enrolled(store, CODE, SITI, label, 1), _enrolled(store, OTHER_CODE, OTHER, label, 8)
    shut(store)
    return Own(store, hands, siti, other, officer, Guest(store, configured(store)))


def _enrolled(store: Store, code: str, name: str, label: str, seed: int) -> str:
    person = store.people.add(code, name, language="id", pin=PIN)
    consent = Consent(label, "id", store.now_ms(), "self")
    store.basis.enrol(person, consent, [face(person, seed), face(person, seed + 1)])
    return person


def codes(sheet: Sheet) -> Iterator[str]:
    """What the QR codes of a page hold."""
    yield from (block.text for block in sheet.body if isinstance(block, Code))
