"""`kiosk models evaluate` on photographs of the film's eight people, with the real pack: a smoke test of figures."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from album_kit import album, lfw_list, photographs
from vision_kit import installed

from kiosk.cli import models
from kiosk.evaluation import naming, verification
from kiosk.evaluation.all_pairs import compare
from kiosk.evaluation.measure import Verification, of_people
from kiosk.evaluation.scoring import unit_rows
from kiosk.faults import Fault
from kiosk.vision import photograph, pictures
from kiosk.vision.arrays import Image
from kiosk.vision.film import SUBJECTS
from kiosk.vision.film_people import TOM, _picture

PICTURES = 6
SPLITS = ["--splits", "20"]


@pytest.fixture(scope="module")
def eight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight people with six photographs each."""
    installed()
    return album(tmp_path_factory.mktemp("album") / "eight", PICTURES)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, eight: Path) -> tuple[str, ...]:
    """Where the embeddings of this file's photographs are kept, and that they are there."""
    place = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(place / "state"))
        assert models.main(["evaluate", "--people", str(eight), "--cache", str(place / "cache"), *SPLITS]) == 0
    return str(place / "cache"), str(place / "state")


@pytest.fixture(autouse=True)
def _at_home(kept: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", kept[1])
    # A command that logs, run by another test in this process, leaves a handler whose stream is closed by now.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])


def asked(capsys: pytest.CaptureFixture[str], kept: tuple[str, ...], *words: object) -> dict[str, Any]:
    """The JSON of an evaluation."""
    capsys.readouterr()
    assert models.main(["evaluate", *(str(word) for word in words), "--cache", kept[0], "--json", *SPLITS]) == 0
    spoken = capsys.readouterr()
    assert spoken.err == ""
    found: dict[str, Any] = json.loads(spoken.out)
    return found


def complaint(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """The one sentence of a command that ends with 1, on standard error; nothing is on standard output."""
    capsys.readouterr()
    assert models.main(["evaluate", *(str(word) for word in words), "--no-cache"]) == 1
    spoken = capsys.readouterr()
    assert spoken.out == ""
    assert spoken.err.count("\n") == 1
    return spoken.err


def test_eight_people_are_told_apart_and_every_rate_has_its_bounds(
    capsys: pytest.CaptureFixture[str], kept: tuple[str, ...], eight: Path
) -> None:
    found = asked(capsys, kept, "--people", eight)
    assert found["pack"] == "faceplugin"
    assert found["images"] == found["faces_found"] == 8 * PICTURES
    of = found["verification"]
    assert (of["mated"], of["non_mated"]) == (8 * 15, 28 * 36)
    assert of["auc"] > 0.9995
    assert of["auc_ci"][0] < of["auc"] <= of["auc_ci"][1]
    assert of["accuracy_10fold"] is None
    assert set(of["tar_at_fmr"]) == {"1e-2"}
    assert [sentence.split()[1] for sentence in of["not_shown"]] == ["1e-3", "1e-4", "1e-5"]
    assert of["tar_at_fmr"]["1e-2"]["tar"] > 0.99
    assert of["tar_at_fmr"]["1e-2"]["ci"][0] < 0.99
    assert 0.2 < of["tar_at_fmr"]["1e-2"]["threshold"] < 0.5
    cells = {(each["n"], each["centred"], each["frames"], each["threshold"]): each for each in found["open_set"]}
    assert set(cells) == {
        (4, centred, frames, threshold)
        for centred in (False, True)
        for frames in (1, 3)
        for threshold in (0.40, 0.45, 0.50, 0.55)
    }
    for each in cells.values():
        for rate in ("fpir", "fnir"):
            low, high = each[f"{rate}_ci"]
            assert 0 <= low <= each[rate] <= high <= 1
            assert high > low
    assert cells[4, True, 3, 0.50]["fpir"] == 0
    assert cells[4, True, 3, 0.50]["fnir"] < 0.1


def test_a_list_in_lfw_s_form_gives_the_accuracy_over_its_folds(
    capsys: pytest.CaptureFixture[str], kept: tuple[str, ...], eight: Path, tmp_path: Path
) -> None:
    listed = lfw_list(tmp_path / "pairs.txt", PICTURES, folds=10, pairs=12)
    found = asked(capsys, kept, "--pairs", listed, "--root", eight)
    of = found["verification"]
    assert found["pairs"] == 240
    assert (of["mated"], of["non_mated"], of["folds"]) == (120, 120, 10)
    assert of["accuracy_10fold"] > 0.98
    assert of["accuracy_10fold_standard_error"] < 0.01
    assert found["open_set"] == []
    assert found["timing"]["embedded"] == 0  # all of them were kept


def test_groups_are_compared_with_the_gap_between_them(
    capsys: pytest.CaptureFixture[str], kept: tuple[str, ...], eight: Path, tmp_path: Path
) -> None:
    listed = tmp_path / "groups.csv"
    listed.write_text(
        "name,group\n" + "".join(f"{who},{'north' if i < 4 else 'south'}\n" for i, who in enumerate(SUBJECTS))
    )
    found = asked(capsys, kept, "--people", eight, "--groups", listed)
    assert {(each["group"], each["measure"]) for each in found["groups"]} == {
        (group, kind) for group in ("north", "south") for kind in ("fmr", "fnmr", "fpir", "fnir")
    }
    assert all(each["ci"][0] <= each["rate"] <= each["ci"][1] for each in found["groups"])
    assert {each["measure"] for each in found["gaps"]} == {"fmr", "fnmr", "fpir", "fnir"}
    assert all(each["ci"][0] <= each["gap"] <= each["ci"][1] for each in found["gaps"])
    assert models.main(["evaluate", "--people", str(eight), "--groups", str(listed), "--cache", kept[0], *SPLITS]) == 0
    assert sum(line.startswith("  gap ") for line in capsys.readouterr().out.splitlines()) == len(found["gaps"])
    pairs = lfw_list(tmp_path / "pairs.txt", PICTURES, folds=10, pairs=12)
    found = asked(capsys, kept, "--pairs", pairs, "--root", eight, "--groups", listed)
    assert {(each["group"], each["measure"]) for each in found["groups"]} == {
        (group, kind) for group in ("north", "south") for kind in ("fmr", "fnmr")
    }


def test_the_table_shows_plain_and_centred_side_by_side_and_the_plot_is_written(
    capsys: pytest.CaptureFixture[str], kept: tuple[str, ...], eight: Path, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "out"
    assert models.main(["evaluate", "--people", str(eight), "--cache", kept[0], "--out", str(out), *SPLITS]) == 0
    text = capsys.readouterr().out
    assert "plain" in text
    assert "site-centred" in text
    assert sum(line.split()[:2] == ["4", "3"] for line in text.splitlines()) == 4
    assert text.count("%") > 40
    plot = cv2.imdecode(np.frombuffer((out / "det.png").read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert plot is not None
    assert plot.shape == (1280, 1520, 3)
    drawn = (out / "det.svg").read_text()
    assert "false match rate (FMR)" in drawn
    assert "http://www.w3.org/2000/svg" in drawn
    assert drawn.count("http") == 1
    assert json.loads((out / "report.json").read_text())["images"] == 8 * PICTURES


def test_what_is_no_face_and_no_picture_is_counted_and_listed(
    capsys: pytest.CaptureFixture[str], eight: Path, tmp_path: Path
) -> None:
    mixed = tmp_path / "mixed"
    for who in SUBJECTS[:3]:
        (mixed / who).mkdir(parents=True)
        for number in (1, 2):
            name = f"{who}_{number:04d}.jpg"
            (mixed / who / name).write_bytes((eight / who / name).read_bytes())
    (mixed / "t1-0" / "letter.jpg").write_text("This is a letter.")
    Path(os.fsdecode(os.fsencode(mixed) + b"/t1-0/\x1b[2J\xff.jpg")).touch()
    (mixed / "t1-0" / "copy.jpg").write_bytes((eight / "t1-0" / "t1-0_0001.jpg").read_bytes())
    os.mkfifo(mixed / "t1-1" / "pipe.jpg")
    cv2.imwrite(str(mixed / "t1-1" / "wall.png"), np.full((200, 200, 3), 130, np.uint8))
    assert models.main(["evaluate", "--people", str(mixed), "--no-cache", "--json", *SPLITS]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["images"], found["faces_found"], found["identical_files"]) == (11, 7, 1)
    assert {Path(each["file"]).name for each in found["unreadable"]} == {
        "letter.jpg",
        "pipe.jpg",
        "\x1b[2J\\xff.jpg",
    }
    assert [Path(each).name for each in found["without_face"]] == ["wall.png"]
    assert found["failure_to_acquire"]["events"] == 4
    assert models.main(["evaluate", "--people", str(mixed), "--no-cache", *SPLITS]) == 0
    text = capsys.readouterr().out
    assert "?[2J\\xff.jpg (" in text
    assert "\x1b" not in text
    listed = tmp_path / "pairs.csv"
    rows = ["t1-0/t1-0_0001.jpg,t1-0/t1-0_0002.jpg,1", "t1-0/t1-0_0001.jpg,t1-0/letter.jpg,1"]
    listed.write_text(
        "\n".join([*rows, "t1-0/t1-0_0001.jpg,t1-1/wall.png,0", "t1-1/t1-1_0001.jpg,t1-2/t1-2_0001.jpg,0"])
    )
    assert models.main(["evaluate", "--pairs", str(listed), "--root", str(mixed), "--no-cache"]) == 0
    text = capsys.readouterr().out
    assert "2 pairs lack a face; they count as non-matches." in text
    assert "FNMR 50.000%" in text


def test_what_cannot_be_evaluated_is_one_sentence_and_exit_code_1(
    capsys: pytest.CaptureFixture[str], eight: Path, tmp_path: Path
) -> None:
    assert "is not a folder" in complaint(capsys, "--people", tmp_path / "none")
    assert "shows 0 people" in complaint(capsys, "--people", tmp_path)
    walls = tmp_path / "walls"
    for who in ("ann", "bo"):
        (walls / who).mkdir(parents=True)
        cv2.imwrite(str(walls / who / "1.png"), np.full((200, 200, 3), 130, np.uint8))
    assert "pictures of 0 people" in complaint(capsys, "--people", walls)
    for who in SUBJECTS[:2]:
        (walls / who).mkdir()
        (walls / who / "1.jpg").write_bytes((eight / who / f"{who}_0001.jpg").read_bytes())
    assert "Nobody has two pictures" in complaint(capsys, "--people", walls)
    listed = tmp_path / "pairs.csv"
    listed.write_text("ann/1.png,ann/1.png,1\nann/1.png,bo/1.png,0\n")
    assert "No face was found" in complaint(capsys, "--pairs", listed, "--root", walls)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "kiosk.toml").touch()
    assert "is never evaluated" in complaint(capsys, "--people", eight, "--out", tmp_path / "data" / "out")
    assert "cannot be written" in complaint(capsys, "--people", eight, "--out", listed / "out")


def test_a_call_without_a_subject_or_with_a_wrong_figure_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        [],
        ["--people", ""],
        ["--people", "a", "--jobs", "0"],
        ["--people", "a", "--sizes", "1"],
        ["--pairs"],
    ):
        assert models.main(["evaluate", *words]) == 2, words
    assert "Give --people DIR or --pairs FILE." in capsys.readouterr().err


def test_an_unknown_pack_is_a_sentence(capsys: pytest.CaptureFixture[str], eight: Path) -> None:
    assert models.main(["evaluate", "--people", str(eight), "--pack", "none", "--no-cache"]) == 1
    spoken = capsys.readouterr()
    assert "There is no model pack of that name" in spoken.out + spoken.err


def test_killed_in_the_middle_it_goes_on_and_the_figures_are_the_same(
    capsys: pytest.CaptureFixture[str], kept: tuple[str, ...], eight: Path, tmp_path: Path
) -> None:
    whole = asked(capsys, kept, "--people", eight)
    cache = tmp_path / "cache"
    words = [
        sys.executable,
        "-m",
        "kiosk",
        "models",
        "evaluate",
        "--people",
        str(eight),
        "--cache",
        str(cache),
        "--json",
    ]
    for number in (signal.SIGKILL, signal.SIGINT):
        running = subprocess.Popen([*words, *SPLITS, "--jobs", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        before = _size(cache)
        while _size(cache) < before + 6 * 2000 and running.poll() is None:
            time.sleep(0.005)
        running.send_signal(number)
        running.communicate(timeout=60)
        assert running.returncode in {-number, 128 + number}
    with next(cache.iterdir()).open("ab") as file:
        file.write(b"half of a record, as a write that was cut off leaves it")
    done = subprocess.run([*words, *SPLITS, "--jobs", "3"], check=True, capture_output=True, text=True)
    again = json.loads(done.stdout)
    assert 0 < again["timing"]["embedded"] < 8 * PICTURES - 10
    del whole["timing"], again["timing"]
    assert again == whole


def test_kept_embeddings_are_sealed_and_gone_when_asked(
    capsys: pytest.CaptureFixture[str], eight: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    pair = tmp_path / "pairs.csv"
    one, two = (f"{who}/{who}_0001.jpg" for who in SUBJECTS[:2])
    pair.write_text(f"{one},{one},1\n{one},{two},0\n")
    assert models.main(["evaluate", "--pairs", str(pair), "--root", str(eight)]) == 0
    assert "--forget" in capsys.readouterr().out
    files = [path for path in tmp_path.rglob("*") if path.is_file() and "ambang" in path.parts]
    assert len(files) == 2
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files)
    probe = photograph.probe(installed(), pictures.read(eight / one))
    assert probe is not None
    assert not any(probe.vector[:4].tobytes() in path.read_bytes() for path in files)
    assert models.main(["evaluate", "--forget"]) == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file() and "ambang" in path.parts] == []
    assert models.main(["evaluate", "--pairs", str(pair), "--root", str(eight), "--forget"]) == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file() and "ambang" in path.parts] == []


def test_evaluation_never_reads_the_store(eight: Path) -> None:
    """KK10: what is measured is what somebody laid out for it, never who uses the door."""
    code = (
        "import sys\nfrom kiosk.cli import models_evaluate\nfrom kiosk.evaluation import evaluate\n"
        "print(*sorted(sys.modules))"
    )
    bare = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run([sys.executable, "-c", code], env=bare, check=True, capture_output=True, text=True)
    loaded = done.stdout.split()
    assert "kiosk.evaluation.evaluate" in loaded
    assert not [name for name in loaded if name.startswith(("kiosk.store", "kiosk.rights", "kiosk.clerk", "sqlite3"))]
    (eight / "kiosk.toml").touch()
    try:
        with pytest.raises(Fault, match="never evaluated"):
            naming.people(eight)
    finally:
        (eight / "kiosk.toml").unlink()


def crops() -> tuple[list[Image], list[Image]]:
    """Aligned faces, and the plain crops of the same boxes."""
    pipeline = installed()
    faces, boxes = [], []
    for who in SUBJECTS:
        for image in photographs(who, PICTURES):
            face = photograph.central(pipeline.detect(image), image)
            faces.append(pipeline.quality(image, face)[1])
            box = face.box
            crop = image[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)]
            boxes.append(np.asarray(cv2.resize(crop, (112, 112)), np.uint8))
    return faces, boxes


def measured(faces: list[Image]) -> tuple[Verification, float]:
    """What an evaluation would say of these crops, and the mean non-mated score."""
    vectors = unit_rows(np.stack([installed().embed(np.ascontiguousarray(face)).vector for face in faces]))
    person = np.repeat(np.arange(8), PICTURES)
    pairs = compare(vectors, person, 0.5)
    centres = (np.arange(verification.BINS) + 0.5) / (verification.BINS / 2) - 1
    return of_people(pairs, 0.5), float(pairs.non_mated @ centres / pairs.comparisons)


def test_the_known_traps_show_in_the_figures(eight: Path) -> None:
    del eight
    faces, boxes = crops()
    right, other = measured(faces)
    unaligned, _ = measured(boxes)
    turned, turned_other = measured([face[::-1] for face in faces])
    _, red_first = measured([face[:, :, ::-1] for face in faces])
    assert right.auc.value > 0.9995
    assert unaligned.auc.value < right.auc.value - 0.002
    assert unaligned.operating[0].tar.value < right.operating[0].tar.value - 0.01
    assert unaligned.fnmr.value > right.fnmr.value + 0.1
    assert turned.auc.value < right.auc.value - 0.002
    assert turned.operating[0].tar.value < right.operating[0].tar.value - 0.03
    assert turned_other > other + 0.2
    # RGB into a network for BGR: on eight people, each from one photograph, AUC and TAR are too coarse to show it;
    # that strangers draw together does.
    assert red_first > 2 * max(other, 0.01)


def test_a_tight_crop_is_seen_as_with_surroundings() -> None:
    pipeline = installed()
    tom = photograph.probe(pipeline, _picture(*TOM))
    assert tom is not None
    for who in SUBJECTS[:4]:
        image = photographs(who, 1, 0.0)[0]
        whole = photograph.probe(pipeline, image)
        box = photograph.central(pipeline.detect(image), image).box
        tight = image[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)]
        close = photograph.probe(pipeline, tight)
        assert whole is not None
        assert close is not None
        assert float(whole.vector @ close.vector) > 0.8
        assert abs(float(whole.vector @ tom.vector)) < 0.4


def test_the_face_in_the_middle_is_meant_and_not_a_larger_one_at_the_side() -> None:
    pipeline = installed()
    middle, side = photographs("t1-2", 1, 0.0)[0], photographs("t1-5", 1, 0.0)[0]
    wide = np.concatenate([photograph.scaled(side, 1.1)[:250], middle, np.full((250, 275, 3), 128, np.uint8)], axis=1)
    assert len(pipeline.detect(wide)) == 2
    seen, alone = photograph.probe(pipeline, wide), photograph.probe(pipeline, middle)
    assert seen is not None
    assert alone is not None
    assert float(seen.vector @ alone.vector) > 0.8


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.embeddings")) if folder.is_dir() else 0
