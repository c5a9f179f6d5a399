"""`kiosk models budget` and `calibrate` on a real store: figures of this site, no name, and nobody's file is edited."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
from onnx_kit import manifest, model
from store_kit import CONSENT, MORNING, close_all, new_store

from kiosk import config
from kiosk.cli.models import main
from kiosk.cli.models_budget import _lines
from kiosk.evaluation.budget import Use, budget
from kiosk.evaluation.made_up import OFFICE, SAME_DAY, Population
from kiosk.store import Reference

DIM = 96
NAMES = ("Budi", "Santoso", "E-")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A store with 30 people of three references each, one more of another model, and the manifest of their pack."""
    place = tmp_path_factory.mktemp("site")
    text = manifest(place, {"embed.onnx": model()}).read_text()
    (place / "manifest.toml").write_text(text.replace("dimension = 4", f"dimension = {DIM}"))
    random = np.random.default_rng(2)
    real = random.standard_normal((8, DIM)).astype(np.float32)
    made = Population.about(real / np.linalg.norm(real, axis=1, keepdims=True), OFFICE, random)
    store = new_store(place / "state")
    for number, vector in enumerate(made.draw(30, random)):
        person = store.people.add(f"E-{number:04}", f"Budi Santoso {number}")
        frames = made.frames(vector, SAME_DAY, 3, random)
        store.basis.enrol(person, CONSENT, [Reference(person, frame, "tiny", 0.9, MORNING) for frame in frames])
    last = store.people.add("E-9999", "Budi of another model")
    elsewhere = Reference(last, np.eye(DIM, dtype=np.float32)[0], "another-space", 0.9, MORNING)
    store.basis.enrol(last, CONSENT, [elsewhere])
    close_all()
    (place / "kiosk.toml").write_text('[recognition]\npack = "tiny"\nthreshold = 0.52\n')
    return place / "kiosk.toml", place / "manifest.toml"


def said(site: tuple[Path, Path], capsys: pytest.CaptureFixture[str], verb: str, *more: str) -> str:
    assert main([verb, "--config", str(site[0]), *more], manifest=site[1]) == 0
    spoken = capsys.readouterr()
    assert spoken.err == ""
    assert not [name for name in NAMES if name in spoken.out]
    return spoken.out


def test_the_budget_is_of_this_site_and_names_nobody(
    site: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(said(site, capsys, "budget", "--json", "--punches-a-day", "90", "--impostors", "0.1"))
    assert (found["people"], found["comparisons"], found["threshold"]) == (30, 30 * 29, 0.52)
    assert found["attempts_a_year"] == pytest.approx(90 * 0.1 * 365)
    assert 0 < found["fpir"] < found["fpir_bound"] <= 1
    assert found["wrong_accepts_a_year"] == pytest.approx(found["fpir"] * found["attempts_a_year"])
    assert found["wrong_accepts_a_year"] < found["wrong_accepts_a_year_bound"]
    assert found["fpir_bound_without_fit"] >= 3 / 30
    assert found["advice"] in {"verification", "unproved"}


def test_the_budget_speaks_of_years_and_of_its_bound(
    site: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(site, capsys, "budget")
    assert "30 people with a face" in text
    assert "120 punches a day" in text
    assert "Expect one wrong person in" in text
    assert "at 95 %)" in text
    rare = said(site, capsys, "budget", "--impostors", "0")
    assert "Expect one wrong person in more than 1000 years (at least more than 1000 years at 95 %)." in rare
    assert "may recognise faces without a PIN" in rare


def test_calibrate_prints_lines_that_the_kiosk_reads_and_leaves_the_file_alone(
    site: tuple[Path, Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    before = site[0].read_bytes()
    lines = said(site, capsys, "calibrate", "--write", "--target", "0.05")
    found = json.loads(said(site, capsys, "calibrate", "--json", "--target", "0.05"))
    assert site[0].read_bytes() == before
    assert set(tomllib.loads(lines)) == {"recognition"}
    copy = tmp_path / "kiosk.toml"
    copy.write_text(lines)
    read = config.load(copy).recognition
    assert (read.threshold, read.near, read.margin) == (found["threshold"], found["near"], found["margin"])
    assert found["own_references"] == 90
    assert found["own_below_ci"][0] <= found["own_below"] <= found["own_below_ci"][1]


def test_calibrate_says_what_it_found_and_what_is_in_use(
    site: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(site, capsys, "calibrate")
    assert "30 people with a face" in text
    assert "Too few people are enrolled to calibrate" in text
    assert "This door uses 0.52 now." in text
    assert "Of 90 references" in text


def test_a_share_beyond_one_and_a_negative_count_are_refused(
    site: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong in (
        ("budget", "--impostors", "1.5"),
        ("budget", "--punches-a-day", "-3"),
        ("budget", "--days", "inf"),
        ("budget", "--days", "1e308"),
        ("budget", "--punches-a-day", "1e300"),
        ("budget", "--days", "many"),
        ("calibrate", "--target", "low"),
        ("calibrate", "--target", "0"),
        ("calibrate", "--target", "1"),
    ):
        assert main([wrong[0], "--config", str(site[0]), *wrong[1:]], manifest=site[1]) == 2
        spoken = capsys.readouterr().err
        assert "must" in spoken
        assert "invalid _" not in spoken


def test_the_data_directory_will_do(site: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("budget", "calibrate"):
        assert main([verb, "--data", str(site[0].parent), "--json"], manifest=site[1]) == 0
        assert json.loads(capsys.readouterr().out)["people"] == 30


def test_of_too_few_people_nothing_is_said_to_be_expected() -> None:
    found = budget(np.eye(3, DIM, dtype=np.float32), 0.5, Use(12.0))
    text = " ".join(_lines(found))
    assert "Nothing can be said of this door" in text
    assert "is expected" not in text
