"""Business trips as CSV for whoever reimburses them; refuses to hand a spreadsheet a cell that it would run."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from hq.csv_export import MARK, safe
from hq.trips import Trip, lasted, moment, slip_of

COLUMNS: Final = (
    *("code", "name", "left", "returned", "duration", "destination", "reason", "note", "reference", "cost_centre"),
    *("door", "door_of_return", "decision", "decision_reference", "to_review", "slip", "slip_of_return", "marking"),
)


def table(trips: Iterable[Trip]) -> str:
    """The header and a row for each trip; each row is marked confidential, as the policy wants (E22)."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for trip in trips:
        writer.writerow([safe(cell) for cell in _cells(trip)])
    return file.getvalue()


def _cells(trip: Trip) -> tuple[str, ...]:
    details, decided, begins = trip.details, trip.decided, trip.begins
    said = (
        ("",) * 5
        if details is None
        else (details.destination, details.reason.value, details.note, details.reference, details.cost_centre)
    )
    return (
        begins.code,
        begins.name or "",
        moment(trip.left),
        moment(trip.returned),
        lasted(trip),
        *said,
        *("" if act is None else act.door for act in (trip.left, trip.returned)),
        "" if decided is None else "approved" if decided.approved else "refused",
        "" if decided is None else decided.reference,
        "yes" if trip.to_review else "",
        *("" if act is None else slip_of(act) for act in (trip.left, trip.returned)),
        MARK,
    )
