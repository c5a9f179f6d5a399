"""`kiosk people shift`: the shifts that headquarters has told, and how many have each; refuses to rank anybody."""

import argparse
from collections import Counter

from kiosk.cli.opening import answer, opened, options
from kiosk.store import LocalKind, marks, told
from wire.message import Shift


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    parser = options(acts.add_parser("shift", help="the shifts of the policy; with --code, that of one person"))
    parser.add_argument("--code", metavar="CODE", help="employee code")
    parser.set_defaults(do=_shift)


def _shift(given: argparse.Namespace) -> int:
    with opened(given) as store:
        shifts, people = told.every(store, Shift), store.people.all()
        store.append_local(LocalKind.VIEWED, {"list": "shifts", "people": len(people)})
        version = marks.mark(store.database, marks.POLICY_VERSION)
    if given.code is not None:
        people = [person for person in people if person.code == given.code]
    have = Counter(person.shift for person in people if person.state == "active")
    rows = [
        {"id": each.id, "name": each.name, "begins": _clock(each.begins), "ends": _clock(each.ends),
         "place": each.place, "people": have[each.id]}
        for each in shifts
        if given.code is None or have[each.id]
    ]  # fmt: skip
    lines = [
        f"{row['begins']}-{row['ends']}  {row['name']:<32}{row['people']:>6} people  {row['place']}" for row in rows
    ]
    answer(given, {"version": version, "shifts": rows}, "\n".join(lines) or "No shift.")
    return 0


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
