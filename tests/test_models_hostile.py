"""Hostile models: flipped, cut, swapped, of another shape, with other files by every route, bombs: all are refused."""

import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import AttributeProto, FunctionProto, ModelProto, SparseTensorProto, TensorProto, TrainingInfoProto, helper
from onnx.numpy_helper import from_array
from onnx_kit import field, manifest, model, varint
from pack_kit import GRANT, directory, zoo
from tiny_networks import recogniser, scene, scrfd, sface

from kiosk.cli import models_trial
from kiosk.cli.models import main
from kiosk.faults import Fault, FaultCode
from kiosk.vision import onnx_file, packs
from kiosk.vision.known import find
from kiosk.vision.manifest import Colour, Layout, ModelFile
from kiosk.vision.onnx_file import OnnxRefused, check
from kiosk.vision.ready import ready
from kiosk.vision.session import Session

PLAIN = Layout(4, 4, Colour.BGR, 0.0, 1.0)


def outside(name: str = "w", *, location_alone: bool = False) -> TensorProto:
    """A tensor whose numbers lie in another file."""
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[1])
    tensor.data_location = TensorProto.EXTERNAL
    if not location_alone:
        tensor.external_data.add(key="location", value="/etc/passwd")
    return tensor


def built(change: Callable[[ModelProto], object]) -> bytes:
    """A model that gives its 1x3x4x4 input back, with one thing changed."""
    made = ModelProto.FromString(model())
    change(made)
    data: bytes = made.SerializeToString()
    return data


def subgraph(made: ModelProto, tensor: TensorProto) -> None:
    inner = helper.make_graph([], "inner", [], [], [tensor])
    made.graph.node.append(helper.make_node("If", ["c"], ["z"], then_branch=inner, else_branch=inner))


def with_attribute(made: ModelProto, attribute: AttributeProto) -> None:
    node = helper.make_node("Constant", [], ["z"])
    node.attribute.append(attribute)
    made.graph.node.append(node)


def in_function(made: ModelProto, tensor: TensorProto) -> None:
    node = helper.make_node("Constant", [], ["z"], value=tensor)
    made.functions.append(helper.make_function("", "F", [], ["z"], [node], [helper.make_opsetid("", 13)]))


def scattered(tensor: TensorProto) -> SparseTensorProto:
    return SparseTensorProto(values=tensor, indices=helper.make_tensor("i", TensorProto.INT64, [1], [0]), dims=[1])


ROUTES: dict[str, Callable[[ModelProto, TensorProto], object]] = {
    "an initializer": lambda made, tensor: made.graph.initializer.append(tensor),
    "a subgraph": subgraph,
    "a constant": lambda made, tensor: with_attribute(made, AttributeProto(name="value", t=tensor)),
    "one of many constants": lambda made, tensor: with_attribute(made, AttributeProto(name="v", tensors=[tensor])),
    "a function": in_function,
    "a function's default": lambda made, tensor: made.functions.append(
        FunctionProto(name="F", attribute_proto=[AttributeProto(name="w", t=tensor)])
    ),
    "a sparse initializer": lambda made, tensor: made.graph.sparse_initializer.append(scattered(tensor)),
    "a sparse constant": lambda made, tensor: with_attribute(
        made, AttributeProto(name="sparse_value", sparse_tensor=scattered(tensor))
    ),
    "training": lambda made, tensor: made.training_info.append(
        TrainingInfoProto(algorithm=helper.make_graph([], "a", [], [], [tensor]))
    ),
}


def own_operator_inside(made: ModelProto) -> None:
    inner = helper.make_graph([helper.make_node("Spy", [], ["z"], domain="com.example")], "inner", [], [])
    made.graph.node.append(helper.make_node("If", ["c"], ["z"], then_branch=inner, else_branch=inner))


@pytest.mark.parametrize("location_alone", [False, True], ids=["by name", "by its location alone"])
@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES)
def test_data_in_another_file_is_refused_by_every_route(
    route: Callable[[ModelProto, TensorProto], object], *, location_alone: bool
) -> None:
    with pytest.raises(OnnxRefused, match="external data"):
        check(built(lambda made: route(made, outside(location_alone=location_alone))))
    check(built(lambda made: route(made, helper.make_tensor("w", TensorProto.FLOAT, [1], [1.0]))))


