"""What the officer does with a case: weigh, write down who was told, close; refuses a milder word without a reason."""

from dataclasses import dataclass, replace
from typing import Final

from kiosk.pages.page import At, Desk, Instead, Move, Page, Show
from kiosk.pages.privacy.document import lines
from kiosk.pages.privacy.leaf import Ask, Leaf, done, picks, word
from kiosk.pages.privacy.who import officer
from kiosk.pages.sheet import Act, Block, Line, Row, Sheet, Tone
from kiosk.rights import breach_acts
from kiosk.rights.breach import Chance, Gravity, Harm, Told, Weighed, Whom, owed
from kiosk.rights.breach_acts import Kept
from kiosk.rights.breach_risk import decide

_NEXT: Final = {Chance.NO: Chance.POSSIBLE, Chance.POSSIBLE: Chance.LIKELY, Chance.LIKELY: Chance.NO}


@dataclass(frozen=True, slots=True)
class Weighing(Page):
    """How likely each harm is: a touch turns it, and above stands what the table says of it."""

    kept: Kept
    harms: tuple[Weighed, ...]

    @property
    def counted(self) -> tuple[Weighed, ...]:
        """Those that may happen."""
        return tuple(each for each in self.harms if each.chance is not Chance.NO)

    @property
    def table(self) -> Gravity:
        """What the table says."""
        return decide(self.kept.case.exposure, self.counted)

    def sheet(self, at: At) -> Sheet:
        """Every harm with its chance."""
        rows = tuple(
            Row(each.harm, at.say(f"breach.harm.{each.harm}"), mark=at.say(f"officer.chance.{each.chance}"))
            for each in self.harms
        )
        table = Line(at.say("officer.breach.table", gravity=at.say(f"breach.gravity.{self.table}")), strong=True)
        acts = (
            Act("table", at.say("officer.breach.as_table"), "done", Tone.PRIMARY),
            Act("own", at.say("officer.breach.otherwise")),
        )
        title, line = at.say("officer.breach.judge"), at.say("officer.breach.turn")
        return Sheet("dpo.weighing", title, line, "shield", (table, *rows), acts)

    def tapped(self, key: str) -> Move:
        """Turn one, or decide."""
        if key == "table":
            return done(lambda desk: self._assess(desk, None, ""))
        if key == "own":
            return Show(self._own())
        turned = tuple(replace(each, chance=_NEXT[each.chance]) if each.harm == key else each for each in self.harms)
        return Instead(replace(self, harms=turned))

    def _own(self) -> Leaf:
        options = tuple((each.value, word(f"breach.gravity.{each}")) for each in Gravity if each is not self.table)
        return picks("dpo.gravity", "officer.breach.otherwise", options, lambda key: Instead(self._why(Gravity(key))))

    def _why(self, gravity: Gravity) -> Ask:
        def then(why: str) -> Move:
            return done(lambda desk: self._assess(desk, gravity, why), 2)

        return Ask("officer.breach.otherwise", "dpo.reason", then, line="officer.breach.otherwise_line")

    def _assess(self, desk: Desk, own: Gravity | None, why: str) -> None:
        login, kept = officer(desk), breach_acts.get(desk.store, self.kept.paper.id)
        breach_acts.assess(desk.store, kept, self.counted, own=own, why=why, by=login.account)


def weighing(kept: Kept) -> Weighing:
    """As it was weighed before, or nothing yet."""
    before = {} if kept.case.verdict is None else {each.harm: each.chance for each in kept.case.verdict.harms}
    return Weighing(kept, tuple(Weighed(harm, before.get(harm, Chance.NO)) for harm in Harm))


def others(kept: Kept, now: int) -> Leaf:
    """Measures, who was told, and the end of it."""
    leads: list[tuple[str, Move]] = [("measure", Show(_measure(kept.paper.id)))]
    leads += [
        (f"told_{whom}", Show(_how(kept, whom, now))) for whom in Whom if owed(kept.case, whom, now).told_at is None
    ]
    leads.append(("close", Show(_closing(kept, now))))

    def draw(at: At) -> tuple[Block, ...]:
        return tuple(
            Row(key, at.say(f"officer.breach.{key}"), at.say(f"officer.breach.{key}_about")) for key, _ in leads
        )

    return Leaf("dpo.case_more", "dpo.request.more", draw, tuple(leads))


def _measure(case_id: str) -> Ask:
    def then(text: str) -> Move:
        def act(desk: Desk) -> object:
            login, kept = officer(desk), breach_acts.get(desk.store, case_id)
            return breach_acts.take(desk.store, kept, (text,), by=login.account)

        return done(act, 2)

    return Ask("officer.breach.measure", "officer.breach.measure_label", then)


def _how(kept: Kept, whom: Whom, now: int) -> Ask:
    late = now > kept.case.due_at

    def then(how: str) -> Move:
        return Instead(_late(kept.paper.id, whom, how)) if late else Instead(_reference(kept.paper.id, whom, how, ""))

    return Ask(f"officer.breach.told_{whom}", "officer.breach.how", then, most=120, line="officer.breach.how_line")


def _late(case_id: str, whom: Whom, how: str) -> Ask:
    return Ask(
        f"officer.breach.told_{whom}",
        "officer.breach.why_late",
        lambda why: Instead(_reference(case_id, whom, how, why)),
        line="officer.breach.late_line",
    )


def _reference(case_id: str, whom: Whom, how: str, why_late: str) -> Ask:
    """Their number, if they gave one."""

    def then(reference: str) -> Move:
        def act(desk: Desk) -> object:
            login, kept = officer(desk), breach_acts.get(desk.store, case_id)
            told = Told(whom, desk.store.now_ms(), how, reference, why_late)
            return breach_acts.tell(desk.store, kept, told, by=login.account)

        return done(act, 2)

    line = "officer.breach.reference_line"
    return Ask(f"officer.breach.told_{whom}", "officer.breach.reference", then, least=0, most=80, line=line)


def _closing(kept: Kept, now: int) -> Page:
    """Not before it is judged; whoever was not told has a reason in the register."""
    if kept.case.verdict is None:
        return Leaf("dpo.closing", "officer.breach.close", lambda at: lines(at.say("officer.breach.judge_first")))
    silent = any(owed(kept.case, whom, now).told_at is None for whom in Whom)

    def then(why: str) -> Move:
        def act(desk: Desk) -> object:
            login, found = officer(desk), breach_acts.get(desk.store, kept.paper.id)
            return breach_acts.close(desk.store, found, why, by=login.account)

        return done(act, 2)

    line = "officer.breach.silent" if silent else "officer.breach.close_about"
    return Ask("officer.breach.close", "dpo.reason", then, least=1 if silent else 0, line=line)
