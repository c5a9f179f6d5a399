"""Where a visit begins, by the name of the area; refuses an area that is not listed."""

from collections.abc import Callable, Mapping
from typing import Final

from kiosk.pages.page import Page
from kiosk.pages.trip import slip

AREAS: Final[Mapping[str, Callable[[], Page]]] = {"slip": slip.Scan}
