"""Who is under age has no face here: what there is goes in the act that says so; refuses to leave it for later.

Policy E4.1. The age is not stored: an administrator or the officer says whether somebody is under age.
"""

from kiosk.store import Store, face_mode
from kiosk.store.erasure import Erasure, begin_erasure, erase_face
from kiosk.store.erasure_rows import has_face
from kiosk.store.intents import IntentKind


def mark(store: Store, person_id: str, *, minor: bool, by: str) -> Erasure | None:
    """Mark a person as a minor, or take the mark away; the face of a minor is erased with a certificate.

    The mark and the intent to erase are one transaction: from then on no face is compared, whatever becomes of this
    process.

    Args:
        store: open.
        person_id: random id.
        minor: whether they are under age.
        by: account that says so.

    Returns:
        The erasure, or None if there was no face.

    Raises:
        Fault: PERSON_UNKNOWN, and what `erase_face` raises.
    """
    with store.database.write():
        face_mode.mark_minor(store, person_id, minor=minor, by=by)
        going = minor and has_face(store.database, person_id)
        if going and store.intents.find(IntentKind.ERASE_FACE, person_id) is None:
            begin_erasure(store, IntentKind.ERASE_FACE, person_id)
    return erase_face(store, person_id) if going else None
