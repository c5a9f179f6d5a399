"""Documents as PDF and JSON: read back with other programs; what somebody typed is shown and never acts."""

import io
import json
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from kiosk.rights import documents, letters
from kiosk.rights.document import (
    Block,
    Bullets,
    Code,
    Document,
    Facts,
    Grid,
    Heading,
    NewPage,
    Paragraph,
    Signatures,
)
from kiosk.rights.page import Strip, Turn
from kiosk.rights.paging import paged
from kiosk.words import LANGUAGES, say

MADE = 1_794_790_800_000  # 2026-11-16 01:00 UTC
EVERY: tuple[Block, ...] = (
    Heading("What is kept"),
    Paragraph("Saya minta salinan."),
    Paragraph("Nobody has to give their face.", strong=True),
    Heading("Who", 2),
    Facts((("Controller", "PT Contoh"), ("Officer", "dpo@contoh.example"))),
    Bullets(("code", "name")),
    Grid(("Purpose", "Kept"), (("attendance", "24 months"), ("proof", "60 months"))),
    Code("ambang:notice:1", "Scan me"),
    Signatures(("Officer", "Director", "Council")),
    NewPage(),
    Heading("Annex"),
)


def document(*blocks: Block, confidential: bool = True, language: str = "en", title: str = "Your data") -> Document:
    return Document("access", language, title, "2026", MADE, confidential, "device 1", blocks, {"pages": 3})


def read(pdf: bytes, tmp_path: Path) -> list[str]:
    """The text of each page, by another program."""
    file = tmp_path / "read.pdf"
    file.write_bytes(pdf)
    said = subprocess.run(
        ["pdftotext", "-layout", "-enc", "UTF-8", str(file), "-"], check=True, capture_output=True, timeout=60
    )
    assert said.stderr == b""
    return said.stdout.decode().split("\f")[:-1]


