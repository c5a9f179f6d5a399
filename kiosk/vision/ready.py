"""Makes any pack ready to look at faces: the one way in; refuses a pack that is not whole."""

from pathlib import Path

from kiosk.vision.known import DEFAULT
from kiosk.vision.manifest import MANIFEST
from kiosk.vision.packs import load
from kiosk.vision.pipeline import Pipeline


def ready(
    models: Path | None = None, name: str = DEFAULT, *, fused: bool = False, manifest: Path = MANIFEST
) -> Pipeline:
    """Load a pack, with the add-ons that serve it, and join its networks.

    Args:
        models: where models are installed; None for the installed place.
        name: `faceplugin`, `opencv-zoo`, or `insightface` once it was imported.
        fused: see `Pipeline`.
        manifest: which manifest; tests have their own.

    Raises:
        Fault: MODEL_UNKNOWN, MODEL_MISSING, MODEL_ALTERED or MODEL_UNFIT.
    """
    return Pipeline(load(models, name, manifest), fused=fused)