def test_an_operator_of_somebody_s_own_is_refused_wherever_it_stands() -> None:
    spy = helper.make_node("Spy", [], ["z"], domain="com.example")
    for change in (own_operator_inside, lambda made: made.functions.append(FunctionProto(name="F", node=[spy]))):
        with pytest.raises(OnnxRefused, match="custom operator"):
            check(built(change))


def test_a_field_that_only_the_runtime_would_see_is_refused() -> None:
    # protobuf keeps 32 bits of a key: to it this one is field 13, external_data; to a careless reader another field.
    entry = field(1, b"location") + field(2, b"/etc/passwd")
    hidden = varint((13 << 3 | 2) + (1 << 32)) + varint(len(entry)) + entry
    with pytest.raises(OnnxRefused, match="no protobuf"):
        check(model(initializer=field(1, 1) + field(2, 1) + field(8, b"w") + hidden))


def test_a_model_is_never_taken_for_the_runtime_s_other_format() -> None:
    # The runtime's own format is known by four letters at byte 4; these bytes are a sound protobuf as well.
    disguised = field(2, b"..ORTM..") + model()
    assert disguised[4:8] == b"ORTM"
    check(disguised)
    session = Session(disguised, ModelFile("a.onnx", "a", 0, "", PLAIN))
    assert np.array_equal(session.run(np.ones((1, 3, 4, 4), np.float32))[0], np.ones((1, 3, 4, 4)))


BOMBS: dict[str, Callable[[ModelProto], object]] = {
    "2^40 numbers in no byte": lambda made: made.graph.initializer.append(
        TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1 << 20, 1 << 20], raw_data=b"1234")
    ),
    "a negative size": lambda made: made.graph.initializer.append(
        TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[-1], raw_data=b"1234")
    ),
    "more than the file could hold": lambda made: made.graph.initializer.append(
        TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1 << 20], raw_data=b"1234")
    ),
    "a sparse tensor that is huge when it is filled": lambda made: (
        made.graph.sparse_initializer.add(
            values=helper.make_tensor("v", TensorProto.FLOAT, [1], [1.0]),
            indices=helper.make_tensor("i", TensorProto.INT64, [1], [0]),
            dims=[1 << 40],
        )
        and None
    ),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_tensor_that_is_larger_than_the_file_is_refused_before_the_runtime_makes_it(
    bomb: Callable[[ModelProto], object],
) -> None:
    with pytest.raises(OnnxRefused, match="larger than the file"):
        check(built(bomb))


def test_a_file_that_would_take_for_ever_to_look_at_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = field(1, varint(1) * 100_000)
    for sizes in (packed, field(1, 1) * 33):
        with pytest.raises(OnnxRefused, match="too many sizes"):
            check(model(initializer=sizes + field(2, 1)))
    monkeypatch.setattr(onnx_file, "MOST_FIELDS", 50)
    check(model())
    with pytest.raises(OnnxRefused, match="too many fields"):
        check(model() + field(4, 1) * 50)


def swelling(elements: int) -> bytes:
    """A recogniser that makes a tensor of so many numbers while it runs."""
    made = ModelProto.FromString(recogniser())
    made.graph.initializer.append(from_array(np.array([elements], np.int64), "huge"))
    made.graph.node.append(helper.make_node("ConstantOfShape", ["huge"], ["h"]))
    made.graph.node.append(helper.make_node("ReduceMax", ["h"], ["top"], keepdims=0))
    made.graph.node.append(helper.make_node("Add", ["plain", "top"], ["y"]))
    made.graph.node[3].output[0] = "plain"
    data: bytes = made.SerializeToString()
    return data


