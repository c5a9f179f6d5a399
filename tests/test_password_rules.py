"""HQ and the device may not import each other, and hold the same rule for passwords: this compares them."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hq import passwords
from kiosk.store import password_policy

WORDS = ("Ratna Kusuma", "kantor")
PIECES = st.sampled_from(
    ["Ratna", "kantor", "ambang", "Kuda", "laut", " ", "7", "12345", "!", "é", "é", "\n", "Aa1!", "z" * 20]
)


def both(password: str) -> tuple[list[str], list[str]]:
    return (
        [reason.value for reason in passwords.unfit(password, WORDS)],
        [reason.value for reason in password_policy.unfit(password, WORDS)],
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, max_size=9).map("".join))
@example("Kuda laut 7 menari pelan.")
@example("Ratna Kusuma 1!")
@example("x" * 129)
def test_hq_and_the_device_refuse_the_same_passwords_for_the_same_reasons(password: str) -> None:
    at_hq, on_the_device = both(password)
    assert at_hq == on_the_device


@pytest.mark.parametrize("password", ["Kuda laut 7 menari pelan.", "Ratna Kusuma 1!", "short"])
def test_the_comparison_sees_passwords_of_both_kinds(password: str) -> None:
    assert (both(password)[0] == []) == password.startswith("Kuda")
    assert passwords.LENGTH == password_policy.LENGTH
