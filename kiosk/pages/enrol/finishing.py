"""The PIN, and all of it into the store; refuses to keep anything before the person has come to the end."""

from dataclasses import dataclass

from kiosk.faults import Fault, FaultCode
from kiosk.pages.admin.pins import NewPin
from kiosk.pages.enrol.case import Case, Face
from kiosk.pages.enrol.done import BADGES, Done, Way
from kiosk.pages.page import At, Begin, Desk, Do, Move, Page
from kiosk.pages.sheet import Act, Block, Line, Sheet, Tone
from kiosk.rights import consents, enrolling, informing
from kiosk.rights.enrolling import Barred
from kiosk.store import Consent, Person, Reference, Store
from kiosk.store.accounts import PIN_LENGTH


@dataclass(frozen=True, slots=True)
class OwnPin(Page):
    """How they come in from now on, and their PIN.

    Args:
        case: whose.
        version: of the notice that they have read, or "".
        face: what is kept of their face, with their consent; None without.
    """

    case: Case
    version: str = ""
    face: Face | None = None

    def sheet(self, at: At) -> Sheet:
        """What the trial has shown, and what a PIN has to be."""
        values = {"least": PIN_LENGTH.start, "most": PIN_LENGTH.stop - 1}
        body: list[Block] = []
        if self.face is not None:
            body.append(Line(at.say("enrolling.pin.known"), icon="done"))
            body.append(Line(at.say("enrolling.pin.alike" if self.face.alike else "enrolling.pin.beside")))
        else:
            body.append(Line(at.say("enrolling.pin.alone"), icon="pin"))
        if self.case.has_pin:
            body.append(Line(at.say("enrolling.pin.there")))
            acts: tuple[Act, ...] = (
                Act("keep", at.say("enrolling.pin.keep"), "yes", Tone.PRIMARY),
                Act("type", at.say("enrolling.pin.new"), "pin"),
            )
        else:
            body += [Line(at.say(f"admin.pin.{each}", **values)) for each in ("length", "plain", "own")]
            acts = (Act("type", at.say("enrolling.pin.type"), "pin", Tone.PRIMARY),)
        return Sheet("enrol.pin", at.say("enrolling.pin.title"), icon="", body=tuple(body), acts=acts)

    def tapped(self, key: str) -> Move:
        """The one that is there; or another, typed twice."""
        if key == "keep":
            return Do(lambda desk: self._finished(desk, None))
        return NewPin(self.case.name, self._finished).tapped("type")

    def _finished(self, desk: Desk, pin: str | None) -> Move:
        store, case = desk.store, self.case
        store.admins.get(case.by.login.account)
        enrolling.may_enrol(store, case.by.login)
        person = store.people.get(case.person)
        if self.face is not None:
            _need_a_face(desk, person)
        if pin is not None:
            store.people.set_pin(person.id, pin, by=case.by.login.account)
        if self.face is not None:
            enrolling.keep(store, desk.config, person, self.face.agreed, _references(store, person, self.face))
        elif self.version:
            by = case.by
            informing.told(
                store, person.id, version=self.version, language=desk.language, witness=by.name, by=by.login.account
            )
        way = Way.BOTH if self.face is not None and self.face.alike else Way.FACE
        return _done(desk, case, way)


def renewed(desk: Desk, case: Case, agreed: Consent) -> Move:
    """The same face goes on under the new consent. Raises as `consents.renew`."""
    desk.store.admins.get(case.by.login.account)
    enrolling.may_enrol(desk.store, case.by.login)
    consents.renew(desk.store, case.person, agreed, by=case.by.login.account)
    return _done(desk, case, Way.FACE)


def _done(desk: Desk, case: Case, way: Way) -> Move:
    """Nothing of what was before can be come back to."""
    used = desk.store.people.get(case.person).face_used
    receipt = enrolling.receipt(desk.store, case.person) if used else None
    badge = desk.config.reads_badges and case.by.login.role in BADGES
    return Begin(case.themselves, Done(case, way if used else Way.PIN, receipt, badge))


def _need_a_face(desk: Desk, person: Person) -> None:
    """What may have changed since the camera looked. Raises Fault."""
    enrolling.need_release(desk.store, desk.config)
    match enrolling.barred(person):
        case Barred.MINOR:
            raise Fault(FaultCode.FACE_OF_A_MINOR)
        case Barred.RESTRICTED:
            raise Fault(FaultCode.REQUEST_REFUSED, "restricted meanwhile")
        case None:
            return


def _references(store: Store, person: Person, face: Face) -> list[Reference]:
    now = store.now_ms()
    return [
        Reference(person.id, shot.embedding.vector, shot.embedding.model, shot.quality.goodness, now)
        for shot in face.found.shots
    ]
