"""Every right on one page: what it is, what does it, by when; refuses to hide one (policy E3)."""

from typing import Final

from kiosk.rights import remedies
from kiosk.rights.company import Company
from kiosk.rights.document import Bullets, Document, Facts, Heading, Paragraph
from kiosk.rights.requests import Right
from kiosk.words import say

COMMANDS: Final[dict[Right, str]] = {
    Right.ACCESS: "kiosk privacy access --person CODE",
    Right.RECTIFICATION: "kiosk privacy correct ask",
    Right.ERASURE: "kiosk privacy erase --person CODE --request ID",
    Right.RESTRICTION: "kiosk privacy restrict",
    Right.PORTABILITY: "kiosk privacy copy --person CODE --out FILE.pdf",
    Right.OBJECTION: "kiosk privacy object",
    Right.HUMAN_REVIEW: "kiosk privacy review ask",
    Right.WITHDRAWAL: "kiosk privacy withdraw --person CODE",
}
"""The command that does it; a test runs the help of each."""
AT_ONCE: Final = frozenset({Right.WITHDRAWAL})


def rights(company: Company, language: str, device: str, now: int) -> Document:
    """The index.

    Args:
        company: whose clocks count.
        language: two letters.
        device: id.
        now: ms UTC.
    """

    def word(key: str, **values: str | int) -> str:
        return say(language, f"rights.{key}", **values)

    clocks = company.clocks
    blocks: list[Heading | Facts | Paragraph | Bullets] = [Paragraph(word("free"))]
    rows = []
    for right in Right:
        name, when = say(language, f"requests.rights.{right}"), _clock(company, language, right)
        blocks += [
            Heading(name[0].upper() + name[1:], 2),
            Paragraph(word(f"means.{right}")),
            Facts(((word("clock"), when), (word("command"), COMMANDS[right]))),
        ]
        rows.append({"right": right.value, "what": word(f"means.{right}"), "command": COMMANDS[right], "clock": when})
    if clocks.extension_days:
        blocks.append(Paragraph(word("put_off", days=clocks.extension_days)))
    named = remedies.authority(company, language)
    blocks += [Paragraph(word("anybody", right="access")), Paragraph(word("complaint")), Paragraph(named)]
    return Document(
        "rights",
        language,
        word("title"),
        company.controller.name,
        now,
        confidential=False,
        footer=word("footer", device=device),
        blocks=tuple(blocks),
        data={"rights": rows, "request_hours": clocks.request_hours, "extension_days": clocks.extension_days},
    )


def _clock(company: Company, language: str, right: Right) -> str:
    if right in AT_ONCE:
        return say(language, "rights.at_once")
    return say(language, "rights.ask", hours=company.clocks.request_hours)
