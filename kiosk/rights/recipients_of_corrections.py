"""Who has received what was corrected, and whether they have confirmed it; refuses to take a delivery for a signature.

GDPR Article 19: each recipient is told. The papers are those that `kiosk privacy recipients-told` reads.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from kiosk.rights import recipients_told
from kiosk.rights.company import Company, Recipient
from kiosk.rights.purposes import Purpose
from kiosk.rights.recipients_told import Telling, Told
from kiosk.store import outbox

if TYPE_CHECKING:
    from kiosk.store import Store

ABOUT: Final = "rectification"
HEADQUARTERS: Final = Recipient("headquarters", "employer", host="headquarters")
"""Who the device delivers to where privacy.toml names nobody."""
PERSONNEL: Final = Recipient("HR", "employer")
"""Who keeps the list that a roster comes from."""


def tell(store: "Store", company: Company, matter: str, *, by: str) -> None:
    """File a paper for each recipient of attendance; inside a `write` block part of it.

    Whom sync reaches is told by the amendment that goes there; the others must be told by a human.
    """
    recipients_told.tell(store, recipients(company), ABOUT, matter, by=by)


def tell_personnel(store: "Store", matter: str, *, by: str) -> None:
    """A human must have it corrected where the list of people comes from."""
    recipients_told.tell(store, (PERSONNEL,), ABOUT, matter, by=by)


def recipients(company: Company) -> tuple[Recipient, ...]:
    """Who receives attendance."""
    found = [each for each in company.recipients if Purpose.ATTENDANCE in each.purposes or not each.purposes]
    return tuple(found) or (HEADQUARTERS,)


def unconfirmed(store: "Store", company: Company) -> dict[str, Telling]:
    """The one recipient whom sync reaches, by matter, where nobody has signed yet.

    Where sync reaches several, a signature does not say whose word it is for the others: a human closes those.
    """
    reached = {each.name for each in recipients(company) if each.host}
    if len(reached) != 1:
        return {}
    return {
        each.subject: each
        for each in recipients_told.every(store)
        if each.about == ABOUT and each.state is Told.TOLD and each.recipient in reached
    }


def confirm(store: "Store", telling: Telling, events: Collection[str]) -> None:
    """Close it once headquarters has signed for every amendment. Raises Fault as any writing of the store."""
    seqs = [store.database.row("SELECT seq FROM bodies WHERE event_id = ?", each) for each in events]
    signed = outbox.countersigned(store)
    if seqs and all(row is not None and row[0] <= signed for row in seqs):
        recipients_told.confirm(store, telling)


def tellings(store: "Store", matter: str) -> tuple[Telling, ...]:
    """Who was told of one matter, oldest first."""
    return tuple(each for each in recipients_told.every(store) if each.subject == matter)
