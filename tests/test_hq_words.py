"""The sentences and colours of HQ's page: the same in every language, readable in both lights."""

import ast
import re
from pathlib import Path

from hq import words
from hq.accounts import Role, Standing
from hq.audit import ActKind
from hq.desk import TEMPLATES
from hq.passwords import Unfit
from hq.refusals import AlarmKind
from wire.event import Action, Method

HOUR = 3_600_000


def test_all_languages_have_the_same_words_and_places() -> None:
    book = words._book()
    assert set(book) == set(words.LANGUAGES)
    places = {
        language: {key: sorted(re.findall(r"{\w+}", str(text))) for key, text in said.items()}
        for language, said in book.items()
    }
    assert places["en"] == places["id"] == places["nl"]
    needed = {f"action_{action}" for action in Action} | {f"method_{method}" for method in Method}
    needed |= {f"{word}_{alarm}" for alarm in AlarmKind for word in ("alarm", "todo")}
    needed |= {f"unfit_{reason}" for reason in Unfit} | {f"act_{kind}" for kind in ActKind}
    needed |= {f"{word}_{role}" for role in Role for word in ("role", "role_hint")}
    needed |= {f"standing_{standing}" for standing in Standing}
    assert needed <= set(book["en"])


def test_how_long_ago_is_said_in_words() -> None:
    said = [words.ago("en", age) for age in (-5, 59_999, 60_000, 2 * HOUR, 24 * HOUR, 72 * HOUR)]
    assert said[:3] == ["last heard a moment ago", "last heard a moment ago", "last heard 1 minute ago"]
    assert said[3:] == ["last heard 2 hours ago", "last heard 1 day ago", "last heard 3 days ago"]


def _luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_text_colour_has_a_contrast_of_seven_to_one_in_the_dark_and_in_the_light() -> None:
    style = (TEMPLATES / "style.css").read_text()
    themes = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", part)) for part in style.split("@media")[:2]]
    assert [len(theme) for theme in themes] == [10, 10]
    for theme in themes:
        pairs = [(ink, sheet) for ink in ("text", "quiet", "warn", "alarm") for sheet in ("ground", "sheet")]
        pairs += [("accent", "sheet"), ("on-accent", "accent"), ("text", "alarm-sheet"), ("alarm", "alarm-sheet")]
        for ink, sheet in pairs:
            dark, light = sorted((_luminance(theme[ink]), _luminance(theme[sheet])))
            assert (light + 0.05) / (dark + 0.05) >= 7, (ink, sheet, theme)


def test_every_refusal_that_a_page_can_show_is_said_in_every_language() -> None:
    here = Path(words.__file__).parent
    rooms = ("accounts", "retention", "erasure", "doors", "page_accounts", "page_attendance", "page_devices")
    told = set()
    for room in (*rooms, "page_erasures", "page_retention"):
        for node in ast.walk(ast.parse((here / f"{room}.py").read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused":
                told.add(ast.literal_eval(node.args[0]))
    assert len(told) >= 20
    at_the_shell = {"There is no account of this name; `kiosk-hq account list` shows them."}
    untold = {sentence for sentence in told if words.translated("id", sentence) == sentence}
    assert untold == at_the_shell
