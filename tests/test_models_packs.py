"""Models are data: only the manifest's bytes become a network, and a network reaches nothing outside them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from onnx_kit import external_tensor, field, manifest, model

from kiosk.cli import models
from kiosk.faults import Fault, FaultCode
from kiosk.vision.manifest import Colour, Layout, ModelFile, find, packs
from kiosk.vision.onnx_file import OnnxRefused, check
from kiosk.vision.packs import FileState, default_directory, load, path_of, states
from kiosk.vision.pipeline import Pipeline
from kiosk.vision.session import Session, tensor

LAYOUT = Layout(4, 4, Colour.BGR, 0.0, 1.0)
FILE = ModelFile("a.onnx", "a", 0, "", LAYOUT)


def put(models: Path, path: Path, files: dict[str, bytes]) -> None:
    for file in find("tiny", path).files:
        target = path_of(models, find("tiny", path), file)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files[file.name])


def test_a_whole_pack_is_loaded_and_runs(tmp_path: Path) -> None:
    files = {"a.onnx": model(), "b.onnx": model()}
    path = manifest(tmp_path, files)
    put(tmp_path, path, files)
    loaded = load(tmp_path, "tiny", path)
    assert set(loaded.sessions) == {"a", "b"}
    image = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    answer = loaded.sessions["a"].infer(image)[0]
    assert np.array_equal(answer[0], image.transpose(2, 0, 1).astype(np.float32))


def test_a_missing_or_altered_file_is_a_fault_with_its_name(tmp_path: Path) -> None:
    files = {"a.onnx": model()}
    path = manifest(tmp_path, files)
    with pytest.raises(Fault) as caught:
        load(tmp_path, "tiny", path)
    assert (caught.value.code, caught.value.detail) == (FaultCode.MODEL_MISSING, "a.onnx")
    for altered in (files["a.onnx"][:-1] + b"\x00", files["a.onnx"] + b"\x00", b""):
        put(tmp_path, path, {"a.onnx": altered})
        with pytest.raises(Fault) as caught:
            load(tmp_path, "tiny", path)
        assert caught.value.code is FaultCode.MODEL_ALTERED
        assert states(tmp_path, find("tiny", path)) == {"a.onnx": FileState.ALTERED}


def test_a_pack_nobody_knows_is_a_fault(tmp_path: Path) -> None:
    for name in ("nobody", "yunet"):
        with pytest.raises(Fault) as caught:
            load(tmp_path, name)
        assert caught.value.code is FaultCode.MODEL_UNKNOWN


def test_a_pack_without_its_parts_makes_no_pipeline(tmp_path: Path) -> None:
    files = {"a.onnx": model()}
    path = manifest(tmp_path, files)
    put(tmp_path, path, files)
    with pytest.raises(Fault) as caught:
        Pipeline(load(tmp_path, "tiny", path))
    assert caught.value.code is FaultCode.MODEL_MISSING


@pytest.mark.parametrize("words", ["", "[[pack]]", "[[pack]]\nname = 3", "not toml at all ["])
def test_a_manifest_that_is_malformed_is_a_fault(tmp_path: Path, words: str) -> None:
    path = tmp_path / "manifest.toml"
    path.write_text(words)
    with pytest.raises(Fault) as caught:
        packs(path)
    assert caught.value.code is FaultCode.MODEL_UNKNOWN


@pytest.mark.parametrize("name", ["../a.onnx", "/a.onnx", "a.sh"])
def test_a_file_name_that_leaves_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Fault):
        packs(manifest(tmp_path, {name: b"x"}))


def test_the_default_pack_is_what_the_design_says() -> None:
    pack = find("faceplugin")
    assert pack.default
    assert not pack.addon
    assert pack.dimension == 512
    assert sum(file.size for file in pack.files) == 9_359_710
    assert {file.role for file in pack.files} == {"detect", "landmark", "embed", "liveness", "eye"}
    layouts = {file.role: file.layout for file in pack.files}
    assert layouts["embed"].colour is Colour.BGR
    assert layouts["liveness"].colour is Colour.BGR
    assert layouts["detect"].colour is Colour.RGB
    assert "share/ambang/models" in str(default_directory())


def test_nothing_that_guesses_age_gender_or_mood_can_be_installed() -> None:
    names = {file.name for pack in packs() for file in pack.files}
    assert not {name for name in names for word in ("age", "gender", "race", "expression", "emotion") if word in name}


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("external data", model(initializer=external_tensor())),
        ("a custom operator", model(domain=b"com.example")),
        ("a custom operator set", model(opset=b"com.example")),
        ("no model", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
        ("a text", b"this is a text and no model"),
        ("a model cut short", model()[:-5]),
        ("nesting without end", field(7, field(1, field(5, field(6, b""))))),
    ],
)
def test_bytes_that_reach_outside_or_are_no_model_make_no_session(what: str, data: bytes) -> None:
    del what
    with pytest.raises(Fault) as caught:
        Session(data, FILE)
    assert caught.value.code is FaultCode.MODEL_ALTERED


def test_external_data_and_custom_operators_are_refused_before_the_runtime_sees_them() -> None:
    check(model())
    for data in (model(initializer=external_tensor()), model(domain=b"x.y"), model(opset=b"x.y"), model()[:-5]):
        with pytest.raises(OnnxRefused):
            check(data)
    deep = b""
    for _ in range(20):
        deep = field(1, field(5, field(6, deep)))
    with pytest.raises(OnnxRefused):
        check(field(7, deep))


def test_a_session_runs_on_the_cpu_with_one_thread() -> None:
    session = Session(model(), FILE)
    options = session.runtime.get_session_options()
    assert session.runtime.get_providers() == ["CPUExecutionProvider"]
    assert options.intra_op_num_threads == 1
    assert options.inter_op_num_threads == 1


def test_a_picture_is_laid_out_in_the_colours_of_the_network() -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    image[:] = (10, 100, 200)
    bgr = tensor(image, LAYOUT)
    rgb = tensor(image, replace(LAYOUT, colour=Colour.RGB))
    grey = tensor(image, replace(LAYOUT, colour=Colour.GREY_SWAPPED, scale=1 / 256))
    scaled = tensor(image, replace(LAYOUT, mean=127.0, scale=1 / 128))
    assert [float(each) for each in bgr[0, :, 0, 0]] == [10, 100, 200]
    assert [float(each) for each in rgb[0, :, 0, 0]] == [200, 100, 10]
    assert grey.shape == (1, 1, 4, 4)
    assert float(grey[0, 0, 0, 0]) * 256 == pytest.approx(0.299 * 10 + 0.587 * 100 + 0.114 * 200, abs=0.6)
    assert [float(each) for each in scaled[0, :, 0, 0]] == pytest.approx([(v - 127) / 128 for v in (10, 100, 200)])
    assert all(each.dtype == np.float32 and each.flags.c_contiguous for each in (bgr, rgb, grey, scaled))


@pytest.mark.parametrize("verb", ["evaluate", "bench", "verify"])
def test_a_pack_that_is_not_installed_names_the_command_that_brings_it(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for who in ("ann", "bo"):
        (tmp_path / "people" / who).mkdir(parents=True)
        (tmp_path / "people" / who / "1.jpg").touch()
    evaluating = ["--people", str(tmp_path / "people"), "--no-cache", "--pack"] if verb == "evaluate" else []
    for pack, expected in (
        ("opencv-zoo", "`kiosk models fetch opencv-zoo`"),
        ("insightface", "`kiosk models import FOLDER insightface --grant TEXT`"),
        ("yunet", "yunet is an add-on" if verb != "verify" else "`kiosk models fetch yunet`"),
    ):
        assert models.main([verb, *evaluating, pack, "--models", str(tmp_path / "models")]) == 1
        spoken = capsys.readouterr()
        assert expected in spoken.out + spoken.err


def test_the_list_is_one_json_object_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert models.main(["list", "--json", "--models", str(tmp_path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {each["name"] for each in found["packs"]} == {pack.name for pack in packs()}
    assert {state for each in found["packs"] for state in each["files"].values()} == {"missing"}
