"""Makes networks of the signature and size of InsightFace's, for timing; refuses to recognise: their weights are noise.

InsightFace's own weights may not be used without a grant and are not on a fresh machine. A network costs the same time
with any weights, so these have the same inputs, outputs and about the same layers and bytes, and random weights. The
detector always answers with one face where it is told to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

from kiosk.vision.arrays import Floats

STRIDES: Final = (8, 16, 32)
_OPSET: Final = 13
_IR: Final = 8


@dataclass(slots=True)
class _Net:
    """A graph under construction; every layer returns the name of what it gives."""

    random: np.random.Generator
    nodes: list[NodeProto] = field(default_factory=list)
    weights: list[TensorProto] = field(default_factory=list)

    def constant(self, values: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]") -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def put(self, operator: str, inputs: Sequence[str], **attributes: Any) -> str:  # noqa: ANN401 - ONNX's own kinds
        name = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name

    def drawn(self, *shape: int) -> str:
        scale = np.float32(np.sqrt(2 / np.prod(shape[1:])))
        return self.constant(self.random.standard_normal(shape, np.float32) * scale)

    def conv(  # noqa: PLR0913 - a convolution is its parts
        self, x: str, taken: int, given: int, size: int = 1, *, stride: int = 1, groups: int = 1, pad: bool = True
    ) -> str:
        border = [size // 2 if pad else 0] * 4
        kernel, bias = self.drawn(given, taken // groups, size, size), self.constant(np.zeros(given, np.float32))
        return self.put(
            "Conv", [x, kernel, bias], strides=[stride, stride], pads=border, group=groups, kernel_shape=[size, size]
        )

    def active(  # noqa: PLR0913 - as above
        self, x: str, taken: int, given: int, size: int = 1, *, stride: int = 1, groups: int = 1
    ) -> str:
        return self.put("Relu", [self.conv(x, taken, given, size, stride=stride, groups=groups)])

    def separable(self, x: str, taken: int, given: int, stride: int = 1) -> str:
        return self.active(self.active(x, taken, taken, 3, stride=stride, groups=taken), taken, given)

    def dense(self, x: str, taken: int, given: int) -> str:
        return self.put("Gemm", [x, self.drawn(given, taken), self.constant(np.zeros(given, np.float32))], transB=1)

    def pooled(self, x: str) -> str:
        return self.put("Flatten", [self.put("GlobalAveragePool", [x])], axis=1)

    def model(self, shape: Sequence[int | str], outputs: Sequence[tuple[str, Sequence[int | str | None]]]) -> bytes:
        taken = [helper.make_tensor_value_info("input", TensorProto.FLOAT, list(shape))]
        given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, list(sizes)) for name, sizes in outputs]
        graph = helper.make_graph(self.nodes, "g", taken, given, self.weights)
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)
        data: bytes = made.SerializeToString()
        return data


def detector(box: Floats, landmarks: Floats, seed: int = 1) -> bytes:
    """Make det_500m's likeness: any picture, 9 outputs, two anchors a cell, 0.5 GFLOP at 640x480, 2.4 MB.

    Args:
        box: float32[4] x1 y1 x2 y2 pixels: where it finds its one face.
        landmarks: 5 x 2 float32 pixels.
        seed: of the weights.
    """
    net = _Net(np.random.default_rng(seed))
    x = net.active("input", 3, 16, 3, stride=2)
    x = net.separable(x, 16, 16)
    x = net.separable(net.separable(x, 16, 40, 2), 40, 40)
    levels: list[tuple[str, int]] = []
    width = 40
    for given, repeats in ((72, 2), (152, 2), (288, 5)):
        x = net.separable(x, width, given, 2)
        for _ in range(repeats):
            x = net.separable(x, given, given)
        levels.append((x, given))
        width = given
    # The first anchor lies at the picture's corner: distances are measured from there, in strides.
    first = STRIDES[0]
    distances = np.array([-box[0], -box[1], box[2], box[3]], np.float32) / first
    found = {1: np.array([[0.9]], np.float32), 4: distances[None], 10: landmarks.reshape(1, 10) / np.float32(first)}
    columns: dict[int, list[str]] = {1: [], 4: [], 10: []}
    for stride, (level, width) in zip(STRIDES, levels, strict=True):
        head = net.separable(net.separable(net.active(level, width, 16), 16, 64), 64, 64)
        for each, names in columns.items():
            rows = net.put("Transpose", [net.conv(head, 64, 2 * each, 3)], perm=[0, 2, 3, 1])
            rows = net.put("Reshape", [rows, net.constant(np.array([-1, each], np.int64))])
            if each == 1:
                shy = [net.constant(np.array(value, np.float32)) for value in (1e-4, -20)]
                rows = net.put("Sigmoid", [net.put("Add", [net.put("Mul", [rows, shy[0]]), shy[1]])])
            if stride == first:
                rest = net.put("Slice", [rows, *(net.constant(np.array([value])) for value in (1, 2**31 - 1, 0))])
                rows = net.put("Concat", [net.constant(np.asarray(found[each], np.float32)), rest], axis=0)
            names.append(rows)
    outputs = [(name, [None, each]) for each, names in columns.items() for name in names]
    return net.model([1, 3, "height", "width"], outputs)


def recogniser(seed: int = 2) -> bytes:
    """Make w600k_mbf's likeness: 1x3x112x112 to 512, MobileFaceNet of twice the width, 14 MB."""
    net = _Net(np.random.default_rng(seed))
    x = net.active("input", 3, 128, 3, stride=2)
    x = net.active(x, 128, 128, 3, groups=128)
    x = _narrow(net, x, 128, 128, 256, stride=2)
    for _ in range(4):
        x = net.put("Add", [x, _narrow(net, x, 128, 128, 256)])
    x = _narrow(net, x, 128, 256, 512, stride=2)
    for _ in range(6):
        x = net.put("Add", [x, _narrow(net, x, 256, 256, 512)])
    x = _narrow(net, x, 256, 256, 1024, stride=2)
    for _ in range(2):
        x = net.put("Add", [x, _narrow(net, x, 256, 256, 512)])
    x = net.conv(net.active(x, 256, 512), 512, 512, 7, groups=512, pad=False)
    y = net.dense(net.put("Flatten", [x], axis=1), 512, 512)
    return net.model(["None", 3, 112, 112], [(y, ["None", 512])])


