"""What a person is told beside what was just recorded: shift, announcement, restriction; refuses all else."""

from kiosk.flow.events import Beside, Shift
from kiosk.rights import preferences
from kiosk.store import Store, told
from wire import message
from wire.message import Announcement


def beside(store: Store, person: str) -> Beside:
    """Read it for one person, on the thread of the store. Raises Fault as any reading."""
    known = store.people.get(person)
    shift = told.one(store, message.Shift, known.shift) if known.shift else None
    theirs = preferences.for_person(store, person)
    return Beside(
        shift=None if shift is None else Shift(shift.name, shift.begins, shift.ends),
        held=known.held,
        told=in_languages(theirs[-1] if theirs else None),
    )


def in_languages(found: Announcement | None) -> tuple[tuple[str, str], ...]:
    """Language and sentence, for each language it is told in."""
    if found is None:
        return ()
    said = (("id", found.id_text), ("en", found.en_text), ("nl", found.nl_text))
    return tuple((language, text) for language, text in said if text)
