"""Restriction and objection: what stops at once, for which purpose, and why; refuses to lift anything again."""

from dataclasses import dataclass, field
from typing import Final

from kiosk.pages.mydata.asking import Reasons, company_of, person_of
from kiosk.pages.mydata.receipt import after
from kiosk.pages.page import At, Desk, Do, Instead, Move, Page, Show, Stay
from kiosk.pages.sheet import Row, Sheet
from kiosk.rights import objecting, restriction
from kiosk.rights.own_view import OwnView
from kiosk.rights.purposes import Purpose
from kiosk.rights.requests import Right
from kiosk.rights.restriction import Restricted

# GDPR Article 18(1)(a) to (d), in a person's words.
_WHY_RESTRICT: Final = tuple(f"mydata.why.{key}" for key in ("wrong", "unlawful", "claim", "objected"))
# Article 21(1): grounds that relate to the particular situation.
_WHY_OBJECT: Final = tuple(f"mydata.why.{key}" for key in ("situation", "not_wanted"))


@dataclass(frozen=True, slots=True)
class Restrict(Page):
    """What is to rest."""

    mine: OwnView = field(repr=False)
    home: Do = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """Face and attendance, each with what restricting it means; what is in force says so."""
        on = {Restricted.FACE: self.mine.face_restricted, Restricted.ATTENDANCE: self.mine.attendance_restricted}
        icons = {Restricted.FACE: "look_here", Restricted.ATTENDANCE: "overtime"}
        rows = tuple(
            Row(
                purpose.value,
                at.say(f"mydata.restrict.{purpose}"),
                at.say(f"mydata.restrict.{purpose}_how"),
                at.say("mydata.mark.restricted") if on[purpose] else "",
                icons[purpose],
                chosen=on[purpose],
            )
            for purpose in Restricted
        )
        line = at.say("mydata.restrict.line")
        return Sheet("mydata.restrict", at.say("mydata.right.restrict"), line, "hold_still", rows)

    def tapped(self, key: str) -> Move:
        """Why; what is in force stays so."""
        purpose = Restricted(key)
        if self.mine.face_restricted if purpose is Restricted.FACE else self.mine.attendance_restricted:
            return Stay()

        def work(desk: Desk, why: str) -> Move:
            person, site = person_of(desk), desk.config.device.site
            made = restriction.begin(desk.store, person, purpose, why, site=site)
            note = f"mydata.restrict.{purpose}_done"
            return Instead(after(desk, self.home, made, Right.RESTRICTION, None, note, "mydata.restrict.lifting"))

        return Show(Reasons(f"mydata.restrict.{purpose}", _WHY_RESTRICT, work))


@dataclass(frozen=True, slots=True)
class Object(Page):
    """What is objected to.

    Args:
        carried: what the company does with personal data here.
        objected: to what this person objects already.
        home: where it leads.
    """

    carried: tuple[Purpose, ...]
    objected: frozenset[Purpose]
    home: Do = field(repr=False)

    def sheet(self, at: At) -> Sheet:
        """Each purpose, in the words of the notice."""
        rows = tuple(
            Row(
                purpose.value,
                at.say(f"notice.purpose.{purpose}"),
                "",
                at.say("mydata.mark.objected") if purpose in self.objected else "",
                chosen=purpose in self.objected,
            )
            for purpose in self.carried
        )
        return Sheet("mydata.object", at.say("mydata.right.object"), at.say("mydata.object.line"), "not_me", rows)

    def tapped(self, key: str) -> Move:
        """Why; what is objected to already is being looked at."""
        purpose = Purpose(key)
        if purpose in self.objected:
            return Stay()

        def work(desk: Desk, why: str) -> Move:
            person, site = person_of(desk), desk.config.device.site
            filed = objecting.file(desk.store, company_of(desk), person, purpose, why, site=site)
            note = f"mydata.object.{filed.objected.effect}"
            return Instead(after(desk, self.home, filed.id, Right.OBJECTION, filed.due_at, note))

        return Show(Reasons("mydata.right.object", _WHY_OBJECT, work))


def objections(home: Do) -> Do:
    """Load what is done here, and what this person objects to."""

    def work(desk: Desk) -> Move:
        person, company = person_of(desk), company_of(desk)
        carried = tuple(each.purpose for each in company.purposes)
        objected = frozenset(each for each in carried if objecting.objects(desk.store, person, each))
        return Show(Object(carried, objected, home))

    return Do(work)
