"""`kiosk privacy retention`: how long things are kept, what goes, what is held; refuses a sweep by a doubtful clock."""

import argparse
import sys
from pathlib import Path
from typing import Final

from kiosk.cli import desk
from kiosk.cli.desk import DESK, OFFICER, acting, acting_options, of_company
from kiosk.cli.opening import answer, configured, opened, options
from kiosk.cli.paper import document_options, hand_out
from kiosk.cli.persons import person_of
from kiosk.cli.privacy_certificate import public_key, start_of
from kiosk.faults import Fault, FaultCode
from kiosk.rights import company, dates, holds, nightly, retention, retention_document
from kiosk.rights.saying import day
from kiosk.store import Store, legal_holds, papers
from kiosk.store.approval import Role
from kiosk.store.files import write_secret
from kiosk.store.papers import PaperKind
from wire import checks, sweep
from wire.errors import BadSignature, FormatError
from wire.event import ClockState

_EVERYBODY: Final = "everybody"


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    family = acts.add_parser("retention", help="how long things are kept; what goes, what is held, the signed reports")
    verbs = family.add_subparsers(required=True, metavar="ACT")
    shown = document_options(options(verbs.add_parser("show", help="the schedule, and the legal holds in force")))
    shown.set_defaults(do=_show)
    ahead = document_options(options(verbs.add_parser("preview", help="what a sweep would delete; deletes nothing")))
    ahead.set_defaults(do=_preview)
    now = acting_options(verbs.add_parser("sweep", help="delete what is past its period; prints the signed report"))
    now.add_argument("--clock-is-right", action="store_true", help="you have looked: no server has set this clock")
    now.set_defaults(do=_sweep)
    hold = acting_options(verbs.add_parser("hold", help="keep everything of a person, or of everybody"))
    whom = hold.add_mutually_exclusive_group(required=True)
    whom.add_argument("--person", metavar="CODE", help="employee code")
    whom.add_argument("--id", metavar="ID", help="random id of a person")
    whom.add_argument("--everybody", action="store_true", help="nothing at all may go")
    hold.add_argument("--ground", required=True, metavar="TEXT", help="the dispute or the proceedings")
    hold.add_argument(
        "--until", required=True, type=desk.day, metavar="DATE", help="when it is looked at again, YYYY-MM-DD"
    )
    hold.set_defaults(do=_hold)
    release = acting_options(verbs.add_parser("release", help="end a legal hold"))
    release.add_argument("hold", metavar="ID", help="of the hold, as `holds` lists it")
    release.add_argument("--why", required=True, metavar="TEXT", help="why it is over")
    release.set_defaults(do=_release)
    listed = acting_options(verbs.add_parser("holds", help="every legal hold, also those that have ended"))
    listed.set_defaults(do=_holds)
    reports = options(verbs.add_parser("reports", help="the signed reports of sweeps"))
    reports.add_argument("--id", metavar="ID", help="of one report")
    reports.add_argument("--out", type=Path, metavar="FILE", help="with --id: write the signed file there")
    reports.set_defaults(do=_reports)
    verify = verbs.add_parser("verify", help="check a report of a sweep; works on any machine")
    verify.add_argument("file", type=Path, metavar="FILE", help="the report")
    verify.add_argument("--device-key", type=Path, required=True, metavar="FILE", help="the device's public key")
    verify.add_argument("--json", action="store_true", help="answer as one JSON object on standard output")
    verify.set_defaults(do=_verify)


def _show(given: argparse.Namespace) -> int:
    of, decided = of_company(given), (configured(given).data / company.FILE).is_file()
    with opened(given) as store:
        held = holds.held(store)
        found = retention_document.schedule(
            given.language,
            of,
            store.device_id,
            store.now_ms(),
            holds=held.standing,
            everybody=held.everybody,
            last=nightly.last_day(store),
            decided=decided,
        )
        hand_out(given, found)
    return 0


def _preview(given: argparse.Namespace) -> int:
    of = of_company(given)
    with opened(given) as store:
        lines = retention.preview(store, of.periods)
        hand_out(given, retention_document.preview(given.language, lines, of, store.device_id, store.now_ms()))
    return 0


def _sweep(given: argparse.Namespace) -> int:
    of = of_company(given)
    with opened(given) as store:
        login = acting(given, store, DESK)
        if store.clock().clock.state is not ClockState.SYNCED and not given.clock_is_right:
            raise Fault(FaultCode.DESK_REFUSED, "no server has set this clock: look, then --clock-is-right")
        if (shorter := retention.shortened(store, of.periods)) and login.role is not Role.DPO:
            raise Fault(FaultCode.DESK_REFUSED, f"for dpo: shorter than at the last sweep: {', '.join(shorter)}")
        swept = retention.sweep_all(store, of.periods, by=login.account)
    said = sentences(swept.report)
    answer(given, {"paper": swept.paper, **as_json(swept.report)}, "\n".join([*said, f"Signed report: {swept.paper}"]))
    return 0


