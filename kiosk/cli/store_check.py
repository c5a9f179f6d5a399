"""`kiosk store check`: is everything there, whole, and one with itself; refuses to mend what it finds."""

import argparse
import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from kiosk import words
from kiosk.cli import opening
from kiosk.config import Config
from kiosk.faults import Fault
from kiosk.store import Store, sweep
from kiosk.store.audit import audit
from kiosk.store.bodies import open_all
from kiosk.store.consistency import contradictions
from kiosk.store.database import RECORDS_FILE, TEMPLATES_FILE, FileCheck
from kiosk.store.header import examine
from kiosk.store.promises import Signer
from kiosk.store.schema import RECORDS_ID, TEMPLATES_ID
from kiosk.store.witnesses import witnesses
from wire.errors import BrokenChain

_FILES: Final = {RECORDS_FILE: RECORDS_ID, TEMPLATES_FILE: TEMPLATES_ID}
PARTS: Final = ("files", "pages", "opening", "anchor", "rows", "records", "ledger")
_NAMED_MOST: Final = 10
_SLOW: Final = frozenset({"records", "ledger"})
_RULES: Final = {
    "faces_without_template": "faces have no reference",
    "templates_without_face": "references belong to no face",
    "faces_without_key": "faces have no biometric key",
    "faces_without_consent": "faces hang on no consent in force",
    "face_keys_without_consent": "biometric keys hang on no consent in force",
    "face_keys_without_face": "biometric keys have no face",
    "people_without_key": "people have no key",
    "keys_without_person": "keys belong to nobody",
    "accounts_without_key": "administrators' accounts have no key",
    "account_keys_without_account": "account keys belong to no account",
    "undelivered_without_body": "events wait for headquarters without their body",
    "store_keys_without_rotation": "old store keys are left over",
}


@dataclass(slots=True)
class Report:
    """What was looked at, and what is wrong: part and sentence."""

    looked_at: list[str] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def say(self, part: str, *sentences: str) -> None:
        """This is wrong."""
        self.wrong += [(part, sentence) for sentence in sentences]

    def holds(self, part: str, look: Callable[[], object]) -> bool:
        """Whether a part could be looked at and nothing new is wrong; a fault is a finding."""
        before = len(self.wrong)
        if part not in self.looked_at:
            self.looked_at.append(part)
        try:
            look()
        except Fault as fault:
            detail = f" ({fault.detail})" if fault.detail else ""
            self.say(part, f"{words.say('en', f'fault.{fault.code.value}.title')}{detail}.")
        except BrokenChain as broken:
            self.say(part, f"Entry {broken.seq} {broken.reason}.")
        return len(self.wrong) == before


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    parser = acts.add_parser("check", help="look at files, keys, anchors, every sealed record and the ledger")
    parser.add_argument(
        "--quick", action="store_true", help="leave out the records and the ledger, and look at each page once"
    )
    opening.options(parser).set_defaults(do=_check)


def _check(given: argparse.Namespace) -> int:
    loaded, report = opening.configured(given), Report()
    _look(loaded, report, quick=given.quick)
    left = [part for part in PARTS if part not in report.looked_at and not (given.quick and part in _SLOW)]
    found = {
        "well": not report.wrong,
        "looked_at": report.looked_at,
        "not_looked_at": left,
        "wrong": [{"part": part, "what": what} for part, what in report.wrong],
        **report.figures,
    }
    opening.answer(given, found, "\n".join(_sentences(report, left)))
    return 1 if report.wrong else 0


def _look(loaded: Config, report: Report, *, quick: bool) -> None:
    for name, application in _FILES.items():
        if not report.holds("files", functools.partial(examine, loaded.state / name, application)):
            return
    for name in _FILES:
        if not report.holds("pages", functools.partial(_pages, loaded, report, name, quick=quick)):
            return
    stores: list[Store] = []
    if not report.holds("opening", lambda: stores.append(opening.refused(loaded))):
        return
    (store,) = stores
    try:
        newest = report.holds("anchor", store.anchor.check)
        report.holds("rows", lambda: _rows(store, report))
        if not quick:
            report.holds("records", lambda: _records(store, report, loaded, keep=newest))
            report.holds("ledger", lambda: _ledger(store, report, loaded))
        report.figures["quarantined"] = len(store.quarantine.all())
    finally:
        store.close()  # signs nothing in a store that its anchors refuse


def _pages(loaded: Config, report: Report, name: str, *, quick: bool) -> None:
    with opening.progress(f"pages of {name}"):
        found = FileCheck(loaded.state / name).run(whole=not quick)
    report.say("pages", *(f"SQLite finds in {name}: {line}." for line in found or ()))


def _rows(store: Store, report: Report) -> None:
    found = contradictions(store.database)
    report.say("rows", *(f"{count} {_RULES[name]}." for name, count in found.items()))


def _records(store: Store, report: Report, loaded: Config, *, keep: bool) -> None:
    walk = sweep.steps(store, keep=keep)
    with opening.progress("records", sweep.total(store)) as bar:
        while True:
            try:
                bar.update(next(walk))
            except StopIteration as ended:
                swept: sweep.Swept = ended.value
                break
    report.figures |= {"opened": swept.opened, "damaged": [{"place": place, "row": row} for place, row in swept.where]}
    report.figures["without_key"] = swept.without_key
    if swept.damaged:
        aside = "set aside, and everybody else is served" if keep else "left where they are"
        report.say("records", f"{swept.damaged} sealed records do not open; they are {aside}.")
        named = [f"Does not open: {place} {row}." for place, row in swept.where[:_NAMED_MOST]]
        report.say("records", *named, *(["And more: see --json."] if len(swept.where) > _NAMED_MOST else []))
    if swept.otherwise:
        report.figures["otherwise"] = [{"place": place, "row": row} for place, row in swept.otherwise]
        report.say(
            "records", f"{len(swept.otherwise)} rows are not as the ledger last said; somebody has changed them."
        )
        report.say(
            "records", *(f"Not as the ledger said: {place} {row}." for place, row in swept.otherwise[:_NAMED_MOST])
        )
    if keep:
        today = datetime.fromtimestamp(store.now_ms() / 1000, UTC).astimezone(ZoneInfo(loaded.device.zone))
        sweep.finish(store, swept, today.toordinal())


def _ledger(store: Store, report: Report, loaded: Config) -> None:
    signer = Signer(store.device_id, store.device_public, loaded.headquarters.keys)
    outside = witnesses(store, signer, [])
    with opening.progress("entries", store.ledger.size()) as bar:
        audited = audit(store.database, signer, outside.promises, step=bar.update)
    report.figures |= {"entries": audited.walked.entries, "checkpoints": audited.checkpoints}
    with opening.progress("bodies", audited.walked.bodies) as bar:
        opened = open_all(store, step=bar.update)
    if opened.missing:
        report.say("ledger", f"In {opened.missing} months of a person a body was taken away while its key is there.")
    if opened.stranded:
        report.say("ledger", f"{opened.stranded} events neither wait for headquarters nor has it signed for them.")


def _sentences(report: Report, left: list[str]) -> list[str]:
    said = [f"{part}: {what}" for part, what in report.wrong]
    if not report.wrong:
        said.append("The store is whole.")
    if "opened" in report.figures:
        counts = ", ".join(f"{count} {kind}" for kind, count in report.figures["opened"].items() if kind != "chained")
        said.append(f"Opened: {counts}.")
    if report.figures.get("quarantined"):
        said.append(f"In quarantine, from now or before: {report.figures['quarantined']}.")
    if left:
        said.append(f"Not looked at because of that: {', '.join(left)}.")
    return said
