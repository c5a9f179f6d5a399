"""Reads the few fields of an ONNX file that could reach outside it; refuses custom operators and external data."""

from collections.abc import Iterator
from typing import Final

DOMAINS: Final = frozenset({b"", b"ai.onnx", b"ai.onnx.ml"})
"""Operator sets that are the standard's own; anything else is a custom operator."""

# Field numbers of onnx.proto (ONNX 1.x): where a message lies inside its parent, and what it is.
_CHILDREN: Final[dict[str, dict[int, str]]] = {
    "model": {7: "graph", 8: "opset", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 9: "opset"},
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
_DEPTH: Final = 16


class OnnxRefused(ValueError):  # noqa: N818 - reads as what happened
    """The bytes are no ONNX model, or one that reaches outside its own bytes."""


def check(data: bytes) -> None:
    """Refuse a model that names another file or an operator that is not the standard's.

    Args:
        data: a whole ONNX file.

    Raises:
        OnnxRefused: with what was found.
    """
    _walk(memoryview(data), "model", 0)


def _walk(message: memoryview, kind: str, depth: int) -> None:
    if depth > _DEPTH:
        raise OnnxRefused("nested too deep")
    children = _CHILDREN[kind]
    for number, value in _fields(message):
        if kind == "tensor" and (number == _TENSOR_EXTERNAL_DATA or (number == _TENSOR_DATA_LOCATION and value)):
            raise OnnxRefused("external data")
        domain = (kind == "node" and number == _NODE_DOMAIN) or (kind == "opset" and number == _OPSET_DOMAIN)
        if domain and isinstance(value, memoryview) and bytes(value) not in DOMAINS:
            raise OnnxRefused("custom operator")
        if number in children and isinstance(value, memoryview):
            _walk(value, children[number], depth + 1)


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Give each field of a protobuf message: its number, and a number or the bytes."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
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
