"""Somebody who touches everything at the privacy desk: every page is drawn in three languages, and none is a bug."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from admin_kit import ALSO_GOOD
from privacy_kit import Sitting, sitting
from requests_kit import BUDI, COMPANY
from store_kit import PIN, check_in, dispute

from kiosk.pages.privacy import document
from kiosk.pages.privacy.document import LONGEST, blocks, pieces
from kiosk.pages.sheet import AskedKind, Code, Fact, Line
from kiosk.rights import holds, objecting, restriction
from kiosk.rights.document import Bullets, Document, Facts, Grid, Heading, NewPage, Paragraph, Signatures
from kiosk.rights.document import Code as QrCode
from kiosk.rights.purposes import Purpose
from kiosk.rights.requests import Right
from kiosk.rights.restriction import Restricted

_TEXTS = ("Alasan yang cukup panjang untuk ditulis lengkap di sini, nomor satu.", "2027-06-01", "2026-11-10 08:00")


@pytest.fixture
def wulan(tmp_path: Path) -> Sitting:
    found = sitting(tmp_path / "data")
    store, office = found.store, found.office
    by = office.officer.account
    found.asked(Right.ACCESS, text="Mohon salinan data saya.")
    found.asked(Right.ERASURE, person=office.sri)
    found.asked(Right.WITHDRAWAL, known=False)
    objecting.file(store, COMPANY, office.budi, Purpose.FACE_RECOGNITION, "Tidak.", by=by)
    restriction.begin(store, office.sri, Restricted.ATTENDANCE, "Salah.", by=by)
    holds.place(store, office.budi, "Perkara 12", store.now_ms() + 10**10, by)
    event = check_in(store, code=BUDI[0])
    store.ledger.append(event, office.budi)
    store.ledger.append(dispute(store, event.event_id, code=BUDI[0]), office.budi)
    return found


def typed(kind: AskedKind, chance: Random) -> str:
    match kind:
        case AskedKind.SECRET:
            return ALSO_GOOD
        case AskedKind.CODE:
            return BUDI[0]
        case AskedKind.PIN:
            return PIN
        case AskedKind.DIGITS:
            return "5"
        case _:
            return chance.choice(_TEXTS)


def walk(wulan: Sitting, steps: int, seed: int) -> Counter[str]:
    """So many touches; every page that comes up is drawn in three languages by the guest."""
    chance, seen = Random(seed), Counter[str]()  # noqa: S311 - not a secret
    wulan.at()
    for _ in range(steps):
        if wulan.over:
            wulan.at()
        sheet = wulan.sheet
        seen[sheet.name] += 1
        if sheet.asked is not None and chance.random() > 0.1:
            wulan.type(typed(sheet.asked.kind, chance)[: sheet.asked.most])
        elif sheet.asked is not None or not wulan.keys or chance.random() < 0.25:
            wulan.back()
        else:
            wulan.tap(chance.choice(wulan.keys))
    return seen


def test_whatever_is_touched_a_page_comes_up(wulan: Sitting) -> None:
    assert len(walk(wulan, 120, 7)) > 20


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_touched_for_long_a_page_comes_up(wulan: Sitting, seed: int) -> None:
    assert len(walk(wulan, 1500, seed)) > 50


def test_a_long_text_is_cut_between_sentences_and_nothing_of_it_is_lost() -> None:
    text = " ".join(f"This is sentence number {number}, and it says something." for number in range(40))
    found = pieces(text)
    assert " ".join(found) == text
    assert all(len(piece) <= LONGEST for piece in found)
    assert all(piece.endswith(".") for piece in found)
    word = "x" * (3 * LONGEST + 5)
    assert "".join(pieces(word)) == word
    assert pieces("  ") == ()


def test_a_document_becomes_blocks_and_lines_to_sign_on_stay_on_paper() -> None:
    parts = (
        Heading("Head"), Paragraph("Text", strong=True), Bullets(("one", "two")), Facts((("Name", "x" * 300),)),
        Grid(("A", "B", "C"), (("a", "b", ""), ("d", "e", "f"))), Grid(("A", "B"), (("a", "b"),)),
        QrCode("https://x", "beneath"), Signatures(("Officer",)), NewPage(),
    )  # fmt: skip
    made = Document("kind", "en", "Title", "Under", 0, confidential=True, footer="Foot", blocks=parts, data={})
    assert blocks(made) == (
        Line("Under"), Line("Head", strong=True), Line("Text", strong=True), Line("\N{BULLET} one"),
        Line("\N{BULLET} two"), Fact("Name", "x" * LONGEST), Line("x" * (300 - LONGEST)), Fact("a", "B: b"),
        Fact("d", "B: e \N{MIDDLE DOT} C: f"), Fact("a", "b"), Code("https://x", "beneath"), Line("Foot"),
    )  # fmt: skip


def test_what_somebody_has_typed_cannot_turn_the_line_around() -> None:
    (line,) = document.lines("abc\u202egnp.exe\x07")
    assert line.text.isprintable()