def joined(pages: list[str]) -> str:
    return " ".join(" ".join(pages).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_block_is_on_the_page_in_its_language(language: str, tmp_path: Path) -> None:
    made = documents.pdf(document(*EVERY, language=language))
    pages = read(made, tmp_path)
    said = joined(pages)
    for words in (
        *(
            "Your data",
            "What is kept",
            "Saya minta salinan.",
            "Nobody has to give their face.",
            "Controller",
            "PT Contoh",
        ),
        *("name", "24 months", "Scan me", "Director", "Council", "device 1"),
        say(language, "document.page", page=2, pages=3),
        say(language, "document.made", when="2026-11-16 01:00"),
        say(language, "document.sign"),
    ):
        assert words in said
    assert len(pages) == 3
    with pikepdf.open(io.BytesIO(made)) as file:
        assert str(file.Root.Lang) == language


def test_the_same_document_gives_the_same_bytes_and_another_gives_others() -> None:
    one = document(*EVERY)
    first = documents.pdf(one)
    assert documents.pdf(one) == first
    assert documents.pdf(replace(one, footer="device 2")) != first


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_a_confidential_document_says_so_and_no_page_of_another(language: str, tmp_path: Path) -> None:
    long = document(Grid(("a",), tuple((str(n),) for n in range(120))), language=language)
    pages = read(documents.pdf(long), tmp_path)
    assert len(pages) > 2
    assert all(say(each, "document.confidential") in page for page in pages for each in LANGUAGES)
    openly = read(documents.pdf(replace(long, confidential=False)), tmp_path)
    assert not any(say(each, "document.confidential") in page for page in openly for each in LANGUAGES)


HOSTILE = {
    "markup": ("<b>Budi</b> &amp; <para> </b> <img src='x'/> {x} %s", "<b>Budi</b> &amp; <para> </b> <img src='x'/>"),
    "operators": (
        ") Tj ET \\ ( /JS (app.alert(1)) endstream endobj",
        ") Tj ET \\ ( /JS (app.alert(1)) endstream endobj",
    ),
    "reversed": ("Budi \u202egnp.exe\u202c \u200f!", "Budi \ufffdgnp.exe\ufffd \ufffd!"),
    "control": ("Bu\x00di \x1b[2J\x07", "Bu\ufffddi \ufffd[2J\ufffd"),
    "breaks": ("Budi\r\nSantoso\nPutra", "Budi Santoso Putra"),
    "surrogate": ("Budi \ud800 Santoso", "Budi \ufffd Santoso"),
    "marks": ("e" + "\u0301" * 500 + "x", None),
    "long": ("W" * 3_000, None),
    "words": ("kata " * 2_000, None),
    "empty": ("", None),
    "blanks": ("  \u00a0\u3000\t ", None),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_somebody_typed_is_shown_in_every_block_and_never_acts(case: str, tmp_path: Path) -> None:
    typed, shown = HOSTILE[case]
    everywhere = document(
        *(Heading(typed), Heading(typed, 2), Paragraph(typed), Paragraph(typed, strong=True), Bullets((typed, typed))),
        *(Facts(((typed, typed),)), Grid((typed, "b"), (("a", typed), (typed, "b"))), Code("x", typed)),
        Signatures((typed,)),
    )
    made = documents.pdf(replace(everywhere, title=typed, subtitle=typed, footer=typed))
    pages = read(made, tmp_path)
    if shown is not None:
        # The narrow cells of the table break within words, the other places do not.
        assert joined(pages).count(shown) >= 4
    with pikepdf.open(io.BytesIO(made)) as file:
        assert len(file.pages) == len(pages)
        assert not {"/OpenAction", "/AA", "/Names", "/AcroForm"} & set(file.Root.keys())
        assert all("/Annots" not in page for page in file.pages)


def test_nothing_of_ten_thousand_letters_is_lost(tmp_path: Path) -> None:
    for block in (Paragraph("Q" * 10_000), Facts((("a", "Q" * 10_000),)), Grid(("a", "b"), (("", "Q" * 10_000),))):
        pages = read(documents.pdf(document(block)), tmp_path)
        assert "".join(pages).count("Q") == 10_000


def test_no_name_is_empty_and_what_the_font_lacks_is_written_as_its_number(tmp_path: Path) -> None:
    names = ("Ayşe Öztürk", "Nguyễn Thị Hòa", "Łukasz Żółć", "Ольга", "Σωκράτης", "王伟", "😀", "किरण")
    said = joined(read(documents.pdf(document(Bullets(names))), tmp_path))
    for name in names[:5]:
        assert name in said
    assert "[U+738B][U+4F1F]" in said
    assert "[U+1F600]" in said
    assert "[U+0915][U+093F][U+0930][U+0923]" in said


def test_words_from_right_to_left_are_turned_and_their_letters_joined() -> None:
    def everything(_: str) -> bool:
        return True

    assert letters.shown("Budi שלום 42", everything) == "Budi םולש 42"
    assert letters.shown("שלום 42 עולם", everything) == "םלוע 42 םולש"
    # Initial beh, medial yeh, final teh; then reh, which never joins what follows, before an isolated dal.
    assert letters.shown("بيت", everything) == "\ufe96\ufef4\ufe91"
    assert letters.shown("رد", everything) == "\ufea9\ufead"
    assert letters.shown("سلام", everything) == "\ufee1\ufefc\ufeb3"
    assert letters.shown("بيت", lambda letter: letter < "\ufb50") == "تيب"


def test_the_head_of_a_table_comes_again_on_every_page_and_no_row_is_lost_or_twice(tmp_path: Path) -> None:
    rows = tuple((f"R{number:04}", "contract") for number in range(1_500))
    began = time.monotonic()
    made = documents.pdf(document(Grid(("Purpose", "Ground"), rows)))
    assert time.monotonic() - began < 6  # 0.3 s on the machine it was measured on
    pages = read(made, tmp_path)
    assert all("Purpose" in page and "Ground" in page for page in pages)
    found = [word for page in pages for word in page.split() if len(word) == 5 and word[0] == "R"]
    assert found == [row[0] for row in rows]


def test_metadata_says_title_kind_and_time_and_the_fonts_are_in_the_file(tmp_path: Path) -> None:
    made = documents.pdf(document(Facts((("Name", "Budi Santoso"),))))
    with pikepdf.open(io.BytesIO(made)) as file:
        told = {key: str(value) for key, value in file.docinfo.items()}
        assert told["/Title"] == "Your data"
        assert told["/Subject"] == "access"
        assert told["/Author"] == told["/Creator"] == told["/Producer"] == "Ambang"
        assert told["/CreationDate"] == told["/ModDate"] == "D:20261116010000Z"
        assert bool(file.Root.ViewerPreferences.DisplayDocTitle)
    (tmp_path / "fonts.pdf").write_bytes(made)
    listed = subprocess.run(
        ["pdffonts", str(tmp_path / "fonts.pdf")], check=True, capture_output=True, text=True, timeout=60
    ).stdout.splitlines()[2:]
    assert len(listed) == 2
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in listed)  # embedded, a part of it, readable


def test_what_is_too_long_for_a_code_is_printed_instead(tmp_path: Path) -> None:
    assert joined(read(documents.pdf(document(Code("x" * 5_000))), tmp_path)).count("x") >= 5_000


def test_a_heading_never_stands_alone_at_the_foot_of_a_page(tmp_path: Path) -> None:
    for lines in range(30, 52, 2):
        above = [Bullets((f"line {n}",)) for n in range(lines)]
        made = documents.pdf(document(*above, Heading("Heading here"), Paragraph("and its text")))
        for page in read(made, tmp_path):
            assert ("Heading here" in page) is ("and its text" in page)


@pytest.mark.parametrize(
    "below",
    [
        Grid(("what", "until"), (("and its text", "2027"), ("b", "2028"))),
        Facts((("and its text", "x"),)),
        Paragraph("and its text", strong=True),
    ],
)
def test_nor_above_a_table_or_what_is_marked(tmp_path: Path, below: Block) -> None:
    parted = []
    for lines in range(30, 52):
        above = [Bullets((f"line {n}",)) for n in range(lines)]
        pages = read(documents.pdf(document(*above, Heading("Heading here"), below)), tmp_path)
        parted += [lines for page in pages if ("Heading here" in page) is not ("and its text" in page)]
    assert parted == []


def test_strips_are_kept_in_order_and_none_leaves_the_page() -> None:
    strips = [Strip(90.0, bookmark=(str(n), 0)) for n in range(30)]
    pages = paged((*strips[:10], Turn(), Turn(), *strips[10:]))
    assert [placed.strip for page in pages for placed in page] == strips
    assert len(pages) == 2 + 3
    assert all(placed.top + placed.strip.height <= 841.89 - 70 for page in pages for placed in page)
    assert paged(()) == ((),)


def test_the_json_has_kind_language_title_time_and_data() -> None:
    text = documents.as_json(document(*EVERY))
    assert text.endswith(b"}\n")
    assert json.loads(text) == {
        "kind": "access",
        "language": "en",
        "title": "Your data",
        "made_at": MADE,
        "confidential": True,
        "data": {"pages": 3},
    }
