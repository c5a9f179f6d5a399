"""Runs one ONNX network with explicit options; refuses other providers, custom operators and external data."""

from typing import Final

import cv2
import numpy as np
import onnxruntime

from kiosk.faults import Fault, FaultCode
from kiosk.vision.arrays import Floats, Image
from kiosk.vision.manifest import Colour, Layout, ModelFile
from kiosk.vision.onnx_file import OnnxRefused, check

THREADS: Final = 1
"""Threads inside one operator: the models are small, and the preview shares the cores."""

_state = onnxruntime.capi.onnxruntime_pybind11_state
RUNTIME_ERRORS: Final[tuple[type[Exception], ...]] = (
    *(each for each in vars(_state).values() if isinstance(each, type) and issubclass(each, Exception)),
    MemoryError,
    RuntimeError,
    UnicodeDecodeError,  # its own sentence quotes bytes of the model
)
"""What ONNX Runtime raises for a network that it cannot make or run."""
_REFUSALS: Final[tuple[type[Exception], ...]] = (OnnxRefused, *RUNTIME_ERRORS)


class Session:
    """One network on the CPU with one thread.

    Args:
        data: the bytes of an ONNX file, verified by the caller; the file is not opened again.
        file: what the manifest says of it.

    Attributes:
        runtime: ONNX Runtime's own session, made of those bytes.

    Raises:
        Fault: MODEL_ALTERED when the bytes are no network, want custom operators or other files.
    """

    def __init__(self, data: bytes, file: ModelFile) -> None:
        try:
            check(data)
            self.runtime = onnxruntime.InferenceSession(
                data, _options(), providers=["CPUExecutionProvider"], enable_fallback=0
            )
            inputs = [each.name for each in self.runtime.get_inputs()]
            self.outputs: tuple[str, ...] = tuple(output.name for output in self.runtime.get_outputs())
        except _REFUSALS as error:
            raise Fault(FaultCode.MODEL_ALTERED, file.name) from error
        if not inputs:
            raise Fault(FaultCode.MODEL_UNFIT, file.name)
        self._input: str = inputs[0]
        self.layout: Layout = file.layout

    def infer(self, image: Image) -> list[Floats]:
        """Lay a BGR picture out as the network wants it, and run.

        Args:
            image: H x W x 3 uint8 BGR; resized (stretched) to the layout's size where it has another.

        Returns:
            The outputs in the file's order.
        """
        if image.shape[:2] != (self.layout.height, self.layout.width):
            image = stretched(image, self.layout.width, self.layout.height)
        return self.run(tensor(image, self.layout))

    def run(self, blob: Floats) -> list[Floats]:
        """Run the network on a float32 NCHW tensor and return its outputs in the file's order."""
        answers: list[Floats] = self.runtime.run(None, {self._input: blob})
        return answers


def stretched(image: Image, width: int, height: int) -> Image:
    """Return `image` at width x height, bilinear, whatever that does to its shape."""
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def tensor(image: Image, layout: Layout) -> Floats:
    """Lay a BGR picture out as 1 x C x H x W float32, contiguous: `(x - mean) * scale`."""
    swap = layout.colour is Colour.RGB
    if layout.colour is Colour.GREY_SWAPPED:
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    mean = (layout.mean, layout.mean, layout.mean)
    return np.asarray(cv2.dnn.blobFromImage(image, layout.scale, mean=mean, swapRB=swap), np.float32)


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    # Else the runtime looks into the bytes for its own other format, which `check` has not read.
    options.add_session_config_entry("session.load_model_format", "ONNX")
    # Measured (docs/speed.md): the arena and the memory pattern save 1 to 10% of a run. With one thread there is no
    # pool that could spin between two frames; should THREADS grow, its threads sleep.
    options.enable_cpu_mem_arena = True
    options.enable_mem_pattern = True
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return options
