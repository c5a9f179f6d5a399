"""An erasure that answers a request, after two looks and the password; refuses it while a legal hold stands."""

from kiosk.pages.common import Told
from kiosk.pages.page import At, Back, Desk, Instead, Move, Page, Show
from kiosk.pages.privacy.document import lines
from kiosk.pages.privacy.leaf import Choice, Leaf
from kiosk.pages.privacy.who import Confirmed, of_company
from kiosk.pages.sheet import Block, Tone
from kiosk.rights import erasure_request
from kiosk.rights.requests import Filed
from kiosk.store.approval import LoggedIn
from kiosk.store.erasure import Erasure, erase_face, erase_person
from kiosk.store.intents import IntentKind


def sure(filed: Filed, *, face: bool) -> Leaf:
    """What goes, what stays, and that it cannot be undone."""
    what = "face" if face else "person"

    def draw(at: At) -> tuple[Block, ...]:
        said = (at.say(f"dpo.erase.{what}_{each}") for each in ("goes", "stays"))
        return (*(line for text in said for line in lines(text)), *lines(at.say("dpo.erase.never"), strong=True))

    go_on = Show(Confirmed(f"dpo.answer.{what}", lambda desk, login: _erased(desk, filed, login, face=face)))
    choices = (Choice("erase", "dpo.erase.yes", go_on, "erase", Tone.DANGER),)
    return Leaf(f"dpo.erase.{what}", f"dpo.answer.{what}", draw, choices=choices, icon="erase")


def _erased(desk: Desk, filed: Filed, login: LoggedIn, *, face: bool) -> Move:
    """Answer the request and begin; then the erasure itself, as far as it goes now."""
    kind = IntentKind.ERASE_FACE if face else IntentKind.ERASE_PERSON
    erasure_request.begin(desk.store, filed.person, kind, filed.id, of_company(desk), login)
    found = erase_face(desk.store, filed.person) if face else erase_person(desk.store, filed.person)
    return Instead(_told(found))


def _told(found: Erasure | None) -> Page:
    """Back lies the request, beneath the answers and the question."""
    home = Back(by=3)
    if found is None:
        return Told("dpo.erase.done", "dpo.erase.no_face", then=home)
    if found.certificate is None:
        values = (("number", found.waiting),)
        return Told("dpo.erase.begun", "dpo.erase.waits", values, then=home)
    return Told("dpo.erase.done", "dpo.erase.certificate", (("number", found.id),), then=home)
