"""What a person wants to be told at the door, and in which language; refuses to take silence for a yes to marketing."""

from dataclasses import dataclass
from typing import Final

from kiosk import words
from kiosk.pages.mydata.asking import company_of, person_of
from kiosk.pages.page import At, Desk, Do, Instead, Move, Page, Show, Speak
from kiosk.pages.sheet import Block, Line, Row, Sheet
from kiosk.rights import preferences
from kiosk.rights.purposes import Purpose
from wire.message import Announcement


@dataclass(frozen=True, slots=True)
class News(Page):
    """Announcements, greetings, language.

    Args:
        wanted: for each purpose that the company carries on, whether the person wants it.
        told: what is announced to them now.
        speaks: in which language the door speaks to them.
    """

    wanted: tuple[tuple[Purpose, bool], ...]
    told: tuple[Announcement, ...]
    speaks: str

    def sheet(self, at: At) -> Sheet:
        """A row to switch each; what is announced now; the languages."""
        switches = tuple(
            Row(
                purpose.value,
                at.say(f"mydata.news.{purpose}"),
                at.say("mydata.news.off" if on else "mydata.news.on"),
                at.say("mydata.mark.on" if on else "mydata.mark.off"),
                "yes" if on else "",
                chosen=on,
            )
            for purpose, on in self.wanted
        )
        languages = tuple(
            Row(
                f"speak.{each}",
                words.say(each, "language.name"),
                at.say("mydata.news.speaks") if each == self.speaks else "",
                icon="yes" if each == self.speaks else "",
                chosen=each == self.speaks,
            )
            for each in words.LANGUAGES
        )
        told = tuple(Line(_text(each, at.language), icon="straight") for each in self.told)
        body: tuple[Block, ...] = (*switches, *told, *languages)
        return Sheet("mydata.news", at.say("mydata.news.title"), at.say("mydata.news.line"), "straight", body)

    def tapped(self, key: str) -> Move:
        """Switch it; the answer is kept with its day."""
        if key.startswith("speak."):
            return _speak(key.removeprefix("speak."))
        purpose = Purpose(key)
        on = not dict(self.wanted)[purpose]

        def work(desk: Desk) -> Move:
            preferences.prefer(desk.store, person_of(desk), purpose, on=on)
            return Instead(_read(desk))

        return Do(work)


def _speak(language: str) -> Move:
    def work(desk: Desk) -> Move:
        desk.store.people.correct(person_of(desk), language=language)
        return Speak(language, Instead(_read(desk)))

    return Do(work)


def _read(desk: Desk) -> News:
    store, person, company = desk.store, person_of(desk), company_of(desk)
    wanted = tuple(
        (purpose, preferences.wanted(store, person, purpose))
        for purpose in preferences.MATTERS
        if company.rule(purpose) is not None
    )
    return News(wanted, preferences.for_person(store, person), store.people.get(person).language)


OPENED: Final = Do(lambda desk: Show(_read(desk)))


def _text(announcement: Announcement, language: str) -> str:
    said = {"id": announcement.id_text, "en": announcement.en_text, "nl": announcement.nl_text}
    return said[language] or next((text for text in said.values() if text), "")
