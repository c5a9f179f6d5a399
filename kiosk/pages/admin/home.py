"""The first page of whoever has logged in: what their role may do here, and the way out; refuses everything else."""

from dataclasses import dataclass

from kiosk.pages.admin import own, sections
from kiosk.pages.page import At, Leave, Move, Official, Page, Show
from kiosk.pages.sheet import Act, Row, Sheet


@dataclass(frozen=True, slots=True)
class Home(Page):
    """One row for each section of the role."""

    def sheet(self, at: At) -> Sheet:
        """The sections, the own password, and the way out."""
        found = sections.of(at.visitor.login.role) if isinstance(at.visitor, Official) else ()
        rows = tuple(
            Row(
                section.key,
                at.say(section.title),
                at.say(f"{section.title}_about"),
                icon=section.icon,
            )
            for section in found
        )
        acts = (Act("own", at.say("admin.own.act"), "key"), Act("out", at.say("admin.out"), "out"))
        return Sheet("admin.home", at.say("admin.title"), body=rows, acts=acts, back=False, leave=False)

    def tapped(self, key: str) -> Move:
        """Into a section."""
        if key == "out":
            return Leave()
        if key == "own":
            return Show(own.OwnPassword())
        first = next(section.first() for section in sections.SECTIONS if section.key == key)
        return Show(first) if isinstance(first, Page) else first
