"""A network whose inputs, outputs or types are not those of its kind is refused when it is loaded, not at a frame."""

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper
from onnx.numpy_helper import from_array
from tiny_networks import attributes, recogniser, scrfd, sface, yunet

from kiosk.faults import Fault, FaultCode
from kiosk.vision.manifest import Colour, Decoder, Layout, ModelFile
from kiosk.vision.onnx_file import faces
from kiosk.vision.session import Session
from kiosk.vision.signature import fits

SQUARE = Layout(112, 112, Colour.RGB, 0.0, 1.0)
FRAME = Layout(640, 480, Colour.BGR, 0.0, 1.0)


def renamed(data: bytes, old: str, new: str) -> bytes:
    made = ModelProto.FromString(data)
    for node in made.graph.node:
        node.output[:] = [new if name == old else name for name in node.output]
    for value in made.graph.output:
        value.name = new if value.name == old else value.name
    changed: bytes = made.SerializeToString()
    return changed


def of_type(data: bytes, kind: int) -> bytes:
    made = ModelProto.FromString(data)
    made.graph.input[0].type.tensor_type.elem_type = kind
    made.graph.input[0].name = "given"
    made.graph.node.insert(0, helper.make_node("Cast", ["given"], ["x"], to=TensorProto.FLOAT))
    changed: bytes = made.SerializeToString()
    return changed


def second_input(data: bytes) -> bytes:
    made = ModelProto.FromString(data)
    made.graph.input.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, [1]))
    made.graph.node.append(helper.make_node("Identity", ["more"], ["z"]))
    changed: bytes = made.SerializeToString()
    return changed


def no_input() -> bytes:
    graph = helper.make_graph(
        [helper.make_node("Constant", [], ["y"], value=helper.make_tensor("v", TensorProto.FLOAT, [1], [1.0]))],
        "g",
        [],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])],
    )
    data: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8
    ).SerializeToString()
    return data


def fails_when_it_runs() -> bytes:
    graph = helper.make_graph(
        [helper.make_node("Reshape", ["x", "shape"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, "h", "w"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 128])],
        [from_array(np.array([1, 127], np.int64), "shape")],
    )
    graph.output[0].type.tensor_type.shape.Clear()
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    data: bytes = made.SerializeToString()
    return data


UNFIT = {
    "a failure at the first picture": (fails_when_it_runs(), SQUARE, Decoder.VECTOR),
    "another dimension": (recogniser(64), SQUARE, Decoder.VECTOR),
    "another size of picture": (recogniser(128, size=128), SQUARE, Decoder.VECTOR),
    "grey pictures": (recogniser(128), Layout(112, 112, Colour.GREY_SWAPPED, 0.0, 1.0), Decoder.VECTOR),
    "doubles": (of_type(recogniser(128), TensorProto.DOUBLE), SQUARE, Decoder.VECTOR),
    "bytes": (of_type(recogniser(128), TensorProto.UINT8), SQUARE, Decoder.VECTOR),
    "a second input": (second_input(recogniser(128)), SQUARE, Decoder.VECTOR),
    "no input": (no_input(), SQUARE, Decoder.VECTOR),
    "a batch of two": (recogniser(128, batch=2), SQUARE, Decoder.VECTOR),
    "a detector instead": (scrfd(), Layout(640, 480, Colour.RGB, 0.0, 1.0), Decoder.VECTOR),
    "a detector without landmarks": (scrfd(outputs=6, kps=False), FRAME, Decoder.SCRFD),
    "outputs that end early": (scrfd(outputs=8), FRAME, Decoder.SCRFD),
    "an output of another name": (renamed(yunet(), "kps_16", "kps_17"), FRAME, Decoder.YUNET),
    "a recogniser as the detector": (recogniser(batch=1), SQUARE, Decoder.YUNET),
    "a recogniser as 68 points": (recogniser(), SQUARE, Decoder.FR_LANDMARK),
    "a recogniser as the default detector": (recogniser(), SQUARE, Decoder.FR_DETECT),
    "one logit": (attributes(112, 1), SQUARE, Decoder.LOGITS),
}


@pytest.mark.parametrize(("data", "layout", "decoder"), UNFIT.values(), ids=UNFIT)
def test_a_network_with_other_inputs_or_outputs_is_refused_when_it_is_loaded(
    data: bytes, layout: Layout, decoder: Decoder
) -> None:
    file = ModelFile("a.onnx", "a", 0, "", layout, decoder)
    with pytest.raises(Fault) as caught:
        fits(Session(data, file), file, 128)
    assert (caught.value.code, caught.value.detail) == (FaultCode.MODEL_UNFIT, "a.onnx")


FITTING = {
    "a recogniser": (recogniser(128), SQUARE, Decoder.VECTOR),
    "two logits": (attributes(112, 2), SQUARE, Decoder.LOGITS),
    "yunet": (yunet(), FRAME, Decoder.YUNET),
    "scrfd": (scrfd(), FRAME, Decoder.SCRFD),
    "scrfd in batches": (scrfd(batched=True), FRAME, Decoder.SCRFD),
    "insightface may want bytes": (of_type(recogniser(128), TensorProto.UINT8), SQUARE, Decoder.ARCFACE),
    "anything that nobody reads": (recogniser(7), SQUARE, Decoder.NONE),
}


@pytest.mark.parametrize(("data", "layout", "decoder"), FITTING.values(), ids=FITTING)
def test_a_network_that_fits_is_taken(data: bytes, layout: Layout, decoder: Decoder) -> None:
    file = ModelFile("a.onnx", "a", 0, "", layout, decoder)
    fits(Session(data, file), file, 128)


def test_the_inputs_that_a_file_states_are_read_without_its_weights() -> None:
    made = ModelProto.FromString(sface())
    made.graph.input.append(helper.make_tensor_value_info("matrix", TensorProto.FLOAT, [392, 128]))
    face = faces(made.SerializeToString())
    assert [(each.name, each.kind, each.shape) for each in face.inputs] == [("x", 1, (1, 3, 112, 112))]
    assert [(each.name, each.shape) for each in face.outputs] == [("fc1", (1, 128))]
    assert faces(recogniser()).inputs[0].shape == (None, 3, 112, 112)
    assert faces(b"").inputs == ()
