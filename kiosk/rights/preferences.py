"""Who wants announcements, and who greetings and offers (policy KK12); refuses to take silence for a yes to these.

Announcements are about work and go to everybody who has not declined them; marketing goes to nobody who has not asked.
Whoever objects to either (kiosk/rights/objecting.py) gets none of it until they ask for it themselves.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from kiosk.rights import answers, objecting
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


def wants(given: Iterable[Answer], purpose: Purpose, *, objects_since: int | None = None) -> bool:
    """Whether a person wants this, by what they said last; if they said nothing, announcements yes, marketing no.

    Args:
        given: their answers, oldest first.
        purpose: announcements or marketing.
        objects_since: when they objected to it (ms UTC), unless that was overridden; it stands until they answer anew.

    Raises:
        KeyError: a purpose that nobody is asked about.
    """
    about, silence = MATTERS[purpose], _SILENCE[purpose]
    last = next((each for each in reversed(tuple(given)) if each.about is about), None)
    if objects_since is not None and (last is None or last.at <= objects_since):
        return False
    return silence if last is None else last.said is Said.YES


def wanted(store: "Store", person: str, purpose: Purpose) -> bool:
    """`wants` of somebody in the store, with their objections."""
    return wants(answers.of(store, person), purpose, objects_since=objecting.since(store, person, purpose))


def purpose_of(announcement: Announcement) -> Purpose:
    """Why it is shown: for work, or as marketing."""
    return Purpose.MARKETING if announcement.marketing else Purpose.ANNOUNCEMENTS


def for_person(store: "Store", person: str) -> tuple[Announcement, ...]:
    """What may be shown to a person who is known, now: what they have not declined, and marketing if they asked."""
    running = announcements.running(store)
    gets = {purpose: wanted(store, person, purpose) for purpose in {purpose_of(each) for each in running}}
    return tuple(each for each in running if gets[purpose_of(each)])


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
    if wanted(store, person, purpose) is on and any(each.about is MATTERS[purpose] for each in given):
        return False
    said = Said.YES if on else Said.NO
    answers.give(store, person, Answer(MATTERS[purpose], said, "", "", store.now_ms(), witness), by=by)
    return True
