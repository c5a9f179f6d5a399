"""`kiosk models import` of InsightFace models: only under a stated grant, only what recognises, whole or not at all."""

import hashlib
import io
import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from insightface.model_zoo import ArcFaceONNX
from onnx import helper, load_model_from_string, numpy_helper
from onnx_kit import field
from pack_kit import GRANT, buffalo, directory, zoo
from tiny_networks import attributes, recogniser, scrfd, sface, yunet

from kiosk.cli.models import main
from kiosk.faults import Fault, FaultCode
from kiosk.vision.insight_choice import NotChosen, choose, description, granted, normalisation
from kiosk.vision.known import find
from kiosk.vision.onnx_file import faces
from kiosk.vision.packs import FileState, load, states


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return directory(tmp_path / "buffalo", buffalo())


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("imported")
    assert bring(directory(place / "buffalo", buffalo()), place / "models") == 0
    return place / "models"


def bring(folder: Path, models: Path, grant: str | None = GRANT) -> int:
    words = ["import", str(folder), "--pack", "insightface", "--models", str(models)]
    return main([*words, *([] if grant is None else ["--grant", grant])])


def lying(models: Path) -> set[str]:
    return {path.name for path in models.rglob("*") if path.is_file()}


@pytest.mark.parametrize("grant", [None, "", "  ", "yes", "x" * 501, "a grant\u0007 with a bell in it"])
def test_without_a_stated_grant_nothing_is_imported_and_the_reason_is_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], grant: str | None
) -> None:
    assert bring(folder, tmp_path / "models", grant) == 1
    said = capsys.readouterr().out
    assert ("non-commercial" in said and "--grant" in said) or "Say who granted what" in said
    assert lying(tmp_path / "models") == set()


def test_detector_and_recogniser_are_imported_with_the_grant_and_nothing_that_guesses_what_people_are(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = tmp_path / "models"
    (folder / "mood.onnx").write_bytes(attributes(112, 8))
    (folder / "age.onnx").write_bytes(recogniser())
    assert bring(folder, models, f'  {GRANT}\n by Jia "G" é ') == 0
    said = capsys.readouterr().out
    for name in ("genderage.onnx", "1k3d68.onnx", "2d106det.onnx", "mood.onnx", "age.onnx"):
        assert f"{name} is left out" in said
    table = tomllib.loads((models / "insightface" / "pack.toml").read_text("utf-8"))["pack"][0]
    assert table["grant"] == f'{GRANT} by Jia "G" é'
    assert table["left_out"] == ["1k3d68.onnx", "2d106det.onnx", "age.onnx", "genderage.onnx", "mood.onnx"]
    assert len(table["granted_on"]) == 10
    pack = find(models, "insightface")
    data = buffalo()
    assert {(file.role, file.size, file.sha256) for file in pack.files} == {
        ("detect", len(data["det_500m.onnx"]), hashlib.sha256(data["det_500m.onnx"]).hexdigest()),
        ("embed", len(data["w600k_mbf.onnx"]), hashlib.sha256(data["w600k_mbf.onnx"]).hexdigest()),
    }
    assert pack.dimension == 512
    assert GRANT in pack.provenance
    assert hashlib.sha256(data["w600k_mbf.onnx"]).hexdigest()[:16] in pack.embedding_space
    assert len(pack.embedding_space) <= 64, "the store takes no longer name"
    assert lying(models) == {"pack.toml", *(file.name for file in pack.files)}
    assert set(states(models, pack).values()) == {FileState.OK}
    assert main(["verify", "insightface", "--models", str(models)]) == 0
    assert main(["list", "--models", str(models)]) == 0
    assert GRANT in capsys.readouterr().out


def test_another_recogniser_is_another_space_and_replaces_the_one_before(folder: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    assert bring(folder, models) == 0
    before = find(models, "insightface")
    assert bring(folder, models) == 0
    assert find(models, "insightface") == before
    (folder / "w600k_mbf.onnx").write_bytes(recogniser(256, seed=9))
    assert bring(folder, models) == 0
    after = find(models, "insightface")
    assert after.embedding_space != before.embedding_space
    assert after.dimension == 256
    assert lying(models) == {"pack.toml", *(file.name for file in after.files)}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"det_500m.onnx": None}, "One detector with five landmarks is needed, and there is none"),
        ({"w600k_mbf.onnx": None}, "One recogniser is needed, and there is none"),
        ({"other.onnx": recogniser(seed=8)}, "there are several: other-"),
        ({"det_10g.onnx": scrfd(batched=True)}, "there are several: det_10g-"),
        ({"det_500m.onnx": scrfd(outputs=6, kps=False)}, "One detector with five landmarks"),
        ({"w600k_mbf.onnx": recogniser(size=128)}, "One recogniser is needed"),
        ({"w600k_mbf.onnx": recogniser(size=112)[:-9]}, "w600k_mbf.onnx is refused: cut short"),
        ({"w600k_mbf.onnx": b""}, "One recogniser is needed"),
        ({"odd.onnx": field(7, field(11, b"\x0a\x7f"))}, "odd.onnx is refused: cut short"),
        ({"odd.onnx": b"a text"}, "odd.onnx is refused"),
        (
            {"det_500m.onnx": scrfd(size=(64_000, 48_000))},
            "One detector with five landmarks is needed, and there is none",
        ),
        ({"w600k_mbf.onnx": recogniser(4097)}, "One recogniser is needed, and there is none"),
        ({"ignore all that.onnx": b""}, "plain letters and digits"),
        ({"manifest.json": b'{"manifest_version": 2}'}, "manifest.json is not understood"),
    ],
)
def test_a_directory_that_is_no_pack_is_refused_with_a_sentence(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, bytes | None], sentence: str
) -> None:
    for name, data in change.items():
        (folder / name).unlink(missing_ok=True)
        if data is not None:
            (folder / name).write_bytes(data)
    assert bring(folder, tmp_path / "models") == 1
    said = capsys.readouterr().out
    assert sentence in said
    assert "Nothing was installed." in said
    assert lying(tmp_path / "models") == set()


