"""Where a visit begins, by the name of the area; refuses an area that is not listed."""

from collections.abc import Callable, Mapping
from typing import Final

from kiosk.pages.admin.login import Entrance
from kiosk.pages.claim.saying import Code
from kiosk.pages.identify import Ways
from kiosk.pages.mydata import home
from kiosk.pages.notice_page import Looking
from kiosk.pages.page import Page
from kiosk.pages.trip import slip

AREAS: Final[Mapping[str, Callable[[], Page]]] = {
    "admin": Entrance,
    "mydata": lambda: Ways("mydata.title", home.first),
    "claim": Code,
    "notice": Looking,
    "slip": slip.Scan,
}
