"""How old what the store keeps is, and that a person has confirmed it; refuses to ask those who have left."""

from typing import TYPE_CHECKING

from kiosk.rights.accuracy import Known
from kiosk.store import papers
from kiosk.store.papers import PaperKind
from kiosk.store.roster import rosters

if TYPE_CHECKING:
    from kiosk.store import Store

MATTER = "still_right"


def known(store: "Store") -> tuple[Known, ...]:
    """Everybody, and when their data was last said or confirmed.

    What a roster says is HR's word, not the person's: of those it counts when they came, and when they confirmed.

    Raises:
        Fault: as for any reading of the store.
    """
    confirmed: dict[str, int] = {}
    for paper in papers.find(store, PaperKind.REVIEW):
        if paper.person and (paper.content or {}).get("matter") == MATTER:
            confirmed[paper.person] = max(paper.created_at, confirmed.get(paper.person, 0))
    came = {row[0]: int(row[1]) for row in store.database.rows("SELECT id, created_at FROM people")}
    return tuple(
        Known(
            each.id,
            each.code,
            max(came.get(each.id, 0), confirmed.get(each.id, 0), each.told_at if each.source == "admin" else 0),
        )
        for each in store.people.all()
        if each.state != "left"
    )


def confirm(store: "Store", person: str, *, by: str) -> str:
    """A person has said that code, name and language are still right; returns the id of the paper.

    Raises:
        Fault: PERSON_UNKNOWN, PERSON_DAMAGED, DISK_FULL, DISK_FAILED.
    """
    content = {"matter": MATTER, "fields": ["code", "name", "language"]}
    with store.database.write():
        paper = papers.put(store, PaperKind.REVIEW, content, state="confirmed", person=person, by=by)
        papers.revise(store, papers.get(store, paper), content, state="confirmed", closed=True, by=by)
    return paper


def newest_references(store: "Store") -> dict[str, int]:
    """When the newest reference of each person was taken, ms UTC; people under restriction are left out."""
    newest: dict[str, int] = {}
    for each in store.templates.references():
        newest[each.person] = max(each.taken_at, newest.get(each.person, 0))
    return newest


def roster_at(store: "Store") -> int | None:
    """When the last list of people came that was taken over, ms UTC; None if none ever did."""
    found = [each.taken_at for each in rosters(store) if each.state in ("applied", "applying")]
    return max(found, default=None)
