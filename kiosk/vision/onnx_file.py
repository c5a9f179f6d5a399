"""Reads of an ONNX file what could reach outside it or swell; refuses custom operators, external data and bombs."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from math import prod
from typing import Final

DOMAINS: Final = frozenset({b"", b"ai.onnx", b"ai.onnx.ml"})
"""Operator sets that are the standard's own; anything else is a custom operator."""
MOST_ELEMENTS: Final = 1 << 26
"""Of one tensor that a file declares: 256 MiB of float32; the largest face network has a tenth of it in one tensor."""
MOST_FIELDS: Final = 1 << 21
"""Of a file; a face network has some thousands, and each costs a microsecond to look at."""
MOST_SIZES: Final = 32
"""Of one tensor: its rank."""

# Field numbers of onnx.proto (ONNX 1.x): where a message lies inside its parent, and what it is.
_CHILDREN: Final[dict[str, dict[int, str]]] = {
    "model": {7: "graph", 8: "opset", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 9: "opset", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
    "opset": {},
}
_TENSOR_EXTERNAL_DATA: Final = 13
_TENSOR_DATA_LOCATION: Final = 14
_NODE_DOMAIN: Final = 7
_OPSET_DOMAIN: Final = 1
_DIMENSIONS: Final = {"tensor": 1, "sparse": 3}
_DENSEST: Final = 8
"""Elements in a byte: more than the narrowest type of the standard, int2, puts there."""
_DEPTH: Final = 16
_LARGEST_KEY: Final = (1 << 32) - 1


class OnnxRefused(ValueError):  # noqa: N818 - reads as what happened
    """The bytes are no ONNX model, or one that reaches outside its own bytes or swells beyond them."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """What a network says of one input or output: ONNX element type (1 is float32), and sizes, none where free."""

    name: str
    kind: int
    shape: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Face:
    """What a network shows to the outside: its inputs but for weights, its outputs, and its nodes' names in order."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    nodes: tuple[str, ...]


def check(data: bytes) -> None:
    """Refuse a model that names another file, an operator that is not the standard's, or tensors beyond its bytes.

    Args:
        data: a whole ONNX file.

    Raises:
        OnnxRefused: with what was found.
    """
    _walk(memoryview(data), "model", 0, count())


def faces(data: bytes) -> Face:
    """Read what a network takes and gives, as its file says it.

    Raises:
        OnnxRefused: when the bytes are no ONNX model.
    """
    inputs, outputs, nodes, weights = [], [], [], set()
    for graph in _messages(memoryview(data), 7):
        weights |= {_text(tensor, 8) for tensor in _messages(graph, 5)}
        nodes += [_text(node, 3) for node in _messages(graph, 1)]
        inputs += [_tensor(value) for value in _messages(graph, 11)]
        outputs += [_tensor(value) for value in _messages(graph, 12)]
    return Face(tuple(each for each in inputs if each.name not in weights), tuple(outputs), tuple(nodes))


def _walk(message: memoryview, kind: str, depth: int, seen: Iterator[int]) -> None:
    if depth > _DEPTH:
        raise OnnxRefused("nested too deep")
    children = _CHILDREN[kind]
    sizes: list[int] = []
    for number, value in _fields(message):
        if next(seen) >= MOST_FIELDS:
            raise OnnxRefused("too many fields")
        if kind == "tensor" and (number == _TENSOR_EXTERNAL_DATA or (number == _TENSOR_DATA_LOCATION and value)):
            raise OnnxRefused("external data")
        domain = (kind == "node" and number == _NODE_DOMAIN) or (kind == "opset" and number == _OPSET_DOMAIN)
        if domain and isinstance(value, memoryview) and bytes(value) not in DOMAINS:
            raise OnnxRefused("custom operator")
        if number == _DIMENSIONS.get(kind):
            sizes += _numbers(value)
            if len(sizes) > MOST_SIZES:
                raise OnnxRefused("a tensor of too many sizes")
        if number in children and isinstance(value, memoryview):
            _walk(value, children[number], depth + 1, seen)
    elements = prod(sizes)  # a negative size is read as a very large one
    if elements > MOST_ELEMENTS or (kind == "tensor" and sizes and elements > _DENSEST * len(message)):
        raise OnnxRefused("a tensor larger than the file")


def _tensor(value: memoryview) -> Tensor:
    """Read a ValueInfoProto: name, and type -> tensor_type -> element type and shape -> sizes."""
    kind, shape = 0, list[int | None]()
    for typed in _messages(value, 2):
        for tensor in _messages(typed, 1):
            kind = next((each for number, each in _fields(tensor) if number == 1 and isinstance(each, int)), 0)
            for sizes in _messages(tensor, 2):
                shape += [_size(size) for size in _messages(sizes, 1)]
    return Tensor(_text(value, 1), kind, tuple(shape))


def _size(dimension: memoryview) -> int | None:
    value = next((each for number, each in _fields(dimension) if number == 1), None)
    return value if isinstance(value, int) else None


def _messages(message: memoryview, wanted: int) -> Iterator[memoryview]:
    return (value for number, value in _fields(message) if number == wanted and isinstance(value, memoryview))


def _text(message: memoryview, wanted: int) -> str:
    return bytes(next(_messages(message, wanted), memoryview(b""))).decode("utf-8", "replace")


def _numbers(value: int | memoryview) -> list[int]:
    """Read a repeated number: one of them, or many packed together, of which no more are read than may be there."""
    if isinstance(value, int):
        return [value]
    found, at = list[int](), 0
    while at < len(value) and len(found) <= MOST_SIZES:
        number, at = _varint(value, at)
        found.append(number)
    return found


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Give each field of a protobuf message: its number, and a number or the bytes."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        if key > _LARGEST_KEY:  # protobuf keeps 32 bits of it: the runtime would read another field than we do
            raise OnnxRefused("no protobuf")
        number, wire = key >> 3, key & 7
        if wire == 0:
            whole, at = _varint(message, at)
            yield number, whole
            continue
        if wire == 2:  # noqa: PLR2004 - protobuf: bytes with a length before them
            length, at = _varint(message, at)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise OnnxRefused("no protobuf")
        if at + length > len(message):
            raise OnnxRefused("cut short")
        yield number, message[at : at + length]
        at += length


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            raise OnnxRefused("cut short")
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - protobuf: the high bit says that more follows
            return value, at
    raise OnnxRefused("no protobuf")
