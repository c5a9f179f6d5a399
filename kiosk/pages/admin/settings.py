"""What may be changed at this screen, in groups, with what holds now; refuses to show a value as if it could be."""

from dataclasses import dataclass
from typing import Final

from kiosk.config import Config
from kiosk.pages.admin import acting, settings_edit, settings_shown
from kiosk.pages.admin.settings_words import label, spoken
from kiosk.pages.page import At, Desk, Do, Move, Page, Show
from kiosk.pages.sheet import Block, Fact, Row, Sheet
from kiosk.rights.settings import MAY
from kiosk.store import overlay

GROUPS: Final = {
    "place": ("device.site", "device.contact"),
    "screen": ("door.language", "door.large", "door.light", "door.reduced_motion", "door.random_pad"),
    "door": ("door.buttons", "door.confirm", "door.cool_down_s"),
    "face": ("recognition.mode", "recognition.threshold", "recognition.liveness", "recognition.challenge"),
}
ICONS: Final = {
    "place": "person",
    "screen": "more_light",
    "door": "in",
    "face": "look_here",
    "recipients": "sent",
    "retention": "paper",
}


def first() -> Move:
    """The groups."""
    return Do(_opened)


def _opened(desk: Desk) -> Move:
    acting.by(desk, MAY)
    return Show(Groups())


@dataclass(frozen=True, slots=True)
class Groups(Page):
    """What can be changed, and what can only be looked at."""

    def sheet(self, at: At) -> Sheet:
        """The groups."""
        rows = tuple(
            Row(key, at.say(f"settings.group.{key}"), at.say(f"settings.group.{key}_about"), icon=icon)
            for key, icon in ICONS.items()
        )
        return Sheet("settings", at.say("admin.section.settings"), at.say("settings.takes"), body=rows)

    def tapped(self, key: str) -> Move:
        """One group."""
        match key:
            case "recipients":
                return Do(settings_shown.recipients)
            case "retention":
                return Do(settings_shown.retention)
            case _:
                return Do(lambda desk: Show(group(desk, key)))


def group(desk: Desk, name: str) -> "Group":
    """A group as it is now. Raises Fault."""
    acting.by(desk, MAY)
    return Group(name, overlay.running(desk.store, desk.config))


@dataclass(frozen=True, slots=True)
class Group(Page):
    """The settings of a group, each with what holds now."""

    name: str
    config: Config

    def sheet(self, at: At) -> Sheet:
        """What root has fixed is said so, and cannot be touched."""
        blocks: list[Block] = []
        for key in GROUPS[self.name]:
            value = spoken(at, key, overlay.value_of(self.config, key))
            if overlay.locked(self.config, key):
                blocks.append(Fact(at.say("settings.fixed", name=label(at, key)), value))
            else:
                blocks.append(Row(key, label(at, key), value))
        if self.name == "face":
            blocks.append(Fact(at.say("settings.hands_free"), at.say("settings.hands_free_none")))
        title = at.say(f"settings.group.{self.name}")
        return Sheet(f"settings.{self.name}", title, "", ICONS[self.name], tuple(blocks))

    def tapped(self, key: str) -> Move:
        """Change it."""
        name = self.name
        return Do(lambda desk: settings_edit.begin(desk, key, lambda again: group(again, name)))
