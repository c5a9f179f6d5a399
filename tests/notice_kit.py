"""Privacy notices for tests: of a company that does not exist, in three languages, with and without a change."""

from dataclasses import replace
from typing import Any

from wire.notice import Published, Words

DAY_MS = 86_400_000
PUBLISHED = 1_794_790_800_000  # 2026-11-16 01:00 UTC
_SAID = {
    "id": (
        "Pemberitahuan privasi",
        ("Singkatnya", "Jam kerja Anda dicatat di pintu ini untuk upah. Wajah hanya dipakai jika Anda setuju."),
        ("Siapa yang bertanggung jawab", "PT Contoh Sejahtera, Jalan Melati 12, Jakarta."),
        ("Berapa lama disimpan", "Kehadiran disimpan 24 bulan. Wajah dihapus begitu persetujuan ditarik."),
        ("Hak Anda", "Anda boleh meminta salinan. Anda boleh menolak wajah. Upah Anda tetap sama."),
    ),
    "en": (
        "Privacy notice",
        ("In short", "Your working time is recorded at this door, for pay. Your face is used only if you agree."),
        ("Who answers for it", "PT Contoh Sejahtera, Jalan Melati 12, Jakarta."),
        ("How long it is kept", "Attendance is kept for 24 months. A face is erased when the consent is taken back."),
        ("Your rights", "You may ask for a copy. You may refuse the face. Your pay stays the same."),
    ),
    "nl": (
        "Privacyverklaring",
        (
            "In het kort",
            "Uw werktijd wordt aan deze deur vastgelegd, voor uw loon. Uw gezicht alleen als u dat goedvindt.",
        ),
        ("Wie ervoor instaat", "PT Contoh Sejahtera, Jalan Melati 12, Jakarta."),
        (
            "Hoe lang het bewaard wordt",
            "Aanwezigheid 24 maanden. Een gezicht wordt gewist zodra u uw toestemming intrekt.",
        ),
        ("Uw rechten", "U mag een kopie vragen. U mag uw gezicht weigeren. Uw loon blijft gelijk."),
    ),
}
CHANGED = {"id": ("24 bulan", "12 bulan"), "en": ("24 months", "12 months"), "nl": ("24 maanden", "12 maanden")}


def first(device: str) -> Published:
    texts = {language: Words(title, tuple(paragraphs)) for language, (title, *paragraphs) in _SAID.items()}
    return Published(
        device=device,
        version="2026-1",
        published=PUBLISHED,
        effective="2026-11-16",
        review="2027-11-16",
        approver="Direksi",
        controller="PT Contoh Sejahtera",
        contact="Pejabat pelindungan data: dpo@contoh.example, +62 21 555 0100",
        texts=texts,
    )


def second(device: str) -> Published:
    """The next version: attendance is kept half as long."""
    before = first(device)
    texts = {
        language: Words(
            said.title, tuple((heading, text.replace(*CHANGED[language])) for heading, text in said.paragraphs)
        )
        for language, said in before.texts.items()
    }
    return replace(before, version="2026-2", published=PUBLISHED + DAY_MS, effective="2026-11-17", texts=texts)


def content(notice: Published) -> dict[str, Any]:
    """The same as a paper of the desk holds it."""
    return {
        "version": notice.version,
        "published_at": notice.published,
        "effective": notice.effective,
        "review": notice.review,
        "approver": notice.approver,
        "controller": notice.controller,
        "contact": notice.contact,
        "texts": {
            language: {"title": said.title, "paragraphs": [list(pair) for pair in said.paragraphs]}
            for language, said in notice.texts.items()
        },
    }
