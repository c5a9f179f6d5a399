"""`kiosk people badge`: a card whose code is read from paper, one at a time, by an administrator alone."""

import io
import json
import shutil
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from admin_kit import GOOD, RATNA
from correction_kit import OFFICER, office
from store_kit import key_of

from kiosk import words
from kiosk.__main__ import main
from kiosk.rights import badge_card, documents
from kiosk.rights.badge_card import Card
from kiosk.store import Store, badges
from kiosk.store.badges import Holder, Why
from kiosk.vision import qr

CODE, NAME = "E-0417", "Budi Santoso"
PIXELS = 1011  # 300 dots an inch


class Shell:
    """A shell in a directory with a store, an administrator and an officer."""

    def __init__(self, data: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.data, self.patch, self.capsys = data, patch, capsys
        office(data / "state").store.close()

    def __call__(self, *line: str, code: int = 0, by: str = RATNA) -> str:
        self.patch.setattr("sys.stdin", io.StringIO(f"{GOOD}\n"))
        assert main(["people", "badge", "--code", CODE, "--by", by, *line, "--data", str(self.data)]) == code
        said = self.capsys.readouterr()
        return said.err if code else said.out

    def store(self) -> Store:
        return Store.open(self.data / "state", key_of(self.data / "state"))


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return Shell(tmp_path, monkeypatch, capsys)


def printed(pdf: Path) -> Any:  # noqa: ANN401 - a picture
    """The card as a printer sees it, 300 dots an inch."""
    made = pdf.with_suffix("")
    subprocess.run(
        [str(shutil.which("pdftoppm")), "-r", "300", "-png", "-singlefile", str(pdf), str(made)], check=True, timeout=60
    )
    return cv2.imread(str(made.with_suffix(".png")))


def text(pdf: Path) -> str:
    run = [str(shutil.which("pdftotext")), "-layout", str(pdf), "-"]
    return subprocess.run(run, check=True, capture_output=True, timeout=60).stdout.decode()


def test_a_card_is_printed_its_code_is_read_and_the_next_one_ends_it(shell: Shell) -> None:
    first, second = shell.data / "first.pdf", shell.data / "second.pdf"
    said = json.loads(shell("--pdf", str(first), "--days", "30", "--json"))
    assert (said["code"], said["days"]) == (CODE, 30)
    assert first.stat().st_mode & 0o777 == 0o600
    page = printed(first)
    assert abs(page.shape[1] - PIXELS) < 3
    token = qr.read(page)
    assert token is not None
    with closing(shell.store()) as store:
        holder = badges.holder(store, token)
        assert isinstance(holder, Holder)
        assert store.people.get(holder.person).code == CODE
    assert "Budi S." in text(first)
    for never in (CODE, NAME, "Santoso"):
        assert never not in text(first)
    assert "revoked" in shell("--pdf", str(second))
    assert CODE not in token
    with closing(shell.store()) as store:
        again = qr.read(printed(second))
        assert again is not None
        assert badges.holder(store, again) == holder
        refused = badges.holder(store, token)
        assert isinstance(refused, badges.Refused)
        assert refused.why is Why.REVOKED


def test_a_badge_is_revoked_without_another(shell: Shell) -> None:
    shell("--pdf", str(shell.data / "card.pdf"))
    assert json.loads(shell("--revoke", "--json"))["revoked"] is True
    assert json.loads(shell("--revoke", "--json"))["revoked"] is False


def test_only_an_administrator_gives_badges_and_no_file_is_written_over(shell: Shell) -> None:
    file = shell.data / "card.pdf"
    file.write_text("something else")
    shell("--pdf", str(file), code=2)
    shell("--pdf", str(shell.data / "other.pdf"), code=2, by=OFFICER)
    with closing(shell.store()) as store:
        assert store.database.rows("SELECT * FROM badges") == []
    for line in ((), ("--pdf", "x.pdf", "--revoke"), ("--pdf", "x.pdf", "--days", "0"), ("--pdf", "x", "--days", "-1")):
        with pytest.raises(SystemExit):
            main(["people", "badge", "--code", CODE, "--by", RATNA, *line, "--data", str(shell.data)])


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_card_fits_whatever_the_names_are(language: str, tmp_path: Path) -> None:
    token = "AB1" + "x" * 112
    company = "PT Perusahaan Contoh Sejahtera Abadi Nusantara (Persero)"
    for number, name in enumerate(("Muhammadinejad-Wirawan W.", "W" * 200)):
        card = Card(language, company, name, token, 1_794_790_800_000, 1_826_326_800_000, "Asia/Jakarta")
        file = tmp_path / f"{number}.pdf"
        file.write_bytes(documents.card(card))
        assert documents.card(card) == file.read_bytes()
        page = printed(file)
        assert qr.read(page) == token
        said = " ".join(text(file).split())
        assert words.say(language, "badge.card.until", day="2027-11-16") in said
        edge = np.concatenate([page[:8].ravel(), page[-8:].ravel(), page[:, :8].ravel(), page[:, -8:].ravel()])
        assert edge.min() == 255, "something is drawn to the very edge"
        assert badge_card.title(card) in said
