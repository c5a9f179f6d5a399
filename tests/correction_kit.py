"""A desk that corrects: a store with an administrator, an officer and two people, and what they ask."""

from dataclasses import dataclass, replace
from pathlib import Path

from admin_kit import another, first_admin
from store_kit import Hands, check_in, enrolled, new_store
from store_once import copied, opened, shut

from kiosk.rights import human_review, rectification
from kiosk.rights.company import Company, Recipient
from kiosk.rights.correction import Subject
from kiosk.rights.human_review import Verdict as Reviewed
from kiosk.rights.rectification import Asked, Desk, Filed, Verdict
from kiosk.rights.requests import ByPin, How
from kiosk.store import Store
from kiosk.store.approval import LoggedIn, Role
from wire.event import Action, CheckIn, Method

OFFICER = "Siti Rahayu"
OTHER = "E-0500"
COMPANY = Company(recipients=(Recipient("PT Contoh HR", "employer", host="hq.example.org"),))


@dataclass
class Office:
    """The store, its clock, who acts, and whom it is about."""

    store: Store
    hands: Hands
    admin: LoggedIn
    officer: LoggedIn
    person: str
    other: str

    def desk(self, login: LoggedIn | None = None, company: Company = COMPANY) -> Desk:
        return Desk(company, login or self.officer, "Lobby")

    def log(self, action: Action = Action.IN, *, at: int | None = None, method: Method = Method.FACE) -> CheckIn:
        event = check_in(self.store, action, at=at)
        if method is not Method.FACE:
            event = CheckIn(event.event_id, event.person, action, event.occurred_at, event.clock, method, event.site)
        self.store.ledger.append(event, self.person)
        return event

    def ask(
        self, subject: Subject, text: str = "Saya sudah di sini pukul delapan.", company: Company = COMPANY
    ) -> Filed:
        identity = ByPin(self.store.now_ms(), "")
        return rectification.ask(self.store, self.person, subject, Asked(text, How.SHELL, identity), company)

    def decide(self, matter: str, verdict: Verdict, reason: str = "", login: LoggedIn | None = None) -> Filed:
        return rectification.decide(self.store, matter, verdict, reason, self.desk(login))

    def review(
        self, entry: str, verdict: Reviewed, reason: str = "The camera of the corridor shows it."
    ) -> tuple[Filed, ...]:
        return human_review.decide(self.store, entry, verdict, reason, self.desk())

    def last(self) -> tuple[Action, int] | None:
        return self.store.history.last_action(self.person, self.hands.wall_ms)


def office(state: Path) -> Office:
    first, hands = copied(_first, state), Hands()
    return replace(first, store=opened(state, hands), hands=hands)


def _first(state: Path) -> Office:
    hands = Hands()
    store = new_store(state, hands)
    admin = first_admin(store)
    officer = another(store, admin, OFFICER, role=Role.DPO)
    person, other = enrolled(store), enrolled(store, OTHER, "Dewi Anggraini", seeds=(7, 8, 9))
    shut(store)
    return Office(store, hands, admin, officer, person, other)
