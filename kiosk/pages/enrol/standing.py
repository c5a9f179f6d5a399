"""What each person needs, and why there may be no face of theirs; refuses to ask the camera."""

from collections.abc import Callable

from kiosk.config import Config
from kiosk.faults import Fault, FaultCode
from kiosk.pages.enrol.case import Need, Without
from kiosk.pages.page import Desk
from kiosk.rights import consents, enrolling, notice_documents, notices
from kiosk.rights.editions import Edition
from kiosk.store import Person, Store
from kiosk.vision.known import in_use, must_enrol_again
from wire.errors import FormatError


def newest(store: Store) -> Edition | None:
    """The notice that a consent is given to. Raises Fault STORE_TAMPERED: one was altered."""
    try:
        return notices.newest(store)
    except FormatError as wrong:
        raise Fault(FaultCode.STORE_TAMPERED, "the notice is not the one that was published") from wrong


def needs(desk: Desk) -> Callable[[Person], Need]:
    """What each person needs: asked of the whole store once."""
    pack, renewal = in_use(desk.config), consents.to_renew(desk.store)
    spaces = desk.store.templates.spaces()
    again = frozenset[str]() if pack is None else must_enrol_again(spaces, pack.embedding_space)

    def need(person: Person) -> Need:
        if not person.has_face:
            return Need.FIRST
        if person.id in again:
            return Need.AGAIN
        return Need.RENEWAL if person.id in renewal else Need.NOTHING

    return need


def without(store: Store, config: Config, person: Person) -> Without | None:
    """Why there can be no face of this person now; None where there can."""
    if config.recognition.mode == "off":
        return Without.OFF
    if (why := enrolling.barred(person)) is not None:
        return Without(why.value)
    try:
        enrolling.need_release(store, config)
    except Fault:
        return Without.NOT_RELEASED
    if in_use(config) is None:
        return Without.NO_MODEL
    edition = newest(store)
    if edition is None:
        return Without.NO_NOTICE
    return None if notice_documents.asked(edition, config.door.language) else Without.NO_CONSENT