def _hold(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = acting(given, store, OFFICER)
        person = "" if given.everybody else given.id or person_of(store, given.person).id
        paper = holds.place(store, person, given.ground, dates.begins(given.until), login.account)
    answer(given, {"hold": paper, "person": person}, f"Hold {paper} stands. Nothing of it is swept or erased.")
    return 0


def _release(given: argparse.Namespace) -> int:
    with opened(given) as store:
        holds.release(store, given.hold, given.why, acting(given, store, OFFICER).account)
    answer(given, {"hold": given.hold, "state": holds.OFF}, f"Hold {given.hold} has ended.")
    return 0


def _holds(given: argparse.Namespace) -> int:
    with opened(given) as store:
        acting(given, store, DESK)
        found, now = holds.every(store), store.now_ms()
    rows = [
        {
            "id": paper.id,
            "person": paper.person,
            "state": paper.state,
            "since": checks.moment_to_text(paper.created_at),
            "review": None if paper.due_at is None else day("en", paper.due_at),
            "due": paper.state == legal_holds.ON and (paper.due_at or 0) <= now,
            "ground": hold.ground,
            "by": hold.by,
            "released": hold.released,
        }
        for paper, hold in found
    ]
    lines = [
        f"{row['id']}  {row['person'] or _EVERYBODY:<16}  {row['state']:<3}  review {row['review'] or 'done'}"
        f"{'  LOOK AT IT NOW' if row['due'] else ''}  {row['ground']}"
        for row in rows
    ]
    answer(given, {"holds": rows}, "\n".join(lines) or "There is no legal hold.")
    return 0


def _reports(given: argparse.Namespace) -> int:
    with opened(given) as store:
        if given.id is not None:
            return _one_report(given, store)
        found = papers.find(store, PaperKind.SWEEP)
    rows = [{"id": paper.id, "at": checks.moment_to_text(paper.created_at)} for paper in found]
    answer(given, {"reports": rows}, "\n".join(f"{row['id']}  {row['at']}" for row in rows) or "Nothing was swept yet.")
    return 0


def _one_report(given: argparse.Namespace, store: Store) -> int:
    paper = papers.get(store, given.id)
    if paper.kind is not PaperKind.SWEEP or paper.content is None:
        raise Fault(FaultCode.PAPER_UNKNOWN, given.id)
    file = str(paper.content["file"])
    if given.out is None:
        sys.stdout.write(file)
    else:
        write_secret(given.out, file.encode(), 0o600)
        answer(given, {"id": paper.id, "file": str(given.out)}, f"The report is in {given.out}.")
    return 0


def _verify(given: argparse.Namespace) -> int:
    try:
        found = sweep.read(start_of(given.file, sweep.FILE_LIMIT), public_key(given.device_key))
    except FormatError as wrong:
        reason = "it was altered, or another device has signed it" if isinstance(wrong, BadSignature) else str(wrong)
        answer(given, {"genuine": False, "reason": reason}, f"This report is not genuine: {reason}.")
        return 1
    said = "\n".join(["This report is genuine.", *sentences(found)])
    answer(given, {"genuine": True, **as_json(found)}, said)
    return 0


def as_json(found: sweep.Report) -> dict[str, object]:
    """A report as plain values."""
    return {
        "device": found.device,
        "began": checks.moment_to_text(found.began),
        "finished": checks.moment_to_text(found.finished),
        "clock": found.clock.value,
        "by": found.by,
        "before": found.before,
        "periods": dict(found.periods),
        "gone": dict(found.gone),
        "held": dict(found.held),
        "waiting": dict(found.waiting),
        "holds": found.holds,
        "pieces": found.pieces,
    }


def sentences(found: sweep.Report) -> list[str]:
    """A report in plain words, one line each."""
    lines = [
        f"Device {found.device}, {checks.moment_to_text(found.finished)}, clock {found.clock.value}.",
        f"Attendance before {found.before} was past its period.",
    ]
    for name in sweep.CLASSES:
        gone, held, waiting = found.gone[name], found.held[name], found.waiting[name]
        if gone or held or waiting:
            lines.append(f"{name}: {gone} gone, {held} held, {waiting} wait for headquarters.")
    if not any(found.gone.values()):
        lines.append("Nothing was past its period.")
    return [
        *lines,
        f"Legal holds in force: {found.holds}. Pieces searched for afterwards and not found: {found.pieces}.",
    ]
