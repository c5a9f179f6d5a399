"""`kiosk privacy assessment`: what the face hangs on, drafted, signed, compared; refuses any but an officer's."""

import argparse
from pathlib import Path

from kiosk import words
from kiosk.cli.assessment_measured import gathered
from kiosk.cli.desk import DESK, OFFICER, READERS, acting, acting_options, of_company
from kiosk.cli.opening import answer, configured, opened, options
from kiosk.cli.paper import document_options, hand_out
from kiosk.faults import Fault, FaultCode
from kiosk.rights import assessment_acts, assessment_answers, release
from kiosk.rights.assessment_acts import DRAFT, Kept
from kiosk.rights.assessment_answers import Filled
from kiosk.rights.assessment_document import difference, document, release_sentence
from kiosk.rights.release import Changed, Covered
from kiosk.rights.scope import Running
from kiosk.store import Store

LOCKED = 1


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    family = acts.add_parser("assessment", help="the impact assessment that face recognition hangs on")
    verbs = family.add_subparsers(required=True, metavar="ACT")
    draft = document_options(acting_options(verbs.add_parser("draft", help="draft it from the running settings")))
    draft.add_argument("--answers", type=Path, metavar="FILE", help="the officer's answers; see `assessment questions`")
    draft.add_argument("--report", type=Path, metavar="FILE", help="report.json of kiosk models evaluate --out")
    draft.set_defaults(do=_draft)
    verbs.add_parser("questions", help="print a file of answers to fill in").set_defaults(do=_questions)
    show = document_options(acting_options(verbs.add_parser("show", help="show one; the newest unless named")))
    show.add_argument("--id", metavar="ID", help="of the paper")
    show.set_defaults(do=_show)
    sign = document_options(acting_options(verbs.add_parser("sign", help="the officer signs the draft")))
    sign.add_argument("--id", metavar="ID", help="of the draft; the open one unless named")
    sign.set_defaults(do=_sign)
    acting_options(verbs.add_parser("withdraw", help="the officer takes the signature back")).set_defaults(do=_withdraw)
    acting_options(verbs.add_parser("list", help="all that were drafted")).set_defaults(do=_list)
    diff = options(verbs.add_parser("diff", help="what has changed since it was signed; 1 while the face is off"))
    diff.add_argument("--language", choices=words.LANGUAGES, default="en", help="of the answer (default: en)")
    diff.set_defaults(do=_diff)


def _draft(given: argparse.Namespace) -> int:
    running = _running(given)
    consulted = running.company.consultation
    with opened(given) as store:
        login = acting(given, store, DESK)
        filled = (
            assessment_answers.parse(b"", consulted)
            if given.answers is None
            else assessment_answers.load(given.answers, consulted)
        )
        _made(given, store, running, filled, login.account)
    return 0


def _made(given: argparse.Namespace, store: Store, running: Running, filled: Filled, by: str) -> None:
    measured = gathered(store, running.config, given.report)
    _hand_out(given, store, assessment_acts.draft(store, running, filled, measured, by=by))


def _questions(_given: argparse.Namespace) -> int:
    print(assessment_answers.template(), end="")  # noqa: T201 - what was asked for
    return 0


def _show(given: argparse.Namespace) -> int:
    with opened(given) as store:
        acting(given, store, READERS)
        kept = assessment_acts.get(store, given.id) if given.id else assessment_acts.newest(store)
        _hand_out(given, store, _there(kept))
    return 0


def _sign(given: argparse.Namespace) -> int:
    running = _running(given)
    with opened(given) as store:
        login = acting(given, store, OFFICER)
        paper = given.id or _there(assessment_acts.newest(store, DRAFT)).paper.id
        _hand_out(given, store, assessment_acts.sign(store, running, paper, by=login.account))
    return 0


def _withdraw(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = acting(given, store, OFFICER)
        paper = assessment_acts.withdraw(store, by=login.account)
    answer(given, {"withdrawn": paper}, f"{paper} is withdrawn: the face is off, everything else goes on.")
    return 0


def _list(given: argparse.Namespace) -> int:
    with opened(given) as store:
        acting(given, store, READERS)
        found = assessment_acts.every(store)
    rows = [
        {
            "id": each.paper.id,
            "state": each.paper.state,
            "scope": each.assessment.scope_digest,
            "residual": each.assessment.residual.value,
            "review": each.assessment.answers.review,
        }
        for each in found
    ]
    lines = [
        f"{row['id']}  {row['state']:<9}  residual risk {row['residual']:<6}  review {row['review'] or '-':<10}"
        f"  scope {row['scope'][:16]}"
        for row in rows
    ]
    answer(given, {"assessments": rows}, "\n".join(lines) or "There is none: kiosk privacy assessment draft")
    return 0


def _diff(given: argparse.Namespace) -> int:
    running = _running(given)
    with opened(given) as store:
        found = release.released(store, running.config)
        signed = assessment_acts.last_signed(store)
        now = release.now(store, running)
    rows = difference(() if signed is None else signed.scope, now, given.language)
    heads = [words.say(given.language, f"assessment.diff_{part}") for part in ("head", "signed", "now")]
    lines = [release_sentence(found, given.language), *(f"{a}: {b} -> {c}" for a, b, c in rows if signed is not None)]
    changed = list(found.keys) if isinstance(found, Changed) else []
    table = [dict(zip(heads, row, strict=True)) for row in rows]
    released = isinstance(found, Covered)
    answer(given, {"released": released, "weaker": changed, "differences": table}, "\n".join(lines))
    return 0 if released else LOCKED


def _running(given: argparse.Namespace) -> Running:
    return Running(configured(given), of_company(given))


def _there(kept: Kept | None) -> Kept:
    if kept is None:
        raise Fault(FaultCode.PAPER_UNKNOWN, "no assessment")
    return kept


def _hand_out(given: argparse.Namespace, store: Store, kept: Kept) -> None:
    hand_out(given, document(kept.assessment, given.language, store.now_ms(), kept.paper.state))
