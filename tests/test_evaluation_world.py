"""An evaluation among foreign files, shut folders, homes that are not there and places that cannot be written."""

import errno
import json
import os
import pwd
import shutil
from pathlib import Path

import numpy as np
import pytest
from album_kit import album
from vision_kit import installed

from kiosk.cli import models, models_evaluate
from kiosk.evaluation import cache, measure, naming, pairs, report
from kiosk.evaluation.verification import MISSING
from kiosk.faults import Fault
from kiosk.vision.film import SUBJECTS


@pytest.fixture(scope="module")
def eight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight people with two photographs each, and a list of two pairs."""
    installed()
    root = album(tmp_path_factory.mktemp("album") / "eight", 2)
    one, two = SUBJECTS[:2]
    lines = [f"{one}/{one}_0001.jpg,{one}/{one}_0002.jpg,1", f"{one}/{one}_0001.jpg,{two}/{two}_0001.jpg,0", ""]
    (root.parent / "pairs.csv").write_text("\n".join(lines))
    return root


@pytest.fixture(autouse=True)
def _places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user whom the system does not know, and who has said nothing."""

    def nobody(_number: int) -> None:
        raise KeyError

    for variable in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)


def evaluated(eight: Path, *words: object) -> int:
    listed = [str(eight.parent / "pairs.csv"), "--root", str(eight)]
    return models.main(["evaluate", "--pairs", *listed, *(str(word) for word in words)])


@pytest.mark.usefixtures("homeless")
def test_without_a_home_it_goes_on_without_a_cache(
    eight: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert evaluated(eight, "--json") == 0
    spoken = capsys.readouterr()
    assert json.loads(spoken.out)["faces_found"] == 3
    assert spoken.err.count("\n") == 1
    assert "goes on and keeps none" in spoken.err
    assert evaluated(eight, "--cache", tmp_path / "c") == 1
    assert "XDG_STATE_HOME" in capsys.readouterr().err
    assert models.main(["evaluate", "--forget"]) == 1
    assert "no home" in capsys.readouterr().err


@pytest.mark.parametrize("what", ["cache", "state"])
def test_where_the_usual_place_cannot_be_written_it_goes_on_and_an_asked_one_is_named(
    eight: Path, what: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / what).touch()
    assert evaluated(eight) == 0
    spoken = capsys.readouterr()
    assert str(tmp_path / what) in spoken.err
    assert "goes on and keeps none" in spoken.err
    assert "are kept, sealed" not in spoken.out
    assert evaluated(eight, "--cache", tmp_path / "cache" / "c") == 1
    assert str(tmp_path / what) in capsys.readouterr().err


def test_beside_another_evaluation_it_goes_on_without_a_cache(
    eight: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models_evaluate, "fingerprint", lambda *_: "space")
    with cache.opened(cache.place(), "space", installed().pack.dimension):
        assert evaluated(eight) == 0
    spoken = capsys.readouterr()
    assert "Another evaluation" in spoken.err
    assert "goes on and keeps none" in spoken.err


def test_a_place_for_the_report_is_tried_before_the_work_and_never_among_the_people(
    eight: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert models.main(["evaluate", "--people", str(eight), "--out", str(eight / "out")]) == 1
    assert "taken for a person" in capsys.readouterr().err
    assert not (eight / "out").exists()
    (tmp_path / "out" / "report.json").mkdir(parents=True)
    assert evaluated(eight, "--out", tmp_path / "out", "--json") == 1
    spoken = capsys.readouterr()
    assert json.loads(spoken.out)["pairs"] == 2, "what was measured is not lost"
    assert "cannot be written" in spoken.err
    (tmp_path / "file").touch()
    monkeypatch.setattr(models_evaluate, "embed", lambda *_: pytest.fail("it was not tried before"))
    assert evaluated(eight, "--out", tmp_path / "file" / "out") == 1
    assert "cannot be written" in capsys.readouterr().err


def test_a_person_s_folder_that_cannot_be_looked_into_is_listed(
    eight: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    some = tmp_path / "some"
    for who in SUBJECTS[:3]:
        shutil.copytree(eight / who, some / who)
    shut, look = str(some / SUBJECTS[1]), os.scandir

    def scandir(path: str) -> object:
        if str(path) == shut:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), shut)
        return look(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert models.main(["evaluate", "--people", str(some), "--no-cache", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["file"] for each in found["unreadable"]] == [shut]
    assert any("could not be looked into" in note for note in found["notes"])


def test_what_other_systems_leave_behind_is_no_person_and_no_picture(tmp_path: Path) -> None:
    for file in ("ann/1.jpg", "ann/2.jfif", "ann/._1.jpg", "ann/Thumbs.db", "ann/film.mp4", "ann/x/.DS_Store"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    for file in ("bo/1.jpg", "bo/notes.txt", "bo/more.txt", "__MACOSX/ann/1.jpg", "bo/__MACOSX/1.jpg"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    (tmp_path / "bo" / "gone.jpg").symlink_to(tmp_path / "none.jpg")
    found = naming.people(tmp_path)
    assert found.names == ("ann", "bo")
    assert [path.name for path in found.pictures] == ["1.jpg", "2.jfif", "1.jpg", "gone.jpg"]
    assert found.passed_over == 3
    assert found.suffixes == ((".txt", 2), (".mp4", 1))


def test_two_copies_of_lfw_side_by_side_are_both_named(tmp_path: Path) -> None:
    for place in ("lfw", "lfw_funneled"):
        for who in ("Ann", "Bo"):
            (tmp_path / place / who).mkdir(parents=True)
            for number in (1, 2):
                (tmp_path / place / who / f"{who}_{number:04d}.jpg").touch()
    listed = tmp_path / "pairs.txt"
    listed.write_text("1\nAnn\t1\t2\nAnn\t1\tBo\t2\n")
    with pytest.raises(Fault, match="--root") as caught:
        pairs.read(listed)
    assert all(str(tmp_path / place) in caught.value.detail for place in ("lfw", "lfw_funneled"))
    assert len(pairs.read(listed, tmp_path / "lfw")) == 2
    with pytest.raises(Fault, match=f"--root {tmp_path / 'lfw'} may be meant"):
        pairs.read(listed, tmp_path / "lfw" / "Ann")


def test_no_threshold_comes_of_faces_that_were_not_found() -> None:
    dice = np.random.default_rng(1)
    scores = np.concatenate([np.full(400, 0.7), dice.normal(0, 0.1, 5), np.full(995, MISSING)]).astype(np.float32)
    mated = np.arange(len(scores)) < 400
    found = measure.of_pairs(scores, mated, None, 0.5)
    assert found.operating == ()
    assert len(found.untold) == 4


def test_names_that_are_no_text_become_text(tmp_path: Path) -> None:
    assert naming.spelled(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.jpg"))) == f"{tmp_path}/\\xff.jpg"
    assert report.printable("a\x1b") == "a?"
