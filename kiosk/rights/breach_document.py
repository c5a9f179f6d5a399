"""A case of breach and the register of all cases as documents; refuses to name people to anybody but the officer."""

from collections.abc import Mapping

from kiosk.rights import strict
from kiosk.rights.breach import Case, Owed, Verdict, Whom, owed
from kiosk.rights.breach_acts import Kept
from kiosk.rights.breach_words import Said
from kiosk.rights.document import Block, Bullets, Document, Facts, Grid, Heading, Paragraph

Names = Mapping[str, tuple[str, str]]
"""Random id of a person to employee code and name."""


def document(kept: Kept, language: str, zone: str, now_ms: int, names: Names | None) -> Document:
    """One case; `names` only for the officer, None for everybody else."""
    said, case = Said(language, zone), kept.case
    blocks: list[Block] = [
        Facts(_facts(kept, said, now_ms)),
        Heading(said("exposure_head")),
        Paragraph(said("counted", when=said.time(case.exposure.at), people=len(case.exposure.people))),
        *((Paragraph(said("erased", count=case.exposure.erased_since)),) if case.exposure.erased_since else ()),
        Bullets(tuple(said.held(each) for each in case.exposure.held)),
        Paragraph(said.reading(case), strong=True),
        Paragraph(said.faces(case)),
        *_verdict(case, said),
        *_answered(case, said),
        *_people(case, said, names),
    ]
    data = {"id": kept.paper.id, "state": kept.paper.state, **_without_people(case), "names": _listed(case, names)}
    return Document(
        kind="breach",
        language=language,
        title=said("title"),
        subtitle=said("subtitle", id=kept.paper.id, what=said.happened(case)),
        made_at=now_ms,
        confidential=True,
        footer=said("footer", id=kept.paper.id),
        blocks=tuple(blocks),
        data=data,
    )


def register(found: tuple[Kept, ...], language: str, zone: str, now_ms: int, site: str) -> Document:
    """Every case there ever was (GDPR Art. 33(5)), with the hours that are left."""
    said = Said(language, zone)
    rows = tuple(_row(each, said, now_ms) for each in found)
    head = tuple(said(f"column_{name}") for name in ("case", "what", "gravity", "authority", "persons"))
    grid = Grid(head, rows, (0.2, 0.24, 0.16, 0.2, 0.2)) if rows else Paragraph(said("no_case"))
    return Document(
        kind="breaches",
        language=language,
        title=said("register_title"),
        subtitle=said("register_subtitle", site=site, count=len(found)),
        made_at=now_ms,
        confidential=True,
        footer=said("register_footer"),
        blocks=(Paragraph(said("register_law")), grid),
        data={"cases": [_summary(each, now_ms) for each in found]},
    )


def _facts(kept: Kept, said: Said, now_ms: int) -> tuple[tuple[str, str], ...]:
    case = kept.case
    return (
        (said("fact_what"), said.happened(case)),
        (said("fact_words"), case.what or "-"),
        (said("fact_opened"), said("by_alarm") if case.alarm else said("by_hand")),
        (said("fact_state"), said(f"state.{kept.paper.state}")),
        (said("fact_happened"), said.time(case.happened_at)),
        (said("fact_discovered"), said.time(case.discovered_at)),
        (said("fact_due"), said.time(case.due_at)),
        (said("fact_authority"), said.standing(owed(case, Whom.AUTHORITY, now_ms))),
        (said("fact_persons"), said.standing(owed(case, Whom.PERSONS, now_ms))),
    )


def _verdict(case: Case, said: Said) -> tuple[Block, ...]:
    found = case.verdict
    if found is None:
        return Heading(said("verdict_head")), Paragraph(said("not_assessed"), strong=True)
    return (
        Heading(said("verdict_head")),
        Paragraph(said.gravity(found.gravity), strong=True),
        *_reasons(found, said),
    )


def _reasons(found: Verdict, said: Said) -> tuple[Block, ...]:
    weighed = tuple(
        said("weighed", harm=said(f"harm.{each.harm}"), chance=said(f"chance.{each.chance}")) for each in found.harms
    )
    own = (
        (Paragraph(said("own_judgement", rule=said(f"gravity_short.{found.by_rule}"), why=found.why)),)
        if found.why
        else ()
    )
    return (*((Bullets(weighed),) if weighed else ()), *own)


def _answered(case: Case, said: Said) -> tuple[Block, ...]:
    blocks: list[Block] = [Heading(said("measures_head"))]
    blocks.append(Bullets(case.measures) if case.measures else Paragraph(said("no_measures")))
    if case.told:
        rows = tuple(
            (said(f"whom.{each.whom}"), said.time(each.at), each.how, each.reference or "-", each.why_late or "-")
            for each in case.told
        )
        head = tuple(said(f"told_{name}") for name in ("whom", "when", "how", "reference", "why_late"))
        blocks += [Heading(said("told_head")), Grid(head, rows)]
    if case.closing:
        blocks += [Heading(said("closing_head")), Paragraph(case.closing)]
    return tuple(blocks)


def _people(case: Case, said: Said, names: Names | None) -> tuple[Block, ...]:
    if not case.exposure.people:
        return ()
    if names is None:
        return Heading(said("people_head")), Paragraph(said("people_hidden"))
    rows = tuple(names.get(each, ("-", said("gone"))) for each in case.exposure.people)
    return Heading(said("people_head")), Grid((said("people_code"), said("people_name")), rows, (0.3, 0.7))


def _row(kept: Kept, said: Said, now_ms: int) -> tuple[str, ...]:
    case = kept.case
    gravity = said("not_yet") if case.verdict is None else said(f"gravity_short.{case.verdict.gravity}")
    state = said(f"state.{kept.paper.state}")
    closing = f" ({case.closing})" if case.closing else ""
    return (
        f"{kept.paper.id}, {said.time(case.discovered_at)}, {state}",
        said("row_what", what=said.happened(case), people=case.exposure.concerned),
        gravity,
        said.standing(owed(case, Whom.AUTHORITY, now_ms)) + closing,
        said.standing(owed(case, Whom.PERSONS, now_ms)),
    )


def _summary(kept: Kept, now_ms: int) -> dict[str, object]:
    case = kept.case
    return {
        "id": kept.paper.id,
        "state": kept.paper.state,
        "happening": case.happening.value,
        "alarm": case.alarm,
        "discovered_at": case.discovered_at,
        "due_at": case.due_at,
        "people": case.exposure.concerned,
        "reading": case.exposure.reading.value,
        "gravity": "" if case.verdict is None else case.verdict.gravity.value,
        "authority": _owed(owed(case, Whom.AUTHORITY, now_ms)),
        "persons": _owed(owed(case, Whom.PERSONS, now_ms)),
        "closing": case.closing,
    }


def _owed(found: Owed) -> dict[str, object]:
    return {"needed": found.needed, "told_at": found.told_at, "late": found.late, "hours_left": found.hours_left}


def _without_people(case: Case) -> dict[str, object]:
    plain: dict[str, object] = strict.plain(case)
    exposure = dict(strict.plain(case.exposure))
    exposure["people"] = len(case.exposure.people)
    return {**plain, "exposure": exposure}


def _listed(case: Case, names: Names | None) -> list[list[str]] | None:
    return None if names is None else [list(names.get(each, ("", ""))) for each in case.exposure.people]
