"""Compares what happened at the door with what HQ holds, in a process of its own; refuses to ask the app."""

import dataclasses
import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Visit:
    """One turn at the door as an onlooker would note it down.

    Attributes:
        kind: "face" (enrolled), "stranger" (nobody enrolled them) or "pin" (types code and PIN).
        who: employee code, or None for a stranger.
        from_ms: when they stepped up, UTC in milliseconds since the epoch.
        to_ms: when they left.
        shown: the last screen they saw: "recorded", "not_recognised" or another page's name.
    """

    kind: str
    who: str | None
    from_ms: int
    to_ms: int
    shown: str


@dataclass(frozen=True, slots=True)
class Row:
    """One check-in as HQ exports it."""

    event_id: str
    person: str
    method: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The counts, and in plain words what is wrong; nothing wrong means the demo passed."""

    recognised: int
    wrongly_recognised: int
    strangers_refused: int
    pin_check_ins: int
    recorded: int
    hq_stored: int
    hq_duplicates: int
    wrong: tuple[str, ...]


def compare(visits: list[Visit], rows: list[Row]) -> Verdict:
    """Judge HQ's rows by the visits; a row belongs to the visit in whose time it happened."""
    by_visit = [[row for row in rows if visit.from_ms <= row.at_ms <= visit.to_ms] for visit in visits]
    placed = sum(len(found) for found in by_visit)

    def met(kind: str, method: str) -> int:
        return sum(
            visit.kind == kind and [(row.person, row.method) for row in found] == [(visit.who, method)]
            for visit, found in zip(visits, by_visit, strict=True)
        )

    def count(kind: str) -> int:
        return sum(visit.kind == kind for visit in visits)

    strays = len(rows) - placed
    wrongly = strays + sum(
        row.method == "face" and (visit.kind != "face" or row.person != visit.who)
        for visit, found in zip(visits, by_visit, strict=True)
        for row in found
    )
    refused = sum(
        visit.kind == "stranger" and visit.shown == "not_recognised" and not found
        for visit, found in zip(visits, by_visit, strict=True)
    )
    recorded = sum(visit.shown == "recorded" for visit in visits)
    same_id = sum(times - 1 for times in Counter(row.event_id for row in rows).values())
    same_visit = sum(max(0, len({row.event_id for row in found}) - 1) for found in by_visit)
    recognised, pins, duplicates = met("face", "face"), met("pin", "pin"), same_id + same_visit
    complaints = (
        (wrongly == 0, f"{wrongly} check-ins name somebody who was not at the door"),
        (recognised == count("face") > 0, f"{recognised} of {count('face')} enrolled faces reached HQ as themselves"),
        (refused == count("stranger") > 0, f"{refused} of {count('stranger')} strangers were refused"),
        (pins == count("pin") > 0, f"{pins} of {count('pin')} PIN check-ins reached HQ"),
        (len(rows) == recorded, f"the door said recorded {recorded} times, HQ holds {len(rows)}"),
        (duplicates == 0, f"{duplicates} check-ins stand at HQ twice"),
    )
    return Verdict(
        recognised=recognised,
        wrongly_recognised=wrongly,
        strangers_refused=refused,
        pin_check_ins=pins,
        recorded=recorded,
        hq_stored=len(rows),
        hq_duplicates=duplicates,
        wrong=tuple(sentence for holds, sentence in complaints if not holds),
    )


def read_visits(text: str) -> list[Visit]:
    """Read the onlooker's notes: a JSON array of objects with the fields of Visit."""
    return [Visit(**visit) for visit in json.loads(text)]


def read_rows(text: str) -> list[Row]:
    """Read the check-ins out of what `kiosk-hq export --json` printed."""
    events: list[dict[str, Any]] = json.loads(text)["events"]
    return [
        Row(
            event_id=f"{event['device']}/{event['id']}",
            person=event["person"],
            method=event["method"],
            at_ms=event["time"],
        )
        for event in events
        if event["type"] == "com.ambang.checkin.v1"
    ]


def main(argv: list[str]) -> int:
    """`demo_check VISITS.json EXPORT.json`: print the verdict as JSON; exit code 1 when anything is wrong."""
    visits, export = (Path(name).read_text(encoding="utf-8") for name in argv)
    verdict = compare(read_visits(visits), read_rows(export))
    sys.stdout.write(json.dumps(dataclasses.asdict(verdict)) + "\n")
    return 1 if verdict.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
