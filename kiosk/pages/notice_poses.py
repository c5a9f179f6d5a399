"""The page of the privacy notice, posed with a company that does not exist; refuses a notice of anybody real."""

from typing import Final

from kiosk import words
from kiosk.pages.notice_page import Looking, Notice, Unpublished
from kiosk.pages.posed import Posed
from kiosk.rights.document import Block, Bullets, Facts, Grid, Heading, Paragraph
from kiosk.rights.editions import Edition, Text

_SAID: Final[dict[str, tuple[str, tuple[Block, ...]]]] = {
    "id": (
        "Pemberitahuan privasi",
        (
            Heading("Singkatnya"),
            Bullets(
                ("PT Contoh mencatat jam kerja Anda di pintu ini.", "Wajah hanya dipakai jika Anda setuju; PIN sama.")
            ),
            Heading("Berapa lama"),
            Grid(("Apa", "Berapa lama"), (("Kehadiran", "24 bulan"), ("Wajah", "sampai Anda menariknya"))),
        ),
    ),
    "en": (
        "Privacy notice",
        (
            Heading("In short"),
            Bullets(
                (
                    "PT Contoh records your hours at this door.",
                    "Your face is used only if you agree; a PIN is the same.",
                )
            ),
            Heading("How long"),
            Facts((("Attendance", "24 months"), ("Face", "until you take it back"))),
        ),
    ),
    "nl": (
        "Privacyverklaring",
        (
            Heading("In het kort"),
            Paragraph("PT Contoh legt aan deze deur uw werktijd vast. Uw gezicht alleen als u dat goedvindt."),
            Heading("Hoe lang"),
            Facts((("Aanwezigheid", "24 maanden"), ("Gezicht", "tot u het intrekt"))),
        ),
    ),
}


def poses() -> tuple[Posed, ...]:
    """Found, not yet in force, and none."""
    edition = Edition(
        label="2026-08-01-3fa9c1d2",
        digest="3fa9c1d2" * 8,
        controller="PT Contoh",
        contact="Dewi Lestari, dpo@contoh.example, +62 21 555 0100",
        approver="Direksi",
        effective="2026-08-01",
        review="2027-08-01",
        effective_at=1_785_718_680_000,
        published_at=0,
        texts=tuple(Text(language, *_SAID[language]) for language in words.LANGUAGES),
    )
    return (
        Posed("notice", Notice(edition)),
        Posed("notice-ahead", Notice(edition, ahead=True)),
        Posed("notice-none", Unpublished()),
        Posed("notice-looking", Looking()),
    )
