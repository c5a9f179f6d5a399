"""A person's data for programs: JSON with a published schema, and attendance as CSV; refuses a cell that acts.

The schema is `access.schema.json` beside this file; it goes with every copy (GDPR Article 20(1): structured, commonly
used, machine-readable).
"""

import csv
import io
import json
from importlib import resources
from typing import Final

from kiosk.rights import dates
from kiosk.rights.company import Company
from kiosk.rights.holdings import Holdings
from kiosk.rights.own_entries import OwnEntry
from wire import checks
from wire.canonical import Json

FORMAT: Final = "ambang.access.v1"
COLUMNS: Final = (
    "number", "id", "kind", "action", "method", "refers_to", "other", "utc", "local", "zone", "clock", "uncertainty_s",
    "site", "delivered", "delivered_by",
)  # fmt: skip
_ACTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_NAMED: Final = ("action", "method", "refers_to")


def schema() -> bytes:
    """The JSON Schema (2020-12) of `data`."""
    return resources.files(__package__).joinpath("access.schema.json").read_bytes()


def data(held: Holdings, company: Company) -> dict[str, Json]:
    """Everything, as JSON without fractions; times in UTC (RFC 3339)."""
    controller, officer = company.controller, company.officer
    return {
        "format": FORMAT,
        "device": held.device,
        "made_at": _time(held.made_at),
        "zone": held.zone,
        "controller": {"name": controller.name, "address": controller.address, "country": controller.country},
        "officer": {"email": officer.email},
        "person": {
            "id": held.person,
            "restricted": list(held.restricted),
            "erasure_open": held.erasure_open,
            "fields": [
                {
                    "name": each.name,
                    "value": each.value,
                    "source": each.source,
                    "version": each.version,
                    "since": _maybe(each.since),
                }
                for each in held.fields
            ],
        },
        "faces": [
            {
                "model": each.model,
                "dimension": each.dimension,
                "references": each.references,
                "since": _time(each.since),
                "exported": False,
            }
            for each in held.faces
        ],
        "consents": [
            {
                "state": each.state,
                "began_at": _time(each.began_at),
                "ended_at": _maybe(each.ended_at),
                "record": dict(each.record),
            }
            for each in held.consents
        ],
        "attendance": [_entry(each) for each in held.entries.entries],
        "unreadable": {"entries": held.entries.unreadable, "records": held.damaged},
        "papers": [
            {
                "id": each.id,
                "kind": each.kind.value,
                "state": each.state,
                "created_at": _time(each.created_at),
                "due_at": _maybe(each.due_at),
                "closed_at": _maybe(each.closed_at),
                "content": dict(each.content),
            }
            for each in held.papers
        ],
        "device_log": [{"at": _time(each.at), "kind": each.kind, "counts": dict(each.counts)} for each in held.logged],
        "purposes": [
            {"name": each.purpose.value, "basis": each.basis.value, "interest": each.interest}
            for each in company.purposes
        ],
        "recipients": [
            {
                "name": each.name,
                "category": each.category,
                "purposes": list(each.purposes),
                "fields": list(each.fields),
                "country": each.country,
                "ground": each.ground,
            }
            for each in company.recipients
        ],
        "retention_months": {
            "attendance": company.periods.attendance,
            "requests": company.periods.requests,
            "proofs": company.periods.proofs,
        },
        "automated_decision": False,
        "profiling": False,
    }


def as_json(value: dict[str, Json]) -> bytes:
    """The bytes of access.json."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def attendance_csv(held: Holdings) -> bytes:
    """A head and one row for each entry, UTF-8 with a mark for spreadsheets; RFC 4180.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    page = io.StringIO()
    writer = csv.writer(page)
    writer.writerow(COLUMNS)
    for each in held.entries.entries:
        row = _entry(each)
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return page.getvalue().encode("utf-8-sig")


def _entry(entry: OwnEntry) -> dict[str, Json]:
    other = "; ".join(f"{name}={value}" for name, value in sorted(entry.said.items()) if name not in _NAMED)
    return {
        "number": entry.seq,
        "id": entry.id,
        "kind": entry.kind,
        **{name: entry.said.get(name, "") for name in _NAMED},
        "other": other,
        "utc": _time(entry.occurred_at),
        "local": dates.moment(entry.occurred_at, entry.zone).isoformat(timespec="seconds"),
        "zone": entry.zone,
        "clock": entry.clock,
        "uncertainty_s": entry.uncertainty_s,
        "site": entry.site,
        "delivered": entry.delivered,
        "delivered_by": "" if entry.delivered_by is None else _time(entry.delivered_by),
    }


def _cell(value: Json) -> str:
    text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    return f"'{text}" if text.startswith(_ACTS) else text


def _time(ms: int) -> str:
    return checks.moment_to_text(ms)


def _maybe(ms: int | None) -> str | None:
    return None if ms is None else checks.moment_to_text(ms)