@pytest.mark.parametrize("elements", [1 << 31, 1 << 40])
def test_a_network_that_swells_while_it_runs_is_found_out_in_a_process_with_little_memory(
    elements: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = directory(tmp_path / "bomb", {"det.onnx": scrfd(), "rec.onnx": swelling(elements)})
    words = ["import", str(folder), "--pack", "insightface", "--grant", GRANT, "--models", str(tmp_path / "models")]
    assert main(words) == 1
    assert "more memory or time than they may" in capsys.readouterr().out
    assert not list((tmp_path / "models").rglob("*"))
    (folder / "rec.onnx").write_bytes(swelling(1))
    assert main(words) == 0


def test_the_trial_leaves_less_memory_than_a_kiosk_has() -> None:
    assert models_trial.MEMORY <= 2 << 30


def test_a_file_of_no_byte_or_of_five_gigabytes_is_refused_by_its_size(tmp_path: Path) -> None:
    files = {"a.onnx": model()}
    path = manifest(tmp_path, files)
    target = tmp_path / "tiny" / "a.onnx"
    target.parent.mkdir()
    for size in (0, 5 << 30):
        with target.open("wb") as file:
            file.truncate(size)
        with pytest.raises(Fault) as caught:
            packs.load(tmp_path, "tiny", path)
        assert caught.value.code is FaultCode.MODEL_ALTERED
    with pytest.raises(ValueError, match=r"a\.onnx"):
        packs.bounded(target, 1 << 30)


def test_a_file_that_grows_while_it_is_read_is_not_read_to_its_new_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, real = tmp_path / "a.onnx", os.fstat
    target.write_bytes(b"small")

    def grown(descriptor: int) -> os.stat_result:
        found = real(descriptor)
        if found.st_size == len(b"small"):
            os.truncate(target, 256 << 20)
        return found

    monkeypatch.setattr(os, "fstat", grown)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"a\.onnx"):
            packs.bounded(target, 5)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["a pipe", "a folder", "a device"])
def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path: Path, kind: str) -> None:
    path = manifest(tmp_path, {"a.onnx": model()})
    target = tmp_path / "tiny" / "a.onnx"
    target.parent.mkdir()
    if kind == "a pipe":
        os.mkfifo(target)
    elif kind == "a folder":
        target.mkdir()
    else:
        target.symlink_to("/dev/zero")
    with pytest.raises(Fault) as caught:
        packs.load(tmp_path, "tiny", path)
    assert caught.value.code in {FaultCode.MODEL_ALTERED, FaultCode.MODEL_MISSING}


@pytest.mark.parametrize("kind", ["file", "symbolic link", "hard link"])
def test_a_file_that_is_swapped_once_it_was_read_is_not_what_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    good, evil = model(operator=b"Identity"), model(operator=b"Neg")
    path = manifest(tmp_path, {"a.onnx": good})
    target, real = tmp_path / "tiny" / "a.onnx", tmp_path / "elsewhere.onnx"
    target.parent.mkdir()
    real.write_bytes(good)
    if kind == "symbolic link":
        target.symlink_to(real)
    elif kind == "hard link":
        target.hardlink_to(real)
    else:
        target.write_bytes(good)

    def swapped(data: bytes, file: ModelFile) -> Session:
        for each in (real, target):
            each.write_bytes(evil)
        return Session(data, file)

    monkeypatch.setattr(packs, "Session", swapped)
    session = packs.load(tmp_path, "tiny", path).sessions["a"]
    assert float(session.run(np.ones((1, 3, 4, 4), np.float32))[0].min()) == 1.0
    monkeypatch.undo()
    with pytest.raises(Fault) as caught:
        packs.load(tmp_path, "tiny", path)
    assert caught.value.code is FaultCode.MODEL_ALTERED


def test_a_flipped_bit_in_any_region_and_any_cut_is_noticed(tmp_path: Path, rounds: Callable[[int, int], int]) -> None:
    models, listed = zoo(tmp_path)
    targets = [
        packs.path_of(models, find(models, "opencv-zoo", listed), f) for f in find(models, "opencv-zoo", listed).files
    ]
    rng, count = np.random.default_rng(5), rounds(40, 4000)
    for target in targets:
        whole = target.read_bytes()
        places = [0, len(whole) - 1, *(int(place) for place in np.linspace(1, len(whole) - 2, count))]
        for place in places:
            broken = bytearray(whole)
            broken[place] ^= 1 << int(rng.integers(8))
            for data in (bytes(broken), whole[:place]):
                target.write_bytes(data)
                with pytest.raises(Fault) as caught:
                    packs.load(models, "opencv-zoo", listed)
                assert caught.value.code is FaultCode.MODEL_ALTERED
        target.write_bytes(whole)
    assert len(ready(models, "opencv-zoo", manifest=listed).detect(scene((5, 6)))) == 1


def test_mangled_bytes_with_a_fitting_hash_are_a_fault_or_a_network_and_nothing_else(
    tmp_path: Path, rounds: Callable[[int, int], int]
) -> None:
    path, count = tmp_path / "a.onnx", rounds(200, 5000)
    path.write_bytes(sface())
    command = [sys.executable, str(Path(__file__).with_name("mangled_models.py")), str(path), str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=250)
    assert done.returncode == 0, done.stderr[-2000:]
    assert count // 10 < int(done.stdout) <= count
