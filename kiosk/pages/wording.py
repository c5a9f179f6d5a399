"""Words for what a program may say on its own account; refuses to guess: what has no words is shown as it is."""

from kiosk import words
from kiosk.pages.page import At


def known(at: At, prefix: str, code: str) -> str:
    """The words of a plain code, or the code itself where nobody has written any."""
    key = f"{prefix}.{code}"
    return at.say(key) if key in words.table(at.language) else code.replace("_", " ")


def number(at: At, value: float, digits: int = 1) -> str:
    """A number with the comma or point of the language."""
    text = f"{value:.{digits}f}"
    return text if at.language == "en" else text.replace(".", ",")
