"""Corrections, records for a human, objections, restrictions: what waits for a decision; refuses to mix them up."""

from kiosk.pages.page import Desk, Page
from kiosk.pages.privacy import corrections, objections, restrictions, reviews
from kiosk.pages.privacy.leaf import opening
from kiosk.pages.privacy.menu import menu
from kiosk.pages.privacy.who import reads


def page(desk: Desk) -> Page:
    """Which of them."""
    reads(desk)
    return menu(
        "dpo.stops",
        "dpo.section.stops",
        ("corrections", opening(corrections.page)),
        ("reviews", opening(reviews.page)),
        ("objections", opening(objections.page)),
        ("restrictions", opening(restrictions.page)),
    )
