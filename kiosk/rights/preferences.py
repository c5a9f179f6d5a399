"""Who wants announcements, and who greetings and offers (policy KK12); refuses to take silence for a yes to these.

Announcements are about work and go to everybody who has not declined them; marketing goes to nobody who has not asked.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from kiosk.rights import answers
from kiosk.rights.answers import SELF, About, Answer, Said
from kiosk.rights.company import Company
from kiosk.rights.notice_words import Voice
from kiosk.rights.purposes import Purpose
from kiosk.store import announcements
from wire.message import Announcement

if TYPE_CHECKING:
    from kiosk.store import Store

MATTERS: Final = {Purpose.ANNOUNCEMENTS: About.ANNOUNCEMENTS, Purpose.MARKETING: About.MARKETING}
_SILENCE: Final = {Purpose.ANNOUNCEMENTS: True, Purpose.MARKETING: False}


def wants(given: Iterable[Answer], purpose: Purpose) -> bool:
    """Whether a person wants this, by their newest answer to it; without one announcements yes, marketing no.

    Raises:
        KeyError: a purpose that nobody is asked about.
    """
    said = [each.said for each in given if each.about is MATTERS[purpose]]
    return said[-1] is Said.YES if said else _SILENCE[purpose]


def wanted(store: "Store", person: str, purpose: Purpose) -> bool:
    """`wants` of somebody in the store."""
    return wants(answers.of(store, person), purpose)


def purpose_of(announcement: Announcement) -> Purpose:
    """Why it is shown: for work, or as marketing."""
    return Purpose.MARKETING if announcement.marketing else Purpose.ANNOUNCEMENTS


def for_person(store: "Store", person: str) -> tuple[Announcement, ...]:
    """What may be shown to a person who is known, now: what they have not declined, and marketing if they asked."""
    given = answers.of(store, person)
    return tuple(each for each in announcements.running(store) if wants(given, purpose_of(each)))


def how_to_decline(company: Company, language: str) -> str:
    """The sentence that stands beneath every announcement to a person: how to have no more of them."""
    return Voice(language, company).officer("news.how")


def prefer(  # noqa: PLR0913 - what an answer consists of
    store: "Store", person: str, purpose: Purpose, *, on: bool, witness: str = SELF, by: str = ""
) -> bool:
    """Write down what a person wants; returns False if that was so before.

    Raises:
        KeyError: a purpose that nobody is asked about.
        Fault: as `answers.give`.
    """
    given = answers.of(store, person)
    if wants(given, purpose) is on and any(each.about is MATTERS[purpose] for each in given):
        return False
    said = Said.YES if on else Said.NO
    answers.give(store, person, Answer(MATTERS[purpose], said, "", "", store.now_ms(), witness), by=by)
    return True