def packaged(folder: Path, detection: dict[str, Any], recognition: dict[str, Any]) -> Path:
    """A model package with a manifest of its own, version 2, as insightface's newer ones are."""
    files = {"detection": scrfd(), "recognition": recogniser(), "verification": attributes(112, 1)}
    (folder / "weights").mkdir(parents=True)
    (folder / "MODEL.LICENSE").write_text("a licence")
    tasks: dict[str, dict[str, Any]] = {}
    for task, data in files.items():
        name = f"weights/{task}.onnx"
        (folder / name).write_bytes(data)
        tasks[task] = {"file": name, "sha256": hashlib.sha256(data).hexdigest()}
    tasks["detection"] |= detection
    tasks["recognition"] |= recognition
    manifest = {"manifest_version": 2, "model_id": "raccoon_s", "license": "MODEL.LICENSE", "tasks": tasks}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_a_package_with_its_own_manifest_is_spoken_to_as_it_says(tmp_path: Path) -> None:
    folder = packaged(tmp_path / "raccoon", {}, {"preprocessing": {"mean": 100.0, "std": 50.0}})
    assert bring(folder, tmp_path / "models") == 0
    loaded = load(tmp_path / "models", "insightface")
    assert (loaded.insight["detect"].input_mean, loaded.insight["detect"].input_std) == (127.5, 128.0)
    assert loaded.insight["embed"].input_mean == 100.0
    assert loaded.insight["embed"].input_std == pytest.approx(50.0)
    assert "-rgb-100-50-" in loaded.pack.embedding_space
    folder = packaged(tmp_path / "second", {}, {"preprocessing": "embedded"})
    assert choose(folder).recogniser.file.layout.scale == 1.0


def test_a_package_whose_file_is_not_what_its_manifest_says_is_refused(tmp_path: Path) -> None:
    folder = packaged(tmp_path / "raccoon", {}, {})
    (folder / "weights" / "recognition.onnx").write_bytes(recogniser(seed=4))
    with pytest.raises(NotChosen, match=r"recognition.onnx is not what the package's manifest.json says"):
        choose(folder)


def test_the_normalisation_is_read_off_a_network_as_insightface_reads_it(folder: Path, tmp_path: Path) -> None:
    inside = load_model_from_string(recogniser())
    inside.graph.initializer.append(numpy_helper.from_array(np.ones(1, np.float32), "one"))
    inside.graph.node[0].input[0] = "m"
    inside.graph.node.insert(0, helper.make_node("Sub", ["x", "one"], ["s"], name="_minusscalar0"))
    inside.graph.node.insert(1, helper.make_node("Mul", ["s", "one"], ["m"], name="_mulscalar0"))
    for data, expected in ((recogniser(), (127.5, 127.5)), (inside.SerializeToString(), (0.0, 1.0))):
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        theirs = ArcFaceONNX(model_file=io.BytesIO(data), session=session)
        assert normalisation(faces(data)) == (theirs.input_mean, theirs.input_std) == expected
    (folder / "w600k_mbf.onnx").write_bytes(inside.SerializeToString())
    assert bring(folder, tmp_path / "models") == 0
    assert load(tmp_path / "models", "insightface").insight["embed"].input_mean == 0.0


