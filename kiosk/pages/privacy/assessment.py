"""The impact assessment that the face hangs on: state, risks, rates, questions, signature; refuses a blank one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kiosk.pages.common import Told
from kiosk.pages.page import At, Back, Desk, Instead, Move, Page, Show
from kiosk.pages.privacy.document import drawn, facts, lines, of_parts
from kiosk.pages.privacy.leaf import Ask, Choice, Leaf, dated, done, picks, to, word
from kiosk.pages.privacy.who import Confirmed, of_company, officer, reads
from kiosk.pages.sheet import Block, Fact, Line, Row, Tone
from kiosk.rights import assessment_acts, assessment_document, assessment_measured, release
from kiosk.rights.assessment import Assessment, Decision, lacking
from kiosk.rights.assessment_acts import DRAFT, Kept
from kiosk.rights.assessment_document import difference, document, release_sentence
from kiosk.rights.release import Changed, Covered, Release
from kiosk.rights.scope import Running, Setting
from kiosk.store.approval import LoggedIn

QUESTIONS: Final = ("necessity", "proportionality", "interests", "not_consulted", "advice", "authority", "review")
_DRAFT_COMMAND: Final = "kiosk privacy assessment draft --answers answers.toml --by NAME"


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands: whether faces may be used, the newest assessment, and every setting that has changed since."""

    release: Release
    newest: Kept | None
    before: tuple[Setting, ...] = ()
    now: tuple[Setting, ...] = ()


def page(desk: Desk) -> Page:
    """Whether faces may be used, and why not; the newest assessment and what it lacks."""
    may_act, store, config = reads(desk), desk.store, desk.config
    signed = assessment_acts.last_signed(store)
    running = Running(config, of_company(desk))
    found = Standing(
        release.released(store, config),
        assessment_acts.newest(store),
        () if signed is None else signed.scope,
        release.now(store, running),
    )
    return shown(found, may_act=may_act)


def shown(found: Standing, *, may_act: bool) -> Leaf:
    """The page of this standing."""
    leads = tuple(_leads(found, may_act=may_act))

    def draw(at: At) -> tuple[Block, ...]:
        return (*_drawn(at, found), *(_row(at, key, found) for key, _ in leads))

    choices = tuple(_choices(found)) if may_act else ()
    return Leaf("officer.assessment", "dpo.section.assessment", draw, leads, choices, icon="shield", load=page)


def _choices(found: Standing) -> Iterator[Choice]:
    newest = found.newest
    if newest is not None and newest.paper.state == DRAFT and not lacking(newest.assessment):
        yield Choice("sign", "officer.assessment.sign", Show(before_signing(newest)), "done", Tone.PRIMARY)
    if isinstance(found.release, Covered) and not found.release.demonstration:
        yield Choice("withdraw", "officer.assessment.withdraw", Show(_withdrawing()), "cancel", Tone.DANGER)


def _leads(found: Standing, *, may_act: bool) -> Iterator[tuple[str, Move]]:
    newest = found.newest
    if isinstance(found.release, Changed) and found.before:
        yield "changes", Show(_changes(found))
    if newest is not None:
        made = newest.assessment
        if newest.paper.state == DRAFT:
            yield "questions", Show(questions(newest, may_act=may_act))
        yield "risks", Show(risks(made))
        yield "rates", Show(rates(made))
        yield "whole", to(_whole, newest)
    yield "draft", Show(Leaf("dpo.draft", "officer.assessment.draft", _how_to_draft))


def _row(at: At, key: str, found: Standing) -> Row:
    made = None if found.newest is None else found.newest.assessment
    detail, mark = at.say(f"officer.assessment.{key}_about"), ""
    if key == "questions" and made is not None and (missing := lacking(made)):
        mark = str(len(missing))
    if key == "risks" and made is not None:
        mark = at.say(f"assessment.grade.{made.residual}")
    return Row(key, at.say(f"officer.assessment.{key}"), detail, mark)


def _drawn(at: At, found: Standing) -> Iterator[Block]:
    locked = not isinstance(found.release, Covered)
    yield from lines(release_sentence(found.release, at.language), strong=True, warn=locked)
    if found.newest is None:
        yield Line(at.say("officer.assessment.none"))
        return
    paper, made = found.newest.paper, found.newest.assessment
    when = at.spell.day(made.signed_at or made.drafted_at)
    state = at.say("officer.assessment.state", state=at.say(f"assessment.state_{paper.state}"), day=when)
    yield Fact(at.say("officer.assessment.newest"), state)
    yield Fact(at.say("assessment.review_head"), made.answers.review or at.say("assessment.empty_short"))


def _changes(found: Standing) -> Leaf:
    """Every setting that is another one than when it was signed."""

    def draw(at: At) -> tuple[Block, ...]:
        rows = difference(found.before, found.now, at.language)
        said = (facts(name, at.say("officer.assessment.was_is", before=before, now=now)) for name, before, now in rows)
        again = lines(at.say("officer.assessment.again"))
        return (*(block for each in said for block in each), *again)

    return Leaf("dpo.changes", "officer.assessment.changes", draw)


def risks(made: Assessment) -> Leaf:
    """Every risk with what remains of it."""

    def draw(at: At) -> tuple[Block, ...]:
        return tuple(
            Row(each.risk, at.say(f"assessment.risk.{each.risk}"), mark=at.say(f"assessment.grade.{each.after}"))
            for each in made.risks
        )

    leads = tuple(
        (
            each.risk,
            Show(
                Leaf(
                    "dpo.risk",
                    "officer.assessment.risk",
                    lambda at, each=each: of_parts(assessment_document.of_risk(each, at.language)),  # type: ignore[misc]
                )
            ),
        )
        for each in made.risks
    )
    return Leaf("dpo.risks", "officer.assessment.risks", draw, leads)


