"""Tells whether a network takes and gives what its decoder reads; refuses it at load, not at the first frame."""

from collections.abc import Sequence
from typing import Final, TypeAlias, assert_never

import numpy as np

from kiosk.faults import Fault, FaultCode
from kiosk.vision.manifest import Colour, Decoder, Layout, ModelFile
from kiosk.vision.session import RUNTIME_ERRORS, Session
from kiosk.vision.yunet import STRIDES

Shape: TypeAlias = tuple[int, ...]

POINTS: Final = 68
_RANK: Final = 4
_LEVELS: Final = {9: ((8, 16, 32), 2), 15: ((8, 16, 32, 64, 128), 1)}
"""Outputs of a SCRFD or RetinaFace detector with landmarks: its strides, and anchors for each cell (insightface)."""
_YUNET: Final = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}


def fits(session: Session, file: ModelFile, dimension: int) -> None:
    """Compare a network's input with the layout, then run it once and compare what comes out.

    Args:
        session: the network.
        file: what the manifest says of it.
        dimension: of the pack's embeddings.

    Raises:
        Fault: MODEL_UNFIT with the file's name.
    """
    if file.decoder is Decoder.NONE:
        return
    try:
        right = _runs(session, file, dimension)
    except RUNTIME_ERRORS as error:
        raise Fault(FaultCode.MODEL_UNFIT, file.name) from error
    if not right:
        raise Fault(FaultCode.MODEL_UNFIT, file.name)


def _runs(session: Session, file: ModelFile, dimension: int) -> bool:
    inputs, layout = session.runtime.get_inputs(), file.layout
    if len(inputs) != 1 or not _takes(inputs[0].type, inputs[0].shape, layout, file.decoder):
        return False
    kind = np.uint8 if inputs[0].type == "tensor(uint8)" else np.float32
    blob = np.zeros((1, _channels(layout), layout.height, layout.width), kind)
    answers = session.runtime.run(None, {inputs[0].name: blob})
    if any(not isinstance(answer, np.ndarray) or answer.dtype != np.float32 for answer in answers):
        return False
    return _gives(dict(zip(session.outputs, (answer.shape for answer in answers), strict=True)), file, dimension)


def _channels(layout: Layout) -> int:
    return 1 if layout.colour is Colour.GREY_SWAPPED else 3


def _takes(kind: str, shape: Sequence[int | str | None], layout: Layout, decoder: Decoder) -> bool:
    bytes_too = decoder in {Decoder.SCRFD, Decoder.ARCFACE}  # a package of insightface may want the bytes themselves
    if kind != "tensor(float)" and not (bytes_too and kind == "tensor(uint8)"):
        return False
    wanted = (1, _channels(layout), layout.height, layout.width)
    return len(shape) == _RANK and all(
        not isinstance(have, int) or have == want for have, want in zip(shape, wanted, strict=True)
    )


def _gives(shapes: dict[str, Shape], file: ModelFile, dimension: int) -> bool:
    given = list(shapes.values())
    match file.decoder:
        case Decoder.NONE:
            right = True
        case Decoder.FR_DETECT:
            right = [shape[:1] + shape[2:] for shape in given] == [(1, 2), (1, 4)] and given[0][1] == given[1][1]
        case Decoder.FR_LANDMARK:
            right = given == [(1, 2 * POINTS)]
        case Decoder.LOGITS:
            right = len(given) == 1 and len(given[0]) == 2 and given[0][0] == 1 and given[0][1] >= 2  # noqa: PLR2004
        case Decoder.VECTOR | Decoder.ARCFACE:
            right = given == [(1, dimension)]
        case Decoder.YUNET:
            cells = {stride: (file.layout.height // stride) * (file.layout.width // stride) for stride in STRIDES}
            wanted = {f"{part}_{stride}": (1, cells[stride], each) for part, each in _YUNET.items() for stride in cells}
            right = all(shapes.get(name) == shape for name, shape in wanted.items())
        case Decoder.SCRFD:
            right = _scrfd(given, file.layout)
        case _:
            assert_never(file.decoder)
    return right


def _scrfd(given: list[Shape], layout: Layout) -> bool:
    if len(given) not in _LEVELS:
        return False
    strides, anchors = _LEVELS[len(given)]
    rows = [anchors * (layout.height // stride) * (layout.width // stride) for stride in strides]
    wanted = [(count, each) for each in (1, 4, 10) for count in rows]
    return given in (wanted, [(1, *shape) for shape in wanted])
