"""Small networks of the same signature as the packs' own, which really answer to a picture; made anew by each run.

A detector finds a face where a whole cell of 32 x 32 pixels is white; a recogniser is a fixed random projection.
"""

import numpy as np
import numpy.typing as npt
from onnx import NodeProto, TensorProto, helper, numpy_helper

from kiosk.vision.arrays import Floats, Image

CELL = 32
STRIDES = (8, 16, 32)
REACH = 2.0
"""Half the side of every box, in cells: 64 pixels."""
FIVE = np.array([[-0.5, -0.5], [0.5, -0.5], [0.0, 0.0], [-0.4, 0.5], [0.4, 0.5]], np.float32)
"""The landmarks of every face, in cells about the cell."""


def scene(*cells: tuple[int, int], width: int = 640, height: int = 480) -> Image:
    """A black picture with white cells, and faint colour noise so that crops differ."""
    image = np.random.default_rng(7).integers(0, 30, (height, width, 3), np.uint8)
    for column, row in cells:
        image[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL] = 255
    return image


def scrfd(*, outputs: int = 9, batched: bool = False, size: tuple[int, int] | None = None, kps: bool = True) -> bytes:
    """A detector with 9 outputs like SCRFD's: scores, boxes and landmarks of three strides, two anchors a cell."""
    nodes, weights, names = list[NodeProto](), list[TensorProto](), list[str]()
    distances, points = np.full(4, REACH, np.float32), FIVE.ravel()
    parts = [("score", np.zeros(1, np.float32), 1), ("bbox", distances, 4), ("kps", points, 10)][: 3 if kps else 2]
    for part, values, width in parts:
        for stride in STRIDES:
            name = f"{part}_{stride}"
            bias = np.tile(values, 2) if part != "score" else np.full(2, -30.0 if stride != CELL else -8.0, np.float32)
            gain = 10.0 if part == "score" and stride == CELL else 0.0
            nodes += _level(name, stride, bias.astype(np.float32), gain, width=width, weights=weights, batched=batched)
            names.append(name)
            if part == "score":
                nodes[-1].output[0] = f"{name}_raw"
                nodes.append(helper.make_node("Sigmoid", [f"{name}_raw"], [name]))
    rank = 3 if batched else 2
    height, width_px = ("?", "?") if size is None else (size[1], size[0])  # as buffalo_s names both
    return _model(nodes, weights, ["1", 3, height, width_px], [(name, [None] * rank) for name in names[:outputs]])


def yunet() -> bytes:
    """A detector like YuNet: cls, obj, bbox and kps of three strides, from 0..255."""
    nodes, weights, names = list[NodeProto](), list[TensorProto](), list[str]()
    size = np.log(2 * REACH)
    for part, values in (("cls", [0.0]), ("obj", [0.0]), ("bbox", [0.0, 0.0, size, size]), ("kps", FIVE.ravel())):
        for stride in STRIDES:
            name, scored = f"{part}_{stride}", part in {"cls", "obj"}
            bias = np.array([-30.0 if stride != CELL else -20.0] if scored else values, np.float32)
            gain = 24.0 / 255 if scored and stride == CELL else 0.0
            nodes += _level(name, stride, bias, gain, width=len(values), weights=weights, batched=True)
            if scored:
                nodes[-1].output[0] = f"{name}_raw"
                nodes.append(helper.make_node("Sigmoid", [f"{name}_raw"], [name]))
            names.append(name)
    return _model(nodes, weights, [1, 3, "h", "w"], [(name, [1, "n", None]) for name in names])


def recogniser(dimension: int = 512, *, seed: int = 3, size: int = 112, batch: int | str = "None") -> bytes:
    """A recogniser like ArcFace: 1x3x112x112 to `dimension` numbers, a fixed random projection of 16 x 16 blocks."""
    rng = np.random.default_rng(seed)
    block, blocks = 16, (size // 16) ** 2
    weights = [
        _weight("kernel", rng.standard_normal((8, 3, block, block)) / block),
        _weight("matrix", rng.standard_normal((8 * blocks, dimension))),
    ]
    nodes = [
        helper.make_node("Conv", ["x", "kernel"], ["c"], name="Conv_0", strides=[block, block]),
        helper.make_node("Tanh", ["c"], ["t"], name="Tanh_1"),
        helper.make_node("Flatten", ["t"], ["f"], name="Flatten_2", axis=1),
        helper.make_node("MatMul", ["f", "matrix"], ["y"], name="MatMul_3"),
    ]
    return _model(nodes, weights, [batch, 3, size, size], [("y", [batch if batch == 1 else "n", dimension])])


def sface() -> bytes:
    """A recogniser like SFace: RGB 0..255, brought to -1..1 by its own first nodes, to 128 numbers."""
    rng = np.random.default_rng(11)
    weights = [
        _weight("mean", np.array(127.5)),
        _weight("scale", np.array(0.0078125)),
        _weight("kernel", rng.standard_normal((8, 3, 16, 16)) / 16),
        _weight("matrix", rng.standard_normal((8 * 49, 128))),
        numpy_helper.from_array(np.array([1, 8 * 49], np.int64), "shape"),
    ]
    nodes = [
        helper.make_node("Sub", ["x", "mean"], ["a"]),
        helper.make_node("Mul", ["a", "scale"], ["b"]),
        helper.make_node("Conv", ["b", "kernel"], ["c"], strides=[16, 16]),
        helper.make_node("Relu", ["c"], ["d"]),
        helper.make_node("Reshape", ["d", "shape"], ["e"]),
        helper.make_node("MatMul", ["e", "matrix"], ["fc1"]),
    ]
    return _model(nodes, weights, [1, 3, 112, 112], [("fc1", [1, 128])])


def attributes(size: int = 96, answers: int = 3) -> bytes:
    """A network like InsightFace's genderage: a small picture to a few numbers."""
    weights = [_weight("matrix", np.ones((3, answers)))]
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"], axis=1),
        helper.make_node("MatMul", ["f", "matrix"], ["y"]),
    ]
    return _model(nodes, weights, ["None", 3, size, size], [("y", ["None", answers])])


def _model(
    nodes: list[NodeProto],
    weights: list[TensorProto],
    shape: list[int | str],
    outputs: list[tuple[str, list[int | str | None]]],
) -> bytes:
    taken = [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]
    given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes) for name, sizes in outputs]
    graph = helper.make_graph(nodes, "g", taken, given, weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    data: bytes = made.SerializeToString()
    return data


def _level(  # noqa: PLR0913 - a layer is its parts
    name: str, stride: int, bias: Floats, gain: float, *, width: int, weights: list[TensorProto], batched: bool
) -> list[NodeProto]:
    """One convolution over whole cells: `gain` times their brightness plus `bias`, as rows of `width` numbers."""
    kernel = np.full((len(bias), 3, stride, stride), gain / (3 * stride * stride), np.float32)
    shape = np.array([1, -1, width] if batched else [-1, width], np.int64)
    weights += [_weight(f"{name}_k", kernel), _weight(f"{name}_b", bias)]
    weights.append(numpy_helper.from_array(shape, f"{name}_s"))
    return [
        helper.make_node("Conv", ["x", f"{name}_k", f"{name}_b"], [f"{name}_c"], strides=[stride, stride]),
        helper.make_node("Transpose", [f"{name}_c"], [f"{name}_t"], perm=[0, 2, 3, 1]),
        helper.make_node("Reshape", [f"{name}_t", f"{name}_s"], [name]),
    ]


def _weight(name: str, values: npt.ArrayLike) -> TensorProto:
    return numpy_helper.from_array(np.asarray(values, np.float32), name)