def rates(made: Assessment) -> Leaf:
    """How often recognition errs, each rate with its bounds; what was not measured is said."""

    def draw(at: At) -> tuple[Block, ...]:
        return of_parts(assessment_measured.blocks(made.measured, at.language))

    return Leaf("dpo.rates", "officer.assessment.rates", draw)


def _whole(desk: Desk, kept: Kept) -> Page:
    reads(desk)
    now = desk.store.now_ms()
    return Leaf(
        "dpo.whole",
        "officer.assessment.whole",
        drawn(lambda language: document(kept.assessment, language, now, kept.paper.state)),
        icon="paper",
    )


def _how_to_draft(at: At) -> tuple[Block, ...]:
    return (
        *lines(at.say("officer.assessment.draft_why")),
        Line("kiosk privacy assessment questions > answers.toml"),
        Line(_DRAFT_COMMAND),
        *lines(at.say("officer.assessment.draft_then")),
    )


def questions(kept: Kept, *, may_act: bool) -> Leaf:
    """Every question of the draft with its answer; what is empty is marked."""
    made, paper = kept.assessment, kept.paper.id
    missing = lacking(made)

    def draw(at: At) -> tuple[Block, ...]:
        outside = tuple(
            Line(at.say(f"officer.question.{name}_missing"), warn=True) for name in missing if name not in QUESTIONS
        )
        rows = tuple(_question(at, made, name, needed=name in missing) for name in QUESTIONS)
        release_it = at.say("assessment.release" if made.answers.decision is Decision.RELEASE else "assessment.stop")
        decision = Row("decision", at.say("assessment.decision_head"), release_it)
        return (*outside, *rows, decision)

    leads: tuple[tuple[str, Move], ...] = (
        *((name, Show(_answer(paper, name, getattr(made.answers, name)))) for name in QUESTIONS),
        ("decision", Show(_decision(paper))),
    )
    reading = tuple((name, Show(_read(name, getattr(made.answers, name, "")))) for name, _ in leads)
    return Leaf(
        "dpo.questions",
        "officer.assessment.questions",
        draw,
        leads if may_act else reading,
        load=lambda desk: questions(assessment_acts.get(desk.store, paper), may_act=reads(desk)),
    )


def _question(at: At, made: Assessment, name: str, *, needed: bool) -> Row:
    answer: str = getattr(made.answers, name)
    mark = at.say("officer.question.needed") if needed else ""
    shown = f"{answer[:80]}..." if len(answer) > 80 else answer  # noqa: PLR2004 - two lines
    return Row(name, at.say(f"officer.question.{name}"), shown or at.say("assessment.empty"), mark)


def _read(name: str, answer: str) -> Leaf:
    def draw(at: At) -> tuple[Block, ...]:
        return lines(answer) or (Line(at.say("assessment.empty")),)

    return Leaf("dpo.answered", f"officer.question.{name}", draw)


def _answer(paper: str, name: str, answer: str) -> Ask:
    def then(text: str) -> Move:
        return done(lambda desk: assessment_acts.fill(desk.store, paper, name, text, by=officer(desk).account))

    if name == "review":
        return dated("officer.assessment.questions", then, line="officer.question.review", initial=answer)
    return Ask(
        "officer.assessment.questions",
        "officer.question.answer",
        then,
        least=0,
        most=1000,
        line=f"officer.question.{name}",
        initial=answer,
    )


def _decision(paper: str) -> Leaf:
    options = (
        (Decision.RELEASE.value, word("assessment.release")),
        (Decision.STOP.value, word("assessment.stop")),
    )

    def then(key: str) -> Move:
        return done(lambda desk: assessment_acts.decide(desk.store, paper, Decision(key), by=officer(desk).account))

    return picks("dpo.decision", "assessment.decision_head", options, then)


def before_signing(kept: Kept) -> Leaf:
    """What the signature means, and then the password."""

    def draw(at: At) -> tuple[Block, ...]:
        made = kept.assessment
        stops = made.answers.decision is Decision.STOP
        return (
            Fact(at.say("assessment.residual_head"), at.say(f"assessment.grade.{made.residual}")),
            Fact(at.say("assessment.decision_head"), at.say("assessment.stop" if stops else "assessment.release")),
            *lines(at.say("assessment.changes")),
        )

    def then(desk: Desk, login: LoggedIn) -> Move:
        running = Running(desk.config, of_company(desk))
        assessment_acts.sign(desk.store, running, kept.paper.id, by=login.account)
        return Instead(Told("officer.assessment.signed", "officer.assessment.signed_line", then=Back(by=2)))

    choices = (
        Choice("go", "officer.assessment.sign", Show(Confirmed("officer.assessment.sign", then)), "done", Tone.PRIMARY),
    )
    return Leaf("dpo.signing", "officer.assessment.sign", draw, choices=choices, icon="shield")


def _withdrawing() -> Leaf:
    def draw(at: At) -> tuple[Block, ...]:
        return lines(at.say("officer.assessment.withdraw_line"))

    def then(desk: Desk, login: LoggedIn) -> Move:
        assessment_acts.withdraw(desk.store, by=login.account)
        return Instead(Told("officer.assessment.withdrawn", "officer.assessment.withdrawn_line", then=Back(by=2)))

    go_on = Show(Confirmed("officer.assessment.withdraw", then))
    choices = (Choice("go", "officer.assessment.withdraw", go_on, "cancel", Tone.DANGER),)
    return Leaf("dpo.withdrawing", "officer.assessment.withdraw", draw, choices=choices, icon="warning")
