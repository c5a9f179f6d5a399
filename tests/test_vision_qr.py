"""What the camera reads of a badge, and what it never hands on."""

import pytest
from code_kit import held, nothing

from kiosk.vision import qr
from wire import badge
from wire.badge import Badge
from wire.signing import SigningKey, key_id

KEY = SigningKey.from_bytes(bytes(range(32)))
BADGE = badge.issue(Badge(b"\x07" * 8, key_id(KEY.public), 1_900_000_000), KEY)


@pytest.mark.parametrize("angle", [0, 7, 15, 30, 45, 90, 180])
def test_a_badge_of_160_pixels_is_read_at_any_angle(angle: int) -> None:
    assert qr.read(held(BADGE, 160, angle=angle)) == BADGE


@pytest.mark.parametrize(
    "seen",
    [{"blur": 1.5, "side": 200}, {"light": 0.2, "side": 160}, {"tilt": 0.5, "side": 160}, {"side": 440}],
    ids=["blurred", "dark", "tilted", "near"],
)
def test_a_badge_is_read_blurred_dark_and_tilted(seen: dict[str, float]) -> None:
    assert qr.read(held(BADGE, int(seen.pop("side")), angle=10, **seen)) == BADGE  # type: ignore[arg-type]


def test_a_picture_without_a_code_and_one_that_is_too_small_say_nothing() -> None:
    assert qr.read(nothing()) is None
    assert qr.read(held(BADGE, 60)) is None
    assert qr.read(nothing()[:, :, 0]) is None


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("A" * 4_000, {"side": 900, "size": (1280, 960), "level": "l"}),
        ("A" * 201, {}),
        (BADGE[:20] + "\0" + BADGE[21:], {}),
        ("AB1\n\x1b[2J", {}),
        ("AB1\u202e" + "x" * 20, {}),
        ("\u00e9" * 20, {}),
    ],
    ids=["4,000 characters", "201 characters", "NUL", "escape", "right to left", "no ASCII"],
)
def test_a_code_that_can_be_no_badge_is_a_code_without_a_text(text: str, seen: dict[str, object]) -> None:
    assert qr.read(held(text, **seen)) == ""  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["x' OR 1=1; DROP TABLE badges; --", "<b>Siti</b>", "%s%n{0}", "A" * 200])
def test_a_plain_text_is_handed_on_as_it_is_whatever_it_says(text: str) -> None:
    assert qr.read(held(text, 300)) == text
