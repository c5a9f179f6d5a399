"""Writes the smallest ONNX files by hand, good and bad, byte for byte."""

import hashlib
from pathlib import Path


def varint(number: int) -> bytes:
    """A protobuf varint."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def field(number: int, value: bytes | int) -> bytes:
    """One protobuf field."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def tensor_type(*shape: int) -> bytes:
    """A TypeProto: float32 of this shape."""
    dimensions = b"".join(field(1, field(1, each)) for each in shape)
    return field(1, field(1, 1) + field(2, dimensions))


def model(*, operator: bytes = b"Identity", domain: bytes = b"", initializer: bytes = b"", opset: bytes = b"") -> bytes:
    """A network that gives its 1x3x4x4 input back, with one thing changed."""
    node = field(1, b"x") + field(2, b"y") + field(4, operator) + (field(7, domain) if domain else b"")
    graph = field(1, node) + field(2, b"g")
    graph += field(5, initializer) if initializer else b""
    for number, name in ((11, b"x"), (12, b"y")):
        graph += field(number, field(1, name) + field(2, tensor_type(1, 3, 4, 4)))
    sets = field(8, field(2, 13)) + (field(8, field(1, opset) + field(2, 1)) if opset else b"")
    return field(1, 8) + field(7, graph) + sets


def external_tensor() -> bytes:
    """A TensorProto whose data lies in another file."""
    entry = field(1, b"location") + field(2, b"/etc/passwd")
    return field(1, 4) + field(2, 1) + field(8, b"w") + field(13, entry) + field(14, 1)


def manifest(folder: Path, files: dict[str, bytes], *, default: bool = True) -> Path:
    """A manifest with one small pack of these files."""
    text = f"""
[[pack]]
name = "tiny"
kind = "pack"
default = {str(default).lower()}
title = "a tiny pack"
licence = "none"
provenance = "made by the tests"
card = "none"
embedding_space = "tiny"
dimension = 4
metric = "cosine"
git = "https://example.invalid/{{name}}"
[pack.npm]
package = "tiny"
version = "1.0.0"
integrity = "sha512-AAAA"
folder = "package/model"
[pack.thresholds]
accept = 0.5
near = 0.4
margin = 0.05
population = "none"
error_rate = "none"
"""
    for name, data in files.items():
        text += f"""
[[pack.file]]
name = "{name}"
role = "{name.partition(".")[0]}"
bytes = {len(data)}
sha256 = "{hashlib.sha256(data).hexdigest()}"
size = [4, 4]
colour = "bgr"
mean = 0.0
scale = 1.0
"""
    path = folder / "manifest.toml"
    path.write_text(text)
    return path
