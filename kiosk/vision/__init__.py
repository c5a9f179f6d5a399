"""From a frame to a decision: camera, networks, gallery and recogniser; refuses to store or send anything."""

import os
from typing import Final

SILENT: Final = "ORT_DISABLE_TELEMETRY"
"""From 1.32 on ONNX Runtime keeps an id of the device and sends what it does to its maker, unless this is set before it
is loaded. Whatever in this room loads it runs after this line."""
os.environ[SILENT] = "1"
