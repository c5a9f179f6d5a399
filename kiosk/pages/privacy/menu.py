"""A list of where one may go, each with a sentence about it; refuses to know what lies there."""

from kiosk.pages.page import At, Move
from kiosk.pages.privacy.leaf import Leaf
from kiosk.pages.sheet import Block, Row


def menu(name: str, title: str, *leads: tuple[str, Move]) -> Leaf:
    """Rows whose words are `NAME.KEY` and `NAME.KEY_about`."""

    def draw(at: At) -> tuple[Block, ...]:
        return tuple(Row(key, at.say(f"{name}.{key}"), at.say(f"{name}.{key}_about")) for key, _ in leads)

    return Leaf(name, title, draw, leads)
