"""Claimed and disputed records: a human decides; refuses a machine's word, and a reason that names somebody else."""

from kiosk.config import Config
from kiosk.pages.common import Told
from kiosk.pages.page import At, Back, Desk, Do, Instead, Move, Page, Show
from kiosk.pages.privacy.document import drawn
from kiosk.pages.privacy.leaf import Ask, Choice, Leaf, anew, nothing, to
from kiosk.pages.privacy.who import Known, known, of_company, person_of, reads, staff
from kiosk.pages.sheet import AskedKind, Block, Row, Tone
from kiosk.rights import correction_letters, explanation, human_review, own_acts
from kiosk.rights.correction_letters import Letterhead
from kiosk.rights.document import Document
from kiosk.rights.explanation import Machine
from kiosk.rights.human_review import Annul, Confirm, Pending, Reassign, Verdict
from kiosk.rights.rectification import Desk as Decides
from kiosk.store import LocalKind
from kiosk.vision.known import in_use


def page(desk: Desk) -> Page:
    """What waits for a human, oldest first."""
    may_act, store = reads(desk), desk.store
    found = human_review.pending(store)
    store.append_local(LocalKind.VIEWED, {"list": "reviews", "records": len(found)})
    rows = tuple((each, known(store, each.person, named=may_act)) for each in found)
    zone = desk.config.device.zone

    def draw(at: At) -> tuple[Block, ...]:
        return nothing(at, tuple(_row(at, each, whose, zone) for each, whose in rows), "dpo.reviews.none")

    leads = tuple((_id(each), to(one, _id(each))) for each in found)
    return Leaf("dpo.reviews", "dpo.reviews.title", draw, leads, load=page)


def _id(each: Pending) -> str:
    return each.standing.event.event_id


def _row(at: At, each: Pending, whose: Known, zone: str) -> Row:
    what = correction_letters.act(at.language, each.standing.action, each.standing.at, zone)
    return Row(_id(each), what, whose.said(at), at.say(f"dpo.reviews.{each.why}"))


def one(desk: Desk, event_id: str) -> Page:
    """The explanation card of an entry, and the decision. Raises Fault REQUEST_REFUSED: nobody's who is known."""
    may_act, store, company = reads(desk), desk.store, of_company(desk)
    person = human_review.holder(store, event_id)
    standing = own_acts.one(store, person, event_id)
    store.append_local(LocalKind.VIEWED, {"list": "explanation", "records": 1})
    found, code, now = machine(desk.config), store.people.get(person).code, store.now_ms()

    def made(language: str) -> Document:
        head = Letterhead(company, language, code, store.device_id, desk.config.device.zone, now)
        return explanation.card(head, standing, found)

    decided = standing.annulled or not may_act
    choices = (
        Choice("confirm", "dpo.reviews.confirm", Show(_reason(event_id, Confirm())), "done", Tone.PRIMARY),
        Choice("annul", "dpo.reviews.annul", Show(_reason(event_id, Annul()))),
        Choice("reassign", "dpo.reviews.reassign", Show(_other(event_id))),
    )
    load = anew(one, event_id)
    return Leaf("proofs.review", "dpo.reviews.one", drawn(made), choices=() if decided else choices, load=load)


def machine(config: Config) -> Machine:
    """How this door recognises faces today."""
    recognition = config.recognition
    found = in_use(config)
    thresholds = None if found is None else found.thresholds
    if thresholds is None or recognition.threshold != thresholds.accept:
        return explanation.machine_of(recognition)
    return explanation.machine_of(recognition, thresholds.error_rate, thresholds.population)


def _other(event_id: str) -> Ask:
    def then(code: str) -> Move:
        def work(desk: Desk) -> Move:
            staff(desk)
            return Instead(_reason(event_id, Reassign(person_of(desk.store, code).id)))

        return Do(work)

    return Ask("dpo.reviews.reassign", "dpo.code", then, AskedKind.CODE, most=32, line="dpo.reviews.whose")


def _reason(event_id: str, verdict: Verdict) -> Ask:
    def then(reason: str) -> Move:
        def work(desk: Desk) -> Move:
            acting = Decides(of_company(desk), staff(desk), desk.config.device.site)
            human_review.decide(desk.store, event_id, verdict, reason, acting)
            return Instead(Told("dpo.corrections.decided", "dpo.answer.letter", then=Back(by=2)))

        return Do(work)

    return Ask("dpo.reviews.decide", "dpo.reason", then, line="dpo.reviews.reason")
