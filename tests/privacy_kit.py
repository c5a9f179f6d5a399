"""The officer before the privacy pages, on the real store of a small office."""

from collections.abc import Callable
from pathlib import Path

from admin_kit import ALSO_GOOD, another
from pages_kit import Guest, configured
from requests_kit import COMPANY, WULAN, Office, office

from kiosk.pages.page import Desk, Official, Page
from kiosk.pages.privacy.first import page as first
from kiosk.rights import request_acts
from kiosk.rights.request_acts import Arrival
from kiosk.rights.requests import ErasureGround, Filed, How, Right, Seen
from kiosk.store import papers
from kiosk.store.approval import Role
from kiosk.store.ledger import month
from kiosk.store.papers import Paper, PaperKind

AUDITOR = "Agus Hartono"


class Sitting(Guest):
    """Whoever sits at the desk: an office, and the pages before somebody of it."""

    office: Office

    @property
    def officer(self) -> Official:
        return Official(self.office.officer, WULAN)

    def at(self, load: Callable[[Desk], Page] = first, visitor: Official | None = None) -> "Sitting":
        """Begin at a page of the desk."""
        who = visitor or self.officer
        self.begin(load(Desk(self.store, self.config, who, self.language)), who)
        return self

    def tap(self, *keys: str) -> "Sitting":
        super().tap(*keys)
        return self

    def type(self, text: str) -> "Sitting":
        super().type(text)
        return self

    def back(self) -> "Sitting":
        super().back()
        return self

    def confirm(self, password: str = ALSO_GOOD) -> "Sitting":
        self.type(password)
        return self

    def auditor(self) -> Official:
        return Official(another(self.store, self.office.admin, AUDITOR, ALSO_GOOD, Role.AUDITOR), AUDITOR)

    def asked(self, right: Right, *, person: str = "", known: bool = True, text: str = "") -> Filed:
        """A request of Budi, or of somebody else."""
        ground = ErasureGround.CONSENT_WITHDRAWN if right is Right.ERASURE else None
        arrival = Arrival(right, How.LETTER, text, None, ground)
        filed = request_acts.file(self.store, person or self.office.budi, arrival, COMPANY.clocks)
        if known:
            return request_acts.identify_by_sight(self.store, filed.id, Seen.PASSPORT, self.office.officer)
        return filed

    def papers(self, kind: PaperKind) -> tuple[Paper, ...]:
        return papers.find(self.store, kind)

    def viewed(self) -> list[str]:
        """The lists that somebody has looked at, as the ledger has them."""
        said = [act for _, act in self.store.ledger.local_acts(month(self.store.now_ms()))]
        return [act["detail"]["list"] for act in said if act["kind"] == "viewed"]

    def ids(self) -> str:
        """All that the ledger says of this month's acts."""
        return str([act for _, act in self.store.ledger.local_acts(month(self.store.now_ms()))])


def sitting(place: Path) -> Sitting:
    made = office(place)
    found = Sitting(made.store, configured(made.store))
    found.office = made
    return found