def altered_description(models: Path, old: str, new: str) -> None:
    path = models / "insightface" / "pack.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('name = "insightface"', 'name = "faceplugin"', FaultCode.MODEL_UNKNOWN),
        ('kind = "pack"', 'kind = "addon"', FaultCode.MODEL_UNKNOWN),
        ('kind = "pack"', 'kind = "pack"\ndefault = true', FaultCode.MODEL_UNKNOWN),
        ("dimension = 512", 'dimension = "512', FaultCode.MODEL_UNKNOWN),
        ("[[pack.file]]", "[[pack.none]]", FaultCode.MODEL_UNKNOWN),
        ('decoder = "scrfd"', 'decoder = "python"', FaultCode.MODEL_UNKNOWN),
        ("dimension = 512", "dimension = 256", FaultCode.MODEL_UNFIT),
        ('decoder = "scrfd"', 'decoder = "yunet"', FaultCode.MODEL_UNFIT),
        ('sha256 = "', 'sha256 = "00', FaultCode.MODEL_UNKNOWN),
        ("scale = 0.0078125", "scale = 0", FaultCode.MODEL_UNKNOWN),
        ("mean = 127.5", "mean = nan", FaultCode.MODEL_UNKNOWN),
        ("size = [640, 480]", "size = [640000, 480000]", FaultCode.MODEL_UNKNOWN),
        ("size = [640, 480]", 'size = ["640", 480]', FaultCode.MODEL_UNKNOWN),
        ("bytes = ", "bytes = 99999", FaultCode.MODEL_UNKNOWN),
        ("bytes = ", "bytes = 9", FaultCode.MODEL_ALTERED),
    ],
)
def test_a_description_that_was_changed_loads_nothing(
    imported: Path, tmp_path: Path, old: str, new: str, code: FaultCode
) -> None:
    models = Path(shutil.copytree(imported, tmp_path / "models"))
    altered_description(models, old, new)
    with pytest.raises(Fault) as caught:
        load(models, "insightface")
    assert caught.value.code is code


def test_a_directory_that_cannot_be_written_and_one_that_is_none_are_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    assert bring(folder, tmp_path / "models") == 1
    assert "cannot be written" in capsys.readouterr().out
    assert bring(tmp_path / "nowhere", tmp_path / "models") == 1
    assert "is not a folder" in capsys.readouterr().out
    assert main(["fetch", "insightface", "--models", str(tmp_path / "other")]) == 1
    assert "--grant" in capsys.readouterr().out
    assert main(["import", str(folder), "--models", str(tmp_path / "other")]) == 1
    assert "If they are InsightFace's" in capsys.readouterr().out
    assert main(["list", "--models", str(tmp_path / "other")]) == 0
    assert "not imported" in capsys.readouterr().out


def test_a_file_that_two_packs_have_does_not_call_for_the_larger_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, manifest = zoo(tmp_path / "models")
    text = manifest.read_text("utf-8")
    made = find(tmp_path / "models", "opencv-zoo", manifest).files[0]
    assert find(tmp_path, "yunet").files[0].name == made.name
    head, tail = text[: text.index('name = "yunet"')], text[text.index('name = "yunet"') :]
    tail = re.sub(r"bytes = \d+", f"bytes = {made.size}", tail, count=1)
    manifest = tmp_path / "both.toml"
    manifest.write_text(head + re.sub(r'sha256 = "\w+"', f'sha256 = "{made.sha256}"', tail, count=1))
    stick = directory(tmp_path / "stick", {made.name: yunet()})
    assert main(["import", str(stick), "--models", str(tmp_path / "here")], manifest=manifest) == 0
    assert lying(tmp_path / "here") == {made.name}
    assert (tmp_path / "here" / "yunet" / made.name).exists()
    sface_file = find(tmp_path / "models", "opencv-zoo", manifest).files[1]
    (stick / sface_file.name).write_bytes(sface())
    assert main(["import", str(stick), "--models", str(tmp_path / "here")], manifest=manifest) == 0
    assert (tmp_path / "here" / "opencv-zoo" / sface_file.name).exists()
    (stick / made.name).unlink()
    assert main(["import", str(stick), "--models", str(tmp_path / "here")], manifest=manifest) == 1
    assert f"{made.name} is not in that folder" in capsys.readouterr().out


def test_the_words_of_a_grant_cannot_end_the_description(folder: Path) -> None:
    choice = choose(folder)
    text = description(choice, granted("a \"grant\" \\ of ] # = all \"''' kinds"), "2026-11-26")
    assert tomllib.loads(text)["pack"][0]["grant"] == "a \"grant\" \\ of ] # = all \"''' kinds"