def landmarks_2d(seed: int = 3) -> bytes:
    """Make 2d106det's likeness: 1x3x192x192 to 212, 5 MB."""
    net = _Net(np.random.default_rng(seed))
    x = _mobile(net, (16, 32, 64, 128, 256, 512))
    y = net.dense(net.put("Relu", [net.dense(x, 512, 512)]), 512, 212)
    return net.model(["None", 3, 192, 192], [(y, ["None", 212])])


def gender_and_age(seed: int = 4) -> bytes:
    """Make genderage's likeness: 1x3x96x96 to 3, 1.2 MB."""
    net = _Net(np.random.default_rng(seed))
    x = _mobile(net, (8, 16, 32, 64, 128, 256))
    y = net.dense(net.put("Relu", [net.dense(x, 256, 256)]), 256, 3)
    return net.model(["None", 3, 96, 96], [(y, ["None", 3])])


def landmarks_3d(seed: int = 5) -> bytes:
    """Make 1k3d68's likeness: 1x3x192x192 to 3,309, a ResNet of 50 layers, 138 MB."""
    net = _Net(np.random.default_rng(seed))
    x = net.put("MaxPool", [net.active("input", 3, 64, 7, stride=2)], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    taken = 64
    for width, repeats, first in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for number in range(repeats):
            stride = first if number == 0 else 1
            inside = net.active(net.active(x, taken, width), width, width, 3, stride=stride)
            aside = x if number else net.conv(x, taken, 4 * width, stride=stride)
            x = net.put("Relu", [net.put("Add", [net.conv(inside, width, 4 * width), aside])])
            taken = 4 * width
    y = net.dense(net.put("Relu", [net.dense(net.pooled(x), 2048, 2048)]), 2048, 3309)
    return net.model(["None", 3, 192, 192], [(y, ["None", 3309])])


def _narrow(net: _Net, x: str, taken: int, given: int, inside: int, *, stride: int = 1) -> str:  # noqa: PLR0913
    wide = net.active(net.active(x, taken, inside), inside, inside, 3, stride=stride, groups=inside)
    # Kept small, so that a sum of many stays a sum of ordinary numbers.
    return net.put("Mul", [net.conv(wide, inside, given), net.constant(np.array(0.3, np.float32))])


def _mobile(net: _Net, widths: tuple[int, int, int, int, int, int]) -> str:
    a, b, c, d, e, f = widths
    x = net.active("input", 3, a, 3, stride=2)
    for taken, given, stride in (
        (a, b, 1),
        (b, c, 2),
        (c, c, 1),
        (c, d, 2),
        (d, d, 1),
        (d, e, 2),
        *[(e, e, 1)] * 5,
        (e, f, 2),
        (f, f, 1),
    ):
        x = net.separable(x, taken, given, stride)
    return net.pooled(x)
